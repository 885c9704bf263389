//! Rates: hits among trials, standardised by strata.

use super::effects::{Effect, Effects, Kind, PARTIAL_LEVELS};
use super::evidence::{CellEvidence, Evidence};
use super::margins::{Factors, Levels, fit_logits, logistic};
use super::panel::{Panel, RateStratum};

/// Rates stay this far from 0 and from 1.
const MARGIN: f64 = 5e-4;

/// A weekday's deviation counts when it is this many standard errors from 0.
const WEEKDAY_Z: f64 = 4.0;

/// The most rows that other segments lend to one stratum of a segment.
const MAX_LENT: f64 = 1e6;

/// The rates before the days that are searched.
#[derive(Debug, Clone)]
pub(super) struct RateModel {
    /// For each segment the rate of each of its strata.
    rates: Vec<Vec<(u32, f64)>>,
    /// Rows behind each segment's rates, lent ones included.
    rows_behind: Vec<f64>,
    /// What the days of the week add to the logit; 7 days, the first of the panel first.
    weekdays: [f64; 7],
}

/// The arms of a rate.
pub(super) fn effects() -> Effects {
    Effects::new(Effects::both(Kind::Addition, 0.02, 9).to_vec())
}

/// Hits and trials of the days of a range.
fn total(stratum: &RateStratum, days: std::ops::Range<usize>) -> (f64, f64) {
    let sum = stratum.days[days]
        .iter()
        .fold((0_u64, 0_u64), |sum, day| (sum.0 + u64::from(day.0), sum.1 + u64::from(day.1)));
    (sum.0 as f64, sum.1 as f64)
}

impl RateModel {
    /// Learns the rates of the days before those that are searched.
    pub(super) fn fit(panel: &Panel, segments: &[Vec<RateStratum>]) -> Self {
        let days = 0..panel.recent();
        let (mut cells, mut tallies): (Vec<Levels>, Vec<(f64, f64)>) = (Vec::new(), Vec::new());
        for (segment, strata) in panel.parts().segments.iter().zip(segments) {
            for stratum in strata {
                let columns = segment.iter().map(|&level| level as usize);
                cells.push(columns.chain([stratum.stratum as usize]).collect());
                tallies.push(total(stratum, days.clone()));
            }
        }
        let logits = fit_logits(&cells, &tallies);
        let lent = lent_rows(&logits, &tallies);
        let rows: f64 = tallies.iter().map(|tally| tally.1).sum();
        let carried = lent.min(rows / Factors::of(&cells).effects().max(1) as f64);
        let (mut rates, mut rows_behind) = (Vec::new(), Vec::new());
        let mut place = 0;
        for strata in segments {
            let mut of_segment = Vec::with_capacity(strata.len());
            let mut behind = carried;
            for stratum in strata {
                let (hits, trials) = tallies[place];
                let expected = logistic(logits[place]);
                let rate = (hits + lent * expected) / (trials + lent);
                of_segment.push((stratum.stratum, rate.clamp(MARGIN, 1.0 - MARGIN)));
                behind += trials;
                place += 1;
            }
            rates.push(of_segment);
            rows_behind.push(behind);
        }
        let mut model = Self { rates, rows_behind, weekdays: [0.0; 7] };
        model.weekdays = model.fit_weekdays(segments, days);
        model
    }

    fn fit_weekdays(&self, segments: &[Vec<RateStratum>], days: std::ops::Range<usize>) -> [f64; 7] {
        let mut sums = [(0.0, 0.0); 7];
        for (strata, rates) in segments.iter().zip(&self.rates) {
            for (stratum, (_, rate)) in strata.iter().zip(rates) {
                for (day, &(hits, trials)) in stratum.days[days.clone()].iter().enumerate() {
                    let sum = &mut sums[day % 7];
                    sum.0 += f64::from(hits) - f64::from(trials) * rate;
                    sum.1 += f64::from(trials) * rate * (1.0 - rate);
                }
            }
        }
        let significant =
            sums.iter().any(|(excess, information)| excess.abs() > WEEKDAY_Z * information.sqrt());
        sums.map(|(excess, information)| if significant { excess / information.max(1.0) } else { 0.0 })
    }

    fn rate(&self, segment: usize, stratum: u32) -> Option<f64> {
        let rates = self.rates.get(segment)?;
        rates.iter().find(|(known, _)| *known == stratum).map(|(_, rate)| *rate)
    }

    /// The log ratios of `sizes` for the days of a panel.
    pub(super) fn evidence(
        &self,
        panel: &Panel,
        segments: &[Vec<RateStratum>],
        effects: Effects,
    ) -> Evidence {
        let cell = |(place, strata): (usize, &Vec<RateStratum>)| self.cell(panel, place, strata, &effects);
        Evidence { cells: segments.iter().enumerate().map(cell).collect(), effects }
    }

    fn cell(&self, panel: &Panel, segment: usize, strata: &[RateStratum], effects: &Effects) -> CellEvidence {
        let (recent, days, split) = (panel.recent(), panel.parts().days, panel.parts().split);
        let searched = days - recent;
        let mut cell = CellEvidence {
            log_ratios: vec![0.0; effects.each().len() * searched],
            rows: vec![0.0; searched],
            rows_behind: self.rows_behind.get(segment).copied().unwrap_or(0.0),
            past: vec![[0.0; 2]; recent / (days - split)],
            ..CellEvidence::default()
        };
        let small = small_effects(effects);
        let (mut expected, mut current) = (0.0, 0.0);
        for stratum in strata {
            let Some(rate) = self.rate(segment, stratum.stratum) else { continue };
            let weekly: Vec<Vec<[f64; 2]>> = self.weekday_tables(rate, effects);
            for (day, &(hits, trials)) in stratum.days.iter().enumerate() {
                let (hits, misses) = (f64::from(hits), f64::from(trials - hits));
                let table = &weekly[day % weekly.len()];
                let ratio = |effect: usize| hits * table[effect][0] + misses * table[effect][1];
                if day < recent {
                    cell.rows_before += u64::from(trials);
                    if let Some(piece) = cell.past.get_mut(day / (days - split)) {
                        small.iter().zip(piece).for_each(|(&effect, piece)| *piece += ratio(effect));
                    }
                    continue;
                }
                cell.rows[day - recent] += f64::from(trials);
                if trials > 0 {
                    for effect in 0..effects.each().len() {
                        cell.log_ratios[effect * searched + day - recent] += ratio(effect);
                    }
                }
                if day >= split {
                    expected += f64::from(trials) * rate;
                    current += f64::from(trials);
                }
            }
        }
        cell.before = (current > 0.0).then(|| expected / current);
        cell
    }

    /// What a hit and a miss add to the log ratio of each effect, for each weekday; one table if they are alike.
    fn weekday_tables(&self, rate: f64, effects: &Effects) -> Vec<Vec<[f64; 2]>> {
        let kinds = if self.weekdays == [0.0; 7] { 1 } else { 7 };
        let logit = libm::log(rate / (1.0 - rate));
        let table = |addition: &f64| {
            let before = logistic(logit + addition).clamp(MARGIN, 1.0 - MARGIN);
            let ratios = |effect: &Effect| {
                let after = (before + effect.size).clamp(MARGIN, 1.0 - MARGIN);
                [libm::log(after / before), libm::log((1.0 - after) / (1.0 - before))]
                    .map(|ratio| effect.mixed(ratio))
            };
            effects.each().iter().map(ratios).collect()
        };
        self.weekdays[..kinds].iter().map(table).collect()
    }
}

/// The smallest effect of the first and of the second arm.
pub(super) fn small_effects(effects: &Effects) -> [usize; 2] {
    let mut firsts = effects.arms().map(|(first, _)| effects.judged()[first].saturating_sub(PARTIAL_LEVELS));
    let first = firsts.next().unwrap_or(0);
    [first, firsts.next().unwrap_or(first)]
}

/// How many trials with the expected rate the cells' own rates are mixed with: κ of the beta-binomial, by the moments
/// of the squared deviations, Σ(h − ne)² = Σ ne(1 − e)(1 + (n − 1)/(κ + 1)).
fn lent_rows(logits: &[f64], tallies: &[(f64, f64)]) -> f64 {
    let (mut excess, mut scale) = (0.0, 0.0);
    for (logit, (hits, trials)) in logits.iter().zip(tallies) {
        let rate = logistic(*logit);
        let variance = trials * rate * (1.0 - rate);
        excess += (hits - trials * rate).powi(2) - variance;
        scale += variance * (trials - 1.0).max(0.0);
    }
    if excess <= 0.0 { MAX_LENT } else { (scale / excess - 1.0).clamp(1.0, MAX_LENT) }
}
