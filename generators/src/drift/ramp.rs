//! A change that every row shows a growing part of.

use super::{Shape, ShapeKind, keys};
use crate::error::{Result, ensure};
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: ShapeKind = ShapeKind {
    name: "ramp",
    about: "grows day by day to its full size, then stays",
    keys: "ramp_days: days until the full size; the whole length when absent",
    build: |table| Ramp::new(table).map(|ramp| Box::new(ramp) as Box<dyn Shape>),
};

/// Linear growth; also the curve of the gradual mixture.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ramp {
    ramp_days: Option<u32>,
}

impl Ramp {
    pub(super) fn new(table: toml::Table) -> Result<Self> {
        let ramp: Self = keys(table)?;
        ensure(
            ramp.ramp_days != Some(0),
            "ramp_days",
            "0 is not within 1 to the drift's length: use a step",
        )?;
        Ok(ramp)
    }
}

impl Shape for Ramp {
    /// The last of the ramp's days is at full strength.
    fn strength(&self, day: u32, length_days: u32) -> f64 {
        let ramp_days = self.ramp_days.unwrap_or(length_days);
        (f64::from(day + 1) / f64::from(ramp_days)).min(1.0)
    }
}
