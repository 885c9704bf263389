//! A change that a growing share of the rows shows in full.

use super::ramp::Ramp;
use super::{Shape, ShapeKind};

/// The registry line.
pub(super) const KIND: ShapeKind = ShapeKind {
    name: "gradual",
    about: "a growing share of the rows follows the new behaviour in full, the others none of it",
    keys: "ramp_days: days until every row does; the whole length when absent",
    build: |table| Ramp::new(table).map(|ramp| Box::new(Gradual(ramp)) as Box<dyn Shape>),
};

#[derive(Debug)]
struct Gradual(Ramp);

impl Shape for Gradual {
    fn strength(&self, day: u32, length_days: u32) -> f64 {
        self.0.strength(day, length_days)
    }

    fn mixes_rows(&self) -> bool {
        true
    }
}
