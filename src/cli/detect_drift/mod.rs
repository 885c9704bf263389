//! `detect-drift`: what has drifted in a table.

mod args;
mod data;
mod input;
mod listing;
mod options;

pub use args::Args;

use std::io::Write;
use std::sync::atomic::AtomicBool;

use super::{interrupt, terminal};
use crate::detectors::Detection;
use crate::engines;
use crate::findings::{self, Coverage, Finding, Findings, Reported};
use crate::reports::{self, Look};
use crate::sinks::postgres::store_findings;
use crate::summaries::WindowPair;
use crate::{Error, Result, whole_file};
use data::Data;
use options::DetectOptions;

/// Does what was typed.
///
/// # Errors
/// Whatever keeps it from being done, each with its exit code; [`Error::Gate`] for findings under `--fail-on drift`.
pub fn run(args: Args) -> Result<()> {
    if args.list_detectors {
        return terminal::print(listing::write);
    }
    let options = DetectOptions::check(&args)?;
    for path in options.out.iter().chain(&options.save_state) {
        whole_file::check_destination(path)?;
    }
    let stop = interrupt::on_interrupt()?;
    let engine = engines::engine(&options.engine, options.threads)?;
    let data = Data::open(&options, engine.as_ref())?;
    if args.compare_engines {
        return compare_engines(&data, &options);
    }
    let found = judge(&data, &options, stop)?;
    if let Some(path) = &options.save_state {
        data.save(path)?;
    }
    if let Some((url, schema)) = &options.to {
        let id = store_findings(&found, url, schema)?;
        if !options.quiet {
            // A reader that is gone must not undo what was stored.
            let _ = writeln!(std::io::stderr(), "stored as run {id} in {url}");
        }
    }
    write(&found, &options)?;
    if options.fails_on_drift && !found.findings.is_empty() {
        let count = reports::numbers::counted(found.findings.len() as u64, "finding");
        return Err(Error::Gate(format!("{count}, and --fail-on drift allows none")));
    }
    Ok(())
}

/// Every engine on the plan of the first detector.
fn compare_engines(data: &Data, options: &DetectOptions) -> Result<()> {
    let windows = data.windows(options)?;
    let (Some(detector), Some(&windows)) = (options.detectors.first(), windows.last()) else { return Ok(()) };
    let plan = detector.plan(&options.mapping, windows)?;
    let comparison = data.compare_engines(&plan, options.threads)?;
    if options.format == "json" {
        return terminal::print(|out| {
            serde_json::to_writer_pretty(&mut *out, &comparison)?;
            writeln!(out)
        });
    }
    terminal::print(|out| write!(out, "{comparison}"))
}

/// Runs every detector on every pair of windows, and explains what they found.
fn judge(data: &Data, options: &DetectOptions, stop: &AtomicBool) -> Result<Findings> {
    let mut reported = Vec::new();
    let mut found = data.findings(options);
    for windows in data.windows(options)? {
        for detector in &options.detectors {
            interrupt::check(stop)?;
            let plan = detector.plan(&options.mapping, windows)?;
            let summaries = data.summarize(&plan)?;
            let Detection { groups_considered, groups_compared, events, undecided, power } =
                detector.detect(&summaries)?;
            let coverage = &mut found.coverage;
            coverage.rows_in_windows = coverage.rows_in_windows.max(summaries.rows_in_windows());
            coverage.rows_with_nulls = coverage.rows_with_nulls.max(summaries.null_rows());
            coverage.segments_considered = coverage.segments_considered.max(groups_considered);
            coverage.segments_compared = coverage.segments_compared.max(groups_compared);
            let name = detector.about().name;
            reported.extend(events.into_iter().map(|event| Reported { detector: name.to_owned(), event }));
            found.not_enough_data.extend(undecided);
            found.power.extend(power.into_iter().filter(|_| options.shows_power));
        }
        warn_of_empty_windows(windows, &found.coverage, options);
    }
    found.findings = findings::rank(reported);
    let top = found.findings.len().min(options.top);
    let explained: &mut [Finding] = &mut found.findings[..top];
    data.explain(explained, &options.mapping)?;
    Ok(found)
}

/// Says on standard error, as far as that is possible, why there is nothing to compare and what helps.
fn warn_of_empty_windows(windows: WindowPair, coverage: &Coverage, options: &DetectOptions) {
    if coverage.rows_in_windows > 0 || options.quiet {
        return;
    }
    let WindowPair { baseline, current } = windows;
    let _ = writeln!(
        std::io::stderr(),
        "warning: no complete row lies in the windows {baseline} and {current}; --as-of moves the windows, which \
         end before the day that it names"
    );
}

fn write(found: &Findings, options: &DetectOptions) -> Result<()> {
    let look = Look { color: options.out.is_none() && terminal::color(), run_lines: false };
    let report = reports::finding_report(&options.format, look, options.top)
        .ok_or_else(|| Error::option("format", &options.format, "there is no such report"))?;
    match &options.out {
        None => terminal::print(|out| report.render(found, out)),
        Some(path) => whole_file::write(path, |out| report.render(found, out)),
    }
}
