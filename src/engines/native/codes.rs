//! The categories of a row as one number.

use std::ops::Range;

use super::cells::Code;
use crate::sources::{Batch, CodeKeys, Values};

/// A column's part in a combined code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The code of a text column, by its place in [`Batch::columns`].
    Text(usize),
    /// 1 where a column of numbers or days has no value, 0 where it has.
    Missing(usize),
}

/// Which columns make a combined code: those of the segment, and those that a metric asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Combination {
    pub(super) parts: Vec<Part>,
}

impl Combination {
    /// The number of different codes in `batch`; `None` beyond 64 bits.
    pub(super) fn size(&self, batch: &Batch) -> Option<u64> {
        self.parts.iter().try_fold(1_u64, |product, part| product.checked_mul(part.size(batch)))
    }

    /// Sets `codes` to the combined codes of `rows`.
    pub(super) fn set<C: Code>(&self, codes: &mut Vec<C>, batch: &Batch, rows: &Range<usize>) {
        codes.clear();
        codes.resize(rows.len(), C::from(0_u8));
        let mut factor = 1_u64;
        for part in self.parts.iter().rev() {
            part.add(codes, narrowed(factor), batch, rows);
            factor *= part.size(batch);
        }
    }
}

impl Part {
    fn size(self, batch: &Batch) -> u64 {
        match self {
            Self::Text(column) => match &batch.columns[column] {
                Values::Text(codes) => codes.values.len().max(1) as u64,
                _ => 1,
            },
            Self::Missing(_) => 2,
        }
    }

    fn add<C: Code>(self, codes: &mut [C], factor: C, batch: &Batch, rows: &Range<usize>) {
        match (self, &batch.columns[self.column()]) {
            (Self::Text(_), Values::Text(text)) => match &text.keys {
                CodeKeys::U8(keys) => add_scaled(codes, &keys[rows.clone()], factor),
                CodeKeys::U16(keys) => add_scaled(codes, &keys[rows.clone()], factor),
                CodeKeys::U32(keys) => add_scaled(codes, &keys[rows.clone()], factor),
            },
            (Self::Missing(_), values) => {
                let Some(nulls) = values.nulls() else { return };
                let nulls = nulls.slice(rows.start, rows.len());
                for row in (0..rows.len()).filter(|&row| nulls.is_null(row)) {
                    codes[row] += factor;
                }
            }
            _ => {}
        }
    }

    fn column(self) -> usize {
        match self {
            Self::Text(column) | Self::Missing(column) => column,
        }
    }
}

/// A product of sizes as a code: 64-bit codes hold all of it, 32-bit codes are used below 2²⁰.
fn narrowed<C: Code>(number: u64) -> C {
    let (high, low) = ((number >> 32) as u32, number as u32);
    if high == 0 { C::from(low) } else { C::from(high) * C::from(u32::MAX) + C::from(high) + C::from(low) }
}

fn add_scaled<C: Code + From<K>, K: Copy>(codes: &mut [C], keys: &[K], factor: C) {
    for (code, &key) in codes.iter_mut().zip(keys) {
        *code += C::from(key) * factor;
    }
}
