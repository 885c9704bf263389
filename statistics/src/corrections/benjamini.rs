//! Control of the false discovery rate.

use super::smallest_from_the_right;

/// p·k/rank for k p-values, made monotone from the largest down. `sorted` rises.
pub(super) fn hochberg(sorted: &[f64]) -> Vec<f64> {
    scaled(sorted, 1.0)
}

/// The same times 1 + 1/2 + … + 1/k.
pub(super) fn yekutieli(sorted: &[f64]) -> Vec<f64> {
    scaled(sorted, (1..=sorted.len()).rev().map(|rank| 1.0 / rank as f64).sum())
}

fn scaled(sorted: &[f64], factor: f64) -> Vec<f64> {
    let count = sorted.len() as f64 * factor;
    let mut adjusted: Vec<f64> = (1..).zip(sorted).map(|(rank, p)| p * (count / f64::from(rank))).collect();
    smallest_from_the_right(&mut adjusted);
    adjusted
}
