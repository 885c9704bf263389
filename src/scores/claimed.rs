//! What a detector claims, in the terms of the scores.

use crate::detectors::DriftEvent;
use crate::scenarios::Direction;
use crate::summaries::Day;

/// A detector's claim that one metric of one segment drifts.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// Column → value; a segment may name fewer columns than the drifts do.
    pub segment: Vec<(String, String)>,
    /// The metric, by the name that the drifts have.
    pub metric: String,
    /// The day of the alarm; `None` where a detector looks once and gives no time.
    pub day: Option<Day>,
    /// What the detector ranks its claims by, larger for the surer: a confidence, or −log10 of a p-value.
    pub score: f64,
    /// Where the metric moves, where the detector says so.
    pub direction: Option<Direction>,
    /// Whether the detector reports it. What it only ranks counts for the average precision alone.
    pub is_alarm: bool,
}

/// The least p-value whose logarithm is taken; 0 stands for what is smaller than any number.
const LEAST_P_VALUE: f64 = f64::MIN_POSITIVE;

impl From<&DriftEvent> for Claimed {
    /// An event is raised on the last day of its current window. It is ranked by its p-value where it has one, else by
    /// severity times confidence.
    fn from(event: &DriftEvent) -> Self {
        let score = match event.evidence.p_value {
            Some(p_value) => -p_value.max(LEAST_P_VALUE).log10(),
            None => event.severity * event.confidence,
        };
        Self {
            segment: event.segment.0.clone(),
            metric: event.drift_type.to_ascii_lowercase(),
            day: event.current_end.checked_add(-1),
            score,
            // A change without values before and after has a size and no direction.
            direction: event.current_value.and(Direction::of(event.delta_value)),
            is_alarm: true,
        }
    }
}
