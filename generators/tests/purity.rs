//! The contract of generation: every value is a pure function of (seed, dataset, column, row).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_array::{Array, RecordBatch};
use driftforge_generators::{KINDS, Plan, Run, SHAPES, Spec};
use proptest::prelude::*;

const ZOO: &str = include_str!("zoo.toml");
const RECORDS: u64 = 20_000;

fn run() -> Run {
    Run { records: RECORDS, seed: 42, customer: 7, as_of: None, drift: true, dirt: false }
}

fn plan(run: &Run) -> Plan {
    Plan::new(&Spec::parse(ZOO, "zoo.toml").unwrap(), run).unwrap()
}

/// Rows as text, so that batches compare by value whatever their buffers look like.
fn rows_of(batch: &RecordBatch) -> Vec<String> {
    (0..batch.num_rows()).map(|row| format!("{:?}", batch.slice(row, 1).columns())).collect()
}

#[test]
fn the_zoo_has_every_kind_and_every_shape() {
    let spec = Spec::parse(ZOO, "zoo.toml").unwrap();
    let children = spec.tables.iter().flat_map(|table| &table.columns);
    let columns = spec.columns.iter().chain(children);
    let kinds: BTreeSet<&str> = columns.map(|column| column["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, KINDS.iter().map(|kind| kind.name).collect());
    let shapes: BTreeSet<&str> =
        spec.drifts.iter().map(|drift| drift.shape["kind"].as_str().unwrap()).collect();
    assert_eq!(shapes, SHAPES.iter().map(|shape| shape.name).collect());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_slice_is_the_slice_of_the_whole(start in 0..RECORDS, length in 0..700u64) {
        let whole: Range<u64> = start.saturating_sub(500)..(start + length + 300).min(RECORDS);
        let part = start..(start + length).min(RECORDS);
        let plan = plan(&run());
        let sliced = plan.batch(whole.clone()).slice((part.start - whole.start) as usize, (part.end - part.start) as usize);
        prop_assert_eq!(rows_of(&plan.batch(part)), rows_of(&sliced));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn listed_rows_are_the_rows_of_the_whole(rows in prop::collection::vec(0..RECORDS, 1..300), run_start in 0..RECORDS - 50) {
        let plan = plan(&run());
        // Scattered rows, some twice, and a stretch of neighbours that crosses into the next day or not.
        let rows: Vec<u64> = rows.iter().copied().chain(run_start..run_start + 50).chain(rows[..1].iter().copied()).collect();
        let one_by_one: Vec<String> = rows.iter().flat_map(|row| rows_of(&plan.batch(*row..*row + 1))).collect();
        prop_assert_eq!(rows_of(&plan.rows(&rows)), one_by_one);
    }
}

#[test]
fn a_projection_has_the_values_of_the_whole() {
    let plan = plan(&run());
    let whole = plan.batch(15_000..15_400);
    for column in plan.columns() {
        let alone = plan.project(&[column.name]).unwrap().batch(15_000..15_400);
        assert_eq!(
            &format!("{:?}", alone.column(0)),
            &format!("{:?}", whole.column_by_name(column.name).unwrap())
        );
    }
}

#[test]
fn batches_have_the_declared_nullability() {
    let plan = plan(&run());
    let batch = plan.batch(0..RECORDS);
    for (field, column) in plan.schema().fields().iter().zip(batch.columns()) {
        assert!(field.is_nullable() || column.null_count() == 0, "{}", field.name());
    }
    assert!(batch.column_by_name("secret").is_none());
}

#[test]
fn both_reasons_for_nulls_apply() {
    let batch = plan(&run()).batch(0..RECORDS);
    let (permit, urgent) = (batch.column_by_name("permit").unwrap(), batch.column_by_name("urgent").unwrap());
    let urgent = urgent.as_boolean();
    let valid = (0..batch.num_rows()).filter(|row| permit.is_valid(*row));
    assert!(valid.clone().all(|row| urgent.value(row)), "a permit without urgency");
    let share = valid.count() as f64 / urgent.true_count() as f64;
    assert!((share - 0.8).abs() < 0.03, "{share} of the urgent rows have a permit");
}

#[test]
fn seeds_and_datasets_differ_and_runs_repeat() {
    let one = rows_of(&plan(&run()).batch(0..100));
    assert_eq!(one, rows_of(&plan(&run()).batch(0..100)));
    assert_ne!(one, rows_of(&plan(&Run { seed: 43, ..run() }).batch(0..100)));
    let hashes = |customer: u32| {
        let plan = plan(&Run { customer, ..run() }).project(&["hash"]).unwrap();
        rows_of(&plan.batch(0..100))
    };
    assert!(hashes(7).iter().zip(hashes(8)).all(|(one, other)| *one != other), "customers share rows");
    let renamed = ZOO.replace("name = \"zoo\"", "name = \"ark\"");
    let renamed = Plan::new(&Spec::parse(&renamed, "ark.toml").unwrap(), &run()).unwrap();
    assert_ne!(one, rows_of(&renamed.batch(0..100)));
}

#[test]
fn another_as_of_moves_the_dates_and_nothing_else() {
    let plain = Run { drift: false, ..run() };
    let days = |plan: &Plan| {
        plan.batch(0..RECORDS).column_by_name("day").unwrap().as_primitive::<Date32Type>().values().to_vec()
    };
    let moved = Run { as_of: chrono::NaiveDate::from_ymd_opt(2026, 1, 29), ..plain.clone() };
    // Four weeks later the weekdays are the same; the season has moved on a little.
    let (before, after) = (days(&plan(&plain)), days(&plan(&moved)));
    let shifted =
        before.iter().zip(&after).filter(|(before, after)| (*after - *before - 28).abs() <= 1).count();
    assert_eq!(shifted, before.len());
}

/// XXH-like digests would need a dependency; FNV-1a over the debug text is enough to notice any change.
fn digest(batch: &RecordBatch) -> u64 {
    rows_of(batch)
        .iter()
        .flat_map(|row| row.bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn the_output_is_pinned() {
    // A change here changes datasets: it belongs under "Output changes" in the changelog.
    let plan = plan(&run());
    let ends = |names: &[&str]| {
        let plan = plan.project(names).unwrap();
        [0..300, RECORDS - 300..RECORDS].map(|rows| digest(&plan.batch(rows)))
    };
    let names: Vec<&str> = plan.columns().map(|column| column.name).collect();
    let first = names.iter().position(|name| *name == PINNED_ALONE[0].0).unwrap();
    assert_eq!(ends(&names[..first]), [14_336_280_488_519_204_816, 14_262_048_187_119_966_283]);
    let alone: Vec<(&str, u64)> = names[first..].iter().map(|name| (*name, ends(&[name])[0])).collect();
    assert_eq!(alone, PINNED_ALONE);
}

/// Columns of kinds that came later: each with the digest of its first rows.
const PINNED_ALONE: &[(&str, u64)] = &[
    ("path", 5_307_061_325_482_147_562),
    ("uuid", 3_196_436_700_650_203_682),
    ("path_id", 18_353_475_320_987_196_223),
    ("permit_id", 9_404_126_663_619_664_792),
    ("arrived", 8_085_218_048_533_366_838),
    ("seen", 9_023_607_878_229_359_009),
    ("answered", 13_693_790_702_480_371_895),
    ("called", 15_212_391_666_836_065_546),
    ("retried", 18_069_595_708_031_549_610),
    ("file_count", 3_073_032_007_205_836_523),
];
