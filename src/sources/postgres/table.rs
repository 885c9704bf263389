//! A table's columns, each as the SQL of what it is read as.

use std::fmt;
use std::sync::Arc;

use crate::postgres::names::{literal, quoted};
use crate::postgres::session::{SNAPSHOT, Session};
use crate::postgres::{DatabaseUrl, TableName};
use crate::sources::columns::{Column, ColumnKind, Columns, missing};
use crate::summaries::{Day, DayRange};
use crate::{Error, Result};

/// The largest number whose square is summed exactly, 2⁵³: the limit of every source.
const LARGEST: &str = "9007199254740992";

/// Days that the server can write: dates from 4713 BC, instants until the year 292,000 or so (PostgreSQL manual,
/// table 8.9).
const SERVERS_DAYS: (i32, i32) = (-2_440_588, 106_000_000);

/// A table as it was at one moment, and what its columns are read as.
#[derive(Clone)]
pub struct Table {
    url: DatabaseUrl,
    name: TableName,
    columns: Arc<Columns>,
    forms: Vec<Form>,
    snapshot: String,
}

/// What a column's type makes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Date,
    Instant { has_zone: bool },
    Exact,
    Float,
    Any,
}

impl Form {
    /// The form of a column that is read as `kind` and has the server's type `sql_type`.
    fn of(kind: ColumnKind, sql_type: &str, is_enum: bool) -> Option<Self> {
        const TEXTS: [&str; 9] = [
            "text",
            "character varying",
            "character",
            "name",
            "uuid",
            "boolean",
            "smallint",
            "integer",
            "bigint",
        ];
        Some(match (kind, sql_type) {
            (ColumnKind::Presence, _) => Self::Any,
            (ColumnKind::Text, name) if is_enum || TEXTS.contains(&name) => Self::Text,
            (ColumnKind::Day, "date") => Self::Date,
            (ColumnKind::Day, "timestamp without time zone") => Self::Instant { has_zone: false },
            (ColumnKind::Day, "timestamp with time zone") => Self::Instant { has_zone: true },
            (ColumnKind::Number { .. }, "smallint" | "integer" | "bigint" | "numeric") => Self::Exact,
            (ColumnKind::Number { .. }, "real" | "double precision") => Self::Float,
            _ => return None,
        })
    }

    fn allowed(kind: ColumnKind) -> &'static str {
        match kind {
            ColumnKind::Text => "text, an enum, uuid, a whole number or boolean",
            ColumnKind::Day => "date or a timestamp",
            ColumnKind::Number { .. } => "a whole number, numeric, real or double precision",
            ColumnKind::Presence => "anything",
        }
    }
}

/// A column of the server's catalogue.
pub(super) struct Found {
    pub(super) name: String,
    pub(super) sql_type: String,
    pub(super) is_enum: bool,
}

impl Table {
    /// The table with the columns that the server's catalogue has.
    pub(super) fn new(
        url: &DatabaseUrl,
        name: &TableName,
        columns: &Arc<Columns>,
        snapshot: String,
        found: &[Found],
    ) -> Result<Self> {
        let mut table = Self {
            url: url.clone(),
            name: name.clone(),
            columns: Arc::clone(columns),
            forms: Vec::new(),
            snapshot,
        };
        for column in columns.iter() {
            let Some(known) = found.iter().find(|found| found.name == column.name) else {
                let names: Vec<&str> = found.iter().map(|found| found.name.as_str()).collect();
                return Err(table.error(missing(&column.name, &names)));
            };
            let form = Form::of(column.kind, &known.sql_type, known.is_enum).ok_or_else(|| {
                let allowed = Form::allowed(column.kind);
                table.column_error(column, format!("has type {}, and must be {allowed}", known.sql_type))
            })?;
            table.forms.push(form);
        }
        Ok(table)
    }

    /// The schema's and the table's names.
    #[must_use]
    pub fn name(&self) -> &TableName {
        &self.name
    }

    /// The columns that are read, in the order of their places.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// A connection in a transaction that sees the table as it was when the source was opened.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub(crate) fn connect(&self) -> Result<Session> {
        let mut session = Session::connect_to_read(&self.url, "driftforge")?;
        session.execute(SNAPSHOT)?;
        session.execute(&format!("SET TRANSACTION SNAPSHOT {}", literal(&self.snapshot)))?;
        Ok(session)
    }

    /// What a column is read as: text, compared by its bytes; days since 1970-01-01 as an integer; units of the last
    /// decimal as a bigint, decimals half away from zero and floats half to even; whether there is a value, `true`
    /// or null. Null where there is none.
    #[must_use]
    pub fn expression(&self, place: usize) -> String {
        let name = self.quoted(place);
        match self.forms[place] {
            Form::Text => format!("({name}::text COLLATE \"C\")"),
            Form::Date => format!("({name} - DATE '1970-01-01')"),
            Form::Instant { has_zone: false } => format!("({name}::date - DATE '1970-01-01')"),
            Form::Instant { has_zone: true } => {
                format!("(({name} AT TIME ZONE 'UTC')::date - DATE '1970-01-01')")
            }
            Form::Exact | Form::Float => format!("round({})::bigint", self.scaled(place)),
            Form::Any => format!("nullif({name} IS NOT NULL, false)"),
        }
    }

    /// Whether a value cannot be used: a date without end, a number that is none or too large. `None` where every
    /// value can.
    pub(super) fn refusal(&self, place: usize) -> Option<String> {
        let name = self.quoted(place);
        match self.forms[place] {
            Form::Date | Form::Instant { .. } => Some(format!("NOT isfinite({name})")),
            Form::Exact | Form::Float => {
                let (plain, scaled) = (self.number(place), self.scaled(place));
                // Whatever is no number is larger than all numbers here; a case is evaluated from the left.
                Some(format!(
                    "({name} IS NOT NULL AND CASE WHEN abs({plain}) <= {LARGEST} \
                     THEN abs(round({scaled})) > {LARGEST} ELSE true END)"
                ))
            }
            Form::Text | Form::Any => None,
        }
    }

    /// The rows of some days, by the bare column, so that an index helps.
    #[must_use]
    pub fn within(&self, days: DayRange) -> String {
        let name = self.quoted(Columns::TIME);
        let bound = |day: Day| {
            let day = day.0.clamp(SERVERS_DAYS.0, SERVERS_DAYS.1);
            match self.forms[Columns::TIME] {
                Form::Instant { has_zone: true } => {
                    format!("TIMESTAMPTZ '1970-01-01 00:00:00+00' + {day} * INTERVAL '24 hours'")
                }
                Form::Instant { has_zone: false } => {
                    format!("TIMESTAMP '1970-01-01 00:00:00' + {day} * INTERVAL '24 hours'")
                }
                _ => format!("DATE '1970-01-01' + {day}"),
            }
        };
        format!("({name} >= {} AND {name} < {})", bound(days.start), bound(days.end))
    }

    /// Refuses values of some rows that cannot be used, before any is read.
    ///
    /// # Errors
    /// [`Error::Database`] naming the column and a value.
    pub(crate) fn check(&self, session: &mut Session, condition: &str) -> Result<()> {
        let places = 0..self.columns.len();
        let refusals: Vec<(usize, String)> =
            places.filter_map(|place| Some((place, self.refusal(place)?))).collect();
        let shown = refusals
            .iter()
            .map(|(place, refusal)| format!("min({}::text) FILTER (WHERE {refusal})", self.quoted(*place)));
        let shown: Vec<String> = shown.collect();
        let rows =
            session.rows(&format!("SELECT {} FROM {} WHERE {condition}", shown.join(", "), self.name))?;
        let Some(row) = rows.first() else { return Ok(()) };
        for (index, (place, _)) in refusals.iter().enumerate() {
            if let Some(shown) = session.value::<Option<String>>(row, index)? {
                return Err(self.value_error(*place, &shown));
            }
        }
        Ok(())
    }

    /// A column's name in quotes.
    #[must_use]
    pub fn quoted(&self, place: usize) -> String {
        quoted(&self.columns.at(place).name)
    }

    /// The error for the table.
    pub(crate) fn error(&self, problem: impl fmt::Display) -> Error {
        let TableName { schema, table } = &self.name;
        Error::database(&self.url, format!("table {schema}.{table}: {problem}"), true)
    }

    /// The error for a value of a column, as the server shows it.
    pub(super) fn value_error(&self, place: usize, shown: &str) -> Error {
        let column = self.columns.at(place);
        let problem = match column.kind {
            ColumnKind::Day => format!("value {shown} is no day; correct it, or make it null"),
            _ => format!("value {shown} is no number, or beyond 2^53 in units of the last decimal"),
        };
        self.column_error(column, problem)
    }

    /// The day after the latest time, which windows may end before.
    pub(super) fn day_after(&self, last: Day) -> Result<Day> {
        let allowed = DayRange::CALENDAR;
        let after = last.checked_add(1).filter(|&day| allowed.contains(last) && allowed.contains(day));
        after.ok_or_else(|| {
            let problem = format!(
                "has {last} as its latest date, which is beyond {}: correct the column, or say with --as-of when \
                 the windows end",
                Day(allowed.end.0 - 2)
            );
            self.column_error(self.columns.at(Columns::TIME), problem)
        })
    }

    fn column_error(&self, column: &Column, problem: impl fmt::Display) -> Error {
        self.error(format!("column {:?} {problem}", column.name))
    }

    fn number(&self, place: usize) -> String {
        let name = self.quoted(place);
        match self.forms[place] {
            Form::Float => format!("{name}::double precision"),
            _ => format!("{name}::numeric"),
        }
    }

    fn scaled(&self, place: usize) -> String {
        let ColumnKind::Number { decimals } = self.columns.at(place).kind else { return self.quoted(place) };
        format!("{} * {}", self.number(place), 10_u64.pow(u32::from(decimals)))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({} of {})", self.name, self.url)
    }
}
