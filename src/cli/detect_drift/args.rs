//! What was typed.

use std::path::PathBuf;

use clap::Parser;
use driftforge_statistics::corrections::Correction;

use super::super::values::AsOf;
use crate::detectors::DEFAULT;
use crate::engines::ENGINES;
use crate::reports::FINDING_REPORTS;

/// Finds drift in a table: what changed between a baseline and the current window, where, by how much, since when,
/// and what carries it.
///
/// Without `--mapping` the table is one of claims with the columns that `datagen` gives them.
#[derive(Debug, Clone, Parser)]
#[command(name = "detect-drift", version, max_term_width = 100, allow_negative_numbers = true)]
pub struct Args {
    /// Files or folders, the parts of one dataset: Parquet, CSV, JSON Lines or Arrow; patterns in quotes, and addresses such
    /// as `s3://bucket/claims`; or a `postgres://` URL, with `--table`.
    #[arg(value_name = "PATH", required_unless_present_any = ["list_detectors", "load_state"])]
    pub(super) paths: Vec<PathBuf>,

    /// Compare with this dataset instead of earlier days of the same one.
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with_all = ["load_state", "save_state", "sweep"])]
    pub(super) reference: Vec<PathBuf>,

    /// The table of the database that is read.
    #[arg(long, value_name = "TABLE")]
    pub(super) table: Option<String>,

    /// Who adds the rows up; every engine gives the same.
    #[arg(long, value_name = "ENGINE", default_value = ENGINES[0].about.name, value_parser = engine_names())]
    pub(super) engine: String,

    /// Let every engine that can read the input add up what the first detector needs, check that all give the same,
    /// and print what each took; nothing is judged.
    #[arg(long, conflicts_with_all = ["reference", "load_state", "save_state", "sweep"])]
    pub(super) compare_engines: bool,

    /// The day that the current window ends before: a date, or `today`; the dataset's end otherwise.
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<AsOf>,

    /// Days of the window that the current one is compared with.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub(super) baseline_days: u32,

    /// Days of the current window.
    #[arg(long, value_name = "DAYS", default_value_t = 14)]
    pub(super) current_days: u32,

    /// Which columns are the time, the segments and the metrics: a built-in name or a TOML file.
    #[arg(long, value_name = "NAME|FILE", default_value = crate::mappings::BUILT_IN[0].name)]
    pub(super) mapping: String,

    /// Who judges; several may be named.
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = DEFAULT)]
    pub(super) detector: Vec<String>,

    /// A parameter of the detector.
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub(super) set: Vec<(String, String)>,

    /// How p-values are corrected for the number of tests.
    #[arg(long, value_name = "NAME", default_value_t = Correction::default().name().to_owned())]
    pub(super) correction: String,

    /// The share of false alarms that is accepted, above 0 and below 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.05)]
    pub(super) alpha: f64,

    /// The smallest change that is worth an event; the detector's own otherwise.
    #[arg(long, value_name = "SIZE")]
    pub(super) min_effect: Option<f64>,

    /// Rows that a segment needs in each window; the detector's own otherwise.
    #[arg(long, value_name = "N")]
    pub(super) min_volume: Option<u64>,

    /// Findings that are explained and printed; JSON and CSV have all of them.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(super) top: usize,

    /// How the findings are printed.
    #[arg(long, value_name = "FORMAT", default_value = FINDING_REPORTS[0].name, value_parser = report_names())]
    pub(super) format: String,

    /// Write them to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// Store the run and its events in the tables `report_run` and `drift_event` of this database, in one transaction;
    /// without a URL, the one in DATABASE_URL.
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "")]
    pub(super) to: Option<String>,

    /// The schema that the tables are in: the one that is read, and those of `--to`.
    #[arg(long, value_name = "SCHEMA", default_value = "public")]
    pub(super) schema: String,

    /// End with exit code 3 when there is a finding.
    #[arg(long, value_name = "WHAT", value_parser = ["drift"])]
    pub(super) fail_on: Option<String>,

    /// Judge every week of the dataset as if it were the latest.
    #[arg(long, value_name = "STEP", value_parser = ["weekly"], conflicts_with = "load_state")]
    pub(super) sweep: Option<String>,

    /// Print for each segment and metric the smallest drift that could have been found, and the days that the
    /// smallest one worth an event would take.
    #[arg(long)]
    pub(super) power: bool,

    /// Add the days of this state, so that only later ones are read; several states of parts are added up.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(super) load_state: Vec<PathBuf>,

    /// Save the days that were read or loaded, for the next run.
    #[arg(long, value_name = "FILE")]
    pub(super) save_state: Option<PathBuf>,

    /// Threads; one for each core otherwise.
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,

    /// List the detectors with their data, parameters and references, and do nothing else.
    #[arg(long)]
    pub(super) list_detectors: bool,

    /// No warnings on standard error.
    #[arg(long, short)]
    pub(super) quiet: bool,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("NAME=VALUE is needed".to_owned()),
    }
}

fn engine_names() -> clap::builder::PossibleValuesParser {
    let value = |entry: &crate::engines::EngineEntry| {
        clap::builder::PossibleValue::new(entry.about.name).help(entry.about.about)
    };
    ENGINES.iter().map(value).collect::<Vec<_>>().into()
}

fn report_names() -> clap::builder::PossibleValuesParser {
    let value = |entry: &crate::reports::FindingEntry| {
        clap::builder::PossibleValue::new(entry.name).help(entry.about)
    };
    FINDING_REPORTS.iter().map(value).collect::<Vec<_>>().into()
}
