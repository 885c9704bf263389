//! A drift of the number of rows: the calendar gets more or fewer of them, and the categories of the
//! segment a larger or smaller part of each day.
//!
//! When a segment's volume is multiplied by *m* on a day, a dataset in which the segment has the share *p*
//! of the rows has 1 + p·(m − 1) times its rows on that day, and the segment the share
//! p·m / (1 + p·(m − 1)) of them. A segment over several columns is reached one column after the other: of
//! each, the values that the segment names are drawn more often, given that the columns before match.

use super::effect::strengths;
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, SpecError, ensure};
use crate::population::Marginals;
use crate::rng::{Stream, unit};
use crate::scope::{Condition, Scope};
use crate::spec::DriftSpec;
use crate::tables::Alias;

/// What a volume drift does to the calendar and to each column of its segment.
#[derive(Debug)]
pub(crate) struct VolumePlan {
    /// Multiplies the volume of each day.
    pub(crate) daily: Vec<f64>,
    /// For each category column that is drawn: its shift.
    pub(crate) tilts: Vec<(usize, Tilt)>,
}

/// Draws some categories of a column more or less often, day by day.
#[derive(Debug, Clone)]
pub struct Tilt {
    /// Columns before that must match, with their allowed codes.
    given: Vec<(usize, Vec<bool>)>,
    named: Vec<bool>,
    /// For each day the probability that a row is drawn again; 0 outside the drift.
    redraws: Vec<f64>,
    /// Whether rows outside the named values are drawn again, to come inside; else the other way round.
    inwards: bool,
    replacement: Alias,
    first_day: i32,
    time_column: usize,
    stream: Stream,
}

impl VolumePlan {
    /// Plans a volume drift on a dataset whose columns are all built, without drift.
    pub(crate) fn new(scope: &Scope, spec: &DriftSpec, time_column: usize) -> Result<Self> {
        let Some(factor) = spec.effect.factor else {
            return Err(SpecError::at("effect", "a volume drift takes exactly one of: factor"));
        };
        ensure(
            (0.0..=1000.0).contains(&factor),
            "effect.factor",
            format!("{factor} is not within 0 to 1000"),
        )?;
        let multipliers: Vec<f64> =
            strengths(scope, spec)?.iter().map(|strength| 1.0 + (factor - 1.0) * strength).collect();
        let segment = Condition::new(scope, &spec.segment).map_err(|error| error.within("segment"))?;
        let named = Marginals::new(scope).named(&segment).map_err(|error| error.within("segment"))?;
        let mut rest: f64 = named.iter().map(|part| part.share).product();
        let daily = multipliers.iter().map(|multiplier| 1.0 + rest * (multiplier - 1.0)).collect();
        let mut tilts = Vec::new();
        let mut given: Vec<(usize, Vec<bool>)> = Vec::new();
        for part in named {
            rest /= part.share;
            if part.share < 1.0 {
                let within: Vec<f64> =
                    multipliers.iter().map(|multiplier| 1.0 + rest * (multiplier - 1.0)).collect();
                let tilt = Tilt {
                    given: given.clone(),
                    named: part.codes.clone(),
                    redraws: within.iter().map(|m| redraw_probability(part.share, *m)).collect(),
                    inwards: factor > 1.0,
                    replacement: replacement(&part.probabilities, &part.codes, factor > 1.0)?,
                    first_day: scope.calendar.first_day(),
                    time_column,
                    stream: scope.stream_of(&spec.id).keyed("volume").lane(part.column as u64),
                };
                tilts.push((part.column, tilt));
            }
            given.push((part.column, part.codes));
        }
        Ok(Self { daily, tilts })
    }
}

/// How often a row on the wrong side must be drawn again, so that the share moves from `share` to
/// share·m / (1 + share·(m − 1)).
fn redraw_probability(share: f64, multiplier: f64) -> f64 {
    let wanted = share * multiplier / (1.0 + share * (multiplier - 1.0));
    if wanted >= share { (wanted - share) / (1.0 - share) } else { (share - wanted) / share }
}

fn replacement(probabilities: &[f64], named: &[bool], inwards: bool) -> Result<Alias> {
    let kept = |(probability, named): (&f64, &bool)| if *named == inwards { *probability } else { 0.0 };
    let weights: Vec<f64> = probabilities.iter().zip(named).map(kept).collect();
    Alias::new(&weights)
}

impl Tilt {
    /// Shifts the codes that were drawn for a batch.
    pub(crate) fn apply(&self, span: &RowSpan, batch: &BatchSoFar, codes: &mut [u16]) {
        let days = batch.days(self.time_column);
        let probability = |day: &i32| self.redraws[(day - self.first_day) as usize];
        if days.iter().all(|day| probability(day) == 0.0) {
            return;
        }
        for (offset, day) in days.iter().enumerate() {
            let row = span.row(offset);
            let outside = self.named[usize::from(codes[offset])] != self.inwards;
            if outside && self.given_holds(batch, offset) && unit(self.stream.word(row)) < probability(day) {
                codes[offset] = self.replacement.draw(self.stream.lane(1).word(row)) as u16;
            }
        }
    }

    /// Shifts the probabilities of the codes as [`Tilt::apply`] shifts the codes.
    pub(crate) fn shift(&self, probabilities: &mut [f64], day: usize, code_of: &dyn Fn(usize) -> usize) {
        if !self.given.iter().all(|(column, codes)| codes[code_of(*column)]) {
            return;
        }
        let redraw = self.redraws[day];
        let mut redrawn = 0.0;
        for (probability, named) in probabilities.iter_mut().zip(&self.named) {
            if *named != self.inwards {
                redrawn += *probability * redraw;
                *probability *= 1.0 - redraw;
            }
        }
        let replacement = self.replacement.probabilities();
        probabilities
            .iter_mut()
            .zip(replacement)
            .for_each(|(probability, share)| *probability += redrawn * share);
    }

    /// Whether any row is drawn again on a day of the calendar.
    pub(crate) fn moves_on(&self, day: usize) -> bool {
        self.redraws[day] > 0.0
    }

    /// The category columns that must match.
    pub(crate) fn given(&self) -> impl Iterator<Item = usize> + '_ {
        self.given.iter().map(|(column, _)| *column)
    }

    fn given_holds(&self, batch: &BatchSoFar, offset: usize) -> bool {
        self.given.iter().all(|(column, codes)| codes[batch.codes(*column).get(offset)])
    }

    pub(crate) fn reads(&self) -> impl Iterator<Item = usize> + '_ {
        self.given().chain([self.time_column])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn redrawing_gives_the_wanted_share(share in 0.01..0.99f64, multiplier in 0.0..20.0f64) {
            let probability = redraw_probability(share, multiplier);
            let reached =
                if multiplier >= 1.0 { share + (1.0 - share) * probability } else { share * (1.0 - probability) };
            let wanted = share * multiplier / (share * multiplier + 1.0 - share);
            prop_assert!((reached - wanted).abs() < 1e-12);
        }
    }
}
