//! Booleans: PLAIN encoding is one bit a value, lowest bit first, which is the Arrow bitmap as it stands.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer};
use arrow_schema::DataType;
use parquet::basic::Encoding;

use super::chunk::{ChunkEnd, DataPage, Worth};
use super::column::ValueEncoder;
use super::levels::for_each_valid_range;
use super::{Result, statistics, type_mismatch};

/// Encodes `Boolean` columns.
pub(super) struct BooleanColumn {
    bits: BooleanBufferBuilder,
    trues: usize,
    falses: usize,
}

impl BooleanColumn {
    pub(super) fn new() -> Self {
        Self { bits: BooleanBufferBuilder::new(0), trues: 0, falses: 0 }
    }

    fn push_valid(&mut self, values: &BooleanBuffer, nulls: &NullBuffer) {
        for_each_valid_range(nulls, |start, end| match end - start {
            1 => self.bits.append(values.value(start)),
            _ => self.bits.append_buffer(&values.slice(start, end - start)),
        });
    }
}

impl ValueEncoder for BooleanColumn {
    fn push(&mut self, array: &dyn Array, present: Option<&NullBuffer>) -> Result<()> {
        let array = array.as_boolean_opt().ok_or_else(|| type_mismatch(array, &DataType::Boolean))?;
        let values = array.values();
        let (trues, count) = match present.filter(|present| present.null_count() > 0) {
            Some(present) => {
                self.push_valid(values, present);
                ((present.inner() & values).count_set_bits(), present.len() - present.null_count())
            }
            None => {
                self.bits.append_buffer(values);
                (values.count_set_bits(), values.len())
            }
        };
        self.trues += trues;
        self.falses += count - trues;
        Ok(())
    }

    fn end_page(&mut self, levels: Vec<u8>, value_count: usize) -> Option<DataPage> {
        let mut body = levels;
        body.extend_from_slice(&self.bits.as_slice()[..self.bits.len().div_ceil(8)]);
        self.bits.truncate(0);
        Some(DataPage::new(body, value_count, Encoding::PLAIN, Worth::Never))
    }

    fn end_chunk(&mut self, absent: usize) -> ChunkEnd {
        let (trues, falses) = (std::mem::take(&mut self.trues), std::mem::take(&mut self.falses));
        ChunkEnd::of_plain(statistics::boolean(trues, falses, absent))
    }
}
