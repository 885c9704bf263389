//! Batches in: where rows come from.
//!
//! A [`Source`] is cut into partitions that can be read independently, each a stream of [`Batch`]es: the
//! [`Columns`] that a mapping needs, text as codes into a dictionary, dates as days, numbers as integers. A source
//! knows which partitions cannot hold a row of a wanted date range and leaves them out.

mod batch;
mod codes;
mod columns;
mod conversion;
mod files;
mod location;
mod memory;
mod parquet;
mod placed;
mod postgres;

use std::collections::BTreeMap;

use crate::Result;
use crate::summaries::{Day, DayRange};

pub use batch::{Batch, Values};
pub use codes::{CodeKeys, Codes};
pub(crate) use columns::nearest_name;
pub use columns::{Column, ColumnKind, Columns};
pub use files::open_files;
pub use location::{DataFile, FileFormat, Location};
pub use memory::Memory;
pub(crate) use parquet::silently;
pub use parquet::{Parquet, is_guarded};
pub use placed::Placed;
pub use postgres::{Postgres, Table};

/// Rows that can be read more than once, in parallel.
pub trait Source: Sync {
    /// Rows of the dataset, whatever their date.
    fn row_count(&self) -> u64;

    /// The day after the latest time.
    ///
    /// # Errors
    /// [`crate::Error::Input`] when no row has a time, when that day or the latest lies outside
    /// of [`DayRange::CALENDAR`], or when the column cannot be read.
    fn end(&self) -> Result<Day>;

    /// The first day there is, where every part of the source says so.
    fn first_day(&self) -> Option<Day>;

    /// The partitions that may hold a row of `days`, or a row without a time.
    fn partitions(&self, days: DayRange) -> Vec<Partition>;

    /// Reads one partition, batch by batch. After an error the stream ends.
    ///
    /// # Errors
    /// Here and in the stream: [`crate::Error::Input`] for contents that cannot be used, and
    /// [`crate::Error::Io`] when the operating system refuses to read.
    fn read(&self, partition: &Partition) -> Result<Batches<'_>>;

    /// What the dataset says of itself, by key; our own files have `driftforge.seed` and the like.
    fn metadata(&self) -> &BTreeMap<String, String>;

    /// Where the rows are, for engines that read them by themselves.
    fn location(&self) -> Location<'_>;

    /// Rows of [`Source::partitions`]: what is read to summarise `days`.
    fn rows_to_read(&self, days: DayRange) -> u64 {
        self.partitions(days).iter().map(|partition| partition.rows).sum()
    }
}

/// The batches of one partition.
pub type Batches<'a> = Box<dyn Iterator<Item = Result<Batch>> + Send + 'a>;

/// A piece of a source that is read by one thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// The piece's number in its source.
    pub index: usize,
    /// Its rows.
    pub rows: u64,
}

/// What the user is told of a kind of source.
#[derive(Debug, Clone, Copy)]
pub struct SourceAbout {
    /// The registry name.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
}

/// The kinds of source there are.
pub const SOURCES: &[SourceAbout] = &[memory::ABOUT, parquet::ABOUT, placed::ABOUT, postgres::ABOUT];

#[cfg(test)]
pub(crate) mod tests;
