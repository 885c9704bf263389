//! Row groups read straight as codes where their columns are dictionary-encoded.
//!
//! The Arrow reader turns codes into values and back for dates, and checks and copies more than is needed
//! here; this reader is several times as fast. It handles what writers do by default with columns of few
//! values, and leaves the other columns of a row group to the Arrow reader, which goes along with it. Where a
//! page turns out to be of another kind, the Arrow reader takes over all columns at that row.

use std::fs::File;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Date32Array, Int64Array, RecordBatch};
use arrow_buffer::{NullBuffer, ScalarBuffer};

use super::arrow_reader::{self, Records};
use super::footer::{TableFile, guarded};
use super::pages::{CodedColumn, Stop};
use crate::sources::Batches;
use crate::sources::batch::{Batch, Values};
use crate::sources::codes::{CodeKeys, Codes, with_null};
use crate::sources::columns::{ColumnKind, Columns};
use crate::sources::conversion::{self, days_of, numbers_of};
use crate::{Error, Result};

/// Rows decoded at a time: few enough that some columns of them stay in a core's second-level cache.
const BATCH_ROWS: usize = 16_384;

/// The rows of one row group.
pub(super) fn read(file: &TableFile, row_group: usize) -> Result<Batches<'_>> {
    if file.own_places().count() < file.columns().len() {
        return arrow_reader::read(file, row_group, 0);
    }
    let rows = file.row_groups()[row_group].rows as usize;
    let columns = guarded(file.path(), || match open_columns(file, row_group, rows) {
        Ok(columns) => Ok(columns),
        Err(Stop::Unsupported) => Ok(None),
        Err(Stop::Damaged(problem)) => Err(damaged(file, &problem)),
    })?;
    match columns {
        Some(columns) => {
            let state = State::Coded(Box::new(columns));
            Ok(Box::new(CodedReader { file, row_group, state, rows_read: 0, rows }))
        }
        None => arrow_reader::read(file, row_group, 0),
    }
}

fn damaged(file: &TableFile, problem: &str) -> Error {
    Error::input(file.path(), format!("the Parquet data are damaged: {problem}"))
}

/// The needed columns of a row group.
struct RowGroupColumns<'a> {
    file: &'a TableFile,
    /// One entry for each needed column.
    columns: Vec<ColumnReader>,
    /// The columns without codes, by their places, and who reads them.
    rest: Option<(Vec<usize>, Records<'a>)>,
}

/// How one column is read.
enum ColumnReader {
    Coded(Box<CodedColumn>, Meaning),
    Rest,
}

/// What a column's codes stand for.
enum Meaning {
    /// Texts, with a null behind them.
    Text(ArrayRef),
    Days(Date32Array),
    Numbers(Int64Array),
    Presence,
}

impl Meaning {
    fn of(values: &ArrayRef, kind: ColumnKind) -> Result<Self, Stop> {
        Ok(match kind {
            ColumnKind::Text => Self::Text(with_null(values).map_err(Stop::Damaged)?),
            ColumnKind::Day => Self::Days(days_of(values).map_err(Stop::Damaged)?),
            // What is too large for a number is refused by the general reader, which only looks at values that occur.
            ColumnKind::Number { decimals } => {
                Self::Numbers(numbers_of(values, decimals).map_err(|_| Stop::Unsupported)?)
            }
            ColumnKind::Presence => Self::Presence,
        })
    }
}

/// `None` when no column has codes.
fn open_columns(
    file: &TableFile,
    row_group: usize,
    rows: usize,
) -> Result<Option<RowGroupColumns<'_>>, Stop> {
    let mut handle =
        File::open(file.path()).map_err(|error| Stop::Damaged(format!("cannot open it: {error}")))?;
    let mut columns = Vec::with_capacity(file.columns().len());
    for place in 0..file.columns().len() {
        columns.push(match open_column(file, &mut handle, row_group, place, rows) {
            Ok((coded, meaning)) => ColumnReader::Coded(Box::new(coded), meaning),
            Err(Stop::Unsupported) => ColumnReader::Rest,
            Err(damaged) => return Err(damaged),
        });
    }
    let places: Vec<usize> =
        (0..columns.len()).filter(|&place| matches!(columns[place], ColumnReader::Rest)).collect();
    if places.len() == columns.len() {
        return Ok(None);
    }
    let records = |places: Vec<usize>| {
        let records = Records::open(file, vec![row_group], 0, &places, BATCH_ROWS);
        records.map(|records| (places, records)).map_err(|error| Stop::Damaged(error.to_string()))
    };
    let rest = (!places.is_empty()).then(|| records(places)).transpose()?;
    Ok(Some(RowGroupColumns { file, columns, rest }))
}

fn open_column(
    file: &TableFile,
    handle: &mut File,
    row_group: usize,
    place: usize,
    rows: usize,
) -> Result<(CodedColumn, Meaning), Stop> {
    let schema = file.footer().parquet_schema();
    let root = file.position(place);
    let leaf = (0..schema.num_columns()).find(|&leaf| schema.get_column_root_idx(leaf) == root);
    let leaf = leaf.ok_or("a column has no data")?;
    let data_type = file.footer().schema().field(root).data_type();
    let chunk = file.footer().metadata().row_group(row_group).column(leaf);
    let coded = CodedColumn::open(handle, chunk, data_type, rows)?;
    // The code of rows without a value has to fit too.
    if coded.values.len() > usize::from(u16::MAX) {
        return Err(Stop::Unsupported);
    }
    let meaning = Meaning::of(&coded.values, file.columns().at(place).kind)?;
    Ok((coded, meaning))
}

/// The batches of a row group.
struct CodedReader<'a> {
    file: &'a TableFile,
    row_group: usize,
    state: State<'a>,
    rows_read: usize,
    rows: usize,
}

/// Who reads.
enum State<'a> {
    Coded(Box<RowGroupColumns<'a>>),
    Arrow(Batches<'a>),
    Ended,
}

impl Iterator for CodedReader<'_> {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        let columns = match &mut self.state {
            State::Ended => return None,
            State::Arrow(batches) => return batches.next(),
            State::Coded(columns) => columns,
        };
        let count = BATCH_ROWS.min(self.rows - self.rows_read);
        if count == 0 {
            self.state = State::Ended;
            return None;
        }
        let batch = guarded(self.file.path(), || Ok(columns.read(count)));
        let problem = match batch {
            Ok(Ok(batch)) => {
                self.rows_read += count;
                return Some(Ok(batch));
            }
            Ok(Err(Stop::Unsupported)) => {
                return self.continue_with_arrow();
            }
            Ok(Err(Stop::Damaged(problem))) => damaged(self.file, &problem),
            Err(error) => error,
        };
        self.state = State::Ended;
        Some(Err(problem))
    }
}

impl CodedReader<'_> {
    /// Lets the Arrow reader go on where the last whole batch ended.
    fn continue_with_arrow(&mut self) -> Option<Result<Batch>> {
        match arrow_reader::read(self.file, self.row_group, self.rows_read) {
            Ok(mut batches) => {
                let first = batches.next();
                self.state = State::Arrow(batches);
                first
            }
            Err(error) => {
                self.state = State::Ended;
                Some(Err(error))
            }
        }
    }
}

impl RowGroupColumns<'_> {
    /// The next `count` rows.
    fn read(&mut self, count: usize) -> Result<Batch, Stop> {
        let rest = self.read_rest(count)?;
        let mut rest = rest.into_iter();
        let (mut complete, mut dated) = (None, None);
        let mut columns = Vec::with_capacity(self.columns.len());
        for (place, reader) in self.columns.iter_mut().enumerate() {
            let column = self.file.columns().at(place);
            let (values, nulls) = match reader {
                ColumnReader::Coded(coded, meaning) => read_coded(coded, meaning, count)?,
                ColumnReader::Rest => {
                    let array = rest.next().ok_or("a column ends before the others")?;
                    let values = conversion::values(&array, column.kind)
                        .map_err(|problem| Stop::Damaged(format!("column {:?}: {problem}", column.name)))?;
                    (values, array.logical_nulls())
                }
            };
            if column.is_required {
                complete = NullBuffer::union(complete.as_ref(), nulls.as_ref());
            }
            if place == Columns::TIME {
                dated = nulls;
            }
            columns.push(values);
        }
        let Values::Days(time, _) = columns.remove(Columns::TIME) else {
            return Err("the time is no date".into());
        };
        let batch = Batch { time, columns, incomplete: Vec::new() };
        Ok(match complete.filter(|nulls| nulls.null_count() > 0) {
            Some(complete) => batch.without_nulls(&complete, dated.as_ref()),
            None => batch,
        })
    }

    /// The next rows of the columns without codes, in the order of the needed columns.
    fn read_rest(&mut self, count: usize) -> Result<Vec<ArrayRef>, Stop> {
        let Some((places, records)) = &mut self.rest else { return Ok(Vec::new()) };
        let batch: RecordBatch = match records.next() {
            Some(batch) => batch.map_err(|error| Stop::Damaged(error.to_string()))?,
            None => return Err("a row group lacks some of its rows".into()),
        };
        if batch.num_rows() != count {
            return Err("a row group lacks some of its rows".into());
        }
        let at =
            |&place: &usize| Arc::clone(batch.column(arrow_reader::place_among(self.file, places, place)));
        Ok(places.iter().map(at).collect())
    }
}

/// The next `count` rows of a column with codes, and which of them have a value when not all do.
fn read_coded(
    coded: &mut CodedColumn,
    meaning: &Meaning,
    count: usize,
) -> Result<(Values, Option<NullBuffer>), Stop> {
    let mut keys = Vec::with_capacity(count);
    let valid = coded.read(count, &mut keys)?;
    if let (Some(valid), Meaning::Text(values)) = (&valid, meaning) {
        let null = (values.len() - 1) as u16;
        keys.iter_mut().zip(valid).filter(|(_, valid)| !**valid).for_each(|(key, _)| *key = null);
    }
    let nulls: Option<NullBuffer> = valid.map(NullBuffer::from);
    let values = match meaning {
        Meaning::Text(values) => {
            Values::Text(Codes { keys: CodeKeys::U16(ScalarBuffer::from(keys)), values: Arc::clone(values) })
        }
        Meaning::Days(days) => Values::Days(behind(&keys, days.values()), nulls.clone()),
        Meaning::Numbers(numbers) => Values::Numbers(behind(&keys, numbers.values()), nulls.clone()),
        Meaning::Presence => Values::Presence(nulls.clone()),
    };
    Ok((values, nulls))
}

/// What codes stand for. Every code is in the dictionary, unless that is empty and all rows are null.
fn behind<T: arrow_buffer::ArrowNativeType>(keys: &[u16], values: &[T]) -> ScalarBuffer<T> {
    keys.iter().map(|&key| values.get(usize::from(key)).copied().unwrap_or_default()).collect()
}
