//! Synthetic attachment events: nested payloads, long presigned addresses and prose, as arrays.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{
    Array, ArrayRef, Date32Array, DictionaryArray, Float64Array, Int64Array, PrimitiveArray, RecordBatch,
    StringArray, StructArray, UInt8Array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{Field, Fields};

use super::word;

/// Events in the table: four pages, one row group.
pub const EVENTS: usize = 262_144;

const FRAGMENTS: [&str; 12] = [
    "insured called about",
    "damage on the north slope",
    "revised scope",
    "please review the estimate",
    "water entered through the vent",
    "adjuster on site",
    "photos attached",
    "waiting for the carrier",
    "kitchen ceiling",
    "contents list to follow",
    "contractor invoice received",
    "no coverage for",
];

fn is_there(row: usize, column: u64, in_64: u64) -> bool {
    word(row, column + 500) % 64 < in_64
}

/// Text in so many of 64 rows, written by `write` from the row's word.
fn text(column: u64, in_64: u64, write: impl Fn(u64, &mut String)) -> ArrayRef {
    let mut builder = StringBuilder::new();
    let mut value = String::new();
    for row in 0..EVENTS {
        value.clear();
        write(word(row, column), &mut value);
        builder.append_option(is_there(row, column, in_64).then_some(&value));
    }
    Arc::new(builder.finish())
}

fn codes(column: u64, values: u64, in_64: u64) -> ArrayRef {
    let keys = (0..EVENTS).map(|row| (word(row, column) % values) as u8).collect::<Vec<_>>();
    let nulls =
        (in_64 < 64).then(|| NullBuffer::from_iter((0..EVENTS).map(|row| is_there(row, column, in_64))));
    let names = StringArray::from_iter_values((0..values).map(|name| format!("value number {name}")));
    Arc::new(DictionaryArray::new(UInt8Array::new(keys.into(), nulls), Arc::new(names)))
}

fn put(out: &mut String, arguments: std::fmt::Arguments) {
    // Writing into a string cannot fail.
    let _ = out.write_fmt(arguments);
}

fn uuid(word: u64, out: &mut String) {
    let other = word.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ word >> 23;
    put(
        out,
        format_args!(
            "{:08x}-{:04x}-5{:03x}-a{:03x}-{:012x}",
            word as u32,
            word >> 32 & 0xffff,
            word >> 48 & 0xfff,
            other >> 48 & 0xfff,
            other & 0xffff_ffff_ffff
        ),
    );
}

fn trace(mut word: u64, out: &mut String) {
    out.push_str("TRC-");
    for _ in 0..12 {
        out.push(char::from(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(word % 36) as usize]));
        word /= 36;
    }
}

fn prose(word: u64, out: &mut String) {
    for index in 0..1 + word % 7 {
        out.push_str(if index == 0 { "" } else { ", " });
        out.push_str(FRAGMENTS[(word >> (8 + 6 * index) & 63) as usize % FRAGMENTS.len()]);
    }
}

fn address(row: usize, entry: u64, out: &mut String) {
    let word = |part: u64| super::word(row, 600 + entry * 8 + part);
    let (day, second) = (1 + row * 28 / EVENTS, word(0) % 60);
    let name = ["roof", "kitchen", "estimate", "invoice", "policy"][word(1) as usize % 5];
    put(
        out,
        format_args!(
            "https://files.example.com/claims/CLM-{:08X}/{name}_{}.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=EXAMPLE%2F202601{day:02}%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Date=202601{day:02}T0915{second:02}Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\
             &X-Amz-Signature={:016x}{:016x}{:016x}{:016x}",
            word(2) as u32,
            word(3) % 30,
            word(4),
            word(5),
            word(6),
            word(7)
        ),
    );
}

/// No entries in 45 % of rows, else 1 and more: 2.2 on average.
fn addresses() -> ArrayRef {
    let mut builder = ListBuilder::new(StringBuilder::new());
    let mut value = String::new();
    for row in 0..EVENTS {
        let draw = word(row, 599);
        let entries = match draw % 100 {
            0..45 => 0,
            _ => 1 + u64::from((draw >> 32).trailing_ones() * 6 / 5),
        };
        for entry in 0..entries {
            value.clear();
            address(row, entry, &mut value);
            builder.values().append_value(&value);
        }
        builder.append(true);
    }
    Arc::new(builder.finish())
}

fn instants() -> ArrayRef {
    let micros = (0..EVENTS)
        .map(|row| 1_767_225_600_000_000 + row as i64 * 432_000 + (word(row, 598) % 400_000) as i64);
    Arc::new(PrimitiveArray::<TimestampMicrosecondType>::from_iter_values(micros).with_timezone("UTC"))
}

fn structure(fields: Vec<(&str, ArrayRef)>, in_64: u64) -> ArrayRef {
    let (fields, arrays): (Vec<_>, Vec<_>) = fields
        .into_iter()
        .map(|(name, array)| (Field::new(name, array.data_type().clone(), array.is_nullable()), array))
        .unzip();
    let nulls = (in_64 < 64).then(|| NullBuffer::from_iter((0..EVENTS).map(|row| is_there(row, 597, in_64))));
    Arc::new(StructArray::new(Fields::from(fields), arrays, nulls))
}

fn contact() -> ArrayRef {
    let number = |word: u64, out: &mut String| put(out, format_args!("555-{:04}", word % 10_000));
    let name = |word: u64, out: &mut String| put(out, format_args!("{}. Example{}", word & 7, word % 900));
    let mail = |word: u64, out: &mut String| put(out, format_args!("person{}@example.com", word % 90_000));
    let extension = |word: u64, out: &mut String| put(out, format_args!("{}", word % 1_000));
    let phone = structure(
        vec![
            ("type", codes(60, 3, 60)),
            ("number", text(61, 60, number)),
            ("extension", text(62, 8, extension)),
        ],
        56,
    );
    let methods = structure(
        vec![("phone", phone), ("email", structure(vec![("address", text(63, 50, mail))], 64))],
        64,
    );
    structure(vec![("type", codes(64, 4, 64)), ("name", text(65, 64, name)), ("contactMethods", methods)], 45)
}

fn payload() -> ArrayRef {
    let id = |word: u64, out: &mut String| put(out, format_args!("CLM-{:08X}", word as u32));
    let claim =
        |word: u64, out: &mut String| put(out, format_args!("{:04}-{:02}", word % 10_000, word >> 32 & 63));
    let name = |word: u64, out: &mut String| put(out, format_args!("{}. Example{}", word & 7, word % 900));
    let mail = |word: u64, out: &mut String| put(out, format_args!("reviewer{}@example.com", word % 900));
    let street =
        |word: u64, out: &mut String| put(out, format_args!("{} Example Street, Springfield", word % 9_000));
    let moment = |word: u64, out: &mut String| {
        put(out, format_args!("2026-01-{:02} {:02}:{:02}", 1 + word % 28, word >> 8 & 15, word >> 32 & 31));
    };
    structure(
        vec![
            ("assignmentId", text(70, 63, id)),
            ("estimateVersion", codes(71, 4, 12)),
            ("description", text(72, 54, prose)),
            ("originalAssignmentId", text(73, 6, id)),
            ("xnAddress", text(74, 32, street)),
            ("carrierId", codes(75, 40, 58)),
            ("note", text(76, 26, prose)),
            ("author", text(77, 38, name)),
            ("senderReviewerName", text(78, 16, name)),
            ("senderReviewerEmail", text(79, 16, mail)),
            ("carrierReviewerName", text(80, 16, name)),
            ("carrierReviewerEmail", text(81, 16, mail)),
            ("dateTime", text(82, 64, moment)),
            (
                "adm",
                structure(
                    vec![("coverageLoss", structure(vec![("claimNumber", text(83, 61, claim))], 64))],
                    64,
                ),
            ),
            ("contact", contact()),
            ("attachments", addresses()),
        ],
        64,
    )
}

/// The columns that only events have, by name.
pub fn kinds() -> Vec<(&'static str, ArrayRef)> {
    let number = |row: usize| (word(row, 90) % 4_000_000) as i64;
    vec![
        ("timestamp", instants()),
        (
            "float64",
            Arc::new(Float64Array::from_iter_values((0..EVENTS).map(|row| number(row) as f64 / 7.0))),
        ),
        ("int64", Arc::new(Int64Array::from_iter_values((0..EVENTS).map(number)))),
        ("text_uuid", text(91, 64, uuid)),
        ("text_trace", text(92, 64, trace)),
        ("text_prose", text(76, 26, prose)),
        ("list_address", addresses()),
        ("struct_contact", contact()),
        ("struct_payload", payload()),
    ]
}

/// The columns of an attachment event.
pub fn events() -> RecordBatch {
    let days = (0..EVENTS).map(|row| 20_454 + (row * 28 / EVENTS) as i32);
    let columns = vec![
        ("type", codes(50, 11, 64)),
        ("status_subtype", codes(51, 11, 64)),
        ("version", codes(52, 2, 64)),
        ("trace_id", text(53, 64, trace)),
        ("event_id", text(54, 64, uuid)),
        ("source_id", text(55, 64, uuid)),
        ("ingested_at", instants()),
        ("event_date", Arc::new(Date32Array::from_iter_values(days)) as ArrayRef),
        ("data", payload()),
    ];
    RecordBatch::try_from_iter(columns).unwrap_or_else(|error| panic!("the bench's own table: {error}"))
}
