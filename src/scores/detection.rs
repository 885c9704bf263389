//! Precision, recall and F1.

use super::matching::Matching;

/// The share of the alarms about something that are about a drift; each drift counts once. `None` without any.
#[must_use]
pub fn precision(matching: &Matching) -> Option<f64> {
    share(matching.found_count(), matching.found_count() + matching.false_alarms())
}

/// The share of the drifts that an alarm is about. `None` without drifts.
#[must_use]
pub fn recall(matching: &Matching) -> Option<f64> {
    share(matching.found_count(), matching.drifts.len() as u64)
}

/// The harmonic mean of precision and recall, as 2 TP / (2 TP + FP + FN): 0 for who never raises an alarm. `None` without
/// drifts: where there is nothing to find, only false alarms tell detectors apart.
#[must_use]
pub fn f1(matching: &Matching) -> Option<f64> {
    let twice_found = 2 * matching.found_count();
    let missed = matching.drifts.len() as u64 - matching.found_count();
    let all = twice_found + matching.false_alarms() + missed;
    if matching.drifts.is_empty() { None } else { share(twice_found, all) }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
