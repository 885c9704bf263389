//! A change that comes back.

use super::{Shape, ShapeKind, keys};
use crate::error::{Result, ensure};
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: ShapeKind = ShapeKind {
    name: "recurring",
    about: "there in full on the first days of every period, absent on the others",
    keys: "period_days: from one start to the next; on_days: how many days each time",
    build: |table| Recurring::new(table).map(|recurring| Box::new(recurring) as Box<dyn Shape>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recurring {
    period_days: u32,
    on_days: u32,
}

impl Recurring {
    fn new(table: toml::Table) -> Result<Self> {
        let shape: Self = keys(table)?;
        let Self { period_days, on_days } = shape;
        ensure(period_days >= 2, "period_days", format!("{period_days} is below 2"))?;
        ensure(
            (1..period_days).contains(&on_days),
            "on_days",
            format!("{on_days} is not within 1 to period_days - 1 = {}", period_days - 1),
        )?;
        Ok(shape)
    }
}

impl Shape for Recurring {
    fn strength(&self, day: u32, _length_days: u32) -> f64 {
        if day % self.period_days < self.on_days { 1.0 } else { 0.0 }
    }
}
