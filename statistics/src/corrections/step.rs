//! Stepwise control of any false rejection: from the smallest p-value up, or from the largest down.

use super::smallest_from_the_right;

/// Holm: p times the number of p-values not below it, made monotone from the smallest up. `sorted` rises.
pub(super) fn holm(sorted: &[f64]) -> Vec<f64> {
    let mut largest = 0.0_f64;
    let step = |p: f64| {
        largest = largest.max(p).min(1.0);
        largest
    };
    remaining(sorted).map(step).collect()
}

/// Hochberg: the same products, made monotone from the largest down.
pub(super) fn hochberg(sorted: &[f64]) -> Vec<f64> {
    let mut adjusted: Vec<f64> = remaining(sorted).collect();
    smallest_from_the_right(&mut adjusted);
    adjusted
}

fn remaining(sorted: &[f64]) -> impl Iterator<Item = f64> + '_ {
    (0..sorted.len()).map(|rank| sorted[rank] * (sorted.len() - rank) as f64)
}
