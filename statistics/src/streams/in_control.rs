//! The mean and deviation of a process that is in control: known, or learnt from the first values.

use crate::parameters::{Allowed, Checked, NOT_NEGATIVE, Parameter};
use std::ops::Bound;

pub(super) const WARM_UP: Parameter = Parameter::number(
    "warm_up",
    50.0,
    Allowed::Whole(2, 1 << 30),
    "values that the mean and deviation are learnt from where they are not given",
);
pub(super) const MEAN: Parameter = Parameter::absent(
    "mean",
    Allowed::Real(Bound::Unbounded, Bound::Unbounded),
    "mean without a drift; none: it is learnt",
);
pub(super) const DEVIATION: Parameter =
    Parameter::absent("deviation", NOT_NEGATIVE, "standard deviation without a drift; none: it is learnt");

/// What is known of the process, and what has been learnt since the last reset.
#[derive(Debug, Clone)]
pub(super) struct InControl {
    known: [Option<f64>; 2],
    warm_up: f64,
    count: f64,
    mean: f64,
    squares: f64,
}

/// A mean and a standard deviation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Process {
    pub(super) mean: f64,
    pub(super) deviation: f64,
}

impl InControl {
    pub(super) fn of(checked: &Checked) -> Self {
        Self {
            known: [checked.optional("mean"), checked.optional("deviation")],
            warm_up: checked.number("warm_up"),
            count: 0.0,
            mean: 0.0,
            squares: 0.0,
        }
    }

    /// The process as it is known at the start, if both its parameters are.
    pub(super) fn known(&self) -> Option<Process> {
        let [mean, deviation] = self.known;
        Some(Process { mean: mean?, deviation: deviation? })
    }

    /// Learns from a value; gives the process with the last value of the warm-up. The deviation is the unbiased one.
    pub(super) fn learn(&mut self, value: f64) -> Option<Process> {
        self.count += 1.0;
        let distance = value - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (value - self.mean);
        if self.count < self.warm_up {
            return None;
        }
        let deviation = (self.squares / (self.count - 1.0)).sqrt();
        let [known_mean, known_deviation] = self.known;
        Some(Process {
            mean: known_mean.unwrap_or(self.mean),
            deviation: known_deviation.unwrap_or(deviation),
        })
    }

    pub(super) fn reset(&mut self) {
        (self.count, self.mean, self.squares) = (0.0, 0.0, 0.0);
    }
}
