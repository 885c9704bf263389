//! What there is to write, where, and how.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::{Compression, Content, Context, Format, Parts, Progress, Rows};
use crate::{Error, Result};

/// Rows to write, and everything about writing them.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The rows.
    pub rows: &'a dyn Rows,
    /// One of [`FORMATS`](super::FORMATS).
    pub format: &'static Format,
    /// The folder that the files go into; it is made when it is not there.
    pub folder: &'a Path,
    /// What the files' names begin with, such as `claims`.
    pub stem: &'a str,
    /// How the rows are cut into files, and which of those to write.
    pub parts: Parts,
    /// How to write.
    pub options: Options,
    /// Key-value pairs that each file carries, in order.
    pub metadata: &'a [(String, String)],
    /// What the manifest says about the dataset.
    pub context: &'a Context,
    /// Small files that belong to the dataset, such as its truth. Of parts that are written alone, the first
    /// brings them.
    pub sidecars: &'a [Sidecar],
    /// Is told of rows written.
    pub progress: &'a dyn Progress,
    /// Raised from outside (Ctrl-C) to end the job; it is looked at between batches.
    pub stop: &'a AtomicBool,
}

impl Job<'_> {
    /// What the names of its files end with, without the dot; `None` when it leaves no files.
    #[must_use]
    pub fn extension(&self) -> Option<String> {
        self.format.extension(self.options.compression)
    }

    /// What the format is to know.
    pub(super) fn content(&self) -> Content<'_> {
        Content {
            table: self.stem,
            schema: self.rows.schema(),
            compression: self.options.compression,
            metadata: self.metadata,
        }
    }

    /// The small files that this job brings.
    pub(super) fn sidecars_to_write(&self) -> &[Sidecar] {
        match self.parts.only() {
            None | Some(1) => self.sidecars,
            Some(_) => &[],
        }
    }
}

/// A small file that stands beside the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sidecar {
    /// Its name in the folder.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// How to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How files, or pages where that is worth it, are compressed; one that the format takes.
    pub compression: Compression,
    /// Rows in a chunk (a row group). It decides on the files' bytes, and on memory: one chunk per thread.
    pub row_group_rows: u64,
    /// Rows generated at a time; it changes speed only.
    pub batch_rows: u64,
    /// Threads that generate and encode; it changes speed and memory only.
    pub threads: usize,
    /// Whether files of an earlier job may be replaced.
    pub overwrite: bool,
}

impl Options {
    /// Rows in a row group unless said otherwise: enough for readers to work in parallel on a million
    /// rows, few enough for 25 MB a thread.
    pub const DEFAULT_ROW_GROUP_ROWS: u64 = 262_144;
    /// Rows in a batch unless said otherwise: one block of the generator, and small enough for the cache.
    pub const DEFAULT_BATCH_ROWS: u64 = 8_192;
    /// The largest row group: beyond it, a page index or a thread's memory would overflow somewhere.
    pub const MOST_ROW_GROUP_ROWS: u64 = 1 << 24;

    /// The defaults, for this number of threads.
    #[must_use]
    pub fn with_threads(threads: usize) -> Self {
        Self {
            compression: Compression::default(),
            row_group_rows: Self::DEFAULT_ROW_GROUP_ROWS,
            batch_rows: Self::DEFAULT_BATCH_ROWS,
            threads,
            overwrite: false,
        }
    }

    /// Whether every number is within its range.
    ///
    /// # Errors
    /// [`Error::Option`] for the first that is not.
    pub fn check(&self) -> Result<()> {
        let most = Self::MOST_ROW_GROUP_ROWS;
        if !(1..=most).contains(&self.row_group_rows) {
            return Err(Error::option("row-group-rows", self.row_group_rows, format!("from 1 to {most}")));
        }
        if self.batch_rows == 0 {
            return Err(Error::option("batch-size", self.batch_rows, "at least 1"));
        }
        if self.threads == 0 {
            return Err(Error::option("threads", self.threads, "at least 1"));
        }
        Ok(())
    }
}
