//! Row groups through the Arrow reader: works for every encoding there is.

use std::fs::File;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::footer::{ClaimFile, damaged, guarded};
use crate::sources::Batches;
use crate::sources::batch::{ClaimBatch, days_of};
use crate::sources::columns::Column;
use crate::summaries::Day;
use crate::{Error, Result};

/// Rows decoded at a time: few enough that five columns of them stay in a core's cache.
const BATCH_ROWS: usize = 8_192;

/// The claims of one row group, without its first `offset` rows.
pub(super) fn read(file: &ClaimFile, row_group: usize, offset: usize) -> Result<Batches<'_>> {
    let records = Records::open(file, vec![row_group], offset, &Column::ALL)?;
    let positions = records.positions();
    let rows_left = file.row_groups()[row_group].rows.saturating_sub(offset as u64);
    Ok(Box::new(Claims { file, records, positions, rows_left }))
}

/// The claims of one row group; ends after the first error.
struct Claims<'a> {
    file: &'a ClaimFile,
    records: Records<'a>,
    positions: [usize; 5],
    rows_left: u64,
}

impl Iterator for Claims<'_> {
    type Item = Result<ClaimBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(batch) = self.records.next() else {
            // Damaged levels can make the reader stop early without a word.
            let missing = std::mem::take(&mut self.rows_left);
            let problem = format!("the Parquet data are damaged: a row group lacks {missing} of its rows");
            return (missing > 0).then(|| Err(Error::input(self.file.path(), problem)));
        };
        let claims = batch.and_then(|batch| {
            self.rows_left = self.rows_left.saturating_sub(batch.num_rows() as u64);
            let batch = with_constants(self.file, batch)?;
            ClaimBatch::from_record_batch(&batch, &self.positions, &self.file.reading())
        });
        if claims.is_err() {
            self.records.reader = None;
            self.rows_left = 0;
        }
        Some(claims)
    }
}

/// A batch of the file's needed columns, with those that its folders stand for behind them.
fn with_constants(file: &ClaimFile, batch: RecordBatch) -> Result<RecordBatch> {
    let constants: Vec<_> = Column::ALL.into_iter().filter_map(|column| file.constant(column)).collect();
    if constants.is_empty() {
        return Ok(batch);
    }
    let mut fields = batch.schema().fields().to_vec();
    let mut columns = batch.columns().to_vec();
    for value in constants {
        let keys = Int32Array::from(vec![value.map(|_| 0); batch.num_rows()]);
        let values: ArrayRef = Arc::new(StringArray::from(vec![value.unwrap_or_default()]));
        let column: ArrayRef = Arc::new(DictionaryArray::new(keys, values));
        fields.push(Arc::new(Field::new("", column.data_type().clone(), true)));
        columns.push(column);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|error| Error::input(file.path(), error.to_string()))
}

/// The latest submitted day in some row groups, `None` when no row has one.
pub(super) fn last_day(file: &ClaimFile, row_groups: Vec<usize>) -> Result<Option<Day>> {
    let mut last = None;
    for batch in Records::open(file, row_groups, 0, &[Column::SubmittedDate])? {
        let batch = batch?;
        let days = days_of(batch.column(0))
            .map_err(|problem| file.reading().error(Column::SubmittedDate, &problem))?;
        last = last.max(days.iter().flatten().max());
    }
    Ok(last.map(Day))
}

/// Record batches of some columns of a file; ends after the first error.
struct Records<'a> {
    file: &'a ClaimFile,
    reader: Option<ParquetRecordBatchReader>,
}

impl<'a> Records<'a> {
    fn open(file: &'a ClaimFile, row_groups: Vec<usize>, offset: usize, columns: &[Column]) -> Result<Self> {
        let handle =
            File::open(file.path()).map_err(|error| Error::io(file.path(), "open the file", error))?;
        let own = columns.iter().filter(|column| file.constant(**column).is_none());
        let roots = own.map(|&column| file.position(column));
        let mask = ProjectionMask::roots(file.footer().parquet_schema(), roots);
        let reader = guarded(file.path(), || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(handle, file.footer().clone())
                .with_row_groups(row_groups)
                .with_projection(mask)
                .with_offset(offset)
                .with_batch_size(BATCH_ROWS)
                .build()
                .map_err(|error| damaged(file.path(), &error))
        })?;
        Ok(Self { file, reader: Some(reader) })
    }

    /// Where each of [`Column::ALL`] stands among the columns that are read, which keep the file's order; those of
    /// its folders come behind them.
    fn positions(&self) -> [usize; 5] {
        let mut behind =
            Column::ALL.into_iter().filter(|column| self.file.constant(*column).is_none()).count();
        let own = Column::ALL.into_iter().filter(|column| self.file.constant(*column).is_none());
        let mut in_file_order: Vec<usize> = own.map(|column| self.file.position(column)).collect();
        in_file_order.sort_unstable();
        in_file_order.dedup();
        Column::ALL.map(|column| {
            if self.file.constant(column).is_some() {
                behind += 1;
                return behind - 1;
            }
            let position = self.file.position(column);
            in_file_order.partition_point(|&earlier| earlier < position)
        })
    }
}

impl Iterator for Records<'_> {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = self.reader.as_mut()?;
        let path = self.file.path();
        let next = guarded(path, || match reader.next() {
            None => Ok(None),
            Some(Ok(batch)) => Ok(Some(batch)),
            Some(Err(error)) => Err(damaged(path, &error.into())),
        });
        if !matches!(next, Ok(Some(_))) {
            self.reader = None;
        }
        next.transpose()
    }
}
