//! A fingerprint of the row: it stands for the hash of the source record that a loader keeps.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::Result;
use crate::rng::Stream;
use crate::scope::Scope;
use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// Hexadecimal digits of a fingerprint.
const DIGITS: usize = 16;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "row_hash",
    about: "16 hexadecimal digits that only this row has; the map from rows to fingerprints is one to one",
    keys: "",
    drifts: &[],
    build: |scope, params| RowHash::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {}

#[derive(Debug)]
struct RowHash {
    stream: Stream,
}

impl RowHash {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params {} = keys(params)?;
        Ok(Self { stream: scope.stream() })
    }
}

/// The sixteen digits of a word, most significant first.
fn hexadecimal(word: u64) -> [u8; DIGITS] {
    // One digit in each byte, so that a few wide operations make all sixteen.
    let spread = |half: u32| {
        let half = u64::from(half);
        let half = (half | (half << 16)) & 0x0000_FFFF_0000_FFFF;
        let half = (half | (half << 8)) & 0x00FF_00FF_00FF_00FF;
        (half | (half << 4)) & 0x0F0F_0F0F_0F0F_0F0F
    };
    let letters = |digits: u64| {
        // Adding 6 carries into bit 4 just where a digit is ten or more.
        let above_nine = ((digits + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101;
        digits + 0x3030_3030_3030_3030 + above_nine * u64::from(b'a' - b'0' - 10)
    };
    let mut text = [0; DIGITS];
    text[..8].copy_from_slice(&letters(spread((word >> 32) as u32)).to_be_bytes());
    text[8..].copy_from_slice(&letters(spread(word as u32)).to_be_bytes());
    text
}

impl Column for RowHash {
    fn data_type(&self) -> DataType {
        DataType::Utf8
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        let mut text = Vec::with_capacity(span.len() * DIGITS);
        span.each_word(self.stream, |_, word| text.extend_from_slice(&hexadecimal(word)));
        let ends: Vec<i32> = (0..=span.len()).map(|row| (row * DIGITS) as i32).collect();
        let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
        Arc::new(StringArray::new(ends, text.into(), span.nulls))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_are_the_standard_library_s(word: u64) {
            let digits = hexadecimal(word);
            prop_assert_eq!(std::str::from_utf8(&digits).unwrap(), format!("{word:016x}"));
        }
    }
}
