//! What the run trusts.

use std::path::PathBuf;

use driftforge_generators::{MAX_RECORDS, Run};

use super::super::values::{self, AsOf};
use super::Args;
use crate::datasets::{Dataset, PlannedDataset};
use crate::sinks::postgres::TableLoad;
use crate::sinks::{self, Format, Options, Parts};
use crate::{Error, Result};

/// Checked options of `datagen`.
pub(super) struct DatagenOptions {
    pub(super) planned: PlannedDataset,
    pub(super) format: &'static Format,
    pub(super) folder: PathBuf,
    pub(super) parts: Parts,
    pub(super) writing: Options,
    /// The tables to load, where a database is asked for.
    pub(super) loads: Vec<TableLoad>,
    pub(super) dry_run: bool,
    pub(super) quiet: bool,
}

/// The dataset that was asked for.
pub(super) fn dataset(args: &Args) -> Result<Dataset> {
    match &args.spec {
        Some(path) => Dataset::from_file(path),
        None => Dataset::built_in(&args.dataset),
    }
}

impl DatagenOptions {
    pub(super) fn check(args: &Args) -> Result<Self> {
        if args.records > MAX_RECORDS {
            return Err(Error::option("records", args.records, format!("at most {MAX_RECORDS} are allowed")));
        }
        let run = Run {
            records: args.records,
            seed: args.generation.seed,
            customer: args.generation.customer,
            as_of: args.as_of.map(AsOf::date),
            drift: !args.no_drift,
            dirt: args.dirt,
        };
        let format = sinks::format(&args.format)
            .ok_or_else(|| Error::option("format", &args.format, "`--list` shows the formats"))?;
        let writing = Options {
            compression: args.compression.unwrap_or_else(|| format.default_compression()),
            row_group_rows: args.row_group_rows.unwrap_or(format.chunk_rows),
            batch_rows: args.batch_size,
            threads: values::threads(args.threads)?,
            overwrite: args.overwrite,
        };
        writing.check()?;
        let parts = Parts::new(args.parts, args.part)?;
        let planned = dataset(args)?.plan(&run)?;
        let loads = args.database.check(&planned)?;
        let (folder, dry_run, quiet) = (args.out.clone(), args.dry_run, args.quiet);
        Ok(Self { planned, format, folder, parts, writing, loads, dry_run, quiet })
    }

    /// Rows that are written.
    pub(super) fn rows(&self) -> u64 {
        self.parts.ranges(self.planned.plan().row_count()).map(|part| part.rows.end - part.rows.start).sum()
    }
}
