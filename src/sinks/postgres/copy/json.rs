//! JSON text of nested values, for `jsonb` columns.

use std::io::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal64Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal64Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_cast::cast;
use arrow_schema::DataType;

use super::{Refusal, slots_of};

/// Arrays that are ready to be written as JSON, row by row.
pub(super) struct Json {
    values: Values,
    nulls: Option<NullBuffer>,
}

enum Values {
    Flags(BooleanArray),
    Whole(Int64Array),
    Real(Float64Array),
    Amounts(Decimal64Array, u32),
    Days(Date32Array),
    Instants(TimestampMicrosecondArray),
    Texts(StringArray),
    /// Codes, and the text of each.
    Coded(Vec<usize>, Vec<Vec<u8>>),
    List(OffsetBuffer<i32>, Box<Json>),
    /// Each field with its `"name":`.
    Object(Vec<(Vec<u8>, Json)>),
}

impl Json {
    /// Looks at an array once, so that its rows can be written quickly.
    pub(super) fn new(array: &ArrayRef) -> Result<Self, Refusal> {
        let nulls = array.nulls().cloned();
        let values = match array.data_type() {
            DataType::Boolean => Values::Flags(array.as_boolean().clone()),
            kind if kind.is_integer() => {
                Values::Whole(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
            }
            DataType::Float32 | DataType::Float64 => {
                Values::Real(cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
            }
            DataType::Decimal64(_, scale) => {
                let scale = u32::try_from(*scale).map_err(|_| Refusal::kind(array.data_type()))?;
                Values::Amounts(array.as_primitive::<Decimal64Type>().clone(), scale)
            }
            DataType::Date32 => Values::Days(array.as_primitive::<Date32Type>().clone()),
            DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, _) => {
                Values::Instants(array.as_primitive::<TimestampMicrosecondType>().clone())
            }
            DataType::Utf8 => Values::Texts(array.as_string().clone()),
            DataType::Dictionary(..) => {
                let coded = array.as_any_dictionary();
                let texts = Self::new(coded.values())?;
                let texts = (0..coded.values().len()).map(|row| {
                    let mut text = Vec::new();
                    texts.write(row, &mut text);
                    text
                });
                Values::Coded(slots_of(coded), texts.collect())
            }
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                Values::List(list.offsets().clone(), Box::new(Self::new(list.values())?))
            }
            DataType::Struct(fields) => {
                let members = fields.iter().zip(array.as_struct().columns());
                let member = |(field, column): (&arrow_schema::FieldRef, &ArrayRef)| {
                    let mut name = Vec::new();
                    write_text(field.name(), &mut name);
                    name.push(b':');
                    Ok((name, Self::new(column)?))
                };
                Values::Object(members.map(member).collect::<Result<_, Refusal>>()?)
            }
            other => return Err(Refusal::kind(other)),
        };
        Ok(Self { values, nulls })
    }

    /// Appends the value at `row`.
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            out.extend_from_slice(b"null");
            return;
        }
        match &self.values {
            Values::Flags(flags) => out.extend_from_slice(if flags.value(row) { b"true" } else { b"false" }),
            Values::Whole(numbers) => write_shown(numbers.value(row), out),
            Values::Real(numbers) if numbers.value(row).is_finite() => write_shown(numbers.value(row), out),
            // JSON has no other numbers.
            Values::Real(_) => out.extend_from_slice(b"null"),
            Values::Amounts(amounts, scale) => write_amount(amounts.value(row), *scale, out),
            Values::Days(days) => match days.value_as_date(row) {
                Some(date) => write_shown(format_args!("\"{date}\""), out),
                None => out.extend_from_slice(b"null"),
            },
            Values::Instants(instants) => match instants.value_as_datetime(row) {
                Some(instant) => {
                    write_shown(format_args!("\"{}Z\"", instant.format("%Y-%m-%dT%H:%M:%S%.f")), out)
                }
                None => out.extend_from_slice(b"null"),
            },
            Values::Texts(texts) => write_text(texts.value(row), out),
            Values::Coded(codes, texts) => out.extend_from_slice(&texts[codes[row]]),
            Values::List(offsets, items) => {
                let range = offsets[row] as usize..offsets[row + 1] as usize;
                write_between(b'[', b']', range, out, |item, out| items.write(item, out));
            }
            Values::Object(members) => write_between(b'{', b'}', members, out, |(name, value), out| {
                out.extend_from_slice(name);
                value.write(row, out);
            }),
        }
    }
}

/// Appends what a list or an object holds, with commas between.
fn write_between<Item>(
    open: u8,
    close: u8,
    items: impl IntoIterator<Item = Item>,
    out: &mut Vec<u8>,
    write: impl Fn(Item, &mut Vec<u8>),
) {
    out.push(open);
    for (number, item) in items.into_iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(close);
}

fn write_shown(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = write!(out, "{value}");
}

fn write_amount(unscaled: i64, scale: u32, out: &mut Vec<u8>) {
    let one = 10_u64.pow(scale);
    let magnitude = unscaled.unsigned_abs();
    let sign = if unscaled < 0 { "-" } else { "" };
    if scale == 0 {
        return write_shown(unscaled, out);
    }
    let width = scale as usize;
    write_shown(format_args!("{sign}{}.{:0width$}", magnitude / one, magnitude % one), out);
}

/// Appends a text in quotes, with what RFC 8259, section 7, wants escaped.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            quoted @ (b'"' | b'\\') => out.extend_from_slice(&[b'\\', quoted]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => write_shown(format_args!("\\u{control:04x}"), out),
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}
