//! Dates and small integers: a dictionary page of every value from the smallest to the largest.
//!
//! The index of a value is then `value − smallest`: no table, no lookup. Sorted columns, such as the date
//! by which claims arrive, shrink to a few repeated runs. Where the range is wider than 65,536 values, or
//! wider than the chunk has values, differences are packed instead.

use arrow_array::cast::AsArray;
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, PrimitiveArray};
use arrow_buffer::NullBuffer;
use parquet::basic::Encoding;

use super::bitpack::{Code, width_of, write_hybrid};
use super::chunk::{ChunkEnd, DataPage, DictionaryPage, Worth};
use super::column::ValueEncoder;
use super::delta::DeltaPacker;
use super::levels::compact;
use super::statistics::{self, Extremes};
use super::{Result, type_mismatch};

/// A page of the chunk: its levels, already encoded, and its values' place among the chunk's.
struct PendingPage {
    levels: Vec<u8>,
    value_count: usize,
    end: usize,
}

/// Encodes `Date32`, `Int32`, `Int16`, `Int8`, `UInt16` and `UInt8` columns, all of which the format stores as INT32.
///
/// The values of the whole chunk are kept (4 bytes each), because the range is known only at its end.
pub(super) struct RangeColumn<T: ArrowPrimitiveType> {
    pages: Vec<PendingPage>,
    values: Vec<i32>,
    valid: Vec<T::Native>,
    extremes: Extremes<i32>,
    narrow: Vec<u8>,
    wide: Vec<u16>,
}

impl<T: ArrowPrimitiveType> RangeColumn<T> {
    pub(super) fn new() -> Self {
        Self {
            pages: Vec::new(),
            values: Vec::new(),
            valid: Vec::new(),
            extremes: Extremes::default(),
            narrow: Vec::new(),
            wide: Vec::new(),
        }
    }

    /// Every page as indices, and the dictionary they refer to.
    fn write_indices(&mut self, smallest: i32, span: usize) -> (Vec<DataPage>, DictionaryPage) {
        let width = width_of(span);
        let (narrow, wide) = (&mut self.narrow, &mut self.wide);
        let pages = write_pages(&mut self.pages, &self.values, Encoding::RLE_DICTIONARY, |values, body| {
            body.push(width);
            if span < u8::COUNT {
                narrow.clear();
                narrow.extend(values.iter().map(|value| value.wrapping_sub(smallest) as u8));
                write_hybrid(narrow, width, body);
            } else {
                wide.clear();
                wide.extend(values.iter().map(|value| value.wrapping_sub(smallest) as u16));
                write_hybrid(wide, width, body);
            }
        });
        let plain = (0..=span as i32).flat_map(|code| smallest.wrapping_add(code).to_le_bytes()).collect();
        (pages, DictionaryPage { plain, entries: span + 1 })
    }

    fn write_differences(&mut self) -> Vec<DataPage> {
        let mut packer = DeltaPacker::new();
        write_pages(&mut self.pages, &self.values, Encoding::DELTA_BINARY_PACKED, |values, body| {
            packer.extend(values);
            packer.finish_page(body);
        })
    }
}

/// Completes the pending pages: appends each one's values to its levels.
fn write_pages(
    pending: &mut Vec<PendingPage>,
    values: &[i32],
    encoding: Encoding,
    mut write: impl FnMut(&[i32], &mut Vec<u8>),
) -> Vec<DataPage> {
    let mut start = 0;
    pending
        .drain(..)
        .map(|page| {
            let mut body = page.levels;
            write(&values[start..page.end], &mut body);
            start = page.end;
            DataPage::new(body, page.value_count, encoding, Worth::Never)
        })
        .collect()
}

impl<T: ArrowPrimitiveType> ValueEncoder for RangeColumn<T>
where
    i32: From<T::Native>,
{
    fn push(&mut self, array: &dyn Array, present: Option<&NullBuffer>) -> Result<()> {
        let array: &PrimitiveArray<T> =
            array.as_primitive_opt().ok_or_else(|| type_mismatch(array, &T::DATA_TYPE))?;
        let start = self.values.len();
        match present.filter(|present| present.null_count() > 0) {
            Some(present) => {
                self.valid.clear();
                compact(array.values(), present, &mut self.valid);
                self.values.extend(self.valid.iter().map(|value| i32::from(*value)));
            }
            None => self.values.extend(array.values().iter().map(|value| i32::from(*value))),
        }
        self.extremes.include(&self.values[start..]);
        Ok(())
    }

    fn end_page(&mut self, levels: Vec<u8>, value_count: usize) -> Option<DataPage> {
        self.pages.push(PendingPage { levels, value_count, end: self.values.len() });
        None
    }

    fn end_chunk(&mut self, absent: usize) -> ChunkEnd {
        let bounds = self.extremes.take();
        let (smallest, largest) = bounds.unwrap_or_default();
        let span = largest.abs_diff(smallest) as usize;
        let (pages, dictionary) = if span < u16::COUNT && span < self.values.len().max(1) {
            let (pages, dictionary) = self.write_indices(smallest, span);
            (pages, Some(dictionary))
        } else {
            (self.write_differences(), None)
        };
        self.values.clear();
        ChunkEnd { pages, dictionary, statistics: statistics::int32(bounds, absent) }
    }
}
