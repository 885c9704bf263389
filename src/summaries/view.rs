//! One segment, as detectors look at it.

use std::borrow::Cow;

use super::counts::{Moments, Tally};
use super::grid::Grid;
use super::histogram::Histogram;
use super::plan::Plan;
use super::segments::{Categories, MetricSummary, Segment, SegmentSummary, Strata, ValueSummary};
use crate::mappings::Metric;

/// A segment, and what its metrics are in the windows of the grid.
#[derive(Debug, Clone, Copy)]
pub struct SegmentView<'s> {
    plan: &'s Plan,
    /// The segment.
    pub segment: &'s Segment,
    /// Its numbers.
    pub summary: &'s SegmentSummary,
}

impl<'s> SegmentView<'s> {
    pub(super) fn new(plan: &'s Plan, segment: &'s Segment, summary: &'s SegmentSummary) -> Self {
        Self { plan, segment, summary }
    }

    /// The grid that the numbers are of.
    #[must_use]
    pub fn grid(&self) -> &'s Grid {
        &self.plan.grid
    }

    /// The metrics, in the order in which other functions take their places.
    #[must_use]
    pub fn metrics(&self) -> &'s [Metric] {
        self.plan.mapping.metrics()
    }

    /// Hits and trials of a metric per stratum and bucket; `None` when it is no tally.
    #[must_use]
    pub fn tallies(&self, metric: usize) -> Option<&'s Strata<Tally>> {
        match self.summary.metrics.get(metric)? {
            MetricSummary::Tally(strata) => Some(strata),
            _ => None,
        }
    }

    /// Hits and trials of a metric in a window; `None` when it is no tally.
    #[must_use]
    pub fn tally(&self, metric: usize, window: usize) -> Option<Tally> {
        let strata = self.tallies(metric)?;
        let buckets = self.plan.grid.buckets_of(window);
        let mut sum = Tally::default();
        strata.values().flat_map(|tallies| &tallies[buckets.clone()]).for_each(|tally| sum += *tally);
        Some(sum)
    }

    /// What is known of a metric's numbers; `None` when it is no value.
    #[must_use]
    pub fn value(&self, metric: usize) -> Option<&'s ValueSummary> {
        match self.summary.metrics.get(metric)? {
            MetricSummary::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The distribution of a metric's numbers in a window, of all strata together; `None` when it was not kept.
    #[must_use]
    pub fn histogram(&self, metric: usize, window: usize) -> Option<Cow<'s, Histogram>> {
        let value = self.value(metric).filter(|_| self.plan.keep.histograms)?;
        let mut strata = value.histograms.values().filter_map(|windows| windows.get(window));
        let Some(first) = strata.next() else { return Some(Cow::Owned(Histogram::default())) };
        let mut all = Cow::Borrowed(first);
        for more in strata {
            *all.to_mut() += more;
        }
        Some(all)
    }

    /// The moments of a metric's numbers in a window; `None` when they were not kept.
    #[must_use]
    pub fn moments(&self, metric: usize, window: usize) -> Option<Moments> {
        let moments = self.value(metric)?.moments.get(self.plan.grid.buckets_of(window))?;
        let mut sum = Moments::default();
        moments.iter().for_each(|more| sum += *more);
        (!moments.is_empty()).then_some(sum)
    }

    /// A metric's categories in a window; `None` when it is no mix.
    #[must_use]
    pub fn categories(&self, metric: usize, window: usize) -> Option<&'s Categories> {
        match self.summary.metrics.get(metric)? {
            MetricSummary::Mix(windows) => windows.get(window),
            _ => None,
        }
    }
}
