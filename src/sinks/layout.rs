//! What the files of a job are called.

use super::manifest::{Manifest, ManifestTable};
use super::partition_by::PartitionBy;
use super::partitioning::Partitioning;
use super::parts::Part;
use super::{Compression, Format, Job, Table, journal};
use crate::{Error, Result};

/// The folder of tables that tell about the data.
const LEDGER_FOLDER: &str = "_ledger";

/// The names of a job's files in one storage. A dataset of one table has its files in the place itself; of
/// several, each has a folder, and tables that tell about the data share one.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub job: &'a Job<'a>,
    pub format: &'static Format,
    pub compression: Compression,
    pub partition_by: &'a PartitionBy,
}

impl<'a> Layout<'a> {
    /// What the names of the data files end with, without the dot.
    pub(super) fn extension(&self) -> String {
        self.format.extension(self.compression).unwrap_or_default()
    }

    /// The folder of a table; `""` for the place itself.
    pub(super) fn folder(&self, table: &Table<'a>) -> &'a str {
        let data_tables = self.job.tables.iter().filter(|table| !table.is_ledger).count();
        match (table.is_ledger, data_tables) {
            (true, _) => LEDGER_FOLDER,
            (false, 1) => "",
            (false, _) => table.name,
        }
    }

    /// How the rows of a table go to folders; `None` for one whose files go to none.
    ///
    /// # Errors
    /// A column that names no folders.
    pub(super) fn partitioning(&self, table: &Table) -> Result<Option<Partitioning>> {
        if table.is_ledger {
            return Ok(None);
        }
        Partitioning::of(self.partition_by, &table.rows.schema(), table.name)
    }

    /// Whether the rows of a table go to folders of their values. A table that cannot be cut so was refused.
    pub(super) fn is_partitioned(&self, table: &Table) -> bool {
        matches!(self.partitioning(table), Ok(Some(_)))
    }

    /// Whether some table has all columns of `--partition-by`, each of a type that suits.
    ///
    /// # Errors
    /// Names the first column that no table has, or the tables.
    pub(super) fn check_partitions(&self) -> Result<()> {
        let tables = || self.job.tables.iter().filter(|table| !table.is_ledger);
        let mut is_cut = self.partition_by.is_empty();
        for table in tables() {
            is_cut |= self.partitioning(table)?.is_some();
        }
        if is_cut {
            return Ok(());
        }
        let columns = self.partition_by.columns();
        let schemas: Vec<_> = tables().map(|table| table.rows.schema()).collect();
        let is_there = |name: &str| schemas.iter().any(|schema| schema.index_of(name).is_ok());
        let problem = match columns.iter().find(|column| !is_there(&column.column)) {
            None => "no table has all of these columns".to_owned(),
            Some(missing) => {
                let names = schemas.first().map(|schema| {
                    let names = schema.fields().iter().map(|field| field.name().as_str());
                    names.collect::<Vec<_>>().join(", ")
                });
                format!("no column {}; there are {}", missing.column, names.unwrap_or_default())
            }
        };
        Err(Error::option("partition-by", self.partition_by, problem))
    }

    /// The name of a part's file in a folder of values.
    pub(super) fn partition_file_name(&self, table: &Table<'a>, part: &Part, values: &str) -> String {
        let file = part.file_name(table.name, &self.extension());
        in_folder(self.folder(table), &in_folder(values, &file))
    }

    /// The name of a part's file as it can be told before its rows are made: with a star for the values of folders.
    pub(super) fn planned_name(&self, table: &Table<'a>, part: &Part) -> String {
        match self.partitioning(table) {
            Ok(Some(partitioning)) => self.partition_file_name(table, part, &partitioning.pattern()),
            _ => self.file_name(table, part),
        }
    }

    /// The name of a part's file.
    pub(super) fn file_name(&self, table: &Table<'a>, part: &Part) -> String {
        in_folder(self.folder(table), &part.file_name(table.name, &self.extension()))
    }

    /// The names of all files that the job writes, so far as they are known before the rows are made; the small
    /// ones are among them, and the manifest is not.
    pub(super) fn file_names(&self) -> impl Iterator<Item = String> + '_ {
        let whole = self.job.tables.iter().filter(|table| !self.is_partitioned(table));
        let data = whole.flat_map(move |table| {
            let parts = self.job.parts.ranges(0);
            parts.map(move |part| self.file_name(table, &part))
        });
        data.chain(self.job.sidecars_to_write().iter().map(|sidecar| sidecar.name.clone()))
    }

    pub(super) fn manifest_name(&self) -> String {
        self.job.parts.manifest_name()
    }

    pub(super) fn journal_name(&self) -> String {
        format!("{}{}", self.manifest_name(), journal::ENDING)
    }

    /// The manifest of the job, without files.
    pub(super) fn manifest(&self) -> Manifest {
        let parts = self.job.parts;
        let table = |table: &Table| ManifestTable {
            name: table.name.to_owned(),
            row_group_rows: self.job.chunk_places(table),
            rows: 0,
            files: Vec::new(),
        };
        Manifest {
            format_version: Manifest::current_format_version(),
            tool: concat!("driftforge ", env!("CARGO_PKG_VERSION")).to_owned(),
            format: self.format.name.to_owned(),
            context: self.job.context.clone(),
            compression: self.compression.to_string(),
            parts: parts.count(),
            rows_per_file: parts.places_per_part(),
            partition_by: (!self.partition_by.is_empty()).then(|| self.partition_by.to_string()),
            part: parts.only().filter(|_| parts.count() > 1),
            tables: self.job.tables.iter().map(table).collect(),
            ledger: None,
        }
    }
}

/// A name in a folder; `""` is the place itself.
pub(super) fn in_folder(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
