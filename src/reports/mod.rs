//! Reports: a [`Record`], findings or a leaderboard printed for people or programs. [`REPORTS`], [`FINDING_REPORTS`] and
//! [`LEADERBOARD_REPORTS`] list the forms there are.

use std::io::{self, Write};

use crate::measure::Record;

mod comparison;
mod findings;
mod json;
mod leaderboard;
pub mod numbers;
mod paint;
mod table;

pub use findings::{FINDING_REPORTS, FindingEntry, FindingReport, finding_report};
pub use json::Json;
pub use leaderboard::{LEADERBOARD_REPORTS, LeaderboardEntry, leaderboard_report};
pub use table::{Table, run_line};

/// A form of a whole record.
pub trait Report {
    /// Prints `record` to `out`.
    ///
    /// # Errors
    /// Whatever `out` refuses; a closed pipe is the caller's to judge.
    fn render(&self, record: &Record, out: &mut dyn Write) -> io::Result<()>;
}

/// How a report may look; a form for programs has no look and ignores it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Colour, as ANSI escape sequences: for a terminal whose user has not set `NO_COLOR`.
    pub color: bool,
    /// A line for each run, for when they were not printed live.
    pub run_lines: bool,
}

/// One form that can be asked for by name.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The name, as options take it.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// Makes it.
    pub build: fn(Look) -> Box<dyn Report>,
}

/// Every form, the default first.
pub const REPORTS: &[Entry] = &[
    Entry {
        name: "table",
        about: "for people: a block for each dataset, and a comparison of several",
        build: |look| Box::new(Table::new(look)),
    },
    Entry {
        name: "json",
        about: "for programs: the whole record as one JSON document",
        build: |_| Box::new(Json),
    },
];

/// The form called `name`, if there is one.
#[must_use]
pub fn report(name: &str, look: Look) -> Option<Box<dyn Report>> {
    REPORTS.iter().find(|entry| entry.name == name).map(|entry| (entry.build)(look))
}

#[cfg(test)]
mod example;
