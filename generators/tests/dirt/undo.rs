//! The ledger is exact: taken back from the dirty table, it leaves the clean one.

use super::{Entry, grid, ledger, numbers, tables};
use driftforge_generators::Plan;
use std::collections::{BTreeMap, BTreeSet};

type Row = Vec<Option<String>>;

/// For each row of a clean table its place, and its number; both from 1.
fn places_and_numbers(clean: &Plan) -> Vec<(u64, u64)> {
    let batch = clean.batch(0..clean.row_count());
    let own = numbers(&batch, "number");
    let places = if clean.is_child() { numbers(&batch, "visit") } else { own.clone() };
    places.into_iter().zip(own).map(|(place, number)| (place as u64, number as u64)).collect()
}

/// A nested value of the ledger as the other library writes it.
fn in_display_form(text: &str) -> String {
    match serde_json::from_str::<Vec<String>>(text) {
        Ok(items) => format!("[{}]", items.join(", ")),
        Err(_) => text.to_owned(),
    }
}

/// Splits the rows of a dirty table into its own and, by place, the copies behind them.
fn own_and_copies(
    dirty: Vec<Row>,
    clean: &[(u64, u64)],
    entries: &[Entry],
) -> (Vec<Row>, BTreeMap<u64, Vec<Row>>) {
    let mut own_counts: BTreeMap<u64, usize> = BTreeMap::new();
    clean.iter().for_each(|(place, _)| *own_counts.entry(*place).or_default() += 1);
    let mut copy_counts: BTreeMap<u64, usize> = BTreeMap::new();
    let copies = entries.iter().filter(|entry| entry.column.is_none());
    copies.for_each(|entry| *copy_counts.entry(entry.place).or_default() += 1);
    let places: BTreeSet<u64> = own_counts.keys().chain(copy_counts.keys()).copied().collect();
    let mut rows = dirty.into_iter();
    let (mut own, mut copies) = (Vec::new(), BTreeMap::new());
    for place in places {
        own.extend(rows.by_ref().take(own_counts.get(&place).copied().unwrap_or_default()));
        let count = copy_counts.get(&place).copied().unwrap_or_default();
        copies.insert(place, rows.by_ref().take(count).collect());
    }
    assert_eq!(rows.next(), None, "rows that neither the clean table nor the ledger has");
    (own, copies)
}

#[track_caller]
fn undo(row: &mut Row, names: &[String], entry: &Entry) {
    let column = names.iter().position(|name| Some(name) == entry.column.as_ref()).unwrap();
    let text = |text: &Option<String>| text.as_deref().map(in_display_form);
    assert_eq!(row[column], text(&entry.after), "{entry:?}");
    row[column] = text(&entry.before);
}

fn names(plan: &Plan) -> Vec<String> {
    plan.columns().map(|column| column.name.to_owned()).collect()
}

#[test]
fn the_ledger_taken_back_leaves_the_clean_table() {
    for (clean, dirty) in tables(false).iter().zip(tables(true)) {
        let entries = ledger(&dirty);
        let clean_places = places_and_numbers(clean);
        let names = names(&dirty);
        let rows = grid(&dirty.batch(0..dirty.row_count()));
        let (mut own, copies) = own_and_copies(rows, &clean_places, &entries);
        let at: BTreeMap<u64, usize> =
            clean_places.iter().enumerate().map(|(index, (_, number))| (*number, index)).collect();
        check_copies(&own, &copies, &at, &names, &entries);
        let mut in_copy = false;
        let damages: Vec<&Entry> = entries
            .iter()
            .filter(|entry| {
                in_copy =
                    if entry.column.is_none() { true } else { in_copy && entry.kind == "near_duplicate" };
                !in_copy
            })
            .collect();
        damages.into_iter().rev().for_each(|entry| undo(&mut own[at[&entry.row]], &names, entry));
        let expected = grid(&clean.batch(0..clean.row_count()));
        for ((row, expected), (place, number)) in own.iter().zip(&expected).zip(&clean_places) {
            assert_eq!(row, expected, "row {number} at place {place} of {}", clean.table());
        }
        assert_eq!(own.len(), expected.len());
    }
}

/// Every copy is the dirty row that the ledger says, but for the values that it says.
fn check_copies(
    own: &[Row],
    copies: &BTreeMap<u64, Vec<Row>>,
    at: &BTreeMap<u64, usize>,
    names: &[String],
    entries: &[Entry],
) {
    let mut taken: BTreeMap<u64, usize> = BTreeMap::new();
    let mut entries = entries.iter().peekable();
    while let Some(entry) = entries.next() {
        if entry.column.is_some() {
            continue;
        }
        let position = taken.entry(entry.place).or_default();
        let mut copy = copies[&entry.place][*position].clone();
        *position += 1;
        let mut changes = Vec::new();
        while let Some(change) = entries.next_if(|next| {
            next.column.is_some() && next.place == entry.place && next.dirt_id == entry.dirt_id
        }) {
            changes.push(change);
        }
        changes.into_iter().rev().for_each(|change| undo(&mut copy, names, change));
        assert_eq!(copy, own[at[&entry.row]], "{entry:?}");
    }
    assert!(taken.iter().all(|(place, count)| copies[place].len() == *count));
}

#[test]
fn the_ledger_names_the_key_of_the_clean_row() {
    let (clean, dirty) = (&tables(false)[0], &tables(true)[0]);
    let ids: Vec<String> = grid(&clean.project(&["id"]).unwrap().batch(0..clean.row_count()))
        .into_iter()
        .map(|row| row[0].clone().unwrap())
        .collect();
    let entries = ledger(dirty);
    assert!(!entries.is_empty());
    assert!(entries.iter().all(|entry| entry.key.as_ref() == Some(&ids[entry.row as usize - 1])));
    assert!(ledger(&tables(true)[1]).iter().all(|entry| entry.key.is_none()), "no key is named");
}
