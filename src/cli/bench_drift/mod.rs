//! `bench-drift`: drift detection, measured and graded.

mod args;
mod options;
mod prepare;

pub use args::Args;

use std::io::Write;
use std::sync::atomic::AtomicBool;

use super::{interrupt, terminal};
use crate::detectors::{Detector, DriftEvent};
use crate::engines::{Engine, Native};
use crate::measure::{Case, Context, Detection, Outcome, Record, Runs};
use crate::reports::numbers::grouped;
use crate::reports::{self, Look};
use crate::scores::Scorecard;
use crate::summaries::WindowPair;
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
    let options = BenchOptions::check(&args)?;
    let stop = interrupt::on_interrupt()?;
    let engine = Native::new(options.threads)?;
    let mut record = Record::start(Context {
        tool: "bench-drift".to_owned(),
        item: "claims".to_owned(),
        threads: options.threads,
        seed: options.seed,
        parameters: options.parameters(),
    });
    for data in &options.data {
        record.cases.push(case(data, &options, &engine, stop)?);
        // Saved after each case, so that what breaks later loses nothing.
        if let Some(path) = &options.out {
            record.save(path)?;
        }
    }
    let look = Look { color: terminal::color(), run_lines: false };
    let report = reports::report(&options.format, look)
        .ok_or_else(|| Error::option("format", &options.format, "there is no such report"))?;
    terminal::print(|out| report.render(&record, out))?;
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
    let grid = options.detector.grid(windows)?;
    let source = prepared.source.as_ref();
    let claims_read = source.rows_to_read(grid.span());
    let mut events: Vec<DriftEvent> = Vec::new();
    let work = || {
        interrupt::check(stop)?;
        let summaries = engine.summarize(source, &grid)?;
        events = options.detector.detect(&summaries)?.events;
        Ok::<_, Error>(Outcome { items: claims_read, events: Some(events.len() as u64) })
    };
    if options.data.len() > 1 {
        print_live(&format!("{} claims", grouped(prepared.dataset.records)), options);
    }
    let measured = Runs::new(WARM_UP_RUNS, options.runs).measure(work, |run| {
        print_live(&reports::run_line(run, options.runs), options);
    })?;
    let mut case = Case::new(prepared.dataset, prepared.setup, measured).judge_claims();
    case.detection = prepared.truth.map(|truth| Detection::from(&Scorecard::new(&truth, windows, &events)));
    case.events = Some(
        events
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<_, _>>()
            .map_err(|error| Error::io("events", "serialize", error.into()))?,
    );
    Ok(case)
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
