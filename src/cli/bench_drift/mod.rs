//! `bench-drift`: drift detection, measured and graded.

mod args;
mod listing;
mod options;
mod prepare;
mod suite;

pub use args::Args;

use std::io::Write;
use std::sync::atomic::AtomicBool;

use super::{interrupt, terminal};
use crate::detectors;
use crate::engines::{Engine, Native};
use crate::measure::{Case, Context, Coverage, Detection, Outcome, Record, Runs};
use crate::reports::numbers::grouped;
use crate::reports::{self, Look};
use crate::scores::Scorecard;
use crate::sources::Source;
use crate::summaries::{Summaries, WindowPair};
use crate::{Error, Result};
use options::{BenchOptions, Data};
use prepare::{Prepared, prepare};

/// Runs before those that count.
const WARM_UP_RUNS: u32 = 1;

/// Does what was typed.
///
/// # Errors
/// Whatever keeps it from being done, each with its exit code; [`Error::Gate`] when `--min-grade` is missed.
pub fn run(args: Args) -> Result<()> {
    if args.list {
        return terminal::print(listing::write);
    }
    if let Some(name) = &args.suite {
        return suite::run(name, &args);
    }
    let options = BenchOptions::check(&args)?;
    if let Some(path) = &options.out {
        Record::check_destination(path)?;
    }
    let stop = interrupt::on_interrupt()?;
    let engine = Native::new(options.threads)?;
    let mut record = Record::start(Context {
        tool: "bench-drift".to_owned(),
        item: "claims".to_owned(),
        threads: options.threads,
        seed: options.seed,
        parameters: options.parameters(),
    });
    let mut saved = Ok(());
    for data in &options.data {
        record.cases.push(case(data, &options, &engine, stop)?);
        // Saved after each case, so that what breaks later loses nothing. A save replaces the one before it
        // with all cases so far: only the last one's failure matters, and that only after the report.
        saved = options.out.as_ref().map_or(Ok(()), |path| record.save(path));
    }
    let look = Look { color: terminal::color(), run_lines: false };
    let report = reports::report(&options.format, look)
        .ok_or_else(|| Error::option("format", &options.format, "there is no such report"))?;
    terminal::print(|out| report.render(&record, out))?;
    saved?;
    options.min_grade.map_or(Ok(()), |grade| record.require_grade(grade))
}

/// One dataset: prepared, measured, and its temporary files removed.
fn case(data: &Data, options: &BenchOptions, engine: &Native, stop: &AtomicBool) -> Result<Case> {
    let mut prepared = prepare(data, options, stop)?;
    let folder = prepared.folder.take();
    let case = measured(prepared, options, engine, stop);
    if let Some(folder) = folder {
        let path = folder.path().to_owned();
        folder.close().map_err(|error| Error::io(path, "remove the temporary folder", error))?;
    }
    case
}

fn measured(prepared: Prepared, options: &BenchOptions, engine: &Native, stop: &AtomicBool) -> Result<Case> {
    let windows = WindowPair::before(prepared.as_of, options.baseline_days, options.current_days)?;
    let plan = options.detector.plan(&options.mapping, windows)?;
    let source = prepared.source.as_ref();
    let claims_read = source.rows_to_read(plan.grid.span());
    let mut last_run = None;
    let work = || {
        // Freed first, so that a run's peak holds the summaries of one run.
        last_run = None;
        interrupt::check(stop)?;
        let summaries = engine.summarize(source, &plan)?;
        let detected = options.detector.detect(&summaries)?;
        let events = Some(detected.events.len() as u64);
        last_run = Some((summaries, detected));
        Ok::<_, Error>(Outcome { items: claims_read, events })
    };
    if options.data.len() > 1 {
        print_live(&format!("{} claims", grouped(prepared.dataset.records)), options);
    }
    let measured = Runs::new(WARM_UP_RUNS, options.runs).measure(work, |run| {
        print_live(&reports::run_line(run, options.runs), options);
    })?;
    let mut case = Case::new(prepared.dataset, prepared.setup, measured).judge_claims();
    let Some((summaries, detected)) = last_run else { return Ok(case) };
    let coverage = coverage(&summaries, &detected);
    if coverage.items_in_windows == 0 && !options.quiet {
        warn_of_empty_windows(windows, source);
    }
    let events = &detected.events;
    case.coverage = Some(coverage);
    case.detection = prepared.truth.map(|truth| Detection::from(&Scorecard::new(&truth, windows, events)));
    let values: Result<_, _> = events.iter().map(serde_json::to_value).collect();
    case.events = Some(values.map_err(|error| Error::io("events", "serialize", error.into()))?);
    Ok(case)
}

fn coverage(summaries: &Summaries, detected: &detectors::Detection) -> Coverage {
    Coverage {
        items_in_windows: summaries.rows_in_windows(),
        rows_with_nulls: summaries.null_rows(),
        segments_considered: detected.groups_considered,
        segments_compared: detected.groups_compared,
    }
}

/// Says on standard error, as far as that is possible, why there is nothing to compare and what helps.
fn warn_of_empty_windows(windows: WindowPair, source: &dyn Source) {
    let WindowPair { baseline, current } = windows;
    // A dataset whose end cannot be told has no submitted date at all.
    let dataset = source.end().map_or_else(
        |_| "no row of the dataset has a time".to_owned(),
        |end| format!("the dataset's rows end on the day before {end}"),
    );
    let _ = writeln!(
        std::io::stderr(),
        "warning: no complete row lies in the windows {baseline} and {current}; {dataset}; \
         --as-of moves the windows, which end before the day that it names"
    );
}

/// A line while the measurement goes on; standard output belongs to the document when that is for programs.
fn print_live(line: &str, options: &BenchOptions) {
    let written = if options.format == reports::REPORTS[0].name {
        terminal::print_line(line)
    } else if options.quiet {
        Ok(())
    } else {
        writeln!(std::io::stderr(), "{line}").map_err(|error| Error::io("standard error", "write", error))
    };
    // A reader that is gone is noticed when the report is printed; it must not end a measurement.
    drop(written);
}
