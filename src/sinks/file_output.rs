//! A table as files of one format, one for each part, in a storage.

use std::sync::{Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;

use super::Table;
use super::journal::{self, ClosedFile, Journal};
use super::layout::Layout;
use super::output::{Appender, Chunk, Delivered, Encoded, Encoder, FileFormat, FileWriter, Output, unpack};
use super::parts::Part;
use super::storage::{Storage, StoredFile};
use crate::{Error, Result};

/// The files of one table.
pub(super) struct FileOutput<'a> {
    pub format: Box<dyn FileFormat>,
    pub storage: &'a dyn Storage,
    pub layout: Layout<'a>,
    pub table: &'a Table<'a>,
    /// Where complete parts are noted.
    pub journal: &'a Mutex<Journal>,
}

impl FileOutput<'_> {
    fn name(&self, part: &Part) -> String {
        self.layout.file_name(self.table, part)
    }

    fn failed(&self, part: &Part, error: std::io::Error) -> Error {
        Error::io(self.storage.locate(&self.name(part)), "write the file", error)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output for FileOutput<'_> {
    fn encoder(&self) -> Result<Box<dyn Encoder + '_>> {
        Ok(Box::new(CountingEncoder::new(self.format.encoder()?)))
    }

    fn open(&self) -> Result<Box<dyn Appender + '_>> {
        Ok(Box::new(FileAppender { output: self, open: None }))
    }

    /// A part that an interrupted run completed. The part in progress is none of those.
    fn has(&self, chunk: &Chunk) -> bool {
        self.journal().entry(Some(self.table.name), chunk.part.number).is_some()
    }
}

/// The format's encoder, and the number of rows in the chunk.
pub(super) struct CountingEncoder<'a> {
    encoder: Box<dyn Encoder + 'a>,
    rows: u64,
}

impl<'a> CountingEncoder<'a> {
    pub(super) fn new(encoder: Box<dyn Encoder + 'a>) -> Self {
        Self { encoder, rows: 0 }
    }
}

/// A chunk as the format encoded it.
pub(super) struct CountedChunk {
    pub rows: u64,
    pub encoded: Encoded,
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

    fn end(&self, open: OpenFile<'a>) -> Result<()> {
        let OpenFile { part, rows, writer } = open;
        let closed = writer.finish().and_then(StoredFile::close);
        let closed = closed.map_err(|error| self.output.failed(&part, error))?;
        let file = ClosedFile {
            name: self.output.name(&part),
            first_place: part.places.start,
            places: part.places.end - part.places.start,
            rows,
            closed,
        };
        let table = Some(self.output.table.name.to_owned());
        self.output.journal().add(journal::Entry { table, part: part.number, files: vec![file] })
    }

    /// The files of all parts, in order, whichever run made them.
    fn delivered(&self) -> Delivered {
        let journal = self.output.journal();
        let entries = journal.entries().iter();
        let mut entries: Vec<_> =
            entries.filter(|entry| entry.table.as_deref() == Some(self.output.table.name)).collect();
        entries.sort_by_key(|entry| entry.part);
        let files = entries.iter().flat_map(|entry| &entry.files);
        let files: Vec<_> = files.map(|file| file.written(self.output.storage)).collect();
        Delivered { rows: files.iter().map(|file| file.rows).sum(), files }
    }
}

impl Appender for FileAppender<'_> {
    fn append(&mut self, chunk: &Chunk, encoded: Encoded) -> Result<u64> {
        let CountedChunk { rows, encoded } = unpack(encoded);
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin(&chunk.part)?,
        };
        open.writer.append(encoded).map_err(|error| self.output.failed(&chunk.part, error))?;
        open.rows += rows;
        // At once, so that the journal knows of it as soon as can be.
        if chunk.places.end == chunk.part.places.end {
            self.end(open)?
        } else {
            self.open = Some(open)
        }
        Ok(rows)
    }

    fn finish(self: Box<Self>) -> Result<Delivered> {
        Ok(self.delivered())
    }
}
