//! The likelihood of a normal distribution.

use super::Cost;
use crate::change_points::Numbers;

/// Length × ln(variance + 10⁻⁶): twice the log likelihood that a segment loses under a normal distribution of its own
/// mean and variance, up to a constant, as `CostNormal` of ruptures. The small addend keeps constant segments finite.
///
/// The logarithm magnifies errors of small variances, so the sums are kept in pairs of doubles.
#[derive(Debug, Clone)]
pub struct Normal {
    sums: Vec<Pair>,
    squares: Vec<Pair>,
}

/// What ruptures 1.1.10 adds to the variance.
const SMALL_VARIANCE: f64 = 1e-6;

/// A number as the sum of two doubles, the second below the rounding of the first (Dekker, A floating-point technique
/// for extending the available precision, Numerische Mathematik 18 (1971) 224-242).
#[derive(Debug, Clone, Copy)]
struct Pair(f64, f64);

impl Pair {
    const ZERO: Self = Self(0.0, 0.0);

    fn sum(one: f64, other: f64) -> Self {
        let sum = one + other;
        let shifted = sum - one;
        Self(sum, (one - (sum - shifted)) + (other - shifted))
    }

    fn product(one: f64, other: f64) -> Self {
        let halves = |number: f64| {
            let spread = 134_217_729.0 * number;
            let high = spread - (spread - number);
            (high, number - high)
        };
        let product = one * other;
        let ((one_high, one_low), (other_high, other_low)) = (halves(one), halves(other));
        let rest = one_high * other_high - product + one_high * other_low + one_low * other_high;
        Self(product, rest + one_low * other_low)
    }

    fn plus(self, other: Self) -> Self {
        let high = Self::sum(self.0, other.0);
        Self::sum(high.0, high.1 + (self.1 + other.1))
    }

    fn minus(self, other: Self) -> Self {
        self.plus(Self(-other.0, -other.1))
    }

    fn times(self, other: Self) -> Self {
        let product = Self::product(self.0, other.0);
        Self::sum(product.0, product.1 + (self.0 * other.1 + self.1 * other.0))
    }
}

impl Normal {
    /// Prepares the cost of a series.
    #[must_use]
    pub fn new(series: &Numbers) -> Self {
        let (mut sums, mut squares) = (vec![Pair::ZERO], vec![Pair::ZERO]);
        let (mut sum, mut square) = (Pair::ZERO, Pair::ZERO);
        for &value in series.values() {
            sum = sum.plus(Pair(value, 0.0));
            square = square.plus(Pair::product(value, value));
            sums.push(sum);
            squares.push(square);
        }
        Self { sums, squares }
    }
}

impl Cost for Normal {
    fn length(&self) -> usize {
        self.sums.len() - 1
    }

    fn least_length(&self) -> usize {
        2
    }

    #[inline]
    fn of(&self, start: usize, end: usize) -> f64 {
        let length = (end - start) as f64;
        let sum = self.sums[end].minus(self.sums[start]);
        let squares = self.squares[end].minus(self.squares[start]);
        let scaled = Pair(length, 0.0).times(squares).minus(sum.times(sum));
        let variance = (scaled.0 / (length * length)).max(0.0);
        length * libm::log(variance + SMALL_VARIANCE)
    }
}
