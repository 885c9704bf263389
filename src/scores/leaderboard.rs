//! Detectors beside each other on scenarios.

use std::collections::BTreeMap;

use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SCORES;
use super::level::NullLevel;
use super::over_seeds::OverSeeds;
use super::power::{Power, pooled};
use super::quality::Quality;
use crate::measure::{Machine, Tool};

/// Version of the form; it grows when a field changes its name or meaning. `schemas/leaderboard.schema.json` describes
/// this version.
pub const LEADERBOARD_VERSION: u32 = 1;

/// The name of who never raises an alarm.
pub const ZERO_BASELINE: &str = "zero";

/// The name of the rule that knows the true parameters: no detector can be expected to do better.
pub const ORACLE: &str = "oracle";

/// What detectors are worth on scenarios, and under which circumstances it was found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaderboard {
    /// [`LEADERBOARD_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// The program.
    pub tool: Tool,
    /// When it started: RFC 3339, UTC, to the second.
    pub started_at: String,
    /// Where it ran.
    pub machine: Machine,
    /// Threads that did the work.
    pub threads: usize,
    /// The seeds that each scenario was run under.
    pub seeds: Vec<u64>,
    /// Every other option that shaped the runs.
    pub parameters: Map<String, Value>,
    /// The scenarios, in the order measured.
    pub scenarios: Vec<ScenarioBoard>,
}

/// The detectors on one scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioBoard {
    /// Its name.
    pub scenario: String,
    /// What it is, in one sentence.
    pub about: String,
    /// Claims under each seed.
    pub records: u64,
    /// Segments.
    pub segments: u64,
    /// The detectors, the zero baseline first and the rule of the origin second.
    pub rows: Vec<Row>,
}

/// One detector on one scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The detector's name.
    pub detector: String,
    /// Drifts to find, over all seeds.
    pub drifts: u64,
    /// Drifts found, over all seeds.
    pub found: u64,
    /// Alarms, over all seeds.
    pub alarms: u64,
    /// Alarms about nothing, over all seeds.
    pub false_alarms: u64,
    /// Every score of [`SCORES`], by its name; `None` where it is defined under no seed.
    pub scores: BTreeMap<String, Option<OverSeeds>>,
    /// What was found of each metric and size, over all seeds.
    pub power: Vec<Power>,
    /// Claims taken in and judged in a second; the median over the seeds.
    pub claims_per_second: Option<f64>,
    /// The most memory that was resident, in bytes.
    pub peak_rss_bytes: Option<u64>,
    /// Alarms where nothing drifts beside the level that the detector states; `None` where something drifts, and where
    /// it states none.
    pub null_level: Option<NullLevel>,
    /// Whether it keeps that level.
    pub at_stated_level: Option<bool>,
}

impl Leaderboard {
    /// A leaderboard without scenarios, started now on this machine.
    #[must_use]
    pub fn start(tool: &str, threads: usize, seeds: Vec<u64>, parameters: Map<String, Value>) -> Self {
        Self {
            format_version: LEADERBOARD_VERSION,
            tool: Tool::this(tool),
            started_at: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
            machine: Machine::this(),
            threads,
            seeds,
            parameters,
            scenarios: Vec::new(),
        }
    }
}

impl ScenarioBoard {
    /// A scenario with the two rows that every one has: who never raises an alarm, and the rule of the origin.
    #[must_use]
    pub fn new(scenario: &str, about: &str, (records, segments): (u64, u64), zero: Row, origin: Row) -> Self {
        Self {
            scenario: scenario.to_owned(),
            about: about.to_owned(),
            records,
            segments,
            rows: vec![zero, origin],
        }
    }

    /// The row of a detector.
    #[must_use]
    pub fn row(&self, detector: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.detector == detector)
    }

    /// The F1 of a row as a part of the oracle's; `None` without an oracle, and where either is undefined.
    #[must_use]
    pub fn part_of_oracle(&self, row: &Row) -> Option<f64> {
        let best = self.row(ORACLE)?.mean("f1").filter(|best| *best > 0.0)?;
        Some(row.mean("f1")? / best)
    }

    /// The rows from the best F1 on; those without one by their false alarms, fewest first. The order of equals stays.
    #[must_use]
    pub fn ranked(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        // Undefined is behind everything that is defined.
        let f1 = |row: &Row| row.mean("f1").unwrap_or(-1.0);
        rows.sort_by(|a, b| f1(b).total_cmp(&f1(a)).then(a.false_alarms.cmp(&b.false_alarms)));
        rows
    }
}

impl Row {
    /// The row of a detector from what it did under each seed.
    #[must_use]
    pub fn of(detector: &str, runs: &[Quality]) -> Self {
        let sum = |count: fn(&Quality) -> u64| runs.iter().map(count).sum();
        let scores = SCORES.iter().map(|score| {
            (score.name.to_owned(), OverSeeds::of(runs.iter().map(|quality| (score.of)(quality))))
        });
        Self {
            detector: detector.to_owned(),
            drifts: sum(|quality| quality.drifts),
            found: sum(|quality| quality.found),
            alarms: sum(|quality| quality.alarms),
            false_alarms: sum(|quality| quality.false_alarms),
            scores: scores.collect(),
            power: pooled(runs.iter().flat_map(|quality| &quality.power)),
            claims_per_second: None,
            peak_rss_bytes: None,
            null_level: None,
            at_stated_level: None,
        }
    }

    /// The same with how fast it was, and how much memory it took.
    #[must_use]
    pub fn measured(self, claims_per_second: Option<f64>, peak_rss_bytes: Option<u64>) -> Self {
        Self { claims_per_second, peak_rss_bytes, ..self }
    }

    /// The same with its alarms where nothing drifts.
    #[must_use]
    pub fn at_level(self, level: NullLevel) -> Self {
        Self { null_level: Some(level), at_stated_level: level.is_kept(), ..self }
    }

    /// The mean of a score over the seeds.
    #[must_use]
    pub fn mean(&self, score: &str) -> Option<f64> {
        self.scores.get(score)?.map(|score| score.mean)
    }
}
