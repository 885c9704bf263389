//! The simplest control of any false rejection.

/// p·k for k p-values, at most 1.
pub(super) fn bonferroni(sorted: &[f64]) -> Vec<f64> {
    sorted.iter().map(|p| (p * sorted.len() as f64).min(1.0)).collect()
}
