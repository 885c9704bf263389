//! The built-in datasets keep the rules of their domain (claims have tests of their own).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audio;
mod audio_copies;
mod claimx;
mod claimx_entities;
mod rows;

use std::collections::BTreeSet;
use std::ops::Range;

use driftforge_generators::{Collection, Run, Spec};
use rows::Rows;

const SPECS: [(&str, &str); 3] = [
    ("claimx-events", include_str!("../../../schemas/datasets/claimx-events.toml")),
    ("audio-files", include_str!("../../../schemas/datasets/audio-files.toml")),
    ("audio-files-seed", include_str!("../../../schemas/datasets/audio-files-seed.toml")),
];

/// A dataset of `records` root rows, without drift unless asked for and never with optional dirt.
fn dataset(name: &str, records: u64, drift: bool) -> Collection {
    let text = SPECS.iter().find(|(known, _)| *known == name).unwrap().1;
    let spec = Spec::parse(text, name).unwrap_or_else(|error| panic!("{error}"));
    let run = Run { records, seed: 42, customer: 7, as_of: None, drift, dirt: false };
    Collection::new(&spec, &run).unwrap_or_else(|error| panic!("{error}"))
}

/// The same dataset of another customer.
fn of_customer(name: &str, records: u64, customer: u32) -> Collection {
    let text = SPECS.iter().find(|(known, _)| *known == name).unwrap().1;
    let run = Run { records, seed: 42, customer, as_of: None, drift: true, dirt: false };
    Collection::new(&Spec::parse(text, name).unwrap(), &run).unwrap()
}

/// All rows of a table.
fn rows(collection: &Collection, table: &str) -> Rows {
    let plan = collection.table(table).unwrap();
    Rows::new(plan.batch(0..plan.row_count()))
}

/// Holds a number of hits out of `trials` against a probability: within five standard errors.
#[track_caller]
fn assert_share(hits: usize, trials: usize, probability: f64, what: &str) {
    let trials = trials as f64;
    let share = hits as f64 / trials;
    let error = (probability * (1.0 - probability) / trials).sqrt();
    assert!((share - probability).abs() <= 5.0 * error, "{what}: {share}, expected {probability} ± {error}");
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

#[test]
fn every_shown_column_says_what_it_is() {
    for (name, _) in SPECS {
        for table in dataset(name, 100, true).tables() {
            let silent: Vec<&str> =
                table.columns().filter(|column| column.about.is_empty()).map(|column| column.name).collect();
            assert!(silent.is_empty(), "{name}: {}: {silent:?}", table.table());
        }
    }
}

#[test]
fn primary_keys_are_unique_and_foreign_keys_hold() {
    for (name, _) in SPECS {
        let collection = dataset(name, 6_000, true);
        for table in collection.tables() {
            let made = rows(&collection, table.table());
            if !table.primary_key().is_empty() {
                let keys = made.keys(table.primary_key());
                assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "{}", table.table());
                assert_eq!(keys.len(), made.len(), "{}: a key is null", table.table());
            }
            for key in table.foreign_keys() {
                let known: BTreeSet<String> =
                    rows(&collection, &key.table).keys(&key.references).into_iter().collect();
                let used = made.keys(&key.columns);
                assert_eq!(used.len(), made.len(), "{}: a reference is null", table.table());
                assert!(used.iter().all(|used| known.contains(used)), "{}", table.table());
            }
        }
    }
}

#[test]
fn customers_can_share_every_table() {
    for (name, _) in SPECS {
        let (ours, theirs) = (of_customer(name, 600, 1), of_customer(name, 600, 12));
        for table in ours.tables() {
            let (ours, theirs) = (rows(&ours, table.table()), rows(&theirs, table.table()));
            assert!(ours.all_texts("customer_id").iter().all(|customer| customer == "1"));
            assert!(theirs.all_texts("customer_id").iter().all(|customer| customer == "12"));
            let keys: BTreeSet<String> = ours.keys(table.primary_key()).into_iter().collect();
            let shared =
                theirs.keys(table.primary_key()).into_iter().filter(|key| keys.contains(key)).count();
            assert!(shared == 0 || table.primary_key().is_empty(), "{name}: {}", table.table());
        }
    }
}

#[test]
fn any_places_are_the_slice_of_the_whole() {
    for (name, _) in SPECS {
        let collection = dataset(name, 2_000, true);
        for table in collection.tables() {
            let whole = table.batch(0..2_000);
            let parts: [Range<u64>; 4] = [0..1, 1..700, 700..701, 701..2_000];
            let mut start = 0;
            for places in parts {
                let part = table.batch(places);
                assert_eq!(part, whole.slice(start, part.num_rows()), "{name}: {}", table.table());
                start += part.num_rows();
            }
            assert_eq!(start, whole.num_rows());
        }
    }
}

/// What `--drift none` leaves out is what the truth tells of.
#[test]
fn every_drift_is_told_and_changes_something() {
    for (name, drifts) in [("claimx-events", 4), ("audio-files", 4)] {
        let drifting = dataset(name, 4_000, true);
        assert_eq!(drifting.truth().drifts.len(), drifts, "{name}");
        let (with, without) =
            (drifting.root().batch(0..4_000), dataset(name, 4_000, false).root().batch(0..4_000));
        assert_ne!(with, without, "{name}");
    }
}
