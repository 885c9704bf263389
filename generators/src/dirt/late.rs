//! Dates that were entered late.

use super::target::{DAY_MICROS, Target};
use super::{Build, Cell, DirtKind, Fault, Site, keys};
use crate::error::{Result, SpecError, ensure};
use crate::rng::Stream;
use crate::scope::Scope;
use crate::tables::{Distribution, QuantileTable};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The most days that a date can be late by.
const MAX_DAYS: f64 = 36_500.0;

/// The registry line.
pub(super) const KIND: DirtKind = DirtKind {
    name: "late",
    about: "a date or timestamp moved later by `days`, or by a log-normal number of days; the row keeps its place",
    keys: "column; days, or median_days and sigma; dates move by whole days, by one at least",
    build: Build::Value(|scope, target, stream, params| {
        Late::new(scope, target, stream, params).map(|fault| Box::new(fault) as Box<dyn Fault>)
    }),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    days: Option<f64>,
    median_days: Option<f64>,
    /// The standard deviation of the logarithm of the days.
    sigma: Option<f64>,
}

#[derive(Debug)]
struct Late {
    /// The median, in days.
    days: f64,
    /// What the median is multiplied with.
    table: Option<Arc<QuantileTable>>,
    /// Units of the column in a day.
    day: f64,
    stream: Stream,
}

impl Late {
    fn new(scope: &mut Scope, target: &Target, stream: Stream, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        let day = match &target.data_type {
            DataType::Date32 => 1.0,
            DataType::Timestamp(_, _) => DAY_MICROS,
            _ => return Err(target.unfit("no delay, which dates and timestamps can have")),
        };
        let (key, days, table) = match (params.days, params.median_days, params.sigma) {
            (Some(days), None, None) => ("days", days, None),
            (None, Some(days), Some(sigma)) => {
                ("median_days", days, Some(scope.quantile_table(Distribution::LogNormal { sigma })?))
            }
            _ => return Err(SpecError::at("", "give either `days`, or `median_days` and `sigma`")),
        };
        let problem = format!("{days} is not within 0 (excluded) to {MAX_DAYS}");
        ensure(days > 0.0 && days <= MAX_DAYS, key, problem)?;
        Ok(Self { days, table, day, stream })
    }
}

impl Fault for Late {
    fn damage(&self, site: &Site<'_>) -> Option<Cell> {
        let Cell::Int(on_time) = site.value else { return None };
        let word = self.stream.word(site.row);
        let factor = self.table.as_ref().map_or(1.0, |table| f64::from(table.at((word >> 32) as u32)));
        let days = (self.days * factor).min(MAX_DAYS);
        let units = (days * self.day).round().max(1.0) as i64;
        Some(Cell::Int(on_time + units))
    }
}
