//! From a panel to its verdict.

use super::cell::{Cell, Outcome, Verdict};
use super::effects::Effects;
use super::evidence::{CellEvidence, Evidence, overdispersion};
use super::extent::mark_extents;
use super::fdr::expected_false_shares;
use super::mixes::{self, MixModel};
use super::options::{Minimum, Options};
use super::panel::{Metric, Panel, Scale};
use super::posterior::Posterior;
use super::power::Demand;
use super::prior::{Prior, Ratios, TELLING, even, given};
use super::profiles::{Profile, profiles};
use super::rates::{self, RateModel};
use super::values::{self, ValueModel};
use super::volumes;

/// Above this log ratio a cell has changed, by how much soever.
pub(super) const MAX_LOG_RATIO: f64 = 80.0;

/// A cell that is unchanged with a higher probability is not reported, however sure the others are that the mean is
/// taken over.
const MOST_DOUBTFUL: f64 = 0.3;

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
        let local = ratios.iter().map(|ratios| prior.local_fdr_by_others(metric, ratios, &families));
        local.collect::<Vec<f64>>()
    };
    let local: Vec<f64> = ratios.iter().enumerate().flat_map(of_metric).collect();
    let shares = expected_false_shares(&local);
    let mut cells = Vec::with_capacity(local.len());
    for (place, (evidence, ratios)) in evidence.iter().zip(&ratios).enumerate() {
        let of_metric = Judging {
            options,
            metric: &panel.parts().metrics[place],
            spread: overdispersion(&evidence.cells),
            demand: demand(&prior, place, &profiles, panel, options),
            posterior: Posterior {
                panel,
                metric: place,
                prior: &prior,
                profiles: &profiles,
                effects: &evidence.effects,
            },
        };
        for (segment, (cell, ratios)) in evidence.cells.iter().zip(ratios).enumerate() {
            cells.push(of_metric.cell(segment, cell, ratios, (local[cells.len()], shares[cells.len()])));
        }
    }
    mark_extents(&panel.parts().segments, &mut cells);
    Verdict { cells }
}

/// What a cell of a metric needs to be reported, for an effect of the middle of an arm that lasts from the first day of
/// the current window on.
fn demand(
    prior: &Prior,
    metric: usize,
    profiles: &[Profile],
    panel: &Panel,
    options: &Options,
) -> Option<Demand> {
    let first_day = panel.parts().split - panel.recent();
    let weights = profiles.iter().zip(&prior.profiles);
    let course: f64 =
        weights.filter(|(profile, _)| profile.first_day() == first_day).map(|(_, weight)| weight).sum();
    let of_metric = &prior.metrics[metric];
    // An effect and its two neighbours say nearly the same.
    let effect = 3.0 / of_metric.effects.len().max(3) as f64;
    Demand::of(of_metric.share, course * effect, options)
}

/// The judgement of one metric's cells.
struct Judging<'j> {
    options: &'j Options,
    metric: &'j Metric,
    spread: f64,
    demand: Option<Demand>,
    posterior: Posterior<'j>,
}

impl Judging<'_> {
    fn cell(&self, segment: usize, cell: &CellEvidence, ratios: &Ratios, (local_fdr, q): (f64, f64)) -> Cell {
        let panel = self.posterior.panel;
        let change = self.posterior.change(cell, ratios);
        let rows: f64 = cell.rows[panel.parts().split - panel.recent()..].iter().sum();
        let smallest = self
            .demand
            .and_then(|demand| demand.smallest(self.metric, cell, self.posterior.effects, rows, self.spread));
        let least = size_of(self.metric, &self.options.minimum);
        let matters = change.is_some_and(|change| change.effect.abs() >= least);
        let shows =
            smallest.is_some_and(|smallest| smallest <= size_of(self.metric, &self.options.must_show));
        let outcome = match (q <= self.options.level && local_fdr <= MOST_DOUBTFUL && matters, shows) {
            (true, _) => Outcome::Drift,
            (false, true) => Outcome::NoDrift,
            (false, false) => Outcome::NotEnoughData,
        };
        Cell {
            metric: self.posterior.metric,
            segment,
            outcome,
            local_fdr,
            q,
            change,
            smallest_detectable: smallest,
            rows_before: cell.rows_before,
            rows_current: rows.round() as u64,
        }
    }
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

/// The size that counts for a metric.
fn size_of(metric: &Metric, sizes: &Minimum) -> f64 {
    match metric {
        Metric::Rate(_) => sizes.rate,
        Metric::Value { scale: Scale::Days, .. } => sizes.days,
        Metric::Value { .. } | Metric::Volume(_) => sizes.relative,
        Metric::Mix(_) => sizes.mix,
    }
}
