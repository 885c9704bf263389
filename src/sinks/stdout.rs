//! One table as a stream on standard output.

use std::io::{self, Write};

use super::file_output::{CountedChunk, CountingEncoder};
use super::output::{
    Appender, Chunk, Delivered, Encoded, Encoder, FileFormat, FileWriter, Loading, Output, Sink, unpack,
};
use super::storage::{Closed, StoredFile, Tally};
use super::{Compression, Content, Format, Job, Receipt, Table};
use crate::{Error, Result};

/// What messages call it.
const NAME: &str = "standard output";

/// A stream of one format on standard output.
pub(super) struct StdoutSink {
    pub format: &'static Format,
    pub compression: Compression,
}

impl Sink for StdoutSink {
    fn chunk_rows(&self) -> u64 {
        self.format.chunk_rows
    }

    fn check(&self, job: &Job) -> Result<()> {
        match job.tables {
            [_] => Ok(()),
            _ => Err(Error::input(NAME, "takes one table at a time")),
        }
    }

    fn begin<'a>(&'a self, _job: &'a Job<'a>) -> Result<Box<dyn Loading + 'a>> {
        Ok(Box::new(StdoutLoading(self)))
    }
}

struct StdoutLoading<'a>(&'a StdoutSink);

impl Loading for StdoutLoading<'_> {
    fn output<'a>(&'a self, table: &'a Table<'a>) -> Result<Box<dyn Output + 'a>> {
        let StdoutSink { format, compression } = self.0;
        let schema = table.rows.schema();
        let content = Content {
            table: table.name,
            schema,
            compression: *compression,
            metadata: table.metadata,
            is_stream: true,
        };
        Ok(Box::new(StreamOutput(format.open(&content)?)))
    }

    fn finish(self: Box<Self>, delivered: Vec<Delivered>) -> Result<Receipt> {
        Ok(Receipt { rows: delivered.iter().map(|table| table.rows).sum(), ..Receipt::default() })
    }

    fn abandon(self: Box<Self>, _error: Option<&Error>) {}
}

struct StreamOutput(Box<dyn FileFormat>);

impl Output for StreamOutput {
    fn encoder(&self) -> Result<Box<dyn Encoder + '_>> {
        Ok(Box::new(CountingEncoder::new(self.0.encoder()?)))
    }

    fn open(&self) -> Result<Box<dyn Appender + '_>> {
        let writer = self.0.begin(Box::new(Stdout(Tally::new()))).map_err(failed)?;
        Ok(Box::new(StreamAppender { writer, rows: 0 }))
    }
}

struct StreamAppender<'a> {
    writer: Box<dyn FileWriter + 'a>,
    rows: u64,
}

impl Appender for StreamAppender<'_> {
    fn append(&mut self, _chunk: &Chunk, encoded: Encoded) -> Result<u64> {
        let CountedChunk { rows, encoded } = unpack(encoded);
        self.writer.append(encoded).map_err(failed)?;
        self.rows += rows;
        Ok(rows)
    }

    fn finish(self: Box<Self>) -> Result<Delivered> {
        self.writer.finish().and_then(StoredFile::close).map_err(failed)?;
        Ok(Delivered { rows: self.rows, files: Vec::new() })
    }
}

/// Standard output as a file.
struct Stdout(Tally);

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = io::stdout().write(bytes)?;
        self.0.add(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

impl StoredFile for Stdout {
    fn close(mut self: Box<Self>) -> io::Result<Closed> {
        self.flush()?;
        Ok(self.0.closed())
    }
}

fn failed(error: io::Error) -> Error {
    Error::io(NAME, "write", error)
}
