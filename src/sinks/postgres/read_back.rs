//! Rows of a loaded table, read again for those who compare.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_cast::cast;
use arrow_schema::{DataType, Schema};
use sqlx::postgres::PgRow;
use sqlx::{Row, ValueRef};
use xxhash_rust::xxh3::Xxh3;

use super::copy::CopyEncoder;
use super::loads::{self, Loaded};
use super::names::{TableName, literal, quoted};
use super::session::Session;
use super::start::CUSTOMER_COLUMN;
use super::types::SqlType;
use super::url::DatabaseUrl;
use crate::{Error, Result};

/// Rows that are fetched at a time where all of a table are read.
const FETCHED_ROWS: usize = 4_096;

/// A connection that reads.
pub(crate) struct ReadBack {
    session: Session,
    url: DatabaseUrl,
}

/// A row of a table: the binary form of each value, `None` for null; or `None` when there is no such row.
pub(crate) type FoundRow = Option<FoundValues>;

/// The values of a row, each as the binary form that the server sends; `None` for a null.
pub(crate) type FoundValues = Vec<Option<Vec<u8>>>;

impl ReadBack {
    /// Connects.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) fn connect(url: &DatabaseUrl) -> Result<Self> {
        Ok(Self { session: Session::connect_to_read(url, "datagen verify")?, url: url.clone() })
    }

    /// Another connection to the same database.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) fn again(&self) -> Result<Self> {
        Self::connect(&self.url)
    }

    /// The loads of a schema, by table and customer.
    ///
    /// # Errors
    /// [`Error::Database`] for a schema without any, or a record of another version.
    pub(crate) fn loads(&mut self, schema: &str) -> Result<Vec<Loaded>> {
        let nothing = || {
            let problem =
                format!("nothing was loaded into the schema {schema} by datagen: is --schema another one?");
            Error::database(&self.url, problem, true)
        };
        let loads = loads::loads(&mut self.session, schema)?;
        if loads.is_empty() { Err(nothing()) } else { Ok(loads) }
    }

    /// Rows of a table, those of one customer where it has a column of customers.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) fn count(&mut self, load: &Loaded, schema: &Schema) -> Result<u64> {
        let condition = condition(load, schema);
        let rows = self.session.rows(&format!("SELECT count(*) FROM {}{condition}", load.table))?;
        let count: i64 = rows.first().map_or(Ok(0), |row| self.session.value(row, 0))?;
        Ok(count.cast_unsigned())
    }

    /// The rows with the keys of a batch, in its order.
    ///
    /// # Errors
    /// [`Error::Database`], also for a table that lacks one of the columns.
    pub(crate) fn rows(
        &mut self,
        table: &TableName,
        key: &[String],
        batch: &RecordBatch,
    ) -> Result<Vec<FoundRow>> {
        let schema = batch.schema();
        let columns: Vec<String> =
            schema.fields().iter().map(|field| format!("t.{}", quoted(field.name()))).collect();
        let sql = format!(
            "SELECT t.ctid IS NOT NULL, {} FROM {} LEFT JOIN {table} AS t ON {} ORDER BY k.place",
            columns.join(", "),
            self.keys(key, batch)?,
            join(key)
        );
        let width = columns.len();
        let rows = self.session.rows(&sql)?;
        rows.iter().map(|row| found(&self.session, row, width)).collect()
    }

    /// Gives all rows of a load to `each`, some at a time, in no order.
    ///
    /// # Errors
    /// [`Error::Database`], and those of `each`.
    pub(crate) fn all_rows(
        &mut self,
        load: &Loaded,
        schema: &Schema,
        each: &mut dyn FnMut(&[FoundValues]) -> Result<()>,
    ) -> Result<()> {
        let names: Vec<String> = schema.fields().iter().map(|field| quoted(field.name())).collect();
        let (width, names, condition) = (names.len(), names.join(", "), condition(load, schema));
        let declared = format!(
            "DECLARE all_rows NO SCROLL CURSOR FOR SELECT true, {names} FROM {}{condition}",
            load.table
        );
        self.session.transaction(|session| {
            session.execute(&declared)?;
            loop {
                let rows = session.rows(&format!("FETCH {FETCHED_ROWS} FROM all_rows"))?;
                if rows.is_empty() {
                    return Ok(());
                }
                let found = rows.iter().map(|row| found(session, row, width)).collect::<Result<Vec<_>>>()?;
                each(&found.into_iter().flatten().collect::<Vec<_>>())?;
            }
        })
    }

    /// A value as the server shows it.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) fn shown(
        &mut self,
        table: &TableName,
        key: &[String],
        row: &RecordBatch,
        column: &str,
    ) -> Result<String> {
        let sql = format!(
            "SELECT t.{}::text FROM {} LEFT JOIN {table} AS t ON {}",
            quoted(column),
            self.keys(key, row)?,
            join(key)
        );
        Ok(self.session.text(&sql)?.unwrap_or_else(|| "null".to_owned()))
    }

    /// The keys of a batch as a table, `k`, with the place of each.
    fn keys(&self, key: &[String], batch: &RecordBatch) -> Result<String> {
        let mut arrays = Vec::new();
        for name in key {
            let cannot =
                || Error::database(&self.url, format!("the key column {name} cannot be read"), false);
            let column = batch.column_by_name(name).ok_or_else(cannot)?;
            let sql = SqlType::of(column.data_type()).ok_or_else(cannot)?;
            let texts = cast(column, &DataType::Utf8).map_err(|_| cannot())?;
            let texts = texts.as_string::<i32>().iter().map(|text| text.map_or("NULL".to_owned(), literal));
            arrays.push(format!("ARRAY[{}]::{sql}[]", texts.collect::<Vec<_>>().join(",")));
        }
        let names: Vec<String> = (0..key.len()).map(|index| format!("k{index}")).collect();
        Ok(format!("unnest({}) WITH ORDINALITY AS k({}, place)", arrays.join(", "), names.join(", ")))
    }
}

/// The condition that picks a load's rows.
fn condition(load: &Loaded, schema: &Schema) -> String {
    let has_customers = schema.field_with_name(CUSTOMER_COLUMN).is_ok();
    let condition = || format!(" WHERE {} = {}", quoted(CUSTOMER_COLUMN), load.customer);
    if has_customers { condition() } else { String::new() }
}

/// The condition that ties keys to rows.
fn join(key: &[String]) -> String {
    let pairs = key.iter().enumerate().map(|(index, name)| format!("t.{} = k.k{index}", quoted(name)));
    pairs.collect::<Vec<_>>().join(" AND ")
}

fn found(session: &Session, row: &PgRow, width: usize) -> Result<FoundRow> {
    if !session.value::<bool>(row, 0)? {
        return Ok(None);
    }
    let value = |column: usize| {
        let value = row.try_get_raw(column).map_err(|error| session.failed(&error))?;
        if value.is_null() {
            return Ok(None);
        }
        let bytes =
            value.as_bytes().map_err(|error| Error::database(session.place(), error.to_string(), false))?;
        Ok(Some(bytes.to_vec()))
    };
    (1..=width).map(value).collect::<Result<Vec<_>>>().map(Some)
}

/// The binary form of the rows of a batch, and where two forms of a value are equal all the same.
pub(crate) struct ExpectedRows {
    encoder: CopyEncoder,
    is_json: Vec<bool>,
    names: BTreeMap<usize, String>,
}

impl ExpectedRows {
    /// For batches of a schema.
    ///
    /// # Errors
    /// The column that has no form in PostgreSQL.
    pub(crate) fn new(schema: &Schema) -> Result<Self, String> {
        let encoder = CopyEncoder::new(schema).map_err(|refusal| refusal.to_string())?;
        let is_json =
            schema.fields().iter().map(|field| SqlType::of(field.data_type()) == Some(SqlType::Jsonb));
        let names = schema.fields().iter().map(|field| field.name().clone()).enumerate().collect();
        Ok(Self { encoder, is_json: is_json.collect(), names })
    }

    /// The first difference: the row in the batch, and the column; without a column the row is not there.
    ///
    /// # Errors
    /// Values that have no form in PostgreSQL.
    pub(crate) fn differs(
        &mut self,
        batch: &RecordBatch,
        found: &[FoundRow],
    ) -> Result<Option<(usize, Option<String>)>, String> {
        let mut bytes = Vec::new();
        self.encoder.write(batch, &mut bytes).map_err(|refusal| refusal.to_string())?;
        let mut rest = &bytes[..];
        for row in 0..batch.num_rows() {
            let expected = tuple(&mut rest).ok_or("a row has no binary form")?;
            let Some(Some(found)) = found.get(row) else { return Ok(Some((row, None))) };
            let pairs = expected.iter().zip(found).enumerate();
            let mut different = pairs
                .filter(|(column, (expected, found))| !self.is_equal(*column, **expected, found.as_deref()));
            if let Some((column, _)) = different.next() {
                return Ok(Some((row, self.names.get(&column).cloned())));
            }
        }
        Ok(None)
    }

    /// A digest of each row of a batch; rows with the same values have the same.
    ///
    /// # Errors
    /// Values that have no form in PostgreSQL.
    pub(crate) fn digests(&mut self, batch: &RecordBatch) -> Result<Vec<u128>, String> {
        let mut bytes = Vec::new();
        self.encoder.write(batch, &mut bytes).map_err(|refusal| refusal.to_string())?;
        let mut rest = &bytes[..];
        let digest =
            |_| tuple(&mut rest).map(|values| self.digest(&values)).ok_or("a row has no binary form");
        Ok((0..batch.num_rows()).map(digest).collect::<Result<_, _>>()?)
    }

    /// The digest of a row that was found.
    pub(crate) fn digest(&self, values: &[Option<impl AsRef<[u8]>>]) -> u128 {
        let mut hasher = Xxh3::new();
        for (value, is_json) in values.iter().zip(&self.is_json) {
            let value = value.as_ref().map(AsRef::as_ref);
            // The server writes JSON in its own order and with its own spaces, behind the version of the form.
            let json = value.filter(|_| *is_json).and_then(|bytes| {
                let mut json = serde_json::from_slice::<serde_json::Value>(bytes.get(1..)?).ok()?;
                json.sort_all_objects();
                Some(json.to_string().into_bytes())
            });
            let bytes = json.as_deref().or(value);
            hasher.update(&bytes.map_or(u64::MAX, |bytes| bytes.len() as u64).to_le_bytes());
            hasher.update(bytes.unwrap_or_default());
        }
        hasher.digest128()
    }

    /// Whether two forms are of one value. The server writes JSON in its own order and with its own spaces.
    fn is_equal(&self, column: usize, expected: Option<&[u8]>, found: Option<&[u8]>) -> bool {
        if expected == found {
            return true;
        }
        let (true, Some(expected), Some(found)) = (self.is_json[column], expected, found) else {
            return false;
        };
        // The first byte is the version of the form.
        let json = |bytes: &[u8]| {
            bytes.get(1..).and_then(|text| serde_json::from_slice::<serde_json::Value>(text).ok())
        };
        json(expected).is_some_and(|expected| Some(expected) == json(found))
    }
}

/// The values of the next row in binary form.
fn tuple<'a>(rest: &mut &'a [u8]) -> Option<Vec<Option<&'a [u8]>>> {
    let (count, mut behind) = rest.split_first_chunk::<2>()?;
    let mut values = Vec::new();
    for _ in 0..i16::from_be_bytes(*count) {
        let (length, after) = behind.split_first_chunk::<4>()?;
        let length = i32::from_be_bytes(*length);
        let (value, after) = after.split_at_checked(usize::try_from(length).unwrap_or(0))?;
        values.push((length >= 0).then_some(value));
        behind = after;
    }
    *rest = behind;
    Some(values)
}
