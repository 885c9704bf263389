//! Batches out: files that appear whole, the same bytes for any number of threads and any batch size.
//!
//! [`write()`] does a [`Job`]: it cuts the rows into parts (files) and the parts into chunks (row groups),
//! has several threads encode chunks, and appends them in order. Files are written under another name,
//! and get their own once all of them are complete; the manifest comes last. Memory is one chunk per
//! thread, whatever the number of rows.
//!
//! A format is one file and one line of [`FORMATS`]; the options of the command line and its `--list` are
//! derived from that slice.

mod claim;
mod compression;
mod files;
mod folder_lock;
mod job;
mod manifest;
mod null;
mod ordered;
mod parquet;
mod parts;
mod superseded;
mod whole_file;

use std::ops::Range;
use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::Result;

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

/// Writes one file in two phases: chunks are encoded by many threads, and appended in order by one.
///
/// The order of calls is `open`, any number of `append`, then `finish`, or `abandon` after an error.
trait Sink: Sync {
    /// What one thread keeps from chunk to chunk: buffers, compressors.
    type Scratch;
    /// An encoded chunk.
    type Chunk: Send;
    /// Where chunks go.
    type Output: Send;
    /// What is left when all chunks are appended.
    type Done;

    fn scratch(&self) -> Result<Self::Scratch>;

    /// Encodes the rows of the batches, which follow one another.
    fn encode(
        &self,
        scratch: &mut Self::Scratch,
        batches: &mut dyn Iterator<Item = RecordBatch>,
    ) -> Result<Self::Chunk>;

    fn open(&self) -> Result<Self::Output>;

    /// Appends the next chunk and returns the number of its rows.
    fn append(&self, output: &mut Self::Output, chunk: Self::Chunk) -> Result<u64>;

    fn finish(&self, output: Self::Output) -> Result<Self::Done>;

    /// Takes back what `open` and `append` left behind.
    fn abandon(&self);
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
    check: fn(&Job) -> Result<()>,
    run: fn(&Job) -> Result<Written>,
}

/// Every format, the default one first.
pub static FORMATS: &[Format] = &[
    Format {
        name: "parquet",
        about: "Parquet files: dictionaries kept as codes, statistics for skipping row groups",
        extension: Some("parquet"),
        check: parquet::check,
        run: parquet::write,
    },
    Format {
        name: "null",
        about: "nothing: the rows are generated and dropped, to measure generation alone",
        extension: None,
        // It leaves nothing, so nothing is in its way.
        check: |_| Ok(()),
        run: null::write,
    },
];

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
    (job.format.check)(job)
}

/// Does a job. Nothing is left under a final name unless all of it succeeds; two jobs that would write the
/// same names at the same time do not: the second is refused.
///
/// # Errors
/// Those of [`check`], [`Error::Io`](crate::Error::Io) for what the operating system refuses, and
/// [`Error::Interrupted`](crate::Error::Interrupted) once `job.stop` is raised.
pub fn write(job: &Job) -> Result<Written> {
    check(job)?;
    (job.format.run)(job)
}

#[cfg(test)]
mod tests;
