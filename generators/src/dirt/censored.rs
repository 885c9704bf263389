//! Values that are not known yet.

use super::target::{DAY_MICROS, Target};
use super::{Build, Cell, DirtKind, Fault, Site, keys};
use crate::error::{Result, ensure};
use crate::scope::Scope;
use arrow_schema::DataType;
use serde::Deserialize;

/// The registry line. Right censoring as in Kaplan and Meier ("Nonparametric estimation from incomplete
/// observations", JASA 53, 1958): all that is known of such a value is that it lies behind the last day.
pub(super) const KIND: DirtKind = DirtKind {
    name: "censored",
    about: "values that become known on another column's day are missing where that is as_of or later",
    keys: "column; known_on = COLUMN, a date or timestamp",
    build: Build::Value(|scope, target, _, params| {
        Censored::new(scope, target, params).map(|fault| Box::new(fault) as Box<dyn Fault>)
    }),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    known_on: String,
}

#[derive(Debug)]
struct Censored {
    known_on: usize,
    /// The start of the first day that is not known yet, in the units of `known_on`.
    as_of: i64,
}

impl Censored {
    fn new(scope: &Scope, target: &mut Target, params: toml::Table) -> Result<Self> {
        let Params { known_on: name } = keys(params)?;
        let known_on = scope.index(&name).map_err(|error| error.within("known_on"))?;
        let day = match scope.column(known_on).data_type() {
            DataType::Date32 => Some(1),
            DataType::Timestamp(_, _) => Some(DAY_MICROS as i64),
            _ => None,
        };
        ensure(day.is_some(), "known_on", format!("{name:?} holds no dates or timestamps"))?;
        let as_of = i64::from(scope.calendar.first_day()) + scope.calendar.day_count() as i64;
        target.nullable = true;
        Ok(Self { known_on, as_of: as_of * day.unwrap_or(1) })
    }
}

impl Fault for Censored {
    fn damage(&self, site: &Site<'_>) -> Option<Cell> {
        match Cell::read(site.batch.array(self.known_on), site.offset) {
            Cell::Int(known_on) if known_on >= self.as_of => Some(Cell::Null),
            _ => None,
        }
    }

    fn reads(&self) -> Vec<usize> {
        vec![self.known_on]
    }
}
