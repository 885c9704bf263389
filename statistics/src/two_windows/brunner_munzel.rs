//! Whether values of one window tend to be larger, also where their spreads differ.

use super::windows::{Data, Histograms, Windows};
use super::{About, Comparison, Effect, effects};
use crate::special::student_t;

pub(super) const ABOUT: About = About {
    name: "brunner-munzel",
    about: "whether values of one window tend to be larger, by ranks, whatever their spreads",
    data: &[Data::Histograms],
    has_p_value: true,
    parameters: &[],
    reference: "scipy.stats.brunnermunzel(baseline, current), 1.17",
    compare: |windows| match windows {
        Windows::Histograms(histograms) => brunner_munzel(histograms),
        _ => None,
    },
};

/// The test of Brunner and Munzel (2000), two-sided by Student's t law: what Welch's test is to means, this
/// is to ranks.
///
/// `None` where a window has fewer than two values, and where the windows do not overlap or all values are
/// equal.
#[must_use]
pub fn brunner_munzel(histograms: &Histograms<'_>) -> Option<Comparison> {
    let (n, m) = histograms.both_occupied()?;
    if n < 2 || m < 2 {
        return None;
    }
    let delta = effects::cliffs_delta(histograms)?;
    let (rows_n, rows_m) = (n as f64, m as f64);
    // The placement of a value is the number of the other window's values below it, ties counting half; as a
    // share.
    let (b_mean, c_mean) = (0.5 * (1.0 - delta), 0.5 * (1.0 + delta));
    let (mut b_squares, mut c_squares) = (0.0, 0.0);
    for bin in histograms.bins() {
        let b_placement = (bin.current_below as f64 + 0.5 * bin.current as f64) / rows_m;
        let c_placement = (bin.baseline_below as f64 + 0.5 * bin.baseline as f64) / rows_n;
        b_squares += bin.baseline as f64 * (b_placement - b_mean) * (b_placement - b_mean);
        c_squares += bin.current as f64 * (c_placement - c_mean) * (c_placement - c_mean);
    }
    // Variances of both windows' mean placements.
    let b = b_squares / (rows_n - 1.0) / rows_n;
    let c = c_squares / (rows_m - 1.0) / rows_m;
    let variance = b + c;
    // What rounding leaves of placements that are all alike.
    if variance <= 1e-28 {
        return None;
    }
    let statistic = 0.5 * delta / libm::sqrt(variance);
    let (b, c) = (b / variance, c / variance);
    let degrees_of_freedom = 1.0 / (b * b / (rows_n - 1.0) + c * c / (rows_m - 1.0));
    Some(Comparison {
        statistic,
        p_value: Some(student_t::two_sided(statistic, degrees_of_freedom)),
        effect: Effect::of_histograms(histograms),
    })
}
