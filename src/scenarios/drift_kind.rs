//! The kinds of drift that a scenario can inject, by the metric that shows them.

use std::collections::BTreeMap;

use driftforge_generators::{EffectSpec, What};

/// The reason code whose weight a drift of the denial reasons multiplies: "medical need was not shown".
const SHIFTED_REASON: &str = "50";

/// One kind of drift: the metric that moves, and what moves it.
#[derive(Debug, Clone, Copy)]
pub struct DriftKind {
    /// The metric, by its name in `schemas/mappings/claims.toml`.
    pub metric: &'static str,
    /// What a size of it means.
    pub unit: &'static str,
    /// The smallest and the largest size that makes sense.
    pub sizes: (f64, f64),
    /// Other metrics of the same segment that move with it. To report one of them is neither right nor wrong.
    pub secondary: &'static [&'static str],
    /// What of the column drifts.
    pub(super) what: What,
    /// The column of the base that drifts.
    pub(super) column: &'static str,
    /// Whether a size says in which direction the metric moves.
    pub(super) directed: bool,
    effect: fn(f64) -> EffectSpec,
}

/// Every kind of drift.
pub const DRIFT_KINDS: &[DriftKind] = &[
    DriftKind {
        metric: "denial_rate",
        unit: "added to the share of denied claims",
        sizes: (-0.5, 0.5),
        // Refusals for want of an authorization become a smaller part of the denials.
        secondary: &["denial_reasons"],
        what: What::Rate,
        column: "review",
        directed: true,
        effect: |size| EffectSpec { points: Some(size), ..NO_EFFECT },
    },
    DriftKind {
        metric: "decision_time",
        unit: "days added to every decision",
        sizes: (-60.0, 60.0),
        // Where decisions and payments are not known yet, fewer recent claims count, and the faster payments.
        secondary: &["volume", "payment_time"],
        what: What::Delay,
        column: "decided_date",
        directed: true,
        effect: |size| EffectSpec { days: Some(size), ..NO_EFFECT },
    },
    DriftKind {
        metric: "allowed_amount",
        unit: "relative change of every amount",
        sizes: (-0.9, 0.9),
        secondary: &["paid_amount"],
        what: What::Amount,
        column: "allowed_amount",
        directed: true,
        effect: |size| EffectSpec { factor: Some(1.0 + size), ..NO_EFFECT },
    },
    DriftKind {
        metric: "payment_time",
        unit: "days added to every payment",
        sizes: (-60.0, 60.0),
        secondary: &[],
        what: What::Delay,
        column: "payment_date",
        directed: true,
        effect: |size| EffectSpec { days: Some(size), ..NO_EFFECT },
    },
    DriftKind {
        metric: "denial_reasons",
        unit: "factor of the weight of one of the reasons",
        sizes: (0.0, 100.0),
        secondary: &[],
        what: What::Mix,
        column: "review_reason",
        directed: false,
        effect: |size| EffectSpec {
            weights: Some(BTreeMap::from([(SHIFTED_REASON.to_owned(), size)])),
            ..NO_EFFECT
        },
    },
    DriftKind {
        metric: "authorization_failure_rate",
        unit: "added to the share refused for want of an authorization, where one is required",
        sizes: (-0.5, 0.9),
        // Every refusal is a denial, and has one of two reasons.
        secondary: &["denial_rate", "denial_reasons"],
        what: What::Rate,
        column: "authorization_lacking",
        directed: true,
        effect: |size| EffectSpec { points: Some(size), ..NO_EFFECT },
    },
];

const NO_EFFECT: EffectSpec =
    EffectSpec { points: None, odds: None, factor: None, days: None, weights: None };

impl DriftKind {
    /// The kind that shows in a metric.
    #[must_use]
    pub fn of_metric(metric: &str) -> Option<&'static Self> {
        DRIFT_KINDS.iter().find(|kind| kind.metric == metric)
    }

    /// The effect on the column.
    pub(super) fn effect(&self, size: f64) -> EffectSpec {
        (self.effect)(size)
    }
}
