//! What a verdict is asked for.

use std::fmt;

/// The level of the false-discovery rate, and what is too small to matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The share of the reported cells that may be false, 0 to 1.
    pub level: f64,
    /// The chance to find a drift of the smallest size that a cell is said to be able to show, 0 to 1.
    pub power: f64,
    /// What a change has to reach to be worth a report.
    pub minimum: Minimum,
    /// What a cell has to be able to show. One that could not, and shows nothing, has not enough data.
    pub must_show: Minimum,
}

/// Sizes of changes, all 0 or more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minimum {
    /// Of a rate, as a difference of shares: 0.02 is two claims in a hundred.
    pub rate: f64,
    /// Of numbers of [`Scale::Days`](super::Scale::Days), in their unit.
    pub days: f64,
    /// Of numbers on a logarithmic scale and of volumes, as a share of what was: 0.02 is two percent.
    pub relative: f64,
    /// Of a mix: the total variation, the share of the rows that changed category.
    pub mix: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            level: 0.05,
            power: 0.8,
            minimum: Minimum { rate: 0.015, days: 1.0, relative: 0.02, mix: 0.05 },
            // Twice the sizes that the origin's rules report.
            must_show: Minimum { rate: 0.1, days: 6.0, relative: 0.1, mix: 0.5 },
        }
    }
}

/// An option that is outside of its range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptionsError {
    /// The option.
    pub option: &'static str,
    /// What was given.
    pub value: f64,
    /// What is allowed.
    pub allowed: &'static str,
}

impl fmt::Display for OptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.option, self.value, self.allowed)
    }
}

impl std::error::Error for OptionsError {}

impl Options {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`OptionsError`] for a level or a power that is no chance, and for a minimum that is negative or no number.
    pub fn check(&self) -> Result<(), OptionsError> {
        let refuse = |option, value, allowed| Err(OptionsError { option, value, allowed });
        for (option, value) in [("level", self.level), ("power", self.power)] {
            if !(value > 0.0 && value < 1.0) {
                return refuse(option, value, "above 0 and below 1");
            }
        }
        let sizes =
            |of: Minimum| [("rate", of.rate), ("days", of.days), ("relative", of.relative), ("mix", of.mix)];
        let mut minimums = sizes(self.minimum).into_iter().chain(sizes(self.must_show));
        match minimums.find(|(_, value)| !(*value >= 0.0 && value.is_finite())) {
            Some((option, value)) => refuse(option, value, "0 or more"),
            None => Ok(()),
        }
    }
}
