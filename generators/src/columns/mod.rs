//! Column kinds: what a dataset's values can be made of.
//!
//! To add a kind: one file with a type that implements [`Column`], and its line in [`KINDS`]. Parameters are
//! checked when a column is built, so filling it cannot fail. A column draws from streams of its own, and
//! reads the columns before it; each value depends on its row number alone.

mod absent;
mod amount;
mod arrays;
mod arrival;
mod at;
mod band;
mod calendar_date;
mod category;
mod choice;
mod composed;
mod constant;
mod count;
mod date_format;
mod delay;
mod digits;
mod earlier;
mod field;
mod first;
mod formula;
mod geometric;
mod item;
mod items;
mod later;
mod later_row;
mod list;
mod lookup;
mod nulls;
mod number;
mod numbers;
mod parent;
mod prose;
mod rate;
mod row_hash;
mod row_id;
mod score;
mod sequence;
mod share;
mod structure;
mod template;
mod texts;
mod timestamp;
mod uuid;
mod uuid5;
mod zipf_key;

pub(crate) use arrays::{MAX_CENTS, dictionary_type};
pub(crate) use nulls::Nulls;

use crate::batch::{BatchSoFar, RowSpan};
use crate::drift::{Effect, Tilt, What};
use crate::error::{Result, SpecError};
use crate::population::Marginal;
use crate::scope::{Entries, Scope};
use crate::tables::{Cells, QuantileTable};
use arrow_array::{ArrayRef, StringArray};
use arrow_schema::DataType;
use std::fmt::Debug;
use std::sync::Arc;

/// A column of a plan: a pure function from row numbers to values.
pub trait Column: Debug + Send + Sync {
    /// The Arrow type of the arrays it makes.
    fn data_type(&self) -> DataType;

    /// The values of `span`, null where the span says so.
    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef;

    /// The columns it reads, by index.
    fn reads(&self) -> Vec<usize> {
        Vec::new()
    }

    /// The columns of the parent table that it reads, by their index there.
    fn reads_parent(&self) -> Vec<usize> {
        Vec::new()
    }

    /// Whether every value is the number, from 1, of a row of the table.
    fn names_rows(&self) -> bool {
        false
    }

    /// Whether every value is a day of the calendar, also where the value is null.
    fn is_calendar(&self) -> bool {
        false
    }

    /// Whether every value is the day of the calendar at the row's place, so that it never falls from one row
    /// to the next.
    fn follows_rows(&self) -> bool {
        false
    }

    /// What the entries of a list hold.
    fn entries(&self) -> Option<&Arc<Entries>> {
        None
    }

    /// Whether it makes nulls of its own, beside those of the span.
    fn makes_nulls(&self) -> bool {
        false
    }

    /// The values of a category column; its codes index them.
    fn categories(&self) -> Option<&Arc<StringArray>> {
        None
    }

    /// The values that the codes of its dictionary arrays index, where it makes such arrays.
    fn dictionary(&self) -> Option<ArrayRef> {
        self.categories().map(|categories| Arc::clone(categories) as ArrayRef)
    }

    /// How often each category occurs, where that does not depend on other columns.
    fn marginal(&self) -> Option<Marginal> {
        None
    }

    /// How often each category occurs on a day of the calendar (or without drift), where other columns have
    /// the codes that `code_of` gives. Only asked of columns with a [`Marginal::Drawn`].
    fn probabilities(&self, _day: Option<usize>, _code_of: &dyn Fn(usize) -> usize) -> Vec<f64> {
        Vec::new()
    }

    /// The category columns that [`Column::probabilities`] asks for the codes of.
    fn moved_by(&self) -> Vec<usize> {
        Vec::new()
    }

    /// Whether [`Column::probabilities`] differs on a day of the calendar from what it is without drift.
    fn moved_on(&self, _day: usize) -> bool {
        false
    }

    /// The parameters that drift can change, for the truth.
    fn parameters(&self) -> Option<Parameters<'_>> {
        None
    }

    /// Takes the drift of this column. Called once, and only with what the kind's registry line allows.
    fn set_drift(&mut self, _drift: Drift) {}
}

/// The drift of one column.
#[derive(Debug, Default)]
pub struct Drift {
    pub(crate) effects: Vec<Effect>,
    /// Shifts by volume drifts; of category columns only.
    pub(crate) tilts: Vec<Tilt>,
}

impl Drift {
    pub(crate) fn reads(&self) -> impl Iterator<Item = usize> + '_ {
        self.effects.iter().flat_map(Effect::reads).chain(self.tilts.iter().flat_map(Tilt::reads))
    }
}

/// What a column draws from: a parameter for each cell of some category columns, and the drift on it.
#[derive(Debug)]
pub struct Parameters<'a> {
    pub(crate) cells: Cells,
    pub(crate) model: Model<'a>,
    pub(crate) effects: &'a [Effect],
}

/// The meaning of the parameters.
#[derive(Debug)]
pub(crate) enum Model<'a> {
    /// The probability in each cell, and what it is a share of.
    Rate { rates: Vec<f64>, unit: &'static str },
    /// The median in each cell, and the distribution around it.
    Size { medians: Vec<f64>, table: &'a QuantileTable, unit: &'static str },
    /// The median share in each cell.
    Share(Vec<f64>),
    /// The probabilities of the categories in each cell.
    Mix(Vec<Vec<f64>>),
}

/// A column kind that a spec can name.
#[derive(Debug)]
pub struct ColumnKind {
    /// The `kind` in the spec.
    pub name: &'static str,
    /// One sentence for lists and documents.
    pub about: &'static str,
    /// The keys beside those that every column has.
    pub keys: &'static str,
    /// What of it can drift, beside its null rate.
    pub drifts: &'static [What],
    build: fn(&mut Scope, toml::Table) -> Result<Box<dyn Column>>,
}

/// Every kind.
pub const KINDS: &[ColumnKind] = &[
    absent::KIND,
    amount::KIND,
    arrival::KIND,
    at::KIND,
    band::KIND,
    calendar_date::KIND,
    category::KIND,
    constant::KIND,
    count::KIND,
    delay::KIND,
    earlier::KIND,
    field::KIND,
    first::KIND,
    formula::KIND,
    geometric::KIND,
    item::KIND,
    items::KIND,
    later::KIND,
    later_row::KIND,
    list::KIND,
    lookup::KIND,
    number::KIND,
    parent::KIND,
    prose::KIND,
    rate::KIND,
    row_hash::KIND,
    row_id::KIND,
    score::KIND,
    sequence::KIND,
    share::KIND,
    structure::KIND,
    template::KIND,
    timestamp::KIND,
    uuid::KIND,
    uuid5::KIND,
    zipf_key::KIND,
];

/// Builds a column of the named kind.
pub(crate) fn build(
    scope: &mut Scope,
    kind: &str,
    params: toml::Table,
) -> Result<(&'static ColumnKind, Box<dyn Column>)> {
    let found = KINDS.iter().find(|known| known.name == kind).ok_or_else(|| {
        let allowed: Vec<String> = KINDS.iter().map(|known| format!("{:?}", known.name)).collect();
        let allowed = allowed.join(", ");
        SpecError::at("kind", format!("there is no {kind:?}: use one of {allowed}"))
    })?;
    let column = (found.build)(scope, params).map_err(|error| error.within(format!("kind {kind:?}")))?;
    Ok((found, column))
}

/// Reads a kind's own keys.
fn keys<T: serde::de::DeserializeOwned>(params: toml::Table) -> Result<T> {
    toml::Value::Table(params).try_into().map_err(|error: toml::de::Error| {
        let common = crate::spec::COMMON_COLUMN_KEYS;
        let hint = if error.message().starts_with("unknown field") {
            format!("; every column also takes {common}")
        } else {
            String::new()
        };
        SpecError::of_value(&error).adding(&hint)
    })
}
