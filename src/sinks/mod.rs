//! Batches out: files that appear whole, the same bytes for any number of threads and any batch size.
//!
//! [`write()`] does a [`Job`]: it cuts the rows into parts (files) and the parts into chunks (row groups),
//! has several threads encode chunks, and appends them in order. Files are written under another name,
//! and get their own once all of them are complete; the manifest comes last. Memory is one chunk per
//! thread, whatever the number of rows.
//!
//! A format is one file (see [`output::FileFormat`]) and one line of [`FORMATS`]; the options of the command line
//! and its `--list` are derived from that slice.

#[cfg(test)]
mod any_batch;
mod arrow_ipc;
mod claim;
mod compression;
mod csv;
mod file_output;
mod files;
mod folder_lock;
mod job;
mod jsonl;
mod manifest;
mod null;
pub mod object_store;
mod ordered;
mod output;
mod parquet;
mod parts;
pub mod postgres;
mod storage;
mod superseded;
mod text;
mod whole_file;

use std::ops::Range;
use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use self::output::FileFormat;
use crate::{Error, Result};

pub use self::compression::Compression;
pub use self::job::{Job, Options, Sidecar};
pub use self::manifest::{Context, Manifest, ManifestFile};
pub use self::parts::{Part, Parts};

/// What is written: rows that can be made in any order, from any thread.
pub trait Rows: Sync {
    /// The schema of every batch.
    fn schema(&self) -> SchemaRef;

    /// How many rows there are.
    fn row_count(&self) -> u64;

    /// The rows of a range that lies within `0..row_count()`. The same range always gives the same rows.
    fn batch(&self, rows: Range<u64>) -> RecordBatch;
}

/// Takes note of rows as they are written.
pub trait Progress: Sync {
    /// `rows` more rows are written. Called in row order, by one thread at a time.
    fn rows_written(&self, rows: u64);
}

/// Progress that nobody watches.
impl Progress for () {
    fn rows_written(&self, _rows: u64) {}
}

/// A format that claims can be written in.
#[derive(Debug)]
pub struct Format {
    /// The name on the command line.
    pub name: &'static str,
    /// One line on what it is for.
    pub about: &'static str,
    /// What its files' names end with, without the dot; `None` when it leaves no files.
    pub extension: Option<&'static str>,
    /// The names of the compressions that it takes, the default first.
    pub compressions: &'static [&'static str],
    /// Whether a compressed file is compressed from its first byte to its last, and says so in its name.
    pub compresses_whole_files: bool,
    /// Whether it can be written to a pipe.
    pub streams: bool,
    /// Rows in a chunk (a row group) unless said otherwise: what a thread can well hold in memory.
    pub chunk_rows: u64,
    /// The most chunks (row groups) in a file.
    most_chunks: u64,
    /// `None`: rows are generated and dropped.
    open: Option<fn(&Content) -> Result<Box<dyn FileFormat>>>,
}

/// What a format is to know of the files of a table.
struct Content<'a> {
    /// The table's name, for messages.
    table: &'a str,
    schema: SchemaRef,
    compression: Compression,
    /// Key-value pairs that each file carries where the format has a place for them.
    metadata: &'a [(String, String)],
}

/// Every format, the default one first.
pub static FORMATS: &[Format] = &[
    Format {
        name: "parquet",
        about: "Parquet files: dictionaries kept as codes, statistics for skipping row groups",
        extension: Some("parquet"),
        compressions: &["zstd", "none", "snappy", "lz4"],
        compresses_whole_files: false,
        streams: false,
        chunk_rows: Options::DEFAULT_ROW_GROUP_ROWS,
        most_chunks: parquet::MOST_ROW_GROUPS,
        open: Some(parquet::open),
    },
    Format {
        name: "csv",
        about: "CSV files by RFC 4180: a header, quotes where needed, nested columns as JSON text",
        extension: Some("csv"),
        compressions: &["none", "gzip", "zstd"],
        compresses_whole_files: true,
        streams: true,
        chunk_rows: text::CHUNK_ROWS,
        most_chunks: u64::MAX,
        open: Some(csv::open),
    },
    Format {
        name: "jsonl",
        about: "JSON Lines: one object a row, nested columns as arrays and objects",
        extension: Some("jsonl"),
        compressions: &["none", "gzip", "zstd"],
        compresses_whole_files: true,
        streams: true,
        chunk_rows: text::CHUNK_ROWS,
        most_chunks: u64::MAX,
        open: Some(jsonl::open),
    },
    Format {
        name: "arrow",
        about: "Arrow IPC files: record batches as they lie in memory, dictionaries kept as codes",
        extension: Some("arrow"),
        compressions: &["none", "lz4", "zstd"],
        compresses_whole_files: false,
        streams: true,
        chunk_rows: arrow_ipc::CHUNK_ROWS,
        most_chunks: u64::MAX,
        open: Some(arrow_ipc::open),
    },
    Format {
        name: "null",
        about: "nothing: the rows are generated and dropped, to measure generation alone",
        extension: None,
        compressions: &["none"],
        compresses_whole_files: false,
        streams: false,
        chunk_rows: Options::DEFAULT_ROW_GROUP_ROWS,
        most_chunks: u64::MAX,
        open: None,
    },
];

impl Format {
    /// What the names of its files end with when compressed like this; `None` when it leaves no files.
    #[must_use]
    pub fn extension(&self, compression: Compression) -> Option<String> {
        let suffix = if self.compresses_whole_files { compression.file_suffix() } else { "" };
        self.extension.map(|extension| format!("{extension}{suffix}"))
    }

    /// How its files are compressed unless said otherwise.
    #[must_use]
    pub fn default_compression(&self) -> Compression {
        self.compressions.first().and_then(|name| name.parse().ok()).unwrap_or(Compression::None)
    }

    fn check(&self, job: &Job) -> Result<()> {
        let compression = job.options.compression;
        if self.open.is_some() && !self.compressions.contains(&compression.name()) {
            let problem = format!("{} files take {}", self.name, self.compressions.join(", "));
            return Err(Error::option("compression", compression, problem));
        }
        let chunk_rows = job.options.row_group_rows;
        let most_rows = self.most_chunks.saturating_mul(chunk_rows);
        let mut sizes = job.parts.ranges(job.rows.row_count()).map(|part| part.rows.end - part.rows.start);
        match sizes.find(|rows| *rows > most_rows) {
            None => Ok(()),
            Some(rows) => {
                let (most, least) = (self.most_chunks, rows.div_ceil(self.most_chunks));
                let problem = format!(
                    "a {} file has at most {most} row groups: take at least {least}, or more parts",
                    self.name
                );
                Err(Error::option("row-group-rows", chunk_rows, problem))
            }
        }
    }
}

/// The format with this name.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// What a job wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Rows written, in all files together.
    pub rows: u64,
    /// The files, in row order.
    pub files: Vec<WrittenFile>,
    /// The small files beside the data.
    pub sidecars: Vec<PathBuf>,
    /// The manifest; `None` for a format without files.
    pub manifest: Option<PathBuf>,
}

impl Written {
    /// The size of all files together, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// A file that a job wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name in the place that all files went to, with `/` between folders.
    pub name: String,
    /// The dataset's row that is the file's first, counted from 0.
    pub first_row: u64,
    /// The number of its rows.
    pub rows: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// XXH3-128 of its bytes, as 32 hexadecimal digits.
    pub digest: String,
}

/// Whether a job could begin now: everything that [`write()`] looks at before it works. Nothing is changed.
///
/// # Errors
/// [`Error::Option`](crate::Error::Option) for options out of range, [`Error::Input`](crate::Error::Input)
/// for files in the way, another dataset in the folder or another run at work there, and
/// [`Error::Io`](crate::Error::Io) for a folder that cannot be read.
pub fn check(job: &Job) -> Result<()> {
    job.options.check()?;
    job.format.check(job)?;
    match job.extension() {
        Some(extension) => claim::check(job, &extension),
        // It leaves nothing, so nothing is in its way.
        None => Ok(()),
    }
}

/// Does a job. Nothing is left under a final name unless all of it succeeds; two jobs that would write the
/// same names at the same time do not: the second is refused.
///
/// # Errors
/// Those of [`check`], [`Error::Io`](crate::Error::Io) for what the operating system refuses, and
/// [`Error::Interrupted`](crate::Error::Interrupted) once `job.stop` is raised.
pub fn write(job: &Job) -> Result<Written> {
    check(job)?;
    match (job.format.open, job.extension()) {
        (Some(open), Some(extension)) => files::write(job, &extension, &*open(&job.content())?),
        _ => null::write(job),
    }
}

#[cfg(test)]
mod tests;
