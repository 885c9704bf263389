//! Whole numbers of 256 bits: as much as n·Σx² − (Σx)² needs.

/// The product of two 128-bit numbers, as high and low half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wide {
    high: u128,
    low: u128,
}

impl Wide {
    pub fn product(a: u128, b: u128) -> Self {
        const MASK: u128 = u64::MAX as u128;
        let (a_high, a_low) = (a >> 64, a & MASK);
        let (b_high, b_low) = (b >> 64, b & MASK);
        let low = a_low * b_low;
        // Neither sum can carry: (2⁶⁴ − 1)² + 2 (2⁶⁴ − 1) < 2¹²⁸.
        let middle = a_high * b_low + (low >> 64);
        let other = a_low * b_high + (middle & MASK);
        Self { high: a_high * b_high + (middle >> 64) + (other >> 64), low: (other << 64) | (low & MASK) }
    }

    /// `None` when `other` is larger.
    pub fn minus(self, other: Self) -> Option<Self> {
        let (low, borrowed) = self.low.overflowing_sub(other.low);
        let high = self.high.checked_sub(other.high)?.checked_sub(u128::from(borrowed))?;
        Some(Self { high, low })
    }

    /// The nearest number or its neighbour.
    pub fn value(self) -> f64 {
        const TWO_TO_128: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;
        self.high as f64 * TWO_TO_128 + self.low as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_differences_are_exact() {
        assert_eq!(Wide::product(u128::MAX, u128::MAX), Wide { high: u128::MAX - 1, low: 1 });
        let (a, b) = (0x1234_5678_9abc_def0_u128 << 50 | 7, 0xfedc_ba98_7654_3210_u128 << 30 | 9);
        // (a + 1)(b − 1) = ab − a + b − 1
        let one = Wide::product(a, b).minus(Wide::product(a + 1, b - 1)).unwrap();
        assert_eq!(one, Wide { high: 0, low: a - b + 1 });
        assert_eq!(Wide::product(3, 5).minus(Wide::product(4, 4)), None);
        assert_eq!(Wide::product(1 << 100, 1 << 100).value(), 2f64.powi(200));
    }
}
