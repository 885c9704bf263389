//! Findings as Markdown.

use std::io::{self, Write};

use super::{FindingReport, numbers};
use crate::findings::Findings;

/// A table of the first findings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Markdown {
    pub(super) top: usize,
}

impl FindingReport for Markdown {
    fn render(&self, found: &Findings, out: &mut dyn Write) -> io::Result<()> {
        let dataset = &found.dataset;
        writeln!(out, "## Drift as of {}\n", dataset.as_of)?;
        if found.findings.is_empty() {
            return writeln!(out, "No drift found.");
        }
        writeln!(out, "| # | segment | drift | before → after | change | severity | q | since | money |")?;
        writeln!(out, "|---:|---|---|---|---:|---:|---:|---|---:|")?;
        for finding in found.findings.iter().take(self.top) {
            let event = &finding.event;
            let optional = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {:.2} | {} | {} | {} |",
                finding.rank,
                escaped(&event.segment.to_string()),
                event.drift_type,
                numbers::before_after(finding),
                numbers::change(&event.drift_type, event.delta_value),
                event.severity,
                optional(event.evidence.q_value.map(numbers::probability)),
                optional(event.evidence.first_day.map(|day| day.to_string())),
                optional(event.evidence.impact_dollars.map(numbers::dollars)),
            )?;
        }
        let left = found.findings.len().saturating_sub(self.top);
        if left > 0 { writeln!(out, "\nand {left} more") } else { Ok(()) }
    }
}

/// Text that cannot end a cell.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ")
}
