//! The numbers of a finding, as people read them.

use crate::findings::{Cause, Finding};

/// A value of a metric: rates in percent, everything else with two decimals at the most.
pub(super) fn value(drift_type: &str, value: f64) -> String {
    if is_rate(drift_type) { format!("{:.1} %", value * 100.0) } else { plain(value) }
}

/// A change of a metric: of rates in percentage points.
pub(super) fn change(drift_type: &str, change: f64) -> String {
    if is_rate(drift_type) { format!("{:+.1} pp", change * 100.0) } else { format!("{change:+.2}") }
}

/// The size of a change that has no direction.
pub(super) fn size(drift_type: &str, size: f64) -> String {
    if is_rate(drift_type) { format!("{:.1} pp", size * 100.0) } else { plain(size) }
}

fn is_rate(drift_type: &str) -> bool {
    ["RATE", "MISSING", "REASONS", "MIX"].iter().any(|end| drift_type.ends_with(end))
}

fn plain(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// From what to what.
pub(super) fn before_after(finding: &Finding) -> String {
    let event = &finding.event;
    match (event.baseline_value, event.current_value) {
        (Some(before), Some(after)) => {
            format!("{} → {}", value(&event.drift_type, before), value(&event.drift_type, after))
        }
        _ => "–".to_owned(),
    }
}

/// Dollars without cents.
pub(super) fn dollars(amount: f64) -> String {
    let sign = if amount < 0.0 { "-" } else { "" };
    format!("{sign}${}", crate::reports::numbers::grouped(amount.abs().round() as u64))
}

/// A probability with two significant digits.
pub(super) fn probability(p: f64) -> String {
    if p >= 0.001 || p == 0.0 { format!("{p:.3}") } else { format!("{p:.1e}") }
}

/// What carries a change, in one line.
pub(super) fn cause(finding: &Finding, cause: &Cause) -> String {
    let drift_type = &finding.event.drift_type;
    let parts: Vec<String> = cause
        .parts
        .iter()
        .map(|part| format!("{} {}", part.value, change(drift_type, part.contribution())))
        .collect();
    let split = if cause.mix_effect == 0.0 {
        String::new()
    } else {
        let (rate, mix) = (change(drift_type, cause.rate_effect), change(drift_type, cause.mix_effect));
        format!(" (within {rate}, by shift of mix {mix})")
    };
    format!("by {}: {}{split}", cause.column, parts.join(", "))
}
