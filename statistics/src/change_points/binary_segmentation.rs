//! Binary segmentation: the best single change, again and again within the parts.

use super::ChangePointKind;
use super::by_cost::{
    BUDGET, ByCost, CHANGES, COST, GivenStop, JUMP, MIN_SIZE, Method, PENALTY, STANDARDIZE,
};
use super::cuts::first_least;
use super::{ChangePointError, Cost, Cuts, Segmentation, Stop};
use crate::parameters::{Checked, Parameter};

/// The registry line.
pub(super) const KIND: ChangePointKind = ChangePointKind {
    name: "binary-segmentation",
    about: "the best single change, again and again within the parts",
    parameters: PARAMETERS,
    reference: "A. J. Scott, M. Knott, A cluster analysis method for grouping means in the analysis of variance, Biometrics 30 (1974) 507-512",
    build: |given| {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let method = BinarySegmentation { stop: GivenStop::of(&checked)? };
        Ok(Box::new(ByCost::new(&checked, method)?))
    },
};

const PARAMETERS: &[Parameter] = &[COST, STANDARDIZE, MIN_SIZE, JUMP, PENALTY, CHANGES, BUDGET];

#[derive(Debug)]
struct BinarySegmentation {
    stop: GivenStop,
}

impl Method for BinarySegmentation {
    fn cut<C: Cost>(&self, cost: &C, cuts: Cuts) -> Result<Segmentation, ChangePointError> {
        binary_segmentation(cost, cuts, self.stop.resolve(cost))
    }
}

/// Cuts where the cost falls most, then each part likewise, until `stop` (Scott, Knott, A cluster analysis method for
/// grouping means in the analysis of variance, Biometrics 30 (1974) 507-512).
///
/// Of equal cuts of a part the latest is taken, and of equal parts the earliest, as in ruptures.
///
/// # Errors
/// If the series is too short for the changes asked for, or a penalty or budget is not a finite number from 0.
pub fn binary_segmentation<C: Cost>(
    cost: &C,
    cuts: Cuts,
    stop: Stop,
) -> Result<Segmentation, ChangePointError> {
    stop.check()?;
    cuts.check(cost, stop.changes())?;
    let mut parts = vec![Part::new(cost, cuts, 0, cost.length())];
    while let Some((place, change, gain)) = best(&parts) {
        let goes_on = match stop {
            Stop::Penalty(penalty) => gain > penalty,
            Stop::Changes(changes) => parts.len() - 1 < changes,
            Stop::Budget(budget) => parts.iter().map(|part| part.cost).sum::<f64>() > budget,
        };
        if !goes_on {
            break;
        }
        let Part { start, end, .. } = parts[place];
        let halves = [Part::new(cost, cuts, start, change), Part::new(cost, cuts, change, end)];
        parts.splice(place..=place, halves);
    }
    Ok(Segmentation::of(cost, parts.iter().skip(1).map(|part| part.start).collect()))
}

/// A segment and its best change.
#[derive(Debug, Clone, Copy)]
struct Part {
    start: usize,
    end: usize,
    cost: f64,
    /// The place of the change, if there is room for one.
    change: Option<usize>,
    /// How much the change lowers the cost.
    gain: f64,
}

impl Part {
    fn new<C: Cost>(cost: &C, cuts: Cuts, start: usize, end: usize) -> Self {
        let whole = cost.as_summed(start, end);
        // From the end, so that the first of equal places is the latest.
        let mut changes: Vec<usize> = cuts.between(start, end, cuts.least(cost)).collect();
        changes.reverse();
        let losses: Vec<f64> =
            changes.iter().map(|&change| cost.of(start, change) + cost.of(change, end) - whole).collect();
        let (best, loss) = first_least(&losses, |place| {
            let change = changes[place];
            -(whole - cost.as_summed(start, change) - cost.as_summed(change, end))
        });
        let change = changes.get(best).copied();
        Self { start, end, cost: whole, change, gain: if change.is_some() { -loss } else { 0.0 } }
    }
}

/// The first part whose change lowers the cost most, unless that is one without room for a change.
fn best(parts: &[Part]) -> Option<(usize, usize, f64)> {
    let mut best: Option<(usize, &Part)> = None;
    for (place, part) in parts.iter().enumerate() {
        if best.is_none_or(|(_, other)| part.gain > other.gain) {
            best = Some((place, part));
        }
    }
    let (place, part) = best?;
    part.change.map(|change| (place, change, part.gain))
}
