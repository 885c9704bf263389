//! One column of the file: levels and values side by side, cut into pages.

use arrow_array::Array;
use arrow_buffer::NullBuffer;
use parquet::schema::types::ColumnDescPtr;

use super::Result;
use super::chunk::{ChunkEnd, DataPage, EncodedColumn, Pages};
use super::codec::Codec;
use super::levels::ColumnLevels;
use super::place::Place;

/// A page with this much in it ends at the next [`STEP_ROWS`], before it has all its rows. Short text has not:
/// the bound is there for long text, whose pages a reader would have to hold whole.
const PAGE_BYTES: usize = 2 << 20;

/// Pages that are long in bytes end at multiples of so many rows, the rows of a generator block.
pub(super) const STEP_ROWS: usize = 8_192;

/// Encodes the values of one column, without those that are not there.
pub(super) trait ValueEncoder {
    /// Adds the values of the entries that are `present` (`None`: all), which belong to the page in progress.
    ///
    /// # Errors
    /// An array of another type than the column's.
    fn push(&mut self, array: &dyn Array, present: Option<&NullBuffer>) -> Result<()>;

    /// The size of the page in progress, in bytes, as far as it can grow without bound.
    fn page_bytes(&self) -> usize {
        0
    }

    /// Ends the page in progress, whose `levels` stand for `value_count` values and nulls, one at least.
    /// `None`: the page comes with [`ValueEncoder::end_chunk`].
    fn end_page(&mut self, levels: Vec<u8>, value_count: usize) -> Option<DataPage>;

    /// Ends the chunk, in which so many values were absent; the next value begins another one.
    fn end_chunk(&mut self, absent: usize) -> ChunkEnd;
}

/// Encodes one column.
pub(super) struct LeafColumn {
    levels: ColumnLevels,
    values: Box<dyn ValueEncoder>,
    pages: Pages,
}

impl LeafColumn {
    /// A column of these values.
    pub(super) fn new(levels: ColumnLevels, values: Box<dyn ValueEncoder>) -> Self {
        Self { levels, values, pages: Pages::default() }
    }

    /// Adds the array's entries, which stand at `place`.
    ///
    /// # Errors
    /// An array of another type than the column's, or nulls where there may be none.
    pub(super) fn push(
        &mut self,
        array: &dyn Array,
        nulls: Option<&NullBuffer>,
        nullable: bool,
        place: &Place,
    ) -> Result<()> {
        let present = place.present_in(nulls, nullable)?;
        self.levels.push(place, present.as_ref(), nullable);
        self.values.push(array, present.as_ref())
    }

    /// Ends the page in progress if it is long.
    pub(super) fn end_long_page(&mut self, codec: &mut Codec) -> Result<()> {
        if self.values.page_bytes() >= PAGE_BYTES { self.end_page(codec) } else { Ok(()) }
    }

    /// Ends the page in progress, if it has any row.
    pub(super) fn end_page(&mut self, codec: &mut Codec) -> Result<()> {
        if self.levels.page_slots() == 0 {
            return Ok(());
        }
        let mut levels = Vec::new();
        let value_count = self.levels.finish_page(&mut levels);
        match self.values.end_page(levels, value_count) {
            Some(page) => self.pages.add_data(page, codec),
            None => Ok(()),
        }
    }

    /// The column's part of a row group of `rows` rows; the next row group begins.
    pub(super) fn end_chunk(
        &mut self,
        rows: usize,
        column: &ColumnDescPtr,
        codec: &mut Codec,
    ) -> Result<EncodedColumn> {
        let end = self.values.end_chunk(self.levels.finish_chunk());
        std::mem::take(&mut self.pages).assemble(end, rows, column, codec)
    }
}
