//! BOCPD by name and parameters, on whole series.

use super::{BetaBinomial, Bocpd, GammaPoisson, Model, NormalGamma};
use crate::change_points::{ChangePointError, ChangePointKind, ChangePoints, Segmentation, Series};
use crate::parameters::{Allowed, Checked, Given, POSITIVE, Parameter, ParameterError};
use std::ops::Bound;

/// The registry line.
pub(in crate::change_points) const KIND: ChangePointKind = ChangePointKind {
    name: "bocpd",
    about: "the most probable cut when runs end at random: events are beta-binomial, counts gamma-Poisson, numbers normal-gamma",
    parameters: PARAMETERS,
    reference: "R. P. Adams, D. J. C. MacKay, Bayesian online changepoint detection, arXiv:0710.3742 (2007)",
    build: |given| Ok(Box::new(WholeSeries::new(given)?)),
};

const PARAMETERS: &[Parameter] = &[
    Parameter::number(
        "mean_run_length",
        250.0,
        Allowed::Real(Bound::Excluded(1.0), Bound::Unbounded),
        "expected number of values between two changes",
    ),
    Parameter::number(
        "least_probability",
        1e-6,
        Allowed::Real(Bound::Included(0.0), Bound::Excluded(0.5)),
        "runs below this probability are dropped",
    ),
    Parameter::number("alpha", 0.5, POSITIVE, "prior events, for events in trials"),
    Parameter::number("beta", 0.5, POSITIVE, "prior trials without event, for events in trials"),
    Parameter::number(
        "shape",
        1.0,
        POSITIVE,
        "shape of the prior of the rate of counts, or of the precision of numbers",
    ),
    Parameter::absent(
        "rate",
        POSITIVE,
        "rate of the prior of the rate of counts; none: so that the prior mean is the mean of the series",
    ),
    Parameter::number(
        "mean",
        0.0,
        Allowed::Real(Bound::Unbounded, Bound::Unbounded),
        "prior mean of standardized numbers",
    ),
    Parameter::number("kappa", 0.1, POSITIVE, "values that the prior mean counts for, for numbers"),
    Parameter::number("scale", 1.0, POSITIVE, "rate of the prior of the precision of standardized numbers"),
    Parameter::word("standardize", "yes", &["yes", "no"], "whether numbers are standardized first"),
];

/// BOCPD on whole series.
#[derive(Debug, Clone)]
struct WholeSeries {
    checked: Checked,
}

impl WholeSeries {
    fn new(given: &[Given<'_>]) -> Result<Self, ParameterError> {
        Ok(Self { checked: Checked::of(KIND.name, PARAMETERS, given)? })
    }

    /// The most probable cut; its cost is minus twice the log evidence of its runs, up to terms that no cut changes.
    fn cut<M: Model + Clone>(
        &self,
        mut model: M,
        observations: impl Iterator<Item = M::Observation> + Clone,
    ) -> Segmentation {
        let mut bocpd = Bocpd::new(
            model.clone(),
            self.checked.number("mean_run_length"),
            self.checked.number("least_probability"),
        );
        observations.clone().for_each(|observation| bocpd.update(observation));
        let changes = bocpd.changes();
        let empty = model.log_evidence(&M::EMPTY);
        let (mut statistics, mut evidence) = (M::EMPTY, 0.0);
        for (place, observation) in observations.enumerate() {
            if changes.binary_search(&place).is_ok() {
                evidence += model.log_evidence(&statistics) - empty;
                statistics = M::EMPTY;
            }
            statistics = model.add(statistics, observation);
        }
        evidence += model.log_evidence(&statistics) - empty;
        Segmentation { changes, cost: -2.0 * evidence }
    }
}

impl ChangePoints for WholeSeries {
    fn find(&self, series: &Series) -> Result<Segmentation, ChangePointError> {
        let number = |name| self.checked.number(name);
        Ok(match series {
            Series::Events(events) => {
                let places = events.events().iter().copied().zip(events.trials().iter().copied());
                self.cut(BetaBinomial::new(number("alpha"), number("beta")), places)
            }
            Series::Counts(counts) => {
                let places = counts.counts().iter().copied().zip(counts.exposures().iter().copied());
                let shape = number("shape");
                let rate = self.checked.optional("rate").unwrap_or_else(|| {
                    let sum: u64 = counts.counts().iter().sum();
                    let exposure: f64 = counts.exposures().iter().sum();
                    shape * exposure / sum.max(1) as f64
                });
                self.cut(GammaPoisson::new(shape, rate), places)
            }
            Series::Numbers(numbers) => {
                let standardize = self.checked.word("standardize") == "yes";
                let numbers = if standardize { numbers.standardized() } else { numbers.clone() };
                self.cut(NormalGamma::of(&self.checked), numbers.values().iter().copied())
            }
        })
    }
}
