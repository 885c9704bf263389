//! Quantiles in bounded memory.

use std::collections::BTreeMap;

/// Buckets that are kept.
const MOST_BUCKETS: usize = 4_096;

/// Counts of whole numbers in buckets of one width, a power of two that is 1 as long as that suffices. The width
/// depends on which numbers there are and not on their order, so that sketches merge in any order to the same answer.
///
/// Numbers with a point come as [`ordered`] bits. In those a bucket is a share of the value, so that a width
/// means a relative error, whatever the magnitude.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Quantiles {
    counts: BTreeMap<i64, u64>,
    width_log2: u32,
    total: u64,
    bounds: Option<(i64, i64)>,
}

impl Quantiles {
    /// Adds a number `times` over.
    pub(super) fn add(&mut self, number: i64, times: u64) {
        if times == 0 {
            return;
        }
        *self.counts.entry(number >> self.width_log2).or_default() += times;
        self.total += times;
        self.widen_bounds(number, number);
        self.shrink();
    }

    /// Adds all that another sketch has.
    pub(super) fn merge(&mut self, mut other: Self) {
        let width_log2 = self.width_log2.max(other.width_log2);
        self.coarsen(width_log2);
        other.coarsen(width_log2);
        for (bucket, count) in other.counts {
            *self.counts.entry(bucket).or_default() += count;
        }
        self.total += other.total;
        if let Some((least, greatest)) = other.bounds {
            self.widen_bounds(least, greatest);
        }
        self.shrink();
    }

    fn widen_bounds(&mut self, least: i64, greatest: i64) {
        let (first, last) = self.bounds.unwrap_or((least, greatest));
        self.bounds = Some((first.min(least), last.max(greatest)));
    }

    fn shrink(&mut self) {
        while self.counts.len() > MOST_BUCKETS {
            self.coarsen(self.width_log2 + 1);
        }
    }

    fn coarsen(&mut self, width_log2: u32) {
        let shift = width_log2 - self.width_log2;
        if shift == 0 {
            return;
        }
        let mut counts = BTreeMap::new();
        for (bucket, count) in std::mem::take(&mut self.counts) {
            *counts.entry(bucket >> shift).or_default() += count;
        }
        (self.counts, self.width_log2) = (counts, width_log2);
    }

    /// The least and the greatest number.
    pub(super) fn bounds(&self) -> Option<(i64, i64)> {
        self.bounds
    }

    /// Whether quantiles are exact.
    pub(super) fn is_exact(&self) -> bool {
        self.width_log2 == 0
    }

    /// The least number with at least a share of all numbers at or below it; from a wide bucket, its middle.
    pub(super) fn quantile(&self, share: f64) -> Option<i64> {
        let (least, greatest) = self.bounds?;
        let rank = ((self.total as f64 * share).ceil() as u64).clamp(1, self.total);
        let mut below = 0;
        let found = self.counts.iter().find(|(_, count)| {
            below += *count;
            below >= rank
        });
        let middle = if self.width_log2 == 0 { 0 } else { 1_i64 << (self.width_log2 - 1) };
        found.map(|(bucket, _)| ((bucket << self.width_log2) | middle).clamp(least, greatest))
    }
}

/// The bits of a number as a whole number, in the order of the numbers.
pub(super) fn ordered(number: f64) -> i64 {
    let bits = number.to_bits() as i64;
    // Negative numbers are ordered by falling magnitude (IEEE 754, section 5.10).
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

/// The number of [`ordered`] bits.
pub(super) fn number_of(ordered: i64) -> f64 {
    let bits = if ordered < 0 { ordered ^ i64::MAX } else { ordered };
    f64::from_bits(bits as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sketch(numbers: &[i64]) -> Quantiles {
        let mut sketch = Quantiles::default();
        numbers.iter().for_each(|number| sketch.add(*number, 1));
        sketch
    }

    #[test]
    fn few_numbers_have_exact_quantiles() {
        let sketch = sketch(&(1..=100).collect::<Vec<_>>());
        let quantiles = [0.0, 0.01, 0.25, 0.5, 0.99, 1.0].map(|share| sketch.quantile(share).unwrap());
        assert_eq!(quantiles, [1, 1, 25, 50, 99, 100]);
        assert!(sketch.is_exact());
        assert_eq!(Quantiles::default().quantile(0.5), None);
    }

    #[test]
    fn many_numbers_have_quantiles_of_a_small_relative_error() {
        // Amounts from 1 cent to 1,000,000 in equal steps of their logarithm.
        let numbers: Vec<f64> =
            (0..100_000).map(|step| 0.01 * 1e8_f64.powf(f64::from(step) / 99_999.0)).collect();
        let sketch = sketch(&numbers.iter().map(|number| ordered(*number)).collect::<Vec<_>>());
        assert!(!sketch.is_exact());
        for (share, index) in [(0.25, 24_999), (0.5, 49_999), (0.9, 89_999)] {
            let found = number_of(sketch.quantile(share).unwrap());
            assert!((found / numbers[index] - 1.0).abs() < 0.01, "{found} instead of {}", numbers[index]);
        }
    }

    proptest! {
        #[test]
        fn bits_are_ordered_as_numbers_are(left in any::<f64>(), right in any::<f64>()) {
            prop_assume!(left.is_finite() && right.is_finite());
            prop_assert_eq!(number_of(ordered(left)).to_bits(), left.to_bits());
            prop_assert_eq!(ordered(left).cmp(&ordered(right)), left.total_cmp(&right));
        }

        #[test]
        fn any_order_of_merging_gives_the_same(
            numbers in proptest::collection::vec(-1_000_000_i64..1_000_000, 0..12_000),
            cut in any::<proptest::sample::Index>(),
        ) {
            let (left, right) = numbers.split_at(cut.index(numbers.len() + 1));
            let (mut forward, mut backward) = (sketch(left), sketch(right));
            forward.merge(sketch(right));
            backward.merge(sketch(left));
            prop_assert_eq!(&forward, &backward);
            prop_assert_eq!(forward, sketch(&numbers));
        }
    }
}
