//! Which counters a plan needs.

use super::chunk::{CombinedCodes, Scratch, ValueNeeds, ValueScratch};
use super::codes::{Combination, Part};
use super::lane::{Lane, What};
use super::values::ValueOf;
use crate::mappings::{Mapping, Measure, Metric};
use crate::sources::{ColumnKind, Columns};
use crate::summaries::Plan;

/// The lanes of all metrics, and what they share.
pub(super) struct Layout {
    pub(super) combinations: Vec<Combination>,
    pub(super) lanes: Vec<Lane>,
    pub(super) scratch: Scratch,
}

impl Layout {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut layout = Self { combinations: Vec::new(), lanes: Vec::new(), scratch: Scratch::default() };
        for (index, metric) in plan.mapping.metrics().iter().enumerate() {
            layout.add(plan, index, metric);
        }
        layout.scratch.codes = layout.combinations.iter().map(|_| CombinedCodes::default()).collect();
        layout
    }

    fn add(&mut self, plan: &Plan, index: usize, metric: &Metric) {
        let mapping = &plan.mapping;
        // One more counter than there are windows or buckets takes the rows outside of them.
        let windows = plan.grid.windows().len() as u32 + 1;
        let buckets = plan.grid.buckets().len() as u32 + 1;
        let kinds = match &metric.measure {
            Measure::Rate { .. } | Measure::Volume | Measure::NullRate { .. } => {
                vec![(What::Tally, true, buckets)]
            }
            Measure::Mix { .. } => vec![(What::Mix, false, windows)],
            Measure::Days { .. } | Measure::Amount { .. } => {
                let of = value_of(mapping, &metric.measure);
                let keep = plan.keep;
                let value = self.value(of, ValueNeeds { bins: keep.histograms });
                let kinds = [
                    (keep.histograms, What::Histogram(value), true, windows * of.bins()),
                    (keep.moments, What::Moments(value), false, buckets),
                    (metric.has_pending, What::Pending, false, windows),
                ];
                let kept = kinds.into_iter().filter(|(is_kept, ..)| *is_kept);
                kept.map(|(_, what, strata, bins)| (what, strata, bins)).collect()
            }
        };
        for (what, strata, bins) in kinds {
            let combination = self.combination(mapping, metric, strata);
            self.lanes.push(Lane::new(index, what, combination, bins, bins / windows));
        }
    }

    fn value(&mut self, of: ValueOf, needs: ValueNeeds) -> usize {
        let values = &mut self.scratch.values;
        let known = values.iter().position(|value| value.of == of);
        known.unwrap_or_else(|| {
            values.push(ValueScratch::new(of, needs));
            values.len() - 1
        })
    }

    /// The place of the combination of all columns that decide what a row counts for.
    fn combination(&mut self, mapping: &Mapping, metric: &Metric, strata: bool) -> usize {
        let mut names: Vec<&str> = mapping.segments().iter().map(String::as_str).collect();
        let stand_ins = mapping.segments().iter().filter_map(|segment| mapping.instead_of(segment));
        names.extend(stand_ins.filter_map(|instead| instead.column.as_deref()));
        names.extend(metric.among.columns());
        names.extend(metric.present.iter().map(String::as_str));
        match &metric.measure {
            Measure::Rate { hit } => names.extend(hit.columns()),
            Measure::NullRate { column } | Measure::Mix { column } | Measure::Amount { column, .. } => {
                names.push(column);
            }
            Measure::Days { from, to } => names.extend([from.as_str(), to]),
            Measure::Volume => {}
        }
        names.extend(metric.strata.as_deref().filter(|_| strata));
        let mut parts = Vec::new();
        for part in names.into_iter().filter_map(|name| part(mapping.columns(), name)) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        let combination = Combination { parts };
        let known = self.combinations.iter().position(|known| *known == combination);
        known.unwrap_or_else(|| {
            self.combinations.push(combination);
            self.combinations.len() - 1
        })
    }
}

/// A column's part in combined codes; the time, which every row has, has none.
fn part(columns: &Columns, name: &str) -> Option<Part> {
    let place = columns.position(name)?;
    let column = place.checked_sub(1)?;
    match columns.at(place) {
        known if known.kind == ColumnKind::Text => Some(Part::Text(column)),
        known if known.is_required => None,
        _ => Some(Part::Missing(column)),
    }
}

fn value_of(mapping: &Mapping, measure: &Measure) -> ValueOf {
    let place = |name: &str| mapping.columns().position(name).unwrap_or(Columns::TIME);
    match measure {
        Measure::Amount { column, .. } => ValueOf::Amount { column: place(column) },
        Measure::Days { from, to } => ValueOf::Days { from: place(from), to: place(to) },
        _ => unreachable!("only days and amounts are values"),
    }
}
