//! Without drift, every payer × group behaves as the spec says, and as claims do in the field.

use crate::statistics::{TOLERANCE, from_median, from_rate};
use crate::table::Table;
use crate::{column, number, plan, spec};
use std::collections::BTreeMap;

/// Denied, paid, and the decision days of every claim.
#[derive(Default)]
struct Segment {
    denied: usize,
    paid: usize,
    other: usize,
    decision_days: Vec<i64>,
}

fn segments() -> BTreeMap<(String, String), Segment> {
    let names = ["payer", "cpt_group", "outcome", "submitted_date", "decided_date"];
    let table = Table::projected(&plan(&spec(), 600_000, false), names);
    let (payers, groups, outcomes) = (table.texts("payer"), table.texts("cpt_group"), table.texts("outcome"));
    let (submitted, decided) = (table.days("submitted_date"), table.days("decided_date"));
    let mut segments: BTreeMap<(String, String), Segment> = BTreeMap::new();
    for row in 0..table.row_count() {
        let (payer, group) = (payers.get(row).expect("a payer"), groups.get(row).expect("a group"));
        let segment = segments.entry((payer.to_owned(), group.to_owned())).or_default();
        match outcomes.get(row) {
            Some("DENIED") => segment.denied += 1,
            Some("PAID") => segment.paid += 1,
            _ => segment.other += 1,
        }
        segment
            .decision_days
            .push(i64::from(decided[row].expect("a date") - submitted[row].expect("a date")));
    }
    segments
}

/// The denial rate that the spec's numbers mean: the logits of base, payer and group add up.
fn denial_rate(outcome: &toml::Table, payer: &str, group: &str) -> f64 {
    let base = number(outcome, &["base"], f64::NAN);
    let effect = |of: &str, value: &str| number(outcome, &["effects", of, value], 0.0);
    let logit = (base / (1.0 - base)).ln() + effect("payer", payer) + effect("cpt_group", group);
    let limits = outcome["limits"].as_array().expect("limits");
    let limit = |index: usize| limits[index].as_float().expect("a limit");
    (1.0 / (1.0 + (-logit).exp())).clamp(limit(0), limit(1))
}

fn decision_median(decided: &toml::Table, payer: &str, group: &str) -> f64 {
    let factor = |of: &str, value: &str| number(decided, &["factors", of, value], 1.0);
    number(decided, &["median_days"], f64::NAN) * factor("payer", payer) * factor("cpt_group", group)
}

#[test]
fn denial_rates_are_those_of_the_spec() {
    let spec = spec();
    let outcome = column(&spec, "outcome");
    let segments = segments();
    assert_eq!(segments.len(), 16 * 14);
    for ((payer, group), segment) in &segments {
        let rate = denial_rate(outcome, payer, group);
        assert!((0.04..=0.25).contains(&rate), "{payer} {group}: {rate}");
        let decided = segment.denied + segment.paid;
        let distance = from_rate(segment.denied, decided, rate);
        assert!(distance.abs() < TOLERANCE, "{payer} {group}: {} of {decided}, not {rate}", segment.denied);
    }
    let other: usize = segments.values().map(|segment| segment.other).sum();
    let all: usize = segments.values().map(|segment| segment.decision_days.len()).sum();
    assert!(from_rate(other, all, number(outcome, &["aside", "rate"], 0.0)).abs() < TOLERANCE);
}

#[test]
fn denial_rates_span_what_the_field_has() {
    let spec = spec();
    let rates =
        segments().into_keys().map(|(payer, group)| denial_rate(column(&spec, "outcome"), &payer, &group));
    let rates: Vec<f64> = rates.collect();
    assert!(rates.iter().any(|rate| *rate < 0.05) && rates.iter().any(|rate| *rate > 0.22), "{rates:?}");
}

#[test]
fn decision_times_are_those_of_the_spec() {
    let spec = spec();
    let decided = column(&spec, "decided_date");
    let mut medians = Vec::new();
    for ((payer, group), segment) in segments() {
        let median = decision_median(decided, &payer, &group);
        assert!((7.0..=35.0).contains(&median), "{payer} {group}: {median}");
        let distance = from_median(&segment.decision_days, median);
        assert!(distance < TOLERANCE, "{payer} {group}: {distance} standard errors from {median} days");
        medians.push(median);
    }
    let spread =
        |a: f64, b: f64| medians.iter().any(|median| *median < a) && medians.iter().any(|median| *median > b);
    assert!(spread(9.0, 30.0), "{medians:?}");
}

/// The comparisons have power: they would see half a day, and two points of the denial rate.
#[test]
fn the_comparison_sees_small_errors() {
    let spec = spec();
    let key = ("Brindlecrest Mutual".to_owned(), "EVALUATION".to_owned());
    let segment = &segments()[&key];
    let rate = denial_rate(column(&spec, "outcome"), &key.0, &key.1);
    let median = decision_median(column(&spec, "decided_date"), &key.0, &key.1);
    assert!(from_rate(segment.denied, segment.denied + segment.paid, rate + 0.02).abs() > TOLERANCE);
    assert!(from_median(&segment.decision_days, median + 0.5) > TOLERANCE);
}

/// The share of the year's claims on each day, by the spec's weekdays, growth and season.
fn daily_shares() -> Vec<f64> {
    let spec = spec();
    let calendar = spec.calendar.as_ref().expect("claims have a calendar");
    let season = calendar.season.as_ref().expect("a season");
    // 2025-01-01, the first day, was a Wednesday.
    let volume = |day: usize| {
        let turn = (day as f64 + 1.0 - f64::from(season.peak_day_of_year)) / 365.25 * std::f64::consts::TAU;
        let growth = (1.0 + calendar.annual_growth).powf(day as f64 / 365.25);
        calendar.weekday[(day + 2) % 7] * growth * (1.0 + season.amplitude * turn.cos())
    };
    let volumes: Vec<f64> = (0..calendar.days as usize).map(volume).collect();
    let sum: f64 = volumes.iter().sum();
    volumes.iter().map(|volume| volume / sum).collect()
}

/// Rows in date order stand evenly on the calendar, so that a day has its share but for less than a row at each end.
#[test]
fn each_day_has_its_share_of_the_claims() {
    const RECORDS: u64 = 600_000;
    let plan = plan(&spec(), RECORDS, false);
    let submitted = Table::projected(&plan, ["submitted_date"]).days("submitted_date");
    let first_day = plan.as_of().to_epoch_days() - 365;
    let mut claims = vec![0u32; 365];
    submitted.iter().flatten().for_each(|day| claims[(day - first_day) as usize] += 1);
    for (day, (claims, share)) in claims.iter().zip(daily_shares()).enumerate() {
        let expected = share * RECORDS as f64;
        assert!((f64::from(*claims) - expected).abs() <= 1.0, "day {day}: {claims}, not {expected}");
    }
}
