//! A drift that a detector is asked to find.

use std::collections::BTreeMap;

use driftforge_generators::{DriftTruth, EffectSpec};
use serde::{Deserialize, Serialize};

use crate::summaries::Day;

/// The shape whose strength is the share of the rows that drift in full.
const GRADUAL: &str = "gradual";

/// Whether a metric rises or falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// It rises.
    Up,
    /// It falls.
    Down,
}

impl Direction {
    /// The direction of a change; `None` for none, and for what is no number.
    #[must_use]
    pub fn of(change: f64) -> Option<Self> {
        match change.partial_cmp(&0.0) {
            Some(std::cmp::Ordering::Greater) => Some(Self::Up),
            Some(std::cmp::Ordering::Less) => Some(Self::Down),
            _ => None,
        }
    }
}

/// One metric of one part of the data that drifts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InjectedDrift {
    /// The drift's id in the truth of the plan.
    pub id: String,
    /// The metric that moves.
    pub metric: String,
    /// The rows that drift: column → values; a column that is not named may have any.
    pub segment: BTreeMap<String, Vec<String>>,
    /// First day of the drift.
    pub start: Day,
    /// The day after the drift.
    pub end: Day,
    /// Where the metric moves; `None` where it has no order, as a mix has none.
    pub direction: Option<Direction>,
    /// The size of the full drift, in the unit of its kind.
    pub size: f64,
    /// The full effect on the metric.
    pub effect: EffectSpec,
    /// The strength (0–1) on each day from `start` to `end`.
    pub strengths: Vec<f64>,
    /// Whether the strength is the share of the rows that show the full effect, and not the part of it that all show.
    pub mixes_rows: bool,
    /// Other metrics of the same rows that move with it.
    pub secondary: Vec<String>,
}

impl InjectedDrift {
    /// A drift of a plan's truth as a drift of a metric. `direction` and `size` are those of the metric, and so is
    /// `effect`; time and strength are the truth's.
    #[must_use]
    pub fn of_truth(
        told: &DriftTruth,
        metric: &str,
        direction: Option<Direction>,
        (size, effect): (f64, EffectSpec),
    ) -> Self {
        Self {
            id: told.id.clone(),
            metric: metric.to_owned(),
            segment: told.segment.clone(),
            start: told.start.into(),
            end: told.end.into(),
            direction,
            size,
            effect,
            strengths: told.strengths.clone(),
            mixes_rows: told.shape.get("kind").and_then(|kind| kind.as_str()) == Some(GRADUAL),
            secondary: Vec::new(),
        }
    }

    /// Whether every row of a segment drifts. `segment` pairs columns with the segment's values.
    pub fn covers<'a>(&self, segment: impl IntoIterator<Item = (&'a str, &'a str)> + Clone) -> bool {
        self.segment.iter().all(|(column, values)| {
            let mut named = segment.clone().into_iter().filter(|(name, _)| name == column);
            named.any(|(_, value)| values.iter().any(|known| known == value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_covers_segments_within_its_own() {
        let drift = |pairs: &[(&str, &[&str])]| InjectedDrift {
            id: "d".to_owned(),
            metric: "m".to_owned(),
            segment: pairs
                .iter()
                .map(|(column, values)| {
                    ((*column).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
                })
                .collect(),
            start: Day(0),
            end: Day(1),
            direction: None,
            size: 1.0,
            effect: EffectSpec { points: Some(1.0), odds: None, factor: None, days: None, weights: None },
            strengths: vec![1.0],
            mixes_rows: false,
            secondary: Vec::new(),
        };
        let segment = [("payer", "A"), ("cpt_group", "X")];
        assert!(drift(&[]).covers(segment));
        assert!(drift(&[("payer", &["B", "A"])]).covers(segment));
        assert!(!drift(&[("payer", &["B"])]).covers(segment));
        // A segment of payers alone is only partly within a drift of one group.
        assert!(!drift(&[("payer", &["A"]), ("cpt_group", &["X"])]).covers([("payer", "A")]));
    }

    #[test]
    fn only_a_change_has_a_direction() {
        assert_eq!(
            [0.5, -2.0, 0.0, f64::NAN].map(Direction::of),
            [Some(Direction::Up), Some(Direction::Down), None, None]
        );
    }
}
