//! Rows that come in several loads.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type, TimestampMicrosecondType};
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
name = "at"
kind = "arrival"

[[column]]
name = "step"
kind = "rate"
base = 0.1
first_row = true
yes = "created"
no = "worked"

[[column]]
name = "created_row"
kind = "earlier"
new_when = { step = "created" }
window_rows = 1000000

[[column]]
name = "worked_row"
kind = "later_row"
by = "created_row"
when = { step = "worked" }
window_rows = 60
null_unless = { step = "created" }
"#;

fn run(records: u64) -> Run {
    Run { records, seed: 5, customer: 1, as_of: None, drift: true, dirt: false }
}

fn loads(ends: &[u64]) -> RecordBatch {
    let (records, earlier) = ends.split_last().unwrap();
    let spec = Spec::parse(EVENTS, "events.toml").unwrap();
    Collection::appended(&spec, &run(*records), earlier).unwrap().root().batch(0..*records)
}

fn numbers(batch: &RecordBatch, column: &str) -> Vec<Option<i64>> {
    batch.column_by_name(column).unwrap().as_primitive::<Int64Type>().iter().collect()
}

#[test]
fn every_load_is_spread_over_the_whole_calendar() {
    let rows = loads(&[1_000, 3_000, 3_500]);
    let days = rows.column_by_name("day").unwrap().as_primitive::<Date32Type>();
    for (load, expected) in [(0..1_000, 20), (1_000..3_000, 40), (3_000..3_500, 10)] {
        let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
        let instants = rows.column_by_name("at").unwrap().as_primitive::<TimestampMicrosecondType>();
        assert!(instants.values()[load.clone()].is_sorted());
        days.values()[load].iter().for_each(|day| *counts.entry(*day).or_default() += 1);
        assert_eq!(counts.len(), 50);
        assert!(counts.values().all(|count| count.abs_diff(expected) <= 1), "{counts:?}");
    }
}

#[test]
fn no_row_refers_to_one_of_another_load() {
    let ends = [700, 1_500, 1_600];
    let rows = loads(&ends);
    let load_of = |row: i64| ends.iter().filter(|end| row as u64 > **end).count();
    for column in ["created_row", "worked_row"] {
        for (row, referred) in (1..).zip(numbers(&rows, column)) {
            assert!(referred.is_none_or(|referred| load_of(referred) == load_of(row)), "{column} of {row}");
        }
    }
    let steps =
        arrow_cast::cast(rows.column_by_name("step").unwrap(), &arrow_schema::DataType::Utf8).unwrap();
    assert!(
        [0, 700, 1_500].map(|row| steps.as_string::<i32>().value(row)).iter().all(|step| *step == "created")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_was_there_before_is_in_the_longer_run(first in 1u64..400, more in 1u64..400, last in 1u64..400) {
        let whole = loads(&[first, first + more, first + more + last]);
        prop_assert_eq!(whole.slice(0, (first + more) as usize), loads(&[first, first + more]));
        prop_assert_eq!(whole.slice(0, first as usize), loads(&[first]));
    }

    #[test]
    fn a_later_row_is_the_first_that_refers_to_this_one(start in 0u64..2_000, length in 1u64..200) {
        let spec = Spec::parse(EVENTS, "events.toml").unwrap();
        let plan = Collection::new(&spec, &run(2_200)).unwrap();
        let whole = plan.root().batch(0..2_200);
        let created = numbers(&whole, "created_row");
        let part = numbers(&plan.root().batch(start..start + length), "worked_row");
        for (row, found) in (start as usize..).zip(part) {
            let window = row + 1..(row + 61).min(2_200);
            let refers = |later: &usize| created[*later] == Some(row as i64 + 1);
            let is_new = created[row] == Some(row as i64 + 1);
            let expected = window.clone().find(refers).filter(|_| is_new).map(|later| later as i64 + 1);
            prop_assert_eq!(found, expected, "row {}", row);
        }
    }
}

#[test]
fn a_load_without_rows_and_a_wrong_key_are_refused() {
    let spec = Spec::parse(EVENTS, "events.toml").unwrap();
    let refused = |earlier: &[u64]| Collection::appended(&spec, &run(100), earlier).unwrap_err().to_string();
    assert!(refused(&[100]).contains("a load adds rows"));
    assert!(refused(&[50, 50]).contains("a load adds rows"));
    for (from, to, parts) in [
        ("window_rows = 60", "window_rows = 0", ["worked_row", "window_rows"]),
        ("by = \"created_row\"", "by = \"step\"", ["worked_row", "whole-number"]),
        ("when = { step = \"worked\" }", "when = { step = \"idle\" }", ["worked_row", "idle"]),
    ] {
        let text = EVENTS.replace(from, to);
        let error = Plan::new(&Spec::parse(&text, "events.toml").unwrap(), &run(10)).unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}
