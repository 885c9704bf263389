//! `datagen`: a dataset, written.

mod args;
mod listing;
mod options;
mod summary;

pub use args::Args;

use std::time::Instant;

use super::progress::RowsBar;
use super::{interrupt, terminal};
use crate::measure::peak_rss_bytes;
use crate::sinks::{self, Job, Sidecar};
use crate::{Error, Result};
use options::DatagenOptions;
use summary::Summary;

/// Does what was typed.
///
/// # Errors
/// Whatever keeps it from being done, each with its exit code.
pub fn run(args: Args) -> Result<()> {
    if args.list {
        return terminal::print(listing::write);
    }
    if args.print_spec {
        let dataset = options::dataset(&args)?;
        return terminal::print(|out| out.write_all(dataset.text().as_bytes()));
    }
    let options = DatagenOptions::check(&args)?;
    if options.dry_run {
        return terminal::print(|out| summary::write_intent(&options, out));
    }
    let started = Instant::now();
    let stop = interrupt::on_interrupt()?;
    let plan = options.planned.plan();
    let rows = options.rows();
    let bar = RowsBar::new(rows, plan.name(), options.quiet);
    let job = Job {
        rows: plan,
        format: options.format,
        folder: &options.folder,
        stem: plan.name(),
        parts: options.parts,
        options: options.writing,
        metadata: &options.planned.metadata(),
        context: &options.planned.context(),
        sidecars: &[truth(&options)?],
        progress: &bar,
        stop,
    };
    let written = sinks::write(&job);
    bar.clear();
    let written = written?;
    if options.quiet {
        return Ok(());
    }
    let seconds = started.elapsed().as_secs_f64();
    let summary = Summary { written: &written, seconds, peak_rss_bytes: peak_rss_bytes(), options: &options };
    terminal::print(|out| summary.write(out))
}

/// The truth as a file.
fn truth(options: &DatagenOptions) -> Result<Sidecar> {
    let plan = options.planned.plan();
    let mut content = serde_json::to_vec_pretty(&plan.truth())
        .map_err(|error| Error::io(&options.folder, "tell the truth", error.into()))?;
    content.push(b'\n');
    Ok(Sidecar { name: format!("{}.truth.json", plan.name()), content })
}
