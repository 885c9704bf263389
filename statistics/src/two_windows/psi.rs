//! The population stability index.

use super::chi_square::with_effect;
use super::shares::{log_ratio, shares};
use super::windows::{Categories, Data, cross};
use super::{About, Comparison, Effect};

pub(super) const ABOUT: About = About {
    name: "psi",
    about: "population stability index: the divergences of two mixes from each other, each count raised a little",
    data: &[Data::Rates, Data::Categories],
    has_p_value: false,
    parameters: &[("added-count", ADDED_COUNT)],
    reference: "Σ (p − q) ln(p / q) of counts + 0.0001, by mpmath",
    compare: |windows| with_effect(windows, psi),
};

pub(super) const ABOUT_FLOOR: About = About {
    name: "psi-floor",
    about: "population stability index with empty shares raised to a floor, as Evidently has it",
    data: &[Data::Rates, Data::Categories],
    has_p_value: false,
    parameters: &[("floor", FLOOR)],
    reference: "evidently 0.7, PSI with filled zeros: a floor of 0.0001, or a millionth of the smallest share below it",
    compare: |windows| with_effect(windows, psi_floor),
};

/// Added to the count of each category in each window.
const ADDED_COUNT: f64 = 1e-4;
/// What an empty share is raised to.
const FLOOR: f64 = 1e-4;
/// Where a window's smallest share is below the floor: the part of it that an empty share is raised to.
const PART_OF_SMALLEST: f64 = 1e-6;

/// Σ (p − q) ln(p / q), with 0.0001 added to each count before shares are taken. Categories without a row are
/// left out.
///
/// `None` for an empty window.
#[must_use]
pub fn psi(categories: &Categories<'_>) -> Option<Comparison> {
    let (n, m) = categories.totals();
    if n == 0 || m == 0 {
        return None;
    }
    let added = ADDED_COUNT * categories.occupied() as f64;
    let (total_n, total_m) = (n as f64 + added, m as f64 + added);
    let rows = n as f64 - m as f64;
    let statistic = categories
        .counts()
        .filter(|&(b, c)| b + c > 0)
        .map(|(b, c)| {
            let q = (b as f64 + ADDED_COUNT) / total_n;
            let p = (c as f64 + ADDED_COUNT) / total_m;
            // (c + a)(n + ka) − (b + a)(m + ka), its large part between whole numbers.
            let counts = c as f64 - b as f64;
            let cross_difference = (cross(c, n) - cross(b, m)) as f64 + ADDED_COUNT * rows + added * counts;
            let difference = cross_difference / total_n / total_m;
            difference * log_ratio(p, q, difference)
        })
        .sum();
    Some(Comparison { statistic, p_value: None, effect: Effect::of_categories(categories) })
}

/// Σ (p − q) ln(p / q), with shares of 0 raised to 0.0001, or to a millionth of the window's smallest share
/// where that is 0.0001 or less. Categories without a row are left out.
///
/// `None` for an empty window.
#[must_use]
pub fn psi_floor(categories: &Categories<'_>) -> Option<Comparison> {
    let smallest = |share: fn((f64, f64)) -> f64| {
        Some(
            shares(categories)?
                .map(|s| share((s.baseline, s.current)))
                .filter(|&s| s > 0.0)
                .fold(1.0, f64::min),
        )
    };
    let floor = |smallest: f64| if smallest <= FLOOR { smallest * PART_OF_SMALLEST } else { FLOOR };
    let (baseline_floor, current_floor) = (floor(smallest(|s| s.0)?), floor(smallest(|s| s.1)?));
    let statistic = shares(categories)?
        .map(|share| {
            let q = if share.baseline == 0.0 { baseline_floor } else { share.baseline };
            let p = if share.current == 0.0 { current_floor } else { share.current };
            let raised = share.baseline == 0.0 || share.current == 0.0;
            let difference = if raised { p - q } else { share.difference };
            difference * log_ratio(p, q, difference)
        })
        .sum();
    Some(Comparison { statistic, p_value: None, effect: Effect::of_categories(categories) })
}
