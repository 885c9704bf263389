//! What was typed.

use std::path::PathBuf;

use clap::Parser;

use super::super::generation::GenerationArgs;
use super::super::values::{AsOf, count};
use crate::measure::Grade;
use crate::reports::{LEADERBOARD_REPORTS, REPORTS};

/// Measures drift detection: claims per second, peak memory, events found, and a grade.
///
/// Without `--input` it makes the claims itself, with drift that it knows, and says which of it was found.
/// One warm-up run, then the runs that count; making the claims is outside the clock.
#[derive(Debug, Clone, Parser)]
#[command(name = "bench-drift", version, max_term_width = 100, allow_negative_numbers = true)]
pub struct Args {
    /// Runs that count.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) runs: u32,

    /// Claims to make: one size or several, such as 10K,100K,1M; each is a case of its own.
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', default_value = "1000000", value_parser = count)]
    pub(super) records: Vec<u64>,

    /// Files or folders to read instead: Parquet, CSV, JSON Lines or Arrow; patterns in quotes, and addresses such as
    /// `s3://bucket/claims`.
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with_all = ["records", "in_memory", "seed", "customer"])]
    pub(super) input: Vec<PathBuf>,

    /// Keep the claims that it makes in memory instead of writing them as Parquet.
    #[arg(long)]
    pub(super) in_memory: bool,

    #[command(flatten)]
    pub(super) generation: GenerationArgs,

    /// Leave the drift out of the claims that it makes: every event is then a false alarm.
    #[arg(long, conflicts_with = "input")]
    pub(super) no_drift: bool,

    /// The day that the current window ends before: a date, or `today`; the dataset's end otherwise.
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<AsOf>,

    /// Days of the window that the current one is compared with.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub(super) baseline_days: u32,

    /// Days of the current window.
    #[arg(long, value_name = "DAYS", default_value_t = 14)]
    pub(super) current_days: u32,

    #[command(flatten)]
    pub(super) threshold: ThresholdArgs,

    /// Threads; one for each core otherwise.
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,

    /// How the record is printed.
    #[arg(long, value_name = "FORMAT", default_value = REPORTS[0].name, value_parser = report_names())]
    pub(super) format: String,

    /// Save the record as JSON in this file, after each case.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// End with exit code 3 when a case is graded lower: excellent, good, acceptable, needs-optimization.
    #[arg(long, value_name = "GRADE")]
    pub(super) min_grade: Option<Grade>,

    /// Run a suite instead: `quality` holds detectors against scenarios whose drift is known, `tcpd` methods of change
    /// points against the annotated series in the folder of `--input`.
    #[arg(long, value_name = "SUITE", value_parser = suite_names(), conflicts_with_all = ["records", "in_memory", "no_drift", "min_grade", "as_of"])]
    pub(super) suite: Option<String>,

    /// Scenarios of the suite; all of them otherwise.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', requires = "suite")]
    pub(super) scenario: Vec<String>,

    /// Seeds that each scenario is run under: 1 to this.
    #[arg(long, value_name = "N", default_value_t = 5, requires = "suite", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) seeds: u32,

    /// Who judges: one detector, `threshold` otherwise; of a suite several, beside the rule of the origin and who never
    /// alarms.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(super) detector: Vec<String>,

    /// List detectors, engines, sources and reports, and do nothing else.
    #[arg(long)]
    pub(super) list: bool,

    /// No progress and no warnings on standard error.
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// The constants of the threshold rule.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct ThresholdArgs {
    /// Claims that a segment needs in each window.
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(super) min_volume: u64,

    /// Change of the denial rate that is drift.
    #[arg(long, value_name = "RATE", default_value_t = 0.05)]
    pub(super) rate_threshold: f64,

    /// Change of the median decision time, in days, that is drift.
    #[arg(long, value_name = "DAYS", default_value_t = 3.0)]
    pub(super) days_threshold: f64,

    /// Change of either, relative to the baseline, that is drift.
    #[arg(long, value_name = "RATIO", default_value_t = 0.5)]
    pub(super) relative_threshold: f64,

    /// Severity of a denial rate event: its change times this, at most 1.
    #[arg(long, value_name = "FACTOR", default_value_t = 2.0)]
    pub(super) rate_severity_factor: f64,

    /// Severity of a decision time event: its change in days over this, at most 1.
    #[arg(long, value_name = "DAYS", default_value_t = 10.0)]
    pub(super) days_severity_scale: f64,

    /// Confidence of an event: claims over `--min-volume` times this, at most 1.
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub(super) confidence_factor: u64,
}

fn suite_names() -> clap::builder::PossibleValuesParser {
    let value =
        |entry: &crate::suites::SuiteEntry| clap::builder::PossibleValue::new(entry.name).help(entry.about);
    crate::suites::SUITES.iter().map(value).collect::<Vec<_>>().into()
}

/// The forms of a record, and those of a suite's leaderboard that it has not.
fn report_names() -> clap::builder::PossibleValuesParser {
    let of_record = REPORTS.iter().map(|entry| (entry.name, entry.about));
    let of_suite = LEADERBOARD_REPORTS.iter().map(|entry| (entry.name, entry.about));
    let mut values: Vec<clap::builder::PossibleValue> = Vec::new();
    for (name, about) in of_record.chain(of_suite) {
        if values.iter().all(|known| known.get_name() != name) {
            values.push(clap::builder::PossibleValue::new(name).help(about));
        }
    }
    values.into()
}
