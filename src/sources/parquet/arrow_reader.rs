//! Row groups through the Arrow reader: works for every encoding there is.

use std::fs::File;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::footer::{TableFile, damaged, guarded};
use crate::sources::Batches;
use crate::sources::batch::Batch;
use crate::sources::columns::Columns;
use crate::sources::conversion::days_of;
use crate::summaries::Day;
use crate::{Error, Result};

/// Rows decoded at a time: few enough that the usual columns of them stay in a core's cache.
const BATCH_ROWS: usize = 8_192;

/// The rows of one row group, without its first `offset` rows.
pub(super) fn read(file: &TableFile, row_group: usize, offset: usize) -> Result<Batches<'_>> {
    let own: Vec<usize> = file.own_places().collect();
    let records = Records::open(file, vec![row_group], offset, &own, BATCH_ROWS)?;
    let positions = positions(file, &own);
    let rows_left = file.row_groups()[row_group].rows.saturating_sub(offset as u64);
    Ok(Box::new(Rows { file, records, positions, rows_left }))
}

/// The rows of one row group; ends after the first error.
struct Rows<'a> {
    file: &'a TableFile,
    records: Records<'a>,
    positions: Vec<usize>,
    rows_left: u64,
}

impl Iterator for Rows<'_> {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(batch) = self.records.next() else {
            // Damaged levels can make the reader stop early without a word.
            let missing = std::mem::take(&mut self.rows_left);
            let problem = format!("the Parquet data are damaged: a row group lacks {missing} of its rows");
            return (missing > 0).then(|| Err(Error::input(self.file.path(), problem)));
        };
        let rows = batch.and_then(|batch| {
            self.rows_left = self.rows_left.saturating_sub(batch.num_rows() as u64);
            let batch = with_constants(self.file, batch)?;
            Batch::from_record_batch(&batch, &self.positions, &self.file.reading())
        });
        if rows.is_err() {
            self.records.reader = None;
            self.rows_left = 0;
        }
        Some(rows)
    }
}

/// A batch of the file's needed columns, with those that its folders stand for behind them.
fn with_constants(file: &TableFile, batch: RecordBatch) -> Result<RecordBatch> {
    let constants: Vec<_> = (0..file.columns().len()).filter_map(|place| file.constant(place)).collect();
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

/// The latest day in some row groups, `None` when no row has one.
pub(super) fn last_day(file: &TableFile, row_groups: Vec<usize>) -> Result<Option<Day>> {
    let mut last = None;
    for batch in Records::open(file, row_groups, 0, &[Columns::TIME], BATCH_ROWS)? {
        let batch = batch?;
        let days =
            days_of(batch.column(0)).map_err(|problem| file.reading().error(Columns::TIME, &problem))?;
        last = last.max(days.iter().flatten().max());
    }
    Ok(last.map(Day))
}

/// Where each needed column stands among the columns that are read, which keep the file's order; those of its
/// folders come behind them.
fn positions(file: &TableFile, own: &[usize]) -> Vec<usize> {
    let mut behind = own.len();
    (0..file.columns().len())
        .map(|place| match file.constant(place) {
            Some(_) => {
                behind += 1;
                behind - 1
            }
            None => place_among(file, own, place),
        })
        .collect()
}

/// Where a needed column stands among those at `places` when they are read in the file's order.
pub(super) fn place_among(file: &TableFile, places: &[usize], place: usize) -> usize {
    let position = file.position(place);
    places.iter().filter(|&&other| file.position(other) < position).count()
}

/// Record batches of some columns of a file; ends after the first error.
pub(super) struct Records<'a> {
    file: &'a TableFile,
    reader: Option<ParquetRecordBatchReader>,
}

impl<'a> Records<'a> {
    /// The needed columns at `places`, which the file has itself, `batch_rows` at a time.
    pub(super) fn open(
        file: &'a TableFile,
        row_groups: Vec<usize>,
        offset: usize,
        places: &[usize],
        batch_rows: usize,
    ) -> Result<Self> {
        let handle =
            File::open(file.path()).map_err(|error| Error::io(file.path(), "open the file", error))?;
        let roots = places.iter().map(|&place| file.position(place));
        let mask = ProjectionMask::roots(file.footer().parquet_schema(), roots);
        let reader = guarded(file.path(), || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(handle, file.footer().clone())
                .with_row_groups(row_groups)
                .with_projection(mask)
                .with_offset(offset)
                .with_batch_size(batch_rows)
                .build()
                .map_err(|error| damaged(file.path(), &error))
        })?;
        Ok(Self { file, reader: Some(reader) })
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
