//! The true parameter of a segment over a span of days, under all drift of its column.

use crate::columns::{Model, Parameters};
use crate::drift::{Change, Effect, What};
use crate::plan::Dataset;
use crate::population::Combinations;
use crate::scope::Condition;
use crate::spec::DriftSpec;
use crate::tables::Cells;
use arrow_array::StringArray;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

/// A column's parameters as a segment sees them.
pub(super) struct View<'a> {
    dataset: &'a Dataset,
    model: Model<'a>,
    effects: &'a [Effect],
    cells: Cells,
    segment: &'a Condition,
    combinations: Combinations<'a>,
    /// The parts of every day on which no drift moves the combinations.
    unmoved: Rc<Parts>,
}

/// The segment's share of the rows of a day, part by part.
type Parts = BTreeMap<Part, f64>;

/// Rows of a day that share a cell and are in the segments of the same effects.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    cell: usize,
    effects: Vec<usize>,
}

/// What is read off the parameters.
pub(super) struct Measure {
    pub(super) name: String,
    pub(super) unit: String,
    /// For a mix: the categories whose common probability is the parameter.
    categories: Vec<usize>,
}

impl<'a> View<'a> {
    pub(super) fn new(
        dataset: &'a Dataset,
        segment: &'a Condition,
        parameters: Parameters<'a>,
    ) -> Option<Self> {
        let Parameters { cells, model, effects } = parameters;
        let conditions = || effects.iter().map(|effect| &effect.segment).chain([segment]);
        if !conditions().all(Condition::only_categories) {
            return None;
        }
        let columns: Vec<usize> = cells.columns().chain(conditions().flat_map(Condition::reads)).collect();
        let combinations = Combinations::new(&dataset.scope, columns)?;
        let mut view = Self { dataset, model, effects, cells, segment, combinations, unmoved: Rc::default() };
        view.unmoved = Rc::new(view.parts_on(None));
        Some(view)
    }

    /// The parts of a day, or without drift.
    fn parts(&self, day: Option<usize>) -> Rc<Parts> {
        match day {
            Some(moved) if self.combinations.moved_on(moved) => Rc::new(self.parts_on(day)),
            _ => Rc::clone(&self.unmoved),
        }
    }

    fn parts_on(&self, day: Option<usize>) -> Parts {
        let all = &self.combinations;
        let mut parts = BTreeMap::new();
        all.visit(day, |one| {
            if all.satisfies(one, self.segment) {
                let cell = self.cells.cell(self.cells.columns().map(|column| all.code(one, column)));
                let on_it = |(_, effect): &(usize, &Effect)| all.satisfies(one, &effect.segment);
                let effects = self.effects.iter().enumerate().filter(on_it).map(|(index, _)| index).collect();
                *parts.entry(Part { cell, effects }).or_insert(0.0) += one.probability;
            }
        });
        parts
    }

    /// The days of a span with their rows; a single day without drift when there is no span.
    fn days(&self, span: Option<Range<usize>>) -> Vec<(Option<usize>, f64)> {
        match span {
            None => vec![(None, 1.0)],
            Some(days) => days.map(|day| (Some(day), self.dataset.rows_on(day))).collect(),
        }
    }

    /// Whether all rows of the segment draw from the same parameters.
    pub(super) fn is_uniform(&self) -> bool {
        let cells: BTreeSet<usize> = self.unmoved.keys().map(|part| part.cell).collect();
        cells.len() == 1
    }

    /// What the drift in `spec` is measured by.
    pub(super) fn measure(&self, spec: &DriftSpec, categories: Option<&StringArray>) -> Measure {
        let plain = |name: &str, unit: &str| Measure {
            name: name.to_owned(),
            unit: unit.to_owned(),
            categories: Vec::new(),
        };
        match &self.model {
            Model::Rate { unit, .. } if spec.what == What::NullRate => plain("null rate", unit),
            Model::Rate { unit, .. } => plain("rate", unit),
            Model::Size { unit, .. } => plain("median", unit),
            Model::Share(_) => plain("mean of the medians of the cells", "share of the whole"),
            Model::Mix(_) => {
                // The values that gain, or where none does, those that lose.
                let weights = spec.effect.weights.iter().flatten();
                let (gaining, losing): (Vec<_>, Vec<_>) = weights.partition(|(_, weight)| **weight > 1.0);
                let named = if gaining.is_empty() { losing } else { gaining };
                let names: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
                let code = |name: &&str| {
                    categories.and_then(|all| all.iter().position(|known| known == Some(*name)))
                };
                Measure {
                    name: format!("share of {}", names.join(", ")),
                    unit: "share of rows".to_owned(),
                    categories: names.iter().filter_map(code).collect(),
                }
            }
        }
    }

    /// The parameter over some days of the calendar, or without any drift; not a number where the segment has
    /// no rows on those days.
    pub(super) fn value(&self, measure: &Measure, days: Option<Range<usize>>) -> f64 {
        if let Model::Size { medians, table, .. } = &self.model {
            let sizes = self.scaled(medians, days);
            if sizes.iter().all(|(_, share)| share.is_nan()) {
                return f64::NAN;
            }
            let below = |value: f64| -> f64 {
                let part = |(size, share): &(Affine, f64)| share * table.probability_up_to(size.undo(value));
                sizes.iter().map(part).sum()
            };
            return median(below, medians.iter().fold(0.0, |a, b| f64::max(a, *b)));
        }
        let (mut sum, mut total) = (0.0, 0.0);
        for (day, rows) in self.days(days) {
            for (part, share) in self.parts(day).iter() {
                sum += rows * share * self.cell_value(part, measure, day);
                total += rows * share;
            }
        }
        sum / total
    }

    /// The effects on a part, each with its strength on a day.
    fn strengths(&self, part: &Part, day: Option<usize>) -> impl Iterator<Item = (&Effect, f64)> {
        let effects = part.effects.iter().map(|index| &self.effects[*index]);
        let strength = move |effect: &'a Effect| day.map_or(0.0, |day| effect.strengths[day]);
        effects.map(move |effect| (effect, strength(effect))).filter(|(_, strength)| *strength > 0.0)
    }

    fn cell_value(&self, part: &Part, measure: &Measure, day: Option<usize>) -> f64 {
        match &self.model {
            Model::Rate { rates, .. } => {
                self.strengths(part, day).fold(rates[part.cell], |rate, (effect, strength)| {
                    if effect.mixes_rows() {
                        rate + (effect.change.rate(rate, 1.0) - rate) * strength
                    } else {
                        effect.change.rate(rate, strength)
                    }
                })
            }
            Model::Share(medians) => {
                self.strengths(part, day).fold(medians[part.cell], |share, (effect, strength)| {
                    effect.change.size(share, strength).min(1.0)
                })
            }
            Model::Mix(tables) => {
                let table = &tables[part.cell];
                let named = |table: &[f64]| measure.categories.iter().map(|code| table[*code]).sum::<f64>();
                self.strengths(part, day).fold(named(table), |share, (effect, strength)| {
                    match &effect.change {
                        Change::Weights(multipliers) => {
                            let drifted: Vec<f64> =
                                table.iter().zip(multipliers).map(|(p, m)| p * m).collect();
                            let total: f64 = drifted.iter().sum();
                            let full = if total > 0.0 { named(&drifted) / total } else { named(table) };
                            share + (full - share) * strength
                        }
                        _ => share,
                    }
                })
            }
            Model::Size { medians, .. } => medians[part.cell],
        }
    }

    /// What becomes of a median-1 value: each way with its share of the rows.
    fn scaled(&self, medians: &[f64], days: Option<Range<usize>>) -> Vec<(Affine, f64)> {
        let mut shares: BTreeMap<(u64, u64), f64> = BTreeMap::new();
        for (day, rows) in self.days(days) {
            for (part, share) in self.parts(day).iter() {
                let start = Affine { factor: medians[part.cell], offset: 0.0 };
                let mut ways = vec![(start, share * rows)];
                for (effect, strength) in self.strengths(part, day) {
                    ways = ways.into_iter().flat_map(|way| branch(way, effect, strength)).collect();
                }
                for (size, share) in ways {
                    *shares.entry((size.factor.to_bits(), size.offset.to_bits())).or_insert(0.0) += share;
                }
            }
        }
        let total: f64 = shares.values().sum();
        let size = |((factor, offset), share): ((u64, u64), f64)| {
            (Affine { factor: f64::from_bits(factor), offset: f64::from_bits(offset) }, share / total)
        };
        shares.into_iter().map(size).collect()
    }
}

/// factor · x + offset.
#[derive(Debug, Clone, Copy)]
struct Affine {
    factor: f64,
    offset: f64,
}

impl Affine {
    fn under(self, change: &Change, strength: f64) -> Self {
        match change {
            Change::Factor(factor) => {
                let factor = 1.0 + (factor - 1.0) * strength;
                Self { factor: self.factor * factor, offset: self.offset * factor }
            }
            Change::Days(days) => Self { offset: self.offset + days * strength, ..self },
            _ => self,
        }
    }

    fn undo(self, value: f64) -> f64 {
        (value - self.offset) / self.factor
    }
}

/// What a drift makes of rows: all of them changed in part, or a part of them changed in full.
fn branch((size, share): (Affine, f64), effect: &Effect, strength: f64) -> Vec<(Affine, f64)> {
    if effect.mixes_rows() {
        vec![(size, share * (1.0 - strength)), (size.under(&effect.change, 1.0), share * strength)]
    } else {
        vec![(size.under(&effect.change, strength), share)]
    }
}

/// Where a distribution function reaches one half, by bisection.
fn median(below: impl Fn(f64) -> f64, guess: f64) -> f64 {
    let (mut low, mut high) = (0.0, guess.max(1.0));
    while below(high) < 0.5 && high < 1e15 {
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if below(middle) < 0.5 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
