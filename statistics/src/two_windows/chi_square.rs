//! Whether two mixes differ: squared differences from the counts that equal mixes would have.

use super::windows::{Categories, Data, cross, with_categories};
use super::{About, Comparison, Effect};
use crate::special::chi_square;

pub(super) const ABOUT: About = About {
    name: "chi-square",
    about: "whether two mixes of categories, or two rates, differ (Pearson)",
    data: &[Data::Rates, Data::Categories],
    has_p_value: true,
    parameters: &[],
    reference: "scipy.stats.chi2_contingency(correction=False), 1.17",
    compare: |windows| with_effect(windows, chi_square),
};

pub(super) const ABOUT_YATES: About = About {
    name: "chi-square-yates",
    about: "the same with Yates's correction, which applies where there are two categories",
    data: &[Data::Rates, Data::Categories],
    has_p_value: true,
    parameters: &[("correction", 0.5)],
    reference: "scipy.stats.chi2_contingency(correction=True), 1.17",
    compare: |windows| with_effect(windows, chi_square_yates),
};

/// Compares as categories; the effect is that of the windows' own kind.
pub(super) fn with_effect(
    windows: &super::Windows<'_>,
    method: impl FnOnce(&Categories<'_>) -> Option<Comparison>,
) -> Option<Comparison> {
    let comparison = with_categories(windows, method)?;
    Some(Comparison { effect: Effect::of(windows), ..comparison })
}

/// Pearson's χ² of the table of categories × windows. Categories without a row are left out.
///
/// `None` for an empty window, and where fewer than two categories have rows.
#[must_use]
pub fn chi_square(categories: &Categories<'_>) -> Option<Comparison> {
    let statistic = chi_square_statistic(categories)?;
    let degrees_of_freedom = categories.occupied() as f64 - 1.0;
    Some(Comparison {
        statistic,
        p_value: Some(chi_square::sf(statistic, degrees_of_freedom)),
        effect: Effect::of_categories(categories),
    })
}

/// [`chi_square()`] with each difference made smaller by up to ½ where two categories have rows (Yates 1934).
#[must_use]
pub fn chi_square_yates(categories: &Categories<'_>) -> Option<Comparison> {
    let (n, m) = categories.comparable()?;
    if categories.occupied() > 2 {
        return chi_square(categories);
    }
    let total = n as f64 + m as f64;
    let (b, c) = categories.counts().find(|&(b, c)| b + c > 0)?;
    let rest = (n - b) as f64 + (m - c) as f64;
    // In a table of two by two all four differences from the expected counts are this large.
    let difference = (cross(b, m) - cross(c, n)).unsigned_abs() as f64 / total;
    let corrected = (difference - 0.5).max(0.0);
    let ratio = corrected / libm::sqrt(n as f64 * m as f64);
    let statistic = ratio * ratio * total * total / (b as f64 + c as f64) * (total / rest);
    Some(Comparison {
        statistic,
        p_value: Some(chi_square::sf(statistic, 1.0)),
        effect: Effect::of_categories(categories),
    })
}

/// Σ (b·m − c·n)² / (n·m·(b + c)): both windows' squared differences from their expected counts at once.
pub(super) fn chi_square_statistic(categories: &Categories<'_>) -> Option<f64> {
    let (n, m) = categories.comparable()?;
    let sum: f64 = categories
        .counts()
        .filter(|&(b, c)| b + c > 0)
        .map(|(b, c)| {
            let difference = (cross(b, m) - cross(c, n)) as f64;
            difference * difference / (b as f64 + c as f64)
        })
        .sum();
    Some(sum / n as f64 / m as f64)
}
