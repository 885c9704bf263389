//! Claims as Parquet files, encoded from Arrow codes without touching a value twice.
//!
//! A row group is encoded by one thread and appended in order. Inside it, every column has an encoder of
//! its own for the type that the generator makes ([`schema`] says which), and pages of [`PAGE_ROWS`] rows:
//!
//! | in memory | in the file | ns/row |
//! |---|---|---|
//! | dictionary of text or numbers | dictionary page, RLE_DICTIONARY indices | 0.6–1.6 |
//! | list of dictionary text, 2 entries a row | the same, with repetition levels | 5 |
//! | dates, 8, 16 and 32-bit integers | a dictionary of the range, or DELTA_BINARY_PACKED | 0.9–2.1 |
//! | `Int64`, `Decimal64` of 10 digits and more | DELTA_BINARY_PACKED | 3.2–4.0 |
//! | booleans | PLAIN | 0.2–2.2 |
//! | ids in row order | DELTA_BYTE_ARRAY, compressed | 9 |
//! | other text: 16 digits a row; mostly null | DELTA_LENGTH_BYTE_ARRAY, compressed where it pays | 23; 5 |
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
mod delta;
mod dictionary;
mod levels;
mod list;
mod range;
mod row_group;
mod schema;
mod statistics;
mod stock;
mod text;

#[cfg(test)]
mod tests;

use std::io::Write;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::add_encoded_arrow_schema_to_metadata;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;

use self::chunk::{ChunkEnd, DataPage};
use self::row_group::{EncodedRowGroup, RowGroupEncoder};
use self::schema::Layout;
use super::whole_file::{PendingFile, WholeFile};
use super::{Compression, Job, Sink, Written, claim, files};
use crate::Error;

/// Errors inside the encoders are the parquet crate's; the sink adds the path.
type Result<T> = std::result::Result<T, ParquetError>;

/// What the files' names end with.
const EXTENSION: &str = "parquet";

/// Rows in a data page. A power of two, so that pages and generator blocks end together.
const PAGE_ROWS: usize = 65_536;

/// The row groups that a Parquet file can have: their ordinal is a signed 16-bit number.
const MOST_ROW_GROUPS: u64 = i16::MAX as u64;

/// Encodes one column: rows in, pages out.
trait ColumnEncoder {
    /// Adds rows, all of which belong to the page in progress.
    ///
    /// # Errors
    /// An array of another type than the column's, or nulls where there may be none.
    fn push(&mut self, array: &dyn Array) -> Result<()>;

    /// Ends the page in progress, which has at least one row. `None`: the page comes with [`ColumnEncoder::end_chunk`].
    fn end_page(&mut self) -> Option<DataPage>;

    /// Ends the chunk; the next row begins another one.
    fn end_chunk(&mut self) -> ChunkEnd;
}

fn type_mismatch(array: &dyn Array, expected: &DataType) -> ParquetError {
    ParquetError::General(format!("values of type {}, expected {expected}", array.data_type()))
}

/// Whether the job's row groups fit into Parquet files, and nothing is in their way.
///
/// # Errors
/// Too many row groups, files in the way, or another run at work on them.
pub(super) fn check(job: &Job) -> crate::Result<()> {
    let most_rows = MOST_ROW_GROUPS.saturating_mul(job.options.row_group_rows);
    if let Some(part) =
        job.parts.ranges(job.rows.row_count()).find(|part| part.rows.end - part.rows.start > most_rows)
    {
        let rows = part.rows.end - part.rows.start;
        let least = rows.div_ceil(MOST_ROW_GROUPS);
        return Err(Error::option(
            "row-group-rows",
            job.options.row_group_rows,
            format!(
                "a Parquet file has at most {MOST_ROW_GROUPS} row groups: take at least {least}, or more parts"
            ),
        ));
    }
    claim::check(job, EXTENSION)
}

/// Writes the job's parts as Parquet files, and the manifest after them.
///
/// # Errors
/// Files in the way, a schema that Parquet cannot store, the operating system's refusals, or
/// [`Error::Interrupted`]. Nothing is left under a final name then.
pub(super) fn write(job: &Job) -> crate::Result<Written> {
    files::write(job, EXTENSION, |path| ParquetSink::new(job, path))
}

/// Encodes row groups and appends them to one file.
struct ParquetSink {
    layout: Arc<Layout>,
    properties: WriterPropertiesPtr,
    compression: Compression,
    path: std::path::PathBuf,
}

impl ParquetSink {
    fn new(job: &Job, path: std::path::PathBuf) -> crate::Result<Self> {
        let built = file_layout(job.rows.schema(), job.options.compression, job.metadata);
        let (layout, properties) = built.map_err(|error| failed(&path, error))?;
        Ok(Self { layout, properties, compression: job.options.compression, path })
    }
}

impl Sink for ParquetSink {
    type Scratch = RowGroupEncoder;
    type Chunk = EncodedRowGroup;
    type Output = SerializedFileWriter<WholeFile>;
    type Done = PendingFile;

    fn scratch(&self) -> crate::Result<RowGroupEncoder> {
        RowGroupEncoder::new(&self.layout, &self.properties, self.compression)
            .map_err(|error| failed(&self.path, error))
    }

    fn encode(
        &self,
        scratch: &mut RowGroupEncoder,
        batches: &mut dyn Iterator<Item = RecordBatch>,
    ) -> crate::Result<EncodedRowGroup> {
        scratch.encode(batches).map_err(|error| failed(&self.path, error))
    }

    fn open(&self) -> crate::Result<Self::Output> {
        let file = WholeFile::create(&self.path)?;
        file_writer(file, &self.layout, &self.properties).map_err(|error| failed(&self.path, error))
    }

    fn append(&self, output: &mut Self::Output, chunk: EncodedRowGroup) -> crate::Result<u64> {
        let rows = chunk.rows as u64;
        chunk.append_to(output).map_err(|error| failed(&self.path, error))?;
        Ok(rows)
    }

    fn finish(&self, output: Self::Output) -> crate::Result<PendingFile> {
        let file = output.into_inner().map_err(|error| failed(&self.path, error))?;
        file.finish()
    }

    fn abandon(&self) {
        WholeFile::remove_unfinished(&self.path);
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

/// The error with its place: the operating system's own refusals stay what they are.
fn failed(path: &std::path::Path, error: ParquetError) -> Error {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(source) => Error::io(path, "write the file", *source),
            Err(other) => Error::io(path, "write the file", std::io::Error::other(other)),
        },
        ParquetError::General(problem) => Error::input(path, problem),
        other => Error::input(path, other.to_string()),
    }
}
