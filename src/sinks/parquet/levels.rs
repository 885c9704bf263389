//! Definition and repetition levels: which values are there, and where lists begin.
//!
//! Source: Apache Parquet format, `README.md` "Nested Encoding" and `Encodings.md`. In a version 1 data
//! page each kind of level is one RLE / bit-packed stream after its own length (four bytes, little
//! endian). A flat nullable column has levels of one bit, and those bits are the Arrow validity bitmap
//! as it stands.

use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use parquet::errors::ParquetError;

use super::Result;
use super::bitpack::{write_hybrid, write_packed_header, write_repeated_run};

/// The validity of a flat column: the levels of the page in progress and the nulls of the chunk.
pub(super) struct Validity {
    nullable: bool,
    bits: BooleanBufferBuilder,
    page_rows: usize,
    page_nulls: usize,
    chunk_nulls: usize,
}

impl Validity {
    pub(super) fn new(nullable: bool) -> Self {
        Self { nullable, bits: BooleanBufferBuilder::new(0), page_rows: 0, page_nulls: 0, chunk_nulls: 0 }
    }

    /// Adds the validity of `rows` rows. Nulls in a column that is declared without them are refused.
    pub(super) fn push(&mut self, nulls: Option<&NullBuffer>, rows: usize) -> Result<()> {
        let null_count = nulls.map_or(0, NullBuffer::null_count);
        self.page_rows += rows;
        self.page_nulls += null_count;
        if !self.nullable {
            return match null_count {
                0 => Ok(()),
                _ => Err(ParquetError::General("null in a column that is declared without nulls".to_owned())),
            };
        }
        match nulls {
            Some(nulls) => self.bits.append_buffer(nulls.inner()),
            None => self.bits.append_n(rows, true),
        }
        Ok(())
    }

    /// Appends the page's levels to `body`, starts the next page, and returns the page's row count.
    pub(super) fn finish_page(&mut self, body: &mut Vec<u8>) -> usize {
        let rows = self.page_rows;
        if self.nullable {
            let valid = rows - self.page_nulls;
            write_stream(body, |body| {
                if valid == 0 || valid == rows {
                    write_repeated_run(u64::from(valid == rows), rows, 1, body);
                } else {
                    write_packed_header(rows, body);
                    body.extend_from_slice(&self.bits.as_slice()[..rows.div_ceil(8)]);
                }
            });
        }
        self.chunk_nulls += self.page_nulls;
        self.bits.truncate(0);
        (self.page_rows, self.page_nulls) = (0, 0);
        rows
    }

    /// The nulls of the chunk; the next chunk starts.
    pub(super) fn finish_chunk(&mut self) -> usize {
        std::mem::take(&mut self.chunk_nulls)
    }
}

/// Appends one stream of levels, none above `highest`.
pub(super) fn write_levels(levels: &[u8], highest: u8, body: &mut Vec<u8>) {
    let width = super::bitpack::width_of(usize::from(highest));
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

    #[test]
    fn a_column_without_nulls_refuses_one() {
        let mut validity = Validity::new(false);
        assert!(validity.push(Some(&NullBuffer::new_null(1)), 1).is_err());
    }
}
