//! Where a source's rows are.

use std::fmt;
use std::path::PathBuf;

use super::postgres::Table;

/// Where rows are, for engines that read them by themselves; every other engine takes the batches of the source.
#[derive(Debug, Clone)]
pub enum Location<'s> {
    /// In the memory of this process.
    Memory,
    /// In files of one format.
    Files(FileFormat, Vec<DataFile<'s>>),
    /// In files that this crate reads from start to end, or in an object store.
    Stream,
    /// In a table of a database.
    Table(&'s Table),
}

/// The formats of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Apache Parquet.
    Parquet,
}

/// A file, and the columns that its folders stand for, each with its one value, `None` for null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile<'s> {
    /// Where it is.
    pub path: PathBuf,
    /// Columns of folders such as `payer=Aetna`.
    pub constants: Vec<(&'s str, Option<&'s str>)>,
}

impl FileFormat {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Parquet => "Parquet",
        }
    }
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("rows in memory"),
            Self::Files(format, _) => write!(f, "{} files", format.name()),
            Self::Stream => f.write_str("files of text or of an object store"),
            Self::Table(_) => f.write_str("a table of PostgreSQL"),
        }
    }
}
