#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::UInt8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal64Array, DictionaryArray, Float32Array, Float64Array,
    Int16Array, Int32Array, Int64Array, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray,
    UInt8Array, UInt16Array,
};

use super::*;

fn batch(columns: Vec<ArrayRef>) -> RecordBatch {
    let named = columns.into_iter().enumerate().map(|(index, array)| (format!("c{index}"), array, true));
    RecordBatch::try_from_iter_with_nullable(named).unwrap()
}

fn encoded(batch: &RecordBatch) -> Vec<u8> {
    let mut out = Vec::new();
    CopyEncoder::new(&batch.schema()).unwrap().write(batch, &mut out).unwrap();
    out
}

/// The one value of a one-row batch, without its length.
fn value(array: ArrayRef) -> Vec<u8> {
    let row = encoded(&batch(vec![array]));
    assert_eq!(row[..2], [0, 1]);
    assert_eq!(i32::from_be_bytes(row[2..6].try_into().unwrap()) as usize, row.len() - 6);
    row[6..].to_vec()
}

fn json(array: ArrayRef) -> String {
    let value = value(array);
    assert_eq!(value[0], 1);
    String::from_utf8(value[1..].to_vec()).unwrap()
}

#[test]
fn the_header_and_trailer_are_the_manual_s() {
    assert_eq!(HEADER.len(), 11 + 4 + 4);
    assert_eq!(TRAILER, [0xff, 0xff]);
}

#[test]
fn numbers_stand_with_their_highest_byte_first() {
    assert_eq!(value(Arc::new(BooleanArray::from(vec![true]))), [1]);
    assert_eq!(value(Arc::new(Int16Array::from(vec![-2]))), [0xff, 0xfe]);
    assert_eq!(value(Arc::new(UInt8Array::from(vec![200]))), [0, 200]);
    assert_eq!(value(Arc::new(UInt16Array::from(vec![65_535]))), [0, 0, 0xff, 0xff]);
    assert_eq!(value(Arc::new(Int32Array::from(vec![258]))), [0, 0, 1, 2]);
    assert_eq!(value(Arc::new(Int64Array::from(vec![1 << 40]))), [0, 0, 1, 0, 0, 0, 0, 0]);
    assert_eq!(value(Arc::new(Float32Array::from(vec![1.0]))), [0x3f, 0x80, 0, 0]);
    assert_eq!(value(Arc::new(Float64Array::from(vec![-2.0]))), [0xc0, 0, 0, 0, 0, 0, 0, 0]);
    let amount = Decimal64Array::from(vec![12_345]).with_precision_and_scale(12, 2).unwrap();
    assert_eq!(value(Arc::new(amount)), [0, 2, 0, 0, 0, 0, 0, 2, 0, 123, 0x11, 0x94]);
}

#[test]
fn time_counts_from_the_year_2000() {
    assert_eq!(value(Arc::new(Date32Array::from(vec![10_957]))), [0, 0, 0, 0]);
    assert_eq!(value(Arc::new(Date32Array::from(vec![0]))), (-10_957_i32).to_be_bytes());
    let instant = TimestampMicrosecondArray::from(vec![946_684_800_000_001]).with_timezone("UTC");
    assert_eq!(value(Arc::new(instant)), [0, 0, 0, 0, 0, 0, 0, 1]);
}

#[test]
fn rows_hold_texts_codes_and_nulls() {
    let codes: DictionaryArray<UInt8Type> = vec![Some("é"), None, Some("")].into_iter().collect();
    let rows =
        encoded(&batch(vec![Arc::new(codes), Arc::new(StringArray::from(vec![None, Some("ab"), Some("")]))]));
    let expected: [&[u8]; 3] = [
        &[0, 2, 0, 0, 0, 2, 0xc3, 0xa9, 0xff, 0xff, 0xff, 0xff],
        &[0, 2, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2, b'a', b'b'],
        &[0, 2, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    assert_eq!(rows, expected.concat());
}

#[test]
fn lists_of_texts_are_arrays_of_one_dimension() {
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.append_value([Some("x"), None]);
    let two = [
        &[0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 25, 0, 0, 0, 2, 0, 0, 0, 1][..],
        &[0, 0, 0, 1, b'x', 0xff, 0xff, 0xff, 0xff],
    ];
    assert_eq!(value(Arc::new(lists.finish())), two.concat());
    lists.append_value(Vec::<Option<&str>>::new());
    assert_eq!(value(Arc::new(lists.finish())), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25]);
}

#[test]
fn structs_are_json_objects() {
    let amount = Decimal64Array::from(vec![-5]).with_precision_and_scale(12, 2).unwrap();
    let codes: DictionaryArray<UInt8Type> = vec![Some("a\tb")].into_iter().collect();
    let instant = TimestampMicrosecondArray::from(vec![1_500_000]).with_timezone("UTC");
    let columns: [(&str, ArrayRef); 8] = [
        ("say \"hi\"", Arc::new(StringArray::from(vec!["back\\slash\u{1}\n"]))),
        ("amount", Arc::new(amount)),
        ("code", Arc::new(codes)),
        ("none", Arc::new(Int64Array::from(vec![None]))),
        ("half", Arc::new(Float64Array::from(vec![0.5]))),
        ("not_a_number", Arc::new(Float64Array::from(vec![f64::NAN]))),
        ("day", Arc::new(Date32Array::from(vec![0]))),
        ("at", Arc::new(instant)),
    ];
    let array: ArrayRef = Arc::new(StructArray::try_from(columns.to_vec()).unwrap());
    let expected = concat!(
        r#"{"say \"hi\"":"back\\slash\u0001\n","amount":-0.05,"code":"a\tb","none":null,"half":0.5,"#,
        r#""not_a_number":null,"day":"1970-01-01","at":"1970-01-01T00:00:01.500Z"}"#
    );
    assert_eq!(json(array), expected);
}

#[test]
fn a_slice_is_its_own_rows() {
    let plan = crate::datasets::Dataset::built_in("claims").unwrap();
    let run = driftforge_generators::Run {
        records: 300,
        seed: 42,
        customer: 1,
        as_of: None,
        drift: true,
        dirt: false,
    };
    let planned = plan.plan(&run).unwrap();
    let whole = planned.plan().batch(0..300);
    let cut = [0..100, 100..101, 101..300].map(|rows| encoded(&whole.slice(rows.start, rows.len())));
    assert_eq!(encoded(&whole), cut.concat());
}
