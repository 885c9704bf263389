//! Distance from the mean in the space of a radial kernel: any change of the distribution.

use super::Cost;
use crate::change_points::{ChangePointError, Numbers};

/// The longest series: the sums of the kernel over pairs take 8 bytes × length².
const MOST: usize = 4_096;

/// The squared distances from the mean in the space of the kernel exp(-γ (x - y)²), as `CostRbf` of ruptures: γ is one
/// over the median of the squared distances of all pairs, and the exponent is kept within 0.01 to 100.
#[derive(Debug, Clone)]
pub struct Rbf {
    length: usize,
    /// Row r, column c: the sum of the kernel over the first r × the first c values.
    sums: Vec<f64>,
}

impl Rbf {
    /// Prepares the cost of a series.
    ///
    /// # Errors
    /// If the series has more than 4,096 values.
    pub fn new(series: &Numbers) -> Result<Self, ChangePointError> {
        let (values, length) = (series.values(), series.values().len());
        if length > MOST {
            return Err(ChangePointError::TooLong { length, most: MOST });
        }
        let gamma = inverse_median_square(values);
        let kernel = |row: usize, column: usize| {
            if row == column {
                return 1.0;
            }
            let distance = values[row] - values[column];
            libm::exp(-(distance * distance * gamma).clamp(1e-2, 1e2))
        };
        let width = length + 1;
        let mut sums = vec![0.0; width * width];
        for row in 0..length {
            let mut in_row = 0.0;
            for column in 0..length {
                in_row += kernel(row, column);
                sums[(row + 1) * width + column + 1] = sums[row * width + column + 1] + in_row;
            }
        }
        Ok(Self { length, sums })
    }
}

/// One over the median of the squared distances of all pairs, or 1 where that is 0 or there is no pair.
fn inverse_median_square(values: &[f64]) -> f64 {
    let mut squares: Vec<f64> = Vec::with_capacity(values.len() * values.len() / 2);
    for (place, value) in values.iter().enumerate() {
        squares.extend(values[place + 1..].iter().map(|other| (value - other) * (value - other)));
    }
    if squares.is_empty() {
        return 1.0;
    }
    let middle = squares.len() / 2;
    let is_even = squares.len().is_multiple_of(2);
    let (below, &mut upper, _) = squares.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = if is_even { below.iter().copied().fold(f64::MIN, f64::max) } else { upper };
    let median = f64::midpoint(lower, upper);
    if median == 0.0 { 1.0 } else { 1.0 / median }
}

impl Cost for Rbf {
    fn length(&self) -> usize {
        self.length
    }

    fn least_length(&self) -> usize {
        1
    }

    #[inline]
    fn of(&self, start: usize, end: usize) -> f64 {
        let width = self.length + 1;
        let at = |row: usize, column: usize| self.sums[row * width + column];
        let sum = at(end, end) - at(start, end) - at(end, start) + at(start, start);
        let length = (end - start) as f64;
        length - sum / length
    }
}
