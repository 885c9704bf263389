//! Tables whose rows belong to rows of others: any part of each can be made alone, and every key holds.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int16Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use driftforge_generators::{Collection, MAX_CHILDREN, Plan, Run, Spec};
use proptest::prelude::*;

const ORDERS: &str = include_str!("orders.toml");
const RECORDS: u64 = 5_000;

fn run() -> Run {
    Run { records: RECORDS, seed: 42, customer: 3, as_of: None, drift: true, dirt: false }
}

fn orders() -> Collection {
    Collection::new(&Spec::parse(ORDERS, "orders.toml").unwrap(), &run()).unwrap()
}

/// Rows as text, so that batches compare by value whatever their buffers look like.
fn rows_of(batch: &RecordBatch) -> Vec<String> {
    (0..batch.num_rows()).map(|row| format!("{:?}", batch.slice(row, 1).columns())).collect()
}

/// The text of some columns of each row; null keys refer to nothing.
fn keys_of(batch: &RecordBatch, columns: &[String]) -> Vec<String> {
    let columns: Vec<_> = columns.iter().map(|name| batch.column_by_name(name).unwrap()).collect();
    let valid = |row: usize| columns.iter().all(|column| column.is_valid(row));
    let key = |row: usize| columns.iter().map(|column| format!("{:?}", column.slice(row, 1))).collect();
    (0..batch.num_rows()).filter(|row| valid(*row)).map(key).collect()
}

/// The texts of a category column, none of which is null.
fn texts(batch: &RecordBatch, column: &str) -> Vec<String> {
    let column = batch.column_by_name(column).unwrap().as_any_dictionary();
    let values = column.values().as_string::<i32>();
    column.normalized_keys().into_iter().map(|code| values.value(code).to_owned()).collect()
}

#[track_caller]
fn table<'a>(collection: &'a Collection, name: &str) -> &'a Plan {
    collection.table(name).unwrap()
}

#[test]
fn tables_stand_behind_those_they_refer_to() {
    let names: Vec<String> = orders().tables().iter().map(|table| table.table().to_owned()).collect();
    assert_eq!(names, ["orders", "invoices", "receipts", "lines", "parcels"]);
    assert_eq!(orders().root().table(), "orders");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_places_of_any_table_are_the_slice_of_the_whole(start in 0..RECORDS, length in 0..200u64) {
        let part = start..(start + length).min(RECORDS);
        let whole: Range<u64> = part.start.saturating_sub(150)..(part.end + 150).min(RECORDS);
        for table in orders().tables() {
            let mut joined = Vec::new();
            for places in [whole.start..part.start, part.clone(), part.end..whole.end] {
                joined.extend(rows_of(&table.batch(places)));
            }
            prop_assert_eq!(&joined, &rows_of(&table.batch(whole.clone())), "{}", table.table());
        }
    }

    #[test]
    fn every_foreign_key_holds_in_any_part(start in 0..RECORDS, length in 1..200u64) {
        let part = start..(start + length).min(RECORDS);
        let orders = orders();
        for child in orders.tables() {
            for key in child.foreign_keys() {
                let known: BTreeSet<String> =
                    keys_of(&table(&orders, &key.table).batch(part.clone()), &key.references).into_iter().collect();
                let used = keys_of(&child.batch(part.clone()), &key.columns);
                prop_assert!(used.iter().all(|used| known.contains(used)), "{}", child.table());
            }
        }
    }

    #[test]
    fn any_row_of_any_table_is_made_alone(picks in prop::collection::vec(0..2_000usize, 1..60)) {
        let places = 300..900;
        for table in orders().tables() {
            let batch = table.batch(places.clone());
            let numbers = batch.column_by_name("number").unwrap().as_primitive::<Int64Type>().values().to_vec();
            let whole = rows_of(&batch);
            let picked: Vec<usize> = picks.iter().map(|pick| pick % whole.len()).collect();
            // The `row_id` column counts rows from 1.
            let rows: Vec<u64> = picked.iter().map(|pick| numbers[*pick] as u64 - 1).collect();
            let expected: Vec<String> = picked.iter().map(|pick| whole[*pick].clone()).collect();
            prop_assert_eq!(rows_of(&table.rows(&rows)), expected, "{}", table.table());
        }
    }
}

#[test]
fn primary_keys_differ_in_every_row() {
    for table in orders().tables() {
        let keys = keys_of(&table.batch(0..RECORDS), table.primary_key());
        let distinct: BTreeSet<&String> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len(), "{}", table.table());
        assert!(!keys.is_empty());
    }
}

#[test]
fn every_parent_has_as_many_children_as_it_counts() {
    let orders = orders();
    let parents = orders.root().batch(0..RECORDS);
    let counts = parents.column_by_name("line_count").unwrap().as_primitive::<Int16Type>();
    let numbers = parents.column_by_name("number").unwrap().as_primitive::<Int64Type>();
    let lines = table(&orders, "lines").batch(0..RECORDS);
    let mut found: BTreeMap<i64, i16> = BTreeMap::new();
    for order in lines.column_by_name("order_number").unwrap().as_primitive::<Int64Type>().values() {
        *found.entry(*order).or_default() += 1;
    }
    for (number, count) in numbers.values().iter().zip(counts.values()) {
        assert_eq!(found.get(number).copied().unwrap_or(0), *count, "order {number}");
    }
    assert!(counts.values().contains(&0), "no order without lines");
}

#[test]
fn only_parents_that_fit_have_children() {
    let orders = orders();
    let parents = orders.root().batch(0..RECORDS);
    let expected = texts(&parents, "channel").iter().filter(|channel| *channel == "post").count();
    let invoices = table(&orders, "invoices").batch(0..RECORDS);
    assert_eq!(invoices.num_rows(), expected);
    assert!(expected > 100);
}

#[test]
fn a_projection_of_a_child_has_the_values_of_the_whole() {
    for table in orders().tables() {
        let whole = table.batch(100..300);
        for column in table.columns() {
            let alone = table.project(&[column.name]).unwrap().batch(100..300);
            assert_eq!(
                &format!("{:?}", alone.column(0)),
                &format!("{:?}", whole.column_by_name(column.name).unwrap())
            );
        }
    }
}

#[test]
fn tables_draw_from_streams_of_their_own() {
    let orders = orders();
    let noise = |name: &str| {
        let column = table(&orders, name).project(&["noise"]).unwrap().batch(0..50);
        rows_of(&column).into_iter().collect::<BTreeSet<_>>()
    };
    assert!(noise("invoices").is_disjoint(&noise("orders")));
}

#[test]
fn a_child_drifts_on_the_days_and_segments_of_its_parent() {
    let share = |collection: &Collection| {
        let lines = table(collection, "lines").batch(0..RECORDS);
        let day = lines.column_by_name("ordered_on").unwrap().as_primitive::<Date32Type>().clone();
        let last = *day.values().iter().max().unwrap();
        let (colours, channels) = (texts(&lines, "colour"), texts(&lines, "channel"));
        let of = |late: bool, channel: &str| {
            let within = |row: &usize| (day.value(*row) > last - 30) == late && channels[*row] == channel;
            let rows: Vec<usize> = (0..lines.num_rows()).filter(within).collect();
            rows.iter().filter(|row| colours[**row] == "red").count() as f64 / rows.len() as f64
        };
        [of(false, "shop"), of(true, "shop"), of(true, "post")]
    };
    let [early, late, elsewhere] = share(&orders());
    assert!((early - 0.25).abs() < 0.03 && (elsewhere - 0.25).abs() < 0.05, "{early} {elsewhere}");
    // Weight 9 of 12 instead of 1 of 4.
    assert!((late - 0.75).abs() < 0.05, "{late}");
    let truth = orders().truth();
    let drift = &truth.drifts[0];
    assert_eq!((drift.table.as_deref(), drift.column.as_str()), (Some("lines"), "colour"));
    assert_eq!((drift.parameter.as_ref(), drift.rows), (None, None));
    let plain = Collection::new(&Spec::parse(ORDERS, "").unwrap(), &Run { drift: false, ..run() }).unwrap();
    assert!((share(&plain)[1] - 0.25).abs() < 0.05);
    assert!(plain.truth().drifts.is_empty());
}

#[test]
fn a_parent_has_no_more_children_than_the_limit() {
    let many = ORDERS.replacen("weights = [0.2, 0.5, 0.2, 0.1]", "from = 2000\nweights = [1]", 1);
    let orders = Collection::new(&Spec::parse(&many, "").unwrap(), &run()).unwrap();
    let lines = table(&orders, "lines").batch(0..3);
    assert_eq!(lines.num_rows() as u64, 3 * MAX_CHILDREN);
    let keys = keys_of(&lines, table(&orders, "lines").primary_key());
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
}

#[test]
fn keys_and_indexes_are_told() {
    let orders = orders();
    assert_eq!(orders.root().primary_key(), ["number"]);
    assert_eq!(orders.root().indexes(), [vec!["channel".to_owned(), "ordered_on".into()], vec!["id".into()]]);
    assert_eq!(table(&orders, "lines").foreign_keys()[0].table, "orders");
    assert_eq!(table(&orders, "lines").about(), "What was ordered");
}

/// Replaces `from` with `to`, and expects a refusal that has every one of `parts`.
#[track_caller]
fn refused(from: &str, to: &str, parts: &[&str]) {
    assert!(ORDERS.contains(from), "the orders have no {from:?}");
    let text = ORDERS.replacen(from, to, 1);
    let message = match Spec::parse(&text, "my.toml").and_then(|spec| Collection::new(&spec, &run())) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(error) => error.to_string(),
    };
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

#[test]
fn unusable_tables_are_refused_with_what_is_allowed() {
    refused("name = \"parcels\"\n", "name = \"lines\"\n", &["\"lines\"", "two tables"]);
    refused("name = \"parcels\"\n", "", &["table 2", "name"]);
    refused("name = \"parcels\"\n", "name = \"Par-cels\"\n", &["Par-cels", "_"]);
    refused("name = \"parcels\"\n", "name = \"parcels\"\nrows = 3\n", &["rows", "foreign_keys", "when"]);
    refused("parent = \"lines\"", "parent = \"line\"", &["\"parcels\"", "parent", "\"line\"", "\"lines\""]);
    refused("parent = \"lines\"", "parent = \"invoices\"", &["before this one", "\"orders\""]);
    refused("count = \"line_count\"", "count = \"channel\"", &["count", "\"channel\"", "whole numbers"]);
    refused("count = \"line_count\"", "count = \"lines\"", &["count", "\"lines\"", "\"line_count\""]);
    refused(
        "when = { channel = \"post\" }",
        "when = { channel = \"web\" }",
        &["when", "\"web\"", "\"post\""],
    );
    refused("column = \"id\"", "column = \"ident\"", &["\"order_id\"", "\"ident\"", "\"id\""]);
    refused("kind = \"calendar\"", "kind = \"parent\"\ncolumn = \"x\"", &["[[table]]"]);
    refused(
        "name = \"colour\"\nkind = \"category\"\nweights = { red = 1, green = 2, blue = 1 }",
        "name = \"colour\"\nkind = \"calendar\"",
        &["\"colour\"", "root table"],
    );
}

#[test]
fn unusable_keys_are_refused_with_what_is_allowed() {
    refused(
        "primary_key = [\"number\"]\nindexes",
        "primary_key = [\"num\"]\nindexes",
        &["\"orders\"", "primary_key", "\"num\"", "\"number\""],
    );
    refused(
        "primary_key = [\"number\"]\nindexes",
        "primary_key = [\"gift\"]\nindexes",
        &["primary_key", "\"gift\"", "null"],
    );
    refused("indexes = [[\"channel\"", "indexes = [[\"chanel\"", &["indexes", "\"chanel\""]);
    refused(
        "table = \"receipts\", references",
        "table = \"receipt\", references",
        &["foreign_keys", "\"receipt\"", "\"receipts\""],
    );
    refused(
        "columns = [\"line_number\"]",
        "columns = [\"line_number\", \"number\"]",
        &["foreign_keys", "2 columns", "1 columns"],
    );
    refused(
        "table = \"orders\", references = [\"number\"]",
        "table = \"orders\", references = [\"id\"]",
        &["references", "\"id\"", "primary key", "\"number\""],
    );
    refused(
        "primary_key = [\"number\"]\n\n[[table.column]]\nname = \"number\"\nkind = \"parent\"",
        "primary_key = [\"number\"]\nforeign_keys = [{ columns = [\"number\"], table = \"lines\", references = [\"number\"] }]\n\n[[table.column]]\nname = \"number\"\nkind = \"parent\"",
        &["circle", "\"lines\"", "\"receipts\""],
    );
}

#[test]
fn unusable_drift_of_a_child_is_refused() {
    refused("what = \"mix\"", "what = \"volume\"", &["red shops", "count"]);
    refused(
        "column = \"colour\"\nsegment",
        "column = \"colour\"\ntime = \"number\"\nsegment",
        &["red shops", "time", "\"number\"", "calendar"],
    );
    refused("column = \"colour\"\nsegment", "column = \"colour.tone\"\nsegment", &["red shops", "items"]);
    refused("id = \"red shops\"", "id = \"red shops\"\nweeks = 3", &["weeks"]);
}
