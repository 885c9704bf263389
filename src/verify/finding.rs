//! What is not as it should be.

use std::fmt;

use super::Difference;

/// Something about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file's name, from the manifest on.
    pub file: String,
    /// What it is.
    pub problem: Problem,
}

/// What can be wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The manifest tells of it, and it is not there.
    Missing,
    /// It looks like data of the dataset, and no manifest tells of it.
    Extra,
    /// It has another size than the manifest says, in bytes.
    Size {
        /// The size that the manifest says.
        expected: u64,
        /// The size that it has.
        found: u64,
    },
    /// Its bytes are not those whose digest the manifest has.
    Digest,
    /// It cannot be read to its end.
    Unreadable(String),
    /// It has other columns, or one of another type.
    Columns(String),
    /// It ends before its last row.
    RowsMissing {
        /// The first row that is missing, counted from 1.
        row: u64,
    },
    /// It has rows behind its last one.
    RowsExtra {
        /// The first row that is too many, counted from 1.
        row: u64,
    },
    /// A value is not the one that is generated. The difference counts its row from 0 in the file.
    Value(Difference),
}

impl Problem {
    /// Whether it was seen by comparing rows, and not from outside.
    #[must_use]
    pub fn is_content(&self) -> bool {
        !matches!(self, Self::Missing | Self::Extra | Self::Size { .. } | Self::Digest)
    }
}

impl Finding {
    pub(super) fn new(file: &str, problem: Problem) -> Self {
        Self { file: file.to_owned(), problem }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.file)?;
        match &self.problem {
            Problem::Missing => write!(formatter, "the file is missing"),
            Problem::Extra => write!(formatter, "the file is in no manifest"),
            Problem::Size { expected, found } if found < expected => {
                write!(formatter, "the file is cut short: {found} bytes instead of {expected}")
            }
            Problem::Size { expected, found } => write!(formatter, "{found} bytes instead of {expected}"),
            Problem::Digest => {
                write!(formatter, "the bytes have changed: another XXH3-128 than in the manifest")
            }
            Problem::Unreadable(problem) => write!(formatter, "{problem}"),
            Problem::Columns(problem) => write!(formatter, "{problem}"),
            Problem::RowsMissing { row } => write!(formatter, "the rows end before row {row}"),
            Problem::RowsExtra { row } => write!(formatter, "there are rows too many, from row {row} on"),
            Problem::Value(Difference { row, column, expected, found }) => {
                write!(formatter, "row {}, column {column}: {found} instead of {expected}", row + 1)
            }
        }
    }
}
