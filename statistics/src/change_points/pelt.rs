//! PELT: the best cut under a penalty for each change, in about linear time where there are changes.

use super::ChangePointKind;
use super::by_cost::{ByCost, COST, GivenPenalty, JUMP, MIN_SIZE, Method, PENALTY, STANDARDIZE};
use super::cuts::{check_penalty, first_least};
use super::{ChangePointError, Cost, Cuts, Segmentation};
use crate::parameters::{Checked, Parameter};

/// The registry line.
pub(super) const KIND: ChangePointKind = ChangePointKind {
    name: "pelt",
    about: "the best cut under a penalty for each change",
    parameters: PARAMETERS,
    reference: "R. Killick, P. Fearnhead, I. A. Eckley, Optimal detection of changepoints with a linear computational cost, JASA 107 (2012) 1590-1598",
    build: |given| {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let pruning = if checked.word("pruning") == "exact" { Pruning::Exact } else { Pruning::AsRuptures };
        let method = Pelt { penalty: GivenPenalty::of(&checked)?, pruning };
        Ok(Box::new(ByCost::new(&checked, method)?))
    },
};

const PARAMETERS: &[Parameter] = &[
    COST,
    STANDARDIZE,
    MIN_SIZE,
    JUMP,
    PENALTY,
    Parameter::word(
        "pruning",
        "exact",
        &["exact", "ruptures"],
        "whether starts are dropped only when no cut needs them, or as early as ruptures drops them",
    ),
];

#[derive(Debug)]
struct Pelt {
    penalty: GivenPenalty,
    pruning: Pruning,
}

impl Method for Pelt {
    fn cut<C: Cost>(&self, cost: &C, cuts: Cuts) -> Result<Segmentation, ChangePointError> {
        pelt(cost, cuts, self.penalty.resolve(cost), self.pruning)
    }
}

/// When PELT drops a start of the last segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pruning {
    /// When no cut can need it any more.
    Exact,
    /// As soon as it is behind, as ruptures does. Where segments have a least length, the best cut may be lost: it may
    /// need the start for ends that are too near for a change in between.
    AsRuptures,
}

/// The cut with the least sum of costs and of `penalty` for every change (Killick, Fearnhead, Eckley, Optimal
/// detection of changepoints with a linear computational cost, JASA 107 (2012) 1590-1598).
///
/// Exact for costs that no cut raises: all costs here. Of equal cuts, the one with the earliest last change.
///
/// # Errors
/// If the series is shorter than the shortest segment, or the penalty is not a finite number from 0.
pub fn pelt<C: Cost>(
    cost: &C,
    cuts: Cuts,
    penalty: f64,
    pruning: Pruning,
) -> Result<Segmentation, ChangePointError> {
    check_penalty(penalty)?;
    cuts.check(cost, 0)?;
    let (length, least, jump) = (cost.length(), cuts.least(cost), cuts.jump());
    // By end: the least sum of a cut of the values before it; infinite where there is none.
    let mut totals = vec![f64::INFINITY; length + 1];
    let mut starts_of_last = vec![0; length + 1];
    totals[0] = 0.0;
    let (mut starts, mut sums): (Vec<Start>, Vec<f64>) = (Vec::new(), Vec::new());
    let delay = if pruning == Pruning::Exact { least } else { 1 };
    let first = least.div_ceil(jump) * jump;
    for end in (first..length).step_by(jump).chain([length]) {
        starts.retain(|start| end < start.useless_from);
        let place = (end - least) / jump * jump;
        if totals[place] < f64::INFINITY {
            starts.push(Start { place, useless_from: usize::MAX });
        }
        sums.clear();
        sums.extend(
            starts.iter().map(|&Start { place, .. }| totals[place] + (cost.of(place, end) + penalty)),
        );
        let (best, sum) = first_least(&sums, |candidate| {
            let place = starts[candidate].place;
            totals[place] + (cost.as_summed(place, end) + penalty)
        });
        (totals[end], starts_of_last[end]) = (sum, starts[best].place);
        for (start, &other) in starts.iter_mut().zip(&sums) {
            if other > sum + penalty {
                start.useless_from = start.useless_from.min(end + delay);
            }
        }
    }
    let mut changes = Vec::new();
    let mut end = starts_of_last[length];
    while end > 0 {
        changes.push(end);
        end = starts_of_last[end];
    }
    changes.reverse();
    Ok(Segmentation::of(cost, changes))
}

/// A start of the last segment.
#[derive(Debug, Clone, Copy)]
struct Start {
    place: usize,
    /// From this end on another start is better.
    useless_from: usize,
}
