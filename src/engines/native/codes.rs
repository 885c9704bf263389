//! The categories of a row as one number.

use std::ops::Range;

use arrow_array::Array;
use arrow_buffer::NullBuffer;

use super::cells::Code;
use crate::sources::{Batch, CodeKeys, Codes, Values};

/// A column's part in a combined code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The code of a text column, by its place in [`Batch::columns`].
    Text(usize),
    /// 1 where a column has no value, 0 where it has.
    Missing(usize),
}

/// Which columns make a combined code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Combination {
    parts: Vec<Part>,
}

impl Combination {
    /// A combination of `parts`, each taken once.
    pub(super) fn of(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut made = Self::default();
        parts.into_iter().for_each(|part| made.add(part));
        made
    }

    fn add(&mut self, part: Part) {
        if self.tells(part) {
            return;
        }
        if let Part::Text(column) = part {
            self.parts.retain(|&known| known != Part::Missing(column));
        }
        self.parts.push(part);
    }

    /// Whether rows that differ in `part` have different codes.
    fn tells(&self, part: Part) -> bool {
        self.parts.contains(&part) || self.parts.contains(&Part::Text(part.column()))
    }

    /// Whether rows that differ in the codes of `other` differ in this one's too.
    pub(super) fn covers(&self, other: &Self) -> bool {
        other.parts.iter().all(|&part| self.tells(part))
    }

    /// The combination of the parts of both.
    pub(super) fn joined(&self, other: &Self) -> Self {
        Self::of(self.parts.iter().chain(&other.parts).copied())
    }

    /// The number of different codes in `batch`; `None` beyond 64 bits.
    pub(super) fn size(&self, batch: &Batch) -> Option<u64> {
        self.parts.iter().try_fold(1_u64, |product, part| product.checked_mul(part.size(batch)))
    }

    pub(super) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// What both begin with.
    pub(super) fn common_beginning(&self, other: &Self) -> Self {
        let pairs = self.parts.iter().zip(&other.parts);
        Self { parts: pairs.take_while(|(one, other)| one == other).map(|(&part, _)| part).collect() }
    }

    /// Sets `codes` to the combined codes of `rows`, given those of the first `done` parts.
    pub(super) fn set<C: Code>(
        &self,
        codes: &mut Vec<C>,
        (done, beginning): (usize, &[C]),
        (batch, rows): (&Batch, &Range<usize>),
    ) {
        codes.clear();
        codes.extend_from_slice(beginning);
        codes.resize(rows.len(), C::from(0_u8));
        let mut factor = 1_u64;
        for (place, part) in self.parts.iter().enumerate() {
            if place >= done {
                part.add(codes, factor, batch, rows);
            }
            factor *= part.size(batch);
        }
    }

    /// The combined code of one row.
    pub(super) fn code(&self, batch: &Batch, row: usize) -> u64 {
        let mut factor = 1_u64;
        let mut code = 0;
        for part in &self.parts {
            code += part.key(batch, row) * factor;
            factor = factor.wrapping_mul(part.size(batch));
        }
        code
    }
}

impl Part {
    fn column(self) -> usize {
        match self {
            Self::Text(column) | Self::Missing(column) => column,
        }
    }

    fn size(self, batch: &Batch) -> u64 {
        match (self, &batch.columns[self.column()]) {
            (Self::Text(_), Values::Text(codes)) => codes.values.len().max(1) as u64,
            (Self::Text(_), _) => 1,
            (Self::Missing(_), _) => 2,
        }
    }

    fn key(self, batch: &Batch, row: usize) -> u64 {
        match (self, &batch.columns[self.column()]) {
            (Self::Text(_), Values::Text(codes)) => codes.keys.key(row) as u64,
            (Self::Text(_), _) => 0,
            (Self::Missing(_), Values::Text(codes)) => u64::from(codes.text(codes.keys.key(row)).is_none()),
            (Self::Missing(_), values) => u64::from(values.nulls().is_some_and(|nulls| nulls.is_null(row))),
        }
    }

    fn add<C: Code>(self, codes: &mut [C], factor: u64, batch: &Batch, rows: &Range<usize>) {
        match (self, &batch.columns[self.column()]) {
            (Self::Text(_), Values::Text(text)) => match &text.keys {
                CodeKeys::U8(keys) => add_bytes(codes, &keys[rows.clone()], factor, text.values.len()),
                CodeKeys::U16(keys) => add_scaled(codes, &keys[rows.clone()], narrowed(factor)),
                CodeKeys::U32(keys) => add_scaled(codes, &keys[rows.clone()], narrowed(factor)),
            },
            (Self::Text(_), _) => {}
            (Self::Missing(_), Values::Text(text)) => add_without_text(codes, text, narrowed(factor), rows),
            (Self::Missing(_), values) => {
                if let Some(nulls) = values.nulls() {
                    add_nulls(codes, nulls, narrowed(factor), rows);
                }
            }
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

/// Adds keys of one byte, of which there are `size`, times `factor`: in 16 bits where those suffice, since 32-bit
/// products of many rows at once are slow on most machines.
fn add_bytes<C: Code>(codes: &mut [C], keys: &[u8], factor: u64, size: usize) {
    match u16::try_from(factor * size as u64) {
        Err(_) => add_scaled(codes, keys, narrowed(factor)),
        Ok(_) => {
            let factor = factor as u16;
            for (code, &key) in codes.iter_mut().zip(keys) {
                *code += C::from(u16::from(key).wrapping_mul(factor));
            }
        }
    }
}

/// Adds `factor` to the codes of rows whose key is that of a null among the values.
fn add_without_text<C: Code>(codes: &mut [C], text: &Codes, factor: C, rows: &Range<usize>) {
    let Some(nulls) = text.values.logical_nulls() else { return };
    let (keys, nothing) = (0..nulls.len(), C::from(0_u8));
    // One as a rule, behind the values.
    for null in keys.filter(|&key| nulls.is_null(key)) {
        let codes = codes.iter_mut();
        let added = |is_null: bool| if is_null { factor } else { nothing };
        match &text.keys {
            CodeKeys::U8(keys) => {
                let null = u8::try_from(null).ok();
                codes.zip(&keys[rows.clone()]).for_each(|(code, &key)| *code += added(Some(key) == null));
            }
            CodeKeys::U16(keys) => {
                let null = u16::try_from(null).ok();
                codes.zip(&keys[rows.clone()]).for_each(|(code, &key)| *code += added(Some(key) == null));
            }
            CodeKeys::U32(keys) => {
                let null = u32::try_from(null).ok();
                codes.zip(&keys[rows.clone()]).for_each(|(code, &key)| *code += added(Some(key) == null));
            }
        }
    }
}

/// Adds `factor` to the codes of rows that are null.
fn add_nulls<C: Code>(codes: &mut [C], nulls: &NullBuffer, factor: C, rows: &Range<usize>) {
    let nulls = nulls.inner().slice(rows.start, rows.len());
    let (words, nothing) = (nulls.bit_chunks(), C::from(0_u8));
    for (codes, word) in codes.chunks_mut(64).zip(words.iter_padded()) {
        // Most columns have few nulls or, over the days whose rows are complete, none.
        if word == u64::MAX {
            continue;
        }
        for (codes, valid) in codes.chunks_mut(8).zip(word.to_le_bytes()) {
            let are_null = &IS_NULL[usize::from(valid)];
            for (code, &is_null) in codes.iter_mut().zip(are_null) {
                *code += if is_null { factor } else { nothing };
            }
        }
    }
}

/// For each byte of a validity bitmap, which rows it says are null: shifting by each bit's place is slower.
static IS_NULL: [[bool; 8]; 256] = {
    let mut is_null = [[false; 8]; 256];
    let mut valid = 0;
    while valid < 256 {
        let mut bit = 0;
        while bit < 8 {
            is_null[valid][bit] = valid >> bit & 1 == 0;
            bit += 1;
        }
        valid += 1;
    }
    is_null
};
