//! Rows through a cursor.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Date32Builder, Decimal64Builder, StringDictionaryBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use sqlx::postgres::PgRow;

use super::table::Table;
use crate::Result;
use crate::postgres::session::Session;
use crate::sources::Batches;
use crate::sources::batch::{Batch, Reading};
use crate::sources::columns::{ColumnKind, Columns};
use crate::summaries::{Day, DayRange};

/// Rows that are fetched at a time.
const FETCHED_ROWS: usize = 8_192;
/// Digits of units of the last decimal, as [`arrow_array::Decimal64Array`] counts them.
const DIGITS: u8 = 18;

/// The rows from the first to the last of some days, or those without a time.
pub(super) fn read(table: &Table, days: Option<(Day, Day)>) -> Result<Batches<'_>> {
    let mut session = table.connect()?;
    let condition = match days {
        Some((first, last)) => {
            table.within(DayRange { start: first, end: last.checked_add(1).unwrap_or(last) })
        }
        None => format!("{} IS NULL", table.quoted(Columns::TIME)),
    };
    table.check(&mut session, &condition)?;
    let expressions: Vec<String> = (0..table.columns().len()).map(|place| table.expression(place)).collect();
    session.execute(&format!(
        "SET LOCAL cursor_tuple_fraction = 1; \
         DECLARE rows_read NO SCROLL CURSOR FOR SELECT {} FROM {} WHERE {condition}",
        expressions.join(", "),
        table.name()
    ))?;
    let place = PathBuf::from(table.name().to_string());
    Ok(Box::new(Rows { table, session: Some(session), place, columns: Arc::new(table.columns().clone()) }))
}

/// The rows of a cursor; ends after the first error.
struct Rows<'t> {
    table: &'t Table,
    session: Option<Session>,
    place: PathBuf,
    columns: Arc<Columns>,
}

impl Iterator for Rows<'_> {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        let session = self.session.as_mut()?;
        let rows = session.rows(&format!("FETCH {FETCHED_ROWS} FROM rows_read"));
        let batch = match rows {
            Ok(rows) if rows.is_empty() => {
                if let Some(session) = self.session.take() {
                    session.close();
                }
                return None;
            }
            Ok(rows) => self.batch(&rows),
            Err(error) => Err(error),
        };
        if batch.is_err() {
            self.session = None;
        }
        Some(batch)
    }
}

impl Rows<'_> {
    fn batch(&self, rows: &[PgRow]) -> Result<Batch> {
        let Some(session) = &self.session else { return Err(self.table.error("the connection is closed")) };
        let columns = self.columns.iter().enumerate();
        let arrays: Vec<ArrayRef> =
            columns.map(|(place, column)| array(session, rows, place, column.kind)).collect::<Result<_>>()?;
        let fields: Vec<Field> = self
            .columns
            .iter()
            .zip(&arrays)
            .map(|(column, array)| Field::new(&column.name, array.data_type().clone(), true))
            .collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .map_err(|error| self.table.error(error))?;
        let positions: Vec<usize> = (0..self.columns.len()).collect();
        Batch::from_record_batch(&batch, &positions, &Reading { place: &self.place, columns: &self.columns })
    }
}

/// One column of some rows.
fn array(session: &Session, rows: &[PgRow], place: usize, kind: ColumnKind) -> Result<ArrayRef> {
    Ok(match kind {
        ColumnKind::Text => {
            let mut made = StringDictionaryBuilder::<Int32Type>::new();
            for row in rows {
                made.append_option(session.value::<Option<&str>>(row, place)?);
            }
            Arc::new(made.finish())
        }
        ColumnKind::Day => {
            let mut made = Date32Builder::with_capacity(rows.len());
            for row in rows {
                made.append_option(session.value::<Option<i32>>(row, place)?);
            }
            Arc::new(made.finish())
        }
        ColumnKind::Number { decimals } => {
            let scale = i8::try_from(decimals).unwrap_or_default();
            let mut made = Decimal64Builder::with_capacity(rows.len())
                .with_data_type(DataType::Decimal64(DIGITS, scale));
            for row in rows {
                made.append_option(session.value::<Option<i64>>(row, place)?);
            }
            Arc::new(made.finish())
        }
        ColumnKind::Presence => {
            let mut made = BooleanBuilder::with_capacity(rows.len());
            for row in rows {
                made.append_option(session.value::<Option<bool>>(row, place)?);
            }
            Arc::new(made.finish())
        }
    })
}
