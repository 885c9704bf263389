//! The verdict of this toolkit: what matters and is sure.
//!
//! The statistics are in `driftforge_statistics::verdict`; this file turns summaries into its panel and its cells into
//! events. The history before the current window is the baseline, all of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use driftforge_statistics::verdict::{
    self, CategoryCount, Cell, Change, Extent, LOOKBACK_DAYS, Metric as PanelMetric, Minimum, Options,
    Outcome, Panel, Parts, Pending, RateStratum, Scale, ValueCount, ValueStratum,
};
use serde_json::{Map, Value};

use super::event::{DriftEvent, Evidence, SegmentName};
use super::{Detectable, Detection, Detector, DetectorAbout, Settings};
use crate::mappings::{Mapping, Measure, Metric};
use crate::scores::LevelOf;
use crate::summaries::log_code::{CODES_PER_OCTAVE, number_of};
use crate::summaries::{
    Day, DayRange, Grid, Histogram, Keep, Plan, SegmentView, Summaries, Tally, WindowPair,
};
use crate::{Error, Result};

pub(super) const ABOUT: DetectorAbout = DetectorAbout {
    name: "driftforge",
    about: "what matters and is sure: partial pooling, unknown change dates, local false-discovery rates",
    data: "every metric, by day, with what explains it",
    reference: "empirical Bayes over the panel (Efron 2010, Large-Scale Inference), likelihood ratios of daily counts",
};

/// Days of history before the current window, unless the dataset is named other ones.
const HISTORY_DAYS: u32 = 351;

const DAYS_PER_WEEK: i32 = 7;

/// The verdict, with its options.
#[derive(Debug, Clone, Copy)]
pub struct Driftforge {
    options: Options,
    history_days: u32,
}

impl Driftforge {
    /// The verdict as the settings want it.
    ///
    /// # Errors
    /// [`Error::Option`] for settings that cannot be used.
    pub fn of(settings: &Settings) -> Result<Self> {
        const PARAMETERS: [&str; 6] =
            ["history_days", "power", "min_rate", "min_days", "min_relative", "min_mix"];
        settings.refuse_others(&PARAMETERS)?;
        let defaults = Options::default();
        let number = |name, default| Ok::<f64, Error>(settings.number(name)?.unwrap_or(default));
        let minimum = Minimum {
            rate: settings.min_effect.unwrap_or(number("min_rate", defaults.minimum.rate)?),
            days: number("min_days", defaults.minimum.days)?,
            relative: settings.min_effect.unwrap_or(number("min_relative", defaults.minimum.relative)?),
            mix: settings.min_effect.unwrap_or(number("min_mix", defaults.minimum.mix)?),
        };
        let power = number("power", defaults.power)?;
        let options = Options { level: settings.alpha, power, minimum, ..defaults };
        options.check().map_err(|problem| Error::option("set", problem.to_string(), "is not allowed"))?;
        let history = number("history_days", f64::from(HISTORY_DAYS))?;
        let history_days = Some(history as u32).filter(|&days| f64::from(days) == history && days >= 14);
        let history_days = history_days.ok_or_else(|| {
            Error::option("set", format!("history_days={history}"), "a whole number from 14 on")
        })?;
        Ok(Self { options, history_days })
    }

    /// The options of the verdict.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }
}

impl Detector for Driftforge {
    fn about(&self) -> DetectorAbout {
        ABOUT
    }

    fn plan(&self, mapping: &Arc<Mapping>, windows: WindowPair) -> Result<Plan> {
        let current = windows.current;
        let history_days = self.history_days.max(windows.baseline.len_days() as u32);
        let start = current.start.checked_add(-i32::try_from(history_days).unwrap_or(i32::MAX));
        let start =
            start.ok_or_else(|| Error::option("as-of", current.end, "the history starts too early"))?;
        let days = DayRange { start, end: current.end };
        let grid = Grid::new(periods(days, current.start), days.days().collect());
        let keep = Keep { histograms: true, pending: true, ..Keep::default() };
        Ok(Plan { mapping: Arc::clone(mapping), grid, keep })
    }

    fn detect(&self, summaries: &Summaries) -> Result<Detection> {
        let panel = SegmentPanel::of(summaries)?;
        let verdict = verdict::judge(&panel.panel, &self.options);
        let mut detection = Detection {
            groups_considered: panel.names.len() as u64,
            groups_compared: panel.names.len() as u64,
            ..Detection::default()
        };
        for cell in &verdict.cells {
            match (cell.outcome, &cell.change) {
                (Outcome::Drift, Some(change)) => {
                    detection.events.push(panel.event(cell, change));
                }
                (Outcome::NotEnoughData, _) => {
                    detection.undecided.push(panel.detectable(cell, &self.options.minimum));
                }
                _ => {}
            }
            detection.power.push(panel.detectable(cell, &self.options.minimum));
        }
        Ok(detection)
    }

    fn stated_level(&self) -> Option<(LevelOf, f64)> {
        Some((LevelOf::Run, self.options.level))
    }

    fn parameters(&self) -> Map<String, Value> {
        let Options { level, power, minimum, .. } = self.options;
        let parameters: [(&str, Value); 7] = [
            ("level", level.into()),
            ("power", power.into()),
            ("history_days", self.history_days.into()),
            ("min_rate", minimum.rate.into()),
            ("min_days", minimum.days.into()),
            ("min_relative", minimum.relative.into()),
            ("min_mix", minimum.mix.into()),
        ];
        parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Weeks, counted back from some days before `split`, the first of which may be short; from there on single days.
fn periods(days: DayRange, split: Day) -> Vec<DayRange> {
    let daily = split.0.saturating_sub(LOOKBACK_DAYS as i32).max(days.start.0);
    let mut bounds: Vec<i32> = (daily..=days.end.0).rev().collect();
    let mut week = daily;
    while week > days.start.0 {
        week = (week - DAYS_PER_WEEK).max(days.start.0);
        bounds.push(week);
    }
    bounds.reverse();
    bounds.windows(2).map(|pair| DayRange { start: Day(pair[0]), end: Day(pair[1]) }).collect()
}

/// The panel of some summaries, and what its numbers stand for.
pub struct SegmentPanel {
    /// What is judged.
    pub panel: Panel,
    names: Vec<SegmentName>,
    metrics: Vec<Metric>,
    /// The codes of each metric's strata, or categories.
    codes: Vec<BTreeMap<String, u32>>,
    columns: Vec<String>,
    windows: WindowPair,
    start: Day,
}

impl SegmentPanel {
    /// The panel of summaries that were made for [`Driftforge`].
    ///
    /// # Errors
    /// [`Error::Input`] for summaries of another plan.
    pub fn of(summaries: &Summaries) -> Result<Self> {
        let plan = summaries.plan();
        let (mapping, grid) = (&plan.mapping, &plan.grid);
        let span = grid.span();
        let split = split(grid)?;
        let mut codes: Vec<BTreeMap<String, u32>> = vec![BTreeMap::new(); mapping.segments().len()];
        let mut of_metrics = Vec::new();
        let mut parts = Parts {
            days: span.len_days() as usize,
            split: (split - span.start) as usize,
            periods: grid.windows().iter().map(|window| (window.start - span.start) as usize).collect(),
            segments: Vec::new(),
            metrics: Vec::new(),
        };
        for segment in summaries.segments().keys() {
            let coded = segment.0.iter().zip(&mut codes).map(|(value, codes)| code_of(codes, value));
            parts.segments.push(coded.collect());
        }
        for metric in 0..mapping.metrics().len() {
            let mut codes = BTreeMap::new();
            parts.metrics.push(panel_metric(summaries, metric, &mut codes));
            of_metrics.push(codes);
        }
        let names = summaries.segments().keys();
        Ok(Self {
            panel: Panel::new(parts).map_err(|problem| Error::input("summaries", problem.to_string()))?,
            names: names.map(|segment| SegmentName::new(mapping.segments(), &segment.0)).collect(),
            metrics: mapping.metrics().to_vec(),
            codes: of_metrics,
            columns: mapping.segments().to_vec(),
            windows: WindowPair {
                baseline: DayRange { start: span.start, end: split },
                current: DayRange { start: split, end: span.end },
            },
            start: span.start,
        })
    }

    /// Where a metric stands in the panel.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<usize> {
        self.metrics.iter().position(|metric| metric.name == name)
    }

    /// The code of a category of a mix.
    #[must_use]
    pub fn category(&self, metric: usize, name: &str) -> Option<u32> {
        self.codes.get(metric)?.get(name).copied()
    }

    /// The segments, in the order of the panel.
    #[must_use]
    pub fn segments(&self) -> &[SegmentName] {
        &self.names
    }

    fn event(&self, cell: &Cell, change: &Change) -> DriftEvent {
        let metric = &self.metrics[cell.metric];
        let is_amount = matches!(metric.measure, Measure::Amount { .. });
        let value = |code: f64| if is_amount { number_of_code(code) / metric.measure.scale() } else { code };
        let has_values = !matches!(metric.measure, Measure::Mix { .. });
        let (before, after) = (value(change.before), value(change.after));
        let values = has_values.then_some((before, after));
        let note = match change.extent {
            Extent::Segment => None,
            Extent::Column(column) => Some(format!("every segment of this {} changed", self.columns[column])),
        };
        DriftEvent {
            baseline_value: values.map(|(before, _)| before),
            current_value: values.map(|(_, after)| after),
            delta_value: values.map_or(change.effect, |(before, after)| after - before),
            severity: super::two_windows::severity(&metric.measure, values, change.effect),
            confidence: 1.0 - cell.local_fdr,
            baseline_n: cell.rows_before,
            current_n: cell.rows_current,
            evidence: Evidence {
                q_value: Some(cell.q),
                effect_size: Some(change.effect),
                first_day: self.start.checked_add(i32::try_from(change.first_day).unwrap_or(i32::MAX)),
                note,
                ..Evidence::default()
            },
            ..DriftEvent::new(self.names[cell.segment].clone(), metric.drift_type(), self.windows)
        }
    }

    fn detectable(&self, cell: &Cell, minimum: &Minimum) -> Detectable {
        let metric = &self.metrics[cell.metric];
        let wanted = match metric.measure {
            Measure::Rate { .. } | Measure::NullRate { .. } => minimum.rate,
            Measure::Days { .. } => minimum.days,
            Measure::Amount { .. } | Measure::Volume => minimum.relative,
            Measure::Mix { .. } => minimum.mix,
        };
        // A standard error falls with the square root of the rows, and so of the days.
        let current_days = self.windows.current.len_days() as f64;
        let days_needed = cell
            .smallest_detectable
            .filter(|_| wanted > 0.0)
            .map(|smallest| (current_days * (smallest / wanted).powi(2)).ceil());
        Detectable {
            segment: self.names[cell.segment].clone(),
            drift_type: metric.drift_type(),
            smallest_detectable: cell.smallest_detectable,
            days_needed,
        }
    }
}

/// The first day of the current window: the single days at the end are those of the search before it, and its own.
fn split(grid: &Grid) -> Result<Day> {
    let problem = || Error::input("summaries", "they were not made for the verdict");
    let daily = grid.windows().iter().rev().take_while(|window| window.len_days() == 1).count();
    let all_daily = daily == grid.windows().len();
    let lookback = LOOKBACK_DAYS.min(daily.saturating_sub(1));
    if all_daily && daily <= LOOKBACK_DAYS {
        return Err(problem());
    }
    let first = grid.windows().len() - daily + lookback;
    grid.windows().get(first).map(|window| window.start).ok_or_else(problem)
}

/// The number in the middle of a code that need not be whole.
fn number_of_code(code: f64) -> f64 {
    let (below, above) = (number_of(code.floor() as i64), number_of(code.ceil() as i64));
    below + (above - below) * (code - code.floor())
}

fn code_of(codes: &mut BTreeMap<String, u32>, value: &str) -> u32 {
    let next = codes.len() as u32;
    *codes.entry(value.to_owned()).or_insert(next)
}

fn panel_metric(summaries: &Summaries, metric: usize, strata: &mut BTreeMap<String, u32>) -> PanelMetric {
    let views: Vec<SegmentView> = summaries.views().collect();
    match &summaries.plan().mapping.metrics()[metric].measure {
        Measure::Rate { .. } | Measure::NullRate { .. } => {
            PanelMetric::Rate(views.iter().map(|view| rate_strata(view, metric, strata)).collect())
        }
        Measure::Volume => PanelMetric::Volume(views.iter().map(|view| volumes(view, metric)).collect()),
        Measure::Mix { .. } => {
            PanelMetric::Mix(views.iter().map(|view| categories(view, metric, strata)).collect())
        }
        measure @ (Measure::Days { .. } | Measure::Amount { .. }) => PanelMetric::Value {
            scale: match measure {
                Measure::Amount { .. } => Scale::Logarithm { codes_per_octave: CODES_PER_OCTAVE as u32 },
                _ => Scale::Days,
            },
            segments: views.iter().map(|view| value_strata(view, metric, strata)).collect(),
            pending: views.iter().map(|view| pending(view, metric)).collect(),
        },
    }
}

/// Counts of a panel are 32 bits wide; what does not fit is more than any segment has in a day.
fn narrow(rows: u64) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

fn rate_strata(view: &SegmentView, metric: usize, codes: &mut BTreeMap<String, u32>) -> Vec<RateStratum> {
    let strata = view.tallies(metric).into_iter().flatten();
    let day = |tally: &Tally| (narrow(tally.hits), narrow(tally.trials));
    strata
        .map(|(name, tallies)| RateStratum {
            stratum: code_of(codes, name),
            days: tallies.iter().map(day).collect(),
        })
        .collect()
}

fn volumes(view: &SegmentView, metric: usize) -> Vec<u32> {
    let buckets = view.grid().buckets().len();
    let mut rows = vec![0_u64; buckets];
    for tallies in view.tallies(metric).into_iter().flat_map(BTreeMap::values) {
        rows.iter_mut().zip(tallies).for_each(|(rows, tally)| *rows += tally.trials);
    }
    rows.into_iter().map(narrow).collect()
}

fn categories(view: &SegmentView, metric: usize, codes: &mut BTreeMap<String, u32>) -> Vec<CategoryCount> {
    let mut counts = Vec::new();
    for period in 0..view.grid().windows().len() {
        for (name, &rows) in view.categories(metric, period).into_iter().flatten() {
            let category = code_of(codes, name);
            counts.push(CategoryCount { period: period as u32, category, rows: narrow(rows) });
        }
    }
    counts
}

fn value_strata(view: &SegmentView, metric: usize, codes: &mut BTreeMap<String, u32>) -> Vec<ValueStratum> {
    let strata = view.value(metric).into_iter().flat_map(|value| &value.histograms);
    strata
        .map(|(name, windows)| {
            let mut counts = Vec::new();
            for (period, histogram) in windows.iter().enumerate() {
                counts.extend(histogram.iter().filter_map(|(value, rows)| {
                    let value = i32::try_from(value).ok()?;
                    Some(ValueCount { period: period as u32, value, rows: narrow(rows) })
                }));
            }
            ValueStratum { stratum: code_of(codes, name), counts }
        })
        .collect()
}

/// Rows still running, with the smallest number of days that is possible: those from their first day to the end of
/// what is known.
fn pending(view: &SegmentView, metric: usize) -> Vec<Pending> {
    let end = i64::from(view.grid().span().end.0);
    let periods = view.value(metric).into_iter().flat_map(|value| value.pending.iter().enumerate());
    let of_period = |(period, pending): (usize, &Histogram)| {
        let of_day = |(since, rows): (i64, u64)| {
            let at_least = i32::try_from(end - since).ok().filter(|&days| days > 0)?;
            Some(Pending { period: period as u32, at_least, rows: narrow(rows) })
        };
        pending.iter().filter_map(of_day).collect::<Vec<_>>()
    };
    periods.flat_map(of_period).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_weeks_and_then_days() {
        let windows = WindowPair::before(Day(20_000), 90, 14).unwrap();
        let plan = Driftforge::of(&Settings::default()).unwrap().plan(&Mapping::claims(), windows).unwrap();
        let lengths: Vec<u64> = plan.grid.windows().iter().map(DayRange::len_days).collect();
        assert_eq!(lengths.iter().sum::<u64>(), 365);
        assert!(lengths[..lengths.len() - 42].iter().all(|&days| days <= 7));
        assert!(lengths[lengths.len() - 42..].iter().all(|&days| days == 1));
        assert_eq!(split(&plan.grid).unwrap(), windows.current.start);
    }

    #[test]
    fn options_are_checked() {
        let of = |name: &str, value: &str| {
            let parameters = vec![(name.to_owned(), value.to_owned())];
            Driftforge::of(&Settings { parameters, ..Settings::default() })
        };
        assert!(of("power", "0.9").is_ok() && of("history_days", "200").is_ok());
        for (name, value) in
            [("power", "1"), ("history_days", "3"), ("history_days", "20.5"), ("min_rate", "-1")]
        {
            assert!(of(name, value).is_err(), "{name}={value}");
        }
    }
}
