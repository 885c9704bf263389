//! `datagen`: a dataset, written.

mod args;
mod clean;
mod database;
mod ddl;
mod describe;
mod listing;
mod options;
mod sidecars;
mod summary;
mod tables;
mod verify;

pub use args::Args;
use args::Command;

use std::time::Instant;

use super::progress::RowsBar;
use super::{interrupt, terminal};
use crate::Result;
use crate::measure::peak_rss_bytes;
use crate::sinks::{self, Job, Table};
use options::DatagenOptions;
use sidecars::Telling;
use summary::Summary;

/// Does what was typed.
///
/// # Errors
/// Whatever keeps it from being done, each with its exit code.
pub fn run(args: Args) -> Result<()> {
    match &args.command {
        Some(Command::Ddl(args)) => return ddl::run(args),
        Some(Command::Clean(args)) => return clean::run(args),
        Some(Command::Verify(args)) => return verify::run(args),
        Some(Command::Describe(args)) => return describe::run(args),
        None => {}
    }
    if args.list {
        return terminal::print(listing::write);
    }
    if args.print_spec {
        let dataset = options::dataset(&args)?;
        return terminal::print(|out| out.write_all(dataset.text().as_bytes()));
    }
    make(&DatagenOptions::check(&args)?)
}

/// Makes a dataset.
fn make(options: &DatagenOptions) -> Result<()> {
    let started = Instant::now();
    let planned = &options.planned;
    let bar = RowsBar::new(options.places(), planned.plan().name(), options.quiet || options.dry_run);
    // Until here there is nothing to clean up, so that Ctrl-C may end the program as it likes.
    let stop = interrupt::on_interrupt()?;
    let targets = options.targets()?;
    let chosen: Vec<_> = options.tables().rows().collect();
    let metadata: Vec<_> = chosen.iter().map(|(name, ..)| planned.table_metadata(name)).collect();
    let tables = chosen.iter().zip(&metadata);
    let tables: Vec<Table> = tables
        .map(|((name, rows, is_ledger), metadata)| Table {
            name,
            rows: *rows,
            metadata,
            is_ledger: *is_ledger,
        })
        .collect();
    let tell = Telling { planned, threads: options.writing.threads, stop };
    let sidecars = tell.sidecars();
    let job = Job {
        tables: &tables,
        targets: &targets,
        parts: options.parts,
        options: options.writing,
        context: &planned.context(),
        sidecars: &sidecars,
        progress: &bar,
        stop,
    };
    if options.dry_run {
        sinks::check(&job)?;
        return terminal::print(|out| summary::write_intent(options, &job, out));
    }
    let receipts = sinks::write(&job);
    bar.clear();
    let receipts = receipts?;
    // Standard output has rows in it.
    if options.quiet || options.files.stdout {
        return Ok(());
    }
    let seconds = started.elapsed().as_secs_f64();
    let summary = Summary { receipts: &receipts, seconds, peak_rss_bytes: peak_rss_bytes(), options };
    terminal::print(|out| summary.write(out))
}
