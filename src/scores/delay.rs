//! How long after its start a drift is found.

use serde::{Deserialize, Serialize};

use super::matching::Matching;

/// The delays of the drifts that were found. What was missed does not show here: read it with the recall.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    /// Mean, in days.
    pub mean_days: f64,
    /// Median, in days.
    pub median_days: f64,
    /// The 90th percentile, in days, by linear interpolation (type 7 of Hyndman and Fan 1996).
    pub p90_days: f64,
    /// The mean as a part of the largest delay that is tolerated (NDT); `None` where none is.
    pub normalised: Option<f64>,
}

/// The delays in days, from the first day of each drift to the first alarm about it; an alarm before that has none.
/// `None` where no alarm about a drift has a day.
#[must_use]
pub fn delay(matching: &Matching) -> Option<Delay> {
    let mut first: Vec<Option<i64>> = vec![None; matching.drifts.len()];
    for (claim, relation) in matching.alarms() {
        for (index, day) in relation.drifts().iter().zip(std::iter::repeat(claim.day)) {
            let days = day.map(|day| (day - matching.drifts[*index].start).max(0));
            first[*index] = [first[*index], days].into_iter().flatten().min();
        }
    }
    let mut days: Vec<f64> = first.into_iter().flatten().map(|days| days as f64).collect();
    days.sort_by(f64::total_cmp);
    let mean_days = days.iter().sum::<f64>() / days.len() as f64;
    let most = f64::from(matching.tolerance.max_delay_days);
    Some(Delay {
        median_days: quantile(&days, 0.5)?,
        p90_days: quantile(&days, 0.9)?,
        normalised: (most > 0.0).then(|| mean_days / most),
        mean_days,
    })
}

/// A quantile of sorted values; `None` without values.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let place = part * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(low + (high - low) * place.fract())
}
