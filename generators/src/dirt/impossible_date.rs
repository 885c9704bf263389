//! Dates that cannot be.

use super::target::{DAY_MICROS, Target};
use super::{Build, Cell, DirtKind, Fault, Site, keys};
use crate::calendar::day_number;
use crate::error::{Result, SpecError, ensure};
use crate::scope::Scope;
use arrow_schema::DataType;
use chrono::NaiveDate;
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: DirtKind = DirtKind {
    name: "impossible_date",
    about: "a date or timestamp replaced by a fixed `date`, or by `days` days before another column's",
    keys: "column; date = \"1900-01-01\", or before = COLUMN and days (default 1)",
    build: Build::Value(|scope, target, _, params| {
        ImpossibleDate::new(scope, target, params).map(|fault| Box::new(fault) as Box<dyn Fault>)
    }),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    date: Option<NaiveDate>,
    /// A date or timestamp column that comes first in every clean row.
    before: Option<String>,
    days: Option<u32>,
}

#[derive(Debug)]
enum ImpossibleDate {
    /// In the column's units: days, or microseconds.
    Fixed(i64),
    Before {
        column: usize,
        units: i64,
    },
}

impl ImpossibleDate {
    fn new(scope: &Scope, target: &Target, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        let day = match &target.data_type {
            DataType::Date32 => 1,
            DataType::Timestamp(_, _) => DAY_MICROS as i64,
            _ => return Err(target.unfit("no dates")),
        };
        match (params.date, params.before, params.days) {
            (Some(date), None, None) => Ok(Self::Fixed(i64::from(day_number(date)) * day)),
            (None, Some(before), days) => {
                let days = days.unwrap_or(1);
                ensure((1..=36_500).contains(&days), "days", format!("{days} is not within 1 to 36500"))?;
                let column = scope.index(&before).map_err(|error| error.within("before"))?;
                let same = scope.column(column).data_type() == target.data_type;
                let problem =
                    format!("{before:?} and {:?} are not both dates or both timestamps", target.name);
                ensure(same, "before", problem)?;
                Ok(Self::Before { column, units: i64::from(days) * day })
            }
            _ => Err(SpecError::at("", "give either `date`, or `before` and `days`")),
        }
    }
}

impl Fault for ImpossibleDate {
    fn damage(&self, site: &Site<'_>) -> Option<Cell> {
        match self {
            Self::Fixed(units) => Some(Cell::Int(*units)),
            Self::Before { column, units } => match Cell::read(site.batch.array(*column), site.offset) {
                Cell::Int(first) => Some(Cell::Int(first - units)),
                _ => None,
            },
        }
    }

    fn reads(&self) -> Vec<usize> {
        match self {
            Self::Fixed(_) => Vec::new(),
            Self::Before { column, .. } => vec![*column],
        }
    }
}
