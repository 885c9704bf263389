//! Whether two windows spread differently.

use super::windows::{Data, Histograms, Windows};
use super::{About, Comparison, Effect};
use crate::special::student_t;

pub(super) const ABOUT: About = About {
    name: "levene",
    about: "whether the spreads of two windows differ: their mean distances from the median",
    data: &[Data::Histograms],
    has_p_value: true,
    parameters: &[],
    reference: "scipy.stats.levene(center=\"median\"), 1.17",
    compare: |windows| match windows {
        Windows::Histograms(histograms) => levene(histograms),
        _ => None,
    },
};

/// Levene's test with distances from the medians (Brown and Forsythe 1974). The statistic is their W, the
/// square of Student's t of the distances.
///
/// `None` for an empty window, for fewer than three rows in all, and where a window's distances do not vary.
#[must_use]
pub fn levene(histograms: &Histograms<'_>) -> Option<Comparison> {
    let (n, m) = histograms.both_occupied()?;
    if n + m < 3 {
        return None;
    }
    let baseline = Distances::new(histograms, |(b, _)| b, n);
    let current = Distances::new(histograms, |(_, c)| c, m);
    let degrees_of_freedom = (n + m) as f64 - 2.0;
    let pooled = (baseline.squares + current.squares) / degrees_of_freedom;
    let variance = pooled * (1.0 / n as f64 + 1.0 / m as f64);
    if variance <= 0.0 {
        return None;
    }
    let t = (current.mean - baseline.mean) / libm::sqrt(variance);
    Some(Comparison {
        statistic: t * t,
        p_value: Some(student_t::two_sided(t, degrees_of_freedom)),
        effect: Effect::of_histograms(histograms),
    })
}

/// How far the values of a window are from their median.
struct Distances {
    mean: f64,
    /// The sum of squares about the mean.
    squares: f64,
}

impl Distances {
    fn new(histograms: &Histograms<'_>, window: fn((u64, u64)) -> u64, rows: u64) -> Self {
        let counts = || histograms.values().iter().copied().zip(histograms.counts().map(window));
        let value_at = |rank: u64| {
            let mut below = 0;
            counts().find(|&(_, count)| {
                below += count;
                below > rank
            })
        };
        let middle = |rank| value_at(rank).map_or(0.0, |(value, _)| value);
        let median = 0.5 * (middle((rows - 1) / 2) + middle(rows / 2));
        let distances = || counts().map(|(value, count)| ((value - median).abs(), count as f64));
        let mean = distances().map(|(distance, count)| distance * count).sum::<f64>() / rows as f64;
        let squares =
            distances().map(|(distance, count)| (distance - mean) * (distance - mean) * count).sum();
        Self { mean, squares }
    }
}
