//! The likelihood of one rate of events.

use super::times_log::TimesLog;
use super::{Cost, running_counts, running_sums};
use crate::change_points::Events;

/// The binomial deviance of a segment: twice the log likelihood that one rate for the segment loses against a rate for
/// each place. With s events in n trials, ln L = s ln(s/n) + (n − s) ln((n − s)/n).
#[derive(Debug, Clone)]
pub struct Binomial {
    events: Vec<u64>,
    trials: Vec<u64>,
    /// Running sums of ln L of each place by itself.
    single: Vec<f64>,
    times_log: TimesLog,
}

impl Binomial {
    /// Prepares the cost of a series.
    #[must_use]
    pub fn new(series: &Events) -> Self {
        let (events, trials) = (running_counts(series.events()), running_counts(series.trials()));
        let times_log = TimesLog::up_to(trials[trials.len() - 1]);
        let places = series.events().iter().zip(series.trials());
        let single = running_sums(places.map(|(&events, &trials)| likelihood(&times_log, events, trials)));
        Self { events, trials, single, times_log }
    }
}

#[inline]
fn likelihood(times_log: &TimesLog, events: u64, trials: u64) -> f64 {
    times_log.of(events) + times_log.of(trials - events) - times_log.of(trials)
}

impl Cost for Binomial {
    fn length(&self) -> usize {
        self.events.len() - 1
    }

    fn least_length(&self) -> usize {
        1
    }

    #[inline]
    fn of(&self, start: usize, end: usize) -> f64 {
        let (events, trials) = (self.events[end] - self.events[start], self.trials[end] - self.trials[start]);
        let single = self.single[end] - self.single[start];
        (2.0 * (single - likelihood(&self.times_log, events, trials))).max(0.0)
    }
}
