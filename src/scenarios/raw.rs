//! What a scenario's TOML says, as typed: nothing here is checked beyond its shape.

use serde::Deserialize;

/// A scenario as written. [`super::Scenario`] is its checked form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScenario {
    pub(super) name: String,
    /// One sentence for lists and documents.
    pub(super) about: String,
    /// Claims in all.
    pub(super) records: u64,
    pub(super) segments: RawSegments,
    /// The drift to find; none when absent.
    pub(super) drift: Option<RawDrift>,
    /// In place of the base's calendar.
    pub(super) calendar: Option<toml::Table>,
    /// Changes that are no drift: entries of `[[drift]]` in a dataset's spec.
    #[serde(default)]
    pub(super) nuisance: Vec<toml::Table>,
    /// Faults: entries of `[[dirt]]` in a dataset's spec.
    #[serde(default)]
    pub(super) dirt: Vec<toml::Table>,
}

/// How many segments there are, and how large.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSegments {
    pub(super) payers: usize,
    pub(super) groups: usize,
    /// CPT codes of each group.
    pub(super) codes_per_group: usize,
    /// The exponents of Zipf's law: 0 makes all alike.
    pub(super) payer_zipf: f64,
    pub(super) group_zipf: f64,
}

/// The drift to find.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDrift {
    /// How each develops: a shape of the generators with its keys.
    pub(super) shape: toml::Table,
    /// Earliest and latest first day, relative to `as_of`.
    pub(super) start_days: [i32; 2],
    /// How long each lasts; until `as_of` when absent.
    pub(super) length_days: Option<u32>,
    pub(super) kinds: Vec<RawKind>,
}

/// Drifts of one kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawKind {
    pub(super) metric: String,
    /// In the unit of the kind.
    pub(super) sizes: Vec<f64>,
    /// How many there are of each size.
    pub(super) counts: Vec<usize>,
}
