//! Rows as codes and bins, one column at a time.

use std::ops::Range;

use super::cells::{Code, Rows};
use super::days::DayTable;
use crate::sources::{ClaimBatch, CodeKeys};

/// Rows handled at a time: the scratch columns stay in the first-level cache.
const CHUNK_ROWS: usize = 1_024;

/// Decision days from 0 to 255 have a counter each: most claims are decided by then.
const DENSE_DAYS: u32 = 256;

/// The bin of all other decision days.
pub(super) const ELSEWHERE: u32 = DENSE_DAYS;

/// Counters per block of decision days.
pub(super) const DELAY_BINS: usize = DENSE_DAYS as usize + 1;

/// The sizes of a batch's dictionaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sizes {
    pub(super) payers: u64,
    pub(super) cpt_groups: u64,
    pub(super) outcomes: u64,
}

impl Sizes {
    /// Combinations of a payer, a CPT group and an outcome; `None` beyond 64 bits.
    pub(super) fn checked_product(&self) -> Option<u64> {
        self.payers.checked_mul(self.cpt_groups)?.checked_mul(self.outcomes)
    }

    /// Combinations of sizes that were checked before.
    pub(super) fn product(&self) -> u64 {
        self.payers * self.cpt_groups * self.outcomes
    }
}

/// The row numbers of a batch in chunks.
pub(super) fn chunks(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows).step_by(CHUNK_ROWS).map(move |start| start..rows.min(start + CHUNK_ROWS))
}

/// Scratch columns of one chunk.
#[derive(Debug)]
pub(super) struct Chunk<C> {
    codes: Vec<C>,
    bins: Vec<u32>,
}

impl<C: Code> Chunk<C> {
    pub(super) fn new() -> Self {
        Self { codes: vec![C::from(0_u8); CHUNK_ROWS], bins: vec![0; CHUNK_ROWS] }
    }

    pub(super) fn rows(&self, rows: &Range<usize>) -> Rows<'_, C> {
        Rows { codes: &self.codes[..rows.len()], bins: &self.bins[..rows.len()] }
    }

    /// Sets every code to (payer · CPT groups + CPT group) · outcomes + outcome.
    pub(super) fn set_segment_codes(&mut self, batch: &ClaimBatch, rows: &Range<usize>, sizes: &Sizes) {
        let codes = &mut self.codes[..rows.len()];
        // The products fit: a table for 32-bit codes is never made for more than 2²⁰ of them.
        let outcomes = narrowed::<C>(sizes.outcomes);
        codes.fill(C::from(0_u8));
        add_keys(codes, &batch.payer.keys, rows, narrowed::<C>(sizes.cpt_groups) * outcomes);
        add_keys(codes, &batch.cpt_group.keys, rows, outcomes);
        add_keys(codes, &batch.outcome.keys, rows, C::from(1_u8));
    }

    /// Adds window · (combinations) to every code.
    pub(super) fn add_windows(&mut self, submitted: &[i32], windows: &DayTable, sizes: &Sizes) {
        let combinations = narrowed::<C>(sizes.product());
        let codes = &mut self.codes[..submitted.len()];
        if let Some(window) =
            first_and_last(submitted).and_then(|(first, last)| windows.range_of_all(first, last))
        {
            let offset = C::from(window) * combinations;
            codes.iter_mut().for_each(|code| *code += offset);
            return;
        }
        for (code, &day) in codes.iter_mut().zip(submitted) {
            *code += C::from(windows.range_of(day)) * combinations;
        }
    }

    /// Sets every bin to the decision days, and says whether any of them are [`ELSEWHERE`].
    pub(super) fn set_delays(&mut self, submitted: &[i32], decided: &[i32]) -> bool {
        let mut largest = 0;
        for ((bin, &submitted), &decided) in self.bins.iter_mut().zip(submitted).zip(decided) {
            // Negative days become huge numbers; saturation keeps far days from wrapping into range.
            *bin = (decided.saturating_sub(submitted) as u32).min(ELSEWHERE);
            largest = largest.max(*bin);
        }
        largest == ELSEWHERE
    }

    /// Sets every bin to the number of the bucket that holds the submitted day, and the code of rows outside
    /// of all buckets to the number of combinations, whatever their segment.
    pub(super) fn set_buckets(&mut self, submitted: &[i32], buckets: &DayTable, sizes: &Sizes) {
        let nowhere = narrowed::<C>(sizes.product());
        for ((code, bin), &day) in self.codes.iter_mut().zip(&mut self.bins).zip(submitted) {
            *bin = buckets.range_of(day);
            if *bin == buckets.outside() {
                *code = nowhere;
            }
        }
    }
}

/// The earliest and the latest day.
pub(super) fn first_and_last(days: &[i32]) -> Option<(i32, i32)> {
    let first = *days.first()?;
    Some(days.iter().fold((first, first), |(low, high), &day| (low.min(day), high.max(day))))
}

/// A product of dictionary sizes as a code: 64-bit codes hold all of it, 32-bit codes are used below 2²⁰.
fn narrowed<C: Code>(number: u64) -> C {
    let (high, low) = ((number >> 32) as u32, number as u32);
    if high == 0 { C::from(low) } else { C::from(high) * C::from(u32::MAX) + C::from(high) + C::from(low) }
}

/// Adds key · factor to every code.
fn add_keys<C: Code>(codes: &mut [C], keys: &CodeKeys, rows: &Range<usize>, factor: C) {
    match keys {
        CodeKeys::U8(keys) => add_scaled(codes, &keys[rows.clone()], factor),
        CodeKeys::U16(keys) => add_scaled(codes, &keys[rows.clone()], factor),
        CodeKeys::U32(keys) => add_scaled(codes, &keys[rows.clone()], factor),
    }
}

fn add_scaled<C: Code + From<K>, K: Copy>(codes: &mut [C], keys: &[K], factor: C) {
    for (code, &key) in codes.iter_mut().zip(keys) {
        *code += C::from(key) * factor;
    }
}
