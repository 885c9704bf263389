//! Summaries of days as summaries of anything that is made of these days.

use std::ops::AddAssign;

use super::day::DayRange;
use super::grid::Grid;
use super::plan::Plan;
use super::segments::{Categories, MetricSummary, SegmentSummary, Strata, Summaries, ValueSummary};
use crate::{Error, Result};

impl Summaries {
    /// The same rows summarised for another plan: of some of the metrics, in windows and buckets that are made of
    /// this one's. Rows of other days are left out; days that are not here have no rows.
    ///
    /// # Errors
    /// [`Error::Input`] when the plan has a metric that is not here or is another here, keeps what was not kept,
    /// or cuts through a window or bucket.
    pub fn regridded(&self, plan: &Plan) -> Result<Self> {
        let metrics = self.places_of(plan)?;
        let windows = places(self.plan().grid.windows(), plan.grid.windows())?;
        let buckets = places(self.plan().grid.buckets(), plan.grid.buckets())?;
        let map = Map { windows, buckets, plan };
        let mut made = Self::empty(plan.clone());
        made.add_null_rows(self.null_rows());
        for (&to, &rows) in map.windows.iter().zip(self.rows_per_window()) {
            if let Some(to) = to {
                made.add_rows(to, rows);
            }
        }
        for (segment, summary) in self.segments() {
            let wanted = metrics.iter().zip(plan.mapping.metrics());
            let of_metrics =
                wanted.map(|(&place, metric)| map.metric(&summary.metrics[place], metric.strata.is_some()));
            let moved = SegmentSummary { metrics: of_metrics.collect() };
            if moved.metrics.iter().any(|metric| !is_empty(metric)) {
                made.segment_mut(segment).merge(&moved);
            }
        }
        Ok(made)
    }

    /// The days of both together; they may overlap, as the days of two parts of one dataset do.
    ///
    /// # Errors
    /// [`Error::Input`] when they are not both of days, of the same metrics and with the same kept.
    pub fn joined(&self, other: &Self) -> Result<Self> {
        let (ours, theirs) = (self.plan(), other.plan());
        if ours.mapping != theirs.mapping || ours.keep != theirs.keep {
            return Err(Error::input(
                "state",
                "the two were made with different mappings; make both with one",
            ));
        }
        let (span, more) = (ours.grid.span(), theirs.grid.span());
        let days = DayRange { start: span.start.min(more.start), end: span.end.max(more.end) };
        let plan = Plan { grid: Grid::of_days(days)?, ..ours.clone() };
        let mut whole = self.regridded(&plan)?;
        whole.merge(other.regridded(&plan)?);
        Ok(whole)
    }

    /// A baseline and a current window from two datasets, each summarised as one window; `plan` is the one that the
    /// detector asked for, whose windows and buckets become these two.
    ///
    /// # Errors
    /// [`Error::Option`] when the detector looks at single days, which two datasets do not share.
    pub fn of_two(baseline: Self, current: Self, plan: &Plan) -> Result<Self> {
        if plan.grid.buckets() != plan.grid.windows() || plan.grid.window_pair().is_none() {
            let problem =
                "the detector looks at the days before the current window; without --reference it can";
            return Err(Error::option("reference", "", problem));
        }
        let windows = vec![baseline.plan().grid.span(), current.plan().grid.span()];
        let plan = Plan { grid: Grid::of_ranges(windows), ..plan.clone() };
        let mut whole = Self::empty(plan.clone());
        for (window, part) in [baseline, current].iter().enumerate() {
            let place = |one: usize| (0..one).map(|_| Some(window)).collect::<Vec<_>>();
            let map = Map { windows: place(1), buckets: place(1), plan: &plan };
            whole.add_null_rows(part.null_rows());
            whole.add_rows(window, part.rows_in_windows());
            for (segment, summary) in part.segments() {
                let metrics = summary.metrics.iter().map(|metric| map.metric(metric, true));
                whole.segment_mut(segment).merge(&SegmentSummary { metrics: metrics.collect() });
            }
        }
        Ok(whole)
    }

    /// Where the metrics of `plan` stand among those that are here.
    fn places_of(&self, plan: &Plan) -> Result<Vec<usize>> {
        let (ours, wanted) = (self.plan(), plan.keep);
        let keeps = |kept: bool, wanted: bool| kept || !wanted;
        let is_kept = keeps(ours.keep.histograms, wanted.histograms)
            && keeps(ours.keep.moments, wanted.moments)
            && keeps(ours.keep.pending, wanted.pending);
        if !is_kept || ours.mapping.segments() != plan.mapping.segments() {
            return Err(Error::input("state", "it was not made for this detector; make it again"));
        }
        let place = |metric: &crate::mappings::Metric| {
            let place = ours.mapping.position(&metric.name);
            let same = place.filter(|&place| {
                let known = &ours.mapping.metrics()[place];
                known.measure == metric.measure
                    && known.among == metric.among
                    && (metric.strata.is_none() || known.strata == metric.strata)
                    && metric.has_pending == known.has_pending
            });
            same.ok_or_else(|| {
                let problem = format!("it has no metric {:?} as the mapping defines it", metric.name);
                Error::input("state", problem)
            })
        };
        plan.mapping.metrics().iter().map(place).collect()
    }
}

/// From what is here to where it belongs in another plan.
struct Map<'p> {
    windows: Vec<Option<usize>>,
    buckets: Vec<Option<usize>>,
    plan: &'p Plan,
}

impl Map<'_> {
    fn metric(&self, metric: &MetricSummary, has_strata: bool) -> MetricSummary {
        let (keep, grid) = (self.plan.keep, &self.plan.grid);
        let windows = Moves { to: &self.windows, length: grid.windows().len() };
        let buckets = Moves { to: &self.buckets, length: grid.buckets().len() };
        match metric {
            MetricSummary::Tally(strata) => MetricSummary::Tally(buckets.strata(strata, has_strata)),
            MetricSummary::Value(value) => MetricSummary::Value(ValueSummary {
                histograms: match keep.histograms {
                    true => windows.strata(&value.histograms, has_strata),
                    false => Strata::new(),
                },
                moments: if keep.moments { buckets.moved(&value.moments) } else { Vec::new() },
                pending: if keep.pending && !value.pending.is_empty() {
                    windows.moved(&value.pending)
                } else {
                    Vec::new()
                },
            }),
            MetricSummary::Mix(categories) => {
                let mut moved = vec![Categories::new(); windows.length];
                for (categories, to) in categories.iter().zip(windows.to) {
                    let Some(to) = *to else { continue };
                    for (name, rows) in categories {
                        *moved[to].entry(name.clone()).or_default() += rows;
                    }
                }
                MetricSummary::Mix(moved)
            }
        }
    }
}

/// Where each window or bucket goes, and how many there are then.
struct Moves<'m> {
    to: &'m [Option<usize>],
    length: usize,
}

impl Moves<'_> {
    fn moved<T: Clone + Default + for<'a> AddAssign<&'a T>>(&self, values: &[T]) -> Vec<T> {
        let mut moved = vec![T::default(); self.length];
        for (value, to) in values.iter().zip(self.to) {
            if let Some(to) = *to {
                moved[to] += value;
            }
        }
        moved
    }

    /// Every stratum with a row, or all of them as one where the metric has none.
    fn strata<T: Clone + Default + PartialEq + for<'a> AddAssign<&'a T>>(
        &self,
        strata: &Strata<T>,
        has_strata: bool,
    ) -> Strata<T> {
        let mut moved: Strata<T> = Strata::new();
        for (name, values) in strata {
            let values = self.moved(values);
            if values.iter().all(|value| *value == T::default()) {
                continue;
            }
            let name = if has_strata { name.clone() } else { String::new() };
            match moved.get_mut(&name) {
                Some(known) => known.iter_mut().zip(&values).for_each(|(known, more)| *known += more),
                None => {
                    moved.insert(name, values);
                }
            }
        }
        moved
    }
}

/// For each of `from`, the one of `to` that holds it.
fn places(from: &[DayRange], to: &[DayRange]) -> Result<Vec<Option<usize>>> {
    let place = |range: &DayRange| {
        let Some(place) = to.iter().position(|wide| wide.start < range.end && range.start < wide.end) else {
            return Ok(None);
        };
        let wide = to[place];
        if wide.start <= range.start && range.end <= wide.end {
            return Ok(Some(place));
        }
        Err(Error::input("state", format!("it has {range} as one piece, which {wide} cuts through")))
    };
    from.iter().map(place).collect()
}

fn is_empty(metric: &MetricSummary) -> bool {
    match metric {
        MetricSummary::Tally(strata) => strata.is_empty(),
        MetricSummary::Value(value) => {
            value.histograms.is_empty()
                && value.moments.iter().all(|moments| moments.n == 0)
                && value.pending.iter().all(|pending| pending.bins().is_empty())
        }
        MetricSummary::Mix(windows) => windows.iter().all(Categories::is_empty),
    }
}
