//! Which rows a sample has.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Places in a block: what the generators make at once, so that a sample makes nothing that it does not compare.
pub(super) const BLOCK_PLACES: u64 = 8_192;

/// A share of the rows, chosen in blocks. The same share and seed always choose the same rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    share: f64,
    /// Which of all samples of this share.
    pub seed: u64,
}

impl Sample {
    /// A sample of the share that was typed, such as `1%` or `0.01`.
    ///
    /// # Errors
    /// Says what is allowed.
    pub fn parse(text: &str, seed: u64) -> Result<Self, String> {
        let (digits, unit) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits, 100.0));
        let share = f64::from_str(digits).ok().map(|number| number / unit);
        match share {
            Some(share) if share > 0.0 && share <= 1.0 => Ok(Self { share, seed }),
            _ => Err("a share above 0 and up to 100%, such as 1% or 0.01".to_owned()),
        }
    }

    /// About how many of so many places are in the sample.
    pub(super) fn of(&self, places: u64) -> u64 {
        (places as f64 * self.share).ceil() as u64
    }

    /// Whether a block of a table is in the sample. At least one of a table's blocks is.
    fn has(&self, table: &str, block: u64, blocks: u64) -> bool {
        let hash = |number: u64| {
            let key = [table.as_bytes(), &number.to_le_bytes()].concat();
            xxh3_64_with_seed(&key, self.seed)
        };
        // 53 bits are what a float counts exactly.
        let is_drawn = ((hash(block) >> 11) as f64) < self.share * (1u64 << 53) as f64;
        is_drawn || hash(u64::MAX) % blocks.max(1) == block
    }

    /// The parts of some places of a table that are in the sample, in order. `all` are the table's places.
    pub(super) fn ranges(&self, table: &str, places: Range<u64>, all: u64) -> Vec<Range<u64>> {
        let blocks = all.div_ceil(BLOCK_PLACES);
        let first = places.start / BLOCK_PLACES;
        let chosen =
            (first..places.end.div_ceil(BLOCK_PLACES)).filter(|block| self.has(table, *block, blocks));
        let range = |block: u64| {
            let start = block * BLOCK_PLACES;
            start.max(places.start)..(start + BLOCK_PLACES).min(places.end)
        };
        chosen.map(range).collect()
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} % of the rows, seed {}", self.share * 100.0, self.seed)
    }
}

/// All places, cut where the generators' blocks end.
pub(super) fn blocks(places: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    let mut start = places.start;
    std::iter::from_fn(move || {
        let end = ((start / BLOCK_PLACES + 1) * BLOCK_PLACES).min(places.end);
        let range = start..end;
        start = end;
        (!range.is_empty()).then_some(range)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shares_are_read_as_people_write_them() {
        for (text, share) in [("1%", 0.01), ("0.5", 0.5), ("100%", 1.0), ("0.1%", 0.001)] {
            assert!((Sample::parse(text, 1).unwrap().share - share).abs() < 1e-12, "{text}");
        }
        for text in ["0", "0%", "101%", "1.5", "-1%", "%", "", "NaN", "half"] {
            assert!(Sample::parse(text, 1).is_err(), "{text}");
        }
    }

    #[test]
    fn a_sample_has_about_its_share_and_never_nothing() {
        let all = 10_000 * BLOCK_PLACES;
        let sample = Sample::parse("1%", 7).unwrap();
        let rows: u64 =
            sample.ranges("claims", 0..all, all).iter().map(|range| range.end - range.start).sum();
        // Four standard deviations of a binomial count of 10,000 blocks: 0.4 %.
        assert!((rows as f64 / all as f64 - 0.01).abs() < 0.004, "{rows}");
        for seed in 0..50 {
            let sample = Sample::parse("0.001%", seed).unwrap();
            assert!(!sample.ranges("claims", 0..20_000, 20_000).is_empty());
        }
        let other = Sample::parse("1%", 8).unwrap();
        assert_ne!(sample.ranges("claims", 0..all, all), other.ranges("claims", 0..all, all));
    }

    proptest! {
        #[test]
        fn blocks_cover_the_places(start in 0u64..50_000, length in 0u64..50_000) {
            let mut next = start;
            for range in blocks(start..start + length) {
                prop_assert_eq!(range.start, next);
                prop_assert!(range.end > range.start);
                prop_assert_eq!(range.start / BLOCK_PLACES, (range.end - 1) / BLOCK_PLACES);
                next = range.end;
            }
            prop_assert_eq!(next, start + length);
            let whole = Sample::parse("100%", 3).unwrap();
            let ranges = whole.ranges("t", start..start + length, start + length);
            prop_assert_eq!(ranges, blocks(start..start + length).collect::<Vec<_>>());
        }
    }
}
