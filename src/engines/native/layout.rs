//! Which counters a plan needs, and which of them one pass over the rows can fill.

use super::cells::Cells;
use super::chunk::Scratch;
use super::codes::{Combination, Part};
use super::finder::{Client, What};
use super::lane::{Axis, Lane, Shape};
use super::values::ValueOf;
use crate::mappings::{Mapping, Measure, Metric};
use crate::sources::{Batch, ColumnKind, Columns};
use crate::summaries::Plan;
use crate::{Error, Result};

/// Ranges up to which different clients share blocks: blocks for each of their combinations are small then.
const MOST_SHARED_RANGES: usize = 8;

/// Combined codes up to which different clients share them: the table from codes to blocks stays in the cache.
const MOST_SHARED_CODES: u64 = 1 << 16;

/// One thing that is wanted of one metric.
#[derive(Debug)]
struct Wish {
    metric: usize,
    what: What,
    axis: Axis,
    combination: Combination,
}

/// All that a plan wants.
#[derive(Debug)]
pub(super) struct Wishes {
    wishes: Vec<Wish>,
    values: Vec<ValueOf>,
    windows: usize,
    buckets: usize,
    /// Whether windows and buckets are the same, so that what is counted in one is counted in the other.
    is_one_grid: bool,
}

/// Which wishes are counted together.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Layout {
    lanes: Vec<Shared>,
    /// What all combinations begin with; nothing where that alone has too many codes for a dense table.
    pub(super) beginning: Combination,
    combinations: Vec<Combination>,
    /// The number of codes of each combination.
    pub(super) sizes: Vec<u64>,
}

#[derive(Debug, PartialEq)]
struct Shared {
    axis: Axis,
    combination: Combination,
    /// Places of wishes; the first decides what the lane can count.
    wishes: Vec<usize>,
}

impl Wishes {
    pub(super) fn of(plan: &Plan) -> Self {
        let grid = &plan.grid;
        let mut wishes = Self {
            wishes: Vec::new(),
            values: Vec::new(),
            windows: grid.windows().len(),
            buckets: grid.buckets().len(),
            is_one_grid: grid.windows() == grid.buckets(),
        };
        for (index, metric) in plan.mapping.metrics().iter().enumerate() {
            wishes.add(plan, index, metric);
        }
        // Where numbers are counted, all the rest may find its place too.
        wishes.wishes.sort_by_key(|wish| !matches!(wish.what, What::Histogram(_)));
        wishes
    }

    fn add(&mut self, plan: &Plan, index: usize, metric: &Metric) {
        let kinds = match &metric.measure {
            Measure::Rate { .. } | Measure::Volume | Measure::NullRate { .. } => vec![What::Tally],
            Measure::Mix { .. } => vec![What::Mix],
            Measure::Days { .. } | Measure::Amount { .. } => {
                let value = self.value(value_of(&plan.mapping, &metric.measure));
                let mut kinds = Vec::new();
                kinds.extend(plan.keep.histograms.then_some(What::Histogram(value)));
                kinds.extend(plan.keep.moments.then_some(What::Moments(value)));
                kinds.extend(since(plan, metric).map(|since| What::Pending(self.value(since))));
                kinds
            }
        };
        for what in kinds {
            let combination = combination(&plan.mapping, metric, what);
            self.wishes.push(Wish { metric: index, what, axis: self.axis(what), combination });
        }
    }

    fn axis(&self, what: What) -> Axis {
        match what {
            What::Histogram(value) | What::Pending(value) => Axis::Value(value),
            What::Mix => Axis::Windows,
            What::Tally | What::Moments(_) if self.is_one_grid => Axis::Windows,
            What::Tally | What::Moments(_) => Axis::Buckets,
        }
    }

    fn value(&mut self, of: ValueOf) -> usize {
        let known = self.values.iter().position(|&value| value == of);
        known.unwrap_or_else(|| {
            self.values.push(of);
            self.values.len() - 1
        })
    }

    fn shape(&self, axis: Axis) -> Shape {
        match axis {
            Axis::Windows => Shape { ranges: self.windows, bins_per_range: 1 },
            Axis::Buckets => Shape { ranges: self.buckets, bins_per_range: 1 },
            Axis::Value(value) => {
                Shape { ranges: self.windows, bins_per_range: self.values[value].bins() as usize }
            }
        }
    }

    /// The layout for the dictionaries of `batch`.
    ///
    /// # Errors
    /// [`Error::Input`] for dictionaries so large that a row's codes do not combine into 64 bits.
    pub(super) fn layout(&self, batch: &Batch) -> Result<Layout> {
        let mut layout = Layout::default();
        for (place, wish) in self.wishes.iter().enumerate() {
            match layout.lanes.iter_mut().find(|lane| self.is_host(lane, wish, batch)) {
                Some(lane) => {
                    lane.combination = lane.combination.joined(&wish.combination);
                    lane.wishes.push(place);
                }
                None => layout.lanes.push(Shared {
                    axis: wish.axis,
                    combination: wish.combination.clone(),
                    wishes: vec![place],
                }),
            }
        }
        for lane in &layout.lanes {
            if !layout.combinations.contains(&lane.combination) {
                layout.combinations.push(lane.combination.clone());
            }
        }
        let combinations = layout.combinations.iter().cloned();
        let beginning = combinations.reduce(|known, next| known.common_beginning(&next));
        let is_dense = |beginning: &Combination| beginning.size(batch).is_some_and(Cells::is_dense);
        layout.beginning = beginning.filter(is_dense).unwrap_or_default();
        let sizes = layout.combinations.iter().map(|combination| combination.size(batch));
        layout.sizes = sizes.collect::<Option<_>>().ok_or_else(too_large)?;
        Ok(layout)
    }

    /// Whether a lane can count a wish at no cost, or at less than another pass over the rows would take.
    fn is_host(&self, lane: &Shared, wish: &Wish, batch: &Batch) -> bool {
        let is_cheap = match (self.wishes[lane.wishes[0]].what, wish.what) {
            (_, What::Histogram(_) | What::Pending(_)) | (What::Moments(_) | What::Pending(_), _) => false,
            (What::Histogram(value), what) => {
                let of = &self.values[value];
                (!matches!(what, What::Moments(_)) || what == What::Moments(value) && of.is_counted_exactly())
                    && self.shape(lane.axis).is_dense()
                    && lane.combination.covers(&wish.combination)
            }
            (_, What::Moments(_)) => false,
            _ => {
                let joined = lane.combination.joined(&wish.combination).size(batch);
                self.shape(lane.axis).ranges <= MOST_SHARED_RANGES
                    && joined.is_some_and(|codes| codes <= MOST_SHARED_CODES)
            }
        };
        is_cheap && Self::ranges(lane.axis) == Self::ranges(wish.axis)
    }

    /// Windows or buckets: what the axis tells apart first.
    fn ranges(axis: Axis) -> Axis {
        match axis {
            Axis::Buckets => Axis::Buckets,
            Axis::Windows | Axis::Value(_) => Axis::Windows,
        }
    }

    /// Empty counters as `layout` has them, and what is read of each chunk for them.
    pub(super) fn lanes(&self, layout: &Layout) -> (Vec<Lane>, Scratch) {
        let mut scratch = Scratch::new(layout.combinations.len(), &self.values);
        let lanes = layout.lanes.iter().map(|lane| {
            let wishes = lane.wishes.iter().map(|&place| &self.wishes[place]);
            let clients: Vec<Client> =
                wishes.map(|wish| Client::new(wish.metric, wish.what, wish.combination.clone())).collect();
            match (lane.axis, clients[0].what) {
                (Axis::Value(value), _) => scratch.values[value].wants.bins = true,
                (_, What::Moments(value)) => scratch.values[value].wants.numbers = true,
                _ => {}
            }
            let combination = layout.combinations.iter().position(|known| *known == lane.combination);
            Lane::new(lane.axis, self.shape(lane.axis), combination.unwrap_or_default(), clients)
        });
        (lanes.collect(), scratch)
    }
}

impl Layout {
    /// What codes are combined, each with the number of different codes.
    pub(super) fn combinations(&self) -> impl Iterator<Item = (&Combination, u64)> {
        self.combinations.iter().zip(self.sizes.iter().copied())
    }

    /// Whether the other layout has the same lanes, whatever their codes.
    pub(super) fn has_lanes_of(&self, other: &Self) -> bool {
        self.lanes == other.lanes
    }
}

/// The combination of all columns that decide what a row counts for.
fn combination(mapping: &Mapping, metric: &Metric, what: What) -> Combination {
    let mut names: Vec<&str> = mapping.segments().iter().map(String::as_str).collect();
    let stand_ins = mapping.segments().iter().filter_map(|segment| mapping.instead_of(segment));
    names.extend(stand_ins.filter_map(|instead| instead.column.as_deref()));
    let mut missing: Vec<&str> = metric.present.iter().map(String::as_str).collect();
    names.extend(metric.among.columns());
    match &metric.measure {
        Measure::Rate { hit } => names.extend(hit.columns()),
        Measure::NullRate { column } | Measure::Amount { column, .. } => missing.push(column),
        Measure::Mix { column } => names.push(column),
        Measure::Days { from, to } => missing.extend([from.as_str(), to]),
        Measure::Volume => {}
    }
    if matches!(what, What::Tally | What::Histogram(_)) {
        names.extend(metric.strata.as_deref());
    }
    let columns = mapping.columns();
    let texts = names.into_iter().filter_map(|name| part(columns, name));
    let missing = missing.into_iter().filter_map(|name| missing_part(columns, name));
    Combination::of(texts.chain(missing))
}

/// A column's part in combined codes; the time, which every row has, has none.
fn part(columns: &Columns, name: &str) -> Option<Part> {
    let place = columns.position(name)?;
    match columns.at(place).kind {
        ColumnKind::Text => Some(Part::Text(place.checked_sub(1)?)),
        _ => missing_part(columns, name),
    }
}

/// Whether a column has a value, as a part of combined codes; of one that every row has, nothing.
fn missing_part(columns: &Columns, name: &str) -> Option<Part> {
    let place = columns.position(name)?;
    let column = place.checked_sub(1)?;
    (!columns.at(place).is_required).then_some(Part::Missing(column))
}

/// Since when rows of a metric wait, if that is kept.
fn since(plan: &Plan, metric: &Metric) -> Option<ValueOf> {
    let Measure::Days { from, .. } = &metric.measure else { return None };
    let from = plan.mapping.columns().position(from)?;
    let end = plan.grid.span().end.0;
    (plan.keep.pending && metric.has_pending).then_some(ValueOf::Since { from, end })
}

fn value_of(mapping: &Mapping, measure: &Measure) -> ValueOf {
    let place = |name: &str| mapping.columns().position(name).unwrap_or(Columns::TIME);
    match measure {
        Measure::Amount { column, .. } => ValueOf::Amount { column: place(column) },
        Measure::Days { from, to } => ValueOf::Days { from: place(from), to: place(to) },
        _ => unreachable!("only days and amounts are values"),
    }
}

fn too_large() -> Error {
    Error::input("batch", "the dictionaries are too large to be combined; use columns with fewer values")
}
