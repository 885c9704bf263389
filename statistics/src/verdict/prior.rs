//! What is learned from the whole panel before a cell is judged: how often metrics drift, by how much, when and how.
//!
//! Two groups (Efron 2008): a cell has changed with the probability π of its metric, by one of the effects, in one of
//! the profiles. The weights are those that make the panel's data likeliest, drawn towards even ones by a few pseudo-counts:
//! empirical Bayes, by expectation maximisation.

use super::effects::Effects;
use super::profiles::Profile;

/// Rounds of expectation maximisation.
const ROUNDS: usize = 30;

/// Cells that the share of all metrics counts like, in the share of one.
const SHARE_PSEUDO_CELLS: f64 = 60.0;

/// Unchanged cells that are added to all, so that noise alone is not taken for a few changes.
const UNCHANGED_PSEUDO_CELLS: f64 = 20.0;

/// Changes that the even weights of effects count like.
const EFFECT_PSEUDO_COUNTS: f64 = 2.0;

/// Changes that the given weights of profiles count like.
const PROFILE_PSEUDO_COUNTS: f64 = 2.0;

/// The part of the changes that untold cells are expected to have that speaks for the given weights.
const SILENT_PART: f64 = 0.3;

/// Below this likelihood ratio, averaged over the given weights, a cell says nothing about the weights.
pub(super) const TELLING: f64 = 1.0;

/// The likelihood ratios of a cell.
#[derive(Debug, Clone)]
pub(super) struct Ratios {
    /// Averaged over the given weights.
    pub(super) average: f64,
    /// For each judged effect those of each profile; empty where the average is below [`TELLING`].
    pub(super) each: Vec<f32>,
}

/// The weights of one metric.
#[derive(Debug, Clone)]
pub(super) struct MetricPrior {
    /// The probability that a cell changed.
    pub(super) share: f64,
    /// The weight of each judged effect among the changes.
    pub(super) effects: Vec<f64>,
}

/// What is learned.
#[derive(Debug, Clone)]
pub(super) struct Prior {
    pub(super) metrics: Vec<MetricPrior>,
    /// The weight of each profile, the same for all metrics.
    pub(super) profiles: Vec<f64>,
    /// What the weights were made of.
    counts: Counts,
}

/// Expected numbers of changes.
#[derive(Debug, Clone, Default)]
struct Counts {
    /// Of each metric: of all its cells, and by effect.
    metrics: Vec<(f64, Vec<f64>)>,
    /// By profile, of all metrics, with the pseudo-counts.
    profiles: Vec<f64>,
}

/// The weights of effects before the data are seen: even among arms, and among an arm's levels.
pub(super) fn even(effects: &Effects) -> Vec<f64> {
    let arms = effects.arms().count() as f64;
    effects.arms().flat_map(|(_, levels)| vec![1.0 / arms / levels as f64; levels]).collect()
}

/// The weights of profiles before the data are seen.
pub(super) fn given(profiles: &[Profile]) -> Vec<f64> {
    let total: f64 = profiles.iter().map(|profile| profile.weight).sum();
    profiles.iter().map(|profile| profile.weight / total).collect()
}

impl Prior {
    /// Learns the weights from the ratios of each metric's cells.
    pub(super) fn learn(metrics: &[(&Effects, &[Ratios])], profiles: &[Profile]) -> Self {
        let start =
            |(effects, _): &(&Effects, &[Ratios])| MetricPrior { share: 0.02, effects: even(effects) };
        let mut prior = Self {
            metrics: metrics.iter().map(start).collect(),
            profiles: given(profiles),
            counts: Counts::default(),
        };
        for _ in 0..ROUNDS {
            prior = prior.improved(metrics, profiles);
        }
        prior
    }

    fn improved(&self, metrics: &[(&Effects, &[Ratios])], profiles: &[Profile]) -> Self {
        let mut courses: Vec<f64> =
            given(profiles).iter().map(|weight| weight * PROFILE_PSEUDO_COUNTS).collect();
        let mut learned: Vec<(f64, Vec<f64>)> = Vec::new();
        for (place, (effects, cells)) in metrics.iter().enumerate() {
            let (mut telling, mut silent) = (0.0, 0.0);
            let mut sizes = vec![0.0; effects.judged().len()];
            for ratios in *cells {
                if ratios.each.is_empty() {
                    silent += self.changed(place, ratios);
                } else {
                    telling += self.share_out(place, ratios, &mut sizes, &mut courses);
                }
            }
            // What says nothing about the weights speaks, in part, for those that are given.
            let silent_part = SILENT_PART * silent;
            sizes.iter_mut().zip(even(effects)).for_each(|(size, weight)| *size += silent_part * weight);
            courses
                .iter_mut()
                .zip(given(profiles))
                .for_each(|(course, weight)| *course += silent_part * weight);
            learned.push((telling + silent, sizes));
        }
        let counts = Counts { metrics: learned, profiles: courses };
        let place = |place: usize| counts.prior_of(place, metrics);
        Self {
            metrics: (0..metrics.len()).map(place).collect(),
            profiles: normed(counts.profiles.clone()),
            counts,
        }
    }

    /// The probability that a cell changed.
    fn changed(&self, metric: usize, ratios: &Ratios) -> f64 {
        1.0 - self.local_fdr(metric, ratios)
    }

    /// The probability that a cell changed, which is added, shared out, to its effects and profiles.
    fn share_out(&self, metric: usize, ratios: &Ratios, sizes: &mut [f64], courses: &mut [f64]) -> f64 {
        let changed = self.changed(metric, ratios);
        let scale = changed / self.likelihood(metric, ratios);
        let effects = &self.metrics[metric].effects;
        for ((of_profiles, weight), size) in ratios.each.chunks(courses.len()).zip(effects).zip(sizes) {
            let mut sum = 0.0;
            for ((ratio, profile), course) in of_profiles.iter().zip(&self.profiles).zip(courses.iter_mut()) {
                let part = f64::from(*ratio) * profile;
                sum += part;
                *course += scale * weight * part;
            }
            *size += scale * weight * sum;
        }
        changed
    }

    /// The local false-discovery rate of a cell.
    pub(super) fn local_fdr(&self, metric: usize, ratios: &Ratios) -> f64 {
        let share = self.metrics[metric].share;
        (1.0 - share) / (1.0 - share + share * self.likelihood(metric, ratios))
    }

    /// The likelihood ratio of a change against none, averaged over the weights.
    fn likelihood(&self, metric: usize, ratios: &Ratios) -> f64 {
        averaged(ratios, &self.metrics[metric].effects, &self.profiles)
    }

    /// The local false-discovery rate of a cell, by what is learned from all other cells: otherwise a cell whose noise
    /// looks like no other's would teach the weights that such changes are frequent, and be believed for it.
    pub(super) fn local_fdr_by_others(
        &self,
        metric: usize,
        ratios: &Ratios,
        families: &[(&Effects, &[Ratios])],
    ) -> f64 {
        if ratios.each.is_empty() {
            return self.local_fdr(metric, ratios);
        }
        let mut own = vec![0.0; self.metrics[metric].effects.len()];
        let mut courses = vec![0.0; self.profiles.len()];
        let changed = self.share_out(metric, ratios, &mut own, &mut courses);
        let mut others =
            Counts { metrics: self.counts.metrics.clone(), profiles: self.counts.profiles.clone() };
        let of_metric = &mut others.metrics[metric];
        of_metric.0 = (of_metric.0 - changed).max(0.0);
        of_metric.1.iter_mut().zip(&own).for_each(|(count, own)| *count = (*count - own).max(0.0));
        others.profiles.iter_mut().zip(&courses).for_each(|(count, own)| *count = (*count - own).max(0.0));
        let prior = others.prior_of(metric, families);
        let likelihood = averaged(ratios, &prior.effects, &normed(others.profiles));
        (1.0 - prior.share) / (1.0 - prior.share + prior.share * likelihood)
    }
}

impl Counts {
    /// The weights of a metric.
    fn prior_of(&self, metric: usize, families: &[(&Effects, &[Ratios])]) -> MetricPrior {
        let all: usize = families.iter().map(|(_, cells)| cells.len()).sum();
        let changed: f64 = self.metrics.iter().map(|(changed, _)| changed).sum();
        let common = changed / (all as f64 + UNCHANGED_PSEUDO_CELLS);
        let (effects, cells) = families[metric];
        let (changed, sizes) = &self.metrics[metric];
        MetricPrior {
            share: (changed + SHARE_PSEUDO_CELLS * common) / (cells.len() as f64 + SHARE_PSEUDO_CELLS),
            effects: smoothed(effects, sizes),
        }
    }
}

/// Weights that add up to 1.
fn normed(mut weights: Vec<f64>) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= total);
    weights
}

/// The likelihood ratio of a cell, averaged over weights.
fn averaged(ratios: &Ratios, effects: &[f64], profiles: &[f64]) -> f64 {
    if ratios.each.is_empty() {
        return ratios.average;
    }
    let of_effect = |of_profiles: &[f32]| {
        of_profiles.iter().zip(profiles).map(|(ratio, weight)| f64::from(*ratio) * weight).sum::<f64>()
    };
    let effects = ratios.each.chunks(profiles.len()).zip(effects);
    effects.map(|(of_profiles, weight)| weight * of_effect(of_profiles)).sum()
}

/// Weights from counts: neighbouring levels of an arm lend each other, and even weights are mixed in.
fn smoothed(effects: &Effects, counts: &[f64]) -> Vec<f64> {
    let mut weights = even(effects);
    weights.iter_mut().for_each(|weight| *weight *= EFFECT_PSEUDO_COUNTS);
    for (first, levels) in effects.arms() {
        let arm = &counts[first..first + levels];
        for (level, count) in arm.iter().enumerate() {
            weights[first + level] += 0.5 * count;
            weights[first + level.saturating_sub(1)] += 0.25 * count;
            weights[first + (level + 1).min(levels - 1)] += 0.25 * count;
        }
    }
    normed(weights)
}
