//! BOCPD: the probability of every length of the current run, value by value.

mod beta_binomial;
mod gamma_poisson;
mod kind;
mod log_gamma;
mod normal_gamma;

pub use beta_binomial::BetaBinomial;
pub use gamma_poisson::GammaPoisson;
pub(super) use kind::KIND;
pub use normal_gamma::{NormalGamma, Spread};

use std::fmt::Debug;

/// A distribution of values whose parameters have a conjugate prior.
pub trait Model: Debug {
    /// What is read at a place.
    type Observation: Copy;
    /// What the evidence of a run depends on.
    type Statistics: Copy + Debug;

    /// The statistics of no observation.
    const EMPTY: Self::Statistics;

    /// The statistics with one more observation.
    fn add(&self, statistics: Self::Statistics, observation: Self::Observation) -> Self::Statistics;

    /// The logarithm of the probability of a run's observations with all parameters integrated out, up to terms that
    /// are the same however the observations are divided into runs.
    fn log_evidence(&mut self, statistics: &Self::Statistics) -> f64;
}

/// Bayesian online change point detection (Adams, MacKay, Bayesian online changepoint detection, arXiv:0710.3742, 2007):
/// a run ends after each value with the same probability.
///
/// Runs whose probability falls below a limit are dropped, so that a value costs as much as there are plausible runs.
/// Beside the sums over all earlier runs their maximum is kept, which gives the most probable cut of the whole series.
#[derive(Debug, Clone)]
pub struct Bocpd<M: Model> {
    model: M,
    log_hazard: f64,
    log_survival: f64,
    least_probability: f64,
    runs: Vec<Run<M::Statistics>>,
    /// By the number of values read: the start of the run that most probably ended there.
    starts_of_ended: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Run<S> {
    start: usize,
    statistics: S,
    log_evidence: f64,
    /// The logarithm of the probability that this is the current run, given all values.
    log_probability: f64,
    /// The logarithm of the probability of the best cut that ends with this run, together with all values.
    log_best: f64,
}

impl<M: Model> Bocpd<M> {
    /// Starts before the first value. `mean_run_length` is the expected number of values between two changes, above 1;
    /// runs below `least_probability` are dropped, 0 keeps all.
    #[must_use]
    pub fn new(mut model: M, mean_run_length: f64, least_probability: f64) -> Self {
        let hazard = 1.0 / mean_run_length;
        let first = Run {
            start: 0,
            statistics: M::EMPTY,
            log_evidence: model.log_evidence(&M::EMPTY),
            log_probability: 0.0,
            log_best: 0.0,
        };
        Self {
            model,
            log_hazard: libm::log(hazard),
            log_survival: libm::log1p(-hazard),
            least_probability,
            runs: vec![first],
            starts_of_ended: vec![0],
        }
    }

    /// Reads the next value.
    pub fn update(&mut self, observation: M::Observation) {
        for run in &mut self.runs {
            run.statistics = self.model.add(run.statistics, observation);
            let evidence = self.model.log_evidence(&run.statistics);
            let predictive = evidence - run.log_evidence;
            run.log_evidence = evidence;
            run.log_probability += predictive;
            run.log_best += predictive;
        }
        let all = log_sum(self.runs.iter().map(|run| run.log_probability));
        let best = best_of(&self.runs).copied();
        for run in &mut self.runs {
            run.log_probability += self.log_survival - all;
            run.log_best += self.log_survival;
        }
        let next = self.starts_of_ended.len();
        self.starts_of_ended.push(best.map_or(0, |run| run.start));
        self.drop_improbable();
        self.runs.push(Run {
            start: next,
            statistics: M::EMPTY,
            log_evidence: self.model.log_evidence(&M::EMPTY),
            log_probability: self.log_hazard,
            log_best: best.map_or(0.0, |run| run.log_best + self.log_hazard),
        });
    }

    /// Drops improbable runs, but never the one that the best cut ends with.
    fn drop_improbable(&mut self) {
        if self.least_probability <= 0.0 {
            return;
        }
        let limit = libm::log(self.least_probability);
        let best = self.runs.iter().map(|run| run.log_best).fold(f64::NEG_INFINITY, f64::max);
        self.runs.retain(|run| run.log_probability >= limit || run.log_best >= best);
    }

    /// The lengths of the current run that have not been dropped, and their probabilities; the longest first. Length 0
    /// says that the run has ended with the last value.
    pub fn run_lengths(&self) -> impl Iterator<Item = (usize, f64)> {
        let read = self.starts_of_ended.len() - 1;
        self.runs.iter().map(move |run| (read - run.start, libm::exp(run.log_probability)))
    }

    /// The most probable length of the current run.
    #[must_use]
    pub fn most_probable_length(&self) -> usize {
        let most = self.run_lengths().max_by(|one, other| one.1.total_cmp(&other.1));
        most.map_or(0, |(length, _)| length)
    }

    /// The probability that the current run is no longer than `length` values: that there was a change within them.
    #[must_use]
    pub fn probability_of_change_within(&self, length: usize) -> f64 {
        self.run_lengths().filter(|&(run, _)| run <= length).map(|(_, probability)| probability).sum()
    }

    /// The changes of the most probable cut of what was read: the index of the first value of every run but the first.
    #[must_use]
    pub fn changes(&self) -> Vec<usize> {
        let read = self.starts_of_ended.len() - 1;
        let last = best_of(self.runs.iter().filter(|run| run.start < read));
        let mut start = last.map_or(0, |run| run.start);
        let mut changes = Vec::new();
        while start > 0 {
            changes.push(start);
            start = self.starts_of_ended[start];
        }
        changes.reverse();
        changes
    }
}

/// The run that the best cut ends with; of equal ones the longest.
fn best_of<'a, S: 'a>(runs: impl IntoIterator<Item = &'a Run<S>>) -> Option<&'a Run<S>> {
    runs.into_iter().reduce(|best, run| if run.log_best > best.log_best { run } else { best })
}

/// ln Σ exp of the numbers.
fn log_sum(numbers: impl Iterator<Item = f64> + Clone) -> f64 {
    let greatest = numbers.clone().fold(f64::NEG_INFINITY, f64::max);
    greatest + libm::log(numbers.map(|number| libm::exp(number - greatest)).sum::<f64>())
}
