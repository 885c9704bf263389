//! Row groups whose needed columns are all dictionary-encoded, read straight as codes.
//!
//! The Arrow reader turns codes into values and back for dates, and checks and copies more than is needed
//! here; this reader is several times as fast. It handles what writers do by default with columns of few
//! values. Where a page turns out to be of another kind, the Arrow reader takes over at that row.

use std::fs::File;
use std::sync::Arc;

use arrow_array::Date32Array;
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};

use super::arrow_reader;
use super::footer::{ClaimFile, guarded};
use super::pages::{CodedColumn, Stop};
use crate::sources::Batches;
use crate::sources::batch::{ClaimBatch, CodeKeys, Codes, days_of};
use crate::sources::columns::Column;
use crate::{Error, Result};

/// Rows decoded at a time: few enough that five columns of them stay in a core's second-level cache.
const BATCH_ROWS: usize = 16_384;

/// The claims of one row group.
pub(super) fn read(file: &ClaimFile, row_group: usize) -> Result<Batches<'_>> {
    if Column::ALL.into_iter().any(|column| file.constant(column).is_some()) {
        return arrow_reader::read(file, row_group, 0);
    }
    let rows = file.row_groups()[row_group].rows as usize;
    let columns = guarded(file.path(), || match open_columns(file, row_group, rows) {
        Ok(columns) => Ok(Some(columns)),
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

fn damaged(file: &ClaimFile, problem: &str) -> Error {
    Error::input(file.path(), format!("the Parquet data are damaged: {problem}"))
}

/// The five columns of a row group, in the order of [`Column::ALL`].
struct Columns {
    coded: [CodedColumn; 5],
    /// The dictionaries of the dates as days.
    days: [Date32Array; 2],
}

fn open_columns(file: &ClaimFile, row_group: usize, rows: usize) -> Result<Columns, Stop> {
    let metadata = file.footer().metadata();
    let schema = file.footer().parquet_schema();
    let mut handle =
        File::open(file.path()).map_err(|error| Stop::Damaged(format!("cannot open it: {error}")))?;
    let mut open = |column: Column| {
        let root = file.position(column);
        let leaf = (0..schema.num_columns()).find(|&leaf| schema.get_column_root_idx(leaf) == root);
        let leaf = leaf.ok_or("a column has no data")?;
        let data_type = file.footer().schema().field(root).data_type();
        let chunk = metadata.row_group(row_group).column(leaf);
        CodedColumn::open(&mut handle, chunk, data_type, rows)
    };
    let coded = [
        open(Column::Payer)?,
        open(Column::CptGroup)?,
        open(Column::SubmittedDate)?,
        open(Column::DecidedDate)?,
        open(Column::Outcome)?,
    ];
    let days = |column: Column| days_of(&coded[column.index()].values).map_err(Stop::Damaged);
    let days = [days(Column::SubmittedDate)?, days(Column::DecidedDate)?];
    Ok(Columns { coded, days })
}

/// The batches of a row group.
struct CodedReader<'a> {
    file: &'a ClaimFile,
    row_group: usize,
    state: State<'a>,
    rows_read: usize,
    rows: usize,
}

/// Who reads.
enum State<'a> {
    Coded(Box<Columns>),
    Arrow(Batches<'a>),
    Ended,
}

impl Iterator for CodedReader<'_> {
    type Item = Result<ClaimBatch>;

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
    fn continue_with_arrow(&mut self) -> Option<Result<ClaimBatch>> {
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

impl Columns {
    /// The next `count` rows.
    fn read(&mut self, count: usize) -> Result<ClaimBatch, Stop> {
        let mut complete: Option<Vec<bool>> = None;
        let mut submitted_valid = None;
        let mut keys = [const { Vec::new() }; 5];
        for (column, (coded, keys)) in Column::ALL.into_iter().zip(self.coded.iter_mut().zip(&mut keys)) {
            keys.reserve_exact(count);
            let Some(valid) = coded.read(count, keys)? else { continue };
            if column == Column::SubmittedDate {
                submitted_valid = Some(valid.clone());
            }
            complete = Some(match complete {
                Some(complete) => complete.iter().zip(&valid).map(|(&all, &this)| all && this).collect(),
                None => valid,
            });
        }
        let [payer, cpt_group, submitted, decided, outcome] = keys;
        let coded = |keys: Vec<u16>, column: Column| Codes {
            keys: CodeKeys::U16(ScalarBuffer::from(keys)),
            values: Arc::clone(&self.coded[column.index()].values),
        };
        let batch = ClaimBatch {
            payer: coded(payer, Column::Payer),
            cpt_group: coded(cpt_group, Column::CptGroup),
            outcome: coded(outcome, Column::Outcome),
            submitted: days_behind(&submitted, &self.days[0]),
            decided: days_behind(&decided, &self.days[1]),
            incomplete: Vec::new(),
        };
        let Some(complete) = complete else { return Ok(batch) };
        let nulls = |valid: Vec<bool>| NullBuffer::new(BooleanBuffer::from(valid));
        Ok(batch.without_nulls(&nulls(complete), submitted_valid.map(nulls).as_ref()))
    }
}

/// The days that codes stand for. Every code is in the dictionary, unless that is empty and all rows are null.
fn days_behind(keys: &[u16], days: &Date32Array) -> ScalarBuffer<i32> {
    let days = days.values();
    keys.iter().map(|&key| days.get(usize::from(key)).copied().unwrap_or(0)).collect()
}
