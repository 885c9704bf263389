//! Drift: what changes, where, when, and how it develops.
//!
//! To add a shape: one file with a type that implements [`Shape`], and its line in [`SHAPES`].

mod effect;
mod gradual;
mod pulse;
mod ramp;
mod recurring;
mod step;
mod volume;

pub use effect::{Change, Effect};
pub use volume::Tilt;
pub(crate) use volume::VolumePlan;

use crate::error::{Result, SpecError, listed};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// What of a column drifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The probability of an event.
    Rate,
    /// The probabilities of a category's values.
    Mix,
    /// The time from one date to another.
    Delay,
    /// The size of an amount.
    Amount,
    /// The number of rows.
    Volume,
    /// The share of rows without a value.
    NullRate,
}

impl What {
    /// Everything that can drift.
    pub const ALL: [Self; 6] =
        [Self::Rate, Self::Mix, Self::Delay, Self::Amount, Self::Volume, Self::NullRate];

    /// The keys of an effect on it.
    #[must_use]
    pub fn effect_keys(self) -> &'static str {
        match self {
            Self::Rate => "points or odds",
            Self::NullRate => "points",
            Self::Delay => "factor or days",
            Self::Amount | Self::Volume => "factor",
            Self::Mix => "weights",
        }
    }

    /// The name used in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Mix => "mix",
            Self::Delay => "delay",
            Self::Amount => "amount",
            Self::Volume => "volume",
            Self::NullRate => "null_rate",
        }
    }
}

/// How a drift develops between its start and its end.
pub trait Shape: Debug + Send + Sync {
    /// How strong the drift is, from 0 (none) to 1 (full), on the day `day` days after its start, when it
    /// lasts `length_days`; `day` is within `0..length_days`.
    fn strength(&self, day: u32, length_days: u32) -> f64;

    /// Whether the strength is the probability that a row follows the new behaviour in full, rather than
    /// the part of the change that every row shows.
    fn mixes_rows(&self) -> bool {
        false
    }
}

/// A shape that a spec can name.
#[derive(Debug)]
pub struct ShapeKind {
    /// The `kind` in the spec.
    pub name: &'static str,
    /// One sentence for lists and documents.
    pub about: &'static str,
    /// The keys beside `kind`, with their meaning.
    pub keys: &'static str,
    build: fn(toml::Table) -> Result<Box<dyn Shape>>,
}

/// Every shape.
pub const SHAPES: &[ShapeKind] = &[step::KIND, ramp::KIND, pulse::KIND, recurring::KIND, gradual::KIND];

/// Builds the shape that a spec describes.
pub(crate) fn shape(mut table: toml::Table) -> Result<(&'static ShapeKind, Box<dyn Shape>)> {
    let allowed = || listed(SHAPES.iter().map(|kind| kind.name));
    let name = match table.remove("kind") {
        Some(toml::Value::String(name)) => name,
        _ => return Err(SpecError::at("shape", format!("kind is missing: use one of {}", allowed()))),
    };
    let kind = SHAPES.iter().find(|kind| kind.name == name).ok_or_else(|| {
        SpecError::at("shape", format!("there is no kind {name:?}: use one of {}", allowed()))
    })?;
    let shape = (kind.build)(table).map_err(|error| error.within(format!("shape {name:?}")))?;
    Ok((kind, shape))
}

/// Reads a shape's own keys.
fn keys<T: serde::de::DeserializeOwned>(table: toml::Table) -> Result<T> {
    toml::Value::Table(table).try_into().map_err(|error| SpecError::of_value(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn example(name: &str) -> Box<dyn Shape> {
        let keys = match name {
            "ramp" | "gradual" => "ramp_days = 7",
            "recurring" => "period_days = 7\non_days = 2",
            _ => "",
        };
        shape(format!("kind = {name:?}\n{keys}").parse().unwrap()).unwrap().1
    }

    proptest! {
        #[test]
        fn every_shape_stays_between_none_and_full(length_days in 1u32..500, day in 0u32..500) {
            for kind in SHAPES {
                let strength = example(kind.name).strength(day % length_days, length_days);
                prop_assert!((0.0..=1.0).contains(&strength), "{}: {strength}", kind.name);
            }
        }
    }

    #[test]
    fn every_shape_reaches_full_strength() {
        for kind in SHAPES {
            let shape = example(kind.name);
            let strongest = (0..61).map(|day| shape.strength(day, 61)).fold(0.0, f64::max);
            assert!(strongest > 0.999, "{}", kind.name);
        }
    }

    #[test]
    fn unknown_shapes_and_keys_are_refused_by_name() {
        let refused = |text: &str| shape(text.parse().unwrap()).unwrap_err().to_string();
        assert!(refused("kind = 'stepp'").contains("\"recurring\""));
        assert!(refused("kind = 'ramp'\nramp_day = 3").contains("ramp_day"));
        assert!(refused("kind = 'recurring'\nperiod_days = 3\non_days = 9").contains("on_days"));
        assert!(refused("ramp_days = 3").contains("kind"));
    }
}
