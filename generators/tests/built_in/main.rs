//! Every spec in `schemas/datasets/` keeps what all datasets promise: each table can be made in slices, keys are
//! keys, and every foreign key leads to a row.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attachments;
mod tables;

use std::collections::{BTreeSet, HashSet};

use arrow_array::RecordBatch;
use driftforge_generators::{Collection, Plan, Tallier, Tally};

/// Rows of the root table that the tests look at.
pub const RECORDS: u64 = 3_000;

/// The values of some columns, row by row, as text; `None` where one of them is null.
fn keys_of(batch: &RecordBatch, columns: &[String]) -> Vec<Option<Vec<String>>> {
    let texts: Vec<Vec<Option<String>>> = columns.iter().map(|name| tables::texts(batch, name)).collect();
    (0..batch.num_rows()).map(|row| texts.iter().map(|column| column[row].clone()).collect()).collect()
}

fn whole(plan: &Plan) -> RecordBatch {
    plan.batch(0..RECORDS)
}

/// The tables of every built-in dataset.
fn each_collection(mut look: impl FnMut(&str, &Collection)) {
    for (name, collection) in tables::collections(RECORDS) {
        look(&name, &collection);
    }
}

#[test]
fn primary_keys_are_unique_and_never_null() {
    each_collection(|name, collection| {
        for plan in collection.tables().iter().filter(|plan| !plan.primary_key().is_empty()) {
            let keys = keys_of(&whole(plan), plan.primary_key());
            let different: HashSet<_> = keys.iter().flatten().collect();
            if !plan.has_duplicates() {
                assert_eq!(different.len(), keys.len(), "{name}: {}", plan.table());
            }
            assert!(!keys.is_empty(), "{name}: {} has no rows", plan.table());
        }
    });
}

#[test]
fn the_rows_of_two_customers_can_share_every_table() {
    for (name, collection) in tables::collections(RECORDS) {
        let other = tables::collection_of(&name, RECORDS, 8);
        for (plan, others) in collection.tables().iter().zip(other.tables()) {
            let (rows, others_rows) = (whole(plan), whole(others));
            let customers = |batch| tables::texts(batch, "customer_id").into_iter().collect::<BTreeSet<_>>();
            assert_eq!(customers(&rows), BTreeSet::from([Some("7".to_owned())]), "{name}: {}", plan.table());
            assert_eq!(customers(&others_rows), BTreeSet::from([Some("8".to_owned())]));
            let keys: HashSet<_> = keys_of(&rows, plan.primary_key()).into_iter().flatten().collect();
            let taken = keys_of(&others_rows, plan.primary_key()).into_iter().flatten();
            let taken = taken.filter(|key| !key.is_empty() && keys.contains(key)).count();
            assert_eq!(taken, 0, "{name}: keys of {} that both have", plan.table());
        }
    }
}

#[test]
fn no_dictionary_has_a_value_twice() {
    for (name, collection) in tables::dirty_collections(RECORDS) {
        for plan in collection.tables() {
            // Slices too: a dictionary made of few rows may be another one.
            for places in [0..RECORDS, 700..720] {
                let rows = plan.batch(places.clone());
                let twice = rows.columns().iter().flat_map(tables::repeated_in_dictionaries).next();
                assert_eq!(twice, None, "{name}: {}", plan.table());
                let faults = plan.dirt_ledger().map(|ledger| ledger.batch(places));
                let columns = faults.iter().flat_map(RecordBatch::columns);
                assert_eq!(columns.flat_map(tables::repeated_in_dictionaries).next(), None, "{name}");
            }
        }
    }
}

#[test]
fn counts_of_single_places_add_up_where_a_table_has_none_too() {
    const PLACES: u64 = 40;
    for (name, collection) in tables::dirty_collections(PLACES) {
        for plan in collection.tables() {
            let tallier = Tallier::new(plan).unwrap();
            let mut sum = Tally::default();
            (0..PLACES).for_each(|place| sum.add(&tallier.tally(place..place + 1)));
            assert_eq!(sum, tallier.tally(0..PLACES), "{name}: {}", plan.table());
        }
    }
}

#[test]
fn every_foreign_key_leads_to_a_row() {
    let mut links = 0;
    each_collection(|name, collection| {
        for plan in collection.tables() {
            for link in plan.foreign_keys() {
                let parent = collection.table(&link.table).unwrap();
                let known: BTreeSet<_> =
                    keys_of(&whole(parent), &link.references).into_iter().flatten().collect();
                let keys = keys_of(&whole(plan), &link.columns);
                let lost = keys.iter().flatten().find(|key| !known.contains(*key));
                assert_eq!(lost, None, "{name}: {} to {}", plan.table(), link.table);
                links += 1;
            }
        }
    });
    assert!(links >= 5, "{links} foreign keys");
}

#[test]
fn any_slice_of_any_table_is_the_slice_of_the_whole() {
    each_collection(|name, collection| {
        for plan in collection.tables() {
            let rows = |places| tables::rows_of(&plan.batch(places));
            let cuts = [0, 1, 777, 778, 2_048, RECORDS];
            let sliced: Vec<String> = cuts.windows(2).flat_map(|cut| rows(cut[0]..cut[1])).collect();
            assert!(sliced == rows(0..RECORDS), "{name}: {}", plan.table());
        }
    });
}

#[test]
fn every_shown_column_says_what_it_is() {
    each_collection(|name, collection| {
        for plan in collection.tables() {
            assert!(!plan.about().is_empty());
            for column in plan.columns() {
                assert!(!column.about.is_empty(), "{name}: {}.{}", plan.table(), column.name);
            }
        }
    });
}
