//! Summaries to drift events.
//!
//! Detectors see summaries only: a billion rows and a thousand cost a detector the same.

mod daily;
mod driftforge;
mod event;
mod originals;
mod samples;
mod settings;
mod threshold;
mod two_windows;

use std::sync::Arc;

use driftforge_statistics::change_points::{CHANGE_POINTS, ChangePointKind};
use driftforge_statistics::streams::{STREAMS, StreamKind};
use driftforge_statistics::two_windows as methods;
use serde_json::{Map, Value};

use crate::mappings::Mapping;
use crate::scores::LevelOf;
use crate::sources::nearest_name;
use crate::summaries::{Plan, Summaries, WindowPair};
use crate::{Error, Result};

pub use daily::Daily;
pub use driftforge::{Driftforge, SegmentPanel};
pub use event::{DriftEvent, Evidence, SegmentName};
pub use originals::{DelayGuard, DenialScope, DriftWatch, Manner};
pub use settings::{Settings, correction};
pub use threshold::{Threshold, ThresholdOptions};
pub use two_windows::TwoWindows;

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

    /// The probability of an alarm without drift that the detector states, and what it is of; `None` for a rule that
    /// states none.
    fn stated_level(&self) -> Option<(LevelOf, f64)> {
        None
    }

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
    pub undecided: Vec<Detectable>,
    /// What could have been seen, of every segment and metric; empty where the detector does not know.
    pub power: Vec<Detectable>,
}

/// The smallest drift of a metric of a segment that would have been seen.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Detectable {
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
    build: Build,
}

/// How a detector is made.
#[derive(Debug, Clone, Copy)]
enum Build {
    /// By a function of its own.
    Own(fn(&Settings) -> Result<Box<dyn Detector>>),
    /// From a test or distance of two windows.
    TwoWindows(&'static methods::About),
    /// From a detector that reads one value at a time.
    Stream(&'static StreamKind),
    /// From a method that finds change points.
    ChangePoints(&'static ChangePointKind),
}

impl DetectorEntry {
    const fn own(about: DetectorAbout, build: fn(&Settings) -> Result<Box<dyn Detector>>) -> Self {
        Self { about, build: Build::Own(build) }
    }

    /// Makes the detector.
    ///
    /// # Errors
    /// [`Error::Option`] for settings that it cannot use.
    pub fn build(&self, settings: &Settings) -> Result<Box<dyn Detector>> {
        match self.build {
            Build::Own(build) => build(settings),
            Build::TwoWindows(method) => Ok(Box::new(TwoWindows::of(method, settings)?)),
            Build::Stream(kind) => Ok(Box::new(Daily::stream(kind, settings)?)),
            Build::ChangePoints(kind) => Ok(Box::new(Daily::change_points(kind, settings)?)),
        }
    }
}

/// The detectors with a file of their own; the first is the default.
const OWN: &[DetectorEntry] = &[
    DetectorEntry::own(driftforge::ABOUT, |settings| Ok(Box::new(Driftforge::of(settings)?))),
    DetectorEntry::own(threshold::ABOUT, |settings| Ok(Box::new(Threshold::of(settings)?))),
    DetectorEntry::own(two_windows::ABOUT, |settings| Ok(Box::new(TwoWindows::usual(settings)?))),
    DetectorEntry::own(originals::driftwatch::SOUND, |settings| {
        Ok(Box::new(DriftWatch::of(Manner::Sound, settings)?))
    }),
    DetectorEntry::own(originals::driftwatch::COMPAT, |settings| {
        Ok(Box::new(DriftWatch::of(Manner::Original, settings)?))
    }),
    DetectorEntry::own(originals::delayguard::ABOUT, |settings| Ok(Box::new(DelayGuard::of(settings)?))),
    DetectorEntry::own(originals::denialscope::SOUND, |settings| {
        Ok(Box::new(DenialScope::of(Manner::Sound, settings)?))
    }),
    DetectorEntry::own(originals::denialscope::COMPAT, |settings| {
        Ok(Box::new(DenialScope::of(Manner::Original, settings)?))
    }),
];

/// The name of the default detector.
pub const DEFAULT: &str = OWN[0].about.name;

/// Every detector there is: those with a file of their own, and each method of the statistics crate.
pub fn detectors() -> impl Iterator<Item = DetectorEntry> {
    let methods = methods::TWO_WINDOWS
        .iter()
        .map(|method| DetectorEntry { about: two_windows::about(method), build: Build::TwoWindows(method) });
    let streams = STREAMS
        .iter()
        .map(|kind| DetectorEntry { about: daily::stream_about(kind), build: Build::Stream(kind) });
    let change_points = CHANGE_POINTS.iter().map(|kind| DetectorEntry {
        about: daily::change_point_about(kind),
        build: Build::ChangePoints(kind),
    });
    OWN.iter().copied().chain(methods).chain(streams).chain(change_points)
}

/// The detector of that name.
///
/// # Errors
/// [`Error::Option`] naming `detector` and the nearest names, and whatever the settings are refused for.
pub fn detector(name: &str, settings: &Settings) -> Result<Box<dyn Detector>> {
    let Some(entry) = detectors().find(|entry| entry.about.name == name) else {
        let names: Vec<&str> = detectors().map(|entry| entry.about.name).collect();
        let nearest =
            nearest_name(name, &names).map(|name| format!("did you mean {name:?}? ")).unwrap_or_default();
        let problem = format!("{nearest}there are: {}", names.join(", "));
        return Err(Error::option("detector", name, problem));
    };
    entry.build(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_names_are_those_the_detectors_give() {
        for entry in detectors() {
            let detector = entry.build(&Settings::default()).unwrap();
            assert_eq!(detector.about().name, entry.about.name);
            assert!(!entry.about.about.is_empty() && !entry.about.reference.is_empty());
            assert!(!detector.parameters().is_empty());
        }
    }
}
