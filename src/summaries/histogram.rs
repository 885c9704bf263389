//! Exact counts of decision days.

use std::cmp::Ordering;

/// How many claims took how many days to decide: an exact histogram with one bin per day.
///
/// Days are decided − submitted; they may be negative or far apart. Only days that occur take memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DelayHistogram {
    /// (days, claims), ascending in days, no claims of 0: equal contents have equal forms.
    bins: Vec<(i64, u64)>,
}

impl DelayHistogram {
    /// The histogram of `(delay_days, claims)` pairs in any order; a day may occur more than once.
    #[must_use]
    pub fn from_counts(mut counts: Vec<(i64, u64)>) -> Self {
        counts.retain(|&(_, claims)| claims > 0);
        counts.sort_unstable_by_key(|&(days, _)| days);
        counts.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 += later.1;
            }
            same
        });
        Self { bins: counts }
    }

    /// The days that occur with their claims, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (i64, u64)> + '_ {
        self.bins.iter().copied()
    }

    /// Claims on all days.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.bins.iter().map(|&(_, claims)| claims).sum()
    }

    /// The claims of both histograms.
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

    /// The median in days, exact: the middle value of an odd number of claims, (a + b) / 2 of the two
    /// middle values of an even number; `None` without claims.
    ///
    /// The sum is taken in integers before the one division, as Python's `statistics.median` does.
    #[must_use]
    pub fn median_days(&self) -> Option<f64> {
        let count = self.count();
        let upper = self.value_at(count / 2)?;
        if count % 2 == 1 {
            return Some(upper as f64);
        }
        let lower = self.value_at(count / 2 - 1)?;
        Some((lower + upper) as f64 / 2.0)
    }

    /// The value at `rank` (from 0) when all claims stand in ascending order.
    fn value_at(&self, rank: u64) -> Option<i64> {
        let mut passed = 0;
        self.iter().find_map(|(days, claims)| {
            passed += claims;
            (rank < passed).then_some(days)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn histogram_of(days: &[i64]) -> DelayHistogram {
        DelayHistogram::from_counts(days.iter().map(|&days| (days, 1)).collect())
    }

    #[test]
    fn medians_match_python() {
        // Python 3 statistics.median of the same lists: 3, 2.5, -1.0, 150.
        assert_eq!(histogram_of(&[5, 1, 3]).median_days(), Some(3.0));
        assert_eq!(histogram_of(&[4, 1, 3, 2]).median_days(), Some(2.5));
        assert_eq!(histogram_of(&[-4, 2]).median_days(), Some(-1.0));
        assert_eq!(histogram_of(&[0, 300]).median_days(), Some(150.0));
    }

    #[test]
    fn nothing_has_no_median() {
        assert_eq!(DelayHistogram::default().median_days(), None);
        assert_eq!(DelayHistogram::from_counts(vec![(7, 0)]), DelayHistogram::default());
    }

    proptest! {
        #[test]
        fn the_median_is_that_of_the_sorted_list(mut days in prop::collection::vec(-400..4_000_000_000_i64, 1..60)) {
            let median = histogram_of(&days).median_days();
            days.sort_unstable();
            let half = days.len() / 2;
            let expected =
                if days.len() % 2 == 1 { days[half] as f64 } else { (days[half - 1] + days[half]) as f64 / 2.0 };
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
