//! What there is to write, where, and how.

use std::sync::atomic::AtomicBool;

use arrow_array::{Array, RecordBatch};

use super::sidecar::Sidecar;
use super::target::Target;
use super::{Context, Parts, Progress, Rows};
use crate::{Error, Result};

/// Rows to write, and everything about writing them.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The tables, each behind those that it refers to. All have the same places.
    pub tables: &'a [Table<'a>],
    /// Where they go. Each gets all tables, and the rows are made once.
    pub targets: &'a [Target],
    /// How the places are cut into files, and which of those to write.
    pub parts: Parts,
    /// How to write.
    pub options: Options,
    /// What the manifest says about the dataset.
    pub context: &'a Context,
    /// Small files that belong to the dataset, such as its truth. Of parts that are written alone, the first
    /// brings them.
    pub sidecars: &'a [Sidecar<'a>],
    /// Is told of places written.
    pub progress: &'a dyn Progress,
    /// Raised from outside (Ctrl-C) to end the job; it is looked at between batches.
    pub stop: &'a AtomicBool,
}

/// One of the tables of a dataset.
#[derive(Clone, Copy)]
pub struct Table<'a> {
    /// Its name; files, folders and database tables are called so.
    pub name: &'a str,
    /// Its rows.
    pub rows: &'a dyn Rows,
    /// Key-value pairs that each of its files carries, in order.
    pub metadata: &'a [(String, String)],
    /// Whether it tells about the data (the ledger of faults) and is no data itself.
    pub is_ledger: bool,
}

/// The bytes that a chunk has in memory at most, unless its rows are said: with what encoders keep of it, a
/// thread stays below 100 MB.
const CHUNK_BYTES: u64 = 48 << 20;

/// The places from which the size of a row is told: those of one batch.
const SAMPLE_PLACES: u64 = Options::DEFAULT_BATCH_ROWS;

/// The rows of a chunk at most where several targets take it, each in its own form.
const MIXED_CHUNK_ROWS: u64 = 65_536;

/// The fewest places of a chunk that is bounded by bytes.
const LEAST_CHUNK_PLACES: u64 = 512;

impl<'a> Job<'a> {
    /// The small files that this job brings.
    pub(super) fn sidecars_to_write(&self) -> &'a [Sidecar<'a>] {
        match self.parts.only() {
            None | Some(1) => self.sidecars,
            Some(_) => &[],
        }
    }

    /// The rows of all tables that are data, from those of all tables in order.
    pub(super) fn data_rows(&self, rows: impl Iterator<Item = u64>) -> u64 {
        self.tables.iter().zip(rows).filter(|(table, _)| !table.is_ledger).map(|(_, rows)| rows).sum()
    }

    fn preferred_chunk_rows(&self) -> u64 {
        let (least, most) = self
            .targets
            .iter()
            .map(Target::chunk_rows)
            .fold((u64::MAX, 0), |(least, most), rows| (least.min(rows), most.max(rows)));
        // What suits one target alone is too small for a file, or too large for two of them in memory.
        if least < most { most.min(MIXED_CHUNK_ROWS) } else { most }
    }

    /// The places of a chunk of this table. It is a function of the table and the targets, and never of the
    /// part that is written or of the threads.
    pub(super) fn chunk_places(&self, table: &Table) -> u64 {
        if let Some(rows) = self.options.row_group_rows {
            return rows;
        }
        let preferred = self.preferred_chunk_rows();
        let sample_places = table.rows.row_count().min(SAMPLE_PLACES);
        if table.rows.row_count() <= preferred.min(LEAST_CHUNK_PLACES) {
            return preferred;
        }
        let sample = table.rows.batch(0..sample_places);
        let mut places = preferred;
        while places > LEAST_CHUNK_PLACES && values_bytes(&sample) * places > CHUNK_BYTES * sample_places {
            places /= 2;
        }
        places
    }
}

/// The bytes of a batch's values, each counted once, whatever room the buffers have beside.
fn values_bytes(batch: &RecordBatch) -> u64 {
    let bytes = batch.columns().iter().map(|column| column.to_data().get_slice_memory_size());
    // An array of a type without a known size counts nothing.
    bytes.map(|bytes| bytes.unwrap_or(0) as u64).sum()
}

/// How to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Places in a chunk (a row group); `None`: as many as the targets like best and memory allows. It decides
    /// on the files' bytes, and on memory: one chunk per thread.
    pub row_group_rows: Option<u64>,
    /// Places generated at a time; it changes speed only.
    pub batch_rows: u64,
    /// Threads that generate and encode; it changes speed and memory only.
    pub threads: usize,
    /// Whether files of an earlier job may be replaced.
    pub overwrite: bool,
}

impl Options {
    /// Rows in a Parquet row group unless said otherwise: enough for readers to work in parallel on a million
    /// rows, few enough for 25 MB a thread.
    pub const DEFAULT_ROW_GROUP_ROWS: u64 = 262_144;
    /// Rows in a batch unless said otherwise: one block of the generator, and small enough for the cache.
    pub const DEFAULT_BATCH_ROWS: u64 = 8_192;
    /// The largest row group: beyond it, a page index or a thread's memory would overflow somewhere.
    pub const MOST_ROW_GROUP_ROWS: u64 = 1 << 24;

    /// The defaults, for this number of threads.
    #[must_use]
    pub fn with_threads(threads: usize) -> Self {
        Self { row_group_rows: None, batch_rows: Self::DEFAULT_BATCH_ROWS, threads, overwrite: false }
    }

    /// Whether every number is within its range.
    ///
    /// # Errors
    /// [`Error::Option`] for the first that is not.
    pub fn check(&self) -> Result<()> {
        let most = Self::MOST_ROW_GROUP_ROWS;
        if let Some(rows) = self.row_group_rows.filter(|rows| !(1..=most).contains(rows)) {
            return Err(Error::option("row-group-rows", rows, format!("from 1 to {most}")));
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
