//! The hypergeometric distribution, and the two-sided test of Fisher that stands on it.

use super::density;

/// Draws without replacement: how many of `drawn` are among the `marked` of `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hypergeometric {
    total: u64,
    marked: u64,
    drawn: u64,
}

/// Two probabilities this close relative to each other are the same one, rounded.
const SAME_PROBABILITY: f64 = 1e-10;
/// Terms below this share of the sum are left out, since they fall at least geometrically from there on.
const NEGLIGIBLE: f64 = 1e-17;

impl Hypergeometric {
    /// `None` when more are marked or drawn than there are.
    #[must_use]
    pub fn new(total: u64, marked: u64, drawn: u64) -> Option<Self> {
        (marked <= total && drawn <= total).then_some(Self { total, marked, drawn })
    }

    /// The smallest and the largest value that can occur.
    #[must_use]
    pub fn support(&self) -> (u64, u64) {
        (self.drawn.saturating_sub(self.total - self.marked), self.marked.min(self.drawn))
    }

    /// P(X = `k`), by Loader's product of three binomial densities.
    #[must_use]
    pub fn pmf(&self, k: u64) -> f64 {
        let (low, high) = self.support();
        if k < low || k > high {
            return 0.0;
        }
        let (total, marked, drawn) = (self.total as f64, self.marked as f64, self.drawn as f64);
        let rest = (self.total - self.drawn) as f64;
        let (p, q) = (drawn / total, rest / total);
        density::binomial(k as f64, marked, p, q)
            * density::binomial((self.drawn - k) as f64, (self.total - self.marked) as f64, p, q)
            / density::binomial(drawn, total, p, q)
    }

    /// P(X ≤ `k`).
    #[must_use]
    pub fn cdf(&self, k: u64) -> f64 {
        let (low, high) = self.support();
        if k < low {
            return 0.0;
        }
        if k >= high {
            return 1.0;
        }
        if k <= self.mode() {
            self.pmf(k) * self.sum_down(k)
        } else {
            1.0 - self.pmf(k + 1) * self.sum_up(k + 1)
        }
    }

    /// P(X > `k`).
    #[must_use]
    pub fn sf(&self, k: u64) -> f64 {
        let (low, high) = self.support();
        if k < low {
            return 1.0;
        }
        if k >= high {
            return 0.0;
        }
        if k < self.mode() {
            1.0 - self.pmf(k) * self.sum_down(k)
        } else {
            self.pmf(k + 1) * self.sum_up(k + 1)
        }
    }

    /// The probability of all values that are at most as probable as `k`: Fisher's two-sided p-value, as
    /// scipy.stats.fisher_exact and R's fisher.test define it. `None` when `k` cannot occur.
    ///
    /// Its time is that of a few standard deviations' worth of terms: about √total.
    #[must_use]
    pub fn two_sided(&self, k: u64) -> Option<f64> {
        let (low, high) = self.support();
        if k < low || k > high {
            return None;
        }
        if low == high {
            return Some(1.0);
        }
        let mode = self.mode();
        let near = if k < mode { self.sum_down(k) } else { self.sum_up(k) };
        let far = self.far_side(k, mode);
        Some((self.pmf(k) * (near + far)).min(1.0))
    }

    fn mode(&self) -> u64 {
        // Products of two counts, so twice the width.
        let product = (u128::from(self.marked) + 1).saturating_mul(u128::from(self.drawn) + 1);
        let mode = product / (u128::from(self.total) + 2);
        u64::try_from(mode).unwrap_or(u64::MAX)
    }

    /// P(X = k + 1) / P(X = k).
    fn ratio_up(&self, k: u64) -> f64 {
        let unmarked_left = (self.total - self.marked) - (self.drawn - k) + 1;
        ((self.marked - k) as f64 / (k + 1) as f64) * ((self.drawn - k) as f64 / unmarked_left as f64)
    }

    /// Σ P(j) / P(k) over j ≥ k.
    fn sum_up(&self, k: u64) -> f64 {
        let (_, high) = self.support();
        let (mut term, mut sum) = (1.0, 1.0);
        for j in k..high {
            term *= self.ratio_up(j);
            sum += term;
            if term < NEGLIGIBLE * sum {
                break;
            }
        }
        sum
    }

    /// Σ P(j) / P(k) over j ≤ k.
    fn sum_down(&self, k: u64) -> f64 {
        let (low, _) = self.support();
        let (mut term, mut sum) = (1.0, 1.0);
        for j in (low..k).rev() {
            term /= self.ratio_up(j);
            sum += term;
            if term < NEGLIGIBLE * sum {
                break;
            }
        }
        sum
    }

    /// Σ P(j) / P(k) over the j on the far side of the mode from k that are at most as probable.
    fn far_side(&self, k: u64, mode: u64) -> f64 {
        let (low, high) = self.support();
        let probability = self.pmf(k);
        if probability == 0.0 {
            return 0.0;
        }
        let limit = probability * (1.0 + SAME_PROBABILITY);
        let within = |j: u64| self.pmf(j) <= limit;
        if k < mode {
            let first = mode + first_true(high - mode + 1, |steps| within(mode + steps));
            return if first > high { 0.0 } else { self.pmf(first) / probability * self.sum_up(first) };
        }
        // Values from k − 1 down to low.
        let steps = first_true(k - low, |steps| within(k - 1 - steps));
        if steps == k - low {
            return 0.0;
        }
        let first = k - 1 - steps;
        self.pmf(first) / probability * self.sum_down(first)
    }
}

/// The first of 0..`count` for which `holds`, which stays true from there on; `count` when there is none.
fn first_true(count: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_and_two_sided_values_are_sums_of_the_densities() {
        for (total, marked, drawn) in [(20, 8, 9), (60, 50, 31), (12, 6, 6), (9, 0, 4), (9, 9, 4)] {
            let law = Hypergeometric::new(total, marked, drawn).unwrap();
            let (low, high) = law.support();
            for k in low..=high {
                let below: f64 = (low..=k).map(|j| law.pmf(j)).sum();
                assert!((law.cdf(k) - below).abs() < 1e-13);
                assert!((law.sf(k) + below - 1.0).abs() < 1e-13);
                let limit = law.pmf(k) * (1.0 + 1e-12);
                let both: f64 = (low..=high).map(|j| law.pmf(j)).filter(|&p| p <= limit).sum();
                let two_sided = law.two_sided(k).unwrap();
                assert!((two_sided - both).abs() < 1e-13, "{law:?} {k}: {two_sided} {both}");
            }
            assert_eq!(law.two_sided(high + 1), None);
        }
        assert_eq!(Hypergeometric::new(3, 4, 1), None);
        let most = Hypergeometric::new(u64::MAX, u64::MAX, u64::MAX).unwrap();
        assert_eq!(most.two_sided(u64::MAX), Some(1.0));
    }
}
