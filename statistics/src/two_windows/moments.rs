//! Counts, sums and sums of squares: what means and variances are made of, without losing a bit.

use super::wide::Wide;
use super::windows::InvalidWindows;

/// Exact moments of whole numbers (cents, days). Those of parts add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moments {
    /// Rows with a value.
    pub n: u64,
    /// Their sum.
    pub sum: i128,
    /// The sum of their squares.
    pub sum_of_squares: u128,
}

impl Moments {
    /// The moments of some values.
    #[must_use]
    pub fn of_integers(values: &[i64]) -> Self {
        values.iter().fold(Self::default(), |mut moments, &value| {
            moments.n += 1;
            moments.sum += i128::from(value);
            moments.sum_of_squares += u128::from(value.unsigned_abs()).pow(2);
            moments
        })
    }

    /// The moments of both parts together.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        Self {
            n: self.n + other.n,
            sum: self.sum + other.sum,
            sum_of_squares: self.sum_of_squares + other.sum_of_squares,
        }
    }

    /// n·Σx² − (Σx)²; `None` when that is negative, which no values give.
    fn scaled_deviation(self) -> Option<f64> {
        let squares = Wide::product(u128::from(self.n), self.sum_of_squares);
        let square = Wide::product(self.sum.unsigned_abs(), self.sum.unsigned_abs());
        squares.minus(square).map(Wide::value)
    }
}

/// Moments in two windows, with the size of their unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    baseline: Moments,
    current: Moments,
    unit: f64,
}

impl Numbers {
    /// `unit` is what 1 stands for in the moments: 0.01 for cents when results are in dollars.
    ///
    /// # Errors
    /// When no values have such moments, there are more than 2⁶³ − 1 rows, or the unit is not positive and finite.
    pub fn new(baseline: Moments, current: Moments, unit: f64) -> Result<Self, InvalidWindows> {
        for (window, moments) in [("baseline", baseline), ("current", current)] {
            let Moments { n, sum, sum_of_squares } = moments;
            if n > i64::MAX as u64 {
                return Err(InvalidWindows(format!(
                    "{window} window: {n} rows, at most 2^63 - 1 can be compared"
                )));
            }
            if moments.scaled_deviation().is_none() || (n == 0 && sum_of_squares != 0) {
                return Err(InvalidWindows(format!(
                    "{window} window: no {n} values have the sum {sum} and the sum of squares {sum_of_squares}"
                )));
            }
        }
        if !(unit > 0.0 && unit.is_finite()) {
            return Err(InvalidWindows(format!("the unit is {unit}: it must be positive and finite")));
        }
        Ok(Self { baseline, current, unit })
    }

    /// Rows of the baseline and the current window.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        (self.baseline.n, self.current.n)
    }

    /// Current mean − baseline mean; `None` for an empty window.
    #[must_use]
    pub fn mean_difference(&self) -> Option<f64> {
        let (n, m) = self.totals();
        if n == 0 || m == 0 {
            return None;
        }
        // Whole parts and rests apart: the rests are below the counts, so nothing overflows or cancels.
        let (n, m) = (i128::from(n), i128::from(m));
        let whole = self.current.sum.div_euclid(m) - self.baseline.sum.div_euclid(n);
        let rest = self.current.sum.rem_euclid(m) * n - self.baseline.sum.rem_euclid(n) * m;
        let exact = whole.checked_mul(n * m).and_then(|whole| whole.checked_add(rest));
        let product = (n * m) as f64;
        let difference =
            exact.map_or_else(|| whole as f64 + rest as f64 / product, |exact| exact as f64 / product);
        Some(difference * self.unit)
    }

    /// The unbiased variances of the baseline and the current window; `None` unless both have two values.
    #[must_use]
    pub fn variances(&self) -> Option<(f64, f64)> {
        Some((self.variance(self.baseline)?, self.variance(self.current)?))
    }

    fn variance(&self, moments: Moments) -> Option<f64> {
        if moments.n < 2 {
            return None;
        }
        let n = moments.n as f64;
        Some(moments.scaled_deviation()? / n / (n - 1.0) * (self.unit * self.unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn moments_of_parts_add_up(values in prop::collection::vec(-1_000_000i64..1_000_000, 0..40), cut in 0usize..40) {
            let cut = cut.min(values.len());
            let merged = Moments::of_integers(&values[..cut]).merged(Moments::of_integers(&values[cut..]));
            prop_assert_eq!(merged, Moments::of_integers(&values));
        }
    }

    #[test]
    fn variances_survive_a_huge_offset() {
        let far: Vec<i64> = [1, 2, 4, 9].iter().map(|x| x + 4_000_000_000_000_000_000).collect();
        let numbers =
            Numbers::new(Moments::of_integers(&far), Moments::of_integers(&[1, 2, 4, 9]), 1.0).unwrap();
        let (far, near) = numbers.variances().unwrap();
        assert_eq!(far, near);
        assert_eq!(near, 38.0 / 3.0);
        assert_eq!(numbers.mean_difference(), Some(-4e18));
    }

    #[test]
    fn impossible_moments_are_refused() {
        let impossible = Moments { n: 2, sum: 10, sum_of_squares: 49 };
        let fine = Moments::of_integers(&[1, 2]);
        let message = Numbers::new(fine, impossible, 1.0).unwrap_err().to_string();
        assert_eq!(message, "current window: no 2 values have the sum 10 and the sum of squares 49");
        let nothing = Moments { n: 0, sum: 0, sum_of_squares: 1 };
        assert!(Numbers::new(nothing, fine, 1.0).is_err());
        assert!(Numbers::new(fine, fine, 0.0).is_err());
        assert!(Numbers::new(fine, fine, f64::NAN).is_err());
    }
}
