//! HDDM-W: the moving average since its most favourable beginning, against that beginning, by McDiarmid's bound.

use super::{Data, Signal, Stream, StreamKind};
use crate::parameters::{Checked, Given, OPEN_UNIT, Parameter, ParameterError};

/// The registry line.
pub(super) const KIND: StreamKind = StreamKind {
    name: "hddm-w",
    about: "the exponentially weighted mean exceeds that of its lowest beginning by more than McDiarmid's bound",
    data: Data::Events,
    parameters: PARAMETERS,
    reference: "I. Frías-Blanco et al., Online and non-parametric drift detection methods based on Hoeffding's bounds, IEEE TKDE 27 (2014) 810-823",
    build: |given| Ok(Box::new(HddmW::new(given)?)),
};

const PARAMETERS: &[Parameter] = &[
    Parameter::number("drift_confidence", 0.001, OPEN_UNIT, "chance of a drift without a change"),
    Parameter::number("warning_confidence", 0.005, OPEN_UNIT, "chance of a warning without a change"),
    Parameter::number("lambda", 0.05, OPEN_UNIT, "weight of the newest value"),
    Parameter::word("sides", "up", &["up", "both"], "directions of the changes that are a drift"),
    Parameter::word(
        "zero",
        "counts",
        &["counts", "restarts"],
        "whether an average of exactly 0 is averaged with the next value, as in the paper, or replaced by it, as in river 0.23",
    ),
];

/// HDDM-W.
#[derive(Debug, Clone)]
pub struct HddmW {
    /// ln(1 / drift_confidence).
    drift_logarithm: f64,
    /// ln(1 / warning_confidence).
    warning_logarithm: f64,
    weights: Weights,
    both_sides: bool,
    all: Average,
    /// What rises from the lowest average plus its bound.
    rise: Departure,
    /// What falls from the highest average less its bound.
    fall: Departure,
}

#[derive(Debug, Clone, Copy)]
struct Weights {
    newest: f64,
    older: f64,
    zero_restarts: bool,
}

/// An exponentially weighted mean and the sum of its squared weights, which McDiarmid's bound needs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Average {
    mean: f64,
    squared_weights: f64,
    is_empty: bool,
}

impl Average {
    const EMPTY: Self = Self { mean: 0.0, squared_weights: 1.0, is_empty: true };

    #[inline]
    fn update(&mut self, value: f64, weights: Weights) {
        let starts = self.is_empty || (weights.zero_restarts && self.mean == 0.0);
        self.mean = if starts { value } else { weights.newest * value + weights.older * self.mean };
        self.squared_weights =
            weights.newest * weights.newest + weights.older * weights.older * self.squared_weights;
        self.is_empty = false;
    }

    #[inline]
    fn bound(self, logarithm: f64) -> f64 {
        (self.squared_weights * logarithm / 2.0).sqrt()
    }
}

/// The average up to an extreme, and the average of what came after it.
#[derive(Debug, Clone, Copy)]
struct Departure {
    extreme: f64,
    before: Average,
    after: Average,
}

impl Departure {
    fn from(extreme: f64) -> Self {
        Self { extreme, before: Average::EMPTY, after: Average::EMPTY }
    }

    #[inline]
    fn cut(&mut self, extreme: f64, all: Average) {
        *self = Self { extreme, before: all, after: Average::EMPTY };
    }
}

impl HddmW {
    /// Builds the detector from parameters by name.
    ///
    /// # Errors
    /// If a parameter is unknown, given twice or not allowed.
    pub fn new(given: &[Given<'_>]) -> Result<Self, ParameterError> {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let lambda = checked.number("lambda");
        Ok(Self {
            drift_logarithm: libm::log(1.0 / checked.number("drift_confidence")),
            warning_logarithm: libm::log(1.0 / checked.number("warning_confidence")),
            weights: Weights {
                newest: lambda,
                older: 1.0 - lambda,
                zero_restarts: checked.word("zero") == "restarts",
            },
            both_sides: checked.word("sides") == "both",
            all: Average::EMPTY,
            rise: Departure::from(f64::INFINITY),
            fall: Departure::from(f64::NEG_INFINITY),
        })
    }

    /// What a departure says whose average has moved by `distance`.
    #[inline]
    fn judge(&self, departure: &Departure, distance: f64) -> Signal {
        // The bounds are roots, so nothing up to 0 exceeds them.
        if distance <= 0.0 || departure.after.is_empty {
            return Signal::Quiet;
        }
        let squared_weights = departure.before.squared_weights + departure.after.squared_weights;
        if distance > (squared_weights * self.drift_logarithm / 2.0).sqrt() {
            Signal::Drift
        } else if distance > (squared_weights * self.warning_logarithm / 2.0).sqrt() {
            Signal::Warning
        } else {
            Signal::Quiet
        }
    }

    #[inline]
    fn judge_rise(&mut self, value: f64, bound: f64) -> Signal {
        if self.all.mean + bound < self.rise.extreme {
            self.rise.cut(self.all.mean + bound, self.all);
        } else {
            self.rise.after.update(value, self.weights);
        }
        self.judge(&self.rise, self.rise.after.mean - self.rise.before.mean)
    }

    #[inline]
    fn judge_fall(&mut self, value: f64, bound: f64) -> Signal {
        if self.all.mean - bound > self.fall.extreme {
            self.fall.cut(self.all.mean - bound, self.all);
        } else {
            self.fall.after.update(value, self.weights);
        }
        self.judge(&self.fall, self.fall.before.mean - self.fall.after.mean)
    }
}

impl Stream for HddmW {
    #[inline]
    fn update(&mut self, value: f64) -> Signal {
        self.all.update(value, self.weights);
        let bound = self.all.bound(self.drift_logarithm);
        let mut signal = self.judge_rise(value, bound);
        if self.both_sides {
            match self.judge_fall(value, bound) {
                Signal::Drift => signal = Signal::Drift,
                Signal::Warning if signal == Signal::Quiet => signal = Signal::Warning,
                _ => (),
            }
        }
        if signal == Signal::Drift {
            self.reset();
        }
        signal
    }

    fn reset(&mut self) {
        self.all = Average::EMPTY;
        self.rise = Departure::from(f64::INFINITY);
        self.fall = Departure::from(f64::NEG_INFINITY);
    }

    fn estimation(&self) -> Option<f64> {
        (!self.all.is_empty).then_some(self.all.mean)
    }
}
