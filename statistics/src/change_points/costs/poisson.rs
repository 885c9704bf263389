//! The likelihood of one rate of counts.

use super::times_log::TimesLog;
use super::{Cost, running_counts, running_sums};
use crate::change_points::Counts;

/// The Poisson deviance of a segment: twice the log likelihood that one rate for the segment loses against a rate for
/// each place. With a sum s of counts and an exposure e, ln L = s ln(s/e), up to terms that no cut changes.
#[derive(Debug, Clone)]
pub struct Poisson {
    counts: Vec<u64>,
    exposures: Vec<f64>,
    /// Running sums of ln L of each place by itself.
    single: Vec<f64>,
    times_log: TimesLog,
    /// ln(e) of a segment by its length, where all exposures are 1.
    log_lengths: Option<Vec<f64>>,
}

impl Poisson {
    /// Prepares the cost of a series.
    #[must_use]
    pub fn new(series: &Counts) -> Self {
        let counts = running_counts(series.counts());
        let times_log = TimesLog::up_to(counts[counts.len() - 1]);
        let places = series.counts().iter().zip(series.exposures());
        let single = running_sums(
            places.map(|(&count, &exposure)| times_log.of(count) - count as f64 * libm::log(exposure)),
        );
        let are_equal = series.exposures().iter().all(|&exposure| exposure == 1.0);
        let log_lengths =
            are_equal.then(|| (0..counts.len()).map(|length| libm::log(length as f64)).collect::<Vec<_>>());
        let exposures = running_sums(series.exposures().iter().copied());
        Self { counts, exposures, single, times_log, log_lengths }
    }
}

impl Cost for Poisson {
    fn length(&self) -> usize {
        self.counts.len() - 1
    }

    fn least_length(&self) -> usize {
        1
    }

    #[inline]
    fn of(&self, start: usize, end: usize) -> f64 {
        let count = self.counts[end] - self.counts[start];
        let log_exposure = match &self.log_lengths {
            Some(logarithms) => logarithms[end - start],
            None => libm::log(self.exposures[end] - self.exposures[start]),
        };
        let single = self.single[end] - self.single[start];
        let whole = self.times_log.of(count) - count as f64 * log_exposure;
        (2.0 * (single - whole)).max(0.0)
    }
}
