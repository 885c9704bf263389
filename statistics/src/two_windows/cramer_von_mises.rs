//! The mean squared distance between two distribution functions.

use super::windows::{Bin, Data, Histograms, Windows, cross};
use super::{About, Comparison, Effect};
use crate::special::quadratic_forms;

pub(super) const ABOUT: About = About {
    name: "cramer-von-mises",
    about: "the mean squared distance between two distribution functions; p-value by the limit law, right for ties",
    data: &[Data::Histograms],
    has_p_value: true,
    parameters: &[],
    reference: "scipy.stats.cramervonmises_2samp(method=\"asymptotic\"), 1.17, where there are no ties",
    compare: |windows| match windows {
        Windows::Histograms(histograms) => cramer_von_mises(histograms),
        _ => None,
    },
};

pub(super) const ABOUT_COMPAT: About = About {
    name: "cramer-von-mises-compat",
    about: "the same as scipy has it: with ties and windows of different size its p-values are far too small",
    data: &[Data::Histograms],
    has_p_value: true,
    parameters: &[],
    reference: "scipy.stats.cramervonmises_2samp(method=\"asymptotic\"), 1.17; its tail below 1e-10 by mpmath",
    compare: |windows| match windows {
        Windows::Histograms(histograms) => cramer_von_mises_compat(histograms),
        _ => None,
    },
};

/// The two-sample statistic of Anderson (1962), T = nm/N² Σ (F − G)² over all N rows, and its p-value by the
/// limit law of T standardised by its mean and variance.
///
/// With ties, mean and variance are those for the ties that there are: the mean of all orders of the rows
/// exactly; the variance is Anderson's times what the ties take from it when F − G is normal. Without ties it
/// is scipy's test.
///
/// `None` for an empty window, for fewer than three rows in all, and where all values are equal.
#[must_use]
pub fn cramer_von_mises(histograms: &Histograms<'_>) -> Option<Comparison> {
    let (n, m) = histograms.both_occupied()?;
    let variance = untied_variance(n, m)?;
    let tied = Tied::new(histograms, n, m);
    comparison(histograms, tied.statistic, tied.mean, variance * tied.share_of_variance)
}

/// The test of scipy, which gives tied rows the average of their ranks in Anderson's U, but takes the mean
/// and variance of rows without ties. `None` as for [`cramer_von_mises`], except that equal values are
/// compared, too.
#[must_use]
pub fn cramer_von_mises_compat(histograms: &Histograms<'_>) -> Option<Comparison> {
    let (n, m) = histograms.both_occupied()?;
    let variance = untied_variance(n, m)?;
    let mean = (1.0 + 1.0 / (n + m) as f64) / 6.0;
    comparison(histograms, averaged_rank_statistic(histograms, n, m), mean, variance)
}

fn comparison(histograms: &Histograms<'_>, statistic: f64, mean: f64, variance: f64) -> Option<Comparison> {
    if variance <= 0.0 {
        return None;
    }
    // 1/6 and 1/45 are the limit law's mean and variance.
    let standardised = 1.0 / 6.0 + (statistic - mean) / libm::sqrt(45.0 * variance);
    Some(Comparison {
        statistic,
        p_value: Some(quadratic_forms::cramer_von_mises_sf(standardised)),
        effect: Effect::of_histograms(histograms),
    })
}

/// Anderson's variance of T without ties, its powers of the counts as shares; `None` for fewer than three
/// rows.
fn untied_variance(n: u64, m: u64) -> Option<f64> {
    if n + m < 3 {
        return None;
    }
    let (n, m) = (n as f64, m as f64);
    let rows = n + m;
    let (share_n, share_m) = (n / rows, m / rows);
    let product = share_n * share_m;
    let numerator =
        4.0 * product - 3.0 * (share_n * share_n + share_m * share_m) / rows - 2.0 * product / rows;
    Some((rows + 1.0) / rows * numerator / (4.0 * product) / 45.0)
}

/// T, and what is known of it when all orders of the rows are alike.
struct Tied {
    statistic: f64,
    mean: f64,
    /// Its variance over that of T without ties, both for normal F − G.
    share_of_variance: f64,
}

impl Tied {
    fn new(histograms: &Histograms<'_>, n: u64, m: u64) -> Self {
        let (rows_n, rows_m) = (n as f64, m as f64);
        let (rows, product) = (rows_n + rows_m, rows_n * rows_m);
        let (mut squares, mut mean, mut variance, mut below) = (0.0, 0.0, 0.0, 0.0);
        for bin in histograms.bins() {
            let size = (bin.baseline + bin.current) as f64 / rows;
            let after = (bin.baseline_below + bin.current_below) as f64 / rows + size;
            let rest =
                (n + m - bin.baseline_below - bin.current_below - bin.baseline - bin.current) as f64 / rows;
            let difference = bin.cross_difference_after(n, m) as f64 / product;
            squares += size * difference * difference;
            // F − G after shares u and v of the rows, u ≤ v, has the covariance u(1 − v)·N²/(nm(N − 1)).
            mean += size * after * rest;
            variance += size * rest * rest * (2.0 * below + size * after * after);
            below += size * after * after;
        }
        // The same sum for rows of their own: N²(N² − 1)(2N² + 7)/180, over N⁶.
        let inverse = 1.0 / (rows * rows);
        let untied = (1.0 - inverse) * (2.0 + 7.0 * inverse) / 180.0;
        Self {
            statistic: product / rows * squares,
            mean: mean * rows / (rows - 1.0),
            share_of_variance: variance / untied,
        }
    }
}

/// T = U/(nmN) − (4nm − 1)/(6N) with Anderson's U of averaged ranks, written so that the two parts need not
/// cancel.
///
/// With the distribution functions joined by lines over each bin, the integral of their squared distance over
/// all rows takes up U/(nmN) − 4nm/(6N), except that U counts the rows of a bin one by one, which the last
/// terms put right.
fn averaged_rank_statistic(histograms: &Histograms<'_>, n: u64, m: u64) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::super::tests::draws;
    use super::*;

    #[test]
    fn the_mean_and_nearly_the_variance_are_those_of_all_orders() {
        for (sizes, n) in [(vec![1; 12], 5), (vec![5, 1, 9, 3], 7), (vec![10, 10], 8), (vec![2, 30, 4], 18)] {
            let rows: u64 = sizes.iter().sum();
            let values: Vec<f64> = (0..sizes.len()).map(|k| k as f64).collect();
            let (mut ways, mut sum, mut squares, mut expected) = (0.0, 0.0, 0.0, (0.0, 0.0));
            for (baseline, weight) in draws(&sizes, n) {
                let current: Vec<u64> = sizes.iter().zip(&baseline).map(|(size, b)| size - b).collect();
                let tied = Tied::new(&Histograms::new(&values, &baseline, &current).unwrap(), n, rows - n);
                ways += weight;
                sum += weight * tied.statistic;
                squares += weight * tied.statistic * tied.statistic;
                expected = (tied.mean, untied_variance(n, rows - n).unwrap() * tied.share_of_variance);
            }
            let mean = sum / ways;
            let variance = squares / ways - mean * mean;
            assert!((mean / expected.0 - 1.0).abs() < 1e-12, "{sizes:?}: {mean} {}", expected.0);
            // Exact without ties; with ties and so few rows within a seventh.
            let within = if sizes.iter().all(|&size| size == 1) { 1e-12 } else { 0.15 };
            assert!((variance / expected.1 - 1.0).abs() < within, "{sizes:?}: {variance} {}", expected.1);
        }
    }
}
