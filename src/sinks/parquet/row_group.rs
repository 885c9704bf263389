//! One row group: batches in, encoded columns out, pages cut at fixed rows.

use std::io::Write;
use std::mem;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::arrow_writer::ArrowColumnChunk;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::SerializedFileWriter;

use super::chunk::EncodedColumn;
use super::codec::Codec;
use super::column::STEP_ROWS;
use super::schema::{FieldEncoder, Layout};
use super::{PAGE_ROWS, Result};
use crate::sinks::Compression;

/// What one thread needs to encode row groups; used again from one to the next.
pub(super) struct RowGroupEncoder {
    layout: Arc<Layout>,
    encoders: Vec<FieldEncoder>,
    /// Rows of the row group in progress.
    rows: usize,
    codec: Codec,
}

/// An encoded row group, ready to be appended to a file.
pub(super) struct EncodedRowGroup {
    /// Its rows.
    pub rows: usize,
    columns: Vec<Column>,
}

enum Column {
    Own(EncodedColumn),
    Stock(ArrowColumnChunk),
}

impl RowGroupEncoder {
    /// Encoders for every field of the layout.
    pub(super) fn new(
        layout: &Arc<Layout>,
        properties: &WriterPropertiesPtr,
        compression: Compression,
    ) -> Result<Self> {
        Ok(Self {
            layout: Arc::clone(layout),
            encoders: layout.encoders(properties)?,
            rows: 0,
            codec: Codec::new(compression)?,
        })
    }

    /// Adds the next rows of the row group in progress. Its bytes depend on the rows alone, not on the batches.
    ///
    /// # Errors
    /// A batch whose columns are not those of the layout; the message names the column.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_columns() != self.encoders.len() {
            let (given, expected) = (batch.num_columns(), self.encoders.len());
            return Err(ParquetError::General(format!("a batch of {given} columns, expected {expected}")));
        }
        let mut start = 0;
        while start < batch.num_rows() {
            let taken = (batch.num_rows() - start).min(STEP_ROWS - self.rows % STEP_ROWS);
            self.push_within_step(batch, start, taken)?;
            start += taken;
            self.rows += taken;
            if self.rows.is_multiple_of(PAGE_ROWS) {
                self.end_page()?;
            } else if self.rows.is_multiple_of(STEP_ROWS) {
                self.end_long_pages()?;
            }
        }
        Ok(())
    }

    /// Ends the row group; the next row begins another one.
    ///
    /// # Errors
    /// Those of the codec.
    pub(super) fn end(&mut self) -> Result<EncodedRowGroup> {
        let rows = mem::take(&mut self.rows);
        if rows == 0 {
            return Ok(EncodedRowGroup { rows, columns: Vec::new() });
        }
        if !rows.is_multiple_of(PAGE_ROWS) {
            self.end_page()?;
        }
        self.end_chunks(rows)
    }

    fn push_within_step(&mut self, batch: &RecordBatch, start: usize, rows: usize) -> Result<()> {
        for (encoder, column) in self.encoders.iter_mut().zip(batch.columns()) {
            let slice: ArrayRef;
            let part = if rows == column.len() {
                column
            } else {
                slice = column.slice(start, rows);
                &slice
            };
            match encoder {
                FieldEncoder::Own(encoder) => encoder.push(part)?,
                FieldEncoder::Stock(encoder) => encoder.push(part),
            }
        }
        Ok(())
    }

    fn end_long_pages(&mut self) -> Result<()> {
        for encoder in &mut self.encoders {
            if let FieldEncoder::Own(encoder) = encoder {
                encoder.end_long_pages(&mut self.codec)?;
            }
        }
        Ok(())
    }

    fn end_page(&mut self) -> Result<()> {
        for (index, encoder) in self.encoders.iter_mut().enumerate() {
            match encoder {
                FieldEncoder::Own(encoder) => encoder.end_page(&mut self.codec)?,
                FieldEncoder::Stock(encoder) => {
                    encoder.end_page().map_err(|error| named(self.layout.name(index), error))?;
                }
            }
        }
        Ok(())
    }

    fn end_chunks(&mut self, rows: usize) -> Result<EncodedRowGroup> {
        let mut columns = Vec::with_capacity(self.layout.parquet.num_columns());
        for encoder in &mut self.encoders {
            match encoder {
                FieldEncoder::Own(encoder) => {
                    for column in &mut encoder.columns {
                        let description = self.layout.parquet.column(columns.len());
                        let encoded = column.end_chunk(rows, &description, &mut self.codec)?;
                        columns.push(Column::Own(encoded));
                    }
                }
                FieldEncoder::Stock(encoder) => {
                    columns.extend(encoder.end_chunk()?.into_iter().map(Column::Stock));
                }
            }
        }
        Ok(EncodedRowGroup { rows, columns })
    }
}

impl EncodedRowGroup {
    /// Appends the row group to the file.
    pub(super) fn append_to<W: Write + Send>(self, file: &mut SerializedFileWriter<W>) -> Result<()> {
        let mut row_group = file.next_row_group()?;
        for column in self.columns {
            match column {
                Column::Own(EncodedColumn { bytes, close }) => row_group.append_column(&bytes, close)?,
                Column::Stock(chunk) => chunk.append_to_row_group(&mut row_group)?,
            }
        }
        row_group.close()?;
        Ok(())
    }
}

/// The error with the column's name before it.
fn named(column: &str, error: ParquetError) -> ParquetError {
    match error {
        ParquetError::General(message) => ParquetError::General(format!("column {column}: {message}")),
        other => other,
    }
}
