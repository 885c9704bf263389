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
const PROFILE_PSEUDO_COUNTS: f64 = 3.0;

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
        let mut prior = Self { metrics: metrics.iter().map(start).collect(), profiles: given(profiles) };
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
            // What says nothing about the weights speaks for those that are given.
            sizes.iter_mut().zip(even(effects)).for_each(|(size, weight)| *size += silent * weight);
            courses.iter_mut().zip(given(profiles)).for_each(|(course, weight)| *course += silent * weight);
            learned.push((telling + silent, sizes));
        }
        let cells = |place: usize| metrics[place].1.len() as f64;
        let all: f64 = (0..metrics.len()).map(cells).sum();
        let common = learned.iter().map(|(changed, _)| changed).sum::<f64>() / (all + UNCHANGED_PSEUDO_CELLS);
        let improve = |(place, (changed, sizes)): (usize, (f64, Vec<f64>))| MetricPrior {
            share: (changed + SHARE_PSEUDO_CELLS * common) / (cells(place) + SHARE_PSEUDO_CELLS),
            effects: smoothed(metrics[place].0, &sizes),
        };
        let total: f64 = courses.iter().sum();
        Self {
            metrics: learned.into_iter().enumerate().map(improve).collect(),
            profiles: courses.iter().map(|course| course / total).collect(),
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

    /// The likelihood ratio of a change against none, averaged over the weights.
    pub(super) fn likelihood(&self, metric: usize, ratios: &Ratios) -> f64 {
        if ratios.each.is_empty() {
            return ratios.average;
        }
        let of_effect = |of_profiles: &[f32]| {
            of_profiles
                .iter()
                .zip(&self.profiles)
                .map(|(ratio, weight)| f64::from(*ratio) * weight)
                .sum::<f64>()
        };
        let effects = ratios.each.chunks(self.profiles.len()).zip(&self.metrics[metric].effects);
        effects.map(|(of_profiles, weight)| weight * of_effect(of_profiles)).sum()
    }

    /// The local false-discovery rate of a cell.
    pub(super) fn local_fdr(&self, metric: usize, ratios: &Ratios) -> f64 {
        let share = self.metrics[metric].share;
        (1.0 - share) / (1.0 - share + share * self.likelihood(metric, ratios))
    }
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
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}
