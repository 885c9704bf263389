//! Page-Hinkley: the sum of deviations from the running mean, against its extreme so far.

use super::running_mean::RunningMean;
use super::{Data, Signal, Stream, StreamKind};
use crate::parameters::{Allowed, Checked, Given, NOT_NEGATIVE, POSITIVE, Parameter, ParameterError};
use std::ops::Bound;

/// The registry line.
pub(super) const KIND: StreamKind = StreamKind {
    name: "page-hinkley",
    about: "the forgetful sum of deviations from the running mean leaves its minimum or maximum by more than `threshold`",
    data: Data::Real,
    parameters: PARAMETERS,
    reference: "E. S. Page, Continuous inspection schemes, Biometrika 41 (1954) 100-115; forgetting as in river 0.23",
    build: |given| Ok(Box::new(PageHinkley::new(given)?)),
};

const PARAMETERS: &[Parameter] = &[
    Parameter::number("min_instances", 30.0, Allowed::Whole(1, u32::MAX), "values before the first alarm"),
    Parameter::number("delta", 0.005, NOT_NEGATIVE, "deviation that is tolerated, in the values' unit"),
    Parameter::number(
        "threshold",
        50.0,
        POSITIVE,
        "distance from the extreme that is a drift, in the values' unit",
    ),
    Parameter::number(
        "alpha",
        0.9999,
        Allowed::Real(Bound::Excluded(0.0), Bound::Included(1.0)),
        "share of the sum that is kept at each value",
    ),
    Parameter::word("mode", "both", &["up", "down", "both"], "direction of the changes that are a drift"),
];

/// Page-Hinkley.
#[derive(Debug, Clone)]
pub struct PageHinkley {
    min_instances: f64,
    delta: f64,
    alpha: f64,
    /// The thresholds of the two directions; infinite for one that is not watched.
    thresholds: [f64; 2],
    state: State,
}

#[derive(Debug, Clone, Copy)]
struct State {
    mean: RunningMean,
    rising: f64,
    lowest: f64,
    falling: f64,
    highest: f64,
}

impl State {
    /// The maximum starts at -1 rather than at minus infinity, as in river; it makes no difference unless the first
    /// values fall below that.
    const START: Self = Self {
        mean: RunningMean { count: 0.0, mean: 0.0 },
        rising: 0.0,
        lowest: f64::INFINITY,
        falling: 0.0,
        highest: -1.0,
    };
}

impl PageHinkley {
    /// Builds the detector from parameters by name.
    ///
    /// # Errors
    /// If a parameter is unknown, given twice or not allowed.
    pub fn new(given: &[Given<'_>]) -> Result<Self, ParameterError> {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let threshold = checked.number("threshold");
        let thresholds = match checked.word("mode") {
            "up" => [threshold, f64::INFINITY],
            "down" => [f64::INFINITY, threshold],
            _ => [threshold; 2],
        };
        Ok(Self {
            min_instances: checked.number("min_instances"),
            delta: checked.number("delta"),
            alpha: checked.number("alpha"),
            thresholds,
            state: State::START,
        })
    }
}

impl Stream for PageHinkley {
    #[inline]
    fn update(&mut self, value: f64) -> Signal {
        let state = &mut self.state;
        state.mean.update(value);
        let deviation = value - state.mean.mean;
        state.rising = self.alpha * state.rising + deviation - self.delta;
        state.falling = self.alpha * state.falling + deviation + self.delta;
        state.lowest = if state.rising < state.lowest { state.rising } else { state.lowest };
        state.highest = if state.falling > state.highest { state.falling } else { state.highest };
        let left = state.rising - state.lowest > self.thresholds[0]
            || state.highest - state.falling > self.thresholds[1];
        if left && state.mean.count >= self.min_instances {
            self.reset();
            return Signal::Drift;
        }
        Signal::Quiet
    }

    fn reset(&mut self) {
        self.state = State::START;
    }

    fn estimation(&self) -> Option<f64> {
        (self.state.mean.count > 0.0).then_some(self.state.mean.mean)
    }
}
