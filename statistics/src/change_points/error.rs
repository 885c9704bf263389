//! What makes a series, or a way to cut it, unusable.

use std::error::Error;
use std::fmt;

/// A series that cannot be used or cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ChangePointError {
    /// There are no values.
    Empty,
    /// A value is not a number, infinite, or so large that its square is not exact enough.
    Value {
        /// The index of the value.
        index: usize,
        /// The value.
        value: f64,
    },
    /// There are more events than trials.
    MoreEventsThanTrials {
        /// The index of the pair.
        index: usize,
        /// The number of events.
        events: u64,
        /// The number of trials.
        trials: u64,
    },
    /// A rate was asked for where there were no trials.
    NoTrials {
        /// The index of the pair.
        index: usize,
    },
    /// An exposure is not a finite number above 0.
    Exposure {
        /// The index of the exposure.
        index: usize,
        /// The exposure.
        value: f64,
    },
    /// Two columns of one series differ in length.
    Lengths {
        /// The length of the first.
        first: usize,
        /// The length of the second.
        second: usize,
    },
    /// A cost is not defined for this kind of series.
    Data {
        /// The name of the cost or model.
        cost: &'static str,
        /// The kind of series it needs.
        needed: &'static str,
    },
    /// The series is too short to be cut as asked.
    TooShort {
        /// The length of the series.
        length: usize,
        /// The least length that can be cut so.
        needed: usize,
    },
    /// The series is too long for a cost that compares all pairs of values.
    TooLong {
        /// The length of the series.
        length: usize,
        /// The greatest length.
        most: usize,
    },
    /// A penalty or budget is not a finite number from 0.
    Penalty {
        /// The penalty or budget.
        value: f64,
    },
    /// A period is too short or no number, or its waves cannot be told apart in days.
    Period {
        /// The period in days.
        value: f64,
    },
    /// The least length of a segment, the step between candidate changes or a width is 0.
    Zero {
        /// What is 0.
        what: &'static str,
    },
}

impl fmt::Display for ChangePointError {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty => write!(text, "the series has no values"),
            Self::Value { index, value } => write!(
                text,
                "value {index} of the series is {value}: numbers up to {:e} in size are allowed",
                super::series::LARGEST
            ),
            Self::MoreEventsThanTrials { index, events, trials } => {
                write!(text, "place {index} of the series has {events} events in {trials} trials")
            }
            Self::NoTrials { index } => write!(
                text,
                "place {index} of the series has no trials, so it has no rate: use the binomial cost, or leave it out"
            ),
            Self::Exposure { index, value } => {
                write!(text, "exposure {index} of the series is {value}: finite numbers above 0 are allowed")
            }
            Self::Lengths { first, second } => {
                write!(
                    text,
                    "the columns of the series have {first} and {second} values: they must be as many"
                )
            }
            Self::Data { cost, needed } => write!(text, "{cost} needs a series of {needed}"),
            Self::TooShort { length, needed } => {
                write!(text, "the series has {length} values: at least {needed} are needed to cut it so")
            }
            Self::TooLong { length, most } => {
                write!(text, "the series has {length} values: at most {most} are allowed for this cost")
            }
            Self::Penalty { value } => {
                write!(text, "the penalty or budget is {value}: finite numbers from 0 are allowed")
            }
            Self::Period { value } => {
                write!(
                    text,
                    "the period is {value} days: it must be a finite number of at least 2 that leaves its harmonics more than two days"
                )
            }
            Self::Zero { what } => write!(text, "{what} is 0: at least 1 is needed"),
        }
    }
}

impl Error for ChangePointError {}
