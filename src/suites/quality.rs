//! Detectors on scenarios: what they find of known drift, how soon, how fast, and how often they cry wolf.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::{Map, Value};

use super::data::Claims;
use super::oracle;
use crate::detectors::{Detection, Detector, Driftforge, Settings};
use crate::engines::{Engine, Native};
use crate::mappings::Mapping;
use crate::measure::{PeakMemory, median};
use crate::scenarios::{DRIFT_KINDS, InjectedDrift, PlannedScenario, Scenario};
use crate::scores::{
    Claimed, Exposure, Leaderboard, LevelOf, Matching, NullLevel, ORACLE, Quality, Row, ScenarioBoard,
    Tolerance, ZERO_BASELINE,
};
use crate::summaries::{Day, Plan, Summaries, WindowPair};
use crate::{Error, Result};

/// Days of the windows: those of the payer rule.
const BASELINE_DAYS: u32 = 90;
const CURRENT_DAYS: u32 = 14;

/// An alarm is raised on the last day of the data; so a drift that ended by then is over for as many days at the most.
const TOLERANCE: Tolerance = Tolerance { early_days: 0, max_delay_days: 30 };

/// The reference that the oracle learns the state before from has so many times the claims.
const REFERENCE_FACTOR: u64 = 2;

/// What is run.
pub struct QualitySuite {
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
    /// The seeds that each is run under.
    pub seeds: Vec<u64>,
    /// The detectors; the rule of the origin is among them.
    pub detectors: Vec<Box<dyn Detector>>,
    /// What detectors were built from.
    pub settings: Settings,
    /// Threads of the engine.
    pub threads: usize,
    /// Whether the oracle is computed.
    pub has_oracle: bool,
}

/// What one row of a scenario did under the seeds so far.
struct Runs {
    name: String,
    qualities: Vec<Quality>,
    claims_per_second: Vec<f64>,
    peak_rss_bytes: Option<u64>,
    /// Runs, or tests, with an alarm, and all of them; where the detector states a level.
    level: Option<(LevelOf, f64)>,
    alarmed: u64,
    trials: u64,
}

impl Runs {
    fn new(name: &str, level: Option<(LevelOf, f64)>) -> Self {
        Self {
            name: name.to_owned(),
            qualities: Vec::new(),
            claims_per_second: Vec::new(),
            peak_rss_bytes: None,
            level,
            alarmed: 0,
            trials: 0,
        }
    }

    fn row(&self, is_null: bool) -> Row {
        let speed = median(&self.claims_per_second);
        let row = Row::of(&self.name, &self.qualities).measured(speed, self.peak_rss_bytes);
        match self.level.filter(|_| is_null) {
            Some((of, stated)) => {
                row.at_level(NullLevel { of, stated, trials: self.trials, alarms: self.alarmed })
            }
            None => row,
        }
    }
}

impl QualitySuite {
    /// Runs every detector on every scenario under every seed; `tell` is given a line for each.
    ///
    /// # Errors
    /// Whatever generating, reading or a detector gives.
    pub fn run(&self, tell: &mut dyn FnMut(&str), stop: &AtomicBool) -> Result<Leaderboard> {
        let engine = Native::new(self.threads)?;
        let mut board =
            Leaderboard::start("bench-drift", self.threads, self.seeds.clone(), self.parameters());
        for scenario in &self.scenarios {
            board.scenarios.push(self.scenario(scenario, &engine, tell, stop)?);
        }
        // The oracle's memory stays with the process, and would be counted for detectors that run after it.
        if self.has_oracle {
            for (scenario, board) in self.scenarios.iter().zip(&mut board.scenarios) {
                self.add_oracle(scenario, board, &engine, tell, stop)?;
            }
        }
        Ok(board)
    }

    fn parameters(&self) -> Map<String, Value> {
        let mut parameters = Map::new();
        parameters.insert("baseline_days".to_owned(), BASELINE_DAYS.into());
        parameters.insert("current_days".to_owned(), CURRENT_DAYS.into());
        parameters.insert("early_days".to_owned(), TOLERANCE.early_days.into());
        parameters.insert("max_delay_days".to_owned(), TOLERANCE.max_delay_days.into());
        parameters.insert("alpha".to_owned(), self.settings.alpha.into());
        for detector in &self.detectors {
            parameters.insert(detector.about().name.to_owned(), Value::Object(detector.parameters()));
        }
        parameters
    }

    fn scenario(
        &self,
        scenario: &Scenario,
        engine: &Native,
        tell: &mut dyn FnMut(&str),
        stop: &AtomicBool,
    ) -> Result<ScenarioBoard> {
        let mut zero = Runs::new(ZERO_BASELINE, None);
        let mut runs: Vec<Runs> = self
            .detectors
            .iter()
            .map(|detector| Runs::new(detector.about().name, detector.stated_level()))
            .collect();
        for &seed in &self.seeds {
            let planned = scenario.plan(seed)?;
            let claims = Claims::write(&planned.dataset, self.threads, stop)?;
            let under = Seed { suite: self, scenario, planned: &planned, claims: &claims, engine };
            zero.qualities.push(under.quality(&[], Seed::mapping()?.as_ref()));
            for (detector, runs) in self.detectors.iter().zip(&mut runs) {
                if stop.load(Ordering::Relaxed) {
                    return Err(Error::Interrupted);
                }
                under.detector(detector.as_ref(), runs)?;
            }
            claims.close()?;
            tell(&format!("{} under seed {seed}", scenario.name()));
        }
        let is_null = scenario.drift_count() == 0;
        let mut rows = runs.iter().map(|runs| runs.row(is_null));
        let origin = rows.next().ok_or_else(|| Error::option("detector", "", "at least one is needed"))?;
        let counts = (scenario.records(), scenario.segment_count() as u64);
        let mut board =
            ScenarioBoard::new(scenario.name(), scenario.about(), counts, zero.row(false), origin);
        board.rows.extend(rows);
        Ok(board)
    }

    /// Adds the oracle's row behind the two that every board has, where there is something to find.
    fn add_oracle(
        &self,
        scenario: &Scenario,
        board: &mut ScenarioBoard,
        engine: &Native,
        tell: &mut dyn FnMut(&str),
        stop: &AtomicBool,
    ) -> Result<()> {
        const BASELINES: usize = 2;
        if scenario.drift_count() == 0 {
            return Ok(());
        }
        let mut best = Runs::new(ORACLE, None);
        for &seed in &self.seeds {
            let planned = scenario.plan(seed)?;
            let claims = Claims::write(&planned.dataset, self.threads, stop)?;
            let under = Seed { suite: self, scenario, planned: &planned, claims: &claims, engine };
            best.qualities.push(under.quality(&under.oracle(seed, stop)?, Seed::mapping()?.as_ref()));
            claims.close()?;
            tell(&format!("the oracle of {} under seed {seed}", scenario.name()));
        }
        board.rows.insert(BASELINES, best.row(false));
        Ok(())
    }
}

/// A scenario under one seed.
struct Seed<'s> {
    suite: &'s QualitySuite,
    scenario: &'s Scenario,
    planned: &'s PlannedScenario,
    claims: &'s Claims,
    engine: &'s Native,
}

impl Seed<'_> {
    /// The metrics in which scenarios have drift. Of others, such as volumes, they do not say whether they move: under a
    /// shift of mix they do.
    fn mapping() -> Result<Arc<Mapping>> {
        let names: Vec<&str> = DRIFT_KINDS.iter().map(|kind| kind.metric).collect();
        Ok(Arc::new(Mapping::claims().only(&names, true)?))
    }

    fn windows(&self) -> Result<WindowPair> {
        WindowPair::before(Day::from(self.planned.dataset.plan().as_of()), BASELINE_DAYS, CURRENT_DAYS)
    }

    /// The scores of claims by who looks at the metrics of `mapping`: drifts of others are not theirs to find.
    fn quality(&self, claimed: &[Claimed], mapping: &Mapping) -> Quality {
        let exposure =
            Exposure { segments: self.scenario.segment_count() as u64, days: u64::from(CURRENT_DAYS) };
        let is_watched = |drift: &&InjectedDrift| mapping.position(&drift.metric).is_some();
        let drifts: Vec<InjectedDrift> = self.planned.drifts.iter().filter(is_watched).cloned().collect();
        Quality::of(&Matching::new(claimed, &drifts, TOLERANCE, exposure))
    }

    fn summarize(&self, claims: &Claims, plan: &Plan) -> Result<Summaries> {
        self.engine.summarize(&claims.open(plan.mapping.columns())?, plan)
    }

    /// Runs a detector, and notes what it claims, how fast it was, and the memory that it took.
    fn detector(&self, detector: &dyn Detector, runs: &mut Runs) -> Result<()> {
        let plan = detector.plan(&Self::mapping()?, self.windows()?)?;
        let memory = PeakMemory::start();
        let started = Instant::now();
        let summaries = self.summarize(self.claims, &plan)?;
        let detection: Detection = detector.detect(&summaries)?;
        let seconds = started.elapsed().as_secs_f64();
        let peak = memory.finish().map(|peak| peak.rss_bytes);
        runs.peak_rss_bytes = runs.peak_rss_bytes.max(peak);
        runs.claims_per_second.push(self.scenario.records() as f64 / seconds);
        let claimed: Vec<Claimed> = detection.events.iter().map(Claimed::from).collect();
        runs.qualities.push(self.quality(&claimed, &plan.mapping));
        let (alarmed, trials) = match runs.level {
            Some((LevelOf::Test, _)) => {
                let tests = detection.groups_compared * plan.mapping.metrics().len() as u64;
                (claimed.len() as u64, tests)
            }
            _ => (u64::from(!claimed.is_empty()), 1),
        };
        runs.alarmed += alarmed;
        runs.trials += trials;
        Ok(())
    }

    fn oracle(&self, seed: u64, stop: &AtomicBool) -> Result<Vec<Claimed>> {
        let verdict = Driftforge::of(&Settings::default())?;
        let plan = verdict.plan(&Self::mapping()?, self.windows()?)?;
        let data = self.summarize(self.claims, &plan)?;
        let larger = self.scenario.clone().with_records(self.scenario.records() * REFERENCE_FACTOR);
        let reference = Claims::write(&larger.plan_reference(seed)?.dataset, self.suite.threads, stop)?;
        let known = self.summarize(&reference, &plan);
        reference.close()?;
        oracle::claims(&data, &known?, &self.planned.drifts, self.suite.settings.alpha)
    }
}
