//! Arrow IPC: record batches as they lie in memory, so that reading is little more than mapping the file.
//!
//! Source: Apache Arrow, Columnar Format, "IPC File Format" and "IPC Streaming Format". A file is the stream of a
//! schema, the dictionaries and the record batches, with a footer that says where each begins; a pipe takes the
//! stream alone. Both carry the dataset's key-value pairs as metadata of the schema.
//!
//! A chunk is one record batch, made by the thread that encodes the chunk, buffers compressed where asked for.
//! Dictionaries are written once, before the first batch, and hold for the whole file, which is all that the
//! file format allows: a column whose dictionary differs in a later chunk is refused.

mod encoder;
mod footer;
mod message;
mod writer;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow_ipc::CompressionType;
use arrow_ipc::writer::IpcWriteOptions;
use arrow_schema::{ArrowError, Schema, SchemaRef};

use self::encoder::BatchEncoder;
use self::writer::{Framing, IpcWriter};
use super::output::{Encoder, FileFormat, FileWriter};
use super::storage::StoredFile;
use super::{Compression, Content};
use crate::{Error, Result};

/// Rows in a record batch unless said otherwise: enough that nobody's loop over batches costs anything.
pub(super) const CHUNK_ROWS: u64 = 65_536;

/// The format for files of this content, or for a pipe, which nobody can seek in.
///
/// # Errors
/// A compression or a column that Arrow IPC does not take.
pub(super) fn open(content: &Content) -> Result<Box<dyn FileFormat>> {
    IpcFormat::open(content, if content.is_stream { Framing::Stream } else { Framing::File })
}

/// The format for a pipe, whatever the content says.
///
/// # Errors
/// Those of [`open`].
#[cfg(test)]
fn open_stream(content: &Content) -> Result<Box<dyn FileFormat>> {
    IpcFormat::open(content, Framing::Stream)
}

/// The files of one table.
struct IpcFormat {
    /// The table's name, for messages.
    table: String,
    /// With the dataset's key-value pairs.
    schema: SchemaRef,
    options: IpcWriteOptions,
    framing: Framing,
}

impl IpcFormat {
    fn open(content: &Content, framing: Framing) -> Result<Box<dyn FileFormat>> {
        let fields = content.schema.fields().clone();
        let schema = Schema::new_with_metadata(fields, content.metadata.iter().cloned().collect());
        let options = write_options(content.compression);
        let options =
            options.map_err(|error| Error::option("compression", content.compression, error.to_string()))?;
        let format = Self { table: content.table.to_owned(), schema: Arc::new(schema), options, framing };
        format.encoder()?;
        Ok(Box::new(format))
    }
}

impl FileFormat for IpcFormat {
    fn encoder(&self) -> Result<Box<dyn Encoder + '_>> {
        Ok(Box::new(BatchEncoder::new(&self.table, &self.schema, &self.options)))
    }

    fn begin(&self, out: Box<dyn StoredFile>) -> std::io::Result<Box<dyn FileWriter + '_>> {
        Ok(Box::new(IpcWriter::begin(&self.schema, &self.options, self.framing, out)?))
    }
}

fn write_options(compression: Compression) -> std::result::Result<IpcWriteOptions, ArrowError> {
    let options = IpcWriteOptions::default();
    match compression {
        Compression::None => Ok(options),
        Compression::Lz4 => options.try_with_compression(Some(CompressionType::LZ4_FRAME)),
        Compression::Zstd(level) => options
            .try_with_compression(Some(CompressionType::ZSTD))?
            .try_with_compression_level(Some(level.into())),
        Compression::Snappy | Compression::Gzip(_) => {
            Err(ArrowError::InvalidArgumentError("Arrow files are compressed with lz4 or zstd".to_owned()))
        }
    }
}
