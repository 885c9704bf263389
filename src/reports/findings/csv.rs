//! Findings as comma-separated values (RFC 4180).

use std::io::{self, Write};

use super::FindingReport;
use crate::findings::{Finding, Findings};

/// A record for each finding, a header before them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Csv;

const COLUMNS: [&str; 17] = [
    "rank",
    "detector",
    "drift_type",
    "baseline_value",
    "current_value",
    "delta_value",
    "severity",
    "confidence",
    "p_value",
    "q_value",
    "baseline_n",
    "current_n",
    "baseline_start",
    "current_start",
    "current_end",
    "first_day",
    "impact_dollars",
];

impl FindingReport for Csv {
    fn render(&self, found: &Findings, out: &mut dyn Write) -> io::Result<()> {
        let mut header: Vec<String> = COLUMNS.iter().map(|name| (*name).to_owned()).collect();
        header.push("segment".to_owned());
        write_record(out, &header)?;
        found.findings.iter().try_for_each(|finding| write_record(out, &record(finding)))
    }
}

fn record(finding: &Finding) -> Vec<String> {
    let event = &finding.event;
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let evidence = &event.evidence;
    vec![
        finding.rank.to_string(),
        finding.detector.clone(),
        event.drift_type.clone(),
        number(event.baseline_value),
        number(event.current_value),
        event.delta_value.to_string(),
        event.severity.to_string(),
        event.confidence.to_string(),
        number(evidence.p_value),
        number(evidence.q_value),
        event.baseline_n.to_string(),
        event.current_n.to_string(),
        event.baseline_start.to_string(),
        event.current_start.to_string(),
        event.current_end.to_string(),
        evidence.first_day.map(|day| day.to_string()).unwrap_or_default(),
        number(evidence.impact_dollars),
        event
            .segment
            .0
            .iter()
            .map(|(column, value)| format!("{column}={value}"))
            .collect::<Vec<_>>()
            .join(";"),
    ]
}

fn write_record(out: &mut dyn Write, fields: &[String]) -> io::Result<()> {
    for (index, field) in fields.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        if field.contains([',', '"', '\n', '\r']) {
            write!(out, "{comma}\"{}\"", field.replace('"', "\"\""))?;
        } else {
            write!(out, "{comma}{field}")?;
        }
    }
    out.write_all(b"\r\n")
}
