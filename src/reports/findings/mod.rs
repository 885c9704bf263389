//! Findings printed for people or programs. [`FINDING_REPORTS`] lists the forms there are.

mod csv;
mod github;
mod json;
mod markdown;
mod numbers;
mod table;

use std::io::{self, Write};

use super::Look;
use crate::findings::Findings;

/// A form of findings.
pub trait FindingReport {
    /// Prints `found` to `out`.
    ///
    /// # Errors
    /// Whatever `out` refuses; a closed pipe is the caller's to judge.
    fn render(&self, found: &Findings, out: &mut dyn Write) -> io::Result<()>;
}

/// One form that can be asked for by name.
#[derive(Debug, Clone, Copy)]
pub struct FindingEntry {
    /// The name, as options take it.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// Makes it, for at most so many findings where it is for people.
    pub build: fn(Look, usize) -> Box<dyn FindingReport>,
}

/// Every form, the default first.
pub const FINDING_REPORTS: &[FindingEntry] = &[
    FindingEntry {
        name: "table",
        about: "for people: a line for each finding, and what carries it",
        build: |look, top| Box::new(table::Table { look, top }),
    },
    FindingEntry {
        name: "json",
        about: "for programs: everything as one JSON document",
        build: |_, _| Box::new(json::Json),
    },
    FindingEntry {
        name: "csv",
        about: "for spreadsheets: a record for each finding",
        build: |_, _| Box::new(csv::Csv),
    },
    FindingEntry {
        name: "markdown",
        about: "for a page: a table with the findings",
        build: |_, top| Box::new(markdown::Markdown { top }),
    },
    FindingEntry {
        name: "github",
        about: "for GitHub Actions: an annotation for each finding",
        build: |_, top| Box::new(github::GitHub { top }),
    },
];

/// The form called `name`, if there is one.
#[must_use]
pub fn finding_report(name: &str, look: Look, top: usize) -> Option<Box<dyn FindingReport>> {
    FINDING_REPORTS.iter().find(|entry| entry.name == name).map(|entry| (entry.build)(look, top))
}

#[cfg(test)]
mod tests;
