//! How often there is an alarm about nothing.

use super::delay::delay;
use super::detection::recall;
use super::matching::Matching;

/// Days of a month, on average over the Gregorian calendar's 400 years.
const MONTH_DAYS: f64 = 30.436_875;

/// False alarms per 1,000 months of one segment, all of its metrics together. `None` where nothing was watched.
#[must_use]
pub fn false_alarms_per_1000_segment_months(matching: &Matching) -> Option<f64> {
    let months = segment_days(matching)? / MONTH_DAYS;
    Some(1_000.0 * matching.false_alarms() as f64 / months)
}

/// The mean time between false alarms (MTFA of Bifet 2017, "Classifier concept drift detection and the illusion of
/// progress"), in days of one segment. `None` without false alarms, and where nothing was watched.
#[must_use]
pub fn mean_days_between_false_alarms(matching: &Matching) -> Option<f64> {
    let days = segment_days(matching)?;
    (matching.false_alarms() > 0).then(|| days / matching.false_alarms() as f64)
}

/// The mean time ratio of Bifet 2017, (MTFA / MTD) (1 − MDR): how much rarer false alarms are than the delay is long, held
/// against the drifts that are missed. `None` where one of them is, and where every delay is 0.
#[must_use]
pub fn mean_time_ratio(matching: &Matching) -> Option<f64> {
    let delay_days = delay(matching).map(|delay| delay.mean_days).filter(|days| *days > 0.0)?;
    Some(mean_days_between_false_alarms(matching)? / delay_days * recall(matching)?)
}

/// Days of one segment in all that was watched.
fn segment_days(matching: &Matching) -> Option<f64> {
    let exposure = matching.exposure;
    let days = exposure.segments as f64 * exposure.days as f64;
    (days > 0.0).then_some(days)
}
