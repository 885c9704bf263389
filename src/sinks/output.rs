//! What a sink has to do.
//!
//! A [`Sink`] takes all tables of a run. For each it has an [`Output`], which takes chunks: many threads encode
//! them, and one at a time appends them in order. Several outputs can take one pass, so that rows are
//! generated once. A [`FileFormat`] is the smaller thing that a file format has to be;
//! [`FileSink`](super::file_sink::FileSink) makes a sink of it, over any [`Storage`](super::storage::Storage).
//!
//! *Places* are the rows of a dataset's root table. A table gives any number of rows for a place, so nothing here
//! assumes one: a batch, a chunk, a file may have none.

use std::any::Any;
use std::io;
use std::ops::Range;
use std::path::PathBuf;

use arrow_array::RecordBatch;

use super::partition_by::PartitionBy;
use super::parts::Part;
use super::storage::StoredFile;
use super::{Job, Receipt, Table, WrittenFile};
use crate::{Error, Result};

/// A place for the tables of a run.
pub(super) trait Sink: Send + Sync {
    /// The rows of a chunk that it likes best. Among several sinks the smallest number counts.
    fn chunk_rows(&self) -> u64;

    /// Lets files go to folders of their values.
    ///
    /// # Errors
    /// A sink without folders.
    fn partition(&mut self, by: PartitionBy) -> Result<()> {
        Err(Error::option("partition-by", by, "only files in a folder or an object store are partitioned"))
    }

    /// Whether a job could begin now; nothing is changed.
    ///
    /// # Errors
    /// Whatever keeps it from beginning.
    fn check(&self, job: &Job) -> Result<()>;

    /// The files that a job would write, with their places.
    fn planned_files(&self, _job: &Job) -> Vec<(PathBuf, Range<u64>)> {
        Vec::new()
    }

    /// Begins a job.
    ///
    /// # Errors
    /// Whatever keeps it from beginning; nothing is left then.
    fn begin<'a>(&'a self, job: &'a Job<'a>) -> Result<Box<dyn Loading + 'a>>;
}

/// A job in progress in one sink. It is ended by [`Loading::finish`] or [`Loading::abandon`].
pub(super) trait Loading {
    /// Whether everything is there already, from a run of the same job. No table is asked for then.
    fn is_complete(&self) -> bool {
        false
    }

    /// Where the rows of a table go. Tables are asked for in the job's order, each once the one before it is
    /// delivered.
    ///
    /// # Errors
    /// Whatever keeps it from taking the table.
    fn output<'a>(&'a self, table: &'a Table<'a>) -> Result<Box<dyn Output + 'a>>;

    /// Ends the job: what was delivered, in the job's order, becomes visible.
    ///
    /// # Errors
    /// Whatever keeps it from ending; what can be taken back is.
    fn finish(self: Box<Self>, delivered: Vec<Delivered>) -> Result<Receipt>;

    /// Takes back what is not to stay after this error, or a panic.
    fn abandon(self: Box<Self>, error: Option<&Error>);
}

/// The unit that one thread encodes: the rows of some places that follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Which chunk it is, counted from 0 over all parts of the run.
    pub index: u64,
    /// The part that it belongs to.
    pub part: Part,
    /// Its places, counted in the whole dataset; none in a part that has none.
    pub places: Range<u64>,
}

/// What an [`Encoder`] made of a chunk, for the [`Appender`] of the same output.
pub(super) type Encoded = Box<dyn Any + Send>;

/// Where the rows of one table go.
///
/// The order of calls is `open`, then for each chunk in order either nothing (`has`) or an encoded chunk's
/// [`Appender::append`], then [`Appender::finish`]. After an error the appender is dropped, and
/// [`Loading::abandon`] cleans up.
pub(super) trait Output: Sync {
    /// An encoder for one thread, which uses it for many chunks.
    ///
    /// # Errors
    /// A schema that the output cannot take.
    fn encoder(&self) -> Result<Box<dyn Encoder + '_>>;

    /// Begins to take chunks.
    ///
    /// # Errors
    /// Whatever keeps it from beginning.
    fn open(&self) -> Result<Box<dyn Appender + '_>>;

    /// Whether the chunk is there already, from an interrupted run. Such a chunk is neither made nor appended.
    /// Asked after `open`.
    fn has(&self, _chunk: &Chunk) -> bool {
        false
    }
}

/// Encodes chunks, one after the other, in one thread.
pub(super) trait Encoder {
    /// Adds the next rows of the chunk in progress; they may be none.
    ///
    /// # Errors
    /// Values that cannot be encoded; the message names the column.
    fn push(&mut self, batch: &RecordBatch) -> Result<()>;

    /// Ends the chunk in progress; the next row begins another one.
    ///
    /// # Errors
    /// Values that cannot be encoded.
    fn end(&mut self, chunk: &Chunk) -> Result<Encoded>;
}

/// Takes encoded chunks in order.
pub(super) trait Appender: Send {
    /// Takes the next chunk and returns the number of its rows.
    ///
    /// # Errors
    /// A destination that refuses it.
    fn append(&mut self, chunk: &Chunk, encoded: Encoded) -> Result<u64>;

    /// Ends the output once all chunks are appended.
    ///
    /// # Errors
    /// A destination that refuses to end.
    fn finish(self: Box<Self>) -> Result<Delivered>;
}

/// What an output took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Delivered {
    /// Rows, those of an interrupted run that were there already among them.
    pub rows: u64,
    /// Files, in row order, for an output that leaves files.
    pub files: Vec<WrittenFile>,
}

/// How the rows of a table become a file.
pub(super) trait FileFormat: Sync {
    /// An encoder for one thread.
    ///
    /// # Errors
    /// A schema that the format cannot store.
    fn encoder(&self) -> Result<Box<dyn Encoder + '_>>;

    /// Begins a file, with what stands before the first chunk.
    ///
    /// # Errors
    /// The file's refusal of bytes.
    fn begin(&self, out: Box<dyn StoredFile>) -> io::Result<Box<dyn FileWriter + '_>>;
}

/// A file in the making.
pub(super) trait FileWriter: Send {
    /// Appends a chunk that the format's own encoder made.
    ///
    /// # Errors
    /// The file's refusal of bytes.
    fn append(&mut self, encoded: Encoded) -> io::Result<()>;

    /// Writes what stands behind the last chunk, and gives the file back.
    ///
    /// # Errors
    /// The file's refusal of bytes.
    fn finish(self: Box<Self>) -> io::Result<Box<dyn StoredFile>>;
}

/// The encoded chunk in the type that the output's own encoder made it in.
///
/// # Panics
/// When it comes from another output's encoder: a mistake of the program, not of its user.
pub(super) fn unpack<T: 'static>(encoded: Encoded) -> T {
    match encoded.downcast::<T>() {
        Ok(encoded) => *encoded,
        Err(_) => panic!("an encoded chunk of another output"),
    }
}
