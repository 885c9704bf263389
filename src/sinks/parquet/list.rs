//! Lists of dictionary values: three-level LIST columns with repetition and definition levels.
//!
//! Source: Apache Parquet format, `LogicalTypes.md` "Lists". A row without entries still has one level,
//! so a page's levels are its entries plus its empty rows.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ListArray};
use arrow_schema::{DataType, FieldRef};
use parquet::basic::Encoding;
use parquet::errors::ParquetError;

use super::bitpack::CodeKey;
use super::chunk::{ChunkEnd, DataPage, Worth};
use super::dictionary::{Dictionary, nulls_of};
use super::levels::write_levels;
use super::{ColumnEncoder, Result, type_mismatch};

/// Encodes a column of lists of dictionary values.
pub(super) struct ListColumn<K: CodeKey> {
    data_type: DataType,
    list_is_nullable: bool,
    entry_is_nullable: bool,
    dictionary: Dictionary<K>,
    /// 0 where a row begins, 1 for its further entries.
    repetition: Vec<u8>,
    /// How much of the path row → list → entry is there.
    definition: Vec<u8>,
    absent: usize,
}

impl<K: CodeKey> ListColumn<K> {
    /// An encoder for lists of `entry`, whose values have the type `value_type`.
    pub(super) fn new(entry: &FieldRef, value_type: &DataType, nullable: bool) -> Self {
        Self {
            data_type: DataType::List(entry.clone()),
            list_is_nullable: nullable,
            entry_is_nullable: entry.is_nullable(),
            dictionary: Dictionary::new(value_type),
            repetition: Vec::new(),
            definition: Vec::new(),
            absent: 0,
        }
    }

    /// The definition level of an entry that is there.
    fn highest(&self) -> u8 {
        u8::from(self.list_is_nullable) + 1 + u8::from(self.entry_is_nullable)
    }

    /// The levels of the rows, as if no entry were null.
    fn push_levels(&mut self, array: &ListArray) {
        let offsets = array.value_offsets();
        match array.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => self.push_row_levels(offsets.array_windows().map(|[from, to]| (to - from, true))),
            Some(nulls) => self.push_row_levels(
                offsets
                    .array_windows()
                    .zip(nulls)
                    .map(|([from, to], valid)| ((to - from) * i32::from(valid), valid)),
            ),
        }
    }

    /// The levels of rows that have so many entries and are valid or not.
    fn push_row_levels(&mut self, rows: impl Iterator<Item = (i32, bool)> + Clone) {
        let levels: i32 = rows.clone().map(|(entries, _)| entries.max(1)).sum();
        let highest = self.highest();
        let mut at = self.repetition.len();
        self.repetition.resize(at + levels as usize, 1);
        self.definition.resize(at + levels as usize, highest);
        // Whether a row is empty is hard to foresee, so there is no branch on it.
        for (entries, valid) in rows {
            let without_entries = u8::from(self.list_is_nullable & valid);
            self.repetition[at] = 0;
            self.definition[at] = if entries == 0 { without_entries } else { highest };
            self.absent += usize::from(entries == 0);
            at += entries.max(1) as usize;
        }
    }

    /// Adds the entries `from..to` of the list's values; their levels are the last of the page, counted from
    /// `first_level` on and without the empty rows' levels.
    fn push_entries(&mut self, array: &ListArray, from: usize, to: usize, first_level: usize) -> Result<()> {
        let values = array.values().slice(from, to - from);
        let values = self.dictionary.downcast(values.as_ref())?;
        let nulls = nulls_of(values);
        if let Some(nulls) = nulls.as_ref().filter(|nulls| nulls.null_count() > 0) {
            if !self.entry_is_nullable {
                return Err(null_where_none_may_be());
            }
            let highest = self.highest();
            let levels = self.definition[first_level..].iter_mut().filter(|level| **level == highest);
            for (level, valid) in levels.zip(nulls.iter()) {
                *level -= u8::from(!valid);
            }
            self.absent += nulls.null_count();
        }
        self.dictionary.push(values, nulls.as_ref())
    }
}

fn null_where_none_may_be() -> ParquetError {
    ParquetError::General("null in a column that is declared without nulls".to_owned())
}

impl<K: CodeKey> ColumnEncoder for ListColumn<K> {
    fn push(&mut self, array: &dyn Array) -> Result<()> {
        let array = array.as_list_opt::<i32>().ok_or_else(|| type_mismatch(array, &self.data_type))?;
        if array.null_count() > 0 && !self.list_is_nullable {
            return Err(null_where_none_may_be());
        }
        let first_level = self.repetition.len();
        self.push_levels(array);
        let offsets = array.value_offsets();
        if array.null_count() == 0 {
            let (from, to) = (offsets[0] as usize, offsets[array.len()] as usize);
            return self.push_entries(array, from, to, first_level);
        }
        // A null list may still span entries, which must not be written.
        let mut level = first_level;
        for row in 0..array.len() {
            let (from, to) = (offsets[row] as usize, offsets[row + 1] as usize);
            if array.is_valid(row) && to > from {
                self.push_entries(array, from, to, level)?;
                level += to - from;
            } else {
                level += 1;
            }
        }
        Ok(())
    }

    fn end_page(&mut self) -> Option<DataPage> {
        let mut body = Vec::new();
        let value_count = self.repetition.len();
        write_levels(&self.repetition, 1, &mut body);
        write_levels(&self.definition, self.highest(), &mut body);
        self.dictionary.finish_page(&mut body);
        self.repetition.clear();
        self.definition.clear();
        let encoding = Encoding::RLE_DICTIONARY;
        Some(DataPage { body, value_count, encoding, worth: Worth::Never })
    }

    fn end_chunk(&mut self) -> ChunkEnd {
        let absent = std::mem::take(&mut self.absent);
        self.dictionary.finish_chunk(absent)
    }
}
