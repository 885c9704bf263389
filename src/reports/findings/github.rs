//! Findings as annotations of GitHub Actions.
//!
//! Workflow commands: `::warning title=…::message`, with `%`, line ends, and in properties `:` and `,` as percent
//! escapes (GitHub documentation, "Workflow commands for GitHub Actions").

use std::io::{self, Write};

use super::{FindingReport, numbers};
use crate::findings::Findings;

/// An annotation for each of the first findings.
#[derive(Debug, Clone, Copy)]
pub(super) struct GitHub {
    pub(super) top: usize,
}

/// From this severity on a finding is an error.
const GRAVE: f64 = 0.7;

impl FindingReport for GitHub {
    fn render(&self, found: &Findings, out: &mut dyn Write) -> io::Result<()> {
        for finding in found.findings.iter().take(self.top) {
            let event = &finding.event;
            let level = if event.severity >= GRAVE { "error" } else { "warning" };
            let title = property(&format!("{} {}", event.drift_type, event.segment));
            let change = numbers::change(&event.drift_type, event.delta_value);
            let mut message = format!("{} ({change})", numbers::before_after(finding));
            if let Some(cause) = finding.causes.first() {
                message += &format!("; {}", numbers::cause(finding, cause));
            }
            writeln!(out, "::{level} title={title}::{}", data(&message))?;
        }
        let count = crate::reports::numbers::counted(found.findings.len() as u64, "finding");
        writeln!(out, "::notice title=Drift as of {}::{count}", found.dataset.as_of)
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
