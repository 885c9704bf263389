//! What the files of a job are called.

use super::manifest::{Manifest, ManifestTable};
use super::parts::Part;
use super::{Compression, Format, Job, Table, journal};

/// The folder of tables that tell about the data.
const LEDGER_FOLDER: &str = "_ledger";

/// The names of a job's files in one storage. A dataset of one table has its files in the place itself; of
/// several, each has a folder, and tables that tell about the data share one.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub job: &'a Job<'a>,
    pub format: &'static Format,
    pub compression: Compression,
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

    /// The name of a part's file.
    pub(super) fn file_name(&self, table: &Table<'a>, part: &Part) -> String {
        in_folder(self.folder(table), &part.file_name(table.name, &self.extension()))
    }

    /// The names of all files that the job writes, the small ones among them, without the manifest.
    pub(super) fn file_names(&self) -> impl Iterator<Item = String> + '_ {
        let data = self.job.tables.iter().flat_map(move |table| {
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
