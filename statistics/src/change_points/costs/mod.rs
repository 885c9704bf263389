//! What a segment costs: how badly one level, or one distribution, describes it.
//!
//! All costs but `rbf` are prepared once per series and then answer for any segment in constant time, `l1` in
//! logarithmic time. The likelihood costs are twice the log likelihood that is lost, so that one penalty serves all.

mod binomial;
mod l1;
mod l2;
mod normal;
mod poisson;
mod rbf;
mod times_log;

pub use binomial::Binomial;
pub use l1::L1;
pub use l2::L2;
pub use normal::Normal;
pub use poisson::Poisson;
pub use rbf::Rbf;

use std::fmt::Debug;

/// The cost of the segments of one series.
pub trait Cost: Debug {
    /// The length of the series.
    fn length(&self) -> usize;

    /// The shortest segment that the cost is meant for.
    fn least_length(&self) -> usize;

    /// The cost of the values from `start` up to but not with `end`, which must be above `start` and at most
    /// [`Cost::length`].
    fn of(&self, start: usize, end: usize) -> f64;

    /// The same cost, rounded as numpy rounds it in ruptures, where the fast form rounds otherwise. It decides between
    /// cuts that are equal but for rounding, which the absolute deviations of even random numbers often make.
    fn as_summed(&self, start: usize, end: usize) -> f64 {
        self.of(start, end)
    }

    /// The cost of the series cut before each of `changes`, which must ascend.
    fn of_cut(&self, changes: &[usize]) -> f64 {
        let starts = std::iter::once(0).chain(changes.iter().copied());
        let ends = changes.iter().copied().chain([self.length()]);
        starts.zip(ends).map(|(start, end)| self.as_summed(start, end)).sum()
    }
}

/// The sums of the first 0, 1, 2, … items.
fn running_sums(items: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sums = vec![0.0];
    let mut sum = 0.0;
    sums.extend(items.map(|item| {
        sum += item;
        sum
    }));
    sums
}

/// The whole sums of the first 0, 1, 2, … items.
fn running_counts(items: &[u64]) -> Vec<u64> {
    let mut sums = vec![0];
    let mut sum = 0u64;
    sums.extend(items.iter().map(|item| {
        sum = sum.saturating_add(*item);
        sum
    }));
    sums
}

/// The sum in the order of numpy: blocks of up to 128 numbers in eight interleaved sums, halves of what is longer.
fn pairwise_sum(numbers: &[f64]) -> f64 {
    const LANES: usize = 8;
    if numbers.len() > 128 {
        let half = numbers.len() / 2 / LANES * LANES;
        return pairwise_sum(&numbers[..half]) + pairwise_sum(&numbers[half..]);
    }
    let (lanes, rest) = numbers.split_at(numbers.len() / LANES * LANES);
    let mut sums = [0.0; LANES];
    for chunk in lanes.chunks_exact(LANES) {
        sums.iter_mut().zip(chunk).for_each(|(sum, number)| *sum += number);
    }
    let [a, b, c, d, e, f, g, h] = sums;
    rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, number| sum + number)
}
