//! A change of a rate or mean, taken apart into changes within sub-segments and a shift of mix between them.
//!
//! Kitagawa (1955), "Components of a difference between two rates", Journal of the American Statistical Association
//! 50(272): with shares w and rates r of sub-segment k in baseline (0) and current (1) window,
//! R₁ − R₀ = Σ (w₀ + w₁)/2 · (r₁ − r₀) + Σ (w₁ − w₀) · (r₀ + r₁)/2. The second sum is taken about the overall rate
//! (R₀ + R₁)/2, which changes nothing in all and gives each sub-segment its own part: one that grows and has a
//! rate above the overall one raises it.

use serde::Serialize;

/// How much of a change a sub-segment carries.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// The column's value.
    pub value: String,
    /// Its share of the rows in the baseline window, from 0 to 1.
    pub baseline_share: f64,
    /// Its share of the rows in the current window.
    pub current_share: f64,
    /// Its rate or mean in the baseline window; `None` without rows there.
    pub baseline_value: Option<f64>,
    /// Its rate or mean in the current window.
    pub current_value: Option<f64>,
    /// What the change of its own rate or mean adds to the whole change.
    pub rate_effect: f64,
    /// What the change of its share adds.
    pub mix_effect: f64,
}

impl Part {
    /// All that the sub-segment adds to the whole change.
    #[must_use]
    pub fn contribution(&self) -> f64 {
        self.rate_effect + self.mix_effect
    }
}

/// A change by the values of one column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cause {
    /// The column.
    pub column: String,
    /// What changes within sub-segments add up to.
    pub rate_effect: f64,
    /// What the shift of mix between them adds up to; with the rate effect the whole change.
    pub mix_effect: f64,
    /// The sub-segments that carry most of it, the first most.
    pub parts: Vec<Part>,
}

/// Rows and the sum of what they have, of a sub-segment in both windows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Decomposition {
    /// Rows in the baseline window.
    pub baseline_n: u64,
    /// Their hits, or the sum of their numbers.
    pub baseline_sum: f64,
    /// Rows in the current window.
    pub current_n: u64,
    /// Their hits, or the sum of their numbers.
    pub current_sum: f64,
}

impl Decomposition {
    fn baseline(&self) -> Option<f64> {
        (self.baseline_n > 0).then(|| self.baseline_sum / self.baseline_n as f64)
    }

    fn current(&self) -> Option<f64> {
        (self.current_n > 0).then(|| self.current_sum / self.current_n as f64)
    }

    /// The cause by `column`, with its `most` largest parts; `None` when a window has no rows.
    #[must_use]
    pub fn cause(column: &str, parts: &[(String, Self)], most: usize) -> Option<Cause> {
        let mut whole = Self::default();
        for (_, part) in parts {
            whole.baseline_n += part.baseline_n;
            whole.baseline_sum += part.baseline_sum;
            whole.current_n += part.current_n;
            whole.current_sum += part.current_sum;
        }
        let middle = (whole.baseline()? + whole.current()?) / 2.0;
        let mut parts: Vec<Part> =
            parts.iter().map(|(value, part)| part.part(value, &whole, middle)).collect();
        let rate_effect = parts.iter().map(|part| part.rate_effect).sum();
        let mix_effect = parts.iter().map(|part| part.mix_effect).sum();
        parts.sort_by(|a, b| {
            let by_size = b.contribution().abs().total_cmp(&a.contribution().abs());
            by_size.then_with(|| a.value.cmp(&b.value))
        });
        parts.truncate(most);
        Some(Cause { column: column.to_owned(), rate_effect, mix_effect, parts })
    }

    fn part(&self, value: &str, whole: &Self, middle: f64) -> Part {
        let baseline_share = self.baseline_n as f64 / whole.baseline_n as f64;
        let current_share = self.current_n as f64 / whole.current_n as f64;
        let (baseline, current) = (self.baseline(), self.current());
        // A sub-segment of one window only has not changed its rate: it came or went.
        let (from, to) = (baseline.or(current).unwrap_or(middle), current.or(baseline).unwrap_or(middle));
        Part {
            value: value.to_owned(),
            baseline_share,
            current_share,
            baseline_value: baseline,
            current_value: current,
            rate_effect: (baseline_share + current_share) / 2.0 * (to - from),
            mix_effect: (current_share - baseline_share) * ((from + to) / 2.0 - middle),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(baseline_n: u64, baseline_sum: f64, current_n: u64, current_sum: f64) -> Decomposition {
        Decomposition { baseline_n, baseline_sum, current_n, current_sum }
    }

    #[test]
    fn a_shift_of_mix_is_not_a_change_of_rates() {
        // Simpson's reversal: both sub-segments deny less than before, and all together more.
        let parts =
            [("easy".to_owned(), of(800, 40.0, 200, 8.0)), ("hard".to_owned(), of(200, 80.0, 800, 312.0))];
        let cause = Decomposition::cause("kind", &parts, 9).unwrap();
        assert!(cause.rate_effect < 0.0 && cause.mix_effect > 0.2, "{cause:?}");
        assert!((cause.rate_effect + cause.mix_effect - (0.32 - 0.12)).abs() < 1e-12);
        assert_eq!(cause.parts[0].value, "hard");
    }

    #[test]
    fn without_rows_there_is_no_cause() {
        assert_eq!(Decomposition::cause("kind", &[("a".to_owned(), of(0, 0.0, 5, 1.0))], 3), None);
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_change(
            counts in prop::collection::vec((0..500_u64, 0.0..1.0_f64, 0..500_u64, 0.0..1.0_f64), 1..12),
        ) {
            let parts: Vec<(String, Decomposition)> = counts
                .iter()
                .enumerate()
                .map(|(index, &(n, rate, m, other))| {
                    (index.to_string(), of(n, n as f64 * rate, m, m as f64 * other))
                })
                .collect();
            let sum = |of: fn(&Decomposition) -> f64| parts.iter().map(|(_, part)| of(part)).sum::<f64>();
            let (n, m) = (sum(|part| part.baseline_n as f64), sum(|part| part.current_n as f64));
            prop_assume!(n > 0.0 && m > 0.0);
            let change = sum(|part| part.current_sum) / m - sum(|part| part.baseline_sum) / n;
            let cause = Decomposition::cause("k", &parts, 99).unwrap();
            prop_assert!((cause.rate_effect + cause.mix_effect - change).abs() < 1e-9);
            let of_parts: f64 = cause.parts.iter().map(Part::contribution).sum();
            prop_assert!((of_parts - change).abs() < 1e-9);
        }
    }
}
