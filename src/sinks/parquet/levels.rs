//! Definition and repetition levels: which values are there, and where lists begin.
//!
//! Source: Apache Parquet format, `README.md` "Nested Encoding" and `Encodings.md`. In a version 1 data
//! page each kind of level is one RLE / bit-packed stream after its own length (four bytes, little
//! endian). A flat nullable column has levels of one bit, and those bits are the Arrow validity bitmap
//! as it stands.

use std::mem::take;

use arrow_buffer::{BooleanBufferBuilder, NullBuffer};

use super::bitpack::{width_of, write_hybrid, write_packed_header, write_repeated_run};
use super::place::Place;

/// The levels of one column: those of the page in progress, and what is absent in the chunk.
pub(super) struct ColumnLevels {
    highest: HighestLevels,
    /// Of a column whose only level is its validity: that.
    bits: BooleanBufferBuilder,
    repetition: Vec<u8>,
    definition: Vec<u8>,
    page_slots: usize,
    page_absent: usize,
    chunk_absent: usize,
}

/// How deep a column lies.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HighestLevels {
    /// The lists on the way to its values.
    pub repetition: u8,
    /// The lists and everything nullable on the way to its values.
    pub definition: u8,
}

impl ColumnLevels {
    pub(super) fn new(highest: HighestLevels) -> Self {
        Self {
            highest,
            bits: BooleanBufferBuilder::new(0),
            repetition: Vec::new(),
            definition: Vec::new(),
            page_slots: 0,
            page_absent: 0,
            chunk_absent: 0,
        }
    }

    /// Adds the levels of entries at `place`, of which those that are `present` (`None`: all) have values.
    pub(super) fn push(&mut self, place: &Place, present: Option<&NullBuffer>, nullable: bool) {
        let values = place.entries - present.map_or(0, NullBuffer::null_count);
        self.page_slots += place.slots;
        self.page_absent += place.slots - values;
        if self.is_flat() {
            match present {
                Some(present) => self.bits.append_buffer(present.inner()),
                None => self.bits.append_n(place.slots, true),
            }
        } else if self.highest.definition > 0 {
            if let Some(repetition) = &place.repetition {
                self.repetition.extend_from_slice(repetition);
            }
            let start = self.definition.len();
            place.append_definition(&mut self.definition);
            if nullable {
                place.raise(&mut self.definition[start..], present);
            }
        }
    }

    /// The levels in the page in progress.
    pub(super) fn page_slots(&self) -> usize {
        self.page_slots
    }

    /// Appends the page's levels to `body`, starts the next page, and returns their number.
    pub(super) fn finish_page(&mut self, body: &mut Vec<u8>) -> usize {
        if self.is_flat() {
            self.write_bits(body);
        } else {
            if self.highest.repetition > 0 {
                write_levels(&self.repetition, self.highest.repetition, body);
            }
            if self.highest.definition > 0 {
                write_levels(&self.definition, self.highest.definition, body);
            }
        }
        self.bits.truncate(0);
        self.repetition.clear();
        self.definition.clear();
        self.chunk_absent += take(&mut self.page_absent);
        take(&mut self.page_slots)
    }

    /// The nulls and empty lists of the chunk; the next chunk starts.
    pub(super) fn finish_chunk(&mut self) -> usize {
        take(&mut self.chunk_absent)
    }

    /// Whether one bit says it all.
    fn is_flat(&self) -> bool {
        self.highest.repetition == 0 && self.highest.definition == 1
    }

    fn write_bits(&self, body: &mut Vec<u8>) {
        let (slots, present) = (self.page_slots, self.page_slots - self.page_absent);
        write_stream(body, |body| {
            if present == 0 || present == slots {
                write_repeated_run(u64::from(present == slots), slots, 1, body);
            } else {
                write_packed_header(slots, body);
                body.extend_from_slice(&self.bits.as_slice()[..slots.div_ceil(8)]);
            }
        });
    }
}

/// Appends one stream of levels, none above `highest`.
fn write_levels(levels: &[u8], highest: u8, body: &mut Vec<u8>) {
    let width = width_of(usize::from(highest));
    write_stream(body, |body| write_hybrid(levels, width, body));
}

fn write_stream(body: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = body.len();
    body.extend_from_slice(&[0; 4]);
    write(body);
    let bytes = (body.len() - start - 4) as u32;
    body[start..start + 4].copy_from_slice(&bytes.to_le_bytes());
}

/// Calls `visit` with the index of every valid row, in order; whole words of valid rows come as ranges.
pub(super) fn for_each_valid_range(nulls: &NullBuffer, mut visit: impl FnMut(usize, usize)) {
    for (index, mut word) in nulls.inner().bit_chunks().iter_padded().enumerate() {
        let base = index * 64;
        if word == u64::MAX {
            visit(base, base + 64);
            continue;
        }
        while word != 0 {
            let row = base + word.trailing_zeros() as usize;
            visit(row, row + 1);
            word &= word - 1;
        }
    }
}

/// Appends the values whose rows are valid.
pub(super) fn compact<T: Copy>(values: &[T], nulls: &NullBuffer, out: &mut Vec<T>) {
    out.reserve(nulls.len() - nulls.null_count());
    for_each_valid_range(nulls, |start, end| match end - start {
        1 => out.push(values[start]),
        _ => out.extend_from_slice(&values[start..end]),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn compacting_keeps_the_valid_values_in_order(
            rows in prop::collection::vec((any::<u16>(), prop::bool::weighted(0.9)), 0..400),
            skip in 0usize..70,
        ) {
            let nulls: NullBuffer = rows.iter().map(|row| row.1).collect::<Vec<_>>().into();
            let values: Vec<u16> = rows.iter().map(|row| row.0).collect();
            let skip = skip.min(rows.len());
            let nulls = nulls.slice(skip, rows.len() - skip);
            let mut kept = Vec::new();
            compact(&values[skip..], &nulls, &mut kept);
            let expected: Vec<u16> = rows[skip..].iter().filter(|row| row.1).map(|row| row.0).collect();
            prop_assert_eq!(kept, expected);
        }
    }
}
