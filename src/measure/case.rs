//! One measured case: a dataset, the runs over it, and what they come to.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::grade::{Grade, Target, TargetVerdicts};
use super::memory::PeakMemorySource;
use super::runs::{Measured, Run};
use super::statistics::Figure;

/// Where the runs got their data from.
// Serde refuses unknown keys beside a tag only for variants with braces, hence the empty ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Origin {
    /// Made by this tool and kept in memory, so that it counts towards the peak.
    GeneratedInMemory {},
    /// Made by this tool and written as Parquet, which the runs read.
    GeneratedParquet {},
    /// Given by the user.
    Input {
        /// The paths, as they were given.
        paths: Vec<String>,
    },
}

/// The data of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// Name of the dataset.
    pub name: String,
    /// Records that lie in it; a run may read fewer.
    pub records: u64,
    /// Digest of its content; `None` when none was taken.
    pub digest: Option<String>,
    /// Where it came from.
    pub origin: Origin,
}

/// What was done once before the runs and outside their clocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// Elapsed time in seconds.
    pub seconds: f64,
    /// Size of the prepared data in bytes, on disk or in memory; `None` when unknown.
    pub bytes: Option<u64>,
    /// Highest resident memory of the process during the set-up, in bytes; `None` when not measured.
    pub peak_rss_bytes: Option<u64>,
}

/// Figures over the counted runs; `None` for a quantity that a run lacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Elapsed time of a run in seconds.
    pub runtime_seconds: Option<Figure>,
    /// CPU time of a run in seconds.
    pub cpu_seconds: Option<Figure>,
    /// Peak resident memory of a run in bytes.
    pub peak_memory_bytes: Option<Figure>,
    /// Items read per second.
    pub items_per_second: Option<Figure>,
}

impl Figures {
    /// The figures of `runs`.
    #[must_use]
    pub fn of(runs: &[Run]) -> Self {
        Self {
            runtime_seconds: figure(runs, |run| Some(run.wall_seconds)),
            cpu_seconds: figure(runs, |run| run.cpu_seconds),
            peak_memory_bytes: figure(runs, |run| run.peak_rss_bytes.map(|bytes| bytes as f64)),
            items_per_second: figure(runs, |run| run.items_per_second),
        }
    }
}

fn figure(runs: &[Run], quantity: impl Fn(&Run) -> Option<f64>) -> Option<Figure> {
    Figure::of(&runs.iter().map(quantity).collect::<Option<Vec<f64>>>()?)
}

/// How detection compares with the drifts known to be in the data; `None` is what was not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detection {
    /// Injected drifts that the detector watches for and that changed between its windows.
    pub drifts_watched: Option<u64>,
    /// Watched drifts that an event matches.
    pub drifts_found: Option<u64>,
    /// Watched drifts that no event matches.
    pub drifts_missed: Option<u64>,
    /// Injected drifts of a metric or segment that the detector does not watch.
    pub drifts_not_watched: Option<u64>,
    /// Injected drifts of a watched metric without any change between the windows.
    pub drifts_without_change: Option<u64>,
    /// Events that match an injected drift.
    pub events_matched: Option<u64>,
    /// Events that match none.
    pub events_unmatched: Option<u64>,
    /// Share of events that match, 0 to 1; `None` without events.
    pub precision: Option<f64>,
    /// Share of watched drifts that were found, 0 to 1; `None` when none is watched.
    pub recall: Option<f64>,
}

/// How much of the data detection could use, so that few events, or none, can be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Items in the compared windows, whatever their outcome.
    pub items_in_windows: u64,
    /// Rows left out because a needed column is null in them.
    pub rows_with_nulls: u64,
    /// Segments with an item that the detector looks at, in any window.
    pub segments_considered: u64,
    /// Considered segments with enough items in both windows to be compared.
    pub segments_compared: u64,
}

/// One dataset, measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The data.
    pub dataset: Dataset,
    /// What was done before the runs.
    pub setup: Setup,
    /// Runs made before the counted ones.
    pub warm_up_runs: u32,
    /// How the peaks were found; `None` when there are none.
    pub peak_memory_source: Option<PeakMemorySource>,
    /// The counted runs, raw.
    pub runs: Vec<Run>,
    /// Items that every run read; `None` when the runs differ or there are none.
    pub items_read: Option<u64>,
    /// Events that every run found; `None` when the runs differ or look for none.
    pub events_detected: Option<u64>,
    /// What the runs come to.
    pub figures: Figures,
    /// Grade of the median throughput; `None` before [`Case::judge_claims`].
    pub grade: Option<Grade>,
    /// The target for the dataset's size and its verdicts; `None` before [`Case::judge_claims`].
    pub target: Option<TargetVerdicts>,
    /// What detection could use of the data; `None` for work that compares no windows.
    pub coverage: Option<Coverage>,
    /// Detection against the truth; `None` when no truth is known.
    pub detection: Option<Detection>,
    /// The events that the last run found, one JSON object each; `None` when they are not kept.
    pub events: Option<Vec<Value>>,
}

impl Case {
    /// The case of `measured` runs over `dataset`, without grade, target, coverage, detection and events.
    #[must_use]
    pub fn new(dataset: Dataset, setup: Setup, measured: Measured) -> Self {
        Self {
            dataset,
            setup,
            warm_up_runs: measured.warm_up_runs,
            peak_memory_source: measured.peak_memory_source,
            items_read: agreed(&measured.runs, |run| Some(run.items)),
            events_detected: agreed(&measured.runs, |run| run.events),
            figures: Figures::of(&measured.runs),
            runs: measured.runs,
            grade: None,
            target: None,
            coverage: None,
            detection: None,
            events: None,
        }
    }

    /// Adds the grade and the target's verdicts: the median throughput over items *read* and the highest peak
    /// of the runs are held against the bands and targets for claims.
    #[must_use]
    pub fn judge_claims(mut self) -> Self {
        let items_per_second = self.figures.items_per_second.map(|figure| figure.median);
        let peak_memory_bytes = self.figures.peak_memory_bytes.map(|figure| figure.max);
        self.grade = items_per_second.and_then(Grade::of);
        self.target =
            Some(Target::for_records(self.dataset.records).judge(items_per_second, peak_memory_bytes));
        self
    }
}

/// The value that all runs have, if it is one.
fn agreed(runs: &[Run], quantity: impl Fn(&Run) -> Option<u64>) -> Option<u64> {
    let first = quantity(runs.first()?)?;
    runs.iter().all(|run| quantity(run) == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests;
