//! Squared deviations from the mean.

use super::{Cost, pairwise_sum, running_sums};
use crate::change_points::Numbers;

/// The sum of squared deviations from the segment's mean, as `CostL2` of ruptures.
///
/// From sums of the values and their squares about a whole number near the mean of the series: series of whole
/// numbers have exact sums. The error is a few roundings of the sum of squares of the series.
#[derive(Debug, Clone)]
pub struct L2 {
    values: Vec<f64>,
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl L2 {
    /// Prepares the cost of a series.
    #[must_use]
    pub fn new(series: &Numbers) -> Self {
        let values = series.values();
        let origin = (values.iter().sum::<f64>() / values.len() as f64).round();
        let deviations = values.iter().map(|value| value - origin);
        Self {
            values: values.to_vec(),
            sums: running_sums(deviations.clone()),
            squares: running_sums(deviations.map(|deviation| deviation * deviation)),
        }
    }
}

impl Cost for L2 {
    fn length(&self) -> usize {
        self.sums.len() - 1
    }

    fn least_length(&self) -> usize {
        1
    }

    #[inline]
    fn of(&self, start: usize, end: usize) -> f64 {
        let sum = self.sums[end] - self.sums[start];
        let squares = self.squares[end] - self.squares[start];
        (squares - sum * sum / (end - start) as f64).max(0.0)
    }

    fn as_summed(&self, start: usize, end: usize) -> f64 {
        let length = (end - start) as f64;
        let mean = pairwise_sum(&self.values[start..end]) / length;
        let deviations = self.values[start..end].iter().map(|value| value - mean);
        let squares: Vec<f64> = deviations.map(|deviation| deviation * deviation).collect();
        pairwise_sum(&squares) / length * length
    }
}
