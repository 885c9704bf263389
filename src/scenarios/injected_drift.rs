//! A drift that a detector is asked to find.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::summaries::Day;

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
    /// Other metrics of the same rows that move with it.
    pub secondary: Vec<String>,
}

impl InjectedDrift {
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
