//! Rows of a PostgreSQL table, a view or any other relation.
//!
//! Everything that is read, by whichever connection, is the table as it was when the source was opened: the source
//! keeps a transaction open whose snapshot the others join, as `pg_dump` does. Days of about equally many rows are
//! the partitions. What a value means (its day, its last decimal) is told by the server, see [`Table`].

mod opening;
mod rows;
mod table;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::columns::Columns;
use super::{Batches, Location, Partition, Source, SourceAbout};
use crate::Result;
use crate::postgres::session::Session;
use crate::postgres::{DatabaseUrl, TableName};
use crate::summaries::{Day, DayRange};

pub use table::Table;

pub(super) const ABOUT: SourceAbout =
    SourceAbout { name: "postgres", about: "a table or view of a PostgreSQL database" };

/// A table with the columns that are needed.
pub struct Postgres {
    table: Table,
    pieces: Vec<Piece>,
    metadata: BTreeMap<String, String>,
    /// Holds the snapshot; dropping it ends the transaction.
    _keeper: Mutex<Session>,
}

/// Rows that are read at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// The first and the last day, `None` for the rows without a time.
    days: Option<(Day, Day)>,
    rows: u64,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("table", &self.table).field("pieces", &self.pieces).finish()
    }
}

impl Postgres {
    /// Opens a table, of which `columns` are read, and counts its rows by day.
    ///
    /// # Errors
    /// [`crate::Error::Database`] for a database that cannot be reached, a table or column that is missing (with the
    /// nearest name and those that there are), a column of a wrong type, a time without end, and for no rows at all.
    pub fn open(url: &DatabaseUrl, name: &TableName, columns: &Arc<Columns>) -> Result<Self> {
        let (table, keeper, pieces) = opening::open(url, name, columns)?;
        if pieces.is_empty() {
            return Err(table.error("the table has no rows; at least one is needed"));
        }
        Ok(Self { table, pieces, metadata: BTreeMap::new(), _keeper: Mutex::new(keeper) })
    }
}

impl Source for Postgres {
    fn row_count(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.rows).sum()
    }

    fn end(&self) -> Result<Day> {
        let last = self.pieces.iter().filter_map(|piece| piece.days).map(|(_, last)| last).max();
        let last = last.ok_or_else(|| self.table.error("no row has a time"))?;
        self.table.day_after(last)
    }

    fn first_day(&self) -> Option<Day> {
        self.pieces.iter().filter_map(|piece| piece.days).map(|(first, _)| first).min()
    }

    fn partitions(&self, days: DayRange) -> Vec<Partition> {
        let may_hold = |piece: &Piece| piece.days.is_none_or(|(first, last)| days.overlaps(first, last));
        let numbered = self.pieces.iter().enumerate().filter(|(_, piece)| may_hold(piece));
        numbered.map(|(index, piece)| Partition { index, rows: piece.rows }).collect()
    }

    fn read(&self, partition: &Partition) -> Result<Batches<'_>> {
        match self.pieces.get(partition.index) {
            Some(piece) => rows::read(&self.table, piece.days),
            None => Ok(Box::new(std::iter::empty())),
        }
    }

    fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    fn location(&self) -> Location<'_> {
        Location::Table(&self.table)
    }
}
