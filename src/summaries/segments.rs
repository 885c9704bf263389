//! Summaries of all segments.

use std::collections::BTreeMap;

use super::grid::Grid;
use super::histogram::DelayHistogram;
use super::outcome::{Outcome, OutcomeCounts};

/// The most segments a dataset may have. Beyond it a column is most likely not what it was taken for
/// (an id instead of a payer), and every segment costs kilobytes.
pub const MAX_SEGMENTS: usize = 65_536;

/// What claims are grouped by. Ordered by payer, then by CPT group, both by their UTF-8 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment {
    /// The payer's name.
    pub payer: String,
    /// The group of procedure codes.
    pub cpt_group: String,
}

/// One segment in one window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowSummary {
    /// Decision days per outcome, in the order of [`Outcome::ALL`].
    pub delays: [DelayHistogram; 3],
}

impl WindowSummary {
    /// Claims by outcome.
    #[must_use]
    pub fn counts(&self) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        for outcome in Outcome::ALL {
            counts.add(outcome, self.delays[outcome.index()].count());
        }
        counts
    }

    /// Decision days of paid and denied claims together.
    #[must_use]
    pub fn decided_delays(&self) -> DelayHistogram {
        self.delays[Outcome::Paid.index()].merged(&self.delays[Outcome::Denied.index()])
    }
}

/// One segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentSummary {
    /// One entry per window of the grid.
    pub windows: Vec<WindowSummary>,
    /// One entry per bucket of the grid.
    pub buckets: Vec<OutcomeCounts>,
}

impl SegmentSummary {
    /// A segment without claims.
    #[must_use]
    pub fn empty(grid: &Grid) -> Self {
        Self {
            windows: vec![WindowSummary::default(); grid.windows().len()],
            buckets: vec![OutcomeCounts::default(); grid.buckets().len()],
        }
    }

    /// Adds the claims of `other`, which was made for the same grid.
    pub fn merge(&mut self, other: &Self) {
        for (window, more) in self.windows.iter_mut().zip(&other.windows) {
            for (delays, more) in window.delays.iter_mut().zip(&more.delays) {
                *delays = delays.merged(more);
            }
        }
        for (bucket, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *bucket += *more;
        }
    }
}

/// All segments with at least one claim in a window or bucket of the grid, and what was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summaries {
    grid: Grid,
    segments: BTreeMap<Segment, SegmentSummary>,
    null_rows: u64,
}

impl Summaries {
    /// No claims yet.
    #[must_use]
    pub fn empty(grid: Grid) -> Self {
        Self { grid, segments: BTreeMap::new(), null_rows: 0 }
    }

    /// The grid the claims were sorted into.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The segments, sorted.
    #[must_use]
    pub fn segments(&self) -> &BTreeMap<Segment, SegmentSummary> {
        &self.segments
    }

    /// Rows left out because of a null: in the submitted date, or, for rows submitted within the grid's
    /// span, in another needed column.
    #[must_use]
    pub fn null_rows(&self) -> u64 {
        self.null_rows
    }

    /// Claims in the windows, whatever their outcome.
    #[must_use]
    pub fn claims_in_windows(&self) -> u64 {
        self.segments
            .values()
            .flat_map(|segment| &segment.windows)
            .map(|window| window.counts().total())
            .sum()
    }

    /// The summary of `segment`, made if it is new.
    pub fn segment_mut(&mut self, segment: Segment) -> &mut SegmentSummary {
        self.segments.entry(segment).or_insert_with(|| SegmentSummary::empty(&self.grid))
    }

    /// Counts rows left out because of a null.
    pub fn add_null_rows(&mut self, rows: u64) {
        self.null_rows += rows;
    }

    /// Adds the claims of `other`.
    ///
    /// # Panics
    /// When the two were made for different grids: that is a bug of the caller.
    pub fn merge(&mut self, other: Self) {
        assert_eq!(self.grid, other.grid, "summaries of different grids cannot be merged");
        self.null_rows += other.null_rows;
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
