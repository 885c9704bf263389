//! `_manifest.json`: what was written, from what, and how to tell whether it is still so.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::storage::StoredFile;
use super::whole_file::WholeFile;
use super::{Job, WrittenFile};
use crate::{Error, Result};

/// The version of the manifest's own form; it grows when a reader of the old form would misread the new.
const FORMAT_VERSION: u32 = 1;

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
    /// How pages are compressed.
    pub compression: String,
    /// Rows in a row group.
    pub row_group_rows: u64,
    /// The number of parts that the dataset is cut into.
    pub parts: u32,
    /// The only part that this manifest is about; `None` when it is about all.
    pub part: Option<u32>,
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
    /// The whole spec, as TOML.
    pub spec: String,
}

impl Context {
    /// In what two runs of a dataset differ, if they do: the first thing that would make other rows.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        let pairs = [
            ("--records", self.records.to_string(), other.records.to_string()),
            ("--seed", self.seed.to_string(), other.seed.to_string()),
            ("--customer", self.customer.to_string(), other.customer.to_string()),
            ("--as-of", self.as_of.clone(), other.as_of.clone()),
            ("drift", self.drift.to_string(), other.drift.to_string()),
            ("dirt", self.dirt.to_string(), other.dirt.to_string()),
        ];
        let different = pairs.into_iter().find(|(_, here, there)| here != there);
        let told =
            different.map(|(what, here, there)| format!("{what} {} instead of {there}", here.escape_debug()));
        told.or_else(|| (self.spec != other.spec).then(|| "another spec".to_owned()))
    }
}

/// A file, as the manifest has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its name, beside the manifest.
    pub name: String,
    /// The dataset's row that is its first, counted from 0.
    pub first_row: u64,
    /// The number of its rows.
    pub rows: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// XXH3-128 of its bytes, as 32 hexadecimal digits.
    pub xxh3_128: String,
}

impl Manifest {
    pub(super) fn new(job: &Job, files: &[WrittenFile]) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            tool: concat!("driftforge ", env!("CARGO_PKG_VERSION")).to_owned(),
            format: job.format.name.to_owned(),
            context: job.context.clone(),
            compression: job.options.compression.to_string(),
            row_group_rows: job.options.row_group_rows,
            parts: job.parts.count(),
            part: job.parts.only().filter(|_| job.parts.count() > 1),
            files: files.iter().map(ManifestFile::new).collect(),
        }
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// A file that cannot be read, is not a manifest, or is one of a later form.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path).map_err(|error| Error::io(path, "read the manifest", error))?;
        let manifest: Self = serde_json::from_slice(&text)
            .map_err(|error| Error::input(path, format!("not a manifest of driftforge: {error}")))?;
        match manifest.format_version {
            FORMAT_VERSION => Ok(manifest),
            other => Err(Error::input(
                path,
                format!("a manifest of format version {other}; this program knows version {FORMAT_VERSION}"),
            )),
        }
    }
}

impl ManifestFile {
    fn new(file: &WrittenFile) -> Self {
        Self {
            name: file.name.clone(),
            first_row: file.first_row,
            rows: file.rows,
            bytes: file.bytes,
            xxh3_128: file.digest.clone(),
        }
    }
}

/// Writes a manifest, which gets its name when it is published.
///
/// # Errors
/// The operating system's refusal; the unfinished file is still there then.
pub(super) fn write(mut file: WholeFile, path: &Path, manifest: &Manifest) -> Result<()> {
    let written = serde_json::to_writer_pretty(&mut file, manifest).map_err(Into::into);
    let closed = written.and_then(|()| file.write_all(b"\n")).and_then(|()| Box::new(file).close());
    closed.map(drop).map_err(|error| Error::io(path, "write the manifest", error))
}
