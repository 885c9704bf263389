//! The forms that values take, one by one; whole tables are read back in the tests of the formats.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::UInt8Type;
use arrow_array::*;
use arrow_schema::{Field, Schema};
use proptest::prelude::*;

use super::*;

/// The cells of a column in this style, each after a `|`.
fn written(array: impl Array + 'static, style: Style) -> String {
    let array: ArrayRef = Arc::new(array);
    let mut column = cells(array.data_type(), style, b"|").unwrap();
    column.load(&array).unwrap();
    let mut text = Vec::new();
    (0..array.len()).for_each(|row| column.write(row, &mut text));
    String::from_utf8(text).unwrap()
}

#[test]
fn numbers_have_all_their_digits() {
    let small = Int8Array::from(vec![Some(0), Some(-1), None, Some(9), Some(10), Some(i8::MIN)]);
    assert_eq!(written(small.clone(), Style::Csv), "|0|-1||9|10|-128");
    assert_eq!(written(small, Style::Json), "|0|-1|null|9|10|-128");
    assert_eq!(
        written(Int64Array::from(vec![i64::MIN, i64::MAX]), Style::Json),
        format!("|{}|{}", i64::MIN, i64::MAX)
    );
    assert_eq!(written(UInt64Array::from(vec![u64::MAX]), Style::Json), format!("|{}", u64::MAX));
}

#[test]
fn decimals_have_the_digits_of_their_scale() {
    let decimals = |values: Vec<i64>, scale| {
        let array = Decimal64Array::from(values).with_data_type(DataType::Decimal64(18, scale));
        written(array, Style::Json)
    };
    assert_eq!(decimals(vec![0, 5, -5, 100, -12_345], 2), "|0.00|0.05|-0.05|1.00|-123.45");
    assert_eq!(decimals(vec![7, -70], 0), "|7|-70");
    assert_eq!(decimals(vec![1, 1_000, 123_456], 3), "|0.001|1.000|123.456");
    assert_eq!(decimals(vec![i64::MIN, 1], 18), "|-9.223372036854775808|0.000000000000000001");
}

#[test]
fn floats_are_finite_and_say_that_they_are_floats() {
    let numbers = vec![0.0, -0.0, 1.0, -2.5, 0.001, 0.0005, 1e12, 123_456.789, 0.1 + 0.2, 1e300, 5e-324];
    assert_eq!(
        written(Float64Array::from(numbers), Style::Csv),
        "|0.0|-0.0|1.0|-2.5|0.001|0.0005|1000000000000.0|123456.789|0.30000000000000004|1e300|5e-324"
    );
    for unwritable in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let array: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), None, Some(unwritable)]));
        let problem = cells(array.data_type(), Style::Json, b"").unwrap().load(&array).unwrap_err();
        assert!(problem.contains("row 2") && problem.contains("finite"), "{problem}");
    }
}

#[test]
fn missing_numbers_may_be_anything_underneath() {
    let values = vec![f64::NAN, 1.5].into();
    let array = Float64Array::new(values, Some(vec![false, true].into()));
    assert_eq!(written(array, Style::Json), "|null|1.5");
}

#[test]
fn dates_beyond_four_digits_have_a_sign() {
    // 0000-01-01 and 9999-12-31 by GNU date; the days beside them need another form.
    let days = vec![0, 36_524, 36_525, -1, -719_528, 2_932_896, -719_529, 2_932_897];
    assert_eq!(
        written(Date32Array::from(days), Style::Csv),
        "|1970-01-01|2069-12-31|2070-01-01|1969-12-31|0000-01-01|9999-12-31|-0001-12-31|+10000-01-01"
    );
    // The ends of Date32, as numpy.datetime64 prints them (without the plus).
    let ends = Date32Array::from(vec![i32::MIN, i32::MAX]);
    assert_eq!(written(ends, Style::Json), "|\"-5877641-06-23\"|\"+5881580-07-11\"");
}

#[test]
fn instants_have_six_digits_of_the_second() {
    let instants = vec![Some(0), Some(-1), None, Some(1_769_846_700_000_250)];
    let instants = TimestampMicrosecondArray::from(instants).with_timezone("UTC");
    let expected = "|1970-01-01T00:00:00.000000Z|1969-12-31T23:59:59.999999Z||2026-01-31T08:05:00.000250Z";
    assert_eq!(written(instants, Style::Csv), expected);
}

#[test]
fn csv_quotes_where_a_field_needs_it() {
    let texts = vec![
        Some("plain é"),
        Some(""),
        None,
        Some("a,b"),
        Some("say \"x\""),
        Some("two\r\nlines"),
        Some("\\."),
    ];
    assert_eq!(
        written(StringArray::from(texts), Style::Csv),
        "|plain é|\"\"||\"a,b\"|\"say \"\"x\"\"\"|\"two\r\nlines\"|\"\\.\""
    );
}

#[test]
fn json_escapes_what_it_must() {
    let texts = vec!["é/", "", "\"\\", "\u{8}\u{c}\n\r\t", "\0\u{1f}\u{7f}"];
    assert_eq!(
        written(StringArray::from(texts), Style::Json),
        "|\"é/\"|\"\"|\"\\\"\\\\\"|\"\\b\\f\\n\\r\\t\"|\"\\u0000\\u001f\u{7f}\""
    );
}

#[test]
fn nested_values_are_json_and_in_csv_one_quoted_field() {
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.append_value([Some("x"), None, Some("\"")]);
    lists.append_null();
    lists.append_value([None::<&str>; 0]);
    let lists = lists.finish();
    assert_eq!(written(lists.clone(), Style::Json), "|[\"x\",null,\"\\\"\"]|null|[]");
    assert_eq!(written(lists, Style::Csv), "|\"[\"\"x\"\",null,\"\"\\\"\"\"\"]\"||\"[]\"");
}

#[test]
fn dictionaries_may_change_between_batches() {
    let dictionary = |names: Vec<Option<&str>>| -> ArrayRef {
        let keys = UInt8Array::from(vec![Some(1), None, Some(0)]);
        Arc::new(DictionaryArray::<UInt8Type>::new(keys, Arc::new(StringArray::from(names))))
    };
    let first = dictionary(vec![Some("a"), Some("b")]);
    let mut column = cells(first.data_type(), Style::Json, b"|").unwrap();
    let mut text = Vec::new();
    for array in [first.clone(), first.slice(1, 2), dictionary(vec![Some("c"), None])] {
        column.load(&array).unwrap();
        (0..array.len()).for_each(|row| column.write(row, &mut text));
    }
    assert_eq!(String::from_utf8(text).unwrap(), "|\"b\"|null|\"a\"|null|\"a\"|null|null|\"c\"");
}

#[test]
fn other_types_are_refused_with_column_and_type() {
    let refused = |field: Field| {
        let layout = RowLayout { style: Style::Csv, before: vec![Vec::new()], end: b"\n" };
        RowEncoder::new(&Schema::new(vec![field]), &layout).err().unwrap()
    };
    let time = DataType::Time64(TimeUnit::Nanosecond);
    let entry = Field::new("item", DataType::Binary, true);
    for (data_type, named) in [
        (time, "Time64"),
        (DataType::Binary, "Binary"),
        (DataType::Float32, "Float32"),
        (DataType::Decimal64(12, -2), "Decimal64(12, -2)"),
        (DataType::Timestamp(TimeUnit::Microsecond, None), "Timestamp"),
        (DataType::Timestamp(TimeUnit::Microsecond, Some("Europe/Berlin".into())), "Berlin"),
        (DataType::List(Arc::new(entry.clone())), "Binary"),
        (DataType::Struct(vec![entry].into()), "field item"),
    ] {
        let problem = refused(Field::new("odd", data_type, true));
        assert!(problem.starts_with("column odd: ") && problem.contains(named), "{problem}");
    }
}

#[test]
fn batches_of_other_columns_are_refused() {
    let schema = Schema::new(vec![Field::new("n", DataType::Int64, true)]);
    let layout = RowLayout { style: Style::Json, before: vec![Vec::new()], end: b"\n" };
    let mut encoder = RowEncoder::new(&schema, &layout).unwrap();
    let column = |array: ArrayRef| RecordBatch::try_from_iter([("n", array)]).unwrap();
    let problem = encoder.push(&column(Arc::new(Int32Array::from(vec![1])))).unwrap_err();
    assert_eq!(problem, "column n: values of type Int32, expected Int64");
    encoder.push(&column(Arc::new(Int64Array::from(vec![1])))).unwrap();
}

proptest! {
    #[test]
    fn numbers_read_back(word in any::<u64>(), shift in 0..64_u32, scale in 0..19_i8) {
        let value = (word >> shift) as i64;
        let text = written(Int64Array::from(vec![value]), Style::Json);
        prop_assert_eq!(text, format!("|{value}"));
        let decimal = Decimal64Array::from(vec![value]).with_data_type(DataType::Decimal64(18, scale));
        let text = written(decimal, Style::Json);
        prop_assert_eq!(text.replacen('.', "", 1)[1..].parse::<i64>().unwrap(), value);
        let behind = text.split_once('.').map_or(0, |(_, behind)| behind.len());
        prop_assert_eq!(behind, usize::from(scale.unsigned_abs()));
    }

    /// By the standard library's shortest form, for numbers of few digits and many.
    #[test]
    fn floats_are_the_shortest_that_read_back(units in any::<i64>(), digits in 0..9, word in any::<u64>()) {
        for number in [(units >> 20) as f64 / 10_f64.powi(digits), f64::from_bits(word)] {
            if number.is_finite() {
                let text = written(Float64Array::from(vec![number]), Style::Json);
                prop_assert_eq!(text[1..].parse::<f64>().unwrap().to_bits(), number.to_bits());
                prop_assert!(text.len() - 1 <= format!("{number:?}").len(), "{}", text);
            }
        }
    }

    #[test]
    fn days_are_those_of_another_calendar(day in -10_000_000..10_000_000_i32) {
        let text = written(Date32Array::from(vec![day]), Style::Csv);
        let date = chrono::NaiveDate::from_num_days_from_ce_opt(day + 719_163).unwrap();
        prop_assert_eq!(text, format!("|{date}"));
    }
}
