//! Events in trials at a rate with a beta prior.

use super::Model;
use super::log_gamma::LogGamma;

/// The rate of a run is drawn from Beta(alpha, beta); the events of a place are binomial.
#[derive(Debug, Clone)]
pub struct BetaBinomial {
    events: LogGamma,
    others: LogGamma,
    trials: LogGamma,
}

impl BetaBinomial {
    /// From the two parameters of the prior, both above 0; a half each is Jeffreys' prior.
    #[must_use]
    pub fn new(alpha: f64, beta: f64) -> Self {
        Self {
            events: LogGamma::from(alpha),
            others: LogGamma::from(beta),
            trials: LogGamma::from(alpha + beta),
        }
    }
}

impl Model for BetaBinomial {
    /// Events and trials.
    type Observation = (u64, u64);
    /// Events, and trials without.
    type Statistics = (u64, u64);

    const EMPTY: Self::Statistics = (0, 0);

    #[inline]
    fn add(&self, statistics: (u64, u64), (events, trials): (u64, u64)) -> (u64, u64) {
        (statistics.0 + events, statistics.1 + (trials - events))
    }

    #[inline]
    fn log_evidence(&mut self, &(events, others): &(u64, u64)) -> f64 {
        self.events.at(events) + self.others.at(others) - self.trials.at(events + others)
    }
}
