//! What the run trusts.

use std::path::Path;

use driftforge_generators::{MAX_RECORDS, Run};

use super::super::interrupt;
use super::super::values::{self, AsOf};
use super::Args;
use super::tables::{self, Tables};
use crate::datasets::{Dataset, PlannedDataset};
use crate::sinks::object_store::Destination;
use crate::sinks::postgres::TableLoad;
use crate::sinks::{self, Compression, Format, Options, PartitionBy, Parts, Target};
use crate::{Error, Result};

/// Where files go when nothing is asked for.
const DEFAULT_FOLDER: &str = "data";

/// Checked options of `datagen`.
pub(super) struct DatagenOptions {
    pub(super) planned: PlannedDataset,
    /// The names of the tables to make, ledgers of dirt among them.
    tables: Vec<String>,
    pub(super) files: Files,
    pub(super) parts: Parts,
    pub(super) writing: Options,
    /// The tables to load, where a database is asked for.
    loads: Vec<TableLoad>,
    pub(super) dry_run: bool,
    pub(super) quiet: bool,
}

/// Which files are asked for, and where.
pub(super) struct Files {
    pub(super) format: &'static Format,
    pub(super) compression: Compression,
    pub(super) place: Option<Destination>,
    pub(super) stdout: bool,
    partition_by: PartitionBy,
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
        let writing = Options {
            row_group_rows: args.row_group_rows,
            batch_rows: args.batch_size,
            threads: values::threads(args.threads)?,
            overwrite: args.overwrite,
        };
        writing.check()?;
        let parts = match args.rows_per_file {
            Some(rows) => Parts::of_places(rows, args.records)?,
            None => Parts::new(args.parts, args.part)?,
        };
        let files = Files::check(args)?;
        let dataset = dataset(args)?;
        let mut planned = dataset.plan(&run)?;
        let tables = tables::names(&planned, args.tables.as_deref(), files.stdout)?;
        let mut loads = args.database.check(&planned, &Tables::named(&planned, &tables))?;
        let earlier = args.database.earlier_loads(&planned, &loads)?;
        if !earlier.is_empty() {
            planned = dataset.plan_appended(&run, &earlier)?;
            loads = args.database.check(&planned, &Tables::named(&planned, &tables))?;
        }
        let (dry_run, quiet) = (args.dry_run, args.quiet);
        Ok(Self { planned, tables, files, parts, writing, loads, dry_run, quiet })
    }

    /// Where the rows go. The database comes first: it refuses more often than files do, and they are not
    /// there then.
    pub(super) fn targets(&self) -> Result<Vec<Target>> {
        let mut targets = Vec::new();
        if !self.loads.is_empty() {
            targets.push(Target::postgres(self.loads.clone()));
        }
        targets.extend(self.files.target()?);
        Ok(targets)
    }

    /// The tables to make.
    pub(super) fn tables(&self) -> Tables<'_> {
        Tables::named(&self.planned, &self.tables)
    }

    /// Places that are written of each table.
    pub(super) fn places_of_table(&self) -> u64 {
        let parts = self.parts.ranges(self.planned.plan().row_count());
        parts.map(|part| part.places.end - part.places.start).sum()
    }

    /// Places that are written, in all tables together.
    pub(super) fn places(&self) -> u64 {
        self.places_of_table() * self.tables.len() as u64
    }
}

impl Files {
    fn check(args: &Args) -> Result<Self> {
        let format = sinks::format(&args.format)
            .ok_or_else(|| Error::option("format", &args.format, "`--list` shows the formats"))?;
        let is_asked = args.stdout || args.database.to.is_some();
        let out = args.out.as_deref().or((!is_asked).then_some(DEFAULT_FOLDER));
        let place = out.map(|out| {
            // What was typed may hold a secret where an address is malformed.
            let shown = out.rsplit_once('@').map_or(out, |(_, behind)| behind);
            Destination::parse(out).map_err(|problem| Error::option("out", shown, problem))
        });
        let partition_by = args.partition_by.clone().unwrap_or_default();
        let has_folders = place.is_some() && format.extension.is_some();
        if !partition_by.is_empty() && !has_folders {
            let problem = "only files in a folder or an object store are partitioned: say where with --out";
            return Err(Error::option("partition-by", partition_by, problem));
        }
        Ok(Self {
            format,
            compression: args.compression.unwrap_or_else(|| format.default_compression()),
            place: place.transpose()?,
            stdout: args.stdout,
            partition_by,
        })
    }

    /// Where the files go, if any are asked for.
    fn target(&self) -> Result<Option<Target>> {
        let by = self.partition_by.clone();
        match &self.place {
            Some(Destination::Folder(folder)) => {
                Target::folder(folder, self.format, self.compression)?.partitioned(by).map(Some)
            }
            Some(Destination::Objects(address)) => {
                let stop = interrupt::on_interrupt()?;
                Target::objects(address, stop, self.format, self.compression)?.partitioned(by).map(Some)
            }
            None if self.stdout => Target::stdout(self.format, self.compression).map(Some),
            None => Ok(None),
        }
    }

    /// The folder of this machine that files go to.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self.place.as_ref()? {
            Destination::Folder(folder) => Some(folder),
            Destination::Objects(_) => None,
        }
    }
}
