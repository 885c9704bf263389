//! The mean of the values so far.

/// A running mean by the update of West (1979), which is the one river uses: exact alarms depend on its rounding.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct RunningMean {
    /// The number of values.
    pub(super) count: f64,
    /// Their mean, 0 before the first.
    pub(super) mean: f64,
}

impl RunningMean {
    #[inline]
    pub(super) fn update(&mut self, value: f64) {
        self.count += 1.0;
        self.mean += (1.0 / self.count) * (value - self.mean);
    }
}
