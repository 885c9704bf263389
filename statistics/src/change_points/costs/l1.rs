//! Absolute deviations from the median.

use super::{Cost, pairwise_sum, running_sums};
use crate::change_points::Numbers;

/// The sum of absolute deviations from the segment's median, as `CostL1` of ruptures.
///
/// The values' ranks are kept in a wavelet matrix (Claude, Navarro, Ordóñez, The wavelet matrix, Information Systems
/// 47 (2015) 15-32), with sums beside its counts: the sum of the k least values of any segment takes as many steps as
/// the length has binary digits.
#[derive(Debug, Clone)]
pub struct L1 {
    values: Vec<f64>,
    sums: Vec<f64>,
    /// From the ranks' highest binary digit to the lowest.
    levels: Vec<Level>,
    sorted: Vec<f64>,
}

/// The values in an order in which all higher digits of their ranks are sorted, and what is known of the next digit.
#[derive(Debug, Clone)]
struct Level {
    /// How many of the first 0, 1, 2, … values have the digit 0.
    zeros: Vec<usize>,
    /// The sum of those.
    zero_sums: Vec<f64>,
}

impl Level {
    fn new(ranks: &[usize], digit: u32, sorted: &[f64]) -> Self {
        let is_zero = |rank: usize| rank >> digit & 1 == 0;
        let mut zeros = vec![0];
        let mut count = 0;
        zeros.extend(ranks.iter().map(|&rank| {
            count += usize::from(is_zero(rank));
            count
        }));
        let zero_sums =
            running_sums(ranks.iter().map(|&rank| if is_zero(rank) { sorted[rank] } else { 0.0 }));
        Self { zeros, zero_sums }
    }
}

impl L1 {
    /// Prepares the cost of a series.
    #[must_use]
    pub fn new(series: &Numbers) -> Self {
        let length = series.values().len();
        let mut places: Vec<usize> = (0..length).collect();
        places.sort_by(|&one, &other| series.values()[one].total_cmp(&series.values()[other]));
        // About the median of the series, sums stay small and lose little.
        let origin = series.values()[places[length / 2]];
        let sorted: Vec<f64> = places.iter().map(|&place| series.values()[place] - origin).collect();
        let mut ranks = vec![0; length];
        places.iter().enumerate().for_each(|(rank, &place)| ranks[place] = rank);
        let sums = running_sums(ranks.iter().map(|&rank| sorted[rank]));
        let digits = usize::BITS - (length - 1).leading_zeros();
        let mut levels = Vec::new();
        for digit in (0..digits).rev() {
            levels.push(Level::new(&ranks, digit, &sorted));
            // Stable, so that segments stay segments.
            ranks.sort_by_key(|rank| rank >> digit & 1);
        }
        Self { values: series.values().to_vec(), sums, levels, sorted }
    }

    /// The sum of the `number` least values of a segment, and the least of the others.
    fn least(&self, mut start: usize, mut end: usize, mut number: usize) -> (f64, f64) {
        let (mut sum, mut rank) = (0.0, 0);
        for level in &self.levels {
            let (zeros_before, zeros_up_to) = (level.zeros[start], level.zeros[end]);
            let zeros = zeros_up_to - zeros_before;
            rank *= 2;
            if number < zeros {
                (start, end) = (zeros_before, zeros_up_to);
            } else {
                sum += level.zero_sums[end] - level.zero_sums[start];
                number -= zeros;
                let all_zeros = level.zeros[level.zeros.len() - 1];
                (start, end) = (all_zeros + start - zeros_before, all_zeros + end - zeros_up_to);
                rank += 1;
            }
        }
        (sum, self.sorted[rank])
    }
}

impl Cost for L1 {
    fn length(&self) -> usize {
        self.sums.len() - 1
    }

    fn least_length(&self) -> usize {
        2
    }

    #[inline]
    fn of(&self, start: usize, end: usize) -> f64 {
        let length = end - start;
        let (lower, middle) = self.least(start, end, length / 2);
        let middle = if length.is_multiple_of(2) { 0.0 } else { middle };
        let total = self.sums[end] - self.sums[start];
        (total - 2.0 * lower - middle).max(0.0)
    }

    fn as_summed(&self, start: usize, end: usize) -> f64 {
        let mut deviations = self.values[start..end].to_vec();
        let middle = deviations.len() / 2;
        let is_odd = !deviations.len().is_multiple_of(2);
        let (below, &mut upper, _) = deviations.select_nth_unstable_by(middle, f64::total_cmp);
        let lower = if is_odd { upper } else { below.iter().copied().fold(f64::MIN, f64::max) };
        let median = f64::midpoint(lower, upper);
        deviations.clear();
        deviations.extend(self.values[start..end].iter().map(|value| (value - median).abs()));
        pairwise_sum(&deviations)
    }
}
