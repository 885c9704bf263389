//! CUSUM: the sums of deviations beyond a slack, in both directions.

use super::in_control::{DEVIATION, InControl, MEAN, Process, WARM_UP};
use super::{Data, Signal, Stream, StreamKind};
use crate::parameters::{Checked, Given, NOT_NEGATIVE, POSITIVE, Parameter, ParameterError};

/// The registry line.
pub(super) const KIND: StreamKind = StreamKind {
    name: "cusum",
    about: "the sum of deviations from the mean beyond `slack`, upwards or downwards, exceeds `threshold`",
    data: Data::Real,
    parameters: PARAMETERS,
    reference: "E. S. Page, Continuous inspection schemes, Biometrika 41 (1954) 100-115; tabular form of D. C. Montgomery, Introduction to statistical quality control, section 9.1",
    build: |given| Ok(Box::new(Cusum::new(given)?)),
};

const PARAMETERS: &[Parameter] = &[
    Parameter::number(
        "slack",
        0.5,
        NOT_NEGATIVE,
        "deviation that is tolerated, in standard deviations: half the shift to find",
    ),
    Parameter::number("threshold", 5.0, POSITIVE, "sum that is a drift, in standard deviations"),
    WARM_UP,
    MEAN,
    DEVIATION,
];

/// The two-sided tabular CUSUM.
///
/// With known mean and deviation, normal values and the defaults, it runs 465 values between false alarms and 10.4
/// values to a shift of one deviation, on average. Learnt parameters make false alarms more frequent.
#[derive(Debug, Clone)]
pub struct Cusum {
    slack: f64,
    threshold: f64,
    in_control: InControl,
    limits: Option<Limits>,
    rise: f64,
    fall: f64,
}

/// The parameters in the unit of the values.
#[derive(Debug, Clone, Copy)]
struct Limits {
    mean: f64,
    slack: f64,
    threshold: f64,
}

impl Cusum {
    /// Builds the detector from parameters by name.
    ///
    /// # Errors
    /// If a parameter is unknown, given twice or not allowed.
    pub fn new(given: &[Given<'_>]) -> Result<Self, ParameterError> {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let mut cusum = Self {
            slack: checked.number("slack"),
            threshold: checked.number("threshold"),
            in_control: InControl::of(&checked),
            limits: None,
            rise: 0.0,
            fall: 0.0,
        };
        cusum.reset();
        Ok(cusum)
    }

    fn limits(&self, process: Process) -> Limits {
        Limits {
            mean: process.mean,
            slack: self.slack * process.deviation,
            threshold: self.threshold * process.deviation,
        }
    }
}

impl Stream for Cusum {
    #[inline]
    fn update(&mut self, value: f64) -> Signal {
        let Some(limits) = self.limits else {
            self.limits = self.in_control.learn(value).map(|process| self.limits(process));
            return Signal::Quiet;
        };
        let deviation = value - limits.mean;
        self.rise = (self.rise + deviation - limits.slack).max(0.0);
        self.fall = (self.fall - deviation - limits.slack).max(0.0);
        if self.rise > limits.threshold || self.fall > limits.threshold {
            self.reset();
            return Signal::Drift;
        }
        Signal::Quiet
    }

    fn reset(&mut self) {
        self.in_control.reset();
        self.limits = self.in_control.known().map(|process| self.limits(process));
        (self.rise, self.fall) = (0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::montgomery::SHIFTED;
    use super::*;
    use crate::parameters::Value;

    /// The chart of the textbook's data, computed by the definition in Python 3.11: the sums of the last two values before
    /// the alarm at the 29th, and that alarm.
    #[test]
    fn the_textbook_s_data() {
        let given = [("mean", Value::from(10.0)), ("deviation", Value::from(1.0))];
        let mut cusum = Cusum::new(&given).unwrap();
        assert_eq!(cusum.first_alarm(&SHIFTED[..27]), None);
        assert!((cusum.rise - 3.35).abs() < 1e-9 && cusum.fall == 0.0, "{cusum:?}");
        assert_eq!(cusum.update(SHIFTED[27]), Signal::Quiet);
        assert!((cusum.rise - 4.47).abs() < 1e-9, "{cusum:?}");
        assert_eq!(cusum.update(SHIFTED[28]), Signal::Drift);
    }

    #[test]
    fn a_constant_process_alarms_at_the_first_deviation() {
        let mut values = vec![0.1; 1_000];
        values.push(0.1 + 1e-9);
        assert_eq!(Cusum::new(&[]).unwrap().alarms(&values), [1_000]);
    }
}
