//! A leaderboard printed for people or programs. [`LEADERBOARD_REPORTS`] lists the forms there are.

use std::io::{self, Write};

use super::numbers::{counted, grouped, megabytes, rate};
use super::paint::{Meaning, Paint};
use crate::scores::{Leaderboard, OverSeeds, Row, ScenarioBoard};

/// What stands where nothing is known.
const UNKNOWN: &str = "-";

/// Prints a leaderboard.
type Render = fn(&Leaderboard, bool, &mut dyn Write) -> io::Result<()>;

/// One form that can be asked for by name.
#[derive(Debug, Clone, Copy)]
pub struct LeaderboardEntry {
    /// The name, as options take it.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    render: Render,
}

/// Every form, the default first.
pub const LEADERBOARD_REPORTS: &[LeaderboardEntry] = &[
    LeaderboardEntry {
        name: "table",
        about: "for people: a block for each scenario, the best detector first",
        render: table,
    },
    LeaderboardEntry {
        name: "markdown",
        about: "for a page: a table for each scenario",
        render: |board, _, out| markdown(board, out),
    },
    LeaderboardEntry {
        name: "json",
        about: "for programs: the whole leaderboard as one JSON document",
        render: |board, _, out| json(board, out),
    },
];

impl LeaderboardEntry {
    /// Prints `board` to `out`; `color` is for a terminal, and ignored by forms without a look.
    ///
    /// # Errors
    /// Whatever `out` refuses; a closed pipe is the caller's to judge.
    pub fn render(&self, board: &Leaderboard, color: bool, out: &mut dyn Write) -> io::Result<()> {
        (self.render)(board, color, out)
    }
}

/// The form called `name`, if there is one.
#[must_use]
pub fn leaderboard_report(name: &str) -> Option<&'static LeaderboardEntry> {
    LEADERBOARD_REPORTS.iter().find(|entry| entry.name == name)
}

/// A column of the tables: its title, and what stands in a row.
struct Column {
    title: &'static str,
    cell: fn(&ScenarioBoard, &Row) -> String,
}

const COLUMNS: [Column; 11] = [
    Column { title: "detector", cell: |_, row| row.detector.clone() },
    Column { title: "F1 (95 %)", cell: |_, row| with_interval(row.scores.get("f1").copied().flatten()) },
    Column { title: "of oracle", cell: |board, row| optional(board.part_of_oracle(row), percent) },
    Column { title: "precision", cell: |_, row| mean(row, "precision", 3) },
    Column { title: "recall", cell: |_, row| mean(row, "recall", 3) },
    Column { title: "AP", cell: |_, row| mean(row, "average_precision", 3) },
    Column { title: "delay d", cell: |_, row| mean(row, "delay_median_days", 1) },
    Column { title: "FA/1000 sm", cell: |_, row| mean(row, "false_alarms_per_1000_segment_months", 1) },
    Column { title: "claims/s", cell: |_, row| optional(row.claims_per_second, rate) },
    Column {
        title: "peak MB",
        cell: |_, row| optional(row.peak_rss_bytes.map(|bytes| bytes as f64), megabytes),
    },
    Column { title: "null level", cell: |_, row| level(row) },
];

fn optional(number: Option<f64>, text: impl Fn(f64) -> String) -> String {
    number.map_or_else(|| UNKNOWN.to_owned(), text)
}

fn percent(part: f64) -> String {
    format!("{:.0} %", 100.0 * part)
}

fn mean(row: &Row, score: &str, decimals: usize) -> String {
    optional(row.mean(score), |mean| format!("{mean:.decimals$}"))
}

fn with_interval(score: Option<OverSeeds>) -> String {
    let Some(score) = score else { return UNKNOWN.to_owned() };
    match score.interval_95 {
        Some(interval) => format!("{:.3} ±{:.3}", score.mean, (interval.high - interval.low) / 2.0),
        None => format!("{:.3}", score.mean),
    }
}

/// The alarm rate without drift, beside what is stated, in words where it is missed.
fn level(row: &Row) -> String {
    let Some((level, rate)) = row.null_level.and_then(|level| Some((level, level.rate()?))) else {
        return UNKNOWN.to_owned();
    };
    let verdict = match row.at_stated_level {
        Some(true) => "kept",
        Some(false) => "MISSED",
        None => "not known",
    };
    format!("{rate:.4} of {} {verdict}", level.stated)
}

fn table(board: &Leaderboard, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint { color };
    let (tool, machine) = (&board.tool, &board.machine);
    let commit = tool.git_commit.as_deref().map_or_else(String::new, |commit| format!(" ({commit})"));
    writeln!(out, "{} {}{commit}  {}", tool.name, tool.version, board.started_at)?;
    writeln!(
        out,
        "{} {}, {}, {}",
        machine.os,
        machine.arch,
        counted(board.threads as u64, "thread"),
        counted(board.seeds.len() as u64, "seed")
    )?;
    for scenario in &board.scenarios {
        writeln!(out, "\n{}", paint.paint(Meaning::Heading, heading(scenario)))?;
        let ranked = scenario.ranked();
        let cells: Vec<[String; 11]> = ranked.iter().map(|row| cells(scenario, row)).collect();
        let widths: Vec<usize> =
            COLUMNS.iter().enumerate().map(|(index, column)| width(column, index, &cells)).collect();
        let titles = COLUMNS.each_ref().map(|column| column.title.to_owned());
        writeln!(out, "{}", paint.paint(Meaning::Aside, line(&titles, &widths)))?;
        for (row, cells) in ranked.iter().zip(&cells) {
            let text = line(cells, &widths);
            let missed = row.at_stated_level == Some(false);
            writeln!(out, "{}", if missed { paint.paint(Meaning::Bad, text) } else { text })?;
        }
    }
    Ok(())
}

fn heading(scenario: &ScenarioBoard) -> String {
    let (records, segments) = (grouped(scenario.records), grouped(scenario.segments));
    format!("{}: {} ({records} claims, {segments} segments)", scenario.scenario, scenario.about)
}

fn cells(scenario: &ScenarioBoard, row: &Row) -> [String; 11] {
    COLUMNS.each_ref().map(|column| (column.cell)(scenario, row))
}

fn width(column: &Column, index: usize, cells: &[[String; 11]]) -> usize {
    let widths = cells.iter().map(|cells| cells[index].chars().count());
    widths.fold(column.title.chars().count(), usize::max)
}

/// The first column to the left, the others to the right.
fn line(cells: &[String; 11], widths: &[usize]) -> String {
    let padded = cells.iter().zip(widths).enumerate().map(|(index, (text, width))| {
        if index == 0 { format!("{text:<width$}") } else { format!("{text:>width$}") }
    });
    format!("  {}", padded.collect::<Vec<_>>().join("  "))
}

fn markdown(board: &Leaderboard, out: &mut dyn Write) -> io::Result<()> {
    for (index, scenario) in board.scenarios.iter().enumerate() {
        let gap = if index == 0 { "" } else { "\n" };
        writeln!(out, "{gap}### {}\n\n{}.\n", scenario.scenario, escaped(&heading(scenario)))?;
        writeln!(out, "| {} |", COLUMNS.each_ref().map(|column| column.title).join(" | "))?;
        writeln!(out, "|---|{}", "---:|".repeat(COLUMNS.len() - 1))?;
        for row in scenario.ranked() {
            writeln!(out, "| {} |", cells(scenario, row).map(|cell| escaped(&cell)).join(" | "))?;
        }
    }
    Ok(())
}

/// Text that cannot end a cell.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn json(board: &Leaderboard, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, board)?;
    writeln!(out)
}

#[cfg(test)]
mod tests;
