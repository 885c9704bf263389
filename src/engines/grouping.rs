//! What engines that group rows by themselves are asked, and how their answers become summaries.
//!
//! A plan is a few [`Question`]s, each a grouping of the complete rows of the grid's span. An engine puts them in
//! its own language and hands each group to [`Answers`].

use std::collections::BTreeMap;

use super::native::too_many_segments;
use crate::Result;
use crate::mappings::Measure;
use crate::summaries::{
    DayRange, Histogram, MAX_SEGMENTS, Moments, Plan, Segment, SegmentSummary, Summaries, Tally,
};

/// A grouping of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question<'p> {
    /// Counts and sums of each segment, stratum and bucket; a null stratum is the empty text.
    Sums {
        /// The column of the strata.
        strata: Option<&'p str>,
        /// What is counted and summed.
        of: Vec<Sum>,
    },
    /// The rows of each number, of each segment, stratum and window: days, or log codes of an amount.
    Numbers {
        /// The metric's place.
        metric: usize,
        /// The column of the strata.
        strata: Option<&'p str>,
    },
    /// The rows of each segment and window whose days have begun and not ended, by the day on which they began: those
    /// that the metric looks at or, as far as nulls leave it open, may look at once the days have ended.
    Pending {
        /// The metric's place.
        metric: usize,
    },
    /// The rows of each category but null, of each segment and window.
    Categories {
        /// The metric's place.
        metric: usize,
        /// The column of the categories.
        column: &'p str,
    },
}

/// What is counted or summed of the rows among a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum {
    /// The metric's place.
    pub(super) metric: usize,
    /// What of it.
    pub(super) kind: SumKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SumKind {
    /// Rows, and hits among them.
    Tally,
    /// n, Σx and Σx² of the numbers.
    Moments,
}

/// The questions of a plan.
pub(super) fn questions(plan: &Plan) -> Vec<Question<'_>> {
    let mut sums: BTreeMap<Option<&str>, Vec<Sum>> = BTreeMap::new();
    let mut others = Vec::new();
    for (metric, about) in plan.mapping.metrics().iter().enumerate() {
        let strata = about.strata.as_deref();
        match &about.measure {
            Measure::Rate { .. } | Measure::Volume | Measure::NullRate { .. } => {
                sums.entry(strata).or_default().push(Sum { metric, kind: SumKind::Tally });
            }
            Measure::Mix { column } => others.push(Question::Categories { metric, column }),
            Measure::Days { .. } | Measure::Amount { .. } => {
                if plan.keep.moments {
                    sums.entry(None).or_default().push(Sum { metric, kind: SumKind::Moments });
                }
                if plan.keep.histograms {
                    others.push(Question::Numbers { metric, strata });
                }
                if plan.keep.pending && about.has_pending {
                    others.push(Question::Pending { metric });
                }
            }
        }
    }
    sums.into_iter().map(|(strata, of)| Question::Sums { strata, of }).chain(others).collect()
}

/// The days at which ranges start or end, and which range begins at each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edges {
    /// Ascending, each once.
    pub(super) days: Vec<i32>,
    ranges: Vec<Option<usize>>,
}

impl Edges {
    /// The edges of ascending ranges that do not overlap.
    pub(super) fn of(ranges: &[DayRange]) -> Self {
        let mut days: Vec<i32> = ranges.iter().flat_map(|range| [range.start.0, range.end.0]).collect();
        days.sort_unstable();
        days.dedup();
        let beginning =
            |day: &i32| ranges.iter().position(|range| range.start.0 == *day && range.end.0 > *day);
        let ranges = days.iter().map(beginning).collect();
        Self { days, ranges }
    }

    /// The range of the days behind the first `passed` edges, up to the next.
    pub(super) fn range_behind(&self, passed: usize) -> Option<usize> {
        self.ranges.get(passed.checked_sub(1)?).copied().flatten()
    }
}

/// Which distribution: segment, metric, stratum and window.
type Distribution = (Segment, usize, String, usize);

/// Summaries in the making.
pub(super) struct Answers {
    made: Summaries,
    buckets: usize,
    windows: usize,
    numbers: BTreeMap<Distribution, Vec<(i64, u64)>>,
    pending: BTreeMap<(Segment, usize, usize), Vec<(i64, u64)>>,
}

impl Answers {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            made: Summaries::empty(plan.clone()),
            buckets: plan.grid.buckets().len(),
            windows: plan.grid.windows().len(),
            numbers: BTreeMap::new(),
            pending: BTreeMap::new(),
        }
    }

    /// Counts complete rows of a window.
    pub(super) fn add_rows(&mut self, window: usize, rows: u64) {
        self.made.add_rows(window, rows);
    }

    /// Counts rows that were left out because of a null.
    pub(super) fn add_null_rows(&mut self, rows: u64) {
        self.made.add_null_rows(rows);
    }

    /// Adds one group's answer to one sum.
    ///
    /// # Errors
    /// Too many segments.
    pub(super) fn add_tally(&mut self, at: &At, metric: usize, tally: Tally) -> Result<()> {
        if tally.trials > 0 {
            let buckets = self.buckets;
            self.segment(at.segment)?.tallies_mut(metric, at.stratum, buckets)[at.range] += tally;
        }
        Ok(())
    }

    /// Adds one group's moments.
    ///
    /// # Errors
    /// Too many segments.
    pub(super) fn add_moments(&mut self, at: &At, metric: usize, moments: Moments) -> Result<()> {
        if moments.n > 0 {
            self.segment(at.segment)?.value_mut(metric).moments[at.range] += moments;
        }
        Ok(())
    }

    /// Adds the rows of a number.
    pub(super) fn add_number(&mut self, at: &At, metric: usize, number: i64, rows: u64) {
        let key = (at.segment.clone(), metric, at.stratum.to_owned(), at.range);
        self.numbers.entry(key).or_default().push((number, rows));
    }

    /// Adds the rows of a window that are pending since a day.
    pub(super) fn add_pending(&mut self, at: &At, metric: usize, since: i64, rows: u64) {
        self.pending.entry((at.segment.clone(), metric, at.range)).or_default().push((since, rows));
    }

    /// Adds the rows of a category in a window.
    ///
    /// # Errors
    /// Too many segments.
    pub(super) fn add_category(&mut self, at: &At, metric: usize, category: &str, rows: u64) -> Result<()> {
        let categories = self.segment(at.segment)?.categories_mut(metric, at.range);
        *categories.entry(category.to_owned()).or_default() += rows;
        Ok(())
    }

    /// The summaries.
    ///
    /// # Errors
    /// Too many segments.
    pub(super) fn finish(mut self) -> Result<Summaries> {
        let windows = self.windows;
        for ((segment, metric, stratum, window), counts) in std::mem::take(&mut self.numbers) {
            let summary = self.segment(&segment)?;
            summary.histograms_mut(metric, &stratum, windows)[window] = Histogram::from_counts(counts);
        }
        for ((segment, metric, window), counts) in std::mem::take(&mut self.pending) {
            let summary = self.segment(&segment)?;
            summary.value_mut(metric).pending[window] = Histogram::from_counts(counts);
        }
        Ok(self.made)
    }

    fn segment(&mut self, segment: &Segment) -> Result<&mut SegmentSummary> {
        if self.made.segments().len() >= MAX_SEGMENTS && !self.made.segments().contains_key(segment) {
            return Err(too_many_segments(segment));
        }
        Ok(self.made.segment_mut(segment))
    }
}

/// Where a group stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'g> {
    pub(super) segment: &'g Segment,
    pub(super) stratum: &'g str,
    /// Its bucket, or its window.
    pub(super) range: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summaries::Day;

    #[test]
    fn edges_tell_ranges_and_gaps_apart() {
        let range = |start, end| DayRange { start: Day(start), end: Day(end) };
        let ranges = [range(3, 5), range(5, 6), range(9, 12), range(12, 12)];
        let edges = Edges::of(&ranges);
        assert_eq!(edges.days, [3, 5, 6, 9, 12]);
        for day in 0..20 {
            let expected = ranges.iter().position(|range| range.contains(Day(day)));
            let passed = edges.days.iter().filter(|&&edge| edge <= day).count();
            assert_eq!(edges.range_behind(passed), expected, "{day}");
        }
    }

    #[test]
    fn what_shares_strata_is_asked_together() {
        let mapping = crate::sources::tests::claims::mapping();
        let grid = crate::summaries::Grid::of_ranges(vec![DayRange { start: Day(0), end: Day(9) }]);
        let plan = Plan { mapping, grid, keep: crate::summaries::Keep::ALL };
        let questions = questions(&plan);
        let sums = |strata: Option<&str>| {
            questions.iter().find_map(|question| match question {
                Question::Sums { strata: of, of: sums } if *of == strata => Some(sums.len()),
                _ => None,
            })
        };
        // Without: days, amounts, volume and two null rates; by reason: the denial rate.
        assert_eq!((sums(None), sums(Some("reason"))), (Some(5), Some(1)));
        assert_eq!(questions.len(), 6, "and days, amounts, reasons and what is pending: {questions:?}");
    }
}
