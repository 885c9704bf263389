//! A table as files of one format in a storage: one for each part, or one for each part and folder of values.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;

use super::Table;
use super::journal::{self, ClosedFile, Journal};
use super::layout::Layout;
use super::output::{Appender, Chunk, Delivered, Encoded, Encoder, FileFormat, FileWriter, Output, unpack};
use super::partitioned_encoder::{PartitionedEncoder, Piece};
use super::partitioning::Partitioning;
use super::parts::Part;
use super::storage::{Storage, StoredFile};
use crate::{Error, Result};

/// The files of one table.
pub(super) struct FileOutput<'a> {
    pub format: Box<dyn FileFormat>,
    pub storage: &'a dyn Storage,
    pub layout: Layout<'a>,
    pub table: &'a Table<'a>,
    /// How its rows go to folders of their values, if they do.
    pub partitioning: Option<Partitioning>,
    /// Where complete parts are noted.
    pub journal: &'a Mutex<Journal>,
    /// Where the names of files in folders of values are noted as soon as they are begun.
    pub begun: &'a Mutex<BTreeSet<String>>,
}

/// The files that are open at a time, one for each folder of values: systems give a process 1,024 unless told
/// otherwise, and each takes some memory.
const MOST_OPEN_FILES: usize = 1_000;

impl FileOutput<'_> {
    fn name(&self, part: &Part, folder: &str) -> String {
        self.layout.partition_file_name(self.table, part, folder)
    }

    fn failed(&self, name: &str, error: std::io::Error) -> Error {
        Error::io(self.storage.locate(name), "write the file", error)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output for FileOutput<'_> {
    fn encoder(&self) -> Result<Box<dyn Encoder + '_>> {
        let encoder = self.format.encoder()?;
        Ok(match &self.partitioning {
            Some(partitioning) => Box::new(PartitionedEncoder::new(encoder, partitioning, self.table.name)),
            None => Box::new(CountingEncoder::new(encoder)),
        })
    }

    fn open(&self) -> Result<Box<dyn Appender + '_>> {
        Ok(Box::new(FileAppender { output: self, open: BTreeMap::new() }))
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

/// Appends chunks to the files of their part: one, or one for each folder of values.
struct FileAppender<'a> {
    output: &'a FileOutput<'a>,
    /// By the names of their folders.
    open: BTreeMap<String, OpenFile<'a>>,
}

struct OpenFile<'a> {
    name: String,
    values: Vec<Option<String>>,
    places: Range<u64>,
    rows: u64,
    writer: Box<dyn FileWriter + 'a>,
}

impl<'a> FileAppender<'a> {
    fn begin(&self, chunk: &Chunk, piece: &Piece) -> Result<OpenFile<'a>> {
        let (output, name) = (self.output, self.output.name(&chunk.part, &piece.folder));
        let file = if output.partitioning.is_none() {
            output.storage.create(&name)?
        } else {
            if self.open.len() >= MOST_OPEN_FILES {
                return Err(too_many(output, chunk));
            }
            output.begun.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
            output.storage.create_among_many(&name)?
        };
        let writer = output.format.begin(file).map_err(|error| output.failed(&name, error))?;
        let (values, places) = (piece.values.clone(), chunk.places.start..chunk.places.start);
        Ok(OpenFile { name, values, places, rows: 0, writer })
    }

    /// Appends a piece to its file.
    fn add(&mut self, chunk: &Chunk, piece: Piece) -> Result<u64> {
        let mut open = match self.open.remove(&piece.folder) {
            Some(open) => open,
            None => self.begin(chunk, &piece)?,
        };
        let CountedChunk { rows, encoded } = piece.counted;
        open.writer.append(encoded).map_err(|error| self.output.failed(&open.name, error))?;
        open.rows += rows;
        open.places.end = chunk.places.end;
        self.open.insert(piece.folder, open);
        Ok(rows)
    }

    /// Closes the files of a part, and lets the journal know of it.
    fn end(&mut self, part: &Part) -> Result<()> {
        let output = self.output;
        let mut files = Vec::with_capacity(self.open.len());
        for OpenFile { name, values, places, rows, writer } in std::mem::take(&mut self.open).into_values() {
            let closed = writer.finish().and_then(StoredFile::close);
            let closed = closed.map_err(|error| output.failed(&name, error))?;
            let partition = output.partitioning.as_ref().map(|partitioning| partitioning.named(&values));
            files.push(ClosedFile {
                name,
                first_place: places.start,
                places: places.end - places.start,
                rows,
                partition: partition.unwrap_or_default(),
                closed,
            });
        }
        let table = Some(output.table.name.to_owned());
        output.journal().add(journal::Entry { table, part: part.number, files })
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
        let pieces = if self.output.partitioning.is_some() {
            unpack::<Vec<Piece>>(encoded)
        } else {
            vec![Piece { folder: String::new(), values: Vec::new(), counted: unpack(encoded) }]
        };
        let mut rows = 0;
        for piece in pieces {
            rows += self.add(chunk, piece)?;
        }
        // At once, so that the journal knows of it as soon as can be.
        if chunk.places.end == chunk.part.places.end {
            self.end(&chunk.part)?;
        }
        Ok(rows)
    }

    fn finish(self: Box<Self>) -> Result<Delivered> {
        Ok(self.delivered())
    }
}

fn too_many(output: &FileOutput, chunk: &Chunk) -> Error {
    let problem = format!(
        "the table {} has more than {MOST_OPEN_FILES} partitions in the first {} of its places, and each has a file \
         open: take a longer unit, a column of fewer values, or fewer rows in a file (--rows-per-file)",
        output.table.name,
        chunk.places.end - chunk.part.places.start,
    );
    Error::option("partition-by", output.layout.partition_by, problem)
}
