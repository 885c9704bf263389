//! Random words that can be read at any row: (seed, dataset, column, lane) names a stream, a row a word in it.
//!
//! A stream is the SplitMix64 sequence (Steele, Lea and Flood, "Fast splittable pseudorandom number
//! generators", OOPSLA 2014) from a start of its own. The sequence's state is a plain counter, so the word
//! of row *r* is computed without the words before it: any slice of a dataset, down to a single parent row
//! that a child wants to know, costs just its own rows.

/// The increment of the counter: 2^64 divided by the golden ratio, made odd (Steele et al. 2014).
const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// A sequence of independent, uniform 64-bit words, one for each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    start: u64,
}

impl Stream {
    /// The stream of a column. Different names give unrelated streams.
    #[must_use]
    pub fn of_column(seed: u64, dataset: &str, column: &str) -> Self {
        Self { start: mix(seed ^ GOLDEN_GAMMA) }.keyed(dataset).keyed(column)
    }

    /// The stream named `name` under this one.
    #[must_use]
    pub fn keyed(self, name: &str) -> Self {
        let seeded = mix(self.start ^ (name.len() as u64).wrapping_mul(GOLDEN_GAMMA));
        let start =
            name.bytes().fold(seeded, |state, byte| mix(state.wrapping_add(GOLDEN_GAMMA) ^ u64::from(byte)));
        Self { start }
    }

    /// Another stream for the same purpose: the second draw of a row, the third, and so on.
    #[must_use]
    pub fn lane(self, lane: u64) -> Self {
        Self { start: mix(self.start ^ mix(lane.wrapping_add(GOLDEN_GAMMA))) }
    }

    /// The word of one row.
    #[inline]
    #[must_use]
    pub fn word(self, row: u64) -> u64 {
        mix(self.start.wrapping_add(row.wrapping_add(1).wrapping_mul(GOLDEN_GAMMA)))
    }
}

/// The output function of SplitMix64: variant 13 of David Stafford's mixers.
#[inline]
fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

/// A uniform number in [0, 1) with 53 random bits.
#[inline]
#[must_use]
pub fn unit(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// The threshold under which the upper half of a word falls with probability `rate`.
///
/// Compare with [`happens`]. The resolution is 2^-32.
#[inline]
#[must_use]
pub fn threshold(rate: f64) -> u64 {
    (rate.clamp(0.0, 1.0) * 4_294_967_296.0) as u64
}

/// Whether an event with the given [`threshold`] happens on this word (it uses the upper 32 bits).
#[inline]
#[must_use]
pub fn happens(word: u64, threshold: u64) -> bool {
    (word >> 32) < threshold
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::{Rng, SeedableRng};
    use rand_xoshiro::SplitMix64;

    #[test]
    fn words_are_the_library_s_splitmix64_sequence() {
        let stream = Stream::of_column(42, "claims", "payer");
        let mut reference = SplitMix64::seed_from_u64(stream.start);
        let expected: Vec<u64> = (0..1_000).map(|_| reference.next_u64()).collect();
        assert_eq!((0..1_000).map(|row| stream.word(row)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn names_and_lanes_make_streams_of_their_own() {
        let base = Stream::of_column(1, "ab", "c");
        let others =
            [Stream::of_column(1, "a", "bc"), Stream::of_column(2, "ab", "c"), base.lane(0), base.lane(1)];
        assert!(others.iter().all(|other| *other != base));
        assert_ne!(base.lane(0), base.lane(1));
    }

    #[test]
    fn the_output_is_pinned() {
        // A change here changes every dataset: it belongs under "Output changes" in the changelog.
        let stream = Stream::of_column(42, "claims", "payer");
        assert_eq!(
            [stream.word(0), stream.word(1_000_000)],
            [16_456_715_472_049_404_671, 7_735_339_175_306_581_951]
        );
    }

    #[test]
    fn events_happen_at_their_rate() {
        let stream = Stream::of_column(7, "x", "y");
        let limit = threshold(0.2);
        let hits = (0..100_000).filter(|row| happens(stream.word(*row), limit)).count();
        assert!((19_500..20_500).contains(&hits), "{hits} of 100,000 at rate 0.2");
    }
}
