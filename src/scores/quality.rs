//! All scores of one run of a detector on one scenario under one seed.

use serde::{Deserialize, Serialize};

use super::average_precision::average_precision;
use super::delay::{Delay, delay};
use super::detection::{f1, precision, recall};
use super::false_alarms::{
    false_alarms_per_1000_segment_months, mean_days_between_false_alarms, mean_time_ratio,
};
use super::matching::Matching;
use super::power::{Power, power};

/// What a detector's claims are worth. What is undefined is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// Drifts to find.
    pub drifts: u64,
    /// Drifts that were found.
    pub found: u64,
    /// Alarms in all.
    pub alarms: u64,
    /// Alarms about nothing.
    pub false_alarms: u64,
    /// See [`precision`].
    pub precision: Option<f64>,
    /// See [`recall`].
    pub recall: Option<f64>,
    /// See [`f1`].
    pub f1: Option<f64>,
    /// See [`average_precision`].
    pub average_precision: Option<f64>,
    /// See [`delay`].
    pub delay: Option<Delay>,
    /// See [`false_alarms_per_1000_segment_months`].
    pub false_alarms_per_1000_segment_months: Option<f64>,
    /// See [`mean_days_between_false_alarms`].
    pub mean_days_between_false_alarms: Option<f64>,
    /// See [`mean_time_ratio`].
    pub mean_time_ratio: Option<f64>,
    /// See [`power`].
    pub power: Vec<Power>,
}

impl Quality {
    /// The scores of a matching.
    #[must_use]
    pub fn of(matching: &Matching) -> Self {
        Self {
            drifts: matching.drifts.len() as u64,
            found: matching.found_count(),
            alarms: matching.alarms().count() as u64,
            false_alarms: matching.false_alarms(),
            precision: precision(matching),
            recall: recall(matching),
            f1: f1(matching),
            average_precision: average_precision(matching),
            delay: delay(matching),
            false_alarms_per_1000_segment_months: false_alarms_per_1000_segment_months(matching),
            mean_days_between_false_alarms: mean_days_between_false_alarms(matching),
            mean_time_ratio: mean_time_ratio(matching),
            power: power(matching),
        }
    }
}
