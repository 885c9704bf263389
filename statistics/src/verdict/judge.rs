//! From a panel to its verdict.

use super::cell::{Cell, Change, Extent, Outcome, Verdict};
use super::effects::{Effects, Kind};
use super::evidence::{CellEvidence, Evidence, overdispersion};
use super::fdr::expected_false_shares;
use super::mixes::{self, MixModel};
use super::options::{Minimum, Options};
use super::panel::{Metric, Panel, Scale};
use super::prior::{Prior, Ratios, TELLING, even, given};
use super::profiles::{Profile, profiles};
use super::rates::{self, RateModel};
use super::values::{self, ValueModel};
use super::volumes;

/// Above this log ratio a cell has changed, by how much soever.
pub(super) const MAX_LOG_RATIO: f64 = 80.0;

/// Judges every metric of every segment.
#[must_use]
pub fn judge(panel: &Panel, options: &Options) -> Verdict {
    let evidence: Vec<Evidence> =
        panel.parts().metrics.iter().map(|metric| evidence_of(panel, metric)).collect();
    let recent = panel.recent();
    let profiles = profiles(panel.parts().days - recent, panel.parts().split - recent);
    let ratios: Vec<Vec<Ratios>> = evidence.iter().map(|evidence| ratios_of(evidence, &profiles)).collect();
    let families: Vec<(&Effects, &[Ratios])> = evidence
        .iter()
        .zip(&ratios)
        .map(|(evidence, ratios)| (&evidence.effects, ratios.as_slice()))
        .collect();
    let prior = Prior::learn(&families, &profiles);
    let of_metric = |(metric, ratios): (usize, &Vec<Ratios>)| {
        ratios.iter().map(|ratios| prior.local_fdr(metric, ratios)).collect::<Vec<f64>>()
    };
    let local: Vec<f64> = ratios.iter().enumerate().flat_map(of_metric).collect();
    let shares = expected_false_shares(&local);
    let mut cells = Vec::with_capacity(local.len());
    for (metric, (evidence, ratios)) in evidence.iter().zip(&ratios).enumerate() {
        let posterior =
            Posterior { panel, metric, prior: &prior, profiles: &profiles, effects: &evidence.effects };
        for (segment, (cell, ratios)) in evidence.cells.iter().zip(ratios).enumerate() {
            let place = cells.len();
            let change = posterior.change(cell, ratios);
            let matters = change
                .is_some_and(|change| reaches(&panel.parts().metrics[metric], change, &options.minimum));
            let outcome =
                if shares[place] <= options.level && matters { Outcome::Drift } else { Outcome::NoDrift };
            cells.push(Cell {
                metric,
                segment,
                outcome,
                local_fdr: local[place],
                q: shares[place],
                change,
                smallest_detectable: None,
                rows_before: cell.rows_before,
                rows_current: cell.rows[panel.parts().split - recent..].iter().sum::<f64>() as u64,
            });
        }
    }
    Verdict { cells }
}

fn evidence_of(panel: &Panel, metric: &Metric) -> Evidence {
    match metric {
        Metric::Rate(segments) => RateModel::fit(panel, segments).evidence(panel, segments, rates::effects()),
        Metric::Value { scale, segments, pending } => {
            let model = ValueModel::fit(panel, *scale, segments, pending);
            model.evidence(panel, segments, pending, values::effects(*scale))
        }
        Metric::Mix(segments) => {
            MixModel::fit(panel, segments).evidence(panel, segments, mixes::effects(segments))
        }
        Metric::Volume(segments) => volumes::evidence(panel, segments, volumes::effects()),
    }
}

/// The likelihood ratios of a metric's cells.
fn ratios_of(evidence: &Evidence, profiles: &[Profile]) -> Vec<Ratios> {
    let spread = overdispersion(&evidence.cells);
    let (even, given) = (even(&evidence.effects), given(profiles));
    let weight: Vec<f64> =
        even.iter().flat_map(|effect| given.iter().map(move |profile| effect * profile)).collect();
    let ratios = |cell: &CellEvidence| {
        let each = log_ratios(cell, &evidence.effects, profiles, spread);
        let each: Vec<f32> = each.into_iter().map(|log| libm::expf(log.min(MAX_LOG_RATIO) as f32)).collect();
        let average = each.iter().zip(&weight).map(|(ratio, weight)| f64::from(*ratio) * weight).sum();
        Ratios { each: if average < TELLING { Vec::new() } else { each }, average }
    };
    evidence.cells.iter().map(ratios).collect()
}

/// For each judged effect and profile the log ratio, taken back for what is not known for sure.
///
/// The state before is known from n rows, so the m rows of the change count like m/(1 + m/n): exact for a normal mean.
fn log_ratios(cell: &CellEvidence, effects: &Effects, profiles: &[Profile], spread: f64) -> Vec<f64> {
    let searched = cell.rows.len();
    let cumulated: Vec<f64> = cell.log_ratios.chunks(searched).flat_map(running).collect();
    let rows = running(&cell.rows);
    let mut all = Vec::with_capacity(effects.judged().len() * profiles.len());
    let scales: Vec<f64> = profiles
        .iter()
        .map(|profile| {
            let touched: f64 = profile.runs.iter().map(|run| rows[run.end] - rows[run.start]).sum();
            cell.rows_behind / (cell.rows_behind + touched).max(1.0) / spread
        })
        .collect();
    for &effect in effects.judged() {
        for (profile, scale) in profiles.iter().zip(&scales) {
            let sum: f64 = profile
                .runs
                .iter()
                .map(|run| {
                    let days = &cumulated[(effect - run.lower) * (searched + 1)..];
                    days[run.end] - days[run.start]
                })
                .sum();
            all.push(sum * scale);
        }
    }
    all
}

/// Sums of the first 0, 1, 2, … numbers.
fn running(numbers: &[f64]) -> Vec<f64> {
    let sums = numbers.iter().scan(0.0, |sum, number| {
        *sum += number;
        Some(*sum)
    });
    std::iter::once(0.0).chain(sums).collect()
}

/// What is known of a change, given the data.
struct Posterior<'p> {
    panel: &'p Panel,
    metric: usize,
    prior: &'p Prior,
    profiles: &'p [Profile],
    effects: &'p Effects,
}

impl Posterior<'_> {
    fn change(&self, cell: &CellEvidence, ratios: &Ratios) -> Option<Change> {
        let weights = &self.prior.metrics[self.metric].effects;
        if ratios.each.is_empty() || (cell.before.is_none() && cell.shares.is_empty()) {
            return None;
        }
        let searched = cell.rows.len();
        let mut first_days = vec![0.0; searched];
        let (mut total, mut size) = (0.0, 0.0);
        let mut best = (0.0, None);
        let judged = self.effects.judged().iter().zip(weights);
        for ((&effect, weight), of_profiles) in judged.zip(ratios.each.chunks(self.profiles.len())) {
            let effect = self.effects.each()[effect];
            let mut of_effect = 0.0;
            for ((ratio, profile), chance) in of_profiles.iter().zip(self.profiles).zip(&self.prior.profiles)
            {
                let part = f64::from(*ratio) * weight * chance;
                first_days[profile.first_day()] += part;
                of_effect += part;
            }
            total += of_effect;
            size += of_effect * self.in_unit(effect.kind, effect.size, cell);
            if of_effect > best.0 {
                best = (of_effect, Some(effect.kind));
            }
        }
        let first_day = (0..searched).max_by(|&one, &other| first_days[one].total_cmp(&first_days[other]))?;
        let effect = size / total;
        let category = match best.1? {
            Kind::Weight(category) => Some(category),
            _ => None,
        };
        let before = category.map_or(cell.before, |category| cell.shares.get(category as usize).copied())?;
        let after = match self.panel.parts().metrics[self.metric] {
            Metric::Volume(_) => before * (1.0 + effect),
            Metric::Value { scale: Scale::Logarithm { codes_per_octave }, .. } => {
                before + libm::log2(1.0 + effect) * f64::from(codes_per_octave)
            }
            _ => before + effect,
        };
        let first_day = self.panel.recent() + first_day;
        Some(Change { before, after, effect, first_day, category, extent: Extent::Segment })
    }

    /// An effect in the unit of [`Change::effect`].
    fn in_unit(&self, kind: Kind, size: f64, cell: &CellEvidence) -> f64 {
        let factor = libm::exp(size);
        match (kind, &self.panel.parts().metrics[self.metric]) {
            (Kind::Addition, _) => size,
            (Kind::Weight(category), _) => {
                let before = cell.shares.get(category as usize).copied().unwrap_or(0.0);
                before * factor / (1.0 + before * (factor - 1.0)) - before
            }
            (_, Metric::Value { scale: Scale::Days, .. }) => cell.before.unwrap_or(0.0) * (factor - 1.0),
            _ => factor - 1.0,
        }
    }
}

/// Whether a change is worth a report.
fn reaches(metric: &Metric, change: Change, minimum: &Minimum) -> bool {
    let least = match metric {
        Metric::Rate(_) => minimum.rate,
        Metric::Value { scale: Scale::Days, .. } => minimum.days,
        Metric::Value { .. } | Metric::Volume(_) => minimum.relative,
        Metric::Mix(_) => minimum.mix,
    };
    change.effect.abs() >= least
}
