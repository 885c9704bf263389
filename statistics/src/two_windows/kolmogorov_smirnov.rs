//! The largest distance between two distribution functions.

use super::windows::{Data, Histograms, Windows, cross};
use super::{About, Comparison, Effect};
use crate::special::{kolmogorov, lattice_paths};

pub(super) const ABOUT: About = About {
    name: "kolmogorov-smirnov",
    about: "the largest distance between two distribution functions; p-value by the law for n·m/(n + m) values",
    data: &[Data::Histograms],
    has_p_value: true,
    parameters: &[],
    reference: "scipy.stats.ks_2samp(method=\"asymp\"), 1.17: kstwo.sf(D, round(n·m/(n + m)))",
    compare: |windows| match windows {
        Windows::Histograms(histograms) => kolmogorov_smirnov(histograms),
        _ => None,
    },
};

pub(super) const ABOUT_EXACT: About = About {
    name: "kolmogorov-smirnov-exact",
    about: "the same with the exact p-value for windows of up to 10,000 values; slow: n·m steps",
    data: &[Data::Histograms],
    has_p_value: true,
    parameters: &[("most-values", MOST_EXACT as f64)],
    reference: "scipy.stats.ks_2samp(method=\"auto\"), 1.17",
    compare: |windows| match windows {
        Windows::Histograms(histograms) => kolmogorov_smirnov_exact(histograms),
        _ => None,
    },
};

/// Windows with more values than this get the p-value of [`kolmogorov_smirnov`], as in scipy's "auto".
const MOST_EXACT: u64 = 10_000;

/// D and its p-value by the finite-n law with n·m/(n + m) values. Ties make the p-value larger than it would
/// have to be.
///
/// `None` for an empty window.
#[must_use]
pub fn kolmogorov_smirnov(histograms: &Histograms<'_>) -> Option<Comparison> {
    let (n, m) = histograms.both_occupied()?;
    let difference = largest_difference(histograms, n, m);
    Some(comparison(histograms, difference, asymptotic_p(difference, n, m)))
}

/// D and its p-value by counting the orders of the values that reach it; all orders are taken for different
/// ones, as if there were no ties.
///
/// `None` for an empty window.
#[must_use]
pub fn kolmogorov_smirnov_exact(histograms: &Histograms<'_>) -> Option<Comparison> {
    let (n, m) = histograms.both_occupied()?;
    let difference = largest_difference(histograms, n, m);
    let p_value = if n.max(m) <= MOST_EXACT {
        lattice_paths::reaching(n, m, difference)
    } else {
        asymptotic_p(difference, n, m)
    };
    Some(comparison(histograms, difference, p_value))
}

fn comparison(histograms: &Histograms<'_>, difference: u128, p_value: f64) -> Comparison {
    let (n, m) = histograms.totals();
    let statistic = difference as f64 / cross(n, m) as f64;
    Comparison { statistic, p_value: Some(p_value), effect: Effect::of_histograms(histograms) }
}

/// n·m·D, a whole number.
fn largest_difference(histograms: &Histograms<'_>, n: u64, m: u64) -> u128 {
    histograms.bins().map(|bin| bin.cross_difference_after(n, m).unsigned_abs()).max().unwrap_or(0)
}

fn asymptotic_p(difference: u128, n: u64, m: u64) -> f64 {
    let (rows_n, rows_m) = (n as f64, m as f64);
    // Whole again, half to even, as numpy.round has it.
    let effective = (rows_n.max(rows_m) * rows_n.min(rows_m) / (rows_n + rows_m)).round_ties_even();
    kolmogorov::two_sided_sf(effective as u64, difference as f64 / cross(n, m) as f64)
}
