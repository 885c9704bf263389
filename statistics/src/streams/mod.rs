//! Detectors that read one value at a time.
//!
//! A detector keeps a state of fixed or logarithmic size and says after every value whether it sees a drift. After a
//! drift it starts again by itself, as if the next value were the first. The alarms are those of river 0.23 on the
//! same values, index by index, where river has the detector; `statistics/tests/streams.rs` holds them against it.
//!
//! To add a detector: one file with a type that implements [`Stream`] and its [`StreamKind`], and its line in [`STREAMS`].

mod adwin;
mod cusum;
mod ddm;
mod eddm;
mod ewma;
mod fhddm;
mod hddm_a;
mod hddm_w;
mod in_control;
mod kswin;
#[cfg(test)]
mod montgomery;
mod page_hinkley;
mod running_mean;

pub use adwin::Adwin;
pub use cusum::Cusum;
pub use ddm::Ddm;
pub use eddm::Eddm;
pub use ewma::Ewma;
pub use fhddm::Fhddm;
pub use hddm_a::HddmA;
pub use hddm_w::HddmW;
pub use kswin::Kswin;
pub use page_hinkley::PageHinkley;

use crate::parameters::{Given, Parameter, ParameterError};
use std::error::Error;
use std::fmt;

/// What a detector says after a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Nothing to see.
    Quiet,
    /// A drift may be beginning. Only some detectors warn.
    Warning,
    /// A drift: the detector starts again with the next value.
    Drift,
}

/// A detector that reads one value at a time.
pub trait Stream: fmt::Debug + Send {
    /// Reads the next value. It must be of the kind's [`Data`]: see [`check_values`]. Others give no panic, but
    /// what the detector says from then on means nothing.
    fn update(&mut self, value: f64) -> Signal;

    /// Forgets all values. The parameters stay.
    fn reset(&mut self);

    /// The detector's estimate of the mean of the values since the last change, if it keeps one.
    fn estimation(&self) -> Option<f64> {
        None
    }

    /// The index of the first drift in `values`, which continue what was read before. Reads no further.
    fn first_alarm(&mut self, values: &[f64]) -> Option<usize> {
        values.iter().position(|&value| self.update(value) == Signal::Drift)
    }

    /// The indexes of all drifts in `values`, which continue what was read before.
    fn alarms(&mut self, values: &[f64]) -> Vec<usize> {
        let mut alarms = Vec::new();
        for (index, &value) in values.iter().enumerate() {
            if self.update(value) == Signal::Drift {
                alarms.push(index);
            }
        }
        alarms
    }
}

/// What values a detector is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// Finite numbers.
    Real,
    /// 1 for an event, 0 for none.
    Events,
}

/// A value that a detector is not for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueError {
    /// The index of the value.
    pub index: usize,
    /// The value.
    pub value: f64,
    /// What is allowed.
    pub data: Data,
}

impl fmt::Display for ValueError {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        let allowed = match self.data {
            Data::Real => "a finite number",
            Data::Events => "0 or 1",
        };
        write!(text, "value {} of the stream is {}, which is not {allowed}", self.index, self.value)
    }
}

impl Error for ValueError {}

/// Checks that all `values` are of the kind `data`.
///
/// # Errors
/// For the first value that is not.
pub fn check_values(data: Data, values: &[f64]) -> Result<(), ValueError> {
    let fits = |value: &f64| match data {
        Data::Real => value.is_finite(),
        Data::Events => *value == 0.0 || *value == 1.0,
    };
    match values.iter().position(|value| !fits(value)) {
        Some(index) => Err(ValueError { index, value: values[index], data }),
        None => Ok(()),
    }
}

/// A detector, or why there is none.
type Built = Result<Box<dyn Stream>, ParameterError>;

/// A detector as the registry has it.
#[derive(Debug, Clone, Copy)]
pub struct StreamKind {
    /// The name it is asked for by.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// What values it reads.
    pub data: Data,
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// Who described it.
    pub reference: &'static str,
    build: fn(&[Given<'_>]) -> Built,
}

impl StreamKind {
    /// Builds the detector from parameters by name; those that are not given have their defaults.
    ///
    /// # Errors
    /// If a parameter is unknown, given twice or not allowed.
    pub fn build(&self, given: &[Given<'_>]) -> Result<Box<dyn Stream>, ParameterError> {
        (self.build)(given)
    }
}

/// All detectors of streams.
pub static STREAMS: &[StreamKind] = &[
    adwin::KIND,
    page_hinkley::KIND,
    cusum::KIND,
    ewma::KIND,
    ddm::KIND,
    eddm::KIND,
    fhddm::KIND,
    hddm_a::KIND,
    hddm_w::KIND,
    kswin::KIND,
];

/// The detector called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static StreamKind> {
    STREAMS.iter().find(|kind| kind.name == name)
}
