//! Sliding window: peaks of the cost that a change in the middle of a window saves.

use super::ChangePointKind;
use super::by_cost::{
    BUDGET, ByCost, CHANGES, COST, GivenStop, JUMP, MIN_SIZE, Method, PENALTY, STANDARDIZE,
};
use super::{ChangePointError, Cost, Cuts, Segmentation, Stop};
use crate::parameters::{Allowed, Checked, Parameter};

/// The registry line.
pub(super) const KIND: ChangePointKind = ChangePointKind {
    name: "sliding-window",
    about: "peaks of the cost that a change in the middle of a window saves",
    parameters: PARAMETERS,
    reference: "C. Truong, L. Oudre, N. Vayatis, Selective review of offline change point detection methods, Signal Processing 167 (2020) 107299",
    build: |given| {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let (width, stop) = (checked.size("width"), GivenStop::of(&checked)?);
        Ok(Box::new(ByCost::new(&checked, SlidingWindow { width, stop })?))
    },
};

const PARAMETERS: &[Parameter] = &[
    COST,
    STANDARDIZE,
    MIN_SIZE,
    JUMP,
    PENALTY,
    CHANGES,
    BUDGET,
    Parameter::number("width", 100.0, Allowed::Whole(2, 1 << 24), "values in the window"),
];

#[derive(Debug)]
struct SlidingWindow {
    width: usize,
    stop: GivenStop,
}

impl Method for SlidingWindow {
    fn cut<C: Cost>(&self, cost: &C, cuts: Cuts) -> Result<Segmentation, ChangePointError> {
        sliding_window(cost, cuts, self.width, self.stop.resolve(cost))
    }
}

/// Cuts at the highest peaks of the gain that a change in the middle of a window of `width` values makes, one after the
/// other until `stop` (Truong, Oudre, Vayatis, Selective review of offline change point detection methods, Signal
/// Processing 167 (2020), section 5.2.1). An odd width is taken as one less.
///
/// A peak is higher than all its neighbours up to half a window away, where the ends of the series count as neighbours,
/// as in ruptures. Series shorter than the window have no peaks.
///
/// # Errors
/// If the series is too short for the changes asked for, a penalty or budget is not a finite number from 0, or the
/// width is below 2.
pub fn sliding_window<C: Cost>(
    cost: &C,
    cuts: Cuts,
    width: usize,
    stop: Stop,
) -> Result<Segmentation, ChangePointError> {
    stop.check()?;
    cuts.check(cost, stop.changes())?;
    let half = width / 2;
    if half == 0 {
        return Err(ChangePointError::Zero { what: "half the width" });
    }
    let mut peaks = peaks(cost, cuts, half);
    peaks.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let mut changes: Vec<usize> = Vec::new();
    let mut total = cost.of_cut(&changes);
    while let Some((_, peak)) = peaks.pop() {
        let mut with_peak = changes.clone();
        with_peak.insert(changes.partition_point(|&change| change < peak), peak);
        let next = cost.of_cut(&with_peak);
        let goes_on = match stop {
            Stop::Penalty(penalty) => total - next > penalty,
            Stop::Changes(number) => changes.len() < number,
            Stop::Budget(budget) => total > budget,
        };
        if !goes_on {
            break;
        }
        (changes, total) = (with_peak, next);
    }
    Ok(Segmentation::of(cost, changes))
}

/// The gains that are higher than all their neighbours, and the places of their changes.
fn peaks<C: Cost>(cost: &C, cuts: Cuts, half: usize) -> Vec<(f64, usize)> {
    let places = cuts.between(0, cost.length() - 1, half);
    let gains: Vec<(f64, usize)> = places
        .map(|place| {
            let (start, end) = (place - half, place + half);
            (cost.as_summed(start, end) - (cost.as_summed(start, place) + cost.as_summed(place, end)), place)
        })
        .collect();
    let reach = (half.max(cuts.least(cost)) / cuts.jump()).max(1);
    let number = gains.len();
    let is_peak = |place: usize| {
        (1..=reach).all(|step| {
            let (after, before) = ((place + step) % number, (place + number - step % number) % number);
            gains[place].0 > gains[after].0 && gains[place].0 > gains[before].0
        })
    };
    (0..number).filter(|&place| is_peak(place)).map(|place| gains[place]).collect()
}
