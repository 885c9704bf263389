//! Mixes: rows by category.

use super::effects::{Effects, Kind};
use super::evidence::{CellEvidence, Evidence};
use super::panel::{CategoryCount, Panel};
use super::rates::small_effects;

/// Rows that every share of a column's value is mixed with, in the shares of all rows.
const MARGIN_ROWS: f64 = 50.0;

/// The most rows that other segments lend.
const MAX_LENT: f64 = 1e5;

/// The shares before the days that are searched.
#[derive(Debug, Clone)]
pub(super) struct MixModel {
    /// For each segment the share of each category.
    shares: Vec<Vec<f64>>,
    rows_behind: Vec<f64>,
}

/// The arms of a mix: each category's weight, up and down.
pub(super) fn effects(segments: &[Vec<CategoryCount>]) -> Effects {
    let both = |category| Effects::both(Kind::Weight(category), 0.5, 8);
    Effects::new((0..categories(segments) as u32).flat_map(both).collect())
}

fn categories(segments: &[Vec<CategoryCount>]) -> usize {
    segments.iter().flatten().map(|count| count.category as usize + 1).max().unwrap_or(0)
}

impl MixModel {
    /// Learns the shares of the days before those that are searched.
    pub(super) fn fit(panel: &Panel, segments: &[Vec<CategoryCount>]) -> Self {
        let categories = categories(segments);
        let past = |count: &&CategoryCount| panel.parts().periods[count.period as usize] < panel.recent();
        let of_segment = |counts: &Vec<CategoryCount>| {
            let mut rows = vec![0.0; categories];
            counts
                .iter()
                .filter(past)
                .for_each(|count| rows[count.category as usize] += f64::from(count.rows));
            rows
        };
        let counts: Vec<Vec<f64>> = segments.iter().map(of_segment).collect();
        let expected = expected_shares(&panel.parts().segments, &counts, categories);
        let lent = lent_rows(&counts, &expected);
        let mix = |(counts, expected): (&Vec<f64>, &Vec<f64>)| {
            let rows: f64 = counts.iter().sum();
            counts.iter().zip(expected).map(|(count, share)| (count + lent * share) / (rows + lent)).collect()
        };
        let rows: f64 = counts.iter().flatten().sum();
        let carried = lent.min(rows / 50.0);
        Self {
            shares: counts.iter().zip(&expected).map(mix).collect(),
            rows_behind: counts.iter().map(|counts| counts.iter().sum::<f64>() + carried).collect(),
        }
    }

    /// The log ratios of the effects for the days of a panel.
    pub(super) fn evidence(
        &self,
        panel: &Panel,
        segments: &[Vec<CategoryCount>],
        effects: Effects,
    ) -> Evidence {
        let cell = |(place, counts): (usize, &Vec<CategoryCount>)| self.cell(panel, place, counts, &effects);
        Evidence { cells: segments.iter().enumerate().map(cell).collect(), effects }
    }

    fn cell(
        &self,
        panel: &Panel,
        segment: usize,
        counts: &[CategoryCount],
        effects: &Effects,
    ) -> CellEvidence {
        let (recent, days, split) = (panel.recent(), panel.parts().days, panel.parts().split);
        let searched = days - recent;
        let mut cell = CellEvidence {
            log_ratios: vec![0.0; effects.each().len() * searched],
            rows: vec![0.0; searched],
            rows_behind: self.rows_behind.get(segment).copied().unwrap_or(0.0),
            past: vec![[0.0; 2]; recent / (days - split)],
            ..CellEvidence::default()
        };
        let Some(shares) = self.shares.get(segment) else { return cell };
        cell.shares.clone_from(shares);
        let table = ratios(shares, effects);
        let small = small_effects(effects);
        for count in counts {
            let (day, rows) = (panel.parts().periods[count.period as usize], f64::from(count.rows));
            let ratio = |effect: usize| {
                rows * table[effect][usize::from(table[effect][2] == f64::from(count.category))]
            };
            if day < recent {
                cell.rows_before += u64::from(count.rows);
                if let Some(piece) = cell.past.get_mut(day / (days - split)) {
                    small.iter().zip(piece).for_each(|(&effect, piece)| *piece += ratio(effect));
                }
                continue;
            }
            cell.rows[day - recent] += rows;
            for effect in 0..effects.each().len() {
                cell.log_ratios[effect * searched + day - recent] += ratio(effect);
            }
        }
        cell
    }
}

/// For each effect the log ratio of a row of another category, of a row of the effect's category, and which one that is.
fn ratios(shares: &[f64], effects: &Effects) -> Vec<[f64; 3]> {
    let ratio = |effect: &super::effects::Effect| {
        let Kind::Weight(category) = effect.kind else { return [0.0, 0.0, -1.0] };
        let share = shares.get(category as usize).copied().unwrap_or(0.0);
        let norm = libm::log(1.0 + share * (libm::exp(effect.size) - 1.0));
        [effect.mixed(-norm), effect.mixed(effect.size - norm), f64::from(category)]
    };
    effects.each().iter().map(ratio).collect()
}

/// The shares that a segment's columns let expect: those of all rows, times what each column's value makes of them.
fn expected_shares(segments: &[Vec<u32>], counts: &[Vec<f64>], categories: usize) -> Vec<Vec<f64>> {
    let sum = |rows: &mut dyn Iterator<Item = &Vec<f64>>| {
        rows.fold(vec![0.0; categories], |mut sum, counts| {
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            sum
        })
    };
    let all = sum(&mut counts.iter());
    let total: f64 = all.iter().sum::<f64>().max(1.0);
    let all: Vec<f64> = all.iter().map(|rows| (rows + 0.5) / (total + 0.5 * categories as f64)).collect();
    let columns = segments.first().map_or(0, Vec::len);
    let mut expected = vec![all.clone(); segments.len()];
    for column in 0..columns {
        let levels = segments.iter().map(|segment| segment[column] + 1).max().unwrap_or(0);
        for level in 0..levels {
            let members = || (0..segments.len()).filter(|&place| segments[place][column] == level);
            let rows = sum(&mut members().map(|place| &counts[place]));
            let total: f64 = rows.iter().sum();
            let lift = |category: usize| {
                (rows[category] + MARGIN_ROWS * all[category]) / (total + MARGIN_ROWS) / all[category]
            };
            let lifts: Vec<f64> = (0..categories).map(lift).collect();
            for place in members() {
                expected[place].iter_mut().zip(&lifts).for_each(|(share, lift)| *share *= lift);
            }
        }
    }
    for shares in &mut expected {
        let norm: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= norm);
    }
    expected
}

/// The precision of the Dirichlet distribution of the segments' shares about the expected ones, by moments: a
/// segment's X² has the mean (C − 1)(1 + (n − 1)/(κ + 1)).
fn lent_rows(counts: &[Vec<f64>], expected: &[Vec<f64>]) -> f64 {
    let (mut excess, mut scale) = (0.0, 0.0);
    for (counts, expected) in counts.iter().zip(expected) {
        let rows: f64 = counts.iter().sum();
        if rows < 2.0 {
            continue;
        }
        for (count, share) in counts.iter().zip(expected) {
            let variance = rows * share * (1.0 - share);
            excess += (count - rows * share).powi(2) - variance;
            scale += variance * (rows - 1.0);
        }
    }
    if excess <= 0.0 { MAX_LENT } else { (scale / excess - 1.0).clamp(1.0, MAX_LENT) }
}
