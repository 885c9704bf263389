//! A change that comes and goes.

use super::{Shape, ShapeKind, keys};
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: ShapeKind = ShapeKind {
    name: "pulse",
    about: "rises to its full size in the middle and falls again, as half a sine wave",
    keys: "",
    build: |table| keys::<Pulse>(table).map(|pulse| Box::new(pulse) as Box<dyn Shape>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pulse {}

impl Shape for Pulse {
    fn strength(&self, day: u32, length_days: u32) -> f64 {
        let middle_of_day = (f64::from(day) + 0.5) / f64::from(length_days);
        libm::sin(std::f64::consts::PI * middle_of_day).clamp(0.0, 1.0)
    }
}
