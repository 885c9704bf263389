//! Events to findings: ranked, with what they cost and what carries them.

mod causes;
mod decomposition;
mod ranking;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::detectors::{Detectable, DriftEvent};
use crate::measure::{Machine, Tool};
use crate::summaries::Day;

pub use causes::explain;
pub use decomposition::{Cause, Decomposition, Part};
pub use ranking::rank;

/// What a run of `detect-drift` found, with its circumstances.
#[derive(Debug, Clone, Serialize)]
pub struct Findings {
    /// The program.
    pub tool: Tool,
    /// Where it ran.
    pub machine: Machine,
    /// When it was started, in UTC.
    pub started_at: String,
    /// What was looked at.
    pub dataset: Dataset,
    /// The options that shape the result.
    pub parameters: Map<String, Value>,
    /// What was read and compared.
    pub coverage: Coverage,
    /// The events, the most important first.
    pub findings: Vec<Finding>,
    /// What could not be judged.
    pub not_enough_data: Vec<Detectable>,
    /// What could have been seen of every segment and metric, where it was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub power: Vec<Detectable>,
}

/// What was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Dataset {
    /// Files, folders or tables, as they were named.
    pub paths: Vec<String>,
    /// The same for the reference, where it is another dataset.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<String>,
    /// The mapping's name.
    pub mapping: String,
    /// Rows of the dataset, whatever their day.
    pub records: u64,
    /// The day that the current window ends before.
    pub as_of: Day,
    /// The digest of the generated dataset, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What was read and compared, by detector.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Coverage {
    /// Rows in the windows.
    pub rows_in_windows: u64,
    /// Rows left out because a required column is null.
    pub rows_with_nulls: u64,
    /// Segments with a row in any window.
    pub segments_considered: u64,
    /// Those of them with enough rows to be compared.
    pub segments_compared: u64,
}

/// One event, explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// From 1, the most important.
    pub rank: u64,
    /// Who reports it.
    pub detector: String,
    /// What is reported.
    #[serde(flatten)]
    pub event: DriftEvent,
    /// What carries the change, the column that tells most first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
}

/// An event and who reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reported {
    /// The detector's name.
    pub detector: String,
    /// The event.
    pub event: DriftEvent,
}
