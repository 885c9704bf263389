//! What a table holds, counted without making all of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int16Type};
use arrow_array::{Array, ArrayRef};
use chrono::NaiveDate;
use driftforge_generators::{Collection, Plan, Run, Spec, Tallier, Tally};

const ORDERS: &str = include_str!("orders.toml");
const DIRT: &str = r#"
[[dirt]]
id = "again"
kind = "duplicate"
rate = 0.1
lag_rows = 3

[[dirt]]
id = "web"
kind = "bad_code"
column = "channel"
values = ["web"]
rate = 0.05
"#;
const RECORDS: u64 = 4_000;

fn run(dirt: bool) -> Run {
    Run { records: RECORDS, seed: 4, customer: 1, as_of: None, drift: true, dirt }
}

fn orders(dirt: bool) -> Collection {
    let text = ORDERS.replacen("[[table]]", &format!("{DIRT}\n[[table]]"), 1);
    Collection::new(&Spec::parse(&text, "orders.toml").unwrap(), &run(dirt)).unwrap()
}

/// A value as text, read off the array.
fn text(column: &ArrayRef, row: usize) -> String {
    if let Some(categories) = column.as_any_dictionary_opt() {
        return categories.values().as_string::<i32>().value(categories.normalized_keys()[row]).to_owned();
    }
    if let Some(flags) = column.as_boolean_opt() {
        return flags.value(row).to_string();
    }
    if let Some(numbers) = column.as_primitive_opt::<Int16Type>() {
        return numbers.value(row).to_string();
    }
    NaiveDate::from_epoch_days(column.as_primitive::<Date32Type>().value(row)).unwrap().to_string()
}

fn tally(plan: &Plan, chunk: u64) -> Tally {
    let tallier = Tallier::new(plan).unwrap();
    let mut sum = Tally::default();
    for start in (0..RECORDS).step_by(chunk as usize) {
        sum.add(&tallier.tally(start..RECORDS.min(start + chunk)));
    }
    sum
}

#[test]
fn a_tally_is_what_the_rows_show_however_they_are_cut() {
    for dirt in [false, true] {
        for table in orders(dirt).tables() {
            let whole = tally(table, RECORDS);
            assert_eq!(whole, tally(table, 777), "{}", table.table());
            let batch = table.batch(0..RECORDS);
            assert_eq!(whole.rows, batch.num_rows() as u64, "{}", table.table());
            for (name, counts) in &whole.columns {
                let column = batch.column_by_name(name).unwrap();
                let mut expected: BTreeMap<String, u64> = BTreeMap::new();
                for row in (0..column.len()).filter(|row| column.is_valid(*row)) {
                    *expected.entry(text(column, row)).or_default() += 1;
                }
                assert_eq!(counts.values, expected, "{name}");
                assert_eq!(counts.nulls, column.null_count() as u64, "{name}");
            }
        }
    }
}

#[test]
fn a_tally_names_the_columns_that_are_marked() {
    let orders = orders(false);
    let names =
        |table: &str| tally(orders.table(table).unwrap(), RECORDS).columns.into_keys().collect::<Vec<_>>();
    assert_eq!(names("orders"), ["channel", "line_count"]);
    assert_eq!(names("lines"), ["gift", "ordered_on"]);
    assert!(names("receipts").is_empty());
    let plain = |table: &str| Tallier::new(orders.table(table).unwrap()).unwrap().is_plain();
    assert!(!plain("orders") && !plain("receipts"));
}

#[test]
fn a_tally_counts_faults() {
    let dirty = orders(true);
    let tally = tally(dirty.root(), 1_000);
    assert_eq!(tally.rows, RECORDS + tally.dirt["again"].copies);
    assert!(tally.dirt["again"].copies > 200);
    // Copies of a damaged row are damaged too, without being told again.
    assert!(tally.columns["channel"].values["web"] >= tally.dirt["web"].values);
    assert_eq!(tally.dirt["web"].kind, "bad_code");
    let clean = orders(false);
    assert!(self::tally(clean.root(), 1_000).dirt.is_empty());
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let refused = |from: &str, parts: &[&str]| {
        assert!(ORDERS.contains(from));
        let text = ORDERS.replacen(from, &format!("{from}\nledger = true"), 1);
        let spec = Spec::parse(&text, "orders.toml").unwrap();
        let message = Collection::new(&spec, &run(false)).unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in: {message}");
        }
    };
    refused("kind = \"row_hash\"", &["\"noise\"", "ledger", "categories"]);
    refused("weights = [0.1, 0.8, 0.1]", &["\"parcel_count\"", "ledger", "shows"]);
}
