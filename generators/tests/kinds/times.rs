//! Kinds that make instants.

use super::{BASIS, batch_of, column, plan_of, refused};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use driftforge_generators::{Plan, Run, Spec};

const DAY_MICROS: i64 = 86_400_000_000;
const HOUR_MICROS: i64 = DAY_MICROS / 24;

fn instants(batch: &RecordBatch, name: &str) -> Vec<i64> {
    batch.column_by_name(name).unwrap().as_primitive::<TimestampMicrosecondType>().values().to_vec()
}

fn days(batch: &RecordBatch) -> Vec<i32> {
    batch.column_by_name("day").unwrap().as_primitive::<Date32Type>().values().to_vec()
}

/// The basis with a daily curve and storms, and a column of a kind.
fn stormy(kind: &str, keys: &str, records: u64, seed: u64) -> RecordBatch {
    let calendar = "hours = [0, 0, 0, 0, 0, 0, 1, 2, 4, 4, 4, 4, 4, 4, 4, 4, 2, 1, 1, 1, 1, 1, 0, 0]\n\
                    storms = { per_year = 36.525, factor = [10, 50], hours = [2, 12] }";
    let text =
        format!("{BASIS}{}", column(kind, keys)).replace("days = 30", &format!("days = 30\n{calendar}"));
    let run = Run { records, seed, customer: 7, as_of: None, drift: true, dirt: false };
    Plan::new(&Spec::parse(&text, "stormy.toml").unwrap(), &run).unwrap().batch(0..records)
}

#[test]
fn rows_arrive_in_order_on_their_date() {
    for records in [7, 1_000, 50_000] {
        let batch = stormy("arrival", "digits = 6", records, 42);
        let arrivals = instants(&batch, "x");
        assert!(arrivals.windows(2).all(|pair| pair[0] <= pair[1]), "{records} rows");
        for (day, arrival) in days(&batch).iter().zip(&arrivals) {
            assert_eq!(arrival.div_euclid(DAY_MICROS), i64::from(*day));
        }
    }
}

#[test]
fn arrivals_follow_the_hours_where_there_is_no_storm() {
    let batch = batch_of(&column("arrival", ""), 60_000);
    let mut counts = [0u32; 24];
    instants(&batch, "x")
        .iter()
        .for_each(|at| counts[(at.rem_euclid(DAY_MICROS) / HOUR_MICROS) as usize] += 1);
    // Rows stand evenly, each somewhere in its own stretch: an hour has 2,500, give or take one a day.
    assert!(counts.iter().all(|count| (2_470..=2_530).contains(count)), "{counts:?}");

    let stormy = stormy("arrival", "", 60_000, 42);
    let night = |at: &i64| matches!(at.rem_euclid(DAY_MICROS) / HOUR_MICROS, 0..=5 | 22..=23);
    assert!(!instants(&stormy, "x").iter().any(night), "hours without weight have rows");
}

#[test]
fn a_storm_multiplies_the_volume_of_its_hours() {
    let batch = stormy("arrival", "", 200_000, 42);
    let mut counts = std::collections::BTreeMap::new();
    instants(&batch, "x").iter().for_each(|at| *counts.entry(at / HOUR_MICROS).or_insert(0u32) += 1);
    // The busiest hour of a usual day is one of the eight with weight 4; about three storms are expected.
    let mut busy: Vec<u32> = counts.into_values().collect();
    busy.sort_unstable();
    let usual = f64::from(busy[busy.len() / 2]);
    let strongest = f64::from(*busy.last().unwrap()) / usual;
    assert!((8.0..120.0).contains(&strongest), "the strongest hour has {strongest} times the median");
    let other = stormy("arrival", "", 200_000, 43);
    assert_ne!(days(&batch), days(&other), "storms stand where the seed puts them");
}

#[test]
fn timestamps_lie_on_their_date_in_any_order() {
    let batch = stormy("timestamp", "on = \"day\"\ndigits = 0", 20_000, 42);
    let instants = instants(&batch, "x");
    assert!(instants.iter().all(|at| at % 1_000_000 == 0));
    assert!(instants.windows(2).any(|pair| pair[0] > pair[1]));
    for (day, at) in days(&batch).iter().zip(&instants) {
        assert_eq!(at.div_euclid(DAY_MICROS), i64::from(*day));
        assert!((6..22).contains(&(at.rem_euclid(DAY_MICROS) / HOUR_MICROS)));
    }
}

#[test]
fn later_is_later_by_its_distribution() {
    let arrived = "[[column]]\nname = \"arrived\"\nkind = \"arrival\"\ndigits = 6\n";
    let keys =
        "from = \"arrived\"\nlognormal = { median_seconds = 600, sigma = 1 }\ndigits = 6\nmax_seconds = 3600";
    let batch = batch_of(&format!("{arrived}{}", column("later", keys)), 20_000);
    let mut seconds: Vec<f64> = instants(&batch, "x")
        .iter()
        .zip(instants(&batch, "arrived"))
        .map(|(later, from)| (later - from) as f64 / 1e6)
        .collect();
    seconds.sort_by(f64::total_cmp);
    assert!(seconds[0] >= 0.0 && seconds[19_999] <= 3_600.0);
    // Five standard errors of the median's logarithm: 5 · 1.2533 / sqrt(20,000) is 4.4 %.
    assert!((seconds[10_000] / 600.0).ln().abs() < 0.045, "{}", seconds[10_000]);

    let earlier =
        batch_of(&format!("{arrived}{}", column("later", &format!("{keys}\ndirection = \"before\""))), 100);
    let pairs = instants(&earlier, "x").into_iter().zip(instants(&earlier, "arrived"));
    assert!(pairs.into_iter().all(|(earlier, from)| earlier <= from));
}

#[test]
fn later_by_a_column_is_later_by_that_many_seconds() {
    let seconds =
        "[[column]]\nname = \"wait\"\nkind = \"count\"\nfrom = 5\nweights = [1, 1, 1]\nnull_rate = 0.2\n";
    let batch = batch_of(&format!("{seconds}{}", column("later", "from = \"day\"\nseconds = \"wait\"")), 500);
    let (wait, later) = (batch.column_by_name("wait").unwrap(), batch.column_by_name("x").unwrap());
    assert_eq!(wait.nulls(), later.nulls());
    let wait = wait.as_primitive::<arrow_array::types::Int16Type>();
    for (row, (day, at)) in days(&batch).iter().zip(instants(&batch, "x")).enumerate() {
        if wait.nulls().unwrap().is_valid(row) {
            assert_eq!(at, i64::from(*day) * DAY_MICROS + i64::from(wait.value(row)) * 1_000_000);
        }
    }
}

#[test]
fn instants_refuse_what_cannot_be() {
    refused("arrival", "digits = 7", &["digits", "0 to 6"]);
    refused("timestamp", "on = \"site\"", &["on", "\"site\"", "date"]);
    refused("later", "from = \"site\"\nuniform = [0, 1]", &["from", "\"site\""]);
    refused("later", "from = \"day\"", &["`lognormal`", "`uniform`", "`seconds`"]);
    refused("later", "from = \"day\"\nuniform = [2, 1]", &["uniform", "[2, 1]"]);
    refused("later", "from = \"day\"\nseconds = \"site\"", &["seconds", "\"site\"", "no numbers"]);
    refused(
        "later",
        "from = \"day\"\nlognormal = { median_seconds = 0, sigma = 1 }",
        &["median_seconds", "0"],
    );
    let random = column("arrival", "");
    let text = BASIS.replace("kind = \"calendar\"", "kind = \"calendar\"\norder = \"random\"");
    let run = Run { records: 10, seed: 1, customer: 1, as_of: None, drift: true, dirt: false };
    let error =
        Plan::new(&Spec::parse(&format!("{text}{random}"), "r").unwrap(), &run).unwrap_err().to_string();
    assert!(error.contains("date order") && error.contains("later"), "{error}");
    assert!(plan_of(&random, 10).is_ok());
}
