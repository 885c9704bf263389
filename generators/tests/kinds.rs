//! Kinds seen from outside: what a small spec makes of their keys, and which keys they refuse.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "kinds/counts.rs"]
mod counts;
#[path = "kinds/texts.rs"]
mod texts;
#[path = "kinds/times.rs"]
mod times;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use driftforge_generators::{Plan, Run, Spec};

/// Columns that the kinds under test read.
const BASIS: &str = r#"
[dataset]
name = "kinds"
about = "Kinds under test"
as_of = "2026-01-01"

[calendar]
days = 30

[[column]]
name = "day"
kind = "calendar"

[[column]]
name = "site"
kind = "category"
weights = { North = 3, South = 1 }

[[column]]
name = "code"
kind = "category"
weights = { a = 1, b = 1 }
null_rate = 0.2

[[column]]
name = "billed"
kind = "amount"
median = 100
sigma = 0.5

[[column]]
name = "visits"
kind = "count"
from = -1
weights = [1, 1, 1]

"#;

/// The basis with more columns.
fn plan_of(columns: &str, records: u64) -> Result<Plan, String> {
    let run = Run { records, seed: 42, customer: 7, as_of: None, drift: true, dirt: false };
    let spec = Spec::parse(&format!("{BASIS}{columns}"), "kinds.toml").map_err(|error| error.to_string())?;
    Plan::new(&spec, &run).map_err(|error| error.to_string())
}

/// The first rows of the basis with more columns.
#[track_caller]
fn batch_of(columns: &str, records: u64) -> RecordBatch {
    plan_of(columns, records).unwrap().batch(0..records)
}

/// A column called `x` of a kind, with the given keys.
fn column(kind: &str, keys: &str) -> String {
    format!("[[column]]\nname = \"x\"\nkind = \"{kind}\"\n{keys}\n")
}

/// Expects that a column is refused with a message that has every one of `parts`.
#[track_caller]
fn refused(kind: &str, keys: &str, parts: &[&str]) {
    let Err(message) = plan_of(&column(kind, keys), 100) else { panic!("{kind} accepted: {keys}") };
    for part in parts.iter().chain(&["column \"x\""]) {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

/// The values of a text column, whether it is plain or of categories.
fn texts(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    let column = batch.column_by_name(name).unwrap();
    if let Some(column) = column.as_string_opt::<i32>() {
        return column.iter().map(|text| text.map(str::to_owned)).collect();
    }
    let keys = column.as_any_dictionary();
    let (values, codes) = (keys.values().as_string::<i32>(), keys.normalized_keys());
    let text = |row: usize| column.is_valid(row).then(|| values.value(codes[row]).to_owned());
    (0..column.len()).map(text).collect()
}
