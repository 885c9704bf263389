//! Dates and small integers: a dictionary page of every value from the smallest to the largest.
//!
//! The index of a value is then `value − smallest`: no table, no lookup. Sorted columns, such as the date
//! by which claims arrive, shrink to a few repeated runs. Where the range is wider than 65,536 values, or
//! wider than the chunk has values, differences are packed instead.

use arrow_array::cast::AsArray;
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, PrimitiveArray};
use parquet::basic::Encoding;

use super::bitpack::{Code, width_of, write_hybrid};
use super::chunk::{ChunkEnd, DataPage, DictionaryPage, Worth};
use super::delta::DeltaPacker;
use super::levels::{Validity, compact};
use super::statistics::{self, Extremes};
use super::{ColumnEncoder, Result, type_mismatch};

/// A page of the chunk: its levels, already encoded, and its values' place among the chunk's.
struct PendingPage {
    levels: Vec<u8>,
    rows: usize,
    end: usize,
}

/// Encodes `Date32`, `Int32`, `Int16` and `UInt8` columns, all of which the format stores as INT32.
///
/// The values of the whole chunk are kept (4 bytes each), because the range is known only at its end.
pub(super) struct RangeColumn<T: ArrowPrimitiveType> {
    validity: Validity,
    pages: Vec<PendingPage>,
    values: Vec<i32>,
    valid: Vec<T::Native>,
    extremes: Extremes<i32>,
    narrow: Vec<u8>,
    wide: Vec<u16>,
}

impl<T: ArrowPrimitiveType> RangeColumn<T> {
    pub(super) fn new(nullable: bool) -> Self {
        Self {
            validity: Validity::new(nullable),
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
            DataPage { body, value_count: page.rows, encoding, worth: Worth::Never }
        })
        .collect()
}

impl<T: ArrowPrimitiveType> ColumnEncoder for RangeColumn<T>
where
    i32: From<T::Native>,
{
    fn push(&mut self, array: &dyn Array) -> Result<()> {
        let array: &PrimitiveArray<T> =
            array.as_primitive_opt().ok_or_else(|| type_mismatch(array, &T::DATA_TYPE))?;
        self.validity.push(array.nulls(), array.len())?;
        let start = self.values.len();
        match array.nulls() {
            Some(nulls) if nulls.null_count() > 0 => {
                self.valid.clear();
                compact(array.values(), nulls, &mut self.valid);
                self.values.extend(self.valid.iter().map(|value| i32::from(*value)));
            }
            _ => self.values.extend(array.values().iter().map(|value| i32::from(*value))),
        }
        self.extremes.include(&self.values[start..]);
        Ok(())
    }

    fn end_page(&mut self) -> Option<DataPage> {
        let mut levels = Vec::new();
        let rows = self.validity.finish_page(&mut levels);
        self.pages.push(PendingPage { levels, rows, end: self.values.len() });
        None
    }

    fn end_chunk(&mut self) -> ChunkEnd {
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
        ChunkEnd { pages, dictionary, statistics: statistics::int32(bounds, self.validity.finish_chunk()) }
    }
}
