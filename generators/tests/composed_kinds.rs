//! Kinds that make values from other columns or at length: what they promise, seen from outside.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use driftforge_generators::{Collection, Plan, Run, Spec};

const ZOO: &str = include_str!("zoo.toml");

fn run() -> Run {
    Run { records: 4_000, seed: 42, customer: 7, as_of: None, drift: false, dirt: false }
}

fn keepers() -> RecordBatch {
    let collection = Collection::new(&Spec::parse(ZOO, "zoo.toml").unwrap(), &run()).unwrap();
    collection.table("keepers").unwrap().batch(0..4_000)
}

/// The category of each row, `None` where it is null.
fn categories(batch: &RecordBatch, column: &str) -> Vec<Option<String>> {
    let dictionary = batch.column_by_name(column).unwrap().as_any_dictionary();
    let names = dictionary.values().as_string::<i32>();
    let name = |(row, key): (usize, usize)| dictionary.is_valid(row).then(|| names.value(key).to_owned());
    dictionary.normalized_keys().into_iter().enumerate().map(name).collect()
}

fn refusal(columns: &str) -> String {
    let head = "[dataset]\nname = 'x'\nabout = 'x'\nas_of = '2026-01-01'\n[calendar]\ndays = 3\n\
                [[column]]\nname = 'day'\nkind = 'calendar'\n\
                [[column]]\nname = 'size'\nkind = 'count'\nweights = [1]\n";
    Plan::new(&Spec::parse(&format!("{head}{columns}"), "x.toml").unwrap(), &run()).unwrap_err().to_string()
}

#[test]
fn first_takes_the_first_value_that_is_there() {
    let batch = keepers();
    let (nicknames, payers) = (categories(&batch, "nickname"), categories(&batch, "payer"));
    let expected: Vec<_> =
        nicknames.into_iter().zip(payers).map(|(nickname, payer)| nickname.or(payer)).collect();
    assert_eq!(categories(&batch, "called"), expected);
    assert!(!batch.schema().field_with_name("called").unwrap().is_nullable());
}

#[test]
fn a_sequence_counts_the_rows_of_each_parent() {
    let batch = keepers();
    let places = batch.column_by_name("place").unwrap().as_primitive::<Int16Type>().values();
    assert_eq!(places[0], 1);
    assert!(places.windows(2).all(|pair| pair[1] == 1 || pair[1] == pair[0] + 1));
    assert!(places.contains(&2) && !places.contains(&3));
}

#[test]
fn prose_has_the_median_length_and_whole_sentences_but_the_last() {
    let batch = keepers();
    let notes = batch.column_by_name("note").unwrap().as_string::<i32>();
    let mut lengths: Vec<usize> = notes.iter().flatten().map(str::len).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!((36..=44).contains(&median), "{median}");
    let sentences = ["The gate was open.", "All animals were fed at noon.", "The pond is frozen."];
    for note in notes.iter().flatten() {
        let mut rest = note;
        while let Some(sentence) = sentences.iter().find(|sentence| rest.starts_with(**sentence)) {
            rest = rest[sentence.len()..].trim_start();
        }
        assert!(sentences.iter().any(|sentence| sentence.starts_with(rest)), "{note:?}");
    }
}

#[test]
fn formulas_of_child_tables_agree_with_their_columns() {
    let batch = keepers();
    let metres = batch.column_by_name("metres").unwrap().as_primitive::<Int64Type>().values();
    let walks = batch.column_by_name("walk").unwrap().as_primitive::<Int64Type>().values();
    let places = batch.column_by_name("place").unwrap().as_primitive::<Int16Type>().values();
    for (row, payer) in categories(&batch, "payer").iter().enumerate() {
        let walk = if payer.as_deref() == Some("first") { walks[row] } else { 0 };
        assert_eq!(metres[row], i64::from(places[row]) * 100 + walk);
    }
    assert!(walks.iter().all(|walk| (1..=1_000).contains(walk)));
    let pension = batch.column_by_name("pension").unwrap();
    assert_eq!(pension.null_count(), batch.num_rows());
}

#[test]
fn bands_begin_at_their_limits() {
    let batch = keepers();
    let metres = batch.column_by_name("metres").unwrap().as_primitive::<Int64Type>().values();
    let bands = categories(&batch, "distance");
    for (metres, band) in metres.iter().zip(&bands) {
        let expected = if *metres < 200 {
            "near"
        } else if *metres < 500 {
            "far"
        } else {
            "beyond"
        };
        assert_eq!(band.as_deref(), Some(expected), "{metres}");
    }
    assert!(metres.contains(&200));
}

#[test]
fn what_the_kinds_cannot_use_is_refused() {
    let column = |keys: &str| format!("[[column]]\nname = 'c'\n{keys}");
    let cases = [
        ("kind = 'sequence'", "only child tables with a `count`"),
        ("kind = 'first'\nof = []", "0 columns are named"),
        ("kind = 'first'\nof = ['day', 'size']", "column \"size\" is of type Int16"),
        ("kind = 'first'\nof = ['other']", "there is no column \"other\""),
        ("kind = 'zipf_key'\nn = 0", "0 is not within 1 to 2^40"),
        ("kind = 'zipf_key'\nn = 5\nexponent = -1.0", "-1 is not within 0 to 10"),
        ("kind = 'zipf_key'\nn = 5\nfirst = 9223372036854775807", "is above 9223372036854775807"),
        ("kind = 'prose'\nsentences = []\nmedian_chars = 5", "at least one is needed"),
        ("kind = 'prose'\nsentences = ['']\nmedian_chars = 5", "number 1 is empty"),
        ("kind = 'prose'\nsentences = ['a']\nmedian_chars = 5000", "5000 is not within 1 to max_chars, 4096"),
        ("kind = 'prose'\nsentences = ['a']\nmedian_chars = 5\nsigma = 9.0", "9 is not within 0 to 3"),
        ("kind = 'band'\nof = 'size'\nlimits = [2, 1]\nnames = ['a', 'b', 'c']", "they must ascend"),
        ("kind = 'band'\nof = 'size'\nlimits = [2]\nnames = ['a']", "1 names for 1 limits"),
        ("kind = 'band'\nof = 'size'\nlimits = [2]\nnames = ['a', 'a']", "a name is there twice"),
        ("kind = 'number'\nlow = 1", "give either low and high, mean and sd, or median and sigma"),
        ("kind = 'number'\nlow = 2\nhigh = 1", "2 is above high, 1"),
        ("kind = 'number'\nmedian = 0\nsigma = 1", "0 is not above 0"),
        ("kind = 'number'\nmean = 0\nsd = -1", "-1 is below 0"),
        ("kind = 'number'\nlow = 0\nhigh = 1\nmin = 3\nmax = 2", "3 to 2 is no span"),
        ("kind = 'number'\nlow = 0\nhigh = 1\ndigits = 10", "10 is above 9"),
        ("kind = 'number'\ntables = { a = { low = 1, high = 2 } }", "`by` and `tables` go together"),
        ("kind = 'absent'\ntype = 'colour'", "unknown variant `colour`"),
        ("kind = 'absent'\nwidth = 3", "unknown field `width`"),
    ];
    for (keys, expected) in cases {
        let error = refusal(&column(keys));
        assert!(error.contains(expected), "{keys}: {error}");
        assert!(error.contains("column \"c\""), "{error}");
    }
}
