//! The dirt of the claims is there at the rates that the spec says, and only where it is asked for.

use super::spec;
use driftforge_generators::{DIRT, DirtCount, Plan, Run};
use std::collections::BTreeSet;

const RECORDS: u64 = 100_000;

fn plan(dirt: bool) -> Plan {
    let run = Run { records: RECORDS, seed: 42, customer: 7, as_of: None, drift: true, dirt };
    Plan::new(&spec(), &run).unwrap_or_else(|error| panic!("{error}"))
}

fn counts() -> Vec<DirtCount> {
    plan(true).dirt_ledger().map(|ledger| ledger.counts(0..RECORDS)).unwrap_or_default()
}

/// Kinds that change what detectors are asked to find: scenarios have them, the claims do not.
const OF_SCENARIOS: [&str; 2] = ["censored", "wrong_label"];

#[test]
fn every_other_kind_of_dirt_is_in_the_claims() {
    let kinds: BTreeSet<String> = counts().into_iter().map(|count| count.kind).collect();
    let names = DIRT.iter().map(|kind| kind.name.to_owned());
    assert_eq!(kinds, names.filter(|name| !OF_SCENARIOS.contains(&name.as_str())).collect());
}

#[test]
fn what_can_hit_any_claim_does_so_at_its_rate() {
    let spec = spec();
    let unconditional = spec.dirts.iter().filter(|table| !table.contains_key("where"));
    let always_there =
        ["location", "billed_amount", "cpt", "payer", "decided_date"].map(|name| Some(name.to_owned()));
    for table in unconditional {
        let text = |key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let copies = text("kind").is_some_and(|kind| kind.ends_with("duplicate"));
        if !copies && !always_there.contains(&text("column")) {
            continue;
        }
        let rate = table["rate"].as_float().unwrap_or_default();
        let count = counts().into_iter().find(|count| Some(&count.id) == text("id").as_ref());
        let count = count.unwrap_or_else(|| panic!("{:?} hit nothing", text("id")));
        let hits = if copies { count.copies } else { count.values } as f64;
        let expected = rate * RECORDS as f64;
        assert!((hits - expected).abs() < 5.0 * expected.sqrt(), "{:?}: {hits} of {expected}", count.id);
    }
}

#[test]
fn every_entry_hits() {
    let counts = counts();
    assert_eq!(counts.len(), spec().dirts.len());
    assert!(counts.iter().all(|count| count.copies + count.values > 0), "{counts:?}");
}

#[test]
fn claims_are_clean_unless_dirt_is_asked_for() {
    let mut never = spec();
    never.dirts.clear();
    let run = Run { records: RECORDS, seed: 42, customer: 7, as_of: None, drift: true, dirt: true };
    let never = Plan::new(&never, &run).unwrap_or_else(|error| panic!("{error}"));
    let clean = plan(false);
    assert_eq!(clean.schema(), never.schema());
    assert_eq!(clean.batch(0..5_000), never.batch(0..5_000));
    assert_ne!(plan(true).batch(0..5_000).num_rows(), 5_000);
}
