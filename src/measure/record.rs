//! The record of a benchmark: its circumstances and its cases, as JSON.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::case::Case;
use super::grade::Grade;
use super::machine::Machine;
use crate::{Error, Result, whole_file};

/// Version of the record's form; it grows when a field changes its name or meaning.
/// `schemas/report.schema.json` describes this version.
pub const FORMAT_VERSION: u32 = 1;

/// The program that made a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Name of the binary.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The commit it was built from: `DRIFTFORGE_GIT_COMMIT` in the environment of the build.
    pub git_commit: Option<String>,
}

/// What a tool tells about itself to start a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// Name of the binary.
    pub tool: String,
    /// What the items are, in the plural: "claims".
    pub item: String,
    /// Threads that do the work.
    pub threads: usize,
    /// Seed of generated data; `None` when all data was given.
    pub seed: Option<u64>,
    /// Every other option that shaped the runs.
    pub parameters: Map<String, Value>,
}

/// Everything one benchmark found out, and under which circumstances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// [`FORMAT_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// The program.
    pub tool: Tool,
    /// When it started: RFC 3339, UTC, to the second.
    pub started_at: String,
    /// Where it ran.
    pub machine: Machine,
    /// Threads that did the work.
    pub threads: usize,
    /// Seed of generated data; `None` when all data was given.
    pub seed: Option<u64>,
    /// What the items are, in the plural: "claims".
    pub item: String,
    /// Every other option that shaped the runs.
    pub parameters: Map<String, Value>,
    /// One case for each dataset, in the order measured.
    pub cases: Vec<Case>,
}

impl Tool {
    /// This version of the program called `name`.
    #[must_use]
    pub fn this(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            git_commit: option_env!("DRIFTFORGE_GIT_COMMIT").map(str::to_owned),
        }
    }
}

impl Record {
    /// A record without cases, started now on this machine.
    #[must_use]
    pub fn start(context: Context) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            tool: Tool::this(&context.tool),
            started_at: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
            machine: Machine::this(),
            threads: context.threads,
            seed: context.seed,
            item: context.item,
            parameters: context.parameters,
            cases: Vec::new(),
        }
    }

    /// Writes the record as one indented JSON document and a line end.
    ///
    /// # Errors
    /// Whatever `out` refuses.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }

    /// Finds out whether a record can be saved under `path`, before the work whose results it is to keep.
    ///
    /// What is there stays as it is; the unfinished file of [`Record::save`] is created and removed.
    ///
    /// # Errors
    /// Those of [`Record::save`], as far as they show without writing the record, and [`Error::Input`] when the
    /// file that is there is neither empty nor a record: it would be lost.
    pub fn check_destination(path: &Path) -> Result<()> {
        refuse_foreign_content(&whole_file::check_destination(path)?)
    }

    /// Saves the record as JSON under `path`, replacing what was there.
    ///
    /// Under `path` there is a whole record at any time: call it after each case and a crash loses nothing.
    ///
    /// # Errors
    /// [`Error::Input`] when `path` names something other than a regular file, [`Error::Io`] when the system
    /// refuses to create, write or rename; the unfinished file is then removed.
    pub fn save(&self, path: &Path) -> Result<()> {
        whole_file::write(path, |out| self.write_json(out))
    }

    /// The worst grade of the cases; `None` when there is none or one has no grade.
    #[must_use]
    pub fn lowest_grade(&self) -> Option<Grade> {
        self.cases.iter().map(|case| case.grade).min().flatten()
    }

    /// Holds every case against a grade asked for.
    ///
    /// # Errors
    /// [`Error::Gate`] naming the first case that is graded lower or has no grade.
    pub fn require_grade(&self, least: Grade) -> Result<()> {
        let Some(case) = self.cases.iter().find(|case| case.grade < Some(least)) else { return Ok(()) };
        let found = case.grade.map_or("without grade", Grade::name);
        let (records, item) = (case.dataset.records, &self.item);
        Err(Error::Gate(format!(
            "grade missed: {found} at {records} {item}, {least} or better was asked for"
        )))
    }
}

/// Refuses to replace a file that is no record of an earlier run.
fn refuse_foreign_content(path: &Path) -> Result<()> {
    let Ok(file) = File::open(path) else { return Ok(()) };
    let is_empty = file.metadata().is_ok_and(|metadata| metadata.len() == 0);
    if is_empty || serde_json::from_reader::<_, Record>(BufReader::new(file)).is_ok() {
        return Ok(());
    }
    Err(Error::input(path, "the file is there already and is no record: name another file for the record"))
}

#[cfg(test)]
mod tests;
