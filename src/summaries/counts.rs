//! Counts and sums of rows, exact.

use std::ops::AddAssign;

/// Rows, and those of them that are hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that are what is counted.
    pub hits: u64,
    /// All rows.
    pub trials: u64,
}

impl Tally {
    /// Hits over trials; `None` without trials.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        (self.trials > 0).then(|| self.hits as f64 / self.trials as f64)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        *self += &more;
    }
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, more: &Self) {
        self.hits += more.hits;
        self.trials += more.trials;
    }
}

/// The count, the sum and the sum of squares of whole numbers of at most 53 bits, of which two million fit whatever
/// they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moments {
    /// Numbers.
    pub n: u64,
    /// Their sum.
    pub sum: i128,
    /// The sum of their squares.
    pub sum_of_squares: i128,
}

impl Moments {
    /// The mean; `None` without numbers.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum as f64 / self.n as f64)
    }

    /// The variance about the mean, with `n` in the denominator; `None` without numbers.
    ///
    /// n·Σx² − (Σx)² is taken in integers, so nothing is lost by the subtraction.
    #[must_use]
    pub fn population_variance(&self) -> Option<f64> {
        let n = i128::from(self.n);
        (n > 0).then(|| (n * self.sum_of_squares - self.sum * self.sum) as f64 / (self.n as f64).powi(2))
    }

    /// Adds one number `times` times.
    pub fn add(&mut self, number: i64, times: u64) {
        let (number, times_wide) = (i128::from(number), i128::from(times));
        self.n += times;
        self.sum += number * times_wide;
        self.sum_of_squares += number * number * times_wide;
    }
}

impl AddAssign for Moments {
    fn add_assign(&mut self, more: Self) {
        *self += &more;
    }
}

impl AddAssign<&Self> for Moments {
    fn add_assign(&mut self, more: &Self) {
        self.n += more.n;
        self.sum += more.sum;
        self.sum_of_squares += more.sum_of_squares;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undefined_is_absent() {
        assert_eq!(Tally::default().rate(), None);
        assert_eq!((Moments::default().mean(), Moments::default().population_variance()), (None, None));
    }

    #[test]
    fn moments_match_numpy() {
        // numpy 2.3: x = [3, 3, -4, 10]; x.mean() = 3.0, x.var() = 24.5.
        let mut moments = Moments::default();
        [(3, 2), (-4, 1), (10, 1)].into_iter().for_each(|(number, times)| moments.add(number, times));
        assert_eq!((moments.n, moments.mean(), moments.population_variance()), (4, Some(3.0), Some(24.5)));
    }
}
