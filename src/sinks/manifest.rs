//! `_manifest.json`: what was written, from what, and how to tell whether it is still so.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The version of the manifest's own form; it grows when a reader of the old form would misread the new.
/// Version 1 knew one table.
const FORMAT_VERSION: u32 = 2;

/// What files are: enough to make them again, and to compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the manifest's own form.
    pub format_version: u32,
    /// The program and its version.
    pub tool: String,
    /// The files' format, a name of [`FORMATS`](super::FORMATS).
    pub format: String,
    /// The dataset.
    #[serde(flatten)]
    pub context: Context,
    /// How files, or their pages, are compressed.
    pub compression: String,
    /// The number of parts that each table is cut into.
    pub parts: u32,
    /// The places in each part but the last, when that was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_per_file: Option<u64>,
    /// The columns whose values name folders, as `--partition-by` takes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_by: Option<String>,
    /// The only part that this manifest is about; `None` when it is about all.
    pub part: Option<u32>,
    /// The tables, each behind those that it refers to.
    pub tables: Vec<ManifestTable>,
    /// The ledger of what is there, of a dataset that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<ManifestSidecar>,
}

/// A small file beside the data, as the manifest has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestSidecar {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// XXH3-128 of its bytes, as 32 hexadecimal digits.
    pub xxh3_128: String,
}

/// The files of a table, as the manifest has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestTable {
    /// The table's name.
    pub name: String,
    /// Places in a chunk (a row group).
    pub row_group_rows: u64,
    /// The number of its rows in the files.
    pub rows: u64,
    /// The files, in row order.
    pub files: Vec<ManifestFile>,
}

/// The dataset that the rows come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Its name.
    pub dataset: String,
    /// The seed.
    pub seed: u64,
    /// The number of the customer whose rows they are.
    pub customer: u32,
    /// The day before which its rows lie, `YYYY-MM-DD`.
    pub as_of: String,
    /// The number of its rows, in all parts.
    pub records: u64,
    /// Whether the spec's drifts are in the rows.
    pub drift: bool,
    /// Whether all of the spec's dirt is in the rows; manifests without dirt do not say so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dirt: bool,
    /// The number of rows after each earlier load that rows were appended to; each load is spread over the whole
    /// calendar. Empty for rows that came at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub appended_to: Vec<u64>,
    /// The whole spec, as TOML.
    pub spec: String,
}

impl Context {
    /// [`Context::differences`] in one text; `None` when there are none.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        let differences = self.differences(other);
        (!differences.is_empty()).then(|| differences.join(", "))
    }

    /// The rows after each earlier load.
    fn told_loads(&self) -> String {
        if self.appended_to.is_empty() {
            return "nothing".to_owned();
        }
        self.appended_to.iter().map(u64::to_string).collect::<Vec<_>>().join(", then ")
    }

    /// In what two runs of a dataset differ: everything that would make other rows.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        let pairs = [
            ("--records", self.records.to_string(), other.records.to_string()),
            ("--seed", self.seed.to_string(), other.seed.to_string()),
            ("--customer", self.customer.to_string(), other.customer.to_string()),
            ("--as-of", self.as_of.clone(), other.as_of.clone()),
            ("drift", self.drift.to_string(), other.drift.to_string()),
            ("dirt", self.dirt.to_string(), other.dirt.to_string()),
            ("rows appended to", self.told_loads(), other.told_loads()),
        ];
        let mut told = different(pairs);
        told.extend((self.spec != other.spec).then(|| "another spec".to_owned()));
        told
    }
}

fn different<const N: usize>(pairs: [(&str, String, String); N]) -> Vec<String> {
    let different = pairs.into_iter().filter(|(_, here, there)| here != there);
    different
        .map(|(what, here, there)| format!("{what} {} instead of {there}", here.escape_debug()))
        .collect()
}

/// A file, as the manifest has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its name, from the manifest's folder on, with `/` between folders.
    pub name: String,
    /// The place (row of the root table) that it begins at, counted from 0 in the whole dataset.
    pub first_place: u64,
    /// The places that it is about. A table that gives one row for each has as many rows.
    pub places: u64,
    /// The number of its rows.
    pub rows: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// XXH3-128 of its bytes, as 32 hexadecimal digits.
    pub xxh3_128: String,
    /// The values that its folders stand for, the outermost first. Such a file has those rows of its places that
    /// have these values; columns of text among them are not in the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partition: Vec<PartitionValue>,
}

/// A value that a folder stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionValue {
    /// What the folder calls its column.
    pub column: String,
    /// The value as text; `None` is null.
    pub value: Option<String>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// A file that cannot be read, is not a manifest, or is one of another form.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path).map_err(|error| Error::io(path, "read the manifest", error))?;
        Self::parse(path, &text)
    }

    /// Reads a manifest's text; `path` is for messages.
    ///
    /// # Errors
    /// A text that is not a manifest, or is one of another form.
    pub fn parse(path: &Path, text: &[u8]) -> Result<Self> {
        let not_one = |error| Error::input(path, format!("not a manifest of driftforge: {error}"));
        let version: Version = serde_json::from_slice(text).map_err(not_one)?;
        match version.format_version {
            FORMAT_VERSION => serde_json::from_slice(text).map_err(not_one),
            other => Err(Error::input(
                path,
                format!("a manifest of format version {other}; this program knows version {FORMAT_VERSION}"),
            )),
        }
    }

    /// The files of all tables.
    pub fn files(&self) -> impl Iterator<Item = &ManifestFile> {
        self.tables.iter().flat_map(|table| &table.files)
    }

    /// Every file that it names, with size and digest, the small ones among them.
    pub fn named_files(&self) -> impl Iterator<Item = (&str, u64, &str)> {
        let data = self.files().map(|file| (&*file.name, file.bytes, &*file.xxh3_128));
        data.chain(self.ledger.iter().map(|file| (&*file.name, file.bytes, &*file.xxh3_128)))
    }

    pub(super) fn current_format_version() -> u32 {
        FORMAT_VERSION
    }

    /// In what two runs differ: everything that would make other files.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        let row_groups = |manifest: &Self| {
            let tables = manifest.tables.iter();
            tables
                .map(|table| format!("{} of {}", table.row_group_rows, table.name))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let rows_per_file =
            |manifest: &Self| manifest.rows_per_file.map_or("none".to_owned(), |rows| rows.to_string());
        let partition_by = |manifest: &Self| manifest.partition_by.clone().unwrap_or("none".to_owned());
        let mut told = self.context.differences(&other.context);
        told.extend(different([
            ("--format", self.format.clone(), other.format.clone()),
            ("--compression", self.compression.clone(), other.compression.clone()),
            ("--parts", self.parts.to_string(), other.parts.to_string()),
            ("--rows-per-file", rows_per_file(self), rows_per_file(other)),
            ("--partition-by", partition_by(self), partition_by(other)),
            ("rows in row groups", row_groups(self), row_groups(other)),
            ("version", self.tool.clone(), other.tool.clone()),
        ]));
        told
    }
}

/// What every form of the manifest has.
#[derive(Deserialize)]
struct Version {
    format_version: u32,
}
