//! The smallest change that a cell could have shown.
//!
//! A step over m rows of the current window, of a size δ, has a log likelihood ratio that is about normal with the mean J/2
//! and the variance J, J = δ²·I·m, where I is the information of a row about δ. It is reported with the power
//! asked for when J/2 − z√J is at least what the prior and the level demand, T: √J = z + √(z² + 2T).

use super::effects::Effects;
use super::evidence::CellEvidence;
use super::options::Options;
use super::panel::{Metric, Scale};
use crate::special::normal;

/// What a cell needs to be reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Demand {
    root_information: f64,
}

impl Demand {
    /// For cells that change with the probability `share`, by an effect and in a course of the given weight.
    ///
    /// `None` where nothing is ever reported.
    pub(super) fn of(share: f64, weight: f64, options: &Options) -> Option<Self> {
        let z = normal::quantile(options.power)?;
        let odds = (1.0 - share) / (share * weight) * (1.0 - options.level) / options.level;
        let demanded = libm::log(odds).max(0.0);
        let root_information = z + (z * z + 2.0 * demanded).sqrt();
        root_information.is_finite().then_some(Self { root_information })
    }

    /// The smallest change of a cell, in the unit of [`super::Change::effect`], as an amount.
    ///
    /// `spread` is how much wider the past spreads than independent rows.
    pub(super) fn smallest(
        self,
        metric: &Metric,
        cell: &CellEvidence,
        effects: &Effects,
        rows: f64,
        spread: f64,
    ) -> Option<f64> {
        let known = cell.rows_behind / (cell.rows_behind + rows).max(1.0);
        let counting = rows * known / spread;
        let information = information(metric, cell, effects)? * counting;
        let size = self.root_information / information.sqrt();
        let in_unit = match metric {
            Metric::Rate(_) | Metric::Mix(_) | Metric::Value { scale: Scale::Days, .. } => size,
            Metric::Value { .. } | Metric::Volume(_) => libm::exp(size) - 1.0,
        };
        let possible = match metric {
            Metric::Rate(_) | Metric::Mix(_) => in_unit <= 1.0,
            _ => in_unit.is_finite(),
        };
        possible.then_some(in_unit)
    }
}

/// The information of one row about an effect of the metric's first kind; `None` where there is none.
///
/// Of a mix it is that about the share of the category nearest to a half. Of the others it is told from the past: the log
/// ratios of two small effects ±ε add up to −ε²·I per row.
fn information(metric: &Metric, cell: &CellEvidence, effects: &Effects) -> Option<f64> {
    let information = match metric {
        Metric::Mix(_) => {
            let variances = cell.shares.iter().map(|share| share * (1.0 - share));
            1.0 / variances.max_by(f64::total_cmp)?
        }
        Metric::Rate(_) => {
            let rate = cell.before?;
            1.0 / (rate * (1.0 - rate))
        }
        // Each row of a Poisson count tells 1 about the logarithm of the mean.
        Metric::Volume(_) => 1.0,
        Metric::Value { .. } => {
            let first = effects.each().first()?;
            let both: f64 = cell.past.iter().map(|piece| piece[0] + piece[1]).sum();
            -both / first.size.powi(2) / cell.past_rows
        }
    };
    (information > 0.0 && information.is_finite()).then_some(information)
}
