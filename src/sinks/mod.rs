//! Batches out: files that appear whole, the same bytes for any number of threads and any batch size.
//!
//! [`write()`] does a [`Job`]: it cuts the tables into parts (files) and the parts into chunks (row groups),
//! has several threads encode chunks, and appends them in order, to every [`Target`] in one pass. Files are
//! written under another name, and get their own once all of them are complete; the manifest comes last. A journal
//! of what is finished lets the same job go on where it was killed. Memory is one chunk per thread, whatever the
//! number of rows.
//!
//! A format is one file (see `FileFormat` in `src/sinks/output.rs`) and one line of [`FORMATS`]; the options of the command line
//! and its `--list` are derived from that slice.

#[cfg(test)]
mod any_batch;
mod arrow_ipc;
mod compression;
mod csv;
mod file_output;
mod file_sink;
mod job;
mod journal;
mod jsonl;
mod layout;
mod manifest;
mod null;
pub mod object_store;
mod ordered;
mod output;
mod parquet;
mod partition_by;
mod partitioned_encoder;
mod partitioning;
mod parts;
pub mod postgres;
mod sidecar;
mod stdout;
mod storage;
mod superseded;
mod target;
mod text;

use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use self::ordered::Work;
use self::output::{Delivered, FileFormat, Loading, Output};
use crate::{Error, Result};

pub use self::compression::Compression;
pub use self::job::{Job, Options, Table};
pub use self::manifest::{Context, Manifest, ManifestFile, ManifestSidecar, ManifestTable, PartitionValue};
pub use self::partition_by::{DateUnit, PartitionBy, PartitionColumn};
pub(crate) use self::partitioning::Partitioning;
pub use self::parts::{Part, Parts};
pub use self::sidecar::Sidecar;
pub use self::target::Target;
pub(crate) use self::text::TextRows;

/// What is written: the rows of a table, which can be made in any order, from any thread.
pub trait Rows: Sync {
    /// The schema of every batch.
    fn schema(&self) -> SchemaRef;

    /// How many places there are: rows of the dataset's root table. A table has any number of rows for each.
    fn row_count(&self) -> u64;

    /// The rows of places that lie within `0..row_count()`. The same places always give the same rows.
    fn batch(&self, places: Range<u64>) -> RecordBatch;
}

/// Takes note of what is written.
pub trait Progress: Sync {
    /// `places` more places of a table are written. Called in order, by one thread at a time.
    fn places_written(&self, places: u64);
}

/// Progress that nobody watches.
impl Progress for () {
    fn places_written(&self, _places: u64) {}
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
    chunk_rows: u64,
    /// The most chunks in a file.
    most_chunks: u64,
    /// `None`: rows are generated and dropped.
    open: Option<Open>,
}

/// Makes a format ready for the files of a table.
///
/// # Errors
/// A schema that the format cannot store.
type Open = fn(&Content) -> Result<Box<dyn FileFormat>>;

/// What a format is to know of the files of a table.
struct Content<'a> {
    /// The table's name, for messages.
    table: &'a str,
    schema: SchemaRef,
    compression: Compression,
    /// Key-value pairs that each file carries where the format has a place for them.
    metadata: &'a [(String, String)],
    /// Whether it goes to a pipe: there is one file, and nobody can go back in it.
    is_stream: bool,
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

    /// The format for files of this content.
    fn open(&self, content: &Content) -> Result<Box<dyn FileFormat>> {
        let open = self.open.ok_or_else(|| Error::option("format", self.name, "it leaves no files"))?;
        open(content)
    }

    /// Whether the format takes this compression.
    fn check_compression(&self, compression: Compression) -> Result<()> {
        if self.compressions.contains(&compression.name()) {
            return Ok(());
        }
        let problem = format!("{} files take {}", self.name, self.compressions.join(", "));
        Err(Error::option("compression", compression, problem))
    }

    /// Whether the job's parts fit into its files.
    fn check(&self, job: &Job) -> Result<()> {
        for table in job.tables {
            let chunk_rows = job.chunk_places(table);
            let most_rows = self.most_chunks.saturating_mul(chunk_rows);
            let parts = job.parts.ranges(table.rows.row_count());
            let mut sizes = parts.map(|part| part.places.end - part.places.start);
            if let Some(rows) = sizes.find(|rows| *rows > most_rows) {
                let (most, least) = (self.most_chunks, rows.div_ceil(self.most_chunks));
                let problem = format!(
                    "a {} file has at most {most} row groups: take at least {least}, or more parts",
                    self.name
                );
                return Err(Error::option("row-group-rows", chunk_rows, problem));
            }
        }
        Ok(())
    }
}

/// The format with this name.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// What a job wrote to one target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Rows of all tables together, without those that tell about the data.
    pub rows: u64,
    /// The files, in the order of tables and rows; none for a target without files.
    pub files: Vec<WrittenFile>,
    /// The small files beside the data.
    pub sidecars: Vec<PathBuf>,
    /// The manifest; `None` for a target without files.
    pub manifest: Option<PathBuf>,
    /// Whether all of it was there before, and was found as it should be.
    pub was_complete: bool,
    /// The files that an interrupted run had finished.
    pub resumed_files: usize,
    /// Where rows are that are in no files, as a person says it.
    pub loaded: Vec<String>,
    /// The tables that lack a column of `--partition-by`, and are in no folders of its values.
    pub unpartitioned: Vec<String>,
}

impl Receipt {
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
    /// The places whose rows it has, counted in the whole dataset.
    pub places: Range<u64>,
    /// The number of its rows.
    pub rows: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// XXH3-128 of its bytes, as 32 hexadecimal digits.
    pub digest: String,
    /// The values that its folders stand for, the outermost first.
    pub partition: Vec<PartitionValue>,
}

/// Whether a job could begin now: everything that [`write()`] looks at before it works. Nothing is changed.
///
/// # Errors
/// [`Error::Option`] for options out of range, [`Error::Input`] for files in the way, another dataset or run in
/// the folder or another run at work there, and [`Error::Io`] for a folder that cannot be read.
pub fn check(job: &Job) -> Result<()> {
    job.options.check()?;
    job.targets.iter().try_for_each(|target| target.sink().check(job))
}

/// The files that a job would write, with their places.
#[must_use]
pub fn planned_files(job: &Job) -> Vec<(PathBuf, Range<u64>)> {
    job.targets.iter().flat_map(|target| target.sink().planned_files(job)).collect()
}

/// Does a job, and returns what each target has. A job that an interrupted run began is continued; one that is
/// done already is only verified. Nothing is left under a final name unless all of it succeeds; two jobs that would
/// write the same names at the same time do not: the second is refused.
///
/// # Errors
/// Those of [`check`], [`Error::Io`] for what the operating system refuses, and [`Error::Interrupted`] once
/// `job.stop` is raised.
pub fn write(job: &Job) -> Result<Vec<Receipt>> {
    check(job)?;
    let mut loadings: Vec<Box<dyn Loading + '_>> = Vec::new();
    for target in job.targets {
        match target.sink().begin(job) {
            Ok(loading) => loadings.push(loading),
            Err(error) => {
                loadings.into_iter().for_each(|loading| loading.abandon(Some(&error)));
                return Err(error);
            }
        }
    }
    let delivered = panic::catch_unwind(AssertUnwindSafe(|| deliver(job, &loadings)));
    match delivered {
        Ok(Ok(delivered)) => finish(loadings, delivered),
        Ok(Err(error)) => {
            // A stop ends a wait for a store as an error of that wait.
            let error = if job.stop.load(Ordering::Relaxed) { Error::Interrupted } else { error };
            loadings.into_iter().for_each(|loading| loading.abandon(Some(&error)));
            Err(error)
        }
        Err(panic) => {
            loadings.into_iter().for_each(|loading| loading.abandon(None));
            panic::resume_unwind(panic)
        }
    }
}

/// Makes the rows of every table, once for all targets that do not have them. Returns what each target took, by
/// table.
fn deliver(job: &Job, loadings: &[Box<dyn Loading + '_>]) -> Result<Vec<Vec<Delivered>>> {
    let mut delivered: Vec<Vec<Delivered>> = loadings.iter().map(|_| Vec::new()).collect();
    for table in job.tables {
        let open: Vec<usize> = (0..loadings.len()).filter(|index| !loadings[*index].is_complete()).collect();
        if open.is_empty() {
            break;
        }
        let outputs = open.iter().map(|index| loadings[*index].output(table)).collect::<Result<Vec<_>>>()?;
        let outputs: Vec<&dyn Output> = outputs.iter().map(|output| &**output).collect();
        let taken = ordered::write(&outputs, &Work::new(job, table))?;
        open.into_iter().zip(taken).for_each(|(index, taken)| delivered[index].push(taken));
    }
    Ok(delivered)
}

/// Lets every target end; after an error of one, those behind it are abandoned.
fn finish(loadings: Vec<Box<dyn Loading + '_>>, delivered: Vec<Vec<Delivered>>) -> Result<Vec<Receipt>> {
    let mut receipts = Vec::with_capacity(loadings.len());
    let mut loadings = loadings.into_iter().zip(delivered);
    while let Some((loading, delivered)) = loadings.next() {
        match loading.finish(delivered) {
            Ok(receipt) => receipts.push(receipt),
            Err(error) => {
                loadings.for_each(|(loading, _)| loading.abandon(Some(&error)));
                return Err(error);
            }
        }
    }
    Ok(receipts)
}

#[cfg(test)]
mod tests;
