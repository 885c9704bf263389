//! The oracle: the best that any rule can do on a panel, because it knows what no rule can know.
//!
//! It knows the state before, from a reference without drift; how many cells of each metric drift; and by what effects, from
//! which day on and in which course. It does not know which cells. Of all rules that keep the false-discovery rate at
//! a level, the one that reports the cells of smallest local false-discovery rate finds most (Sun and Cai 2007, theorem 1);
//! with everything else known, that rate follows from the likelihood ratio of each cell.

use super::effects::{Effect, Effects, Kind};
use super::evidence::{CellEvidence, Evidence};
use super::fdr::expected_false_shares;
use super::judge::MAX_LOG_RATIO;
use super::mixes::MixModel;
use super::options::OptionsError;
use super::panel::{Metric, Panel};
use super::rates::RateModel;
use super::values::ValueModel;

/// What is true of a panel.
#[derive(Debug, Clone)]
pub struct Truth<'t> {
    /// The same segments and metrics without drift; the more rows, the better the state before is known. Its days
    /// before the last `split − LOOKBACK_DAYS` are used. A panel whose drifts all begin later may be its own.
    pub reference: &'t Panel,
    /// What drifts.
    pub drifts: Vec<TrueDrift>,
}

/// One metric of one segment that drifts.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueDrift {
    /// The metric, by its place in the panel.
    pub metric: usize,
    /// The segment, by its place in the panel.
    pub segment: usize,
    /// The full effect.
    pub effect: TrueEffect,
    /// The first day, which must be one of those that are searched for the drift to count.
    pub first_day: usize,
    /// How much of the effect is felt, for each day from the first.
    pub strengths: Vec<f64>,
    /// Whether a strength is the share of the rows that feel all of the effect, instead of the part that all feel.
    pub gradual: bool,
}

/// A full effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TrueEffect {
    /// Added to a rate, or to days.
    Addition(f64),
    /// What amounts or days are multiplied with.
    Factor(f64),
    /// What the weight of a category is multiplied with.
    Weight {
        /// The category.
        category: u32,
        /// The factor.
        factor: f64,
    },
}

impl TrueEffect {
    /// The effect on a day of some strength.
    fn on_day(self, strength: f64, gradual: bool) -> Effect {
        let (part, share) = if gradual { (1.0, strength) } else { (strength, 1.0) };
        let partial = |factor: f64| libm::log(1.0 + part * (factor - 1.0));
        match self {
            Self::Addition(size) => Effect { kind: Kind::Addition, size: part * size, share },
            Self::Factor(factor) => Effect { kind: Kind::Factor, size: partial(factor), share },
            Self::Weight { category, factor } => {
                Effect { kind: Kind::Weight(category), size: partial(factor), share }
            }
        }
    }
}

/// The cells that the oracle reports, as (metric, segment), surest first.
///
/// # Errors
/// For a level that is no chance.
pub fn oracle(panel: &Panel, truth: &Truth<'_>, level: f64) -> Result<Vec<(usize, usize)>, OptionsError> {
    if !(level > 0.0 && level < 1.0) {
        return Err(OptionsError { option: "level", value: level, allowed: "above 0 and below 1" });
    }
    let mut cells = Vec::new();
    for metric in 0..panel.parts().metrics.len() {
        let courses = courses(truth, metric);
        let local = local_fdrs(panel, truth, metric, &courses);
        cells.extend(local.into_iter().enumerate().map(|(segment, local)| (local, metric, segment)));
    }
    let local: Vec<f64> = cells.iter().map(|cell| cell.0).collect();
    let shares = expected_false_shares(&local);
    let mut reported: Vec<usize> = (0..cells.len()).filter(|&place| shares[place] <= level).collect();
    reported.sort_by(|&one, &other| local[one].total_cmp(&local[other]).then(one.cmp(&other)));
    Ok(reported.into_iter().map(|place| (cells[place].1, cells[place].2)).collect())
}

/// The distinct drifts of a metric, each with how many cells have it.
fn courses<'t>(truth: &'t Truth<'_>, metric: usize) -> Vec<(&'t TrueDrift, usize)> {
    let mut courses: Vec<(&TrueDrift, usize)> = Vec::new();
    for drift in truth.drifts.iter().filter(|drift| drift.metric == metric) {
        let same = |known: &TrueDrift| TrueDrift { segment: drift.segment, ..known.clone() } == *drift;
        match courses.iter_mut().find(|(known, _)| same(known)) {
            Some((_, cells)) => *cells += 1,
            None => courses.push((drift, 1)),
        }
    }
    courses
}

fn local_fdrs(panel: &Panel, truth: &Truth<'_>, metric: usize, courses: &[(&TrueDrift, usize)]) -> Vec<f64> {
    let segments = panel.parts().segments.len();
    let drifting: usize = courses.iter().map(|(_, cells)| cells).sum();
    if drifting == 0 {
        return vec![1.0; segments];
    }
    let mut each: Vec<Effect> = Vec::new();
    // For each course the effect of each day that is felt.
    let mut felt: Vec<Vec<(usize, usize)>> = Vec::new();
    for (drift, _) in courses {
        let mut days = Vec::new();
        for (day, &strength) in (drift.first_day..panel.parts().days).zip(&drift.strengths) {
            if day >= panel.recent() && strength > 0.0 {
                let effect = drift.effect.on_day(strength, drift.gradual);
                let place = each.iter().position(|known| *known == effect).unwrap_or(each.len());
                if place == each.len() {
                    each.push(effect);
                }
                days.push((day - panel.recent(), place));
            }
        }
        felt.push(days);
    }
    let evidence = known_evidence(panel, truth.reference, metric, Effects::exactly(each));
    let share = drifting as f64 / segments as f64;
    let local = |cell: &CellEvidence| {
        let searched = cell.rows.len();
        let ratio = |(days, (_, cells)): (&Vec<(usize, usize)>, &(&TrueDrift, usize))| {
            let log: f64 = days.iter().map(|(day, effect)| cell.log_ratios[effect * searched + day]).sum();
            *cells as f64 / drifting as f64 * libm::exp(log.min(MAX_LOG_RATIO))
        };
        let likelihood: f64 = felt.iter().zip(courses).map(ratio).sum();
        (1.0 - share) / (1.0 - share + share * likelihood)
    };
    evidence.cells.iter().map(local).collect()
}

/// What the days of a panel say, with the state before known from the reference.
fn known_evidence(panel: &Panel, reference: &Panel, metric: usize, effects: Effects) -> Evidence {
    match (&panel.parts().metrics[metric], reference.parts().metrics.get(metric)) {
        (Metric::Rate(segments), Some(Metric::Rate(known))) => {
            RateModel::fit(reference, known).evidence(panel, segments, effects)
        }
        (
            Metric::Value { segments, pending, .. },
            Some(Metric::Value { scale, segments: known, pending: known_pending }),
        ) => {
            let model = ValueModel::fit(reference, *scale, known, known_pending);
            model.evidence(panel, segments, pending, effects)
        }
        (Metric::Mix(segments), Some(Metric::Mix(known))) => {
            MixModel::fit(reference, known).evidence(panel, segments, effects)
        }
        _ => Evidence { effects, cells: vec![CellEvidence::default(); panel.parts().segments.len()] },
    }
}
