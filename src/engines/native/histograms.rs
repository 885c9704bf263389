//! Counts of numbers as histograms.

use std::collections::HashMap;

use super::cells::BlockStart;
use crate::summaries::{Day, Histogram};

/// Rows whose number has no counter of its own, by block, window and number.
pub(super) type Far = HashMap<(BlockStart, u32, i64), u64>;

/// The far numbers of each block, taken apart.
pub(super) struct FarCounts {
    /// Window, number and rows, by block.
    pub(super) by_block: HashMap<BlockStart, Vec<(u32, i64, u64)>>,
}

impl FarCounts {
    pub(super) fn of(far: &mut Far) -> Self {
        let mut by_block: HashMap<BlockStart, Vec<(u32, i64, u64)>> = HashMap::new();
        for ((start, window, number), rows) in far.drain() {
            by_block.entry(start).or_default().push((window, number, rows));
        }
        Self { by_block }
    }
}

/// The same counts by the day on which that many days before `end` began.
pub(super) fn started(end: Day, counts: Vec<(u32, i64, u64)>) -> Vec<(u32, i64, u64)> {
    counts.into_iter().map(|(window, days, rows)| (window, i64::from(end.0) - days, rows)).collect()
}

/// Adds a block's windows to the histograms; the last counter of each window is read from `far`.
pub(super) fn add_histograms(histograms: &mut [Histogram], counts: &[u64], far: &[(u32, i64, u64)]) {
    let bins = counts.len() / histograms.len().max(1);
    let mut numbers: Vec<Vec<(i64, u64)>> = vec![Vec::new(); histograms.len()];
    for &(window, number, rows) in far {
        numbers[window as usize].push((number, rows));
    }
    for (window, (histogram, mut numbers)) in histograms.iter_mut().zip(numbers).enumerate() {
        let counts = counts.get(window * bins..(window + 1) * bins).unwrap_or_default();
        let counts = counts.iter().take(bins.saturating_sub(1)).enumerate();
        numbers.extend(counts.filter(|&(_, &rows)| rows > 0).map(|(number, &rows)| (number as i64, rows)));
        if !numbers.is_empty() {
            *histogram = histogram.merged(&Histogram::from_counts(numbers));
        }
    }
}
