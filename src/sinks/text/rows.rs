//! The text of rows outside of a file, for those who compare.

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use super::super::{csv, jsonl};
use super::encoder::RowEncoder;

/// Encodes rows as a text format would write them into a file, without compression.
pub(crate) struct TextRows {
    header: Vec<u8>,
    encoder: RowEncoder,
}

impl TextRows {
    /// The rows of a table in a format, `csv` or `jsonl`.
    ///
    /// # Errors
    /// Another format, or a column that has no form as text.
    pub(crate) fn open(format: &str, schema: &Schema) -> Result<Self, String> {
        let (header, layout) = match format {
            "csv" => (csv::header(schema), csv::layout(schema)),
            "jsonl" => (Vec::new(), jsonl::layout(schema)),
            other => return Err(format!("{other} is no text format")),
        };
        Ok(Self { header, encoder: RowEncoder::new(schema, &layout)? })
    }

    /// What stands before the first row.
    pub(crate) fn header(&self) -> &[u8] {
        &self.header
    }

    /// The rows of a batch.
    ///
    /// # Errors
    /// Names the column whose values cannot be written.
    pub(crate) fn encode(&mut self, batch: &RecordBatch) -> Result<&[u8], String> {
        self.encoder.clear();
        self.encoder.push(batch)?;
        Ok(self.encoder.text())
    }
}
