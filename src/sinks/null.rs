//! Rows that are generated and dropped: what generation alone costs.

use arrow_array::RecordBatch;

use super::output::{Appender, Chunk, Delivered, Encoded, Encoder, Loading, Output, Sink, unpack};
use super::{Job, Options, Receipt, Table};
use crate::{Error, Result};

/// Takes rows and leaves nothing.
pub(super) struct NullSink;

/// Counts rows and drops them.
struct NullOutput;

struct Counter(u64);

impl Sink for NullSink {
    fn chunk_rows(&self) -> u64 {
        Options::DEFAULT_ROW_GROUP_ROWS
    }

    /// It leaves nothing, so nothing is in its way.
    fn check(&self, _job: &Job) -> Result<()> {
        Ok(())
    }

    fn begin<'a>(&'a self, job: &'a Job<'a>) -> Result<Box<dyn Loading + 'a>> {
        Ok(Box::new(NullLoading(job)))
    }
}

struct NullLoading<'a>(&'a Job<'a>);

impl Loading for NullLoading<'_> {
    fn output<'a>(&'a self, _table: &'a Table<'a>) -> Result<Box<dyn Output + 'a>> {
        Ok(Box::new(NullOutput))
    }

    fn finish(self: Box<Self>, delivered: Vec<Delivered>) -> Result<Receipt> {
        Ok(Receipt { rows: self.0.data_rows(delivered.iter().map(|table| table.rows)), ..Receipt::default() })
    }

    fn abandon(self: Box<Self>, _error: Option<&Error>) {}
}

impl Output for NullOutput {
    fn encoder(&self) -> Result<Box<dyn Encoder + '_>> {
        Ok(Box::new(Counter(0)))
    }

    fn open(&self) -> Result<Box<dyn Appender + '_>> {
        Ok(Box::new(Counter(0)))
    }
}

impl Encoder for Counter {
    fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        // A batch whose values nobody looks at might otherwise never be made.
        self.0 += std::hint::black_box(batch).num_rows() as u64;
        Ok(())
    }

    fn end(&mut self, _chunk: &Chunk) -> Result<Encoded> {
        Ok(Box::new(std::mem::take(&mut self.0)))
    }
}

impl Appender for Counter {
    fn append(&mut self, _chunk: &Chunk, encoded: Encoded) -> Result<u64> {
        let rows = unpack(encoded);
        self.0 += rows;
        Ok(rows)
    }

    fn finish(self: Box<Self>) -> Result<Delivered> {
        Ok(Delivered { rows: self.0, files: Vec::new() })
    }
}
