//! Bottom-up: the shortest segments, merged where it costs least.

use super::ChangePointKind;
use super::by_cost::{
    BUDGET, ByCost, CHANGES, COST, GivenStop, JUMP, MIN_SIZE, Method, PENALTY, STANDARDIZE,
};
use super::{ChangePointError, Cost, Cuts, Segmentation, Stop};
use crate::parameters::{Checked, Parameter};

/// The registry line.
pub(super) const KIND: ChangePointKind = ChangePointKind {
    name: "bottom-up",
    about: "the shortest segments, merged where it costs least",
    parameters: PARAMETERS,
    reference: "E. Keogh, S. Chu, D. Hart, M. Pazzani, An online algorithm for segmenting time series, ICDM 2001, 289-296",
    build: |given| {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let method = BottomUp { stop: GivenStop::of(&checked)? };
        Ok(Box::new(ByCost::new(&checked, method)?))
    },
};

const PARAMETERS: &[Parameter] = &[COST, STANDARDIZE, MIN_SIZE, JUMP, PENALTY, CHANGES, BUDGET];

#[derive(Debug)]
struct BottomUp {
    stop: GivenStop,
}

impl Method for BottomUp {
    fn cut<C: Cost>(&self, cost: &C, cuts: Cuts) -> Result<Segmentation, ChangePointError> {
        bottom_up(cost, cuts, self.stop.resolve(cost))
    }
}

/// Halves the series down to the shortest segments and then merges neighbours, those first whose merging raises the
/// cost least, until `stop` (Keogh, Chu, Hart, Pazzani, An online algorithm for segmenting time series, ICDM 2001).
///
/// Of equal merges the earliest, as in ruptures.
///
/// # Errors
/// If the series is too short for the changes asked for, or a penalty or budget is not a finite number from 0.
pub fn bottom_up<C: Cost>(cost: &C, cuts: Cuts, stop: Stop) -> Result<Segmentation, ChangePointError> {
    stop.check()?;
    cuts.check(cost, stop.changes())?;
    let mut borders = halves(cost.length(), cuts, cuts.least(cost));
    let mut costs: Vec<f64> = borders.windows(2).map(|pair| cost.as_summed(pair[0], pair[1])).collect();
    let raise = |borders: &[usize], costs: &[f64], place: usize| {
        cost.as_summed(borders[place], borders[place + 2]) - (costs[place] + costs[place + 1])
    };
    let mut raises: Vec<f64> = (0..costs.len() - 1).map(|place| raise(&borders, &costs, place)).collect();
    while let Some(place) = first_least(&raises) {
        let goes_on = match stop {
            Stop::Penalty(penalty) => raises[place] < penalty,
            Stop::Changes(changes) => costs.len() > changes + 1,
            Stop::Budget(budget) => costs.iter().sum::<f64>() < budget,
        };
        if !goes_on {
            break;
        }
        costs[place] = cost.as_summed(borders[place], borders[place + 2]);
        costs.remove(place + 1);
        borders.remove(place + 1);
        raises.remove(place);
        for changed in place.saturating_sub(1)..=place {
            if changed < raises.len() {
                raises[changed] = raise(&borders, &costs, changed);
            }
        }
    }
    Ok(Segmentation::of(cost, borders[1..borders.len() - 1].to_vec()))
}

/// The borders of the segments, from 0 to `length`, when the longest segment is halved until there is no room.
fn halves(length: usize, cuts: Cuts, least: usize) -> Vec<usize> {
    let mut borders = vec![0, length];
    loop {
        let mut longest = 0;
        for place in 1..borders.len() - 1 {
            let size = |place: usize| borders[place + 1] - borders[place];
            if size(place) > size(longest) {
                longest = place;
            }
        }
        let (start, end) = (borders[longest], borders[longest + 1]);
        let off_middle = |change: &usize| (2 * change).abs_diff(start + end);
        match cuts.between(start, end, least).min_by_key(off_middle) {
            Some(change) => borders.insert(longest + 1, change),
            None => return borders,
        }
    }
}

fn first_least(numbers: &[f64]) -> Option<usize> {
    let mut least: Option<usize> = None;
    for (place, number) in numbers.iter().enumerate() {
        if least.is_none_or(|other| *number < numbers[other]) {
            least = Some(place);
        }
    }
    least
}
