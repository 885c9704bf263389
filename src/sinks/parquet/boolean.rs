//! Booleans: PLAIN encoding is one bit a value, lowest bit first, which is the Arrow bitmap as it stands.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer};
use arrow_schema::DataType;
use parquet::basic::Encoding;

use super::chunk::{ChunkEnd, DataPage, Worth};
use super::levels::{Validity, for_each_valid_range};
use super::{ColumnEncoder, Result, statistics, type_mismatch};

/// Encodes `Boolean` columns.
pub(super) struct BooleanColumn {
    validity: Validity,
    bits: BooleanBufferBuilder,
    trues: usize,
    falses: usize,
}

impl BooleanColumn {
    pub(super) fn new(nullable: bool) -> Self {
        Self { validity: Validity::new(nullable), bits: BooleanBufferBuilder::new(0), trues: 0, falses: 0 }
    }

    fn push_valid(&mut self, values: &BooleanBuffer, nulls: &NullBuffer) {
        for_each_valid_range(nulls, |start, end| match end - start {
            1 => self.bits.append(values.value(start)),
            _ => self.bits.append_buffer(&values.slice(start, end - start)),
        });
    }
}

impl ColumnEncoder for BooleanColumn {
    fn push(&mut self, array: &dyn Array) -> Result<()> {
        let array = array.as_boolean_opt().ok_or_else(|| type_mismatch(array, &DataType::Boolean))?;
        self.validity.push(array.nulls(), array.len())?;
        match array.nulls() {
            Some(nulls) if nulls.null_count() > 0 => self.push_valid(array.values(), nulls),
            _ => self.bits.append_buffer(array.values()),
        }
        let trues = array.true_count();
        self.trues += trues;
        self.falses += array.len() - array.null_count() - trues;
        Ok(())
    }

    fn end_page(&mut self) -> Option<DataPage> {
        let mut body = Vec::new();
        let value_count = self.validity.finish_page(&mut body);
        body.extend_from_slice(&self.bits.as_slice()[..self.bits.len().div_ceil(8)]);
        self.bits.truncate(0);
        Some(DataPage { body, value_count, encoding: Encoding::PLAIN, worth: Worth::Never })
    }

    fn end_chunk(&mut self) -> ChunkEnd {
        let (trues, falses) = (std::mem::take(&mut self.trues), std::mem::take(&mut self.falses));
        ChunkEnd::of_plain(statistics::boolean(trues, falses, self.validity.finish_chunk()))
    }
}
