//! The squared distance between two distribution functions, weighted towards their tails.

use std::f64::consts::PI;

use super::windows::{Data, Histograms, Windows};
use super::{About, Comparison, Effect};
use crate::special::quadratic_forms;

pub(super) const ABOUT: About = About {
    name: "anderson-darling",
    about: "the squared distance between two distribution functions, weighted towards the tails; p-value by the limit law",
    data: &[Data::Histograms],
    has_p_value: true,
    parameters: &[],
    reference: "scipy.stats.anderson_ksamp, 1.17, for the statistic (Scholz and Stephens 1987, midranks); mpmath for p",
    compare: |windows| match windows {
        Windows::Histograms(histograms) => anderson_darling(histograms),
        _ => None,
    },
};

/// The standardised statistic (A² − 1)/σ of Scholz and Stephens (1987), and its p-value by the law of A² for
/// large windows with the limit's mean and variance. Scholz and Stephens interpolate a table instead, which
/// ends at 0.001: see [`tabulated_p_value`].
///
/// `None` for an empty window, for fewer than four rows in all, and where all values are equal.
#[must_use]
pub fn anderson_darling(histograms: &Histograms<'_>) -> Option<Comparison> {
    let (n, m) = histograms.both_occupied()?;
    if n + m < 4 {
        return None;
    }
    let square = a_square(histograms, n, m)?;
    let statistic = (square - 1.0) / libm::sqrt(variance(n, m));
    let limit_variance = 2.0 * (PI * PI - 9.0) / 3.0;
    let p_value = quadratic_forms::anderson_darling_sf(1.0 + statistic * libm::sqrt(limit_variance));
    Some(Comparison { statistic, p_value: Some(p_value), effect: Effect::of_histograms(histograms) })
}

/// A² with midranks: (N − 1)/N · (1/n + 1/m) Σ l/N · D² / (B(N − B) − N·l/4) over the bins, where a bin has l
/// rows and B is the number of rows below it and half of its own.
fn a_square(histograms: &Histograms<'_>, n: u64, m: u64) -> Option<f64> {
    let rows = n + m;
    let total = rows as f64;
    let mut sum = 0.0;
    for bin in histograms.bins() {
        let size = bin.baseline + bin.current;
        if size == rows {
            return None;
        }
        // Twice the middle counts, so that they are whole.
        let (baseline, current) = (
            2 * u128::from(bin.baseline_below) + u128::from(bin.baseline),
            2 * u128::from(bin.current_below) + u128::from(bin.current),
        );
        let difference = (u128::from(m) * baseline).abs_diff(u128::from(n) * current) as f64;
        let below = bin.baseline_below as f64 + bin.current_below as f64;
        let above = (rows - bin.baseline_below - bin.current_below - size) as f64;
        // Four times B(N − B) − N·l/4, whose parts would cancel for a bin with nearly all rows.
        let weight = 4.0 * below * above + size as f64 * (below + above);
        sum += size as f64 * (difference / total) * (difference / weight);
    }
    // 1/n + 1/m = N/(nm) takes one N away.
    let scale = (total - 1.0) / total / (n as f64) / (m as f64);
    Some(sum * scale * total)
}

/// σ² of Scholz and Stephens's equation 4 for two samples.
fn variance(n: u64, m: u64) -> f64 {
    let rows = (n + m) as f64;
    let inverse = 1.0 / n as f64 + 1.0 / m as f64;
    let h = harmonic(rows - 1.0);
    // Σᵢ Σⱼ 1/((N − i) j) over i < j < N is a difference of squares of harmonic numbers.
    let g = harmonic_squares(rows) - (2.0 * harmonic(rows) - 1.0 / rows) / rows;
    let a = (4.0 * g - 6.0) + (10.0 - 6.0 * g) * inverse;
    let b = (2.0 * g - 4.0) * 4.0 + 16.0 * h + (2.0 * g - 14.0 * h - 4.0) * inverse - 8.0 * h + 4.0 * g - 6.0;
    let c = (6.0 * h + 2.0 * g - 2.0) * 4.0
        + (4.0 * h - 4.0 * g + 6.0) * 2.0
        + (2.0 * h - 6.0) * inverse
        + 4.0 * h;
    let d = (2.0 * h + 6.0) * 4.0 - 8.0 * h;
    let x = 1.0 / rows;
    (a + x * (b + x * (c + x * d))) / ((1.0 - x) * (1.0 - 2.0 * x) * (1.0 - 3.0 * x))
}

/// 1 + 1/2 + … + 1/n.
fn harmonic(n: f64) -> f64 {
    const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;
    if n < 30.0 {
        return (1..=n as u32).rev().map(|k| 1.0 / f64::from(k)).sum();
    }
    let x = 1.0 / (n * n);
    libm::log(n) + EULER_GAMMA + 0.5 / n - x * (1.0 / 12.0 - x * (1.0 / 120.0 - x / 252.0))
}

/// 1 + 1/4 + … + 1/n².
fn harmonic_squares(n: f64) -> f64 {
    if n < 30.0 {
        return (1..=n as u32).rev().map(|k| 1.0 / f64::from(k * k)).sum();
    }
    let x = 1.0 / n;
    let square = x * x;
    PI * PI / 6.0 - x + 0.5 * square - x * square * (1.0 / 6.0 - square * (1.0 / 30.0 - square / 42.0))
}

/// The p-value that Scholz and Stephens's table gives for the standardised statistic, by a parabola through
/// the logarithms, held between 0.001 and 0.25: what scipy.stats.anderson_ksamp reports for two samples.
#[must_use]
pub fn tabulated_p_value(statistic: f64) -> f64 {
    // Critical values of Scholz and Stephens's table 2 for two samples, at 0.25 and 0.001.
    const LOWEST: f64 = 0.325;
    const HIGHEST: f64 = 6.546;
    // numpy.polyfit(critical values, ln of 0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001, 2), numpy 2.4.6.
    const PARABOLA: [f64; 3] = [0.01819809457411147, -1.0082265644652515, -1.077770279820484];
    if statistic < LOWEST {
        return 0.25;
    }
    if statistic > HIGHEST {
        return 0.001;
    }
    libm::exp((PARABOLA[0] * statistic + PARABOLA[1]) * statistic + PARABOLA[2])
}
