//! Files of text: a header, and chunks of rows one after the other.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::members::Compressor;
use super::{RowEncoder, RowLayout};
use crate::sinks::output::{Chunk, Encoded, Encoder, FileFormat, FileWriter, unpack};
use crate::sinks::storage::StoredFile;
use crate::sinks::{Compression, Content};
use crate::{Error, Result};

/// The text files of one table.
pub(in crate::sinks) struct TextFormat {
    /// The table's name, for messages.
    table: String,
    schema: SchemaRef,
    compression: Compression,
    header: Vec<u8>,
    layout: RowLayout,
    /// Buffers that were written and can be filled again: fresh memory costs as much as filling it.
    spent: Mutex<Vec<Vec<u8>>>,
}

impl TextFormat {
    /// Files that begin with `header`.
    ///
    /// # Errors
    /// A column whose type has no form as text, or a compression that text files do not take.
    pub(in crate::sinks) fn open(
        content: &Content,
        header: Vec<u8>,
        layout: RowLayout,
    ) -> Result<Box<dyn FileFormat>> {
        let format = Self {
            table: content.table.to_owned(),
            schema: content.schema.clone(),
            compression: content.compression,
            header,
            layout,
            spent: Mutex::default(),
        };
        format.encoder()?;
        Ok(Box::new(format))
    }

    fn unusable(&self, problem: impl ToString) -> Error {
        Error::input(&self.table, problem.to_string())
    }

    fn spent(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileFormat for TextFormat {
    fn encoder(&self) -> Result<Box<dyn Encoder + '_>> {
        let rows = RowEncoder::new(&self.schema, &self.layout).map_err(|problem| self.unusable(problem))?;
        let compressor = Compressor::new(self.compression);
        let compressor =
            compressor.map_err(|error| Error::option("compression", self.compression, error.to_string()))?;
        Ok(Box::new(ChunkEncoder { format: self, rows, compressor }))
    }

    fn begin(&self, mut out: Box<dyn StoredFile>) -> io::Result<Box<dyn FileWriter + '_>> {
        let mut compressor = Compressor::new(self.compression)?;
        let mut header = Vec::new();
        // Of the file's first member, so that a file without rows is a compressed file as well.
        compressor.compress(&self.header, &mut header)?;
        out.write_all(&header)?;
        Ok(Box::new(ChunkWriter { format: self, out }))
    }
}

/// Chunks as bytes of the file.
struct ChunkEncoder<'a> {
    format: &'a TextFormat,
    rows: RowEncoder,
    compressor: Compressor,
}

impl Encoder for ChunkEncoder<'_> {
    fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows.push(batch).map_err(|problem| self.format.unusable(problem))
    }

    fn end(&mut self, _chunk: &Chunk) -> Result<Encoded> {
        let room = self.format.spent().pop().unwrap_or_default();
        if self.compressor.is_none() {
            return Ok(Box::new(self.rows.take(room)));
        }
        let mut member = room;
        member.clear();
        let text = self.rows.text();
        if !text.is_empty() {
            let compressed = self.compressor.compress(text, &mut member);
            compressed.map_err(|error| self.format.unusable(error))?;
        }
        self.rows.clear();
        Ok(Box::new(member))
    }
}

/// Appends chunks to a file.
struct ChunkWriter<'a> {
    format: &'a TextFormat,
    out: Box<dyn StoredFile>,
}

impl FileWriter for ChunkWriter<'_> {
    fn append(&mut self, encoded: Encoded) -> io::Result<()> {
        let chunk: Vec<u8> = unpack(encoded);
        self.out.write_all(&chunk)?;
        self.format.spent().push(chunk);
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<Box<dyn StoredFile>> {
        Ok(self.out)
    }
}
