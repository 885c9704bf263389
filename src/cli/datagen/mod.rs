//! `datagen`: a dataset, written.

mod args;
mod clean;
mod database;
mod ddl;
mod describe;
mod listing;
mod options;
mod summary;
mod verify;

pub use args::Args;
use args::Command;

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use serde::Serialize;

use super::progress::RowsBar;
use super::{interrupt, terminal};
use crate::ledger::Ledger;
use crate::measure::peak_rss_bytes;
use crate::sinks::{self, Job, Sidecar, Table};
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
    let faults = options.dirt_ledgers();
    let tables = options.places_of_table() * (options.tables().count() + faults.len()) as u64;
    let bar = RowsBar::new(tables, planned.plan().name(), options.quiet || options.dry_run);
    // Until here there is nothing to clean up, so that Ctrl-C may end the program as it likes.
    let stop = interrupt::on_interrupt()?;
    let targets = options.targets()?;
    let metadata: Vec<_> = options.tables().map(|table| planned.table_metadata(table)).collect();
    let common = planned.metadata();
    let tables = options.tables().zip(&metadata);
    let tables: Vec<Table> = tables
        .map(|(table, metadata)| Table { name: table.table(), rows: table, metadata, is_ledger: false })
        .chain(faults.iter().map(|(name, faults)| Table {
            name,
            rows: faults,
            metadata: &common,
            is_ledger: true,
        }))
        .collect();
    let sidecars = if options.dry_run { Vec::new() } else { sidecars(options, stop)? };
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

/// The small files beside the data: the truth, and what whoever loads the data must find.
fn sidecars(options: &DatagenOptions, stop: &AtomicBool) -> Result<Vec<Sidecar>> {
    if !options.files.has_files() || options.parts.only().is_some_and(|part| part > 1) {
        return Ok(Vec::new());
    }
    let planned = &options.planned;
    let name = planned.plan().name();
    let ledger = Ledger::count(planned, options.writing.threads, stop)?;
    Ok(vec![
        sidecar(format!("{name}.truth.json"), &planned.collection().truth())?,
        sidecar(Ledger::file_name(name), &ledger)?,
    ])
}

fn sidecar(name: String, content: &impl Serialize) -> Result<Sidecar> {
    let written = serde_json::to_vec_pretty(content);
    let mut content = written.map_err(|error| Error::io(&name, "write the file", error.into()))?;
    content.push(b'\n');
    Ok(Sidecar { name, content })
}
