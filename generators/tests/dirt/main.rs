//! Dirt: which values it changes, that the ledger tells all of it, and that it holds the contract of
//! generation.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kinds;
mod purity;
mod refusals;
mod undo;

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use driftforge_generators::{Collection, Plan, Run, Spec};

const SOILED: &str = include_str!("soiled.toml");
const RECORDS: u64 = 4_000;

fn run(dirt: bool) -> Run {
    Run { records: RECORDS, seed: 42, customer: 3, as_of: None, drift: true, dirt }
}

/// The tables of the test's spec: visits, the tests made on them, and the samples of those.
fn tables(dirt: bool) -> Vec<Plan> {
    planned(SOILED, &run(dirt)).tables().to_vec()
}

fn planned(text: &str, run: &Run) -> Collection {
    Collection::new(&Spec::parse(text, "soiled.toml").unwrap(), run).unwrap()
}

/// A batch as text, row by row.
fn grid(batch: &RecordBatch) -> Vec<Vec<Option<String>>> {
    let columns: Vec<Vec<Option<String>>> = batch.columns().iter().map(written).collect();
    (0..batch.num_rows()).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect()
}

/// The values of a column as text, written by another library than the ledger's texts.
fn written(array: &ArrayRef) -> Vec<Option<String>> {
    let formatter = ArrayFormatter::try_new(array.as_ref(), &FormatOptions::default()).unwrap();
    (0..array.len())
        .map(|row| array.is_valid(row).then(|| formatter.value(row).try_to_string().unwrap()))
        .collect()
}

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    place: u64,
    row: u64,
    key: Option<String>,
    dirt_id: String,
    kind: String,
    column: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

fn entries(ledger: &RecordBatch) -> Vec<Entry> {
    let columns: BTreeMap<&str, Vec<Option<String>>> =
        ["place", "row", "key", "dirt_id", "kind", "column", "before", "after"]
            .into_iter()
            .map(|name| (name, written(ledger.column_by_name(name).unwrap())))
            .collect();
    let text = |name: &str, row: usize| columns[name][row].clone();
    (0..ledger.num_rows())
        .map(|row| Entry {
            place: text("place", row).unwrap().parse().unwrap(),
            row: text("row", row).unwrap().parse().unwrap(),
            key: text("key", row),
            dirt_id: text("dirt_id", row).unwrap(),
            kind: text("kind", row).unwrap(),
            column: text("column", row),
            before: text("before", row),
            after: text("after", row),
        })
        .collect()
}

/// The whole ledger of a table.
fn ledger(plan: &Plan) -> Vec<Entry> {
    entries(&plan.dirt_ledger().unwrap().batch(0..plan.row_count()))
}

/// Faults of values, copies apart.
fn values_of<'a>(entries: &'a [Entry], id: &str) -> Vec<&'a Entry> {
    entries.iter().filter(|entry| entry.dirt_id == id && entry.column.is_some()).collect()
}

/// The whole number of each row of a column.
fn numbers(batch: &RecordBatch, column: &str) -> Vec<i64> {
    batch.column_by_name(column).unwrap().as_primitive::<arrow_array::types::Int64Type>().values().to_vec()
}
