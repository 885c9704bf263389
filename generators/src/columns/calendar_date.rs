//! The date that the dataset is laid out by.

use super::{Column, ColumnKind, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::calendar::Calendar;
use crate::drift::What;
use crate::error::Result;
use crate::loads::Loads;
use crate::rng::{Stream, unit};
use crate::scope::Scope;
use arrow_array::ArrayRef;
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "calendar",
    about: "a date of the calendar, as often as the calendar says; rows in date order, or `order = \"random\"`",
    keys: "order = \"date\" (default) or \"random\"",
    drifts: &[What::Volume],
    build: |scope, params| CalendarDate::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    order: Order,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    /// As the rows arrive, so that readers can skip what they do not need.
    #[default]
    Date,
    Random,
}

#[derive(Debug)]
struct CalendarDate {
    calendar: Arc<Calendar>,
    loads: Loads,
    order: Order,
    stream: Stream,
}

impl CalendarDate {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { order } = keys(params)?;
        Ok(Self {
            calendar: Arc::clone(&scope.calendar),
            loads: scope.loads.clone(),
            order,
            stream: scope.stream(),
        })
    }

    /// The rows of a load stand evenly on the calendar's cumulative volume: a row's date is its inverse at the row.
    fn ordered(&self, span: &RowSpan) -> Vec<i32> {
        let first_day = self.calendar.first_day();
        let mut days = self.calendar.walk();
        span.rows.map(|row| first_day + days.day_at(self.loads.position(row, 0.5)) as i32)
    }
}

impl Column for CalendarDate {
    fn data_type(&self) -> DataType {
        DataType::Date32
    }

    fn follows_rows(&self) -> bool {
        self.order == Order::Date
    }

    fn is_calendar(&self) -> bool {
        true
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        let days = match self.order {
            Order::Date => self.ordered(&span),
            Order::Random => {
                let date = |word| self.calendar.first_day() + self.calendar.day_at(unit(word)) as i32;
                span.map_words(self.stream, date)
            }
        };
        arrays::dates(days, span.nulls)
    }
}
