//! The contract of generation holds for dirt, too.

use super::{Entry, RECORDS, SOILED, entries, grid, ledger, planned, run, tables};
use driftforge_generators::{DIRT, Plan, Run};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

#[test]
fn the_test_s_spec_has_every_kind() {
    let kinds: BTreeSet<String> = tables(true).iter().flat_map(ledger).map(|entry| entry.kind).collect();
    assert_eq!(kinds, DIRT.iter().map(|kind| kind.name.to_owned()).collect());
}

/// A table and its ledger, as text.
type Written = (Vec<Vec<Option<String>>>, Vec<Entry>);

/// Every table, with all of its rows and faults.
static WHOLE: LazyLock<Vec<(Plan, Written)>> = LazyLock::new(|| {
    let written = |plan: &Plan| (grid(&plan.batch(0..RECORDS)), ledger(plan));
    tables(true).into_iter().map(|plan| (plan.clone(), written(&plan))).collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn parts_of_table_and_ledger_are_slices_of_the_whole(first in 0..RECORDS, second in 0..RECORDS) {
        let (low, high) = (first.min(second), first.max(second));
        for (plan, whole) in WHOLE.iter() {
            let ledger = plan.dirt_ledger().unwrap();
            let (mut rows, mut faults) = (Vec::new(), Vec::new());
            for places in [0..low, low..high, high..RECORDS] {
                rows.extend(grid(&plan.batch(places.clone())));
                faults.extend(entries(&ledger.batch(places)));
            }
            prop_assert_eq!(&(rows, faults), whole);
        }
    }
}

#[test]
fn places_made_alone_are_those_of_the_whole() {
    for plan in tables(true) {
        let ledger = plan.dirt_ledger().unwrap();
        let (mut rows, mut faults) = (Vec::new(), Vec::new());
        for place in 0..400 {
            rows.extend(grid(&plan.batch(place..place + 1)));
            faults.extend(entries(&ledger.batch(place..place + 1)));
            assert_eq!((plan.batch(place..place).num_rows(), ledger.batch(place..place).num_rows()), (0, 0));
        }
        assert_eq!(rows, grid(&plan.batch(0..400)));
        assert_eq!(faults, entries(&ledger.batch(0..400)));
    }
}

#[test]
fn a_projection_is_dirty_in_the_same_way() {
    for plan in tables(true) {
        let whole = plan.batch(100..900);
        for column in plan.columns() {
            let alone = plan.project(&[column.name]).unwrap();
            assert_eq!(
                format!("{:?}", alone.batch(100..900).column(0)),
                format!("{:?}", whole.column_by_name(column.name).unwrap()),
            );
            assert_eq!(ledger(&alone), ledger(&plan));
        }
    }
}

#[test]
fn rows_made_alone_are_as_dirty_as_in_the_table() {
    let plan = &tables(true)[0];
    let ledger = ledger(plan);
    let copies: BTreeSet<u64> =
        ledger.iter().filter(|entry| entry.column.is_none()).map(|entry| entry.place).collect();
    let alone: Vec<u64> = (0..RECORDS).rev().filter(|place| !copies.contains(&(place + 1))).collect();
    let listed = grid(&plan.rows(&alone));
    for (place, row) in alone.iter().zip(listed) {
        assert_eq!(grid(&plan.batch(*place..place + 1)), [row]);
    }
}

#[test]
fn entries_are_independent_of_each_other() {
    let faults = |text: &str, id: &str| -> Vec<u64> {
        let plan = planned(text, &run(true)).root().clone();
        super::values_of(&ledger(&plan), id).iter().map(|entry| entry.row).collect()
    };
    let rooms = faults(SOILED, "too many rooms");
    let alone = SOILED.replace("rate = 0.04", "rate = 0").replace("rate = 0.06", "rate = 0");
    assert_eq!(faults(&alone, "too many rooms"), rooms);
    assert!(faults(&alone, "cents for dollars").is_empty());
    let renamed = SOILED.replace("\"too many rooms\"", "\"more rooms\"");
    assert_ne!(faults(&renamed, "more rooms"), rooms);
    // A higher rate adds rows and takes none away.
    let more = faults(&SOILED.replace("rate = 0.05\nadd = 900", "rate = 0.2\nadd = 900"), "too many rooms");
    assert!(more.len() > 2 * rooms.len() && rooms.iter().all(|row| more.contains(row)));
}

#[test]
fn seeds_and_customers_differ() {
    let faults = |run: &Run| ledger(planned(SOILED, run).root());
    let one = faults(&run(true));
    assert_eq!(one, faults(&run(true)));
    assert_ne!(one, faults(&Run { seed: 43, ..run(true) }));
    assert_ne!(one, faults(&Run { customer: 4, ..run(true) }));
}

#[test]
fn without_dirt_nothing_changes() {
    let without = SOILED.split("[[dirt]]").next().unwrap();
    let never = planned(without, &run(true));
    let clean = planned(SOILED, &run(false));
    assert_eq!(never.root().batch(0..RECORDS), clean.root().batch(0..RECORDS));
    assert!(clean.root().dirt_ledger().is_none() && !clean.root().has_duplicates());
    assert!(clean.root().dirty_columns().is_empty());
    let dirty = planned(SOILED, &run(true));
    assert!(dirty.root().has_duplicates());
    assert_eq!(
        dirty.root().dirty_columns(),
        ["day", "id", "ward", "via", "urgent", "left_on", "bill", "quality", "tags", "rooms"]
    );
}

#[test]
fn what_is_always_there_needs_no_asking() {
    let always = SOILED.replace("id = \"too many rooms\"", "id = \"too many rooms\"\nalways = true");
    let entries = ledger(planned(&always, &run(false)).root());
    assert!(!entries.is_empty() && entries.iter().all(|entry| entry.dirt_id == "too many rooms"));
    let asked = ledger(planned(SOILED, &run(true)).root());
    let asked: Vec<u64> = super::values_of(&asked, "too many rooms").iter().map(|entry| entry.row).collect();
    assert_eq!(entries.iter().map(|entry| entry.row).collect::<Vec<_>>(), asked);
}

#[test]
fn dirty_columns_have_the_declared_types_and_nullability() {
    for plan in tables(true) {
        let batch = plan.batch(0..RECORDS);
        for (field, column) in plan.schema().fields().iter().zip(batch.columns()) {
            assert_eq!(field.data_type(), column.data_type());
            assert!(field.is_nullable() || column.null_count() == 0, "{}", field.name());
        }
        let ledger = plan.dirt_ledger().unwrap();
        assert_eq!(ledger.schema(), ledger.batch(0..100).schema());
        assert_eq!(ledger.table(), format!("{}_dirt", plan.table()));
    }
}

/// FNV-1a over the text is enough to notice any change.
fn digest(rows: &[Vec<Option<String>>]) -> u64 {
    let bytes = format!("{rows:?}").into_bytes();
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn the_output_is_pinned() {
    // A change here changes datasets: it belongs under "Output changes" in the changelog.
    let digests: Vec<u64> = tables(true).iter().map(|plan| digest(&grid(&plan.batch(0..RECORDS)))).collect();
    assert_eq!(digests, [4_129_695_428_140_232_597, 11_416_509_215_185_144_716, 11_240_862_752_621_281_618]);
}
