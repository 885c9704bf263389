//! Any test or distance of the statistics crate on every metric that it can compare, and the usual test of each.
//!
//! A test raises an event when its p-value, corrected over the whole family of segments and metrics, is at most α,
//! and the effect is at least the least one asked for. A distance has no p-value: it raises an event from a
//! limit on.

use std::sync::Arc;

use driftforge_statistics::corrections::Correction;
use driftforge_statistics::two_windows::{self as methods, About, Comparison, Data};
use serde_json::{Map, Value};

use super::event::{DriftEvent, Evidence, SegmentName};
use super::samples::Sample;
use super::{Detection, Detector, DetectorAbout, Settings};
use crate::mappings::{Mapping, Measure};
use crate::scores::LevelOf;
use crate::summaries::{Grid, Keep, Plan, Summaries, WindowPair};
use crate::{Error, Result};

pub(super) const ABOUT: DetectorAbout = DetectorAbout {
    name: "tests",
    about: "the usual test of each kind of metric: two-proportion z, Mann-Whitney, chi-square",
    data: "every metric",
    reference: "scipy and statsmodels, with the correction of Benjamini and Hochberg (1995) over all tests",
};

/// Rows that both windows need unless the settings say otherwise: fewer tell nothing at any level.
const LEAST_ROWS: u64 = 10;

/// Distances without a limit of their own raise an event from here on; PSI from 0.2 on, as credit scoring has it
/// (Siddiqi 2006, "Credit Risk Scorecards").
const DISTANCE_LIMIT: f64 = 0.1;
const PSI_LIMIT: f64 = 0.2;

/// Compares two windows of every metric.
#[derive(Debug, Clone)]
pub struct TwoWindows {
    about: DetectorAbout,
    /// One method for all metrics, or the usual one for each.
    method: Option<&'static About>,
    alpha: f64,
    correction: Correction,
    min_effect: f64,
    min_volume: u64,
    limit: f64,
}

impl TwoWindows {
    /// The usual test of each kind of metric.
    ///
    /// # Errors
    /// [`Error::Option`] for settings that cannot be used.
    pub fn usual(settings: &Settings) -> Result<Self> {
        Self::new(ABOUT, None, settings)
    }

    /// One method on every metric that it can compare.
    ///
    /// # Errors
    /// As [`TwoWindows::usual`].
    pub fn of(method: &'static About, settings: &Settings) -> Result<Self> {
        Self::new(about(method), Some(method), settings)
    }

    fn new(about: DetectorAbout, method: Option<&'static About>, settings: &Settings) -> Result<Self> {
        settings.refuse_others(&["limit"])?;
        let default = if about.name.starts_with("psi") { PSI_LIMIT } else { DISTANCE_LIMIT };
        Ok(Self {
            about,
            method,
            alpha: settings.alpha,
            correction: settings.correction,
            min_effect: settings.min_effect.unwrap_or(0.0),
            min_volume: settings.min_volume.unwrap_or(LEAST_ROWS),
            limit: settings.number("limit")?.unwrap_or(default),
        })
    }

    /// The method for a metric, if there is one.
    fn method_for(&self, measure: &Measure) -> Option<&'static About> {
        let kinds: &[Data] = match measure {
            Measure::Rate { .. } | Measure::NullRate { .. } | Measure::Volume => {
                &[Data::Rates, Data::Categories]
            }
            Measure::Days { .. } | Measure::Amount { .. } => {
                &[Data::Histograms, Data::Numbers, Data::Categories]
            }
            Measure::Mix { .. } => &[Data::Categories],
        };
        let usual = match measure {
            Measure::Rate { .. } | Measure::NullRate { .. } | Measure::Volume => "two-proportion-z",
            Measure::Days { .. } | Measure::Amount { .. } => "mann-whitney",
            Measure::Mix { .. } => "chi-square",
        };
        let method = self.method.or_else(|| methods::find(usual).ok())?;
        method.data.iter().any(|data| kinds.contains(data)).then_some(method)
    }

    /// Every comparison of the family, in the order of segments and metrics.
    fn compared(&self, summaries: &Summaries, detection: &mut Detection) -> Vec<Compared> {
        let mapping = &summaries.plan().mapping;
        let rows = summaries.rows_per_window();
        let totals = [rows[Grid::BASELINE], rows[Grid::CURRENT]];
        let mut compared = Vec::new();
        for view in summaries.views() {
            detection.groups_considered += 1;
            let before = compared.len();
            for (metric, about) in mapping.metrics().iter().enumerate() {
                let Some(method) = self.method_for(&about.measure) else { continue };
                let sample = Sample::of(&view, metric, method.data, totals);
                let Some(sample) = sample.filter(|sample| self.has_enough_rows(sample)) else { continue };
                let comparison = sample.with(|windows| method.compare(windows).ok().flatten());
                let Some(comparison) = comparison else { continue };
                let segment = SegmentName::new(mapping.segments(), &view.segment.0);
                compared.push(Compared { segment, metric, sample, comparison });
            }
            detection.groups_compared += u64::from(compared.len() > before);
        }
        compared
    }

    fn has_enough_rows(&self, sample: &Sample) -> bool {
        let (baseline, current) = sample.rows();
        baseline.min(current) >= self.min_volume
    }

    fn is_event(&self, comparison: &Comparison, q_value: Option<f64>) -> bool {
        let effect = comparison.effect.map_or(0.0, |effect| effect.value.abs());
        match q_value {
            Some(q_value) => q_value <= self.alpha && effect >= self.min_effect,
            None => comparison.p_value.is_none() && comparison.statistic >= self.limit,
        }
    }
}

/// What a list says of a method.
pub(super) fn about(method: &'static About) -> DetectorAbout {
    let data = match method.data {
        [Data::Rates] => "rates, volumes and null rates",
        [Data::Rates | Data::Categories, ..] => "every metric, numbers in ten parts of the baseline",
        _ => "days and amounts",
    };
    DetectorAbout { name: method.name, about: method.about, data, reference: method.reference }
}

/// One comparison.
struct Compared {
    segment: SegmentName,
    metric: usize,
    sample: Sample,
    comparison: Comparison,
}

impl Compared {
    fn event(&self, mapping: &Mapping, windows: WindowPair, q_value: Option<f64>) -> DriftEvent {
        let metric = &mapping.metrics()[self.metric];
        let (baseline_n, current_n) = self.sample.rows();
        let values = self.sample.values();
        let effect = self.comparison.effect.map(|effect| effect.value);
        let size = effect.unwrap_or(self.comparison.statistic);
        let delta = values.map_or(size, |(baseline, current)| current - baseline);
        DriftEvent {
            baseline_value: values.map(|(baseline, _)| baseline),
            current_value: values.map(|(_, current)| current),
            delta_value: delta,
            severity: severity(&metric.measure, values, size),
            confidence: q_value.map_or(1.0, |q_value| 1.0 - q_value),
            baseline_n,
            current_n,
            evidence: Evidence {
                statistic: Some(self.comparison.statistic),
                p_value: self.comparison.p_value,
                q_value,
                effect_size: effect,
                ..Evidence::default()
            },
            ..DriftEvent::new(self.segment.clone(), metric.drift_type(), windows)
        }
    }
}

/// How large a change is, from 0 to 1: rates and days as the payer rule has it, anything else relative to where it
/// came from, categories by their effect size.
pub(super) fn severity(measure: &Measure, values: Option<(f64, f64)>, size: f64) -> f64 {
    const RATE_FACTOR: f64 = 2.0;
    const DAYS_SCALE: f64 = 10.0;
    let severity = match (measure, values) {
        (Measure::Rate { .. } | Measure::NullRate { .. }, Some((baseline, current))) => {
            (current - baseline).abs() * RATE_FACTOR
        }
        (Measure::Days { .. }, Some((baseline, current))) => (current - baseline).abs() / DAYS_SCALE,
        (_, Some((baseline, current))) if baseline != 0.0 => ((current - baseline) / baseline).abs(),
        _ => size.abs(),
    };
    severity.min(1.0)
}

impl Detector for TwoWindows {
    fn about(&self) -> DetectorAbout {
        self.about
    }

    fn plan(&self, mapping: &Arc<Mapping>, windows: WindowPair) -> Result<Plan> {
        let metrics = mapping.metrics().iter();
        let wanted: Vec<&str> = metrics
            .filter(|metric| self.method_for(&metric.measure).is_some())
            .map(|metric| metric.name.as_str())
            .collect();
        if wanted.is_empty() {
            let problem = format!("the mapping {:?} has no metric of {}", mapping.name(), self.about.data);
            return Err(Error::option("detector", self.about.name, problem));
        }
        let mapping = Arc::new(mapping.only(&wanted, false)?);
        let keep = Keep::ALL;
        Ok(Plan { mapping, grid: Grid::of_windows(windows), keep })
    }

    fn detect(&self, summaries: &Summaries) -> Result<Detection> {
        let plan = summaries.plan();
        let windows = plan
            .grid
            .window_pair()
            .ok_or_else(|| Error::input("summaries", "two windows are needed, a baseline and a current"))?;
        let mut detection = Detection::default();
        let compared = self.compared(summaries, &mut detection);
        let p_values: Vec<Option<f64>> = compared.iter().map(|one| one.comparison.p_value).collect();
        let q_values = self
            .correction
            .adjust(&p_values)
            .map_err(|problem| Error::input("p-values", problem.to_string()))?;
        let judged = compared.iter().zip(q_values);
        let events = judged.filter(|(one, q_value)| self.is_event(&one.comparison, *q_value));
        detection.events = events.map(|(one, q_value)| one.event(&plan.mapping, windows, q_value)).collect();
        Ok(detection)
    }

    fn stated_level(&self) -> Option<(LevelOf, f64)> {
        let has_p_value = self.method.is_none_or(|method| method.has_p_value);
        let of = if self.correction == Correction::None { LevelOf::Test } else { LevelOf::Run };
        has_p_value.then_some((of, self.alpha))
    }

    fn parameters(&self) -> Map<String, Value> {
        let mut parameters = Map::new();
        let mut add = |name: &str, value: Value| parameters.insert(name.to_owned(), value);
        add("min_volume", self.min_volume.into());
        if self.method.is_some_and(|method| !method.has_p_value) {
            add("limit", self.limit.into());
        } else {
            add("alpha", self.alpha.into());
            add("correction", self.correction.name().into());
            add("min_effect", self.min_effect.into());
        }
        for (name, value) in self.method.into_iter().flat_map(|method| method.parameters) {
            add(name, (*value).into());
        }
        parameters
    }
}
