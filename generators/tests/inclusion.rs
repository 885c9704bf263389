//! Datasets whose tables are child tables of another.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use driftforge_generators::{Collection, ForeignKey, Plan, Run, Spec, SpecError};

const ORDERS: &str = include_str!("orders.toml");

/// A shop whose visits make orders, with all that belongs to them.
const SHOP: &str = r#"
[dataset]
name = "shop"
about = "Visits"
as_of = "2026-03-01"
primary_key = ["visit"]

[calendar]
days = 40

[[column]]
name = "day"
kind = "calendar"

[[column]]
name = "visit"
kind = "row_id"

[[column]]
name = "order_count"
kind = "count"
weights = [2, 1, 1]

[[table]]
dataset = "orders"
name = "sales"
count = "order_count"
foreign_keys = [{ columns = ["visit"], table = "shop", references = ["visit"] }]

[[table.column]]
name = "visit"
kind = "parent"
column = "visit"

[[table.column]]
name = "ordered_on"
kind = "parent"
column = "day"

[[table.column]]
name = "noise"
kind = "constant"
value = "quiet"
hidden = true

[[table.drift]]
id = "more by post"
what = "mix"
column = "channel"
start_days = -10
shape = { kind = "step" }
effect = { weights = { post = 30 } }
"#;

fn run() -> Run {
    Run { records: 3_000, seed: 9, customer: 1, as_of: None, drift: true, dirt: false }
}

fn planned(shop: &str, orders: &str) -> Result<Collection, SpecError> {
    let find = |name: &str| match name {
        "orders" => Spec::parse(orders, "orders.toml"),
        "shop" => Spec::parse(shop, "shop.toml"),
        other => Err(SpecError::at("", format!("there is no {other:?}"))),
    };
    Collection::new(&Spec::parse(shop, "shop.toml")?.including(&find)?, &run())
}

fn days(batch: &RecordBatch) -> Vec<i32> {
    batch.column_by_name("ordered_on").unwrap().as_primitive::<Date32Type>().values().to_vec()
}

#[test]
fn the_tables_of_the_other_dataset_follow_their_root() {
    let shop = planned(SHOP, ORDERS).unwrap();
    let names: Vec<&str> = shop.tables().iter().map(Plan::table).collect();
    assert_eq!(names, ["shop", "sales", "invoices", "receipts", "lines", "parcels"]);
    let sales = shop.table("sales").unwrap();
    assert_eq!(sales.primary_key(), ["number"]);
    assert_eq!(sales.about(), "Orders and what belongs to them");
    let columns: Vec<&str> = sales.columns().map(|column| column.name).collect();
    assert_eq!(columns, ["visit", "ordered_on", "number", "id", "channel", "gift", "total", "line_count"]);
    let key = |table: &str| ForeignKey {
        columns: vec!["order_number".into()],
        table: table.into(),
        references: vec!["number".into()],
    };
    assert_eq!(shop.table("lines").unwrap().foreign_keys(), [key("sales"), key("receipts")]);
}

#[test]
fn keys_hold_through_all_generations() {
    let shop = planned(SHOP, ORDERS).unwrap();
    let numbers = |table: &str, column: &str| -> Vec<i64> {
        let batch = shop.table(table).unwrap().batch(100..400);
        batch.column_by_name(column).unwrap().as_primitive::<Int64Type>().values().to_vec()
    };
    let lines = numbers("lines", "number");
    assert!(numbers("parcels", "line_number").iter().all(|line| lines.contains(line)));
    let sales = numbers("sales", "number");
    assert!(numbers("lines", "order_number").iter().all(|sale| sales.contains(sale)));
    assert!(numbers("sales", "visit").iter().all(|visit| (101..=400).contains(visit)));
}

#[test]
fn the_calendar_and_the_drift_are_the_including_dataset_s() {
    let shop = planned(SHOP, ORDERS).unwrap();
    let ids: Vec<String> = shop.truth().drifts.into_iter().map(|drift| drift.id).collect();
    assert_eq!(ids, ["more by post"]);
    let sales = shop.table("sales").unwrap().batch(0..3_000);
    let visits = shop.root().batch(0..3_000);
    let first = visits.column_by_name("day").unwrap().as_primitive::<Date32Type>().value(0);
    assert!(days(&sales).iter().all(|day| (first..first + 40).contains(day)));
    let invoices = |places| shop.table("invoices").unwrap().batch(places).num_rows();
    assert!(invoices(2_500..3_000) > 2 * invoices(0..500));
}

#[test]
fn what_cannot_be_included_is_refused() {
    let refused = |from: &str, to: &str, parts: &[&str]| {
        assert!(SHOP.contains(from));
        let message = planned(&SHOP.replacen(from, to, 1), ORDERS).unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in: {message}");
        }
    };
    refused("dataset = \"orders\"", "dataset = \"order\"", &["table 1", "dataset", "\"order\""]);
    refused("dataset = \"orders\"", "dataset = \"shop\"", &["4 deep", "\"shop\""]);
    refused("name = \"ordered_on\"", "name = \"ordered\"", &["\"sales\"", "\"ordered_on\"", "calendar"]);
    refused("name = \"sales\"", "name = \"lines\"", &["\"lines\"", "two tables"]);
    let alone = Collection::new(&Spec::parse(SHOP, "").unwrap(), &run()).unwrap_err().to_string();
    assert!(alone.contains("\"orders\""), "{alone}");
}
