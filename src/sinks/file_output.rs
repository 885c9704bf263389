//! A table as files of one format, one for each part, in a storage.

use arrow_array::RecordBatch;

use super::WrittenFile;
use super::output::{Appender, Chunk, Delivered, Encoded, Encoder, FileFormat, FileWriter, Output, unpack};
use super::parts::Part;
use super::storage::{Storage, StoredFile};
use crate::{Error, Result};

/// The files of one table.
pub(super) struct FileOutput<'a> {
    pub format: &'a dyn FileFormat,
    pub storage: &'a dyn Storage,
    /// What the files' names begin with, such as `claims`.
    pub stem: &'a str,
    /// What they end with, without the dot.
    pub extension: &'a str,
}

impl FileOutput<'_> {
    fn name(&self, part: &Part) -> String {
        part.file_name(self.stem, self.extension)
    }

    fn failed(&self, part: &Part, error: std::io::Error) -> Error {
        Error::io(self.storage.locate(&self.name(part)), "write the file", error)
    }
}

impl Output for FileOutput<'_> {
    fn encoder(&self) -> Result<Box<dyn Encoder + '_>> {
        Ok(Box::new(CountingEncoder { encoder: self.format.encoder()?, rows: 0 }))
    }

    fn open(&self) -> Result<Box<dyn Appender + '_>> {
        Ok(Box::new(FileAppender { output: self, open: None, delivered: Delivered::default() }))
    }

    /// The files themselves are the caller's to discard: it knows which of them are to stay.
    fn abandon(&self) {}
}

/// The format's encoder, and the number of rows in the chunk.
struct CountingEncoder<'a> {
    encoder: Box<dyn Encoder + 'a>,
    rows: u64,
}

/// A chunk as the format encoded it.
struct CountedChunk {
    rows: u64,
    encoded: Encoded,
}

impl Encoder for CountingEncoder<'_> {
    fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        self.encoder.push(batch)
    }

    fn end(&mut self, chunk: &Chunk) -> Result<Encoded> {
        let rows = std::mem::take(&mut self.rows);
        Ok(Box::new(CountedChunk { rows, encoded: self.encoder.end(chunk)? }))
    }
}

/// Appends chunks to the file of their part.
struct FileAppender<'a> {
    output: &'a FileOutput<'a>,
    open: Option<OpenFile<'a>>,
    delivered: Delivered,
}

struct OpenFile<'a> {
    part: Part,
    rows: u64,
    writer: Box<dyn FileWriter + 'a>,
}

impl<'a> FileAppender<'a> {
    fn begin(&self, part: &Part) -> Result<OpenFile<'a>> {
        let file = self.output.storage.create(&self.output.name(part))?;
        let writer = self.output.format.begin(file).map_err(|error| self.output.failed(part, error))?;
        Ok(OpenFile { part: part.clone(), rows: 0, writer })
    }

    fn end(&mut self, open: OpenFile<'a>) -> Result<()> {
        let OpenFile { part, rows, writer } = open;
        let closed = writer.finish().and_then(StoredFile::close);
        let closed = closed.map_err(|error| self.output.failed(&part, error))?;
        let name = self.output.name(&part);
        let path = self.output.storage.locate(&name);
        self.delivered.rows += rows;
        self.delivered.files.push(WrittenFile {
            path,
            name,
            first_row: part.rows.start,
            rows,
            bytes: closed.bytes,
            digest: closed.digest,
        });
        Ok(())
    }
}

impl Appender for FileAppender<'_> {
    fn append(&mut self, chunk: &Chunk, encoded: Encoded) -> Result<u64> {
        let CountedChunk { rows, encoded } = unpack(encoded);
        let mut open = match self.open.take() {
            Some(open) if open.part == chunk.part => open,
            other => {
                other.map_or(Ok(()), |open| self.end(open))?;
                self.begin(&chunk.part)?
            }
        };
        open.writer.append(encoded).map_err(|error| self.output.failed(&chunk.part, error))?;
        open.rows += rows;
        self.open = Some(open);
        Ok(rows)
    }

    fn finish(mut self: Box<Self>) -> Result<Delivered> {
        self.open.take().map_or(Ok(()), |open| self.end(open))?;
        Ok(self.delivered)
    }
}
