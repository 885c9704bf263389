//! Tables as Parquet files, encoded from Arrow codes without touching a value twice.
//!
//! A row group is encoded by one thread and appended in order. Inside it, every column has an encoder of
//! its own for the type that the generator makes ([`schema`] says which), and pages of [`PAGE_ROWS`] rows:
//!
//! | in memory | in the file | ns/row |
//! |---|---|---|
//! | dictionary of text or numbers | dictionary page, RLE_DICTIONARY indices | 0.6–1.6 |
//! | list of dictionary text, 2 entries a row | the same, with repetition levels | 5 |
//! | dates, 8, 16 and 32-bit integers | a dictionary of the range, or DELTA_BINARY_PACKED | 0.9–2.1 |
//! | `Int64`, instants, `Decimal64` of 10 digits and more | DELTA_BINARY_PACKED | 3.2–4.0 |
//! | `Float64` | PLAIN, compressed where it pays | 38 |
//! | booleans | PLAIN | 0.2–2.2 |
//! | ids in row order | DELTA_BYTE_ARRAY, compressed | 9 |
//! | other text: 16 digits a row; mostly null | DELTA_LENGTH_BYTE_ARRAY, compressed where it pays | 23; 5 |
//! | structs and lists of these, at any depth | the same, with levels made once for all columns ([`place`]) | |
//! | all else | the parquet crate's writer | 5–80 |
//!
//! The times are CPU time of one thread of a 2-core Xeon, from arrays to the file, by
//! `benches/parquet_sink.rs`; a claim of 26 columns takes 90 to 105.
//!
//! Which pages are compressed, and why so few, is told in [`chunk`]. Levels exist only in nullable columns.
//! The Arrow schema is stored with the file, so that pyarrow, polars and the parquet crate give dictionaries,
//! dates and decimals back as such. The bytes depend on the rows, the schema and the options, never on
//! the number of threads or the batch size; `created_by` names no version, so that an update of the parquet
//! crate alone changes no digest.

mod bitpack;
mod boolean;
mod chunk;
mod codec;
mod column;
mod delta;
mod dictionary;
mod float;
mod levels;
mod nesting;
mod page_header;
mod place;
mod range;
mod row_group;
mod schema;
mod statistics;
mod stock;
mod text;

#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::add_encoded_arrow_schema_to_metadata;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;

use self::row_group::{EncodedRowGroup, RowGroupEncoder};
use self::schema::Layout;
use super::output::{Chunk, Encoded, Encoder, FileFormat, FileWriter, unpack};
use super::storage::StoredFile;
use super::{Compression, Content};
use crate::Error;

/// Errors inside the encoders are the parquet crate's; the sink adds the path.
type Result<T> = std::result::Result<T, ParquetError>;

/// Rows in a data page. A power of two, so that pages and generator blocks end together.
const PAGE_ROWS: usize = 65_536;

/// The row groups that a Parquet file can have: their ordinal is a signed 16-bit number.
pub(super) const MOST_ROW_GROUPS: u64 = i16::MAX as u64;

fn type_mismatch(array: &dyn Array, expected: &DataType) -> ParquetError {
    ParquetError::General(format!("values of type {}, expected {expected}", array.data_type()))
}

/// The format for files of this content.
///
/// # Errors
/// A schema that Parquet cannot store.
pub(super) fn open(content: &Content) -> crate::Result<Box<dyn FileFormat>> {
    let built = file_layout(Arc::clone(&content.schema), content.compression, content.metadata);
    let (layout, properties) = built.map_err(|error| unusable(content.table, error))?;
    let (compression, table) = (content.compression, content.table.to_owned());
    Ok(Box::new(ParquetFormat { layout, properties, compression, table }))
}

/// Row groups encoded by our own pages.
struct ParquetFormat {
    layout: Arc<Layout>,
    properties: WriterPropertiesPtr,
    compression: Compression,
    /// The table's name, for messages.
    table: String,
}

impl FileFormat for ParquetFormat {
    fn encoder(&self) -> crate::Result<Box<dyn Encoder + '_>> {
        let encoder = RowGroupEncoder::new(&self.layout, &self.properties, self.compression)
            .map_err(|error| unusable(&self.table, error))?;
        Ok(Box::new(TableEncoder { encoder, table: &self.table }))
    }

    fn begin(&self, out: Box<dyn StoredFile>) -> io::Result<Box<dyn FileWriter + '_>> {
        Ok(Box::new(file_writer(out, &self.layout, &self.properties).map_err(refused)?))
    }
}

/// A row group encoder whose errors name the table.
struct TableEncoder<'a> {
    encoder: RowGroupEncoder,
    table: &'a str,
}

impl Encoder for TableEncoder<'_> {
    fn push(&mut self, batch: &RecordBatch) -> crate::Result<()> {
        self.encoder.push(batch).map_err(|error| unusable(self.table, error))
    }

    fn end(&mut self, _chunk: &Chunk) -> crate::Result<Encoded> {
        let row_group = self.encoder.end().map_err(|error| unusable(self.table, error))?;
        Ok(Box::new(row_group))
    }
}

impl FileWriter for SerializedFileWriter<Box<dyn StoredFile>> {
    fn append(&mut self, encoded: Encoded) -> io::Result<()> {
        let row_group: EncodedRowGroup = unpack(encoded);
        // A row group without rows is none.
        if row_group.rows == 0 { Ok(()) } else { row_group.append_to(self).map_err(refused) }
    }

    fn finish(self: Box<Self>) -> io::Result<Box<dyn StoredFile>> {
        self.into_inner().map_err(refused)
    }
}

/// The layout and the writer's properties for batches of this schema.
fn file_layout(
    memory: SchemaRef,
    compression: Compression,
    metadata: &[(String, String)],
) -> Result<(Arc<Layout>, WriterPropertiesPtr)> {
    let layout = Layout::new(memory)?;
    let metadata = metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
    let mut properties = WriterProperties::builder()
        // The default names the crate's version, and every update would change every file's digest.
        .set_created_by("driftforge".to_owned())
        .set_compression(codec::Codec::new(compression)?.parquet())
        .set_key_value_metadata(Some(metadata))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        // A page index is all columns or none, and our own chunks have none.
        .set_offset_index_disabled(true)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .build();
    add_encoded_arrow_schema_to_metadata(&layout.stored, &mut properties);
    Ok((Arc::new(layout), Arc::new(properties)))
}

fn file_writer<W: Write + Send>(
    out: W,
    layout: &Layout,
    properties: &WriterPropertiesPtr,
) -> Result<SerializedFileWriter<W>> {
    SerializedFileWriter::new(out, layout.parquet.root_schema_ptr(), Arc::clone(properties))
}

/// Rows that cannot be stored.
fn unusable(table: &str, error: ParquetError) -> Error {
    match error {
        ParquetError::General(problem) => Error::input(table, problem),
        other => Error::input(table, other.to_string()),
    }
}

/// Bytes that cannot be written: the operating system's own refusals stay what they are.
fn refused(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}
