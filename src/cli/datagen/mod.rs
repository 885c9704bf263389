//! `datagen`: a dataset, written.

mod args;
mod clean;
mod database;
mod ddl;
mod listing;
mod options;
mod summary;

pub use args::Args;
use args::Command;

use std::time::Instant;

use super::progress::RowsBar;
use super::{interrupt, terminal};
use crate::measure::peak_rss_bytes;
use crate::reports::numbers;
use crate::sinks::postgres;
use crate::sinks::{self, Job, Sidecar};
use crate::{Error, Result};
use options::DatagenOptions;
use summary::Summary;

/// Does what was typed.
///
/// # Errors
/// Whatever keeps it from being done, each with its exit code.
pub fn run(args: Args) -> Result<()> {
    match &args.command {
        Some(Command::Ddl(args)) => return ddl::run(args),
        Some(Command::Clean(args)) => return clean::run(args),
        None => {}
    }
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
    if !options.loads.is_empty() {
        return load_database(&job, &options, &bar);
    }
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

/// Loads a database instead of writing files.
fn load_database(job: &Job, options: &DatagenOptions, bar: &RowsBar) -> Result<()> {
    let started = Instant::now();
    let plans = options.planned.collection().tables();
    let jobs: Vec<_> =
        plans.iter().zip(&options.loads).map(|(plan, load)| (Job { rows: plan, ..*job }, load)).collect();
    if options.dry_run {
        jobs.iter().try_for_each(|(job, load)| postgres::check(job, load))?;
        return terminal::print(|out| {
            let names = options.loads.iter().map(|load| load.options.table.to_string()).collect::<Vec<_>>();
            let rows = numbers::grouped(options.rows());
            writeln!(
                out,
                "would load {rows} rows of {}, into {}",
                options.planned.plan().name(),
                names.join(", ")
            )
        });
    }
    let loaded = jobs.iter().map(|(job, load)| postgres::load(job, load)).collect::<Result<Vec<u64>>>();
    bar.clear();
    let loaded = loaded?;
    if options.quiet {
        return Ok(());
    }
    let seconds = started.elapsed().as_secs_f64();
    terminal::print(|out| summary::write_loads(&options.loads, &loaded, seconds, out))
}

/// The truth as a file.
fn truth(options: &DatagenOptions) -> Result<Sidecar> {
    let plan = options.planned.plan();
    let mut content = serde_json::to_vec_pretty(&plan.truth())
        .map_err(|error| Error::io(&options.folder, "tell the truth", error.into()))?;
    content.push(b'\n');
    Ok(Sidecar { name: format!("{}.truth.json", plan.name()), content })
}
