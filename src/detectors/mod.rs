//! Summaries to drift events.
//!
//! Detectors see summaries only: a billion rows and a thousand cost a detector the same.

mod event;
mod settings;
mod threshold;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::mappings::Mapping;
use crate::summaries::{Plan, Summaries, WindowPair};
use crate::{Error, Result};

pub use event::{DriftEvent, Evidence, SegmentName};
pub use settings::Settings;
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
    fn parameters(&self) -> Map<String, Value>;
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
    /// Makes the detector.
    pub build: fn(&Settings) -> Result<Box<dyn Detector>>,
}

/// The detectors there are; the first is the default.
pub const DETECTORS: &[DetectorEntry] =
    &[DetectorEntry { about: threshold::ABOUT, build: |settings| Ok(Box::new(Threshold::of(settings)?)) }];

/// The detector of that name.
///
/// # Errors
/// [`Error::Option`] naming `detector` and the names there are, and whatever the settings are refused for.
pub fn detector(name: &str, settings: &Settings) -> Result<Box<dyn Detector>> {
    let Some(entry) = DETECTORS.iter().find(|entry| entry.about.name == name) else {
        let names: Vec<&str> = DETECTORS.iter().map(|entry| entry.about.name).collect();
        return Err(Error::option("detector", name, format!("there are: {}", names.join(", "))));
    };
    (entry.build)(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_names_are_those_the_detectors_give() {
        for entry in DETECTORS {
            let detector = (entry.build)(&Settings::default()).unwrap();
            assert_eq!(detector.about().name, entry.about.name);
            assert!(!entry.about.about.is_empty() && !entry.about.reference.is_empty());
            assert!(!detector.parameters().is_empty());
        }
    }
}
