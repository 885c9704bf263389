//! What is said of one metric of one segment.

/// The verdict on a panel: a cell for each metric and segment, all segments of the first metric first.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The cells.
    pub cells: Vec<Cell>,
}

impl Verdict {
    /// The cells that have drifted, surest first.
    #[must_use]
    pub fn drifts(&self) -> Vec<&Cell> {
        let mut drifts: Vec<&Cell> =
            self.cells.iter().filter(|cell| cell.outcome == Outcome::Drift).collect();
        drifts.sort_by(|one, other| {
            let sure = one.local_fdr.total_cmp(&other.local_fdr);
            sure.then((one.metric, one.segment).cmp(&(other.metric, other.segment)))
        });
        drifts
    }
}

/// One metric of one segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The metric, by its place in the panel.
    pub metric: usize,
    /// The segment, by its place in the panel.
    pub segment: usize,
    /// What is concluded.
    pub outcome: Outcome,
    /// The probability that nothing changed, given the data of the whole panel: the local false-discovery rate
    /// (Efron 2004). 1 − it is the confidence.
    pub local_fdr: f64,
    /// The expected share of false reports if this cell and all surer ones of the panel are reported.
    pub q: f64,
    /// The change, if there is one; `None` where nothing speaks for one.
    pub change: Option<Change>,
    /// The smallest change of the metric that the cell would show with the power asked for, in the unit of
    /// [`Change::effect`]; `None` where none would show.
    pub smallest_detectable: Option<f64>,
    /// Rows of the metric before the days that are searched.
    pub rows_before: u64,
    /// Rows of the metric in the current window.
    pub rows_current: u64,
}

/// The conclusion about a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has changed, by enough to matter.
    Drift,
    /// No change that matters was found.
    NoDrift,
    /// None was found, but one of the smallest size that matters might not have been.
    NotEnoughData,
}

/// How a metric changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// What was expected of the current window's rows, by stratum: a rate, a median of days, a median code, a category's
    /// share, rows per day.
    pub before: f64,
    /// What is there instead, in the same unit.
    pub after: f64,
    /// The size of the full change: a difference of rates, shares or days, or, of codes and volumes, a share of what was
    /// before. The mean over what is possible, given the data of the whole panel.
    pub effect: f64,
    /// The most likely first day of the change.
    pub first_day: usize,
    /// Of a mix, the category that changed most.
    pub category: Option<u32>,
    /// How far the change reaches.
    pub extent: Extent,
}

/// Whether a segment changed alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The segment alone, or with no more than a few others.
    Segment,
    /// More than half of the segments with the same value of this segment column changed the same way.
    Column(usize),
}
