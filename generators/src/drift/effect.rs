//! A drift as its column applies it.

use super::{What, shape};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, SpecError, ensure};
use crate::rng::{Stream, unit};
use crate::scope::{Condition, Scope, code_of};
use crate::spec::{DriftSpec, EffectSpec};
use arrow_array::Array;

/// How much the full drift changes, in the terms the column understands.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Added to a rate.
    Points(f64),
    /// Multiplies the odds of a rate.
    Odds(f64),
    /// Multiplies a size.
    Factor(f64),
    /// Added to a delay.
    Days(f64),
    /// Multiplies the weight of each category.
    Weights(Vec<f64>),
}

impl Change {
    /// A rate under this change at `strength` (0–1), kept within 0–1. Other changes leave it alone.
    #[must_use]
    pub fn rate(&self, rate: f64, strength: f64) -> f64 {
        match self {
            Self::Points(points) => (rate + points * strength).clamp(0.0, 1.0),
            Self::Odds(odds) => {
                let full = rate * odds / (1.0 - rate + rate * odds);
                rate + (full - rate) * strength
            }
            _ => rate,
        }
    }

    /// A size (days, cents, a share, a volume) under this change at `strength` (0–1), at least 0.
    #[must_use]
    pub fn size(&self, size: f64, strength: f64) -> f64 {
        match self {
            Self::Factor(factor) => size * (1.0 + (factor - 1.0) * strength),
            Self::Days(days) => (size + days * strength).max(0.0),
            _ => size,
        }
    }
}

/// A drift: how much, on which rows, and how strong on each day.
#[derive(Debug, Clone)]
pub struct Effect {
    pub(crate) change: Change,
    pub(crate) segment: Condition,
    /// Strength on each day of the calendar, 0 outside the drift.
    pub(crate) strengths: Vec<f64>,
    first_day: i32,
    time_column: usize,
    /// Where the shape mixes rows: which of them follow the new behaviour.
    mixing: Option<Stream>,
}

impl Effect {
    /// Checks a drift of the column that was built last.
    ///
    /// # Errors
    /// When the span leaves the calendar, the segment does not fit the columns before, or the effect does
    /// not fit what drifts.
    pub(crate) fn new(scope: &Scope, spec: &DriftSpec, time_column: usize) -> Result<Self> {
        let strengths = strengths(scope, spec)?;
        let (_, shape) = shape(spec.shape.clone())?;
        let segment = Condition::new(scope, &spec.segment).map_err(|error| error.within("segment"))?;
        ensure(
            segment.reads().all(|column| column + 1 < scope.columns.len()),
            "segment",
            format!("it can name only columns before {:?}", spec.column),
        )?;
        let mixing = shape.mixes_rows().then(|| scope.stream().keyed("drift").keyed(&spec.id));
        Ok(Self {
            change: change(scope, spec)?,
            segment,
            strengths,
            first_day: scope.calendar.first_day(),
            time_column,
            mixing,
        })
    }

    /// Calls `apply(offset, strength)` for each row of the batch that drifts.
    pub fn each(&self, span: &RowSpan, batch: &BatchSoFar, mut apply: impl FnMut(usize, f64)) {
        let days = batch.days(self.time_column);
        if !self.touches(days) {
            return;
        }
        let mask = self.segment.mask(batch, days.len());
        for (offset, (day, drifts)) in days.iter().zip(mask).enumerate() {
            let strength = self.strengths[(day - self.first_day) as usize];
            if !drifts || strength == 0.0 {
                continue;
            }
            match self.mixing {
                None => apply(offset, strength),
                Some(stream) if unit(stream.word(span.row(offset))) < strength => apply(offset, 1.0),
                Some(_) => {}
            }
        }
    }

    /// Whether any day between the batch's first and last is within the drift.
    fn touches(&self, days: &[i32]) -> bool {
        let earliest = days.iter().min().map_or(0, |day| (day - self.first_day) as usize);
        let latest = days.iter().max().map_or(0, |day| (day - self.first_day) as usize);
        self.strengths[earliest..=latest].iter().any(|strength| *strength > 0.0)
    }

    /// Whether a row follows either the old behaviour or the new, rather than something between.
    pub(crate) fn mixes_rows(&self) -> bool {
        self.mixing.is_some()
    }

    /// The columns it reads.
    pub(crate) fn reads(&self) -> impl Iterator<Item = usize> + '_ {
        self.segment.reads().chain([self.time_column])
    }
}

/// The strength on each day of the calendar.
pub(super) fn strengths(scope: &Scope, spec: &DriftSpec) -> Result<Vec<f64>> {
    let day_count = scope.calendar.day_count() as i32;
    let (start, end) = (spec.start_days, spec.end_days);
    ensure(
        -day_count <= start && start < end && end <= 0,
        "start_days and end_days",
        format!(
            "{start} to {end} is no span within {} to 0 days from as_of, the end after the start",
            -day_count
        ),
    )?;
    let (_, shape) = shape(spec.shape.clone())?;
    let length_days = (end - start) as u32;
    let mut strengths = vec![0.0; day_count as usize];
    for day in 0..length_days {
        strengths[(day_count + start) as usize + day as usize] = shape.strength(day, length_days);
    }
    Ok(strengths)
}

/// The one term of an effect, which must fit what drifts.
fn change(scope: &Scope, spec: &DriftSpec) -> Result<Change> {
    let EffectSpec { points, odds, factor, days, weights } = &spec.effect;
    let given = [points.is_some(), odds.is_some(), factor.is_some(), days.is_some(), weights.is_some()];
    let allowed = spec.what.effect_keys();
    let wrong =
        || SpecError::at("effect", format!("a {} drift takes exactly one of: {allowed}", spec.what.name()));
    if given.iter().filter(|given| **given).count() != 1 {
        return Err(wrong());
    }
    match (spec.what, &spec.effect) {
        (What::Rate | What::NullRate, EffectSpec { points: Some(points), .. }) => {
            in_range("points", *points, -1.0..=1.0).map(Change::Points)
        }
        (What::Rate, EffectSpec { odds: Some(odds), .. }) => {
            in_range("odds", *odds, 0.0..=1e6).map(Change::Odds)
        }
        (What::Delay | What::Amount | What::Volume, EffectSpec { factor: Some(factor), .. }) => {
            in_range("factor", *factor, 0.0..=1000.0).map(Change::Factor)
        }
        (What::Delay, EffectSpec { days: Some(days), .. }) => {
            in_range("days", *days, -1e4..=1e4).map(Change::Days)
        }
        (What::Mix, EffectSpec { weights: Some(weights), .. }) => mix(scope, &spec.column, weights),
        _ => Err(wrong()),
    }
}

fn in_range(name: &str, value: f64, range: std::ops::RangeInclusive<f64>) -> Result<f64> {
    let problem = format!("{value} is not within {} to {}", range.start(), range.end());
    ensure(range.contains(&value), format!("effect.{name}"), problem)?;
    Ok(value)
}

fn mix(scope: &Scope, column: &str, weights: &std::collections::BTreeMap<String, f64>) -> Result<Change> {
    let (_, categories) = scope.category(column)?;
    let mut multipliers = vec![1.0; categories.len()];
    for (value, weight) in weights {
        let place = format!("weights.{value}");
        multipliers[code_of(column, &categories, value).map_err(|error| error.within("effect.weights"))?] =
            in_range(&place, *weight, 0.0..=1e6)?;
    }
    Ok(Change::Weights(multipliers))
}
