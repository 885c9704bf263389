//! Every engine that can read a source, on the same plan: equal summaries, and what each of them took.

use std::collections::BTreeSet;
use std::fmt::{self, Debug, Write};
use std::time::Instant;

use serde::Serialize;

use super::{ENGINES, EngineEntry};
use crate::measure::{PeakMemory, process_cpu_seconds};
use crate::sources::{Location, Source};
use crate::summaries::{MetricSummary, Plan, Segment, Strata, Summaries};
use crate::{Error, Result};

/// What each engine took for the same summaries, the default engine first.
#[derive(Debug, Clone, Serialize)]
pub struct EngineComparison {
    /// What was read: `Parquet files`, say.
    pub source: String,
    /// Rows that had to be read.
    pub rows: u64,
    /// One entry for each engine that can read the source.
    pub engines: Vec<EngineCost>,
}

/// What one engine took.
#[derive(Debug, Clone, Serialize)]
pub struct EngineCost {
    /// The registry name.
    pub engine: &'static str,
    /// Seconds on the clock.
    pub wall_seconds: f64,
    /// Seconds of this process's CPU; a database's own are not among them.
    pub cpu_seconds: Option<f64>,
    /// Highest resident size of this process, in bytes; what it held before counts.
    pub peak_rss_bytes: Option<u64>,
    /// Wall seconds over those of the first engine.
    pub ratio_to_first: Option<f64>,
    /// Whether the work was done by a database, whose CPU and memory are not seen here.
    pub is_elsewhere: bool,
}

impl EngineComparison {
    /// Runs every engine that can read `source` once, with `threads` threads where it has threads of its own, and
    /// checks that all summaries are equal.
    ///
    /// # Errors
    /// [`Error::Different`] naming the first difference: the engines, the segment, the metric and the place;
    /// whatever an engine refuses.
    pub fn run(source: &dyn Source, plan: &Plan, threads: usize) -> Result<Self> {
        let location = source.location();
        let mut engines: Vec<EngineCost> = Vec::new();
        let mut first: Option<(&'static str, Summaries)> = None;
        for entry in ENGINES.iter().filter(|entry| (entry.reads)(&location)) {
            let (mut cost, summaries) = measured(entry, source, plan, threads)?;
            let first_seconds = engines.first().map_or(cost.wall_seconds, |first| first.wall_seconds);
            cost.ratio_to_first = (first_seconds > 0.0).then(|| cost.wall_seconds / first_seconds);
            cost.is_elsewhere = matches!(location, Location::Table(_)) && !engines.is_empty();
            engines.push(cost);
            match &first {
                None => first = Some((entry.about.name, summaries)),
                Some((name, expected)) => {
                    if let Some(difference) = first_difference(expected, &summaries) {
                        let other = entry.about.name;
                        let problem = format!("the engines {name} and {other} differ: {difference}");
                        return Err(Error::Different(problem));
                    }
                }
            }
        }
        let rows = source.rows_to_read(plan.grid.span());
        Ok(Self { source: location.to_string(), rows, engines })
    }
}

fn measured(
    entry: &EngineEntry,
    source: &dyn Source,
    plan: &Plan,
    threads: usize,
) -> Result<(EngineCost, Summaries)> {
    let engine = (entry.build)(threads)?;
    let memory = PeakMemory::start();
    let (started, cpu_before) = (Instant::now(), process_cpu_seconds());
    let summaries = engine.summarize(source, plan);
    let wall_seconds = started.elapsed().as_secs_f64();
    let cpu_seconds = process_cpu_seconds().zip(cpu_before).map(|(after, before)| after - before);
    let peak_rss_bytes = memory.finish().map(|peak| peak.rss_bytes);
    let cost = EngineCost {
        engine: entry.about.name,
        wall_seconds,
        cpu_seconds,
        peak_rss_bytes,
        ratio_to_first: None,
        is_elsewhere: false,
    };
    Ok((cost, summaries?))
}

impl fmt::Display for EngineComparison {
    /// A table, a line for each engine.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} rows of {}; equal summaries", self.rows, self.source)?;
        writeln!(f, "{:<10} {:>10} {:>10} {:>12} {:>8}", "engine", "wall s", "CPU s", "peak MiB", "ratio")?;
        for cost in &self.engines {
            let decimals = |number: Option<f64>, decimals: usize| {
                number.map_or_else(|| "-".to_owned(), |number| format!("{number:.decimals$}"))
            };
            let peak = cost.peak_rss_bytes.map(|bytes| bytes as f64 / f64::from(1 << 20));
            writeln!(
                f,
                "{:<10} {:>10.3} {:>10} {:>12} {:>8}",
                cost.engine,
                cost.wall_seconds,
                decimals(cost.cpu_seconds, 3),
                decimals(peak, 1),
                decimals(cost.ratio_to_first, 2)
            )?;
        }
        if self.engines.iter().any(|cost| cost.is_elsewhere) {
            writeln!(f, "CPU and memory are those of this process; the database's own are not among them.")?;
        }
        Ok(())
    }
}

/// Where two summaries of one plan differ first, in words; `None` when they are equal.
#[must_use]
pub fn first_difference(expected: &Summaries, found: &Summaries) -> Option<String> {
    if expected == found {
        return None;
    }
    if expected.null_rows() != found.null_rows() {
        return Some(told("rows with nulls", expected.null_rows(), found.null_rows()));
    }
    let windows = expected.rows_per_window().iter().zip(found.rows_per_window()).enumerate();
    for (window, (expected, found)) in windows {
        if expected != found {
            return Some(told(&format!("rows of window {window}"), expected, found));
        }
    }
    let segments: BTreeSet<&Segment> = expected.segments().keys().chain(found.segments().keys()).collect();
    for segment in segments {
        let (Some(left), Some(right)) = (expected.segments().get(segment), found.segments().get(segment))
        else {
            let has_it = |summaries: &Summaries| summaries.segments().contains_key(segment);
            return Some(told(&format!("segment {segment} is there"), has_it(expected), has_it(found)));
        };
        let metrics = expected.plan().mapping.metrics().iter().zip(left.metrics.iter().zip(&right.metrics));
        for (metric, (left, right)) in metrics {
            if let Some(difference) = difference_of(left, right) {
                return Some(format!("segment {segment}, metric {}, {difference}", metric.name));
            }
        }
    }
    Some("the plans".to_owned())
}

fn difference_of(left: &MetricSummary, right: &MetricSummary) -> Option<String> {
    match (left, right) {
        (MetricSummary::Tally(left), MetricSummary::Tally(right)) => strata("bucket", left, right),
        (MetricSummary::Value(left), MetricSummary::Value(right)) => {
            each("moments of bucket", &left.moments, &right.moments)
                .or_else(|| each("pending rows of window", &left.pending, &right.pending))
                .or_else(|| strata("distribution of window", &left.histograms, &right.histograms))
        }
        (MetricSummary::Mix(left), MetricSummary::Mix(right)) => each("categories of window", left, right),
        _ => Some("the kind".to_owned()),
    }
}

fn strata<T: PartialEq + Debug>(place: &str, left: &Strata<T>, right: &Strata<T>) -> Option<String> {
    let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    names.into_iter().find_map(|name| match (left.get(name), right.get(name)) {
        (Some(left), Some(right)) => each(&format!("stratum {name:?}, {place}"), left, right),
        (left, right) => Some(told(&format!("stratum {name:?} is there"), left.is_some(), right.is_some())),
    })
}

fn each<T: PartialEq + Debug>(place: &str, left: &[T], right: &[T]) -> Option<String> {
    let (number, (left, right)) =
        left.iter().zip(right).enumerate().find(|(_, (left, right))| left != right)?;
    Some(told(&format!("{place} {number}"), left, right))
}

/// What both sides have, cut where it is long.
fn told(place: &str, expected: impl Debug, found: impl Debug) -> String {
    const MOST_LETTERS: usize = 120;
    let shown = |value: &dyn Debug| {
        let mut text = String::new();
        // Writing into a text cannot fail.
        let _ = write!(text, "{value:?}");
        match text.char_indices().nth(MOST_LETTERS) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    };
    format!("{place}: {} and {}", shown(&expected), shown(&found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::Memory;
    use crate::sources::tests::claims::{AS_OF, Claim, Form, batch, columns, mapping};
    use crate::summaries::{Grid, Keep, Tally, WindowPair};

    fn plan() -> Plan {
        let grid = Grid::of_windows(WindowPair::before(AS_OF, 30, 7).unwrap());
        Plan { mapping: mapping(), grid, keep: Keep::ALL }
    }

    fn source() -> Memory {
        Memory::new("claims", &[batch(&[Claim::of(AS_OF.0 - 3)], &Form::plain())], &columns()).unwrap()
    }

    #[test]
    fn the_first_engine_is_compared_with_itself_alone_in_memory() {
        let comparison = EngineComparison::run(&source(), &plan(), 1).unwrap();
        let names: Vec<&str> = comparison.engines.iter().map(|cost| cost.engine).collect();
        assert_eq!((names, comparison.rows), (vec!["native"], 1));
        assert_eq!(comparison.engines[0].ratio_to_first, Some(1.0));
        assert!(
            comparison.to_string().starts_with("1 rows of rows in memory; equal summaries\n"),
            "{comparison}"
        );
    }

    #[test]
    fn the_first_difference_names_segment_metric_and_bucket() {
        let engine = (ENGINES[0].build)(1).unwrap();
        let summaries = engine.summarize(&source(), &plan()).unwrap();
        assert_eq!(first_difference(&summaries, &summaries.clone()), None);
        let segment = Segment(vec!["Aetna".to_owned(), "Imaging".to_owned()]);
        let mut other = summaries.clone();
        other.segment_mut(&segment).tallies_mut(0, "none", 2)[1] += Tally { hits: 1, trials: 0 };
        let expected = "segment Aetna / Imaging, metric denial_rate, stratum \"none\", bucket 1: \
                        Tally { hits: 0, trials: 1 } and Tally { hits: 1, trials: 1 }";
        assert_eq!(first_difference(&summaries, &other).as_deref(), Some(expected));
        let mut other = summaries.clone();
        other.add_null_rows(2);
        assert_eq!(first_difference(&summaries, &other).as_deref(), Some("rows with nulls: 0 and 2"));
        let mut other = summaries.clone();
        other.segment_mut(&segment).value_mut(1).pending[0] +=
            &crate::summaries::Histogram::from_counts(vec![(7, 1)]);
        let expected = "segment Aetna / Imaging, metric decision_time, pending rows of window 0: Histogram { bins: [] } and Histogram { bins: [(7, 1)] }";
        assert_eq!(first_difference(&summaries, &other).as_deref(), Some(expected));
    }
}
