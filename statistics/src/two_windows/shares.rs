//! The shares of categories in two windows, with differences that do not cancel.

use super::windows::{Categories, cross};
use crate::special::log1p_minus;

/// A category's share in the baseline and the current window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shares {
    pub baseline: f64,
    pub current: f64,
    /// current − baseline.
    pub difference: f64,
}

/// The shares of all categories with a row in any window; `None` for an empty window.
pub(super) fn shares<'a>(categories: &'a Categories<'_>) -> Option<impl Iterator<Item = Shares> + 'a> {
    let (n, m) = categories.totals();
    (n > 0 && m > 0).then(|| {
        let product = n as f64 * m as f64;
        categories.counts().filter(|&(b, c)| b + c > 0).map(move |(b, c)| Shares {
            baseline: b as f64 / n as f64,
            current: c as f64 / m as f64,
            difference: (cross(c, n) - cross(b, m)) as f64 / product,
        })
    })
}

/// p ln(p / q) + q − p for q = p − `difference`, never negative; infinite where only q is 0.
pub(super) fn divergence_term(p: f64, q: f64, difference: f64) -> f64 {
    if p == 0.0 {
        return q;
    }
    if q == 0.0 {
        return f64::INFINITY;
    }
    let ratio = -difference / p;
    if ratio.abs() < 0.5 { -p * log1p_minus(ratio) } else { p * libm::log(p / q) - difference }
}

/// ln(p / q) for p − q = `difference`, p and q above 0.
pub(super) fn log_ratio(p: f64, q: f64, difference: f64) -> f64 {
    let ratio = difference / q;
    if ratio.abs() < 0.5 { libm::log1p(ratio) } else { libm::log(p / q) }
}
