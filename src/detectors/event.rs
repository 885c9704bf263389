//! What a detector reports.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::summaries::Day;

/// What has drifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DriftType {
    /// The median of decided − submitted, in days.
    DecisionTime,
    /// The share of denied claims among paid and denied ones.
    DenialRate,
}

impl DriftType {
    /// The name in events and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DecisionTime => "DECISION_TIME",
            Self::DenialRate => "DENIAL_RATE",
        }
    }
}

impl fmt::Display for DriftType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One metric of one segment that differs between two windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftEvent {
    /// The segment's payer.
    pub payer: String,
    /// The segment's CPT group.
    pub cpt_group: String,
    /// The metric.
    pub drift_type: DriftType,
    /// The metric in the baseline window: a rate from 0 to 1, or days.
    pub baseline_value: f64,
    /// The metric in the current window.
    pub current_value: f64,
    /// Current − baseline.
    pub delta_value: f64,
    /// How large the drift is, from 0 to 1.
    pub severity: f64,
    /// How far the sample sizes support it, from 0 to 1.
    pub confidence: f64,
    /// First day of the baseline window.
    pub baseline_start: Day,
    /// The day after the baseline window.
    pub baseline_end: Day,
    /// First day of the current window.
    pub current_start: Day,
    /// The day after the current window.
    pub current_end: Day,
    /// Claims compared in the baseline window.
    pub baseline_n: u64,
    /// Claims compared in the current window.
    pub current_n: u64,
}
