//! Rows that refer to earlier rows of their table.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use driftforge_generators::{Collection, Plan, Run, Spec};
use proptest::prelude::*;

const EVENTS: &str = r#"
[dataset]
name = "events"
about = "Events of projects"
as_of = "2026-01-01"

[calendar]
days = 50

[[column]]
name = "day"
kind = "calendar"

[[column]]
name = "number"
kind = "row_id"

[[column]]
name = "step"
kind = "rate"
base = 0.1
first_row = true
yes = "created"
no = "worked"

[[column]]
name = "task"
kind = "category"
by = ["step"]
tables = { created = { none = 1 }, worked = { none = 6, given = 1, done = 1 } }

[[column]]
name = "code"
kind = "template"
text = "P{digits:9}"
null_rate = 0.05

[[column]]
name = "created_row"
kind = "earlier"
new_when = { step = "created" }
window_rows = 1000000

[[column]]
name = "given_row"
kind = "earlier"
new_when = { task = "given" }
window_rows = 30
when_none = "null"
null_unless = { task = "done" }

[[column]]
name = "project"
kind = "at"
row = "created_row"
column = "code"

[[column]]
name = "created_on"
kind = "at"
row = "created_row"
column = "day"

[[column]]
name = "given_project"
kind = "at"
row = "given_row"
column = "project"

[[column]]
name = "next_code"
kind = "at"
row = "number"
column = "code"

[[table]]
name = "notes"

[[table.column]]
name = "step"
kind = "parent"
column = "step"

[[table.column]]
name = "number"
kind = "row_id"

[[table.column]]
name = "created_row"
kind = "earlier"
new_when = { step = "created" }
window_rows = 5
"#;

const RECORDS: u64 = 60_000;

fn run() -> Run {
    Run { records: RECORDS, seed: 11, customer: 1, as_of: None, drift: true, dirt: false }
}

fn plan() -> Plan {
    Plan::new(&Spec::parse(EVENTS, "events.toml").unwrap(), &run()).unwrap()
}

fn rows_of(batch: &RecordBatch) -> Vec<String> {
    (0..batch.num_rows()).map(|row| format!("{:?}", batch.slice(row, 1).columns())).collect()
}

fn numbers(batch: &RecordBatch, column: &str) -> Vec<Option<i64>> {
    batch.column_by_name(column).unwrap().as_primitive::<Int64Type>().iter().collect()
}

fn texts(batch: &RecordBatch, column: &str) -> Vec<Option<String>> {
    let column = batch.column_by_name(column).unwrap();
    if let Some(categories) = column.as_any_dictionary_opt() {
        let values = categories.values().as_string::<i32>();
        return categories
            .normalized_keys()
            .iter()
            .map(|code| Some(values.value(*code).to_owned()))
            .collect();
    }
    column.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_slice_is_the_slice_of_the_whole(start in 0..RECORDS, length in 0..300u64) {
        let part = start..(start + length).min(RECORDS);
        let whole = part.start.saturating_sub(100)..(part.end + 100).min(RECORDS);
        let sliced = plan().batch(whole.clone())
            .slice((part.start - whole.start) as usize, (part.end - part.start) as usize);
        prop_assert_eq!(rows_of(&plan().batch(part)), rows_of(&sliced));
    }
}

#[test]
fn every_row_refers_to_itself_or_to_an_earlier_new_row() {
    let batch = plan().batch(0..RECORDS);
    let steps = texts(&batch, "step");
    assert_eq!(steps[0].as_deref(), Some("created"));
    for (row, created) in numbers(&batch, "created_row").into_iter().enumerate() {
        let created = created.unwrap() as usize - 1;
        let is_new = steps[row].as_deref() == Some("created");
        assert_eq!(steps[created].as_deref(), Some("created"), "row {row}");
        assert!(if is_new { created == row } else { created < row }, "row {row} refers to {created}");
    }
}

#[test]
fn references_to_nothing_are_null() {
    let batch = plan().batch(0..RECORDS);
    let tasks = texts(&batch, "task");
    let given = numbers(&batch, "given_row");
    let first = tasks.iter().position(|task| task.as_deref() == Some("given")).unwrap();
    for (row, given) in given.iter().enumerate() {
        let done = tasks[row].as_deref() == Some("done");
        match given {
            Some(number) => {
                assert!(done && *number as usize - 1 < row);
                assert_eq!(tasks[*number as usize - 1].as_deref(), Some("given"));
            }
            // Nothing was given yet, or the walk has passed by whatever was.
            None => assert!(!done || row < first + 400, "row {row}"),
        }
    }
    assert!(given.iter().flatten().count() > 4_000);
}

#[test]
fn a_referenced_value_is_that_of_the_row() {
    let batch = plan().batch(0..RECORDS);
    let codes = texts(&batch, "code");
    let projects = texts(&batch, "project");
    let days = batch.column_by_name("day").unwrap().as_primitive::<Date32Type>().clone();
    let created_on = batch.column_by_name("created_on").unwrap().as_primitive::<Date32Type>().clone();
    assert_eq!(created_on.null_count(), 0);
    for (row, created) in numbers(&batch, "created_row").into_iter().enumerate() {
        let created = created.unwrap() as usize - 1;
        assert_eq!(projects[row], codes[created]);
        assert_eq!(created_on.value(row), days.value(created));
    }
    let given_projects = texts(&batch, "given_project");
    for (row, given) in numbers(&batch, "given_row").into_iter().enumerate() {
        assert_eq!(given_projects[row], given.and_then(|given| projects[given as usize - 1].clone()));
    }
    assert_eq!(texts(&batch, "next_code"), codes);
}

#[test]
fn popularity_follows_the_yule_distribution() {
    // Simon 1955, with the share a of new rows: of all projects, the share with just one event is
    // 1 / (1 + 1 - a), with two 1 / (2 - a) * (1 - a) / (3 - 2 a).
    let a = 0.1;
    let (once, twice) = (1.0 / (2.0 - a), (1.0 - a) / ((2.0 - a) * (3.0 - 2.0 * a)));
    let plan = plan().project(&["created_row"]).unwrap();
    let mut events: BTreeMap<i64, u64> = BTreeMap::new();
    for created in numbers(&plan.batch(0..RECORDS), "created_row").into_iter().flatten() {
        *events.entry(created).or_default() += 1;
    }
    let share =
        |count: u64| events.values().filter(|events| **events == count).count() as f64 / events.len() as f64;
    assert!((events.len() as f64 / RECORDS as f64 - a).abs() < 0.005);
    assert!((share(1) - once).abs() < 0.02, "{} {once}", share(1));
    assert!((share(2) - twice).abs() < 0.02, "{} {twice}", share(2));
    assert!(events.values().max().unwrap() > &1_000, "no project is popular");
}

#[test]
fn a_table_with_a_row_for_each_place_refers_to_its_own_rows() {
    let events = Collection::new(&Spec::parse(EVENTS, "").unwrap(), &run()).unwrap();
    let notes = events.table("notes").unwrap().batch(0..2_000);
    let steps = texts(&notes, "step");
    for (row, created) in numbers(&notes, "created_row").into_iter().enumerate() {
        assert_eq!(steps[created.unwrap() as usize - 1].as_deref(), Some("created"), "row {row}");
    }
}

/// Replaces `from` with `to`, and expects a refusal that has every one of `parts`.
#[track_caller]
fn refused(from: &str, to: &str, parts: &[&str]) {
    assert!(EVENTS.contains(from), "the events have no {from:?}");
    let text = EVENTS.replacen(from, to, 1);
    let message = match Spec::parse(&text, "my.toml").and_then(|spec| Collection::new(&spec, &run())) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(error) => error.to_string(),
    };
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

#[test]
fn unusable_references_are_refused_with_what_is_allowed() {
    refused("window_rows = 30", "window_rows = 0", &["\"given_row\"", "window_rows", "at least 1"]);
    refused("new_when = { task = \"given\" }", "new_when = {}", &["\"given_row\"", "new_when"]);
    refused(
        "new_when = { task = \"given\" }",
        "new_when = { task = \"gone\" }",
        &["new_when", "\"gone\"", "\"given\""],
    );
    refused("when_none = \"null\"", "when_none = \"none\"", &["\"given_row\"", "none", "null"]);
    refused(
        "row = \"created_row\"\ncolumn = \"code\"",
        "row = \"code\"\ncolumn = \"code\"",
        &["\"project\"", "row", "\"code\"", "whole-number"],
    );
    refused(
        "row = \"created_row\"\ncolumn = \"code\"",
        "row = \"created_row\"\ncolumn = \"cod\"",
        &["\"project\"", "column", "\"cod\"", "\"code\""],
    );
    refused(
        "name = \"notes\"",
        "name = \"notes\"\nwhen = { step = \"created\" }",
        &["\"notes\"", "one row for each"],
    );
}
