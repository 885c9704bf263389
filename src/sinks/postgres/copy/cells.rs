//! One column of a batch, ready to be written row by row.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal64Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, UInt8Type, UInt16Type,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal64Array, Float32Array, Float64Array, Int16Array,
    Int32Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_cast::cast;
use arrow_schema::DataType;

use super::super::types::SqlType;
use super::json::Json;
use super::{Refusal, numeric, slots_of};

/// The length of a null.
const NULL: [u8; 4] = (-1_i32).to_be_bytes();
/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
const EPOCH_DAYS: i32 = 10_957;
/// The same in microseconds.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
/// The object number of type `text` (PostgreSQL, `pg_type.dat`).
const TEXT_OID: i32 = 25;
/// The only version of `jsonb` in binary.
const JSONB_VERSION: u8 = 1;

/// Bytes that are copied at once, which takes two instructions where a copy of any number takes a call.
const STRIDE: usize = 32;

/// The values of a dictionary, each as it stands in a row: `[length][bytes]`.
#[derive(Debug)]
pub(super) struct Slots {
    /// The values, and room behind the last for a stride that begins in it.
    bytes: Vec<u8>,
    /// Where each begins, and where the last ends.
    bounds: Vec<u32>,
}

impl Slots {
    fn new(cells: &Cells, count: usize) -> Result<Self, Refusal> {
        let (mut bytes, mut bounds) = (Vec::new(), vec![0]);
        for row in 0..count {
            cells.write(row, &mut bytes);
            bounds.push(u32::try_from(bytes.len()).map_err(|_| Refusal::size())?);
        }
        bytes.extend_from_slice(&[0; STRIDE]);
        Ok(Self { bytes, bounds })
    }

    #[inline]
    fn write(&self, code: usize, out: &mut Vec<u8>) {
        let (start, end) = (self.bounds[code] as usize, self.bounds[code + 1] as usize);
        if end - start <= STRIDE {
            let end_of_value = out.len() + end - start;
            out.extend_from_slice(&self.bytes[start..start + STRIDE]);
            out.truncate(end_of_value);
        } else {
            out.extend_from_slice(&self.bytes[start..end]);
        }
    }
}

/// The slots of a dictionary seen before: dictionaries are the same from batch to batch.
#[derive(Default)]
pub(super) struct SlotCache {
    last: Option<(ArrayRef, Arc<Slots>)>,
}

impl SlotCache {
    fn slots(&mut self, values: &ArrayRef, sql: &SqlType) -> Result<Arc<Slots>, Refusal> {
        if let Some((array, slots)) = &self.last
            && Arc::ptr_eq(array, values)
        {
            return Ok(Arc::clone(slots));
        }
        let cells = Cells::new(values, sql, &mut Self::default())?;
        let slots = Arc::new(Slots::new(&cells, values.len())?);
        self.last = Some((Arc::clone(values), Arc::clone(&slots)));
        Ok(slots)
    }
}

pub(super) struct Cells {
    values: Values,
    nulls: Option<NullBuffer>,
}

enum Values {
    Flags(BooleanArray),
    Int2(Int16Array),
    Int4(Int32Array),
    Int8(Int64Array),
    Float4(Float32Array),
    Float8(Float64Array),
    Numeric(Decimal64Array, u16),
    Days(Date32Array),
    Instants(TimestampMicrosecondArray),
    Texts(StringArray),
    Narrow(ScalarBuffer<u8>, Arc<Slots>),
    Wide(ScalarBuffer<u16>, Arc<Slots>),
    Coded(Vec<usize>, Arc<Slots>),
    TextList(OffsetBuffer<i32>, Box<Cells>),
    Json(Json),
}

impl Cells {
    /// Looks at an array once, so that its rows can be written quickly.
    pub(super) fn new(array: &ArrayRef, sql: &SqlType, cache: &mut SlotCache) -> Result<Self, Refusal> {
        let values = match (sql, array.data_type()) {
            (SqlType::Jsonb, _) => Values::Json(Json::new(array)?),
            (_, DataType::Dictionary(key, _)) => coded(array, key, sql, cache)?,
            (SqlType::Boolean, _) => Values::Flags(array.as_boolean().clone()),
            (SqlType::Smallint, _) => {
                Values::Int2(cast(array, &DataType::Int16)?.as_primitive::<Int16Type>().clone())
            }
            (SqlType::Integer, _) => {
                Values::Int4(cast(array, &DataType::Int32)?.as_primitive::<Int32Type>().clone())
            }
            (SqlType::Bigint, _) => {
                Values::Int8(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
            }
            (SqlType::Real, _) => Values::Float4(array.as_primitive::<Float32Type>().clone()),
            (SqlType::Double, _) => Values::Float8(array.as_primitive::<Float64Type>().clone()),
            (SqlType::Numeric(_, scale), _) => {
                Values::Numeric(array.as_primitive::<Decimal64Type>().clone(), u16::from(*scale))
            }
            (SqlType::Date, _) => Values::Days(array.as_primitive::<Date32Type>().clone()),
            (SqlType::Timestamptz, _) => {
                Values::Instants(array.as_primitive::<TimestampMicrosecondType>().clone())
            }
            (SqlType::Text, _) => Values::Texts(array.as_string().clone()),
            (SqlType::TextArray, _) => {
                let list = array.as_list::<i32>();
                let items = Self::new(list.values(), &SqlType::Text, cache)?;
                Values::TextList(list.offsets().clone(), Box::new(items))
            }
        };
        Ok(Self { values, nulls: array.nulls().cloned() })
    }

    /// Appends the value at `row`: its length in bytes, and the bytes.
    #[inline]
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            out.extend_from_slice(&NULL);
            return;
        }
        match &self.values {
            Values::Narrow(codes, slots) => slots.write(usize::from(codes[row]), out),
            Values::Wide(codes, slots) => slots.write(usize::from(codes[row]), out),
            Values::Coded(codes, slots) => slots.write(codes[row], out),
            Values::Flags(flags) => out.extend_from_slice(&[0, 0, 0, 1, u8::from(flags.value(row))]),
            Values::Int2(numbers) => write_fixed(numbers.value(row).to_be_bytes(), out),
            Values::Int4(numbers) => write_fixed(numbers.value(row).to_be_bytes(), out),
            Values::Int8(numbers) => write_fixed(numbers.value(row).to_be_bytes(), out),
            Values::Float4(numbers) => write_fixed(numbers.value(row).to_be_bytes(), out),
            Values::Float8(numbers) => write_fixed(numbers.value(row).to_be_bytes(), out),
            Values::Numeric(amounts, scale) => numeric::write(amounts.value(row), *scale, out),
            Values::Days(days) => write_fixed((days.value(row) - EPOCH_DAYS).to_be_bytes(), out),
            Values::Instants(instants) => {
                write_fixed((instants.value(row) - EPOCH_MICROS).to_be_bytes(), out);
            }
            Values::Texts(texts) => write_bytes(texts.value(row).as_bytes(), out),
            Values::TextList(offsets, items) => {
                write_list(items, offsets[row] as usize..offsets[row + 1] as usize, out);
            }
            Values::Json(json) => write_sized(out, |out| {
                out.push(JSONB_VERSION);
                json.write(row, out);
            }),
        }
    }
}

fn coded(array: &ArrayRef, key: &DataType, sql: &SqlType, cache: &mut SlotCache) -> Result<Values, Refusal> {
    let dictionary = array.as_any_dictionary();
    let slots = cache.slots(dictionary.values(), sql)?;
    Ok(match key {
        DataType::UInt8 => Values::Narrow(array.as_dictionary::<UInt8Type>().keys().values().clone(), slots),
        DataType::UInt16 => Values::Wide(array.as_dictionary::<UInt16Type>().keys().values().clone(), slots),
        _ => Values::Coded(slots_of(dictionary), slots),
    })
}

#[inline]
fn write_fixed<const N: usize>(bytes: [u8; N], out: &mut Vec<u8>) {
    // One append of a known size instead of two; no value is longer than 8 bytes.
    let mut value = [0; 12];
    value[..4].copy_from_slice(&(N as i32).to_be_bytes());
    value[4..4 + N].copy_from_slice(&bytes);
    out.extend_from_slice(&value[..4 + N]);
}

#[inline]
fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    // An Arrow text array holds less than 2 GiB in all.
    out.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Appends what `write` appends, behind its length.
fn write_sized(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let length = (out.len() - start - 4) as i32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// Appends `text[]`: dimensions, whether any item is null, the items' type, then for the one dimension its
/// size and first index, and the items. An empty list has no dimension.
fn write_list(items: &Cells, range: std::ops::Range<usize>, out: &mut Vec<u8>) {
    let count = range.len() as i32;
    let any_null = items.nulls.as_ref().is_some_and(|nulls| range.clone().any(|row| nulls.is_null(row)));
    write_sized(out, |out| {
        let header = [i32::from(count > 0), i32::from(any_null), TEXT_OID];
        let dimension = if count > 0 { &[count, 1][..] } else { &[] };
        for word in header.iter().chain(dimension) {
            out.extend_from_slice(&word.to_be_bytes());
        }
        for row in range {
            items.write(row, out);
        }
    });
}
