//! The tables of a database as they are, whoever made them: their columns as Arrow's types, and their rows.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_json::reader::{Decoder, ReaderBuilder};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};

use super::loads::{self, Loaded};
use super::names::{TableName, literal, quoted};
use super::registry::{CHUNKS, LOADS};
use super::session::Session;
use super::url::DatabaseUrl;
use crate::{Error, Result};

/// The most rows in a batch.
const BATCH_ROWS: usize = 8_192;
/// The most rows that are fetched at a time.
const MOST_FETCHED_ROWS: usize = 4_096;
/// Rows that are fetched first, before it is known how large they are.
const FIRST_FETCHED_ROWS: usize = 64;
/// Bytes that are fetched at a time, as far as the size of earlier rows tells.
const FETCHED_BYTES: usize = 4 << 20;
/// The zone of UTC, as an offset: the reader of JSON knows no names of zones.
const UTC: &str = "+00:00";
/// What `atttypmod` of a `numeric` is above its digits and scale (PostgreSQL, `VARHDRSZ`).
const NUMERIC_OFFSET: i32 = 4;

/// A connection that sees a database as it is at one moment.
pub(crate) struct Catalog {
    session: Session,
}

/// A table, or view.
#[derive(Debug, Clone)]
pub(crate) struct FoundTable {
    /// Its name.
    pub name: TableName,
    /// What it takes on the server's disk, without indexes.
    pub bytes: u64,
    columns: Vec<FoundColumn>,
}

/// A column with the expression whose value JSON can carry as its type.
#[derive(Debug, Clone)]
struct FoundColumn {
    name: String,
    data_type: DataType,
    expression: String,
    is_json: bool,
}

impl Catalog {
    /// Connects.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) fn connect(url: &DatabaseUrl) -> Result<Self> {
        let mut session = Session::connect(url, "datagen describe")?;
        // Scans that join others begin somewhere, and then a description would depend on who else reads.
        session.execute("SET synchronize_seqscans = off; SET extra_float_digits = 1;")?;
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        Ok(Self { session })
    }

    /// What the schema's registry says was loaded; nothing where this role may not read it.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) fn loads(&mut self, schema: &str) -> Result<Vec<Loaded>> {
        let are_readable = loads::are_readable(&mut self.session, schema)?;
        if are_readable { loads::loads(&mut self.session, schema) } else { Ok(Vec::new()) }
    }

    /// The tables of a schema without the registry of loads, or the one table, view or partition of a name.
    ///
    /// # Errors
    /// [`Error::Database`], also where there is no such table.
    pub(crate) fn tables(&mut self, schema: &str, only: Option<&str>) -> Result<Vec<FoundTable>> {
        let which = match only {
            Some(table) => {
                format!("c.relname = {} AND c.relkind IN ('r', 'p', 'f', 'm', 'v')", literal(table))
            }
            None => format!(
                "c.relkind IN ('r', 'p', 'f', 'm') AND NOT c.relispartition AND c.relname NOT IN ({}, {})",
                literal(LOADS),
                literal(CHUNKS)
            ),
        };
        let sql = format!(
            "SELECT c.relname::text, c.oid::bigint, \
                 (pg_table_size(c.oid) + coalesce((SELECT sum(pg_table_size(t.relid)) \
                      FROM pg_partition_tree(c.oid) AS t WHERE t.relid <> c.oid), 0))::bigint \
             FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
             WHERE n.nspname = {} AND {which} ORDER BY c.relname COLLATE \"C\"",
            literal(schema)
        );
        let mut tables = Vec::new();
        for row in self.session.rows(&sql)? {
            let (name, id): (String, i64) = (self.session.value(&row, 0)?, self.session.value(&row, 1)?);
            let bytes: i64 = self.session.value(&row, 2)?;
            let columns = self.columns(id)?;
            let name = TableName { schema: schema.to_owned(), table: name };
            tables.push(FoundTable { name, bytes: bytes.cast_unsigned(), columns });
        }
        if tables.is_empty() {
            return Err(self.nothing(schema, only));
        }
        Ok(tables)
    }

    fn nothing(&self, schema: &str, only: Option<&str>) -> Error {
        let problem = match only {
            Some(table) => format!(
                "there is no table {table:?} in the schema {schema:?}; names are as the server \
                                    keeps them, in lower case as a rule"
            ),
            None => format!("there are no tables in the schema {schema:?}: is --schema another one?"),
        };
        Error::database(self.session.place(), problem, true)
    }

    fn columns(&mut self, table: i64) -> Result<Vec<FoundColumn>> {
        let sql = format!(
            "SELECT a.attname::text, coalesce(e.typname, b.typname)::text, e.oid IS NOT NULL, \
                 CASE WHEN d.typtype = 'd' THEN d.typtypmod ELSE a.atttypmod END \
             FROM pg_attribute AS a \
             JOIN pg_type AS d ON d.oid = a.atttypid \
             JOIN pg_type AS b ON b.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END \
             LEFT JOIN pg_type AS e ON e.oid = b.typelem AND b.typcategory = 'A' \
             WHERE a.attrelid = {table} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
        );
        let rows = self.session.rows(&sql)?;
        rows.iter()
            .map(|row| {
                let name: String = self.session.value(row, 0)?;
                let kind: String = self.session.value(row, 1)?;
                let (is_array, modifier) = (self.session.value(row, 2)?, self.session.value(row, 3)?);
                Ok(FoundColumn::new(name, &kind, is_array, modifier))
            })
            .collect()
    }

    /// Gives the rows of a table to `each`, a batch at a time, in the order that the server reads them.
    ///
    /// # Errors
    /// [`Error::Database`], also for values that are none of their column's type, and those of `each`.
    pub(crate) fn batches(
        &mut self,
        table: &FoundTable,
        each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let place = self.session.place().to_owned();
        let unreadable = |error: arrow_schema::ArrowError| {
            Error::database(&place, format!("table {}: cannot be read: {error}", table.name), true)
        };
        let mut decoder = ReaderBuilder::new(table.schema()).with_batch_size(BATCH_ROWS).build_decoder();
        let decoder = decoder.as_mut().map_err(|error| {
            Error::database(&place, format!("table {}: cannot be read: {error}", table.name), true)
        })?;
        self.session.execute(&table.cursor())?;
        let mut fetched_rows = FIRST_FETCHED_ROWS;
        loop {
            let rows = self.session.rows(&format!("FETCH {fetched_rows} FROM described"))?;
            let mut bytes = 0;
            for row in &rows {
                let document: String = self.session.value(row, 0)?;
                bytes += document.len();
                decode(decoder, document.as_bytes(), each, &unreadable)?;
            }
            // Large rows are no reason to hold much of them.
            if let Some(batch) = decoder.flush().map_err(&unreadable)? {
                each(&batch)?;
            }
            if rows.is_empty() {
                return self.session.execute("CLOSE described");
            }
            fetched_rows = rows_to_fetch(fetched_rows, rows.len(), bytes);
        }
    }

    /// The number of rows of a table that has no columns.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) fn count(&mut self, table: &FoundTable) -> Result<u64> {
        let rows = self.session.rows(&format!("SELECT count(*) FROM {}", table.name))?;
        let count: i64 = rows.first().map_or(Ok(0), |row| self.session.value(row, 0))?;
        Ok(count.cast_unsigned())
    }
}

/// Gives bytes to a decoder, and each batch that comes out of it to `each`.
fn decode(
    decoder: &mut Decoder,
    mut document: &[u8],
    each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    unreadable: &dyn Fn(arrow_schema::ArrowError) -> Error,
) -> Result<()> {
    while !document.is_empty() {
        let read = decoder.decode(document).map_err(unreadable)?;
        document = &document[read..];
        // It stops within a document only where a batch is full.
        if !document.is_empty()
            && let Some(batch) = decoder.flush().map_err(unreadable)?
        {
            each(&batch)?;
        }
    }
    Ok(())
}

/// Rows to fetch next, when `rows` had so many bytes: never many times what was fetched before, since rows may become
/// larger.
fn rows_to_fetch(fetched_rows: usize, rows: usize, bytes: usize) -> usize {
    let fitting = FETCHED_BYTES * rows / bytes.max(1);
    fitting.clamp(1, (fetched_rows * 4).min(MOST_FETCHED_ROWS))
}

impl FoundTable {
    /// The columns.
    pub(crate) fn schema(&self) -> SchemaRef {
        let field = |column: &FoundColumn| Field::new(&column.name, column.data_type.clone(), true);
        Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()))
    }

    /// Reads columns of JSON as the types that a schema has for them, instead of as text.
    pub(crate) fn with_nested_types(mut self, schema: &Schema) -> Self {
        for column in self.columns.iter_mut().filter(|column| column.is_json) {
            if let Ok(field) = schema.field_with_name(&column.name) {
                column.data_type = plain(field.data_type());
                column.expression = quoted(&column.name);
            }
        }
        self
    }

    fn cursor(&self) -> String {
        let columns = self.columns.iter();
        let columns = columns.map(|column| format!("{} AS {}", column.expression, quoted(&column.name)));
        format!(
            "DECLARE described NO SCROLL CURSOR FOR SELECT row_to_json(r.*)::text FROM (SELECT {} FROM {}) AS r",
            columns.collect::<Vec<_>>().join(", "),
            self.name
        )
    }
}

impl FoundColumn {
    /// A column of a type of the server, by the name that `pg_type` has for it, or an array of that type. Types that
    /// Arrow does not have are read as text. A `numeric` that is no number, and a day or instant that is infinite,
    /// have no value in Arrow's types and count as missing.
    fn new(name: String, kind: &str, is_array: bool, modifier: i32) -> Self {
        let column = quoted(&name);
        let text = || (DataType::Utf8, format!("{column}::text"));
        let finite = |value: &str| format!("CASE WHEN isfinite({column}) THEN {value} END");
        let (data_type, expression) = match kind {
            _ if is_array => match plain_type(kind) {
                Some(entry) => (list(entry), column.clone()),
                None => (list(DataType::Utf8), format!("{column}::text[]")),
            },
            "numeric" => (numeric(modifier), format!("nullif({column}, 'NaN')")),
            "date" => (DataType::Date32, finite(&format!("{column} - DATE '1970-01-01'"))),
            "timestamp" | "timestamptz" => {
                let zone = (kind == "timestamptz").then(|| UTC.into());
                let micros = format!("(extract(epoch FROM {column}) * 1000000)::bigint");
                (DataType::Timestamp(TimeUnit::Microsecond, zone), finite(&micros))
            }
            kind => plain_type(kind).map_or_else(text, |data_type| (data_type, column.clone())),
        };
        Self { name, data_type, expression, is_json: matches!(kind, "json" | "jsonb") && !is_array }
    }
}

/// The type of values that JSON carries as they are.
fn plain_type(kind: &str) -> Option<DataType> {
    Some(match kind {
        "bool" => DataType::Boolean,
        "int2" => DataType::Int16,
        "int4" => DataType::Int32,
        "int8" => DataType::Int64,
        "float4" => DataType::Float32,
        "float8" => DataType::Float64,
        "text" | "varchar" => DataType::Utf8,
        _ => return None,
    })
}

/// A `numeric` with the digits and scale of its modifier; a double where there are none, or more than Arrow has.
fn numeric(modifier: i32) -> DataType {
    let packed = modifier - NUMERIC_OFFSET;
    // Eleven bits of scale with a sign, since PostgreSQL 15.
    let scale = ((packed & 0x7ff) ^ 1024) - 1024;
    match (u8::try_from(packed >> 16), i8::try_from(scale)) {
        (Ok(digits @ 1..=18), Ok(scale)) => DataType::Decimal64(digits, scale),
        (Ok(digits @ 19..=38), Ok(scale)) => DataType::Decimal128(digits, scale),
        _ => DataType::Float64,
    }
}

fn list(entry: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", entry, true)))
}

/// A type as it is read: without dictionaries and names of zones, and with nulls anywhere.
fn plain(data_type: &DataType) -> DataType {
    let nullable = |field: &FieldRef| Arc::new(Field::new(field.name(), plain(field.data_type()), true));
    match data_type {
        DataType::Dictionary(_, values) => plain(values),
        DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, Some(UTC.into())),
        DataType::List(entry) => DataType::List(nullable(entry)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(nullable).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_the_server_are_those_of_arrow() {
        let of = |kind: &str, modifier| FoundColumn::new("x".to_owned(), kind, false, modifier).data_type;
        assert_eq!(of("int2", -1), DataType::Int16);
        // numeric(12,2), numeric(38,10), numeric(4,-2), numeric without digits, numeric(50,2).
        let modifier = |digits: i32, scale: i32| (digits << 16 | scale & 0x7ff) + NUMERIC_OFFSET;
        assert_eq!(modifier(12, 2), 786_438, "as pg_attribute has it");
        assert_eq!(of("numeric", modifier(12, 2)), DataType::Decimal64(12, 2));
        assert_eq!(of("numeric", modifier(38, 10)), DataType::Decimal128(38, 10));
        assert_eq!(of("numeric", modifier(4, -2)), DataType::Decimal64(4, -2));
        assert_eq!(of("numeric", -1), DataType::Float64);
        assert_eq!(of("numeric", modifier(50, 2)), DataType::Float64);
        assert_eq!(of("inet", -1), DataType::Utf8);
        let array = FoundColumn::new("x".to_owned(), "uuid", true, -1);
        assert_eq!((array.data_type, array.expression.as_str()), (list(DataType::Utf8), "\"x\"::text[]"));
    }

    #[test]
    fn fetches_follow_the_size_of_rows() {
        assert_eq!(rows_to_fetch(64, 64, 64 * 100), 256);
        assert_eq!(rows_to_fetch(4_096, 4_096, 4_096 * 100), MOST_FETCHED_ROWS);
        assert_eq!(rows_to_fetch(64, 64, 64 << 20), 4);
        assert_eq!(rows_to_fetch(4, 4, 1 << 30), 1);
        assert_eq!(rows_to_fetch(1, 1, 0), 4);
    }
}
