//! Every spec in `schemas/datasets/` keeps what all datasets promise: each table can be made in slices, keys are
//! keys, and every foreign key leads to a row.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attachments;
mod tables;

use std::collections::{BTreeSet, HashSet};

use arrow_array::RecordBatch;
use driftforge_generators::{Collection, Plan};

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
