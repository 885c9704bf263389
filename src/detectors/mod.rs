//! Summaries to drift events.
//!
//! Detectors see summaries only: a billion rows and a thousand cost a detector the same.

mod event;
mod threshold;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Result;
use crate::mappings::Mapping;
use crate::summaries::{Plan, Summaries, WindowPair};

pub use event::{DriftEvent, Evidence, SegmentName};
pub use threshold::{Threshold, ThresholdOptions};

/// Compares windows of summaries and reports what has drifted.
pub trait Detector: Send + Sync {
    /// What the user is told of the detector.
    fn about(&self) -> DetectorAbout;

    /// What the detector needs summarised of a table with this mapping, to judge what ends with the current window.
    ///
    /// # Errors
    /// [`crate::Error::Option`] when the mapping lacks what the detector looks at, or the windows are of a kind
    /// that it cannot compare.
    fn plan(&self, mapping: &Arc<Mapping>, windows: WindowPair) -> Result<Plan>;

    /// The drift in `summaries`, which an engine made for [`Detector::plan`].
    ///
    /// # Errors
    /// [`crate::Error::Input`] for summaries of another plan.
    fn detect(&self, summaries: &Summaries) -> Result<Detection>;

    /// The values of all options by name, so that a report can be repeated.
    fn parameters(&self) -> BTreeMap<&'static str, f64>;
}

/// What a detector found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Detection {
    /// Segments with a row that the detector looks at, in any window, however few.
    pub groups_considered: u64,
    /// Those of them with enough rows in both windows to be compared.
    pub groups_compared: u64,
    /// The events, by segment and drift type.
    pub events: Vec<DriftEvent>,
    /// What could not be judged.
    pub undecided: Vec<NotEnoughData>,
}

/// A metric of a segment with too few rows for a verdict.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct NotEnoughData {
    /// Where.
    #[serde(flatten)]
    pub segment: SegmentName,
    /// The metric, named as in events.
    pub drift_type: String,
    /// The smallest change that would have been seen, in the metric's unit.
    pub smallest_detectable: Option<f64>,
    /// The days of rows, as many a day as now, that it would take to see the smallest change that is asked for.
    pub days_needed: Option<f64>,
}

/// What the user is told of a detector.
#[derive(Debug, Clone, Copy)]
pub struct DetectorAbout {
    /// The registry name.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// What it looks at: which kinds of metric.
    pub data: &'static str,
    /// Where the method comes from.
    pub reference: &'static str,
}

/// A detector that can be asked for by name.
#[derive(Debug, Clone, Copy)]
pub struct DetectorEntry {
    /// What the user is told.
    pub about: DetectorAbout,
    /// Makes the detector with its default options.
    pub build: fn() -> Box<dyn Detector>,
}

/// The detectors there are; the first is the default.
pub const DETECTORS: &[DetectorEntry] =
    &[DetectorEntry { about: threshold::ABOUT, build: || Box::new(Threshold::default()) }];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_names_are_those_the_detectors_give() {
        for entry in DETECTORS {
            let detector = (entry.build)();
            assert_eq!(detector.about().name, entry.about.name);
            assert!(!entry.about.about.is_empty() && !entry.about.reference.is_empty());
            assert!(!detector.parameters().is_empty());
        }
    }
}
