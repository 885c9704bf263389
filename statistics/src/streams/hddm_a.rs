//! HDDM-A: the mean of all values, against that of its most favourable beginning, by Hoeffding's bound.

use super::running_mean::RunningMean;
use super::{Data, Signal, Stream, StreamKind};
use crate::parameters::{Checked, Given, OPEN_UNIT, Parameter, ParameterError};

/// The registry line.
pub(super) const KIND: StreamKind = StreamKind {
    name: "hddm-a",
    about: "the mean exceeds that of its lowest beginning by more than Hoeffding's bound for averages",
    data: Data::Events,
    parameters: PARAMETERS,
    reference: "I. Frías-Blanco et al., Online and non-parametric drift detection methods based on Hoeffding's bounds, IEEE TKDE 27 (2014) 810-823",
    build: |given| Ok(Box::new(HddmA::new(given)?)),
};

const PARAMETERS: &[Parameter] = &[
    Parameter::number("drift_confidence", 0.001, OPEN_UNIT, "chance of a drift without a change"),
    Parameter::number("warning_confidence", 0.005, OPEN_UNIT, "chance of a warning without a change"),
    Parameter::word("sides", "up", &["up", "both"], "directions of the changes that are a drift"),
];

/// HDDM-A.
#[derive(Debug, Clone)]
pub struct HddmA {
    /// ln(1 / drift_confidence).
    cut_logarithm: f64,
    /// ln(2 / drift_confidence).
    drift_logarithm: f64,
    /// ln(2 / warning_confidence).
    warning_logarithm: f64,
    /// The lesser of the two.
    least_logarithm: f64,
    both_sides: bool,
    all: RunningMean,
    /// The beginning whose mean plus its bound is the lowest, and that sum.
    lowest: (RunningMean, f64),
    /// The beginning whose mean less its bound is the highest, and that difference.
    highest: (RunningMean, f64),
}

const NO_LOWEST: (RunningMean, f64) = (RunningMean { count: 0.0, mean: 0.0 }, f64::INFINITY);
const NO_HIGHEST: (RunningMean, f64) = (RunningMean { count: 0.0, mean: 0.0 }, f64::NEG_INFINITY);

impl HddmA {
    /// Builds the detector from parameters by name.
    ///
    /// # Errors
    /// If a parameter is unknown, given twice or not allowed.
    pub fn new(given: &[Given<'_>]) -> Result<Self, ParameterError> {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let (drift, warning) = (checked.number("drift_confidence"), checked.number("warning_confidence"));
        let (drift_logarithm, warning_logarithm) = (libm::log(2.0 / drift), libm::log(2.0 / warning));
        Ok(Self {
            cut_logarithm: libm::log(1.0 / drift),
            drift_logarithm,
            warning_logarithm,
            least_logarithm: drift_logarithm.min(warning_logarithm),
            both_sides: checked.word("sides") == "both",
            all: RunningMean::default(),
            lowest: NO_LOWEST,
            highest: NO_HIGHEST,
        })
    }

    /// What a mean that has moved by `distance` since `beginning` says.
    #[inline]
    fn judge(&self, beginning: RunningMean, distance: f64) -> Signal {
        // The bounds are roots, so nothing below 0 exceeds them; most distances are.
        if distance < 0.0 || beginning.count == self.all.count {
            return Signal::Quiet;
        }
        let rest = (self.all.count - beginning.count) / beginning.count * (1.0 / self.all.count) / 2.0;
        // Most are so far below both bounds that no root is needed to see it.
        if distance * distance < 0.999 * rest * self.least_logarithm {
            return Signal::Quiet;
        }
        if distance >= (rest * self.drift_logarithm).sqrt() {
            Signal::Drift
        } else if distance >= (rest * self.warning_logarithm).sqrt() {
            Signal::Warning
        } else {
            Signal::Quiet
        }
    }
}

impl Stream for HddmA {
    #[inline]
    fn update(&mut self, value: f64) -> Signal {
        self.all.update(value);
        let bound = (1.0 / (2.0 * self.all.count) * self.cut_logarithm).sqrt();
        if self.lowest.1 >= self.all.mean + bound {
            self.lowest = (self.all, self.all.mean + bound);
        }
        let mut signal = self.judge(self.lowest.0, self.all.mean - self.lowest.0.mean);
        if self.both_sides {
            if self.highest.1 <= self.all.mean - bound {
                self.highest = (self.all, self.all.mean - bound);
            }
            match self.judge(self.highest.0, self.highest.0.mean - self.all.mean) {
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
        (self.all, self.lowest, self.highest) = (RunningMean::default(), NO_LOWEST, NO_HIGHEST);
    }

    fn estimation(&self) -> Option<f64> {
        (self.all.count > 0.0).then_some(self.all.mean)
    }
}
