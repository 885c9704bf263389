//! EWMA: the control chart of the exponentially weighted mean.

use super::in_control::{DEVIATION, InControl, MEAN, Process, WARM_UP};
use super::{Data, Signal, Stream, StreamKind};
use crate::parameters::{Allowed, Checked, Given, POSITIVE, Parameter, ParameterError};
use std::ops::Bound;

/// The registry line.
pub(super) const KIND: StreamKind = StreamKind {
    name: "ewma",
    about: "the exponentially weighted mean leaves the mean by more than `limit` of its standard deviations",
    data: Data::Real,
    parameters: PARAMETERS,
    reference: "S. W. Roberts, Control chart tests based on geometric moving averages, Technometrics 1 (1959) 239-250",
    build: |given| Ok(Box::new(Ewma::new(given)?)),
};

const PARAMETERS: &[Parameter] = &[
    Parameter::number(
        "lambda",
        0.1,
        Allowed::Real(Bound::Excluded(0.0), Bound::Included(1.0)),
        "weight of the newest value",
    ),
    Parameter::number(
        "limit",
        2.814,
        POSITIVE,
        "distance that is a drift, in standard deviations of the weighted mean",
    ),
    Parameter::number("warning_limit", 2.0, POSITIVE, "distance that is a warning, likewise"),
    WARM_UP,
    MEAN,
    DEVIATION,
];

/// The EWMA control chart, with limits that are exact for the number of values read.
///
/// With known mean and deviation, normal values and the defaults, it runs about 500 values between false alarms (Lucas,
/// Saccucci, Exponentially weighted moving average control schemes, Technometrics 32 (1990) 1-12, table 3).
#[derive(Debug, Clone)]
pub struct Ewma {
    lambda: f64,
    limit: f64,
    warning_limit: f64,
    in_control: InControl,
    process: Option<Process>,
    mean: f64,
    /// (1 - lambda)^(2 × the number of values): what the variance still lacks.
    lacking: f64,
}

impl Ewma {
    /// Builds the detector from parameters by name.
    ///
    /// # Errors
    /// If a parameter is unknown, given twice or not allowed.
    pub fn new(given: &[Given<'_>]) -> Result<Self, ParameterError> {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let mut ewma = Self {
            lambda: checked.number("lambda"),
            limit: checked.number("limit"),
            warning_limit: checked.number("warning_limit"),
            in_control: InControl::of(&checked),
            process: None,
            mean: 0.0,
            lacking: 1.0,
        };
        ewma.reset();
        Ok(ewma)
    }

    fn start(&mut self, process: Option<Process>) {
        self.process = process;
        self.mean = process.map_or(0.0, |process| process.mean);
        self.lacking = 1.0;
    }
}

impl Stream for Ewma {
    #[inline]
    fn update(&mut self, value: f64) -> Signal {
        let Some(process) = self.process else {
            let learnt = self.in_control.learn(value);
            self.start(learnt);
            return Signal::Quiet;
        };
        self.mean += self.lambda * (value - self.mean);
        self.lacking *= (1.0 - self.lambda) * (1.0 - self.lambda);
        let variance = self.lambda / (2.0 - self.lambda) * (1.0 - self.lacking);
        let deviation = process.deviation * variance.sqrt();
        let distance = (self.mean - process.mean).abs();
        if distance > self.limit * deviation {
            self.reset();
            return Signal::Drift;
        }
        if distance > self.warning_limit * deviation { Signal::Warning } else { Signal::Quiet }
    }

    fn reset(&mut self) {
        self.in_control.reset();
        let known = self.in_control.known();
        self.start(known);
    }

    fn estimation(&self) -> Option<f64> {
        self.process.map(|_| self.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::super::montgomery::SHIFTED;
    use super::*;
    use crate::parameters::Value;

    /// The chart of the textbook's data with λ = 0.1 and L = 2.7, computed by the definition in Python 3.11: some of the
    /// means, and the alarm at the 29th value.
    #[test]
    fn the_textbook_s_data() {
        let given =
            [("mean", Value::from(10.0)), ("deviation", Value::from(1.0)), ("limit", Value::from(2.7))];
        let mut ewma = Ewma::new(&given).unwrap();
        for (place, &value) in SHIFTED.iter().take(28).enumerate() {
            assert_ne!(ewma.update(value), Signal::Drift);
            let published = [(0, 9.945), (1, 9.7495), (9, 10.0232), (27, 10.5731)];
            if let Some((_, mean)) = published.iter().find(|(known, _)| *known == place) {
                assert!((ewma.estimation().unwrap() - mean).abs() < 1e-4, "{place}: {ewma:?}");
            }
        }
        assert_eq!(ewma.update(SHIFTED[28]), Signal::Drift);
    }

    #[test]
    fn a_constant_process_alarms_at_the_first_deviation() {
        let mut values = vec![0.1; 1_000];
        values.push(0.2);
        assert_eq!(Ewma::new(&[]).unwrap().alarms(&values), [1_000]);
    }
}
