//! PostgreSQL tables: rows go in by `COPY`, in binary form, and what is committed is noted with it.
//!
//! A load that is killed at any moment goes on where it stopped: its rows and the note of them are committed
//! together (see the tables `driftforge_loads` and `driftforge_load_chunks`). Only one load at a time works on a
//! table, and the rows of several customers can be in one table that has a column `customer_id`.

mod appending;
mod catalog;
mod clean;
mod copy;
mod coverage;
mod definition;
mod findings;
mod finish;
mod lane;
mod loads;
mod lock;
mod names;
mod output;
mod partitions;
mod read_back;
mod registry;
mod session;
mod sink;
mod start;
mod types;
mod url;

use crate::{Error, Result};

pub(super) use self::sink::PostgresSink;

pub use self::appending::earlier_loads;
pub(crate) use self::catalog::{Catalog, FoundTable};
pub use self::clean::{Cleaned, Cleaning};
pub use self::definition::TableDefinition;
pub use self::findings::store_findings;
pub(crate) use self::loads::Loaded;
pub use self::names::TableName;
pub(crate) use self::read_back::{ExpectedRows, ReadBack};
pub use self::url::{DatabaseUrl, URL_VARIABLE};

/// Places in a chunk where only a database takes them: what a thread holds in memory at a time.
pub const CHUNK_PLACES: u64 = 8_192;
/// Rows in a transaction unless said otherwise.
pub const DEFAULT_COMMIT_ROWS: u64 = 262_144;
/// The most connections of a load.
pub const MOST_CONNECTIONS: usize = 64;

/// What happens to a table that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The table is made. One that is there may only be empty, the same load's, or of other customers' loads.
    Create,
    /// Rows are added to what is there. Of the same run with more records, those that are missing, over the same days
    /// (see [`earlier_loads`]).
    Append,
    /// The customer's rows take the place of those that are there, all at once.
    Replace,
}

/// How a table is loaded.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// The database.
    pub url: DatabaseUrl,
    /// The table.
    pub table: TableName,
    /// What happens to one that is there.
    pub mode: Mode,
    /// Connections that rows go through. With more than one, a table that is made is partitioned by the hash of
    /// its key, a partition for each.
    pub connections: usize,
    /// Whether a table that is made is not written to the server's log: faster, and empty after a crash.
    pub unlogged: bool,
    /// Whether keys and indexes are built.
    pub keys: bool,
    /// Rows after which a connection commits: what a killed load has to send again at most.
    pub commit_rows: u64,
}

/// A table to load.
#[derive(Debug, Clone)]
pub struct TableLoad {
    /// What the table is.
    pub definition: TableDefinition,
    /// See [`PlannedDataset::digest`](crate::datasets::PlannedDataset::digest).
    pub digest: String,
    /// How it is loaded.
    pub options: LoadOptions,
}

impl LoadOptions {
    /// Whether every number is within its range, and the table is none that loads are noted in.
    ///
    /// # Errors
    /// [`Error::Option`] for the first that is not.
    pub fn check(&self) -> Result<()> {
        if [registry::LOADS, registry::CHUNKS].contains(&self.table.table.as_str()) {
            let problem = "loads are noted in that table: choose another name";
            return Err(Error::option("table", &self.table.table, problem));
        }
        if !(1..=MOST_CONNECTIONS).contains(&self.connections) {
            return Err(Error::option(
                "connections",
                self.connections,
                format!("from 1 to {MOST_CONNECTIONS}"),
            ));
        }
        Ok(())
    }
}
