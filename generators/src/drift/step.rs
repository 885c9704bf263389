//! A change that is there in full from its first day.

use super::{Shape, ShapeKind, keys};
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: ShapeKind = ShapeKind {
    name: "step",
    about: "there in full from the first day to the last",
    keys: "",
    build: |table| keys::<Step>(table).map(|step| Box::new(step) as Box<dyn Shape>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {}

impl Shape for Step {
    fn strength(&self, _day: u32, _length_days: u32) -> f64 {
        1.0
    }
}
