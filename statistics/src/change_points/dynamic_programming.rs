//! Dynamic programming: the best cut with a given number of changes.

use super::ChangePointKind;
use super::by_cost::{ByCost, COST, JUMP, MIN_SIZE, Method, STANDARDIZE};
use super::cuts::first_least;
use super::{ChangePointError, Cost, Cuts, Segmentation};
use crate::parameters::{Allowed, Checked, Parameter};

/// The registry line.
pub(super) const KIND: ChangePointKind = ChangePointKind {
    name: "dynamic-programming",
    about: "the best cut with a given number of changes",
    parameters: PARAMETERS,
    reference: "R. Bellman, On the approximation of curves by line segments using dynamic programming, Communications of the ACM 4 (1961) 284",
    build: |given| {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let method = DynamicProgramming { changes: checked.size("changes") };
        Ok(Box::new(ByCost::new(&checked, method)?))
    },
};

const PARAMETERS: &[Parameter] = &[
    COST,
    STANDARDIZE,
    MIN_SIZE,
    JUMP,
    Parameter::number("changes", 1.0, Allowed::Whole(0, 1 << 24), "number of changes"),
];

#[derive(Debug)]
struct DynamicProgramming {
    changes: usize,
}

impl Method for DynamicProgramming {
    fn cut<C: Cost>(&self, cost: &C, cuts: Cuts) -> Result<Segmentation, ChangePointError> {
        dynamic_programming(cost, cuts, self.changes)
    }
}

/// The cut with `changes` changes and the least sum of costs (Bellman, On the approximation of curves by line segments
/// using dynamic programming, Communications of the ACM 4 (1961) 284). Takes changes × length² / jump² costs.
///
/// Of equal cuts, the one with the earliest last change.
///
/// # Errors
/// If the series is too short for the changes.
pub fn dynamic_programming<C: Cost>(
    cost: &C,
    cuts: Cuts,
    changes: usize,
) -> Result<Segmentation, ChangePointError> {
    cuts.check(cost, changes)?;
    let (length, least) = (cost.length(), cuts.least(cost));
    let ends = |changes: usize| {
        let places = cuts.between(0, length, 0).filter(move |&end| end < length);
        places.chain([length]).filter(move |&end| cuts.fit(least, end, changes))
    };
    let mut totals = vec![f64::INFINITY; length + 1];
    for end in ends(0) {
        totals[end] = cost.as_summed(0, end);
    }
    let mut last_changes = Vec::with_capacity(changes);
    for number in 1..=changes {
        let mut next = vec![f64::INFINITY; length + 1];
        let mut last = vec![0; length + 1];
        // Of the last change only cuts of the whole series are asked for.
        for end in ends(number).filter(|&end| number < changes || end == length) {
            let fits = |change: &usize| cuts.fit(least, *change, number - 1);
            let changes: Vec<usize> = cuts.between(0, end, least).filter(fits).collect();
            let sums: Vec<f64> =
                changes.iter().map(|&change| totals[change] + cost.of(change, end)).collect();
            let (best, total) = first_least(&sums, |candidate| {
                totals[changes[candidate]] + cost.as_summed(changes[candidate], end)
            });
            (next[end], last[end]) = (total, changes[best]);
        }
        totals = next;
        last_changes.push(last);
    }
    let mut end = length;
    let mut found: Vec<usize> = Vec::with_capacity(changes);
    for last in last_changes.iter().rev() {
        end = last[end];
        found.push(end);
    }
    found.reverse();
    Ok(Segmentation::of(cost, found))
}
