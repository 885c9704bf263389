//! Counts at a rate with a gamma prior.

use super::Model;
use super::log_gamma::LogGamma;

/// The rate of a run is drawn from Gamma(shape, rate); the count of a place is Poisson with the rate times the exposure.
#[derive(Debug, Clone)]
pub struct GammaPoisson {
    shape: f64,
    rate: f64,
    counts: LogGamma,
}

impl GammaPoisson {
    /// From the two parameters of the prior, both above 0; the prior mean is shape / rate.
    #[must_use]
    pub fn new(shape: f64, rate: f64) -> Self {
        Self { shape, rate, counts: LogGamma::from(shape) }
    }
}

impl Model for GammaPoisson {
    /// A count and its exposure.
    type Observation = (u64, f64);
    /// Their sums.
    type Statistics = (u64, f64);

    const EMPTY: Self::Statistics = (0, 0.0);

    #[inline]
    fn add(&self, statistics: (u64, f64), (count, exposure): (u64, f64)) -> (u64, f64) {
        (statistics.0 + count, statistics.1 + exposure)
    }

    #[inline]
    fn log_evidence(&mut self, &(count, exposure): &(u64, f64)) -> f64 {
        // The power of the prior's rate is taken out, so that an empty run has the evidence ln Γ(shape).
        let relative = (self.rate + exposure) / self.rate;
        let counts = count as f64;
        self.counts.at(count) - (self.shape + counts) * libm::log(relative) - counts * libm::log(self.rate)
    }
}
