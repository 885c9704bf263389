//! Batches in, rows of text out.

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use super::{Cells, Style};

/// What the rows of a table look like as text.
pub(in crate::sinks) struct RowLayout {
    /// How values are written.
    pub style: Style,
    /// What stands before the value of each column: a comma, a key.
    pub before: Vec<Vec<u8>>,
    /// What ends a row.
    pub end: &'static [u8],
}

/// Writes the rows of one table as text.
pub(super) struct RowEncoder {
    names: Vec<String>,
    columns: Vec<Box<dyn Cells>>,
    end: &'static [u8],
    text: Vec<u8>,
}

impl RowEncoder {
    /// An encoder for batches of this schema.
    ///
    /// # Errors
    /// Names the column that has no form as text.
    pub(super) fn new(schema: &Schema, layout: &RowLayout) -> Result<Self, String> {
        let columns = schema.fields().iter().zip(&layout.before).map(|(field, before)| {
            super::cells(field.data_type(), layout.style, before)
                .map_err(|problem| format!("column {}: {problem}", field.name()))
        });
        Ok(Self {
            names: schema.fields().iter().map(|field| field.name().clone()).collect(),
            columns: columns.collect::<Result<_, _>>()?,
            end: layout.end,
            text: Vec::new(),
        })
    }

    /// Adds the rows of a batch.
    ///
    /// # Errors
    /// Names the column whose values cannot be written.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<(), String> {
        if batch.num_columns() != self.columns.len() {
            return Err(format!(
                "a batch of {} columns, expected {}",
                batch.num_columns(),
                self.columns.len()
            ));
        }
        for ((column, array), name) in self.columns.iter_mut().zip(batch.columns()).zip(&self.names) {
            column.load(array).map_err(|problem| format!("column {name}: {problem}"))?;
        }
        for row in 0..batch.num_rows() {
            for column in &self.columns {
                column.write(row, &mut self.text);
            }
            self.text.extend_from_slice(self.end);
        }
        Ok(())
    }

    /// The rows since they were last taken or cleared.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Forgets the rows that were added.
    pub(super) fn clear(&mut self) {
        self.text.clear();
    }

    /// Takes the rows out, and writes the next ones into `room`.
    pub(super) fn take(&mut self, mut room: Vec<u8>) -> Vec<u8> {
        room.clear();
        std::mem::replace(&mut self.text, room)
    }
}
