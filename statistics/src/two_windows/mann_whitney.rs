//! Whether values of one window tend to be larger than those of the other.

use super::windows::{Data, Histograms, Windows};
use super::{About, Comparison, Effect, effects};
use crate::special::normal;

pub(super) const ABOUT: About = About {
    name: "mann-whitney",
    about: "whether values of one window tend to be larger, by ranks; corrected for ties and continuity",
    data: &[Data::Histograms],
    has_p_value: true,
    parameters: &[("continuity", 0.5)],
    reference: "scipy.stats.mannwhitneyu(current, baseline, method=\"asymptotic\"), 1.17",
    compare: |windows| match windows {
        Windows::Histograms(histograms) => mann_whitney(histograms),
        _ => None,
    },
};

/// Up to this many rows the variance is taken between whole numbers, since n³ fits 128 bits.
const EXACT_ROWS: u64 = 1 << 42;

/// U of the current window: pairs in which its value is the larger, ties counting half. The p-value is
/// two-sided, by the normal law.
///
/// `None` for an empty window, and where all values are equal.
#[must_use]
pub fn mann_whitney(histograms: &Histograms<'_>) -> Option<Comparison> {
    let (n, m) = histograms.both_occupied()?;
    let pairs = n as f64 * m as f64;
    // 2U − n·m, a whole number.
    let dominance = effects::dominance(histograms);
    let untied = untied_share(histograms, n + m)?;
    let rows = n as f64 + m as f64;
    let deviation = libm::sqrt(pairs * (rows + 1.0) / 12.0 * untied);
    let distance = 0.5 * dominance.unsigned_abs() as f64 - 0.5;
    let p_value = f64::min(2.0 * normal::sf(distance / deviation), 1.0);
    Some(Comparison {
        statistic: 0.5 * (dominance as f64 + pairs),
        p_value: Some(p_value),
        effect: Effect::of_histograms(histograms),
    })
}

/// 1 − Σ(t³ − t) / (N³ − N) over groups of t equal values; `None` where that is 0.
fn untied_share(histograms: &Histograms<'_>, rows: u64) -> Option<f64> {
    let share = if rows <= EXACT_ROWS {
        let cube = |t: u64| {
            let t = u128::from(t);
            t * t * t - t
        };
        let tied: u128 = histograms.bins().map(|bin| cube(bin.baseline + bin.current)).sum();
        let most = cube(rows);
        if most == 0 {
            return None;
        }
        (most - tied) as f64 / most as f64
    } else {
        let total = rows as f64;
        let share = |bin: super::windows::Bin| (bin.baseline + bin.current) as f64 / total;
        1.0 - histograms.bins().map(share).map(|t| t * t * t).sum::<f64>()
    };
    (share > 0.0).then_some(share)
}
