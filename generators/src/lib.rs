//! Spec → plan → record batches and truth: generation as a pure function of (seed, dataset, column, row).

/// A dataset spec that cannot be planned.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SpecError(String);
