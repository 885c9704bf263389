//! What a dataset's TOML says, as typed: nothing here is checked beyond its shape.

use crate::drift::What;
use crate::error::{Result, SpecError};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// A dataset spec as written. [`crate::Plan`] is its checked form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Name, description, and the date that the data is seen from.
    pub dataset: DatasetSpec,
    /// How many rows fall on which day; the extended dataset's own where this one says nothing.
    pub calendar: Option<CalendarSpec>,
    /// The columns in the order of the table. Their keys depend on their kind.
    #[serde(rename = "column", default)]
    pub columns: Vec<toml::Table>,
    /// The drift to inject.
    #[serde(rename = "drift", default)]
    pub drifts: Vec<DriftSpec>,
    /// The faults to put into the finished values. Their keys depend on their kind.
    #[serde(rename = "dirt", default)]
    pub dirts: Vec<toml::Table>,
    /// The tables whose rows belong to rows of this one, or of one another.
    #[serde(rename = "table", default)]
    pub tables: Vec<TableSpec>,
}

/// The `[dataset]` table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetSpec {
    /// The table's name: lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// One sentence for lists and documents.
    pub about: String,
    /// The dataset whose tables, columns, drift and dirt this one has too.
    pub extends: Option<String>,
    /// The order of the table's columns, where it differs from the order of the `[[column]]` tables.
    pub columns: Option<Vec<String>>,
    /// The day from which the data is seen; the last day of the calendar is the day before. Delays may lead
    /// beyond it.
    pub as_of: NaiveDate,
    /// Days of the window that current data is compared with, ending where the current window starts.
    #[serde(default = "default_baseline_days")]
    pub baseline_days: u32,
    /// Days of the current window, ending at `as_of`.
    #[serde(default = "default_current_days")]
    pub current_days: u32,
    /// The name of the root table; the dataset's name with `_` for `-` when absent.
    pub table: Option<String>,
    /// The columns of the root table that together are different in every row.
    #[serde(default)]
    pub primary_key: Vec<String>,
    /// What columns of the root table refer to.
    #[serde(default)]
    pub foreign_keys: Vec<ForeignKeySpec>,
    /// Columns that a database should index together.
    #[serde(default)]
    pub indexes: Vec<Vec<String>>,
}

/// Columns that hold the key of a row of another table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignKeySpec {
    /// The columns here.
    pub columns: Vec<String>,
    /// The table that they refer to.
    pub table: String,
    /// Its columns, one for each of `columns`.
    pub references: Vec<String>,
}

/// A `[[table]]` table: rows that belong to the rows of a parent table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// Its name: lower-case letters, digits and `_`.
    pub name: Option<String>,
    /// One sentence for lists and documents.
    pub about: Option<String>,
    /// Another dataset whose root table this is; its child tables follow.
    pub dataset: Option<String>,
    /// The table that each row belongs to a row of; the root when absent. It comes before this one.
    pub parent: Option<String>,
    /// A whole-number column of the parent: how many rows each of its rows has here; one when absent.
    pub count: Option<String>,
    /// Rows of the parent outside this condition have none here.
    pub when: Option<ConditionSpec>,
    /// The order of the columns, where it differs from the order of the `[[table.column]]` tables.
    #[serde(rename = "columns")]
    pub order: Option<Vec<String>>,
    /// See [`DatasetSpec::primary_key`].
    #[serde(default)]
    pub primary_key: Vec<String>,
    /// See [`DatasetSpec::foreign_keys`].
    #[serde(default)]
    pub foreign_keys: Vec<ForeignKeySpec>,
    /// See [`DatasetSpec::indexes`].
    #[serde(default)]
    pub indexes: Vec<Vec<String>>,
    /// Its columns.
    #[serde(rename = "column", default)]
    pub columns: Vec<toml::Table>,
    /// The drift to inject.
    #[serde(rename = "drift", default)]
    pub drifts: Vec<DriftSpec>,
    /// The faults to put into the finished values.
    #[serde(rename = "dirt", default)]
    pub dirts: Vec<toml::Table>,
}

fn default_baseline_days() -> u32 {
    90
}

fn default_current_days() -> u32 {
    14
}

/// The `[calendar]` table: the volume of each day, relative to the others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarSpec {
    /// Days of data, ending the day before `as_of`.
    pub days: u32,
    /// Relative volume from Monday to Sunday.
    #[serde(default = "even_week")]
    pub weekday: [f64; 7],
    /// Relative growth of the volume over a year: 0.08 is 8 %.
    #[serde(default)]
    pub annual_growth: f64,
    /// A yearly wave of the volume.
    pub season: Option<SeasonSpec>,
    /// Relative volume of each hour of the day (UTC), from midnight on; all alike when absent.
    pub hours: Option<[f64; 24]>,
    /// Hours with many times their volume.
    pub storms: Option<StormsSpec>,
}

/// Storms: stretches of hours whose volume is multiplied. The seed decides where they are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StormsSpec {
    /// How many there are in a year.
    pub per_year: f64,
    /// The least and the most that a storm multiplies the volume of its hours with.
    pub factor: [f64; 2],
    /// The fewest and the most hours that a storm lasts.
    pub hours: [u32; 2],
}

fn even_week() -> [f64; 7] {
    [1.0; 7]
}

/// A yearly cosine wave.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeasonSpec {
    /// Height of the wave relative to the mean: 0.1 swings between 0.9 and 1.1.
    pub amplitude: f64,
    /// Day of the year (1–366) with the highest volume.
    pub peak_day_of_year: u32,
}

/// What columns' values must be for something to apply: every named column must hold one of its values.
pub type ConditionSpec = BTreeMap<String, OneOrMany>;

/// One value or a list of them.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(untagged, expecting = "use a text, true or false, or a list of texts")]
pub enum OneOrMany {
    /// A list.
    Many(Vec<Value>),
    /// A single value.
    One(Value),
}

impl OneOrMany {
    /// The values as a slice.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        match self {
            Self::Many(values) => values,
            Self::One(value) => std::slice::from_ref(value),
        }
    }
}

/// A value that a condition can ask for.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum Value {
    /// Of a boolean column.
    Flag(bool),
    /// Of a category.
    Text(String),
}

/// The keys that a column of any kind may have.
pub const COMMON_COLUMN_KEYS: &str = "name, kind, about, hidden, ledger, null_rate, null_unless";

/// A `[[column]]` table: what all kinds share, and the rest.
#[derive(Debug, Clone)]
pub struct ColumnSpec {
    /// The column's name.
    pub name: String,
    /// A name in the registry of column kinds.
    pub kind: String,
    /// One sentence for documents.
    pub about: String,
    /// Whether other columns may use it, but the table does not show it.
    pub hidden: bool,
    /// Whether the ledger counts the rows of each of its values.
    pub ledger: bool,
    /// The share of rows that are null at random.
    pub null_rate: f64,
    /// Rows outside this condition are null.
    pub null_unless: Option<ConditionSpec>,
    /// What only this kind has.
    pub params: toml::Table,
}

#[derive(Deserialize)]
struct CommonKeys {
    name: String,
    kind: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    ledger: bool,
    #[serde(default)]
    null_rate: f64,
    null_unless: Option<ConditionSpec>,
}

impl ColumnSpec {
    /// Separates the common keys from the kind's own.
    pub(crate) fn from_table(position: usize, mut table: toml::Table) -> Result<Self> {
        let name = table.get("name").and_then(toml::Value::as_str).map(str::to_owned);
        let place =
            name.map_or_else(|| format!("column {}", position + 1), |name| format!("column {name:?}"));
        let common: CommonKeys = toml::Value::Table(table.clone())
            .try_into()
            .map_err(|error| SpecError::of_value(&error).within(&place))?;
        for key in COMMON_COLUMN_KEYS.split(", ") {
            table.remove(key);
        }
        Ok(Self {
            name: common.name,
            kind: common.kind,
            about: common.about,
            hidden: common.hidden,
            ledger: common.ledger,
            null_rate: common.null_rate,
            null_unless: common.null_unless,
            params: table,
        })
    }
}

/// The keys that dirt of any kind may have.
pub const COMMON_DIRT_KEYS: &str = "id, kind, about, rate, where, always";

/// A `[[dirt]]` table: what all kinds share, and the rest.
#[derive(Debug, Clone)]
pub struct DirtSpec {
    /// A unique name.
    pub id: String,
    /// A name in the registry of dirt kinds.
    pub kind: String,
    /// One sentence for reports.
    pub about: String,
    /// The share of the rows in question that are hit.
    pub rate: f64,
    /// The rows in question; all rows when absent.
    pub condition: ConditionSpec,
    /// Whether it is there in every run, and not just where dirt is asked for.
    pub always: bool,
    /// What only this kind has.
    pub params: toml::Table,
}

#[derive(Deserialize)]
struct CommonDirtKeys {
    id: String,
    kind: String,
    #[serde(default)]
    about: String,
    rate: f64,
    #[serde(default, rename = "where")]
    condition: ConditionSpec,
    #[serde(default)]
    always: bool,
}

impl DirtSpec {
    /// Separates the common keys from the kind's own.
    pub(crate) fn from_table(position: usize, mut table: toml::Table) -> Result<Self> {
        let id = table.get("id").and_then(toml::Value::as_str);
        let place = id.map_or_else(|| format!("dirt {}", position + 1), |id| format!("dirt {id:?}"));
        let common: CommonDirtKeys = toml::Value::Table(table.clone())
            .try_into()
            .map_err(|error| SpecError::of_value(&error).within(&place))?;
        for key in COMMON_DIRT_KEYS.split(", ") {
            table.remove(key);
        }
        Ok(Self {
            id: common.id,
            kind: common.kind,
            about: common.about,
            rate: common.rate,
            condition: common.condition,
            always: common.always,
            params: table,
        })
    }
}

/// A `[[drift]]` table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftSpec {
    /// A unique name.
    pub id: String,
    /// One sentence for reports.
    #[serde(default)]
    pub about: String,
    /// What of the column drifts.
    pub what: What,
    /// The column that drifts; the calendar's date column for a volume; `COLUMN.FIELD` for a column of the
    /// entries of an `items` column.
    pub column: String,
    /// The column with the day that the drift goes by, where the table does not have the calendar itself: a
    /// copy of the parent's. The first such column when absent.
    pub time: Option<String>,
    /// The rows that drift; all rows when absent.
    #[serde(default)]
    pub segment: ConditionSpec,
    /// The first day of the drift, relative to `as_of`: −10 is ten days before.
    pub start_days: i32,
    /// The day the drift is over, relative to `as_of` (not included); `as_of` when absent.
    #[serde(default)]
    pub end_days: i32,
    /// How the drift develops between the two: `{ kind = "step" }` and the kind's own keys.
    pub shape: toml::Table,
    /// How large the full drift is; the key says in which terms.
    pub effect: EffectSpec,
}

/// The size of a drift at full strength, in exactly one of these terms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectSpec {
    /// Added to a rate: 0.1 is ten percentage points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<f64>,
    /// Multiplies the odds of a rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odds: Option<f64>,
    /// Multiplies a delay, an amount or a volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
    /// Added to a delay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<f64>,
    /// Multiplies the weights of the named values of a category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<BTreeMap<String, f64>>,
}

impl Spec {
    /// Reads a spec. `origin` names the file in messages.
    ///
    /// # Errors
    /// When the text is no TOML, a key is unknown or missing, or a value has the wrong type.
    pub fn parse(text: &str, origin: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
            let place = line.map(|line| format!("line {line}")).unwrap_or_default();
            let key = error.span().and_then(|span| key_of(text, &span));
            let problem = match key {
                Some(key) => format!("{key}: {}", error.message()),
                None => error.message().to_owned(),
            };
            SpecError::at(place, problem).in_file(origin)
        })
    }
}

/// The key whose value, or a part of it, stands at `span`; `None` for a span that is a key itself, or a whole table.
fn key_of<'a>(text: &'a str, span: &Range<usize>) -> Option<&'a str> {
    let (before, at, behind) = (text.get(..span.start)?, text.get(span.start..)?, text.get(span.end..)?);
    let starts_line = before.trim_end_matches([' ', '\t']).ends_with('\n');
    if behind.trim_start().starts_with('=') || (starts_line && at.starts_with('[')) {
        return None;
    }
    let (key, _) = before.rsplit_once('=')?;
    let is_part = |letter: char| letter.is_alphanumeric() || "_-.\"".contains(letter);
    let key = key.trim_end().rsplit(|letter| !is_part(letter)).next()?.trim_matches('"');
    (!key.is_empty()).then_some(key)
}
