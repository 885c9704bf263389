//! Summaries of all segments.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;

use super::counts::{Moments, Tally};
use super::histogram::Histogram;
use super::plan::Plan;
use super::view::SegmentView;
use crate::mappings::{Measure, Metric};

/// The most segments a dataset may have. Beyond it a column is most likely not what it was taken for
/// (an id instead of a payer), and every segment costs kilobytes.
pub const MAX_SEGMENTS: usize = 65_536;

/// What rows are grouped by: a value of each segment column. Ordered by the values' UTF-8 bytes, the first column first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment(pub Vec<String>);

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" / "))
    }
}

/// Something per bucket or window, for each value of the column that explains part of a metric; without such a column, and
/// where it is null, the value is empty.
pub type Strata<T> = BTreeMap<String, Vec<T>>;

/// Rows by category.
pub type Categories = BTreeMap<String, u64>;

/// One metric of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetricSummary {
    /// A rate, a null rate or a volume: per stratum and bucket.
    Tally(Strata<Tally>),
    /// Days or an amount.
    Value(ValueSummary),
    /// Categories, per window.
    Mix(Vec<Categories>),
}

/// A metric whose rows have a number each; what the plan does not keep is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueSummary {
    /// Per stratum and window: days, or the log codes of amounts.
    pub histograms: Strata<Histogram>,
    /// Per bucket: days, or amounts in units of their last decimal.
    pub moments: Vec<Moments>,
    /// Per window, of rows whose days have begun and not ended: the day on which they began, in days since 1970-01-01.
    pub pending: Vec<Histogram>,
}

impl MetricSummary {
    fn empty(metric: &Metric, plan: &Plan) -> Self {
        let windows = plan.grid.windows().len();
        match &metric.measure {
            Measure::Rate { .. } | Measure::Volume | Measure::NullRate { .. } => Self::Tally(Strata::new()),
            Measure::Days { .. } | Measure::Amount { .. } => Self::Value(ValueSummary {
                histograms: Strata::new(),
                moments: vec![
                    Moments::default();
                    if plan.keep.moments { plan.grid.buckets().len() } else { 0 }
                ],
                pending: vec![
                    Histogram::default();
                    if plan.keep.pending && metric.has_pending { windows } else { 0 }
                ],
            }),
            Measure::Mix { .. } => Self::Mix(vec![Categories::new(); windows]),
        }
    }

    fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Self::Tally(tallies), Self::Tally(more)) => merge_strata(tallies, more),
            (Self::Value(value), Self::Value(more)) => {
                merge_strata(&mut value.histograms, &more.histograms);
                add_each(&mut value.moments, &more.moments);
                add_each(&mut value.pending, &more.pending);
            }
            (Self::Mix(windows), Self::Mix(more)) => {
                for (categories, more) in windows.iter_mut().zip(more) {
                    more.iter().for_each(|(name, rows)| *categories.entry(name.clone()).or_default() += rows);
                }
            }
            _ => unreachable!("metrics of one plan are of one kind"),
        }
    }
}

fn add_each<T: for<'a> AddAssign<&'a T>>(known: &mut [T], more: &[T]) {
    known.iter_mut().zip(more).for_each(|(known, more)| *known += more);
}

fn merge_strata<T: Clone + for<'a> AddAssign<&'a T>>(known: &mut Strata<T>, more: &Strata<T>) {
    for (stratum, more) in more {
        match known.get_mut(stratum) {
            Some(known) => add_each(known, more),
            None => {
                known.insert(stratum.clone(), more.clone());
            }
        }
    }
}

/// One segment: a summary for each metric of the mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentSummary {
    /// In the order of the mapping's metrics.
    pub metrics: Vec<MetricSummary>,
}

impl SegmentSummary {
    /// A segment without rows.
    #[must_use]
    pub fn empty(plan: &Plan) -> Self {
        let metrics = plan.mapping.metrics().iter();
        Self { metrics: metrics.map(|metric| MetricSummary::empty(metric, plan)).collect() }
    }

    /// Adds the rows of `other`, which was made for the same plan.
    pub fn merge(&mut self, other: &Self) {
        self.metrics.iter_mut().zip(&other.metrics).for_each(|(metric, more)| metric.merge(more));
    }

    /// The tallies of a metric's stratum, one for each of the plan's `buckets`, made if they are new.
    ///
    /// # Panics
    /// When the metric is no tally: a bug of the engine.
    pub fn tallies_mut(&mut self, metric: usize, stratum: &str, buckets: usize) -> &mut [Tally] {
        let MetricSummary::Tally(strata) = &mut self.metrics[metric] else { unreachable!("a tally") };
        of_stratum(strata, stratum, buckets)
    }

    /// The value metric at a place.
    ///
    /// # Panics
    /// When the metric is no value: a bug of the engine.
    pub fn value_mut(&mut self, metric: usize) -> &mut ValueSummary {
        let MetricSummary::Value(value) = &mut self.metrics[metric] else { unreachable!("a value") };
        value
    }

    /// The distributions of a metric's stratum, one for each of the plan's `windows`, made if they are new.
    ///
    /// # Panics
    /// When the metric is no value: a bug of the engine.
    pub fn histograms_mut(&mut self, metric: usize, stratum: &str, windows: usize) -> &mut [Histogram] {
        of_stratum(&mut self.value_mut(metric).histograms, stratum, windows)
    }

    /// The categories of a mix in a window.
    ///
    /// # Panics
    /// When the metric is no mix, or the plan has no such window: a bug of the engine.
    pub fn categories_mut(&mut self, metric: usize, window: usize) -> &mut Categories {
        let MetricSummary::Mix(windows) = &mut self.metrics[metric] else { unreachable!("a mix") };
        &mut windows[window]
    }
}

fn of_stratum<'s, T: Clone + Default>(
    strata: &'s mut Strata<T>,
    stratum: &str,
    buckets: usize,
) -> &'s mut [T] {
    if !strata.contains_key(stratum) {
        strata.insert(stratum.to_owned(), vec![T::default(); buckets]);
    }
    strata.get_mut(stratum).unwrap_or_else(|| unreachable!("it was just put there"))
}

/// All segments with at least one row that a metric counts, and what was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summaries {
    plan: Plan,
    segments: BTreeMap<Segment, SegmentSummary>,
    /// Complete rows per window, whatever the metrics make of them.
    rows: Vec<u64>,
    null_rows: u64,
}

impl Summaries {
    /// No rows yet.
    #[must_use]
    pub fn empty(plan: Plan) -> Self {
        let rows = vec![0; plan.grid.windows().len()];
        Self { plan, segments: BTreeMap::new(), rows, null_rows: 0 }
    }

    /// What was summarised.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The segments, sorted.
    #[must_use]
    pub fn segments(&self) -> &BTreeMap<Segment, SegmentSummary> {
        &self.segments
    }

    /// The segments, sorted, each with what its metrics are in the windows.
    pub fn views(&self) -> impl Iterator<Item = SegmentView<'_>> {
        self.segments.iter().map(|(segment, summary)| SegmentView::new(&self.plan, segment, summary))
    }

    /// Rows left out because of a null: in the time, or, for rows of the grid's span, in another required column.
    #[must_use]
    pub fn null_rows(&self) -> u64 {
        self.null_rows
    }

    /// Complete rows of each window.
    #[must_use]
    pub fn rows_per_window(&self) -> &[u64] {
        &self.rows
    }

    /// Complete rows in the windows.
    #[must_use]
    pub fn rows_in_windows(&self) -> u64 {
        self.rows.iter().sum()
    }

    /// The summary of `segment`, made if it is new.
    pub fn segment_mut(&mut self, segment: &Segment) -> &mut SegmentSummary {
        if !self.segments.contains_key(segment) {
            self.segments.insert(segment.clone(), SegmentSummary::empty(&self.plan));
        }
        self.segments.get_mut(segment).unwrap_or_else(|| unreachable!("it was just put there"))
    }

    /// Counts complete rows of a window.
    ///
    /// # Panics
    /// When the plan has no such window: a bug of the engine.
    pub fn add_rows(&mut self, window: usize, rows: u64) {
        self.rows[window] += rows;
    }

    /// Counts rows left out because of a null.
    pub fn add_null_rows(&mut self, rows: u64) {
        self.null_rows += rows;
    }

    /// Adds the rows of `other`.
    ///
    /// # Panics
    /// When the two were made for different plans: that is a bug of the caller.
    pub fn merge(&mut self, other: Self) {
        assert_eq!(self.plan, other.plan, "summaries of different plans cannot be merged");
        self.null_rows += other.null_rows;
        add_each(&mut self.rows, &other.rows);
        for (segment, summary) in other.segments {
            match self.segments.get_mut(&segment) {
                Some(known) => known.merge(&summary),
                None => {
                    self.segments.insert(segment, summary);
                }
            }
        }
    }
}
