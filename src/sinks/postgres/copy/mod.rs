//! Rows in the form that `COPY ... FROM STDIN (FORMAT binary)` takes.
//!
//! The form is described in the PostgreSQL manual, "COPY", section "Binary Format": a header, each row as the
//! number of its columns and `[length][bytes]` for each, a trailer; all numbers with the highest byte first.
//! Values of a dictionary are put into that form once and copied from then on.

mod cells;
mod json;
mod numeric;
#[cfg(test)]
mod tests;

use arrow_array::{AnyDictionaryArray, RecordBatch};
use arrow_schema::{ArrowError, DataType, Schema};

use self::cells::{Cells, SlotCache};
use super::types::SqlType;

/// What stands before the first row: the signature, no flags, no extension.
pub(super) const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What stands behind the last row.
pub(super) const TRAILER: &[u8] = &(-1_i16).to_be_bytes();

/// Why rows cannot be put into this form.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refusal(String);

impl Refusal {
    pub(super) fn kind(kind: &DataType) -> Self {
        Self(format!("values of type {kind} have no form in PostgreSQL"))
    }

    fn size() -> Self {
        Self("the values of a dictionary take more than 4 GiB".to_owned())
    }
}

impl From<ArrowError> for Refusal {
    fn from(error: ArrowError) -> Self {
        Self(error.to_string())
    }
}

/// Turns batches of one schema into rows in binary form.
pub(super) struct CopyEncoder {
    columns: Vec<(SqlType, SlotCache)>,
}

impl CopyEncoder {
    /// For batches of this schema.
    pub(super) fn new(schema: &Schema) -> Result<Self, Refusal> {
        let sql = |field: &arrow_schema::FieldRef| {
            SqlType::of(field.data_type()).ok_or_else(|| Refusal::kind(field.data_type()))
        };
        let columns = schema.fields().iter().map(|field| Ok((sql(field)?, SlotCache::default())));
        Ok(Self { columns: columns.collect::<Result<_, Refusal>>()? })
    }

    fn cells(&mut self, batch: &RecordBatch) -> Result<Vec<Cells>, Refusal> {
        let columns = self.columns.iter_mut().zip(batch.columns());
        columns.map(|((sql, cache), array)| Cells::new(array, sql, cache)).collect()
    }

    /// Appends the rows of a batch, each to the one of `outs` that `dealt` says, without header and trailer.
    pub(super) fn deal(
        &mut self,
        batch: &RecordBatch,
        dealt: &[usize],
        outs: &mut [Vec<u8>],
    ) -> Result<(), Refusal> {
        let cells = self.cells(batch)?;
        let column_count = (cells.len() as i16).to_be_bytes();
        for (row, out) in dealt.iter().enumerate() {
            let out = &mut outs[*out];
            out.extend_from_slice(&column_count);
            for column in &cells {
                column.write(row, out);
            }
        }
        Ok(())
    }

    /// Appends the rows of a batch, without header and trailer.
    pub(super) fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let cells = self.cells(batch)?;
        // A table of PostgreSQL has at most 1,600 columns.
        let column_count = (cells.len() as i16).to_be_bytes();
        for row in 0..batch.num_rows() {
            out.extend_from_slice(&column_count);
            for column in &cells {
                column.write(row, out);
            }
        }
        Ok(())
    }
}

/// The codes of a dictionary array; those of null rows are any.
pub(super) fn slots_of(array: &dyn AnyDictionaryArray) -> Vec<usize> {
    // `normalized_keys` wants a value that null rows can point at.
    if array.values().is_empty() { vec![0; array.keys().len()] } else { array.normalized_keys() }
}
