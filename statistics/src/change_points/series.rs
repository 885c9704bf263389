//! A checked series: numbers, counts, or events in trials, at even steps of time.

use super::ChangePointError;

/// The largest size of a value: sums of squares of such values stay far from overflow.
pub const LARGEST: f64 = 1e100;

/// A series that has been checked.
#[derive(Debug, Clone, PartialEq)]
pub enum Series {
    /// Numbers, such as daily means.
    Numbers(Numbers),
    /// Counts, such as claims per day.
    Counts(Counts),
    /// Events in trials, such as denials in claims per day.
    Events(Events),
}

/// Finite numbers, at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    values: Vec<f64>,
}

/// Counts with an exposure each: what the count is expected to be proportional to.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    counts: Vec<u64>,
    exposures: Vec<f64>,
}

/// Events in trials, never more events than trials. Places without trials are allowed: they say nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Events {
    events: Vec<u64>,
    trials: Vec<u64>,
}

fn not_empty(length: usize) -> Result<(), ChangePointError> {
    if length == 0 { Err(ChangePointError::Empty) } else { Ok(()) }
}

fn as_many(first: usize, second: usize) -> Result<(), ChangePointError> {
    if first == second { Ok(()) } else { Err(ChangePointError::Lengths { first, second }) }
}

impl Numbers {
    /// Checks the values.
    ///
    /// # Errors
    /// If there are none, or one is not a number up to [`LARGEST`] in size.
    pub fn new(values: Vec<f64>) -> Result<Self, ChangePointError> {
        not_empty(values.len())?;
        match values.iter().position(|value| value.is_nan() || value.abs() > LARGEST) {
            Some(index) => Err(ChangePointError::Value { index, value: values[index] }),
            None => Ok(Self { values }),
        }
    }

    /// A series of other values at the same places, which come from these and so are as good.
    pub(super) fn with_values(&self, values: Vec<f64>) -> Self {
        debug_assert_eq!(values.len(), self.values.len());
        Self { values }
    }

    /// The values, in order of time.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The values less their mean, divided by their standard deviation; if that is 0, by nothing.
    #[must_use]
    pub fn standardized(&self) -> Self {
        let length = self.values.len() as f64;
        let mean = self.values.iter().sum::<f64>() / length;
        let squares: f64 = self.values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let deviation = (squares / length).sqrt();
        let scale = if deviation > 0.0 { deviation } else { 1.0 };
        Self { values: self.values.iter().map(|value| (value - mean) / scale).collect() }
    }
}

impl Counts {
    /// Checks counts per equal periods: all exposures are 1.
    ///
    /// # Errors
    /// If there are none.
    pub fn new(counts: Vec<u64>) -> Result<Self, ChangePointError> {
        let exposures = vec![1.0; counts.len()];
        Self::with_exposures(counts, exposures)
    }

    /// Checks counts and their exposures.
    ///
    /// # Errors
    /// If there are none, they are not as many, or an exposure is not a finite number above 0.
    pub fn with_exposures(counts: Vec<u64>, exposures: Vec<f64>) -> Result<Self, ChangePointError> {
        not_empty(counts.len())?;
        as_many(counts.len(), exposures.len())?;
        match exposures.iter().position(|&value| !(value > 0.0 && value <= LARGEST)) {
            Some(index) => Err(ChangePointError::Exposure { index, value: exposures[index] }),
            None => Ok(Self { counts, exposures }),
        }
    }

    /// The same counts with other exposures, all above 0.
    pub(super) fn with_new_exposures(&self, exposures: Vec<f64>) -> Self {
        debug_assert_eq!(exposures.len(), self.counts.len());
        Self { counts: self.counts.clone(), exposures }
    }

    /// The counts, in order of time.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The exposures, in order of time.
    #[must_use]
    pub fn exposures(&self) -> &[f64] {
        &self.exposures
    }
}

impl Events {
    /// Checks events and their trials.
    ///
    /// # Errors
    /// If there are none, they are not as many, or there are more events than trials.
    pub fn new(events: Vec<u64>, trials: Vec<u64>) -> Result<Self, ChangePointError> {
        not_empty(events.len())?;
        as_many(events.len(), trials.len())?;
        match events.iter().zip(&trials).position(|(events, trials)| events > trials) {
            Some(index) => Err(ChangePointError::MoreEventsThanTrials {
                index,
                events: events[index],
                trials: trials[index],
            }),
            None => Ok(Self { events, trials }),
        }
    }

    /// The events, in order of time.
    #[must_use]
    pub fn events(&self) -> &[u64] {
        &self.events
    }

    /// The trials, in order of time.
    #[must_use]
    pub fn trials(&self) -> &[u64] {
        &self.trials
    }
}

impl Series {
    /// The number of places.
    #[must_use]
    pub fn length(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.values.len(),
            Self::Counts(counts) => counts.counts.len(),
            Self::Events(events) => events.events.len(),
        }
    }

    /// The series as numbers: counts per exposure, events per trial.
    ///
    /// # Errors
    /// If a place has no trials, or a count per exposure is above [`LARGEST`].
    pub fn to_numbers(&self) -> Result<Numbers, ChangePointError> {
        match self {
            Self::Numbers(numbers) => Ok(numbers.clone()),
            Self::Counts(Counts { counts, exposures }) => {
                let rates = counts.iter().zip(exposures);
                Numbers::new(rates.map(|(&count, exposure)| count as f64 / exposure).collect())
            }
            Self::Events(Events { events, trials }) => {
                if let Some(index) = trials.iter().position(|&trials| trials == 0) {
                    return Err(ChangePointError::NoTrials { index });
                }
                let rates = events.iter().zip(trials);
                Numbers::new(rates.map(|(&events, &trials)| events as f64 / trials as f64).collect())
            }
        }
    }
}
