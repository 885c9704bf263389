//! What is summarised.

use std::sync::Arc;

use super::grid::Grid;
use crate::mappings::Mapping;

/// Which parts of a value metric are kept; counts always are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    /// Distributions per stratum and window: days as they are, amounts by their [`super::log_code`].
    pub histograms: bool,
    /// Counts, sums and sums of squares per bucket.
    pub moments: bool,
    /// Of metrics whose days may be still running: since when.
    pub pending: bool,
}

impl Keep {
    /// Everything.
    pub const ALL: Self = Self { histograms: true, moments: true, pending: true };
}

/// What a detector needs summarised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The metrics and the columns that they are made of.
    pub mapping: Arc<Mapping>,
    /// The days.
    pub grid: Grid,
    /// What is kept of value metrics.
    pub keep: Keep,
}
