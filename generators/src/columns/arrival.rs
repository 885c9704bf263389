//! The instant at which a row arrives, in the order of the rows.

use super::{Column, ColumnKind, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::calendar::Calendar;
use crate::error::{Result, ensure};
use crate::loads::Loads;
use crate::rng::{Stream, unit};
use crate::scope::Scope;
use arrow_array::ArrayRef;
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "arrival",
    about: "the instant (UTC) at which a row arrives: on the calendar's date, at the hours of `[calendar] hours` and `storms`, never before the row above of the same load",
    keys: "digits = decimal digits of the second, 0 to 6 (3 when absent)",
    drifts: &[],
    build: |scope, params| Arrival::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default = "super::arrays::default_second_digits")]
    digits: u32,
}

#[derive(Debug)]
struct Arrival {
    calendar: Arc<Calendar>,
    time_column: usize,
    loads: Loads,
    step_micros: i64,
    stream: Stream,
}

impl Arrival {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { digits } = keys(params)?;
        let found = (0..scope.columns.len()).find(|column| scope.column(*column).follows_rows());
        let problem = "only behind a calendar column in date order do rows arrive in order; \
                       elsewhere use timestamp or later";
        ensure(found.is_some(), "", problem)?;
        Ok(Self {
            calendar: Arc::clone(&scope.calendar),
            time_column: found.unwrap_or_default(),
            loads: scope.loads.clone(),
            step_micros: arrays::second_step(digits)?,
            stream: scope.stream(),
        })
    }
}

impl Column for Arrival {
    fn data_type(&self) -> DataType {
        arrays::instant_type()
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let days = batch.days(self.time_column);
        let mut micros = Vec::with_capacity(span.len());
        span.rows.each(|offset, row| {
            // A row arrives anywhere in its own stretch of the calendar's volume, so that the order stays; the
            // date stands for the middle of the stretch, and holds for rows whose stretch lies on two days.
            let position = self.loads.position(row, unit(self.stream.word(row)));
            let day = (days[offset] - self.calendar.first_day()) as usize;
            let time = self.calendar.time_at(day, position);
            micros.push(arrays::instant_on(days[offset], time, self.step_micros));
        });
        arrays::instants(micros, span.nulls)
    }

    fn reads(&self) -> Vec<usize> {
        vec![self.time_column]
    }
}
