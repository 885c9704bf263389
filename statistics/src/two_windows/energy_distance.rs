//! The energy of two samples that repel what is unlike.

use super::windows::{Data, Histograms, Windows, cross};
use super::{About, Comparison, Effect};

pub(super) const ABOUT: About = About {
    name: "energy-distance",
    about: "how much farther apart values of different windows are than values of the same",
    data: &[Data::Histograms],
    has_p_value: false,
    parameters: &[],
    reference: "scipy.stats.energy_distance, 1.17",
    compare: |windows| match windows {
        Windows::Histograms(histograms) => energy_distance(histograms),
        _ => None,
    },
};

/// √(2 ∫ (F − G)²), in the root of the unit of the values (Székely and Rizzo 2013). `None` for an empty
/// window.
#[must_use]
pub fn energy_distance(histograms: &Histograms<'_>) -> Option<Comparison> {
    let (n, m) = histograms.both_occupied()?;
    let product = cross(n, m) as f64;
    let square = |(gap, difference): (f64, i128)| {
        let share = difference as f64 / product;
        gap * share * share
    };
    let statistic = libm::sqrt(2.0 * histograms.steps().map(square).sum::<f64>());
    Some(Comparison { statistic, p_value: None, effect: Effect::of_histograms(histograms) })
}
