//! What the run trusts.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use driftforge_generators::{MAX_RECORDS, Run};
use serde_json::{Map, Value};

use super::super::values::{self, AsOf};
use super::Args;
use super::args::ThresholdArgs;
use crate::detectors::{self, Detector, Settings, Threshold, ThresholdOptions};
use crate::mappings::Mapping;
use crate::measure::Grade;
use crate::summaries::{Day, WindowPair};
use crate::{Error, Result};

/// Checked options of `bench-drift`.
pub(super) struct BenchOptions {
    pub(super) runs: u32,
    pub(super) data: Vec<Data>,
    pub(super) as_of: Option<NaiveDate>,
    pub(super) baseline_days: u32,
    pub(super) current_days: u32,
    pub(super) mapping: Arc<Mapping>,
    pub(super) detector: Box<dyn Detector>,
    pub(super) threads: usize,
    pub(super) format: String,
    pub(super) out: Option<PathBuf>,
    pub(super) min_grade: Option<Grade>,
    pub(super) quiet: bool,
    pub(super) seed: Option<u64>,
}

/// The data of one case.
#[derive(Debug, Clone)]
pub(super) enum Data {
    Generated { run: Run, in_memory: bool },
    Input(Vec<PathBuf>),
}

impl BenchOptions {
    pub(super) fn check(args: &Args) -> Result<Self> {
        let as_of = args.as_of.map(AsOf::date);
        // The windows' lengths are wrong or right wherever they end.
        WindowPair::before(Day(0), args.baseline_days, args.current_days)?;
        let options = Self {
            runs: args.runs,
            data: data(args, as_of)?,
            as_of,
            baseline_days: args.baseline_days,
            current_days: args.current_days,
            mapping: Mapping::claims(),
            detector: detector(args)?,
            threads: values::threads(args.threads)?,
            format: args.format.clone(),
            out: args.out.clone(),
            min_grade: args.min_grade,
            quiet: args.quiet,
            seed: args.input.is_empty().then_some(args.generation.seed),
        };
        Ok(options)
    }

    /// Every option that shapes the runs, for the record.
    pub(super) fn parameters(&self) -> Map<String, Value> {
        let mut parameters = Map::new();
        parameters.insert("detector".to_owned(), self.detector.about().name.into());
        parameters.insert("engine".to_owned(), crate::engines::ENGINES[0].about.name.into());
        parameters.insert("as_of".to_owned(), self.as_of.map(|date| date.to_string()).into());
        parameters.insert("baseline_days".to_owned(), self.baseline_days.into());
        parameters.insert("current_days".to_owned(), self.current_days.into());
        parameters.extend(self.detector.parameters());
        parameters
    }
}

fn data(args: &Args, as_of: Option<NaiveDate>) -> Result<Vec<Data>> {
    if !args.input.is_empty() {
        return Ok(vec![Data::Input(args.input.clone())]);
    }
    let generated = |records: &u64| {
        if *records > MAX_RECORDS {
            return Err(Error::option("records", records, format!("at most {MAX_RECORDS} are allowed")));
        }
        let run = Run {
            records: *records,
            seed: args.generation.seed,
            customer: args.generation.customer,
            as_of,
            drift: !args.no_drift,
            dirt: false,
        };
        Ok(Data::Generated { run, in_memory: args.in_memory })
    };
    args.records.iter().map(generated).collect()
}

fn detector(args: &Args) -> Result<Box<dyn Detector>> {
    match args.detector.as_slice() {
        [] => threshold(args.threshold),
        [name] if name == THRESHOLD => threshold(args.threshold),
        [name] => detectors::detector(name, &Settings::default()),
        several => Err(Error::option(
            "detector",
            several.join(","),
            "one detector is measured; --suite takes several",
        )),
    }
}

/// The detector whose constants have options of their own.
const THRESHOLD: &str = "threshold";

fn threshold(typed: ThresholdArgs) -> Result<Box<dyn Detector>> {
    let options = ThresholdOptions {
        min_volume: typed.min_volume,
        rate_threshold: typed.rate_threshold,
        relative_threshold: typed.relative_threshold,
        days_threshold: typed.days_threshold,
        rate_severity_factor: typed.rate_severity_factor,
        days_severity_scale: typed.days_severity_scale,
        confidence_factor: typed.confidence_factor,
    };
    Ok(Box::new(Threshold::new(options)?))
}
