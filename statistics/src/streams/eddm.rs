//! EDDM: the distance between events, against the greatest it has had.

use super::running_mean::RunningMean;
use super::{Data, Signal, Stream, StreamKind};
use crate::parameters::{Allowed, Checked, Given, OPEN_UNIT, Parameter, ParameterError};

/// The registry line.
pub(super) const KIND: StreamKind = StreamKind {
    name: "eddm",
    about: "the mean distance between events plus two standard deviations falls below the share `beta` of its maximum",
    data: Data::Events,
    parameters: PARAMETERS,
    reference: "M. Baena-García et al., Early drift detection method, 4th Int. Workshop on Knowledge Discovery from Data Streams (2006)",
    build: |given| Ok(Box::new(Eddm::new(given)?)),
};

const PARAMETERS: &[Parameter] = &[
    Parameter::number(
        "warm_start",
        30.0,
        Allowed::Whole(1, u32::MAX),
        "values, and events, that are only learnt from",
    ),
    Parameter::number(
        "alpha",
        0.95,
        OPEN_UNIT,
        "share of the maximum below which is a warning, at least `beta`",
    ),
    Parameter::number("beta", 0.9, OPEN_UNIT, "share of the maximum below which is a drift"),
];

/// EDDM, for rates that rise.
#[derive(Debug, Clone)]
pub struct Eddm {
    warm_start: f64,
    alpha: f64,
    beta: f64,
    state: State,
}

#[derive(Debug, Clone, Copy)]
struct State {
    count: f64,
    last_event: f64,
    distance: RunningMean,
    /// The sum of squared deviations of the distances from their mean (Welford 1962).
    squares: f64,
    greatest: f64,
    /// Stays until the next event says otherwise.
    signal: Signal,
}

impl State {
    const START: Self = Self {
        count: 0.0,
        last_event: 0.0,
        distance: RunningMean { count: 0.0, mean: 0.0 },
        squares: 0.0,
        greatest: -1.0,
        signal: Signal::Quiet,
    };

    fn learn(&mut self, distance: f64) {
        let before = self.distance.mean;
        self.distance.update(distance);
        self.squares += (distance - before) * (distance - self.distance.mean);
    }

    fn level(&self) -> f64 {
        let freedom = self.distance.count - 1.0;
        let variance = if freedom > 0.0 { self.squares / freedom } else { 0.0 };
        self.distance.mean + 2.0 * variance.sqrt()
    }
}

impl Eddm {
    /// Builds the detector from parameters by name.
    ///
    /// # Errors
    /// If a parameter is unknown, given twice or not allowed, or `alpha` is below `beta`.
    pub fn new(given: &[Given<'_>]) -> Result<Self, ParameterError> {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let (alpha, beta) = (checked.number("alpha"), checked.number("beta"));
        if alpha < beta {
            return Err(checked.refuse("alpha", format!("{alpha} is below beta, which is {beta}")));
        }
        Ok(Self { warm_start: checked.number("warm_start"), alpha, beta, state: State::START })
    }

    fn event(&mut self) -> Signal {
        let state = &mut self.state;
        state.learn(state.count - state.last_event);
        state.last_event = state.count;
        if state.count <= self.warm_start {
            return state.signal;
        }
        let level = state.level();
        if level > state.greatest {
            state.greatest = level;
        } else if state.distance.count > self.warm_start {
            let share = level / state.greatest;
            if share < self.beta {
                self.reset();
                return Signal::Drift;
            }
            state.signal = if share < self.alpha { Signal::Warning } else { Signal::Quiet };
        }
        state.signal
    }
}

impl Stream for Eddm {
    #[inline]
    fn update(&mut self, value: f64) -> Signal {
        self.state.count += 1.0;
        if value == 1.0 { self.event() } else { self.state.signal }
    }

    fn reset(&mut self) {
        self.state = State::START;
    }
}
