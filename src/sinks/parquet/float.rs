//! Floating point numbers: PLAIN encoding, compressed where it pays.
//!
//! Numbers of few decimals share most of their bytes, which a general compressor finds; noise it leaves alone.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float64Type};
use arrow_buffer::NullBuffer;
use parquet::basic::Encoding;

use super::chunk::{ChunkEnd, DataPage, Worth};
use super::column::ValueEncoder;
use super::levels::compact;
use super::statistics::{self, FloatExtremes};
use super::{Result, type_mismatch};

/// Encodes `Float64` columns.
#[derive(Default)]
pub(super) struct FloatColumn {
    values: Vec<f64>,
    extremes: FloatExtremes,
}

impl ValueEncoder for FloatColumn {
    fn push(&mut self, array: &dyn Array, present: Option<&NullBuffer>) -> Result<()> {
        let array = array
            .as_primitive_opt::<Float64Type>()
            .ok_or_else(|| type_mismatch(array, &Float64Type::DATA_TYPE))?;
        let start = self.values.len();
        match present.filter(|present| present.null_count() > 0) {
            Some(present) => compact(array.values(), present, &mut self.values),
            None => self.values.extend_from_slice(array.values()),
        }
        self.extremes.include(&self.values[start..]);
        Ok(())
    }

    fn end_page(&mut self, levels: Vec<u8>, value_count: usize) -> Option<DataPage> {
        let mut body = levels;
        let start = body.len();
        body.resize(start + self.values.len() * size_of::<f64>(), 0);
        for (bytes, value) in body[start..].as_chunks_mut().0.iter_mut().zip(&self.values) {
            *bytes = value.to_le_bytes();
        }
        self.values.clear();
        Some(DataPage::new(body, value_count, Encoding::PLAIN, Worth::IfSmaller))
    }

    fn end_chunk(&mut self, absent: usize) -> ChunkEnd {
        ChunkEnd::of_plain(statistics::double(self.extremes.take(), absent))
    }
}
