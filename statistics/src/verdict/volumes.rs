//! Volumes: rows per day.
//!
//! What all segments do together, on weekdays, in seasons and with growth, is taken out: a segment is expected to keep
//! its share of each day's rows. So a volume drifts when it does not move with the others.

use super::effects::{Effects, Kind};
use super::evidence::{CellEvidence, Evidence};
use super::panel::Panel;
use super::rates::small_effects;

/// A segment's share is that of so many days before those that are searched; older ones tell less of it.
const BASE_DAYS: usize = 91;

/// Rows that a segment's share is mixed with, in the share expected of its columns.
const LEAST_ROWS: f64 = 0.5;

/// The arms of a volume.
pub(super) fn effects() -> Effects {
    Effects::new(Effects::both(Kind::Factor, 0.05, 10).to_vec())
}

/// The log ratios of the effects for the days of a panel.
pub(super) fn evidence(panel: &Panel, segments: &[Vec<u32>], effects: Effects) -> Evidence {
    let totals: Vec<f64> =
        (0..panel.parts().days).map(|day| segments.iter().map(|rows| f64::from(rows[day])).sum()).collect();
    let cell = |rows: &Vec<u32>| cell(panel, rows, &totals, &effects);
    Evidence { cells: segments.iter().map(cell).collect(), effects }
}

fn cell(panel: &Panel, rows: &[u32], totals: &[f64], effects: &Effects) -> CellEvidence {
    let (recent, days, split) = (panel.recent(), panel.parts().days, panel.parts().split);
    let (searched, length) = (days - recent, days - split);
    let sum = |range: std::ops::Range<usize>| -> (f64, f64) {
        range.fold((0.0, 0.0), |sum, day| (sum.0 + f64::from(rows[day]), sum.1 + totals[day]))
    };
    let (own, all) = sum(recent.saturating_sub(BASE_DAYS)..recent);
    let share = (own + LEAST_ROWS) / (all + LEAST_ROWS).max(1.0);
    let mut cell = CellEvidence {
        log_ratios: vec![0.0; effects.each().len() * searched],
        rows: (recent..days).map(|day| share * totals[day]).collect(),
        rows_behind: own,
        past: vec![[0.0; 2]; recent.min(BASE_DAYS) / length],
        rows_before: rows[..recent].iter().map(|&rows| u64::from(rows)).sum(),
        ..CellEvidence::default()
    };
    // Of a Poisson count x with the mean m, a factor f has the log ratio x · ln f − m(f − 1).
    let ratio = |effect: usize, rows: f64, mean: f64| {
        let effect = &effects.each()[effect];
        rows * effect.size - mean * (libm::exp(effect.size) - 1.0)
    };
    let small = small_effects(effects);
    let pieces = cell.past.len();
    for (piece, past) in cell.past.iter_mut().enumerate() {
        let end = recent - (pieces - 1 - piece) * length;
        let (own, all) = sum(end - length..end);
        *past = small.map(|effect| ratio(effect, own, share * all));
    }
    for effect in 0..effects.each().len() {
        for day in recent..days {
            cell.log_ratios[effect * searched + day - recent] =
                ratio(effect, f64::from(rows[day]), share * totals[day]);
        }
    }
    let current: f64 = totals[split..].iter().sum();
    cell.before = Some(share * current / length as f64);
    cell
}
