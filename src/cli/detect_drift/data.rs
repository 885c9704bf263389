//! The table that is looked at: files, or the days of a state, or both.

use std::path::Path;
use std::sync::Arc;

use chrono::{SecondsFormat, Utc};

use super::input::Input;
use super::options::DetectOptions;
use crate::datasets::Provenance;
use crate::engines::{Engine, EngineComparison};
use crate::findings::{self, Coverage, Dataset, Finding, Findings};
use crate::mappings::Mapping;
use crate::measure::{Machine, Tool};
use crate::sources::Source;
use crate::summaries::{Day, DayRange, Grid, Keep, Plan, Summaries, WindowPair};
use crate::{Error, Result};

/// What is summarised.
pub(super) struct Data<'e> {
    engine: &'e dyn Engine,
    input: Option<Input>,
    reference: Option<Input>,
    /// The days of states and of what was read beside them.
    state: Option<Summaries>,
    records: u64,
    digest: Option<String>,
    as_of: Day,
    /// The first day there is, where it is known.
    first_day: Option<Day>,
}

impl<'e> Data<'e> {
    pub(super) fn open(options: &DetectOptions, engine: &'e dyn Engine) -> Result<Self> {
        let columns = Arc::new(options.mapping.columns().clone());
        let source = options.input.as_ref().map(|input| input.open(&columns)).transpose()?;
        let provenance = source.as_ref().and_then(|source| Provenance::from_metadata(source.metadata()));
        let states: Vec<Summaries> =
            options.load_state.iter().map(|path| Summaries::load(path)).collect::<Result<_>>()?;
        let as_of = match (options.as_of, &provenance, &source) {
            (Some(day), ..) => day,
            (None, Some(provenance), _) => provenance.as_of,
            (None, None, Some(source)) => source.end()?,
            (None, None, None) => {
                let ends = states.iter().map(|state| state.plan().grid.span().end).max();
                ends.ok_or_else(nothing_to_read)?
            }
        };
        let mut data = Self {
            engine,
            input: options.input.clone(),
            reference: options.reference.clone(),
            state: None,
            records: source.as_ref().map_or(0, |source| source.row_count()),
            digest: provenance.map(|known| known.digest),
            as_of,
            first_day: source.as_ref().and_then(|source| source.first_day()),
        };
        if !states.is_empty() || options.save_state.is_some() {
            data.state = Some(state(states, source.as_deref(), options, engine, as_of)?);
        }
        Ok(data)
    }

    /// A report without findings yet.
    pub(super) fn findings(&self, options: &DetectOptions) -> Findings {
        let names = |input: &Option<Input>| input.as_ref().map(Input::names).unwrap_or_default();
        Findings {
            tool: Tool::this("detect-drift"),
            machine: Machine::this(),
            started_at: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
            dataset: Dataset {
                paths: names(&self.input),
                reference: names(&self.reference),
                mapping: options.mapping.name().to_owned(),
                records: self.records,
                as_of: self.as_of,
                digest: self.digest.clone(),
            },
            parameters: options.parameters(),
            coverage: Coverage::default(),
            findings: Vec::new(),
            not_enough_data: Vec::new(),
            power: Vec::new(),
        }
    }

    /// The pairs of windows to judge: the latest, or one for each week of the dataset.
    pub(super) fn windows(&self, options: &DetectOptions) -> Result<Vec<WindowPair>> {
        const DAYS_PER_WEEK: i32 = 7;
        let latest = options.windows(self.as_of)?;
        if !options.is_sweep {
            return Ok(vec![latest]);
        }
        let first = self.first_day.ok_or_else(|| {
            Error::option(
                "sweep",
                "weekly",
                "the files do not say when their days begin; name days by --as-of",
            )
        })?;
        let mut weeks = vec![latest];
        let mut end = self.as_of;
        while let Some(earlier) = end.checked_add(-DAYS_PER_WEEK) {
            let pair = options.windows(earlier)?;
            if pair.baseline.start < first {
                break;
            }
            weeks.push(pair);
            end = earlier;
        }
        weeks.reverse();
        Ok(weeks)
    }

    /// The rows, summarised.
    pub(super) fn summarize(&self, plan: &Plan) -> Result<Summaries> {
        if let Some(state) = &self.state {
            return state.regridded(plan);
        }
        let input = self.input.as_ref().ok_or_else(nothing_to_read)?;
        let Some(reference) = &self.reference else { return self.read(input, plan) };
        let all = |input: &Input| {
            let source = input.open(&Arc::new(plan.mapping.columns().clone()))?;
            let span = DayRange { start: DayRange::CALENDAR.start, end: source.end()? };
            let plan = Plan { grid: Grid::of_ranges(vec![span]), ..plan.clone() };
            self.engine.summarize(source.as_ref(), &plan)
        };
        Summaries::of_two(all(reference)?, all(input)?, plan)
    }

    fn read(&self, input: &Input, plan: &Plan) -> Result<Summaries> {
        let source = input.open(&Arc::new(plan.mapping.columns().clone()))?;
        self.engine.summarize(source.as_ref(), plan)
    }

    /// What every engine that can read the input takes for a plan.
    pub(super) fn compare_engines(&self, plan: &Plan, threads: usize) -> Result<EngineComparison> {
        let input = self.input.as_ref().ok_or_else(nothing_to_read)?;
        let source = input.open(&Arc::new(plan.mapping.columns().clone()))?;
        EngineComparison::run(source.as_ref(), plan, threads)
    }

    /// Explains findings, as far as the rows themselves are there.
    pub(super) fn explain(&self, findings: &mut [Finding], mapping: &Arc<Mapping>) -> Result<()> {
        let Some(input) = &self.input else { return Ok(()) };
        findings::explain(findings, mapping, &mut |plan| match self.reference {
            None => self.read(input, plan),
            Some(_) => self.summarize(plan),
        })
    }

    /// Saves the days.
    pub(super) fn save(&self, path: &Path) -> Result<()> {
        self.state.as_ref().map_or(Ok(()), |state| state.save(path))
    }
}

fn nothing_to_read() -> Error {
    Error::option("load-state", "", "a state or a path is needed")
}

/// The days of all states, and those after them that the files have.
fn state(
    states: Vec<Summaries>,
    source: Option<&dyn Source>,
    options: &DetectOptions,
    engine: &dyn Engine,
    as_of: Day,
) -> Result<Summaries> {
    let mut states = states.into_iter();
    let mut state = states.next();
    for more in states {
        state = state.map(|known| known.joined(&more)).transpose()?;
    }
    if let Some(known) = &state
        && *known.plan().mapping != *options.mapping
    {
        let path = options.load_state.first().map_or(Path::new("state"), |path| path.as_path());
        return Err(Error::input(
            path,
            "the state was made with another mapping; make it again, or name its own",
        ));
    }
    let Some(source) = source else {
        return state.ok_or_else(nothing_to_read);
    };
    let start = match &state {
        Some(known) => known.plan().grid.span().end,
        None => source.first_day().unwrap_or(options.windows(as_of)?.baseline.start),
    };
    let days = DayRange { start, end: as_of.max(start) };
    let mapping = Arc::clone(&options.mapping);
    let read = match days.len_days() {
        0 => None,
        _ => Some(engine.summarize(source, &Plan { mapping, grid: Grid::of_days(days)?, keep: Keep::ALL })?),
    };
    match (state, read) {
        (Some(known), Some(read)) => known.joined(&read),
        (Some(one), None) | (None, Some(one)) => Ok(one),
        (None, None) => Err(Error::option("as-of", as_of, "no day lies before it")),
    }
}
