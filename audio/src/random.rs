//! Numbers that are a pure function of a seed, a stream and an index.

/// Which numbers these are: two streams of one seed have nothing to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stream(u64);

impl Stream {
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        let mut state = mixed(seed);
        for byte in name.bytes() {
            state = mixed(state ^ u64::from(byte));
        }
        Self(state)
    }

    /// 64 random bits.
    #[inline]
    pub(crate) fn bits(self, index: u64) -> u64 {
        mixed(self.0.wrapping_add(index.wrapping_mul(GOLDEN_GAMMA)))
    }

    /// From 0 up to and without 1.
    #[inline]
    pub(crate) fn unit(self, index: u64) -> f64 {
        (self.bits(index) >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// From −1 up to and without 1, for noise: 24 bits.
    #[inline]
    pub(crate) fn noise(self, index: u64) -> f32 {
        (self.bits(index) >> 40) as f32 * (1.0 / (1 << 23) as f32) - 1.0
    }

    /// One of `below` whole numbers from 0.
    pub(crate) fn below(self, index: u64, below: usize) -> usize {
        (((self.bits(index) >> 32) * below as u64) >> 32) as usize
    }
}

/// 2⁶⁴ divided by the golden ratio, odd: the step of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable
/// pseudorandom number generators").
const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finalizer of SplitMix64, Stafford's thirteenth variant.
#[inline]
fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_and_streams_differ() {
        let (one, other) = (Stream::new(7, "drums"), Stream::new(7, "bass"));
        assert_ne!(one, other);
        let mean = (0..10_000).map(|index| one.unit(index)).sum::<f64>() / 10_000.0;
        // Four standard errors of the mean of uniform numbers: 4 · √(1/12) / 100.
        assert!((mean - 0.5).abs() < 0.0116, "{mean}");
        let counts = (0..6_000).fold([0; 6], |mut counts, index| {
            counts[one.below(index, 6)] += 1;
            counts
        });
        assert!(counts.iter().all(|&count| (850..1_150).contains(&count)), "{counts:?}");
        assert!((0..1_000).map(|index| one.noise(index)).all(|noise| (-1.0..1.0).contains(&noise)));
    }
}
