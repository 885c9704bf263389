//! Summaries to drift events.
//!
//! Detectors see summaries only: a billion claims and a thousand cost a detector the same.

mod event;
mod threshold;

use std::collections::BTreeMap;

use crate::Result;
use crate::summaries::{Grid, Summaries, WindowPair};

pub use event::{DriftEvent, DriftType};
pub use threshold::{Threshold, ThresholdOptions};

/// Compares windows of summaries and reports what has drifted.
pub trait Detector: Send + Sync {
    /// What the user is told of the detector.
    fn about(&self) -> DetectorAbout;

    /// What the detector needs summarised to compare `windows`.
    ///
    /// # Errors
    /// [`crate::Error::Option`] when the windows are of a kind that the detector cannot compare.
    fn grid(&self, windows: WindowPair) -> Result<Grid>;

    /// The drift in `summaries`, which an engine made for [`Detector::grid`].
    ///
    /// # Errors
    /// [`crate::Error::Input`] for summaries of another grid.
    fn detect(&self, summaries: &Summaries) -> Result<Detection>;

    /// The values of all options by name, so that a report can be repeated.
    fn parameters(&self) -> BTreeMap<&'static str, f64>;
}

/// What a detector found.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// Segments with a claim that the detector looks at, in any window, however few.
    pub groups_considered: u64,
    /// Those of them with enough claims in both windows to be compared.
    pub groups_compared: u64,
    /// The events, by payer, CPT group and drift type.
    pub events: Vec<DriftEvent>,
}

/// What the user is told of a detector.
#[derive(Debug, Clone, Copy)]
pub struct DetectorAbout {
    /// The registry name.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
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
