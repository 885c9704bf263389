//! What the methods that cut by a cost share: their parameters, and the choice of the cost.

use super::costs::{Binomial, L1, L2, Normal, Poisson, Rbf};
use super::{ChangePointError, ChangePoints, Cost, Cuts, Numbers, Segmentation, Series, Stop};
use crate::parameters::{Allowed, Checked, NOT_NEGATIVE, Parameter, ParameterError};
use std::fmt::Debug;

/// The names of costs.
const COSTS: &[&str] = &["auto", "l2", "l1", "normal", "rbf", "binomial", "poisson"];

pub(super) const COST: Parameter = Parameter::word(
    "cost",
    "auto",
    COSTS,
    "cost of a segment; auto: binomial for events, poisson for counts, l2 for numbers",
);
pub(super) const STANDARDIZE: Parameter = Parameter::word(
    "standardize",
    "yes",
    &["yes", "no"],
    "whether numbers are standardized first, so that penalties do not depend on their unit",
);
pub(super) const MIN_SIZE: Parameter =
    Parameter::number("min_size", 2.0, Allowed::Whole(1, 1 << 24), "least values in a segment");
pub(super) const JUMP: Parameter =
    Parameter::number("jump", 1.0, Allowed::Whole(1, 1 << 24), "values between places where a change may be");
pub(super) const PENALTY: Parameter = Parameter::absent(
    "penalty",
    NOT_NEGATIVE,
    "cost that a change must save; none: 3 ln(length), for costs that are twice a log likelihood: all but l1 and rbf",
);
pub(super) const CHANGES: Parameter =
    Parameter::absent("changes", Allowed::Whole(0, 1 << 24), "number of changes, instead of a penalty");
pub(super) const BUDGET: Parameter =
    Parameter::absent("budget", NOT_NEGATIVE, "cost of all segments to stop at, instead of a penalty");

/// The penalty that is used where none is given, per ln(length).
const DEFAULT_PENALTY: f64 = 3.0;

/// A way to cut a series by a cost.
pub(super) trait Method: Debug + Send + Sync {
    fn cut<C: Cost>(&self, cost: &C, cuts: Cuts) -> Result<Segmentation, ChangePointError>;
}

/// A method with the cost it cuts by.
#[derive(Debug)]
pub(super) struct ByCost<M> {
    cost: String,
    standardize: bool,
    cuts: Cuts,
    method: M,
}

impl<M: Method> ByCost<M> {
    pub(super) fn new(checked: &Checked, method: M) -> Result<Self, ParameterError> {
        let cuts = Cuts::new(checked.size("min_size"), checked.size("jump"));
        Ok(Self {
            cost: checked.word("cost").to_owned(),
            standardize: checked.word("standardize") == "yes",
            cuts: cuts.map_err(|error| checked.refuse("min_size", error))?,
            method,
        })
    }

    fn numbers(&self, series: &Series) -> Result<Numbers, ChangePointError> {
        let numbers = series.to_numbers()?;
        Ok(if self.standardize { numbers.standardized() } else { numbers })
    }
}

impl<M: Method> ChangePoints for ByCost<M> {
    fn find(&self, series: &Series) -> Result<Segmentation, ChangePointError> {
        let cost = match (self.cost.as_str(), series) {
            ("auto", Series::Events(_)) => "binomial",
            ("auto", Series::Counts(_)) => "poisson",
            ("auto", Series::Numbers(_)) => "l2",
            (cost, _) => cost,
        };
        match (cost, series) {
            ("binomial", Series::Events(events)) => self.method.cut(&Binomial::new(events), self.cuts),
            ("binomial", _) => {
                Err(ChangePointError::Data { cost: "the binomial cost", needed: "events in trials" })
            }
            ("poisson", Series::Counts(counts)) => self.method.cut(&Poisson::new(counts), self.cuts),
            ("poisson", _) => Err(ChangePointError::Data { cost: "the Poisson cost", needed: "counts" }),
            ("l1", _) => self.method.cut(&L1::new(&self.numbers(series)?), self.cuts),
            ("normal", _) => self.method.cut(&Normal::new(&self.numbers(series)?), self.cuts),
            ("rbf", _) => self.method.cut(&Rbf::new(&self.numbers(series)?)?, self.cuts),
            _ => self.method.cut(&L2::new(&self.numbers(series)?), self.cuts),
        }
    }
}

/// A penalty as it is given, or the default one, which depends on the length.
#[derive(Debug, Clone, Copy)]
pub(super) struct GivenPenalty(Option<f64>);

impl GivenPenalty {
    /// Refuses the default penalty for costs whose unit it does not know.
    pub(super) fn of(checked: &Checked) -> Result<Self, ParameterError> {
        match (checked.optional("penalty"), checked.word("cost")) {
            (None, cost @ ("l1" | "rbf")) => {
                Err(checked.refuse("penalty", format!("it must be given for the cost {cost}")))
            }
            (penalty, _) => Ok(Self(penalty)),
        }
    }

    pub(super) fn resolve<C: Cost>(self, cost: &C) -> f64 {
        self.0.unwrap_or_else(|| DEFAULT_PENALTY * libm::log(cost.length() as f64))
    }
}

/// A stop as it is given.
#[derive(Debug, Clone, Copy)]
pub(super) enum GivenStop {
    Penalty(GivenPenalty),
    Other(Stop),
}

impl GivenStop {
    /// Reads the one of `penalty`, `changes` and `budget` that is given.
    pub(super) fn of(checked: &Checked) -> Result<Self, ParameterError> {
        let given: Vec<&str> = ["penalty", "changes", "budget"]
            .into_iter()
            .filter(|name| checked.optional(name).is_some())
            .collect();
        match given.as_slice() {
            [first, second, ..] => {
                Err(checked.refuse(second, format!("only one of it and {first} can be given")))
            }
            ["changes"] => Ok(Self::Other(Stop::Changes(checked.size("changes")))),
            ["budget"] => Ok(Self::Other(Stop::Budget(checked.number("budget")))),
            _ => GivenPenalty::of(checked).map(Self::Penalty),
        }
    }

    pub(super) fn resolve<C: Cost>(self, cost: &C) -> Stop {
        match self {
            Self::Penalty(penalty) => Stop::Penalty(penalty.resolve(cost)),
            Self::Other(stop) => stop,
        }
    }
}
