//! The engine `postgres` and the source `postgres` against the native engine on the same rows in memory.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use driftforge::engines::{Engine, EngineComparison, Native, Postgres as PostgresEngine};
use driftforge::mappings::Mapping;
use driftforge::postgres::{DatabaseUrl, TableName};
use driftforge::sources::{Memory, Postgres, Source};
use driftforge::summaries::{Day, DayRange, Grid, Keep, Plan, Summaries, WindowPair};
use driftforge::{Error, ExitCode};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use server::Server;

/// A server whose sessions have a zone in which days begin at other instants than in UTC.
static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let server = Server::start();
    server.psql("ALTER DATABASE postgres SET timezone = 'Asia/Kolkata'");
    server
});

/// The day after the windows.
const AS_OF: Day = Day(20_000);

/// A metric of each kind; regions are whole numbers, `open` a flag, and `note` is only looked at for nulls.
const MAPPING: &str = r#"
name = "orders"
time = "day"
segments = ["shop", "region"]
required = ["state"]
[[metric]]
name = "returned"
kind = "rate"
among = [{ state = ["sent", "it's", "RETURNED"], open = true }, { article = { contains = "ÄR" } }]
hit = [{ state = "RETURNED" }, { article = { contains = "b" } }]
strata = "article"
[[metric]]
name = "delivery"
kind = "days"
from = "day"
to = "delivered"
among = { state = ["sent", "RETURNED"] }
pending = true
strata = "article"
[[metric]]
name = "price"
kind = "amount"
column = "price"
decimals = 2
strata = "article"
[[metric]]
name = "weight"
kind = "amount"
among = { state = "sent" }
column = "weight"
decimals = 1
[[metric]]
name = "articles"
kind = "mix"
among = { open = [true, false] }
column = "article"
[[metric]]
name = "orders"
kind = "volume"
[[metric]]
name = "note_missing"
kind = "null_rate"
column = "note"
"#;

fn mapping() -> Arc<Mapping> {
    Arc::new(Mapping::parse(MAPPING, Path::new("orders")).unwrap())
}

fn plan(mapping: &Arc<Mapping>) -> Plan {
    let grid = Grid::of_windows(WindowPair::before(AS_OF, 30, 7).unwrap()).with_daily_history(45).unwrap();
    Plan { mapping: Arc::clone(mapping), grid, keep: Keep::ALL }
}

#[derive(Debug, Clone)]
struct Order {
    shop: Option<String>,
    region: Option<i64>,
    day: Option<i32>,
    delivered: Option<i32>,
    state: Option<String>,
    open: Option<bool>,
    article: Option<String>,
    /// In tenths of a cent.
    price: Option<i64>,
    weight: Option<f64>,
    note: Option<bool>,
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let rarely = 0.95;
    let text = |values: &'static [&'static str]| prop::sample::select(values).prop_map(str::to_owned);
    let price = prop_oneof![8 => 0..20_000_000_i64, 1 => -5_000..5_000_i64, 1 => -1_i64 << 52..1_i64 << 52];
    let weight = prop_oneof![8 => 0.0..90.0_f64, 1 => -1e6..1e6_f64, 1 => Just(-0.0), 1 => Just(0.25)];
    let delay = prop_oneof![8 => -3..60_i32, 1 => -40_000..400_000_i32];
    let day = prop_oneof![20 => AS_OF.0 - 50..AS_OF.0 + 10, 1 => Just(-100_000)];
    let first = (
        prop::option::weighted(rarely, text(&["A", "a", "B'", "", "Ä"])),
        prop::option::weighted(rarely, -2..3_i64),
        prop::option::weighted(rarely, day),
        prop::option::weighted(0.9, delay),
        prop::option::weighted(rarely, text(&["sent", "RETURNED", "it's", "returned", ""])),
    );
    let second = (
        prop::option::of(any::<bool>()),
        prop::option::of(text(&["bär", "BÄR", "b", "", "x\\y", "straße"])),
        prop::option::weighted(0.8, price),
        prop::option::weighted(0.8, weight),
        prop::option::of(Just(true)),
    );
    let order = (first, second).prop_map(|(first, (open, article, price, weight, note))| {
        let (shop, region, day, delay, state) = first;
        let delivered = delay.map(|delay| day.unwrap_or(0) + delay);
        Order { shop, region, day, delivered, state, open, article, price, weight, note }
    });
    prop::collection::vec(order, 1..250)
}

fn batch(orders: &[Order]) -> RecordBatch {
    let text = |of: fn(&Order) -> Option<&str>| -> ArrayRef {
        Arc::new(orders.iter().map(of).collect::<StringArray>())
    };
    let days = |of: fn(&Order) -> Option<i32>| -> ArrayRef {
        Arc::new(orders.iter().map(of).collect::<Date32Array>())
    };
    let flags = |of: fn(&Order) -> Option<bool>| -> ArrayRef {
        Arc::new(orders.iter().map(of).collect::<BooleanArray>())
    };
    let price: Decimal128Array = orders.iter().map(|order| order.price.map(i128::from)).collect();
    RecordBatch::try_from_iter_with_nullable([
        ("shop", text(|order| order.shop.as_deref()), true),
        (
            "region",
            Arc::new(orders.iter().map(|order| order.region).collect::<Int64Array>()) as ArrayRef,
            true,
        ),
        ("day", days(|order| order.day), true),
        ("delivered", days(|order| order.delivered), true),
        ("state", text(|order| order.state.as_deref()), true),
        ("open", flags(|order| order.open), true),
        ("article", text(|order| order.article.as_deref()), true),
        ("price", Arc::new(price.with_precision_and_scale(30, 3).unwrap()), true),
        ("weight", Arc::new(orders.iter().map(|order| order.weight).collect::<Float64Array>()), true),
        ("note", flags(|order| order.note), true),
    ])
    .unwrap()
}

/// A value as SQL.
fn sql<T>(value: &Option<T>, form: impl Fn(&T) -> String) -> String {
    value.as_ref().map_or_else(|| "NULL".to_owned(), form)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Makes a table of the orders. `time` is the type of the days.
fn load(table: &str, time: &str, price: &str, orders: &[Order]) {
    let day = |day: &i32| format!("(DATE '1970-01-01' + {day})");
    let rows = orders.iter().enumerate().map(|(row, order)| {
        // Any time of the day in UTC, whatever the session's zone.
        let hours = [0, 1, 12, 23][row % 4];
        let instant = |day: &i32| match time {
            "date" => format!("(DATE '1970-01-01' + {day})"),
            "timestamptz" => {
                format!("(TIMESTAMPTZ '1970-01-01 00:00:00+00' + {day} * INTERVAL '24 hours' + {hours} * INTERVAL '1 hour')")
            }
            _ => format!("(TIMESTAMP '1970-01-01' + {day} * INTERVAL '1 day' + {hours} * INTERVAL '1 hour')"),
        };
        let values = [
            sql(&order.shop, |text| quoted(text)),
            sql(&order.region, i64::to_string),
            sql(&order.day, instant),
            sql(&order.delivered, day),
            sql(&order.state, |text| quoted(text)),
            sql(&order.open, bool::to_string),
            sql(&order.article, |text| quoted(text)),
            sql(&order.price, |price| format!("{price} * 0.001")),
            sql(&order.weight, |weight| format!("'{weight:?}'")),
            sql(&order.note, |_| "'{}'".to_owned()),
        ];
        format!("({})", values.join(","))
    });
    SERVER.psql(&format!(
        "SET client_min_messages = warning; DROP TABLE IF EXISTS {table}; \
         CREATE TABLE {table} (shop text, region smallint, day {time}, delivered date, state varchar(20), \
         open boolean, article text, price {price}, weight double precision, note jsonb); \
         INSERT INTO {table} VALUES {}",
        rows.collect::<Vec<_>>().join(",")
    ));
}

fn open(table: &str, mapping: &Mapping) -> Result<Postgres, Error> {
    let url = DatabaseUrl::parse(&SERVER.url()).unwrap();
    Postgres::open(&url, &TableName::new("public", table).unwrap(), &Arc::new(mapping.columns().clone()))
}

fn expected(orders: &[Order], plan: &Plan) -> Summaries {
    let columns = Arc::new(plan.mapping.columns().clone());
    let source = Memory::new("orders", &[batch(orders)], &columns).unwrap();
    Native::new(1).unwrap().summarize(&source, plan).unwrap()
}

#[test]
fn both_engines_give_the_summaries_of_the_rows_in_memory() {
    let mapping = mapping();
    let plan = plan(&mapping);
    let days = Plan {
        grid: Grid::of_days(DayRange { start: Day(AS_OF.0 - 20), end: AS_OF }).unwrap(),
        ..plan.clone()
    };
    let forms = prop::sample::select(vec![
        ("date", "numeric"),
        ("timestamptz", "numeric(25,3)"),
        ("timestamp", "numeric"),
    ]);
    let mut runner =
        TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) });
    runner
        .run(&(orders(), forms), |(orders, (time, price))| {
            load("orders", time, price, &orders);
            let source = open("orders", &mapping).unwrap();
            prop_assert_eq!(source.row_count(), orders.len() as u64);
            let last = orders.iter().filter_map(|order| order.day).max();
            prop_assert_eq!(source.end().ok(), last.map(|day| Day(day + 1)));
            for plan in [&plan, &days] {
                let expected = expected(&orders, plan);
                prop_assert_eq!(&PostgresEngine.summarize(&source, plan).unwrap(), &expected);
                prop_assert_eq!(&Native::new(2).unwrap().summarize(&source, plan).unwrap(), &expected);
            }
            Ok(())
        })
        .unwrap();
}

/// An order without nulls.
fn order(day: i32) -> Order {
    Order {
        shop: Some("A".into()),
        region: Some(1),
        day: Some(day),
        delivered: Some(day + 3),
        state: Some("sent".into()),
        open: Some(true),
        article: Some("b".into()),
        price: Some(1_005),
        weight: Some(2.5),
        note: None,
    }
}

#[test]
fn a_source_is_the_table_as_it_was_when_it_was_opened() {
    let mapping = mapping();
    let plan = plan(&mapping);
    let orders: Vec<Order> = (1..40).map(|day| order(AS_OF.0 - day)).collect();
    load("kept", "date", "numeric", &orders);
    let source = open("kept", &mapping).unwrap();
    SERVER.psql("INSERT INTO kept SELECT * FROM kept; DELETE FROM kept WHERE day > DATE '2024-09-20'");
    let expected = expected(&orders, &plan);
    assert_eq!(PostgresEngine.summarize(&source, &plan).unwrap(), expected);
    assert_eq!(Native::new(2).unwrap().summarize(&source, &plan).unwrap(), expected);
    let comparison = EngineComparison::run(&source, &plan, 1).unwrap();
    let engines: Vec<(&str, bool)> =
        comparison.engines.iter().map(|cost| (cost.engine, cost.is_elsewhere)).collect();
    assert_eq!(engines, [("native", false), ("postgres", true)]);
    assert!(comparison.to_string().contains("the database's own are not among them"), "{comparison}");
}

#[track_caller]
fn refused(result: Result<impl std::fmt::Debug, Error>, code: ExitCode, parts: &[&str]) {
    let error = result.unwrap_err();
    let message = error.to_string();
    assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    assert_eq!(error.exit_code(), code, "{message}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let mapping = mapping();
    load("good", "date", "numeric", &[order(AS_OF.0 - 3)]);
    let bad = ExitCode::BadInput;
    refused(
        open("goood", &mapping),
        bad,
        &["no table \"goood\" in the schema \"public\"", "did you mean \"good\"?"],
    );
    SERVER.psql("CREATE TABLE no_price (LIKE good); ALTER TABLE no_price RENAME price TO prize");
    refused(
        open("no_price", &mapping),
        bad,
        &["table public.no_price", "no column \"price\" (did you mean \"prize\"?)"],
    );
    SERVER.psql("CREATE TABLE text_price (LIKE good); ALTER TABLE text_price ALTER price TYPE text");
    refused(
        open("text_price", &mapping),
        bad,
        &["column \"price\" has type text, and must be a whole number"],
    );
    SERVER.psql("CREATE TABLE empty (LIKE good)");
    refused(open("empty", &mapping), bad, &["the table has no rows"]);
    SERVER.psql("CREATE TABLE endless AS SELECT * FROM good; UPDATE endless SET day = 'infinity'");
    refused(open("endless", &mapping), bad, &["column \"day\" value infinity is no day"]);
    let url = DatabaseUrl::parse(&SERVER.url_of("poor")).unwrap();
    let columns = Arc::new(mapping.columns().clone());
    let name = TableName::new("public", "good").unwrap();
    refused(Postgres::open(&url, &name, &columns), bad, &["permission denied"]);
    refused(
        Postgres::open(
            &DatabaseUrl::parse(&SERVER.url()).unwrap(),
            &TableName::new("pubic", "good").unwrap(),
            &columns,
        ),
        bad,
        &["the schema \"pubic\" has none", "did you mean \"public\"?"],
    );
}

#[test]
fn numbers_that_are_none_are_refused_by_both_engines() {
    let mapping = mapping();
    let plan = plan(&mapping);
    load("numbers", "date", "numeric", &[order(AS_OF.0 - 3)]);
    for (column, value) in [
        ("price", "'NaN'"),
        ("price", "1e14"),
        ("weight", "'NaN'"),
        ("weight", "'-Infinity'"),
        ("weight", "1e308"),
    ] {
        SERVER.psql(&format!(
            "UPDATE numbers SET price = 1, weight = 1; UPDATE numbers SET {column} = {value}"
        ));
        let source = open("numbers", &mapping).unwrap();
        let parts = [&format!("column {column:?} value "), "is no number, or beyond 2^53"];
        refused(PostgresEngine.summarize(&source, &plan), ExitCode::BadInput, &parts);
        refused(Native::new(1).unwrap().summarize(&source, &plan), ExitCode::BadInput, &parts);
    }
    SERVER.psql("UPDATE numbers SET price = 90071992547409.92, weight = 1");
    let source = open("numbers", &mapping).unwrap();
    let summaries = PostgresEngine.summarize(&source, &plan).unwrap();
    assert_eq!(Native::new(1).unwrap().summarize(&source, &plan).unwrap(), summaries);
}

#[test]
fn an_engine_says_which_others_can_read() {
    let plan = plan(&mapping());
    let columns = Arc::new(plan.mapping.columns().clone());
    let source = Memory::new("orders", &[batch(&[order(1)])], &columns).unwrap();
    let message = "--engine postgres: cannot read rows in memory; engines that can: native";
    refused(PostgresEngine.summarize(&source, &plan), ExitCode::BadInput, &[message]);
}

#[test]
fn a_server_that_goes_away_is_a_failure() {
    let mut server = Server::start();
    let url = DatabaseUrl::parse(&server.url()).unwrap();
    server.psql(
        "CREATE VIEW slow AS SELECT 'A' AS shop, 1 AS region, DATE '2024-09-30' AS day, DATE '2024-10-01' AS delivered, \
         'sent' AS state, true AS open, 'b' AS article, 1.0 AS price, 1.0 AS weight, \
         NULL::text AS note FROM pg_sleep(60)",
    );
    let reader = thread::spawn(move || {
        let columns = Arc::new(mapping().columns().clone());
        Postgres::open(&url, &TableName::new("public", "slow").unwrap(), &columns)
    });
    let asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'driftforge' AND query LIKE '%slow%' \
                 AND wait_event = 'PgSleep'";
    while server.psql(asked) != "1" {
        thread::sleep(Duration::from_millis(50));
    }
    server.crash();
    let error = reader.join().unwrap().unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Failed, "{error}");
    assert!(error.to_string().starts_with("postgres://postgres@127.0.0.1"), "{error}");
}
