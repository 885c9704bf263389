//! Numbers: days, or codes of amounts, about a location of each stratum.
//!
//! On a logarithmic scale the numbers of all strata have one shape about their locations, which is learned from all of
//! them without assuming a family. So the likelihood ratio of a change is that of the whole distribution: where a delay
//! is added to every decision the fast ones vanish, which says more than the mean does.

use std::collections::HashMap;

use super::effects::{Effect, Effects, Kind};
use super::evidence::{CellEvidence, Evidence};
use super::margins::{Factors, Levels, fit_locations};
use super::panel::{Panel, Pending, Scale, ValueStratum};
use super::rates::small_effects;
use super::shape::{Gathering, Shape};

/// What a number keeps of its probability before whatever the change: faults in the data do not move with it.
const UNMOVED: f64 = 0.01;

/// The least probability of a number.
const FLOOR: f64 = 1e-7;

/// Numbers beyond this are not looked up one by one.
const MAX_VALUE: i32 = 4096;

/// How many medians of absolute deviations from the median still count for a location; 1.4826 of them are one
/// standard deviation of a normal distribution.
const CORE: f64 = 3.0 * 1.4826;

/// The place of a number at its location in the table of ratios; numbers farther away share the last places.
const MIDDLE: i64 = 2 * MAX_VALUE as i64;

/// The numbers before the days that are searched.
#[derive(Debug, Clone)]
pub(super) struct ValueModel {
    axis: Axis,
    shape: Shape,
    /// For each segment the location of each of its strata.
    locations: Vec<Vec<(u32, f64)>>,
    rows_behind: Vec<f64>,
    /// The share of rows whose number never becomes known.
    lost: f64,
    /// The periods that are known well enough to learn from.
    mature: Vec<bool>,
}

/// How numbers lie on the logarithmic axis.
#[derive(Debug, Clone, Copy)]
struct Axis {
    scale: Scale,
}

impl Axis {
    /// The axis' unit for a factor of e.
    fn unit(self) -> f64 {
        match self.scale {
            Scale::Days => 1.0,
            Scale::Logarithm { codes_per_octave } => f64::from(codes_per_octave) / std::f64::consts::LN_2,
        }
    }

    /// The edge below a number, after a change took `taken` from it.
    fn edge(self, value: i32, taken: f64) -> f64 {
        match self.scale {
            Scale::Days => libm::log((f64::from(value) - 0.5 - taken).max(1e-9)),
            Scale::Logarithm { .. } => f64::from(value) - 0.5 - taken,
        }
    }

    /// Where a number lies; `None` for one that has no place.
    fn place(self, value: i32) -> Option<f64> {
        match self.scale {
            Scale::Days => (value >= 0).then(|| libm::log(f64::from(value).max(0.3))),
            Scale::Logarithm { .. } => Some(f64::from(value)),
        }
    }

    /// Where the number that begins at an edge begins: numbers of days near 0 do not reach to minus infinity.
    fn start(self, edge: f64) -> f64 {
        match self.scale {
            Scale::Days => edge.max(-1.5),
            Scale::Logarithm { .. } => edge,
        }
    }

    fn grid(self) -> (f64, f64) {
        match self.scale {
            Scale::Days => (8.0, 0.01),
            Scale::Logarithm { codes_per_octave } => (16.0 * f64::from(codes_per_octave), 0.5),
        }
    }
}

/// The arms of numbers: something added where that makes sense, and a factor.
pub(super) fn effects(scale: Scale) -> Effects {
    let factors = Effects::both(Kind::Factor, 0.02, 9);
    match scale {
        Scale::Logarithm { .. } => Effects::new(factors.to_vec()),
        Scale::Days => {
            let days = Effects::both(Kind::Addition, 1.0, 10);
            let factors = Effects::both(Kind::Factor, 0.05, 9);
            Effects::new([days, factors].concat())
        }
    }
}

impl ValueModel {
    /// Learns locations and shape from the days before those that are searched.
    pub(super) fn fit(
        panel: &Panel,
        scale: Scale,
        segments: &[Vec<ValueStratum>],
        pending: &[Vec<Pending>],
    ) -> Self {
        let axis = Axis { scale };
        let (mature, lost) = mature_periods(panel, segments, pending);
        let (mut cells, mut tables): (Vec<Levels>, Vec<Counted>) = (Vec::new(), Vec::new());
        for (segment, strata) in panel.parts().segments.iter().zip(segments) {
            for stratum in strata {
                let columns = segment.iter().map(|&level| level as usize);
                cells.push(columns.chain([stratum.stratum as usize]).collect());
                tables.push(Counted::of(axis, stratum, &mature));
            }
        }
        let spread = pooled_spread(&tables);
        let means: Vec<(f64, f64)> = tables.iter().map(|table| table.core_mean(spread)).collect();
        let variance = tables.iter().map(|table| table.core_squares(spread)).sum::<f64>()
            / means.iter().map(|mean| mean.1).sum::<f64>().max(1.0);
        let expected = fit_locations(&cells, &means, variance);
        let lent = lent_rows(&means, &expected, variance);
        let rows: f64 = means.iter().map(|mean| mean.1).sum();
        let carried = lent.min(rows / Factors::of(&cells).effects().max(1) as f64);
        let located: Vec<f64> = means
            .iter()
            .zip(&expected)
            .map(|((mean, rows), expected)| (rows * mean + lent * expected) / (rows + lent))
            .collect();
        let (reach, step) = axis.grid();
        let mut gathering = Gathering::new(reach, step);
        for (table, location) in tables.iter().zip(&located) {
            for &(value, rows) in &table.values {
                let (from, to) = (axis.edge(value, 0.0), axis.edge(value + 1, 0.0));
                gathering.add(axis.start(from) - location, to - location, rows);
            }
        }
        let shape = gathering.finish(spread);
        let mut places = means.iter().zip(&located);
        let (mut locations, mut rows_behind) = (Vec::new(), Vec::new());
        for strata in segments {
            let mut behind = carried;
            let mut of_segment = Vec::with_capacity(strata.len());
            for (stratum, (mean, location)) in strata.iter().zip(places.by_ref()) {
                of_segment.push((stratum.stratum, *location));
                behind += mean.1;
            }
            locations.push(of_segment);
            rows_behind.push(behind);
        }
        Self { axis, shape, locations, rows_behind, lost, mature }
    }

    fn location(&self, segment: usize, stratum: u32) -> Option<f64> {
        let locations = self.locations.get(segment)?;
        locations.iter().find(|(known, _)| *known == stratum).map(|(_, location)| *location)
    }

    /// The log ratios of the effects for the days of a panel.
    pub(super) fn evidence(
        &self,
        panel: &Panel,
        segments: &[Vec<ValueStratum>],
        pending: &[Vec<Pending>],
        effects: Effects,
    ) -> Evidence {
        let mut tables = Tables { model: self, effects: &effects, known: HashMap::new() };
        let cells = segments
            .iter()
            .enumerate()
            .map(|(segment, strata)| {
                let pending = pending.get(segment).map_or(&[][..], Vec::as_slice);
                self.cell(panel, segment, strata, pending, &mut tables)
            })
            .collect();
        Evidence { cells, effects }
    }

    fn cell(
        &self,
        panel: &Panel,
        segment: usize,
        strata: &[ValueStratum],
        pending: &[Pending],
        tables: &mut Tables<'_>,
    ) -> CellEvidence {
        let (recent, days, split) = (panel.recent(), panel.parts().days, panel.parts().split);
        let (searched, effects) = (days - recent, tables.effects.each().len());
        let mut cell = CellEvidence {
            log_ratios: vec![0.0; effects * searched],
            rows: vec![0.0; searched],
            rows_behind: self.rows_behind.get(segment).copied().unwrap_or(0.0),
            past: vec![[0.0; 2]; recent / (days - split)],
            ..CellEvidence::default()
        };
        let small = small_effects(tables.effects);
        let (mut expected, mut current) = (0.0, 0.0);
        let median = self.shape.median();
        for stratum in strata {
            let Some(location) = self.location(segment, stratum.stratum) else { continue };
            let effects = tables.effects;
            let (table, rounded, offset) = tables.about(location);
            for count in &stratum.counts {
                let (day, rows) = (panel.parts().periods[count.period as usize], f64::from(count.rows));
                let Some(ratios) = table.of(self, effects, rounded, offset, count.value) else { continue };
                if day < recent {
                    cell.rows_before += u64::from(count.rows);
                    if let Some(piece) =
                        cell.past.get_mut(day / (days - split)).filter(|_| self.mature[count.period as usize])
                    {
                        cell.past_rows += rows;
                        small.iter().zip(piece).for_each(|(&effect, piece)| *piece += rows * ratios[effect]);
                    }
                    continue;
                }
                cell.rows[day - recent] += rows;
                add(&mut cell.log_ratios, searched, day - recent, ratios, rows);
                if day >= split {
                    expected += rows * self.number(location + median);
                    current += rows;
                }
            }
        }
        let location = self.locations.get(segment).and_then(|strata| strata.first()).map(|first| first.1);
        if let Some(location) = location {
            for pending in pending {
                let day = panel.parts().periods[pending.period as usize];
                if day >= recent {
                    let ratios = self.survival_ratios(location, pending.at_least, tables.effects);
                    add(&mut cell.log_ratios, searched, day - recent, &ratios, f64::from(pending.rows));
                }
            }
        }
        cell.past.retain(|piece| *piece != [0.0; 2]);
        cell.before = (current > 0.0).then(|| expected / current);
        cell
    }

    /// The number at a place of the axis.
    fn number(&self, place: f64) -> f64 {
        match self.axis.scale {
            Scale::Days => libm::exp(place),
            Scale::Logarithm { .. } => place,
        }
    }

    /// The probability of numbers below `value`, after an effect.
    fn below(&self, location: f64, value: i32, effect: Effect) -> f64 {
        let (taken, moved) = match effect.kind {
            Kind::Addition => (effect.size, 0.0),
            Kind::Factor | Kind::Weight(_) => (0.0, effect.size * self.axis.unit()),
        };
        self.shape.below(self.axis.edge(value, taken) - location - moved)
    }

    /// The log ratio of one row with a number, for each effect.
    fn ratios(&self, location: f64, value: i32, effects: &Effects) -> Vec<f64> {
        let none = Effect { kind: Kind::Factor, size: 0.0, share: 1.0 };
        let chance = |effect| self.below(location, value + 1, effect) - self.below(location, value, effect);
        let before = chance(none).max(0.0) + FLOOR;
        let ratio = |effect: &Effect| {
            let after = UNMOVED * before + (1.0 - UNMOVED) * (chance(*effect).max(0.0) + FLOOR);
            effect.mixed(libm::log(after / before))
        };
        effects.each().iter().map(ratio).collect()
    }

    /// The log ratio of one row that has no number yet, for each effect.
    fn survival_ratios(&self, location: f64, at_least: i32, effects: &Effects) -> Vec<f64> {
        let none = Effect { kind: Kind::Factor, size: 0.0, share: 1.0 };
        let open =
            |effect| self.lost + (1.0 - self.lost) * (1.0 - self.below(location, at_least, effect)) + FLOOR;
        let before = open(none);
        effects.each().iter().map(|effect| effect.mixed(libm::log(open(*effect) / before))).collect()
    }
}

/// Adds `rows` times the ratios of each effect to a day.
fn add(log_ratios: &mut [f64], searched: usize, day: usize, ratios: &[f64], rows: f64) {
    for (effect, ratio) in ratios.iter().enumerate() {
        log_ratios[effect * searched + day] += rows * ratio;
    }
}

/// The ratios of numbers, by location and number; locations are rounded to the grid of the shape.
struct Tables<'m> {
    model: &'m ValueModel,
    effects: &'m Effects,
    known: HashMap<i64, Table>,
}

/// The ratios of numbers about one location, as far as they were asked for.
#[derive(Default)]
struct Table {
    ratios: Vec<Option<Box<[f64]>>>,
}

impl Tables<'_> {
    /// The table of a location, and what has to be added to twice a number for its place there.
    fn about(&mut self, location: f64) -> (&mut Table, f64, i64) {
        let (_, step) = self.model.axis.grid();
        let rounded = (location / step).round();
        // On a logarithmic axis only the distance from the location matters.
        let (key, offset) = match self.model.axis.scale {
            Scale::Days => (rounded as i64, 0),
            Scale::Logarithm { .. } => (0, -(rounded as i64)),
        };
        (self.known.entry(key).or_default(), rounded * step, offset)
    }
}

impl Table {
    fn of(
        &mut self,
        model: &ValueModel,
        effects: &Effects,
        location: f64,
        offset: i64,
        value: i32,
    ) -> Option<&[f64]> {
        model.axis.place(value)?;
        let value = value.min(MAX_VALUE);
        let place = usize::try_from((2 * i64::from(value) + offset + MIDDLE).clamp(0, 2 * MIDDLE)).ok()?;
        if self.ratios.len() <= place {
            self.ratios.resize(place + 1, None);
        }
        let ratios = self.ratios[place].get_or_insert_with(|| model.ratios(location, value, effects).into());
        Some(ratios)
    }
}

/// The numbers of a stratum in the mature periods of the past, ascending.
struct Counted {
    values: Vec<(i32, f64)>,
    /// Where they lie on the axis.
    places: Vec<f64>,
    median: f64,
    rows: f64,
}

impl Counted {
    fn of(axis: Axis, stratum: &ValueStratum, mature: &[bool]) -> Self {
        let counts = stratum.counts.iter().filter(|count| mature[count.period as usize]);
        let mut values: Vec<(i32, f64)> = counts
            .filter(|count| axis.place(count.value).is_some())
            .map(|count| (count.value.clamp(-MAX_VALUE, MAX_VALUE), f64::from(count.rows)))
            .collect();
        merge(&mut values);
        let places: Vec<f64> = values.iter().filter_map(|(value, _)| axis.place(*value)).collect();
        let rows: f64 = values.iter().map(|(_, rows)| rows).sum();
        let mut below = 0.0;
        let middle = values.iter().position(|(_, rows_here)| {
            below += rows_here;
            below >= rows / 2.0
        });
        Self { median: middle.map_or(0.0, |place| places[place]), values, places, rows }
    }

    /// Mean and rows of what lies near the median.
    fn core_mean(&self, spread: f64) -> (f64, f64) {
        let (mut sum, mut rows) = (0.0, 0.0);
        for (place, (_, here)) in self.places.iter().zip(&self.values) {
            if (place - self.median).abs() <= CORE / 1.4826 * spread {
                sum += place * here;
                rows += here;
            }
        }
        if rows > 0.0 { (sum / rows, rows) } else { (self.median, 0.0) }
    }

    /// The sum of squares about the core's mean.
    fn core_squares(&self, spread: f64) -> f64 {
        let (mean, _) = self.core_mean(spread);
        let near = self.places.iter().zip(&self.values);
        let near = near.filter(|(place, _)| (*place - self.median).abs() <= CORE / 1.4826 * spread);
        near.map(|(place, (_, rows))| (place - mean).powi(2) * rows).sum()
    }
}

/// Sorts numbers, and adds up the rows of equal ones.
fn merge(values: &mut Vec<(i32, f64)>) {
    let low = values.iter().map(|(value, _)| *value).min().unwrap_or(0);
    let high = values.iter().map(|(value, _)| *value).max().unwrap_or(0);
    let mut rows = vec![0.0; (i64::from(high) - i64::from(low)) as usize + 1];
    values.iter().for_each(|(value, here)| rows[(value - low) as usize] += here);
    values.clear();
    values.extend((low..=high).zip(rows).filter(|(_, rows)| *rows > 0.0));
}

/// The standard deviation of a normal distribution with the same median of absolute deviations from the strata's
/// medians.
fn pooled_spread(tables: &[Counted]) -> f64 {
    let deviations = |table: &Counted| {
        let median = table.median;
        let pairs = table.places.iter().zip(&table.values);
        pairs.map(|(place, (_, rows))| ((place - median).abs(), *rows)).collect::<Vec<_>>()
    };
    let mut all: Vec<(f64, f64)> = tables.iter().flat_map(deviations).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = tables.iter().map(|table| table.rows).sum::<f64>() / 2.0;
    let mut below = 0.0;
    let middle = all.iter().find(|(_, rows)| {
        below += rows;
        below >= half
    });
    middle.map_or(0.0, |(deviation, _)| 1.4826 * deviation).max(1e-3)
}

/// The precision of the strata's own locations about the expected ones, in rows.
fn lent_rows(means: &[(f64, f64)], expected: &[f64], variance: f64) -> f64 {
    let (mut excess, mut scale) = (0.0, 0.0);
    for ((mean, rows), expected) in means.iter().zip(expected) {
        excess += rows * (mean - expected).powi(2) - if *rows > 0.0 { variance } else { 0.0 };
        scale += rows;
    }
    let between = excess / scale.max(1.0);
    if between <= 0.0 { 1e6 } else { (variance / between).clamp(0.1, 1e6) }
}

/// The periods before the searched days in which next to all numbers are known, and the share of numbers that never
/// will be.
fn mature_periods(
    panel: &Panel,
    segments: &[Vec<ValueStratum>],
    pending: &[Vec<Pending>],
) -> (Vec<bool>, f64) {
    let periods = &panel.parts().periods;
    let mut mature: Vec<bool> = periods.iter().map(|&day| day < panel.recent()).collect();
    if pending.iter().all(Vec::is_empty) {
        return (mature, 0.0);
    }
    let mut known = vec![0.0; periods.len()];
    let mut longest: HashMap<i32, f64> = HashMap::new();
    for count in segments.iter().flatten().flat_map(|stratum| &stratum.counts) {
        known[count.period as usize] += f64::from(count.rows);
        *longest.entry(count.value).or_default() += f64::from(count.rows);
    }
    let mut values: Vec<(i32, f64)> = longest.into_iter().collect();
    values.sort_unstable_by_key(|(value, _)| *value);
    let total: f64 = values.iter().map(|(_, rows)| rows).sum();
    let mut below = 0.0;
    let late = values.iter().find(|(_, rows)| {
        below += rows;
        below >= 0.995 * total
    });
    let late = late.map_or(0, |(value, _)| *value);
    let mut open = vec![0.0; periods.len()];
    for pending in pending.iter().flatten() {
        open[pending.period as usize] += f64::from(pending.rows);
        if pending.at_least < late {
            mature[pending.period as usize] = false;
        }
    }
    let sums = (0..periods.len()).filter(|&period| mature[period]);
    let (known, open) = sums.fold((0.0, 0.0), |sum, period| (sum.0 + known[period], sum.1 + open[period]));
    (mature, open / (known + open).max(1.0))
}
