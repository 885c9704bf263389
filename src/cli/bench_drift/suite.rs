//! `bench-drift --suite`.

use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;

use super::super::{interrupt, terminal, values};
use super::Args;
use crate::detectors::{self, Detector, Settings};
use crate::reports;
use crate::scenarios::{SCENARIOS, Scenario};
use crate::suites::{QualitySuite, series_board};
use crate::{Error, Result, whole_file};

/// The rule of the origin, which every board has.
const ORIGIN: &str = "threshold";

/// Who is compared unless others are named.
///
/// The verdict is the last: it takes most memory, which stays with the process.
const USUAL: [&str; 8] =
    ["tests", "kolmogorov-smirnov", "psi", "adwin", "page-hinkley", "ddm", "pelt", "driftforge"];

/// Runs the suite called `name`.
pub(super) fn run(name: &str, args: &Args) -> Result<()> {
    if let Some(path) = &args.out {
        whole_file::check_destination(path)?;
    }
    if name == "tcpd" { tcpd(args) } else { quality(args) }
}

fn quality(args: &Args) -> Result<()> {
    let report = reports::leaderboard_report(&args.format)
        .ok_or_else(|| Error::option("format", &args.format, "there is no such report of a suite"))?;
    let settings = Settings::default();
    let suite = QualitySuite {
        scenarios: scenarios(&args.scenario)?,
        seeds: (1..=u64::from(args.seeds)).collect(),
        detectors: named(&args.detector, &settings)?,
        settings,
        threads: values::threads(args.threads)?,
        has_oracle: true,
    };
    let stop = interrupt::on_interrupt()?;
    let quiet = args.quiet;
    let mut tell = |line: &str| {
        if !quiet {
            // A reader that is gone must not end a measurement.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    };
    let board = suite.run(&mut tell, stop)?;
    if let Some(path) = &args.out {
        whole_file::write(path, |out| {
            serde_json::to_writer_pretty(&mut *out, &board)?;
            writeln!(out)
        })?;
    }
    terminal::print(|out| report.render(&board, terminal::color(), out))
}

fn tcpd(args: &Args) -> Result<()> {
    let [folder] = args.input.as_slice() else {
        let folders: Vec<String> =
            args.input.iter().map(|path: &PathBuf| path.display().to_string()).collect();
        let problem = "the suite tcpd reads one folder with annotations.json and the series";
        return Err(Error::option("input", folders.join(" "), problem));
    };
    let board = series_board(folder)?;
    let json = |out: &mut dyn Write| {
        serde_json::to_writer_pretty(&mut *out, &board)?;
        writeln!(out)
    };
    if let Some(path) = &args.out {
        whole_file::write(path, json)?;
    }
    if args.format == "json" { terminal::print(json) } else { terminal::print(|out| board.write_table(out)) }
}

fn scenarios(names: &[String]) -> Result<Vec<Scenario>> {
    if names.is_empty() {
        return SCENARIOS.iter().map(|entry| Scenario::built_in(entry.name)).collect();
    }
    names.iter().map(|name| Scenario::built_in(name)).collect()
}

/// The rule of the origin and the detectors named, each once.
fn named(names: &[String], settings: &Settings) -> Result<Vec<Box<dyn Detector>>> {
    let usual: Vec<String> = USUAL.iter().map(|&name| name.to_owned()).collect();
    let wanted = if names.is_empty() { &usual } else { names };
    let mut seen = HashSet::new();
    let all = std::iter::once(ORIGIN).chain(wanted.iter().map(String::as_str));
    all.filter(|name| seen.insert(*name)).map(|name| detectors::detector(name, settings)).collect()
}
