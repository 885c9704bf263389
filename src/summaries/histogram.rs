//! Exact counts of whole numbers.

use std::cmp::Ordering;
use std::ops::AddAssign;

/// How many rows have which number: number, or the [`super::log_code`] of an amount.
///
/// Numbers may be negative or far apart. Only those that occur take memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// (number, rows), ascending in the number, no rows of 0: equal contents have equal forms.
    bins: Vec<(i64, u64)>,
}

impl Histogram {
    /// The histogram of `(number, rows)` pairs in any order; a number may occur more than once.
    #[must_use]
    pub fn from_counts(mut counts: Vec<(i64, u64)>) -> Self {
        counts.retain(|&(_, rows)| rows > 0);
        counts.sort_unstable_by_key(|&(number, _)| number);
        counts.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 += later.1;
            }
            same
        });
        Self { bins: counts }
    }

    /// The numbers that occur with their rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (i64, u64)> + '_ {
        self.bins.iter().copied()
    }

    /// Rows of all numbers.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.bins.iter().map(|&(_, rows)| rows).sum()
    }

    /// The rows of both histograms.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let mut bins = Vec::with_capacity(self.bins.len().max(other.bins.len()));
        let (mut left, mut right) =
            (self.bins.iter().copied().peekable(), other.bins.iter().copied().peekable());
        while let (Some(&a), Some(&b)) = (left.peek(), right.peek()) {
            bins.push(match a.0.cmp(&b.0) {
                Ordering::Less => a,
                Ordering::Greater => b,
                Ordering::Equal => (a.0, a.1 + b.1),
            });
            if a.0 <= b.0 {
                left.next();
            }
            if b.0 <= a.0 {
                right.next();
            }
        }
        bins.extend(left);
        bins.extend(right);
        Self { bins }
    }

    /// The median, exact: the middle number of an odd count of rows, (a + b) / 2 of the two middle numbers of an
    /// even count; `None` without rows.
    ///
    /// The sum is taken in integers before the one division, as Python's `statistics.median` does.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        let count = self.count();
        let upper = self.value_at(count / 2)?;
        if count % 2 == 1 {
            return Some(upper as f64);
        }
        let lower = self.value_at(count / 2 - 1)?;
        Some((lower + upper) as f64 / 2.0)
    }

    /// The number that `share` of the rows do not pass, from 0 to 1: the smallest with at least that share of the
    /// rows at or below it (numpy's method `inverted_cdf`); `None` without rows.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<i64> {
        let count = self.count();
        let rank = (share.clamp(0.0, 1.0) * count as f64).ceil() as u64;
        self.value_at(rank.clamp(1, count.max(1)) - 1)
    }

    /// The bins, for readers that need them all at once.
    #[must_use]
    pub fn bins(&self) -> &[(i64, u64)] {
        &self.bins
    }

    /// The value at `rank` (from 0) when all rows stand in ascending order.
    fn value_at(&self, rank: u64) -> Option<i64> {
        let mut passed = 0;
        self.iter().find_map(|(number, rows)| {
            passed += rows;
            (rank < passed).then_some(number)
        })
    }
}

impl AddAssign<&Self> for Histogram {
    fn add_assign(&mut self, more: &Self) {
        if self.bins.is_empty() {
            self.bins.clone_from(&more.bins);
        } else if !more.bins.is_empty() {
            *self = self.merged(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn histogram_of(numbers: &[i64]) -> Histogram {
        Histogram::from_counts(numbers.iter().map(|&number| (number, 1)).collect())
    }

    #[test]
    fn medians_match_python() {
        // Python 3 statistics.median of the same lists: 3, 2.5, -1.0, 150.
        assert_eq!(histogram_of(&[5, 1, 3]).median(), Some(3.0));
        assert_eq!(histogram_of(&[4, 1, 3, 2]).median(), Some(2.5));
        assert_eq!(histogram_of(&[-4, 2]).median(), Some(-1.0));
        assert_eq!(histogram_of(&[0, 300]).median(), Some(150.0));
    }

    #[test]
    fn nothing_has_no_median() {
        assert_eq!(Histogram::default().median(), None);
        assert_eq!(Histogram::from_counts(vec![(7, 0)]), Histogram::default());
    }

    proptest! {
        #[test]
        fn the_median_is_that_of_the_sorted_list(mut number in prop::collection::vec(-400..4_000_000_000_i64, 1..60)) {
            let median = histogram_of(&number).median();
            number.sort_unstable();
            let half = number.len() / 2;
            let expected =
                if number.len() % 2 == 1 { number[half] as f64 } else { (number[half - 1] + number[half]) as f64 / 2.0 };
            prop_assert_eq!(median, Some(expected));
        }

        #[test]
        fn merging_is_counting_together(
            left in prop::collection::vec(-5..9_i64, 0..40),
            right in prop::collection::vec(-5..9_i64, 0..40),
        ) {
            let both = [left.as_slice(), right.as_slice()].concat();
            let (left, right) = (histogram_of(&left), histogram_of(&right));
            prop_assert_eq!(left.merged(&right), histogram_of(&both));
            prop_assert_eq!(left.merged(&right), right.merged(&left));
            prop_assert_eq!(left.merged(&right).count(), both.len() as u64);
        }
    }
}
