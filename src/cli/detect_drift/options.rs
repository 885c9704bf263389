//! What the run trusts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::values::{self, AsOf};
use super::Args;
use super::input::Input;
use crate::detectors::{self, Detector, Settings};
use crate::mappings::{BUILT_IN, Mapping};
use crate::sinks::postgres::{DatabaseUrl, URL_VARIABLE};
use crate::summaries::{Day, WindowPair};
use crate::{Error, Result};

/// Checked options of `detect-drift`.
pub(super) struct DetectOptions {
    pub(super) input: Option<Input>,
    pub(super) reference: Option<Input>,
    pub(super) engine: String,
    pub(super) as_of: Option<Day>,
    pub(super) baseline_days: u32,
    pub(super) current_days: u32,
    pub(super) mapping: Arc<Mapping>,
    pub(super) detectors: Vec<Box<dyn Detector>>,
    pub(super) settings: Settings,
    pub(super) top: usize,
    pub(super) format: String,
    pub(super) out: Option<PathBuf>,
    /// The database to store the findings in, and the schema.
    pub(super) to: Option<(DatabaseUrl, String)>,
    pub(super) fails_on_drift: bool,
    pub(super) is_sweep: bool,
    pub(super) shows_power: bool,
    pub(super) load_state: Vec<PathBuf>,
    pub(super) save_state: Option<PathBuf>,
    pub(super) threads: usize,
    pub(super) quiet: bool,
}

impl DetectOptions {
    pub(super) fn check(args: &Args) -> Result<Self> {
        // The windows' lengths are wrong or right wherever they end.
        WindowPair::before(Day(0), args.baseline_days, args.current_days)?;
        let settings = settings(args)?;
        let build = |name: &String| detectors::detector(name, &settings);
        let mut seen = std::collections::HashSet::new();
        if let Some(twice) = args.detector.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(Error::option("detector", twice, "it is named twice"));
        }
        Ok(Self {
            input: Input::check(&args.paths, &args.schema, args.table.as_deref())?,
            reference: Input::check(&args.reference, &args.schema, None)?,
            engine: args.engine.clone(),
            as_of: args.as_of.map(|typed| Day::from(AsOf::date(typed))),
            baseline_days: args.baseline_days,
            current_days: args.current_days,
            mapping: mapping(&args.mapping)?,
            detectors: args.detector.iter().map(build).collect::<Result<_>>()?,
            settings: settings.clone(),
            top: args.top,
            format: args.format.clone(),
            out: args.out.clone(),
            to: args.to.as_deref().map(|url| database(url, &args.schema)).transpose()?,
            fails_on_drift: args.fail_on.is_some(),
            is_sweep: args.sweep.is_some(),
            shows_power: args.power,
            load_state: args.load_state.clone(),
            save_state: args.save_state.clone(),
            threads: values::threads(args.threads)?,
            quiet: args.quiet,
        })
    }

    /// The windows that end before `as_of`.
    pub(super) fn windows(&self, as_of: Day) -> Result<WindowPair> {
        WindowPair::before(as_of, self.baseline_days, self.current_days)
    }

    /// Every option that shapes the result, for the report.
    pub(super) fn parameters(&self) -> Map<String, Value> {
        let mut parameters = Map::new();
        let mut add = |name: &str, value: Value| parameters.insert(name.to_owned(), value);
        add("baseline_days", self.baseline_days.into());
        add("current_days", self.current_days.into());
        add("engine", self.engine.clone().into());
        add("alpha", self.settings.alpha.into());
        add("correction", self.settings.correction.name().into());
        let detectors = self.detectors.iter();
        let detectors: Map<String, Value> = detectors
            .map(|detector| (detector.about().name.to_owned(), Value::Object(detector.parameters())))
            .collect();
        add("detectors", Value::Object(detectors));
        parameters
    }
}

fn settings(args: &Args) -> Result<Settings> {
    if !(args.alpha > 0.0 && args.alpha < 1.0) {
        return Err(Error::option("alpha", args.alpha, "a number above 0 and below 1 is needed"));
    }
    if let Some(effect) = args.min_effect.filter(|effect| !(effect.is_finite() && *effect >= 0.0)) {
        return Err(Error::option("min-effect", effect, "a number from 0 on is needed"));
    }
    Ok(Settings {
        alpha: args.alpha,
        correction: detectors::correction(&args.correction)?,
        min_effect: args.min_effect,
        min_volume: args.min_volume,
        parameters: args.set.clone(),
    })
}

/// The database of a URL, or of the environment where it is empty.
fn database(url: &str, schema: &str) -> Result<(DatabaseUrl, String)> {
    if schema.is_empty() {
        return Err(Error::option("schema", schema, "a schema has a name"));
    }
    if !url.is_empty() {
        return Ok((DatabaseUrl::parse(url)?, schema.to_owned()));
    }
    let known = std::env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty());
    let url = known.ok_or_else(|| {
        Error::option(
            "to",
            "",
            format!("a URL such as postgres://host/database is needed, here or in {URL_VARIABLE}"),
        )
    })?;
    Ok((DatabaseUrl::parse(&url)?, schema.to_owned()))
}

/// A built-in mapping, or one in a file.
fn mapping(name: &str) -> Result<Arc<Mapping>> {
    let is_file = BUILT_IN.iter().all(|known| known.name != name)
        && (name.ends_with(".toml") || name.contains(std::path::MAIN_SEPARATOR));
    if is_file { Mapping::from_file(Path::new(name)) } else { Mapping::built_in(name) }
}
