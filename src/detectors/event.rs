//! What a detector reports.

use serde::{Serialize, Serializer};

use crate::summaries::{Day, DayRange, WindowPair};

/// The columns and values that name a segment; written as fields of their own, `"payer": "…"`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentName(pub Vec<(String, String)>);

impl SegmentName {
    /// The segment's values under the names of their columns.
    #[must_use]
    pub fn new(columns: &[String], values: &[String]) -> Self {
        Self(columns.iter().cloned().zip(values.iter().cloned()).collect())
    }

    /// The value of one column.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == column).map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Display for SegmentName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let values: Vec<&str> = self.0.iter().map(|(_, value)| value.as_str()).collect();
        f.pad(&values.join(" / "))
    }
}

impl Serialize for SegmentName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(column, value)| (column, value)))
    }
}

/// One metric of one segment that differs between two windows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DriftEvent {
    /// Where.
    #[serde(flatten)]
    pub segment: SegmentName,
    /// The metric in capital letters, as the claims products wrote it: `DENIAL_RATE`.
    pub drift_type: String,
    /// The metric in the baseline window, in its own unit: a rate from 0 to 1, days, dollars; `None` where a metric has
    /// no single value, such as a mix of categories.
    pub baseline_value: Option<f64>,
    /// The metric in the current window.
    pub current_value: Option<f64>,
    /// Current − baseline; of a mix the size of its change.
    pub delta_value: f64,
    /// How large the drift is, from 0 to 1.
    pub severity: f64,
    /// How far the data support it, from 0 to 1.
    pub confidence: f64,
    /// First day of the baseline window.
    pub baseline_start: Day,
    /// The day after the baseline window.
    pub baseline_end: Day,
    /// First day of the current window.
    pub current_start: Day,
    /// The day after the current window.
    pub current_end: Day,
    /// Rows compared in the baseline window.
    pub baseline_n: u64,
    /// Rows compared in the current window.
    pub current_n: u64,
    /// What a test says beyond that.
    #[serde(flatten)]
    pub evidence: Evidence,
}

/// What only some detectors know of a drift.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Evidence {
    /// The test's statistic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistic: Option<f64>,
    /// How probable so large a statistic is without drift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// The same after the correction for all tests of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q_value: Option<f64>,
    /// The size of the effect in units without dimension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect_size: Option<f64>,
    /// The first day of the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_day: Option<Day>,
    /// What the change costs in the current window, in dollars; positive is to the loss of who submits claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact_dollars: Option<f64>,
    /// The population standard deviation of the metric in the baseline window, in the metric's unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_deviation: Option<f64>,
    /// The severity as the claims products' word: low, medium, high or critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_label: Option<&'static str>,
    /// What a product advises to do, in its words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<&'static str>,
    /// Whether the product would have told somebody at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_alert: Option<bool>,
    /// The product's own key of the event, by which it recognises one that it has reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// What the method says of itself, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl DriftEvent {
    /// The windows that were compared.
    #[must_use]
    pub fn windows(&self) -> WindowPair {
        WindowPair {
            baseline: DayRange { start: self.baseline_start, end: self.baseline_end },
            current: DayRange { start: self.current_start, end: self.current_end },
        }
    }

    /// An event without evidence.
    #[must_use]
    pub fn new(segment: SegmentName, drift_type: String, windows: WindowPair) -> Self {
        Self {
            segment,
            drift_type,
            baseline_value: None,
            current_value: None,
            delta_value: 0.0,
            severity: 0.0,
            confidence: 0.0,
            baseline_start: windows.baseline.start,
            baseline_end: windows.baseline.end,
            current_start: windows.current.start,
            current_end: windows.current.end,
            baseline_n: 0,
            current_n: 0,
            evidence: Evidence::default(),
        }
    }
}
