//! Numbers with a mean and a precision under a normal-gamma prior.

use super::Model;
use super::log_gamma::LogGamma;
use crate::parameters::Checked;

/// The precision of a run is drawn from Gamma(alpha, beta), its mean from a normal distribution about `mean` with
/// `kappa` times the precision; the values are normal (Murphy, Conjugate Bayesian analysis of the Gaussian
/// distribution, 2007, section 3).
#[derive(Debug, Clone)]
pub struct NormalGamma {
    mean: f64,
    kappa: f64,
    alpha: f64,
    beta: f64,
    /// ln Γ(alpha + n/2) for even and odd n.
    shapes: [LogGamma; 2],
}

impl NormalGamma {
    /// From the prior; all but `mean` must be above 0.
    #[must_use]
    pub fn new(mean: f64, kappa: f64, alpha: f64, beta: f64) -> Self {
        Self { mean, kappa, alpha, beta, shapes: [LogGamma::from(alpha), LogGamma::from(alpha + 0.5)] }
    }

    pub(super) fn of(checked: &Checked) -> Self {
        Self::new(
            checked.number("mean"),
            checked.number("kappa"),
            checked.number("shape"),
            checked.number("scale"),
        )
    }
}

/// The number of values of a run, their mean, and the sum of their squared deviations from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Model for NormalGamma {
    type Observation = f64;
    type Statistics = Spread;

    const EMPTY: Spread = Spread { count: 0, mean: 0.0, squares: 0.0 };

    #[inline]
    fn add(&self, statistics: Spread, value: f64) -> Spread {
        let count = statistics.count + 1;
        let deviation = value - statistics.mean;
        let mean = statistics.mean + deviation / count as f64;
        Spread { count, mean, squares: statistics.squares + deviation * (value - mean) }
    }

    #[inline]
    fn log_evidence(&mut self, statistics: &Spread) -> f64 {
        let count = statistics.count as f64;
        let kappa = self.kappa + count;
        let offset = statistics.mean - self.mean;
        let pulled = self.kappa * count * offset * offset / (2.0 * kappa);
        let beta = self.beta + 0.5 * statistics.squares + pulled;
        let shape = self.shapes[(statistics.count % 2) as usize].at(statistics.count / 2);
        shape + self.alpha * libm::log(self.beta)
            - (self.alpha + 0.5 * count) * libm::log(beta)
            - 0.5 * libm::log(kappa / self.kappa)
    }
}
