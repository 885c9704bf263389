//! DDM: the rate of events, against the lowest it has had.

use super::running_mean::RunningMean;
use super::{Data, Signal, Stream, StreamKind};
use crate::parameters::{Allowed, Checked, Given, POSITIVE, Parameter, ParameterError};

/// The registry line.
pub(super) const KIND: StreamKind = StreamKind {
    name: "ddm",
    about: "the rate of events and its standard deviation exceed their lowest sum by `drift_threshold` standard deviations",
    data: Data::Events,
    parameters: PARAMETERS,
    reference: "J. Gama, P. Medas, G. Castillo, P. Rodrigues, Learning with drift detection, SBIA 2004, 286-295",
    build: |given| Ok(Box::new(Ddm::new(given)?)),
};

const PARAMETERS: &[Parameter] = &[
    Parameter::number("warm_start", 30.0, Allowed::Whole(1, u32::MAX), "values that are only learnt from"),
    Parameter::number(
        "warning_threshold",
        2.0,
        POSITIVE,
        "standard deviations above the lowest that are a warning",
    ),
    Parameter::number(
        "drift_threshold",
        3.0,
        POSITIVE,
        "standard deviations above the lowest that are a drift",
    ),
];

/// DDM, for rates that rise.
#[derive(Debug, Clone)]
pub struct Ddm {
    warm_start: f64,
    warning_threshold: f64,
    drift_threshold: f64,
    state: State,
}

#[derive(Debug, Clone, Copy)]
struct State {
    rate: RunningMean,
    lowest: f64,
    warning_above: f64,
    drift_above: f64,
}

impl State {
    const START: Self = Self {
        rate: RunningMean { count: 0.0, mean: 0.0 },
        lowest: f64::INFINITY,
        warning_above: f64::INFINITY,
        drift_above: f64::INFINITY,
    };
}

impl Ddm {
    /// Builds the detector from parameters by name.
    ///
    /// # Errors
    /// If a parameter is unknown, given twice or not allowed.
    pub fn new(given: &[Given<'_>]) -> Result<Self, ParameterError> {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        Ok(Self {
            warm_start: checked.number("warm_start"),
            warning_threshold: checked.number("warning_threshold"),
            drift_threshold: checked.number("drift_threshold"),
            state: State::START,
        })
    }
}

impl Stream for Ddm {
    #[inline]
    fn update(&mut self, value: f64) -> Signal {
        let state = &mut self.state;
        state.rate.update(value);
        let RunningMean { count, mean: rate } = state.rate;
        if count <= self.warm_start {
            return Signal::Quiet;
        }
        let deviation = (rate * (1.0 - rate) / count).sqrt();
        let level = rate + deviation;
        if level <= state.lowest {
            state.lowest = level;
            state.warning_above = rate + self.warning_threshold * deviation;
            state.drift_above = rate + self.drift_threshold * deviation;
        }
        if level > state.drift_above {
            self.reset();
            return Signal::Drift;
        }
        if level > state.warning_above { Signal::Warning } else { Signal::Quiet }
    }

    fn reset(&mut self) {
        self.state = State::START;
    }

    fn estimation(&self) -> Option<f64> {
        (self.state.rate.count > 0.0).then_some(self.state.rate.mean)
    }
}
