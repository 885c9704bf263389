//! Whether two means differ, without supposing equal variances.

use super::windows::{Data, Histograms, Windows};
use super::{About, Comparison, Effect, Numbers};
use crate::special::student_t;

pub(super) const ABOUT: About = About {
    name: "welch-t",
    about: "whether two means differ, whatever the variances",
    data: &[Data::Numbers, Data::Histograms],
    has_p_value: true,
    parameters: &[],
    reference: "scipy.stats.ttest_ind(current, baseline, equal_var=False), 1.17",
    compare: |windows| match windows {
        Windows::Numbers(numbers) => {
            welch_t(numbers).map(|test| test.comparison(Effect::of_numbers(numbers)))
        }
        Windows::Histograms(histograms) => {
            welch_t_of_histograms(histograms).map(|test| test.comparison(Effect::of_histograms(histograms)))
        }
        _ => None,
    },
};

/// Welch's test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WelchT {
    /// The difference of the means over its standard error.
    pub t: f64,
    /// The degrees of freedom of Welch and Satterthwaite.
    pub degrees_of_freedom: f64,
    /// Two-sided.
    pub p_value: f64,
}

impl WelchT {
    fn comparison(self, effect: Option<Effect>) -> Comparison {
        Comparison { statistic: self.t, p_value: Some(self.p_value), effect }
    }
}

/// Welch's test of exact moments. `None` where a window has fewer than two values or nothing varies.
#[must_use]
pub fn welch_t(numbers: &Numbers) -> Option<WelchT> {
    from_variances(numbers.totals(), numbers.mean_difference()?, numbers.variances()?)
}

/// Welch's test of the values of histograms. `None` as for [`welch_t`].
#[must_use]
pub fn welch_t_of_histograms(histograms: &Histograms<'_>) -> Option<WelchT> {
    let (n, m) = histograms.both_occupied()?;
    let (rows_n, rows_m) = (n as f64, m as f64);
    // From the most common value, so that neither a far offset nor a nearly constant metric cancels.
    let commonest = histograms.counts().zip(histograms.values()).max_by_key(|&((b, c), _)| b + c);
    let origin = *commonest?.1;
    let rows = || histograms.values().iter().map(|value| value - origin).zip(histograms.counts());
    let (mut b_sum, mut c_sum) = (0.0, 0.0);
    for (value, (b, c)) in rows() {
        b_sum += value * b as f64;
        c_sum += value * c as f64;
    }
    let (b_mean, c_mean) = (b_sum / rows_n, c_sum / rows_m);
    let (mut b_squares, mut c_squares) = (0.0, 0.0);
    for (value, (b, c)) in rows() {
        b_squares += (value - b_mean) * (value - b_mean) * b as f64;
        c_squares += (value - c_mean) * (value - c_mean) * c as f64;
    }
    if n < 2 || m < 2 {
        return None;
    }
    from_variances((n, m), c_mean - b_mean, (b_squares / (rows_n - 1.0), c_squares / (rows_m - 1.0)))
}

fn from_variances((n, m): (u64, u64), difference: f64, (baseline, current): (f64, f64)) -> Option<WelchT> {
    let (n, m) = (n as f64, m as f64);
    let (b, c) = (baseline / n, current / m);
    let square = b + c;
    if square <= 0.0 {
        return None;
    }
    let t = difference / libm::sqrt(square);
    let (b, c) = (b / square, c / square);
    let degrees_of_freedom = 1.0 / (b * b / (n - 1.0) + c * c / (m - 1.0));
    Some(WelchT { t, degrees_of_freedom, p_value: student_t::two_sided(t, degrees_of_freedom) })
}
