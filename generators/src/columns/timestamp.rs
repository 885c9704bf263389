//! An instant on a given date.

use super::{Column, ColumnKind, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::calendar::Calendar;
use crate::error::Result;
use crate::rng::{Stream, unit};
use crate::scope::Scope;
use arrow_array::ArrayRef;
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "timestamp",
    about: "an instant (UTC) on the date of another column, at the hours of `[calendar] hours` and `storms`, in no order",
    keys: "on = a date COLUMN; digits = decimal digits of the second, 0 to 6 (3 when absent)",
    drifts: &[],
    build: |scope, params| Timestamp::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    on: String,
    #[serde(default = "super::arrays::default_second_digits")]
    digits: u32,
}

#[derive(Debug)]
struct Timestamp {
    on: usize,
    on_nullable: bool,
    calendar: Arc<Calendar>,
    step_micros: i64,
    stream: Stream,
}

impl Timestamp {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { on, digits } = keys(params)?;
        let on = scope.typed(&on, &DataType::Date32, "date").map_err(|error| error.within("on"))?;
        Ok(Self {
            on,
            on_nullable: scope.is_nullable(on),
            calendar: Arc::clone(&scope.calendar),
            step_micros: arrays::second_step(digits)?,
            stream: scope.stream(),
        })
    }
}

impl Column for Timestamp {
    fn data_type(&self) -> DataType {
        arrays::instant_type()
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let hours = self.calendar.hours();
        let micros = span.map_words_with(self.stream, batch.days(self.on), |word, day: i32| {
            // Dates before the calendar become days far behind it: days without storm, as those behind it are.
            let index = i64::from(day) - i64::from(self.calendar.first_day());
            let time = hours.time_at(usize::try_from(index).unwrap_or(usize::MAX), unit(word));
            arrays::instant_on(day, time, self.step_micros)
        });
        arrays::instants(micros, NullBuffer::union(span.nulls.as_ref(), batch.nulls(self.on)))
    }

    fn reads(&self) -> Vec<usize> {
        vec![self.on]
    }

    fn makes_nulls(&self) -> bool {
        self.on_nullable
    }
}
