//! Where the entries of an array stand among the rows: the levels of the path above them.
//!
//! Source: Apache Parquet format, `README.md` "Nested Encoding", after S. Melnik et al., "Dremel: Interactive
//! Analysis of Web-Scale Datasets", PVLDB 3(1), 2010. Each column stores one pair of levels per *slot*. A slot is
//! an entry of the innermost list above the column, or stands for a list that has none: so the columns of a struct
//! have the same slots, and the path above them is worked out once for all.

use std::rc::Rc;

use arrow_array::{Array, ArrayRef, BooleanArray, ListArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_select::filter::filter;
use parquet::errors::ParquetError;

use super::Result;

/// The levels above an array, and which of the array's entries are there.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The number of slots.
    pub slots: usize,
    /// The number of entries: the slots that do not stand for a list without entries.
    pub entries: usize,
    /// For each slot, the depth of the list that it continues; `None` where no list is above.
    pub repetition: Option<Rc<Vec<u8>>>,
    /// For each slot, how much of the path is there; `None` while it is [`Place::level`] for all.
    pub definition: Option<Rc<Vec<u8>>>,
    /// The definition level of entries that are there.
    pub level: u8,
    /// The lowest definition level of a slot that has an entry.
    entry_level: u8,
    /// Which entries are there; `None`: all.
    pub present: Option<NullBuffer>,
}

impl Place {
    /// The place of a field: a slot and an entry for each row.
    pub(super) fn of_rows(rows: usize) -> Self {
        Self {
            slots: rows,
            entries: rows,
            repetition: None,
            definition: None,
            level: 0,
            entry_level: 0,
            present: None,
        }
    }

    /// Takes in the validity of the array itself: which entries are there now.
    ///
    /// # Errors
    /// A null where the path above is there and the array is declared without nulls.
    pub(super) fn present_in(
        &self,
        nulls: Option<&NullBuffer>,
        nullable: bool,
    ) -> Result<Option<NullBuffer>> {
        let Some(nulls) = nulls.filter(|nulls| nulls.null_count() > 0) else {
            return Ok(self.present.clone());
        };
        let present = NullBuffer::union(self.present.as_ref(), Some(nulls));
        if !nullable && null_count(present.as_ref()) > null_count(self.present.as_ref()) {
            return Err(ParquetError::General("null in a column that is declared without nulls".to_owned()));
        }
        Ok(present)
    }

    /// The place of what is inside a nullable array of which these entries are there.
    pub(super) fn inside_nullable(&self, present: Option<NullBuffer>) -> Self {
        let level = self.level + 1;
        if self.definition.is_none() && null_count(present.as_ref()) == 0 {
            return Self { level, ..self.clone() };
        }
        let mut definition = Vec::with_capacity(self.slots);
        self.append_definition(&mut definition);
        self.raise(&mut definition, present.as_ref());
        Self { definition: Some(Rc::new(definition)), level, present, ..self.clone() }
    }

    /// Appends the definition level of each slot.
    pub(super) fn append_definition(&self, out: &mut Vec<u8>) {
        match &self.definition {
            Some(definition) => out.extend_from_slice(definition),
            None => out.resize(out.len() + self.slots, self.level),
        }
    }

    /// Raises the levels of the slots, which are this place's, by one where the entry is present.
    pub(super) fn raise(&self, levels: &mut [u8], present: Option<&NullBuffer>) {
        match present {
            None => {
                for level in levels {
                    *level += u8::from(*level == self.level);
                }
            }
            Some(present) if self.entries == self.slots => add_bits(levels, present.inner()),
            Some(present) => {
                let has_entry = levels.iter_mut().filter(|level| **level >= self.entry_level);
                for (level, valid) in has_entry.zip(present) {
                    *level += u8::from(valid);
                }
            }
        }
    }

    /// The place of a list's entries, and the entries of the lists that are there.
    ///
    /// `self` is the place inside the list's own validity; `depth` counts the lists down to this one.
    pub(super) fn of_entries(&self, list: &ListArray, depth: u8) -> Result<(Self, ArrayRef)> {
        let lengths = self.lengths(list);
        let entries: usize = lengths.iter().sum();
        let slots = self.slots + entries - lengths.iter().filter(|length| **length > 0).count();
        let level = self.level + 1;
        let mut repetition = vec![depth; slots];
        let mut definition = vec![level; slots];
        let mut at = 0;
        let mut begin_row = |above: (u8, u8), length: usize| {
            // Whether a list is empty is hard to foresee, so there is no branch on it.
            repetition[at] = above.0;
            definition[at] = if length == 0 { above.1 } else { level };
            at += length.max(1);
        };
        let mut lengths = lengths.into_iter();
        for slot in 0..self.slots {
            let above = (
                self.repetition.as_ref().map_or(0, |levels| levels[slot]),
                self.definition.as_ref().map_or(self.level, |levels| levels[slot]),
            );
            let has_entry = above.1 >= self.entry_level;
            begin_row(above, if has_entry { lengths.next().unwrap_or(0) } else { 0 });
        }
        let place = Self {
            slots,
            entries,
            repetition: Some(Rc::new(repetition)),
            definition: (slots > entries).then(|| Rc::new(definition)),
            level,
            entry_level: level,
            present: None,
        };
        Ok((place, self.entries_of(list, entries)?))
    }

    /// The number of entries of each list, 0 where the list is not there.
    fn lengths(&self, list: &ListArray) -> Vec<usize> {
        let mut lengths: Vec<usize> =
            list.value_offsets().array_windows().map(|[from, to]| (to - from) as usize).collect();
        if let Some(present) = &self.present {
            for (length, valid) in lengths.iter_mut().zip(present) {
                *length *= usize::from(valid);
            }
        }
        lengths
    }

    /// The values of the lists that are there, `entries` in all. A list that is not there may still span some.
    fn entries_of(&self, list: &ListArray, entries: usize) -> Result<ArrayRef> {
        let offsets = list.value_offsets();
        let (first, last) = (offsets[0] as usize, offsets[list.len()] as usize);
        let values = list.values().slice(first, last - first);
        let Some(present) = self.present.as_ref().filter(|_| entries < values.len()) else {
            return Ok(values);
        };
        if entries == 0 {
            // Filtering everything out loses the dictionary, which goes into the file even if nothing uses it.
            return Ok(values.slice(0, 0));
        }
        let mut kept = Vec::with_capacity(values.len());
        for ([from, to], valid) in offsets.array_windows().zip(present) {
            kept.resize(kept.len() + (to - from) as usize, valid);
        }
        Ok(filter(&values, &BooleanArray::from(kept))?)
    }
}

fn null_count(nulls: Option<&NullBuffer>) -> usize {
    nulls.map_or(0, NullBuffer::null_count)
}

/// Adds each bit to the level in its place.
fn add_bits(levels: &mut [u8], bits: &BooleanBuffer) {
    /// Eight copies of a byte, of which the mask keeps another bit in each.
    const COPIES: u64 = 0x0101_0101_0101_0101;
    const EACH_ITS_BIT: u64 = 0x8040_2010_0804_0201;
    const ALMOST_HIGHEST: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    for (levels, word) in levels.chunks_mut(64).zip(bits.bit_chunks().iter_padded()) {
        let (eights, rest) = levels.as_chunks_mut::<8>();
        let whole = eights.len();
        for (eight, byte) in eights.iter_mut().zip(word.to_le_bytes()) {
            let bits = (u64::from(byte) * COPIES) & EACH_ITS_BIT;
            // Any bit but the highest carries into the highest; the highest is there already.
            let ones = (((bits & ALMOST_HIGHEST) + ALMOST_HIGHEST) | bits) >> 7 & COPIES;
            *eight = (u64::from_le_bytes(*eight) + ones).to_le_bytes();
        }
        for (index, level) in rest.iter_mut().enumerate() {
            *level += (word >> (whole * 8 + index) & 1) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_are_added_in_their_places(
            bits in prop::collection::vec(any::<bool>(), 0..300),
            skip in 0usize..70,
        ) {
            let skip = skip.min(bits.len());
            let buffer = BooleanBuffer::from(bits.clone()).slice(skip, bits.len() - skip);
            let mut levels = vec![3; buffer.len()];
            add_bits(&mut levels, &buffer);
            let expected: Vec<u8> = bits[skip..].iter().map(|bit| 3 + u8::from(*bit)).collect();
            prop_assert_eq!(levels, expected);
        }
    }
}
