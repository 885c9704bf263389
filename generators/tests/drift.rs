//! Truth and data come from the same plan: what the truth says is what the data shows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal64Type, UInt8Type};
use arrow_array::{Array, RecordBatch};
use driftforge_generators::{Plan, Run, Spec, Truth};

const ZOO: &str = include_str!("zoo.toml");
const RECORDS: u64 = 600_000;

fn plan(drift: bool) -> Plan {
    let run = Run { records: RECORDS, seed: 5, customer: 1, as_of: None, drift, dirt: false };
    Plan::new(&Spec::parse(ZOO, "zoo.toml").unwrap(), &run).unwrap()
}

struct Data(RecordBatch);

impl Data {
    fn text(&self, column: &str, row: usize) -> Option<&str> {
        let array = self.0.column_by_name(column).unwrap().as_dictionary::<UInt8Type>();
        let values = array.values().as_string::<i32>();
        array.is_valid(row).then(|| values.value(usize::from(array.keys().value(row))))
    }

    fn days(&self, column: &str) -> &[i32] {
        self.0.column_by_name(column).unwrap().as_primitive::<Date32Type>().values()
    }

    fn cents(&self, column: &str) -> &[i64] {
        self.0.column_by_name(column).unwrap().as_primitive::<Decimal64Type>().values()
    }
}

fn truth_and_data() -> (Truth, Data) {
    let plan = plan(true);
    (plan.truth(), Data(plan.batch(0..RECORDS)))
}

/// Rows of a drift's segment in a window.
fn rows(truth: &Truth, data: &Data, id: &str, current: bool) -> Vec<usize> {
    let drift = truth.drifts.iter().find(|drift| drift.id == id).unwrap();
    let windows = truth.windows;
    let (start, end) = match current {
        true => (windows.current_start, windows.current_end),
        false => (windows.baseline_start, windows.baseline_end),
    };
    let days = start.to_epoch_days()..end.to_epoch_days();
    let in_segment = |row: usize| {
        drift.segment.iter().all(|(column, values)| {
            data.text(column, row).is_some_and(|value| values.iter().any(|known| known == value))
        })
    };
    let submitted = data.days("day");
    (0..submitted.len()).filter(|row| days.contains(&submitted[*row]) && in_segment(*row)).collect()
}

fn expected(truth: &Truth, id: &str, current: bool) -> f64 {
    let drift = truth.drifts.iter().find(|drift| drift.id == id).unwrap();
    let parameter = drift.parameter.as_ref().unwrap();
    if current { parameter.current } else { parameter.baseline }
}

fn assert_rate(hits: usize, of: usize, expected: f64, place: &str) {
    let error = (expected * (1.0 - expected) / of as f64).sqrt();
    let rate = hits as f64 / of as f64;
    assert!((rate - expected).abs() < 4.5 * error + 1e-9, "{place}: {rate} of {of}, expected {expected}");
}

fn median<T: Copy + Ord + Into<i64>>(mut values: Vec<T>) -> f64 {
    values.sort_unstable();
    values[values.len() / 2].into() as f64
}

#[test]
fn rates_are_the_true_rates() {
    let (truth, data) = truth_and_data();
    for current in [false, true] {
        let rows = rows(&truth, &data, "denials-step", current);
        let outcome = |row: &&usize, wanted: &str| data.text("outcome", **row) == Some(wanted);
        let denied = rows.iter().filter(|row| outcome(row, "DENIED")).count();
        let paid = rows.iter().filter(|row| outcome(row, "PAID")).count();
        assert_rate(denied, denied + paid, expected(&truth, "denials-step", current), "denials-step");
    }
    assert!(
        (expected(&truth, "denials-step", true) - expected(&truth, "denials-step", false) - 0.2).abs() < 0.02
    );
}

#[test]
fn delays_have_the_true_medians_under_overlapping_drifts() {
    let (truth, data) = truth_and_data();
    for id in ["delays-ramp", "delays-gradual"] {
        for current in [false, true] {
            let (from, to) = (data.days("day"), data.days("decided"));
            let delays: Vec<i32> =
                rows(&truth, &data, id, current).iter().map(|row| to[*row] - from[*row]).collect();
            let expected = expected(&truth, id, current);
            let count = delays.len();
            let found = median(delays);
            assert!(
                (found - expected).abs() <= 0.5 + 0.01 * expected,
                "{id} {current}: {found} of {count}, {expected}"
            );
        }
    }
}

#[test]
fn amounts_have_the_true_medians() {
    let (truth, data) = truth_and_data();
    for current in [false, true] {
        let cents = rows(&truth, &data, "amounts-pulse", current)
            .iter()
            .map(|row| data.cents("billed")[*row])
            .collect();
        let (found, expected) = (median(cents) / 100.0, expected(&truth, "amounts-pulse", current));
        assert!((found / expected - 1.0).abs() < 0.02, "{current}: {found} {expected}");
    }
}

#[test]
fn mixes_have_the_true_shares() {
    let (truth, data) = truth_and_data();
    for current in [false, true] {
        let rows = rows(&truth, &data, "mix-step", current);
        // Rows without a code have no group, and are drawn from some group's table all the same.
        let north = rows.iter().filter(|row| data.text("site", **row) == Some("north")).count();
        assert_rate(north, rows.len(), expected(&truth, "mix-step", current), "mix-step");
    }
}

#[test]
fn null_rates_are_the_true_ones() {
    let (truth, data) = truth_and_data();
    let quality = data.0.column_by_name("quality").unwrap();
    for current in [false, true] {
        let rows = rows(&truth, &data, "nulls-step", current);
        let nulls = rows.iter().filter(|row| quality.is_null(**row)).count();
        assert_rate(nulls, rows.len(), expected(&truth, "nulls-step", current), "nulls-step");
    }
}

#[test]
fn volumes_are_the_true_ones() {
    let (truth, data) = truth_and_data();
    for id in ["volume-drop", "volume-rise"] {
        for (current, length_days) in [(false, 30.0), (true, 10.0)] {
            let found = rows(&truth, &data, id, current).len() as f64;
            let expected = expected(&truth, id, current) * length_days;
            assert!(
                (found - expected).abs() < 5.0 * expected.sqrt() + 0.01 * expected,
                "{id} {current}: {found} {expected}"
            );
        }
    }
}

#[test]
fn rows_touched_are_the_rows_of_the_segment() {
    let (truth, data) = truth_and_data();
    let drift = truth.drifts.iter().find(|drift| drift.id == "denials-step").unwrap();
    let found = rows(&truth, &data, "denials-step", true).len() as f64;
    let told = drift.rows.unwrap();
    assert!((told.touched - told.segment_current).abs() < 1e-6 * told.touched);
    assert!((found / told.segment_current - 1.0).abs() < 0.02, "{found} {told:?}");
}

#[test]
fn without_drift_there_is_no_truth_and_no_change() {
    let plan = plan(false);
    assert!(plan.truth().drifts.is_empty());
    let data = Data(plan.batch(0..RECORDS));
    let (truth, _) = truth_and_data();
    let rows = rows(&truth, &data, "denials-step", true);
    let denied = rows.iter().filter(|row| data.text("outcome", **row) == Some("DENIED")).count();
    let paid = rows.iter().filter(|row| data.text("outcome", **row) == Some("PAID")).count();
    let undrifted = truth.drifts[0].parameter.as_ref().unwrap().undrifted;
    assert_rate(denied, denied + paid, undrifted, "undrifted");
}

#[test]
fn the_truth_survives_its_file() {
    let truth = plan(true).truth();
    let text = serde_json::to_string(&truth).unwrap();
    assert_eq!(serde_json::from_str::<Truth>(&text).unwrap(), truth);
}

#[test]
fn a_window_without_a_day_of_the_calendar_has_no_parameter() {
    let text = ZOO.replace("current_days = 10", "current_days = 60");
    let run = Run { records: 1_000, seed: 5, customer: 1, as_of: None, drift: true, dirt: false };
    let truth = Plan::new(&Spec::parse(&text, "zoo.toml").unwrap(), &run).unwrap().truth();
    assert!(truth.drifts.iter().all(|drift| drift.parameter.is_none()), "the calendar has 60 days");
}
