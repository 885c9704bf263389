//! Effect sizes: how large a difference is, whatever the number of rows.

use super::chi_square::chi_square_statistic;
use super::moments::Numbers;
use super::windows::{Categories, Histograms, Rates, Windows};

/// Which effect size a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EffectSize {
    /// [`cohens_h`], of rates.
    CohensH,
    /// [`cramers_v`], of categories.
    CramersV,
    /// [`hedges_g`], of numbers.
    HedgesG,
    /// [`cliffs_delta`], of histograms.
    CliffsDelta,
}

impl EffectSize {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CohensH => "cohens-h",
            Self::CramersV => "cramers-v",
            Self::HedgesG => "hedges-g",
            Self::CliffsDelta => "cliffs-delta",
        }
    }
}

/// An effect size. Positive where the current window is higher; Cramér's V has no sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Which one.
    pub size: EffectSize,
    /// Its value.
    pub value: f64,
}

impl Effect {
    /// The effect size of this kind of data; every method of the registry reports it. `None` where it is
    /// undefined.
    #[must_use]
    pub fn of(windows: &Windows<'_>) -> Option<Self> {
        match windows {
            Windows::Rates(rates) => Self::of_rates(rates),
            Windows::Categories(categories) => Self::of_categories(categories),
            Windows::Numbers(numbers) => Self::of_numbers(numbers),
            Windows::Histograms(histograms) => Self::of_histograms(histograms),
        }
    }

    pub(super) fn of_rates(rates: &Rates) -> Option<Self> {
        Some(Self { size: EffectSize::CohensH, value: cohens_h(rates)? })
    }

    pub(super) fn of_categories(categories: &Categories<'_>) -> Option<Self> {
        Some(Self { size: EffectSize::CramersV, value: cramers_v(categories)? })
    }

    pub(super) fn of_numbers(numbers: &Numbers) -> Option<Self> {
        Some(Self { size: EffectSize::HedgesG, value: hedges_g(numbers)? })
    }

    pub(super) fn of_histograms(histograms: &Histograms<'_>) -> Option<Self> {
        Some(Self { size: EffectSize::CliffsDelta, value: cliffs_delta(histograms)? })
    }
}

/// Current rate − baseline rate. `None` for an empty window.
#[must_use]
pub fn risk_difference(rates: &Rates) -> Option<f64> {
    let (n, m) = (rates.baseline().trials, rates.current().trials);
    (n > 0 && m > 0).then(|| rates.cross_difference() as f64 / (n as f64 * m as f64))
}

/// 2 arcsin √current − 2 arcsin √baseline (Cohen 1988; statsmodels proportion_effectsize). `None` for an
/// empty window.
#[must_use]
pub fn cohens_h(rates: &Rates) -> Option<f64> {
    let difference = risk_difference(rates)?;
    let (b, c) = (rates.baseline().rate(), rates.current().rate());
    let (b_misses, c_misses) = (rates.baseline().miss_rate(), rates.current().miss_rate());
    // The sine of the difference of the angles is (c − b) / (√(c(1 − b)) + √(b(1 − c))): no cancellation.
    let sum = libm::sqrt(c * b_misses) + libm::sqrt(b * c_misses);
    if sum == 0.0 {
        return Some(0.0);
    }
    let sine = difference / sum;
    let cosine = libm::sqrt(b * c) + libm::sqrt(b_misses * c_misses);
    Some(2.0 * libm::atan2(sine, cosine))
}

/// The odds of a hit in the current window over those in the baseline. `None` where a count that divides is
/// zero.
#[must_use]
pub fn odds_ratio(rates: &Rates) -> Option<f64> {
    let ([baseline_hits, baseline_misses], [current_hits, current_misses]) = rates.table();
    let below = baseline_hits as f64 * current_misses as f64;
    (below > 0.0).then(|| current_hits as f64 * baseline_misses as f64 / below)
}

/// √(χ² / rows), 0 for equal mixes to 1 for mixes without a common category
/// (scipy.stats.contingency.association, method "cramer"; two windows, so no further factor). `None` for an
/// empty window or a single category.
#[must_use]
pub fn cramers_v(categories: &Categories<'_>) -> Option<f64> {
    let (n, m) = categories.comparable()?;
    Some(libm::sqrt(chi_square_statistic(categories)? / (n as f64 + m as f64)))
}

/// The difference of the means in standard deviations, pooled over both windows (Cohen 1988). `None` where a
/// window has fewer than two values or nothing varies.
#[must_use]
pub fn cohens_d(numbers: &Numbers) -> Option<f64> {
    let (n, m) = numbers.totals();
    let (baseline, current) = numbers.variances()?;
    let (n, m) = (n as f64 - 1.0, m as f64 - 1.0);
    let pooled = (n * baseline + m * current) / (n + m);
    (pooled > 0.0).then_some(numbers.mean_difference()? / libm::sqrt(pooled))
}

/// [`cohens_d`] without its bias for small samples: times Γ(k/2) / (√(k/2) Γ((k−1)/2)) with k = n + m − 2
/// (Hedges 1981).
#[must_use]
pub fn hedges_g(numbers: &Numbers) -> Option<f64> {
    let (n, m) = numbers.totals();
    let half = 0.5 * (n as f64 + m as f64 - 2.0);
    Some(cohens_d(numbers)? * gamma_half_ratio(half))
}

/// Γ(h) / (√h Γ(h − ½)).
fn gamma_half_ratio(h: f64) -> f64 {
    if h < 50.0 {
        return libm::exp(libm::lgamma(h) - libm::lgamma(h - 0.5)) / libm::sqrt(h);
    }
    // The expansion of the gamma ratio (DLMF 5.11.13); the next term is below 1e-12 from h = 50 on.
    let x = 1.0 / h;
    1.0 + x
        * (-3.0 / 8.0
            + x * (-7.0 / 128.0 + x * (-9.0 / 1024.0 + x * (59.0 / 32_768.0 + x * (483.0 / 262_144.0)))))
}

/// P(current > baseline) − P(current < baseline) for values drawn from the windows (Cliff 1993): also the
/// rank-biserial correlation of Mann and Whitney's U. `None` for an empty window.
#[must_use]
pub fn cliffs_delta(histograms: &Histograms<'_>) -> Option<f64> {
    let (n, m) = histograms.both_occupied()?;
    Some(dominance(histograms) as f64 / (n as f64 * m as f64))
}

/// Pairs in which the current value is the larger, less pairs in which it is the smaller.
pub(super) fn dominance(histograms: &Histograms<'_>) -> i128 {
    let (n, _) = histograms.totals();
    histograms
        .bins()
        .map(|bin| {
            let baseline_above = n - bin.baseline_below - bin.baseline;
            i128::from(bin.current) * (i128::from(bin.baseline_below) - i128::from(baseline_above))
        })
        .sum()
}
