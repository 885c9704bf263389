use crate::{Plan, Run, Spec};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int16Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use std::sync::Arc;

const TABLE: &str = r#"
[dataset]
name = "numbers"
about = "for formulas"
as_of = "2026-01-01"
[calendar]
days = 10
[[column]]
name = "day"
kind = "calendar"
[[column]]
name = "size"
kind = "count"
from = 1
weights = [1, 1, 1, 1]
[[column]]
name = "some"
kind = "count"
null_rate = 0.5
from = 10
weights = [1, 1]
[[column]]
name = "format"
kind = "category"
weights = { mp3 = 1, flac = 1, wav = 1 }
[[column]]
name = "flag"
kind = "rate"
base = 0.5
[[column]]
name = "result"
kind = "formula"
"#;

fn plan(formula: &str) -> crate::error::Result<Plan> {
    let run = Run { records: 500, seed: 1, customer: 1, as_of: None, drift: false, dirt: false };
    Plan::new(&Spec::parse(&format!("{TABLE}{formula}"), "test.toml")?, &run)
}

fn batch(value: &str, digits: u32) -> RecordBatch {
    plan(&format!("value = '''{value}'''\ndigits = {digits}")).unwrap().batch(0..500)
}

fn column(batch: &RecordBatch, name: &str) -> ArrayRef {
    Arc::clone(batch.column_by_name(name).unwrap())
}

/// The results of a formula that needs no column.
fn constant(value: &str) -> Option<f64> {
    let batch = batch(value, 9);
    let results = column(&batch, "result").as_primitive::<Float64Type>().clone();
    results.is_valid(0).then(|| results.value(0))
}

#[test]
fn operators_bind_and_associate_as_in_arithmetic() {
    let cases = [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("10 - 4 - 3", 3.0),
        ("24 / 4 / 2", 3.0),
        ("-2 * -(3 + 1)", 8.0),
        ("1_000.5 + .5", 1_001.0),
        ("min(3, 2) + max(3, 2)", 5.0),
        ("round(2.5) + floor(2.9) + ceil(2.1) + abs(-1)", 9.0),
        ("if(1 < 2, 10, 20) + if(2 <= 1, 1, 2)", 12.0),
        ("(3 > 2) + (2 >= 2) + (1 = 1) + (1 != 1)", 3.0),
        ("coalesce(1 / 0 - 1 / 0, 4)", 4.0),
    ];
    for (formula, expected) in cases {
        assert_eq!(constant(formula), Some(expected), "{formula}");
    }
    assert_eq!(constant("1 / 0"), None);
}

#[test]
fn columns_are_read_row_by_row_and_nulls_stay_null() {
    let batch = batch("size * 100 + some", 0);
    let results = column(&batch, "result").as_primitive::<Int64Type>().clone();
    let (size, some) = (column(&batch, "size"), column(&batch, "some"));
    let (size, some) = (size.as_primitive::<Int16Type>(), some.as_primitive::<Int16Type>());
    assert!(results.null_count() > 100);
    for row in 0..500 {
        assert_eq!(results.is_null(row), some.is_null(row));
        if some.is_valid(row) {
            assert_eq!(results.value(row), i64::from(size.value(row)) * 100 + i64::from(some.value(row)));
        }
    }
}

#[test]
fn categories_and_flags_are_conditions() {
    let batch = batch(
        "if(format = \"mp3\", 5, 3) + if(format != 'wav', 0.5, 0) + flag * 10 + coalesce(some, 0) * 0",
        1,
    );
    let results = column(&batch, "result").as_primitive::<Float64Type>().clone();
    let (formats, flags) = (column(&batch, "format"), column(&batch, "flag"));
    let names = formats.as_any_dictionary().values().as_string::<i32>().clone();
    for (row, key) in formats.as_any_dictionary().normalized_keys().into_iter().enumerate() {
        let base = match names.value(key) {
            "mp3" => 5.5,
            "flac" => 3.5,
            _ => 3.0,
        };
        let flag = if flags.as_boolean().value(row) { 10.0 } else { 0.0 };
        assert_eq!(results.value(row), base + flag);
    }
    assert_eq!(results.null_count(), 0);
}

#[test]
fn what_is_no_formula_is_refused_with_its_place() {
    let cases = [
        ("1 +", "expected a number, a column, a function or \"(\" at character 4"),
        ("(1 + 2", "expected \")\" at character 7"),
        ("1 2", "expected an operator or the end at character 3"),
        ("nothing * 2", "there is no column \"nothing\""),
        ("sqrt(2)", "there is no function \"sqrt\""),
        ("min(1)", "min takes 2 arguments, not 1"),
        ("format * 2", "expected = or != and a value of the category \"format\""),
        ("format = \"ogg\"", "has no value \"ogg\""),
        ("format = \"mp3", "expected a quotation mark"),
        ("1.2.3", "expected a number at character 1"),
    ];
    for (formula, expected) in cases {
        let error = plan(&format!("value = '''{formula}'''")).unwrap_err().to_string();
        assert!(error.contains(expected), "{formula}: {error}");
    }
    let deep = format!("value = '{}1{}'", "(".repeat(40), ")".repeat(40));
    assert!(plan(&deep).unwrap_err().to_string().contains("nested deeper than 32"));
    assert!(plan("value = '1'\ndigits = 12").unwrap_err().to_string().contains("12 is above 9"));
}
