//! The most important first.

use std::cmp::Ordering;

use super::{Finding, Reported};

/// The events in the order of severity times confidence, then of money at stake, then of their segments, so that the
/// order is the same in every run.
#[must_use]
pub fn rank(mut reported: Vec<Reported>) -> Vec<Finding> {
    reported.sort_by(compare);
    let numbered = (1..).zip(reported);
    numbered
        .map(|(rank, Reported { detector, event })| Finding { rank, detector, event, causes: Vec::new() })
        .collect()
}

fn compare(left: &Reported, right: &Reported) -> Ordering {
    let weight = |reported: &Reported| reported.event.severity * reported.event.confidence;
    let money = |reported: &Reported| reported.event.evidence.impact_dollars.map_or(0.0, f64::abs);
    let (a, b) = (&left.event, &right.event);
    weight(right)
        .total_cmp(&weight(left))
        .then_with(|| money(right).total_cmp(&money(left)))
        .then_with(|| a.segment.cmp(&b.segment))
        .then_with(|| a.drift_type.cmp(&b.drift_type))
        .then_with(|| left.detector.cmp(&right.detector))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::{DriftEvent, SegmentName};
    use crate::summaries::{Day, WindowPair};

    fn reported(payer: &str, severity: f64, confidence: f64) -> Reported {
        let windows = WindowPair::before(Day(20_000), 90, 14).unwrap();
        let segment = SegmentName(vec![("payer".into(), payer.into())]);
        let event = DriftEvent { severity, confidence, ..DriftEvent::new(segment, "X".into(), windows) };
        Reported { detector: "d".into(), event }
    }

    #[test]
    fn the_gravest_and_surest_come_first_and_ties_go_by_name() {
        let events = vec![
            reported("c", 0.5, 0.5),
            reported("b", 1.0, 0.2),
            reported("a", 0.5, 0.5),
            reported("d", 1.0, 1.0),
        ];
        let ranked = rank(events);
        let names: Vec<&str> =
            ranked.iter().map(|finding| finding.event.segment.value("payer").unwrap()).collect();
        assert_eq!(names, ["d", "a", "c", "b"]);
        assert_eq!(ranked.iter().map(|finding| finding.rank).collect::<Vec<_>>(), [1, 2, 3, 4]);
    }
}
