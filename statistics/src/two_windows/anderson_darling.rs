//! The squared distance between two distribution functions, weighted towards their tails.

use std::f64::consts::PI;

use super::windows::{Data, Histograms, Windows};
use super::{About, Comparison, Effect};
use crate::special::quadratic_forms;

pub(super) const ABOUT: About = About {
    name: "anderson-darling",
    about: "the squared distance of two distribution functions, weighted towards the tails; by the limit law, right for ties",
    data: &[Data::Histograms],
    has_p_value: true,
    parameters: &[],
    reference: "scipy.stats.anderson_ksamp, 1.17, for the statistic (Scholz and Stephens 1987, midranks); p by its limit law",
    compare: |windows| match windows {
        Windows::Histograms(histograms) => anderson_darling(histograms),
        _ => None,
    },
};

/// The standardised statistic (A² − 1)/σ of Scholz and Stephens (1987), and a p-value by the limit law of A².
///
/// For the p-value, σ² is increased by what ties add to the variance of A² when F − G is normal: σ is that of
/// rows without ties, which makes coarse values look drifted too often. Scholz and Stephens interpolate a
/// table instead, which ends at 0.001: see [`tabulated_p_value`].
///
/// `None` for an empty window, for fewer than four rows in all, and where all values are equal.
#[must_use]
pub fn anderson_darling(histograms: &Histograms<'_>) -> Option<Comparison> {
    let (n, m) = histograms.both_occupied()?;
    if n + m < 4 {
        return None;
    }
    let tied = Tied::new(histograms, n, m)?;
    let untied = untied_variance(n, m);
    let limit_variance = 2.0 * (PI * PI - 9.0) / 3.0;
    // The variance for normal differences without ties: the limit's, 2/N for the rows themselves, then O(ln N/N²).
    let untied_normal = limit_variance + 2.0 / (n + m) as f64;
    let variance = tied.normal_variance + (untied - untied_normal);
    if variance <= 0.0 {
        return None;
    }
    let standardised = 1.0 + (tied.a_square - 1.0) * libm::sqrt(limit_variance / variance);
    Some(Comparison {
        statistic: (tied.a_square - 1.0) / libm::sqrt(untied),
        p_value: Some(quadratic_forms::anderson_darling_sf(standardised)),
        effect: Effect::of_histograms(histograms),
    })
}

/// A² with midranks, and its variance for these ties when F − G is normal; its mean is 1, whatever the ties.
///
/// A² = (N − 1)/N · (1/n + 1/m) Σ l/N · D² / (B(N − B) − N·l/4) over the bins, where a bin has l rows, B is
/// the number of rows below it and half of its own, and D is n·m (F − G) in its middle.
struct Tied {
    a_square: f64,
    normal_variance: f64,
}

impl Tied {
    /// `None` where all values are equal.
    fn new(histograms: &Histograms<'_>, n: u64, m: u64) -> Option<Self> {
        let rows = n + m;
        let total = rows as f64;
        let (mut squares, mut pairs, mut same, mut below_pairs) = (0.0, 0.0, 0.0, 0.0);
        for bin in histograms.bins() {
            let size = bin.baseline + bin.current;
            if size == rows {
                return None;
            }
            // Twice the middle counts, so that they are whole.
            let baseline = 2 * u128::from(bin.baseline_below) + u128::from(bin.baseline);
            let current = 2 * u128::from(bin.current_below) + u128::from(bin.current);
            let difference = (u128::from(m) * baseline).abs_diff(u128::from(n) * current) as f64;
            let below = bin.baseline_below as f64 + bin.current_below as f64;
            let above = (rows - bin.baseline_below - bin.current_below - size) as f64;
            let size = size as f64;
            // Four times B(N − B) − N·l/4, whose parts would cancel for a bin with nearly all rows.
            let weight = 4.0 * below * above + size * (below + above);
            squares += size * (difference / total) * (difference / weight);
            // D of two bins has the correlation B(N − B′) over the root of both weights, B < B′.
            let share = size / total;
            let (up_to, beyond) = (2.0 * below + size, 2.0 * above + size);
            pairs += below_pairs * share * (beyond * beyond / weight);
            same += share * share;
            below_pairs += share * (up_to * up_to / weight);
        }
        // 1/n + 1/m = N/(nm) takes one N away.
        let scale = (total - 1.0) / (n as f64) / (m as f64);
        Some(Self { a_square: squares * scale, normal_variance: 2.0 * (2.0 * pairs + same) })
    }
}

/// σ² of Scholz and Stephens's equation 4 for two samples.
fn untied_variance(n: u64, m: u64) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::super::tests::draws;
    use super::*;

    #[test]
    fn the_mean_and_nearly_the_variance_are_those_of_all_orders() {
        for (sizes, n) in [(vec![1; 14], 6), (vec![5, 1, 9, 3], 7), (vec![10, 10], 8), (vec![2, 30, 4], 18)] {
            let rows: u64 = sizes.iter().sum();
            let values: Vec<f64> = (0..sizes.len()).map(|k| k as f64).collect();
            let (mut ways, mut sum, mut squares, mut expected) = (0.0, 0.0, 0.0, 0.0);
            for (baseline, weight) in draws(&sizes, n) {
                let current: Vec<u64> = sizes.iter().zip(&baseline).map(|(size, b)| size - b).collect();
                let histograms = Histograms::new(&values, &baseline, &current).unwrap();
                let tied = Tied::new(&histograms, n, rows - n).unwrap();
                ways += weight;
                sum += weight * tied.a_square;
                squares += weight * tied.a_square * tied.a_square;
                let untied_normal = 2.0 * (PI * PI - 9.0) / 3.0 + 2.0 / rows as f64;
                expected = tied.normal_variance + untied_variance(n, rows - n) - untied_normal;
            }
            let mean = sum / ways;
            assert!((mean - 1.0).abs() < 1e-12, "{sizes:?}: {mean}");
            let variance = squares / ways - mean * mean;
            // So few rows are far from normal.
            assert!((variance / expected - 1.0).abs() < 0.15, "{sizes:?}: {variance} {expected}");
        }
    }
}
