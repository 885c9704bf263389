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
    let started = Instant::now();
    let options = DatagenOptions::check(&args)?;
    let plan = options.planned.plan();
    let sidecars = [truth(&options)?];
    let (metadata, context) = (options.planned.metadata(), options.planned.context());
    let bar = RowsBar::new(options.rows(), plan.name(), options.quiet || options.dry_run);
    // Until here there is nothing to clean up, so that Ctrl-C may end the program as it likes.
    let stop = interrupt::on_interrupt()?;
    let job = Job {
        rows: plan,
        format: options.format,
        folder: &options.folder,
        stem: plan.name(),
        parts: options.parts,
        options: options.writing,
        metadata: &metadata,
        context: &context,
        sidecars: &sidecars,
        progress: &bar,
        stop,
    };
    if options.dry_run {
        sinks::check(&job)?;
        return terminal::print(|out| summary::write_intent(&options, out));
    }
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
