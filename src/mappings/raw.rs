//! What a mapping file says, before it is checked.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A mapping file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMapping {
    pub(super) name: String,
    #[serde(default)]
    pub(super) about: String,
    pub(super) time: String,
    pub(super) segments: Vec<String>,
    #[serde(default)]
    pub(super) required: Vec<String>,
    #[serde(default)]
    pub(super) instead: BTreeMap<String, RawInstead>,
    #[serde(default)]
    pub(super) causes: Vec<String>,
    #[serde(rename = "metric", default)]
    pub(super) metrics: Vec<RawMetric>,
}

/// What takes the place of a segment column's missing value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInstead {
    pub(super) column: Option<String>,
    pub(super) value: String,
}

/// One `[[metric]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMetric {
    pub(super) name: String,
    #[serde(default)]
    pub(super) about: String,
    pub(super) kind: RawKind,
    pub(super) among: Option<toml::Value>,
    #[serde(default)]
    pub(super) present: Vec<String>,
    pub(super) hit: Option<toml::Value>,
    pub(super) column: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) decimals: Option<u8>,
    pub(super) strata: Option<String>,
    pub(super) carried_by: Option<String>,
    pub(super) money: Option<String>,
    #[serde(default)]
    pub(super) pending: bool,
}

/// The kinds of metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawKind {
    Rate,
    Volume,
    NullRate,
    Days,
    Amount,
    Mix,
}
