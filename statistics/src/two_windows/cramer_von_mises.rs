//! The mean squared distance between two distribution functions.

use super::windows::{Bin, Data, Histograms, Windows, cross};
use super::{About, Comparison, Effect};
use crate::special::quadratic_forms;

pub(super) const ABOUT: About = About {
    name: "cramer-von-mises",
    about: "the mean squared distance between two distribution functions; p-value by the limit law",
    data: &[Data::Histograms],
    has_p_value: true,
    parameters: &[],
    reference: "scipy.stats.cramervonmises_2samp(method=\"asymptotic\"), 1.17; its tail below 1e-10 by mpmath",
    compare: |windows| match windows {
        Windows::Histograms(histograms) => cramer_von_mises(histograms),
        _ => None,
    },
};

/// The two-sample statistic T of Anderson (1962), with averaged ranks for ties, and its p-value by the limit
/// law of T standardised by its mean and variance.
///
/// `None` for an empty window, and where a window has one value and the other fewer than two.
#[must_use]
pub fn cramer_von_mises(histograms: &Histograms<'_>) -> Option<Comparison> {
    let (n, m) = histograms.both_occupied()?;
    if n + m < 3 {
        return None;
    }
    let statistic = statistic(histograms, n, m);
    let (n, m) = (n as f64, m as f64);
    let rows = n + m;
    let mean = (1.0 + 1.0 / rows) / 6.0;
    // Anderson's variance, its powers of the counts as shares.
    let (share_n, share_m) = (n / rows, m / rows);
    let product = share_n * share_m;
    let numerator =
        4.0 * product - 3.0 * (share_n * share_n + share_m * share_m) / rows - 2.0 * product / rows;
    let variance = (rows + 1.0) / rows * numerator / (4.0 * product) / 45.0;
    if variance <= 0.0 {
        return None;
    }
    let standardised = 1.0 / 6.0 + (statistic - mean) / libm::sqrt(45.0 * variance);
    Some(Comparison {
        statistic,
        p_value: Some(quadratic_forms::cramer_von_mises_sf(standardised)),
        effect: Effect::of_histograms(histograms),
    })
}

/// T = U/(nmN) − (4nm − 1)/(6N) with Anderson's U, written so that the two parts need not cancel.
///
/// With the distribution functions joined by lines over each bin, the integral of their squared distance over
/// all rows takes up U/(nmN) − 4nm/(6N), except that U counts the rows of a bin one by one, which the last
/// terms put right.
fn statistic(histograms: &Histograms<'_>, n: u64, m: u64) -> f64 {
    let (rows_n, rows_m) = (n as f64, m as f64);
    let rows = rows_n + rows_m;
    let product = rows_n * rows_m;
    let (mut integral, mut within, mut before) = (0.0, 0.0, 0.0);
    for bin in histograms.bins() {
        let after = bin.cross_difference_after(n, m) as f64 / product;
        let size = bin.baseline as f64 + bin.current as f64;
        integral += size * (before * before + before * after + after * after) / 3.0;
        within += tie_correction(bin, n, m);
        before = after;
    }
    product / (rows * rows) * integral
        + (within / product / rows - rows / product + 2.0 / rows) / 12.0
        + 1.0 / (6.0 * rows)
}

/// (b² − c²)(n·b − m·c) for the b and c rows of a bin.
fn tie_correction(bin: Bin, n: u64, m: u64) -> f64 {
    let (b, c) = (bin.baseline, bin.current);
    let difference = i128::from(b) - i128::from(c);
    difference as f64 * (b as f64 + c as f64) * (cross(n, b) - cross(m, c)) as f64
}
