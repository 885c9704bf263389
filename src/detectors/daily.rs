//! Detectors of streams and of change points, on every day's numbers of every segment and metric.
//!
//! Summaries know the day of a row and no finer time. A stream of events (0 and 1) has the rows of each day in it,
//! hits spread evenly over the day's rows, days in order; a stream of numbers has the mean of each day with rows. A
//! segment's metric has drifted when the last alarm, or the last change point, lies in the current window.

use std::sync::Arc;

use driftforge_statistics::change_points::{ChangePointKind, ChangePoints, Counts, Events, Numbers, Series};
use driftforge_statistics::parameters::{Given, Value as Typed};
use driftforge_statistics::streams::{Data, StreamKind};
use serde_json::{Map, Value};

use super::event::{DriftEvent, Evidence, SegmentName};
use super::two_windows::severity;
use super::{Detection, Detector, DetectorAbout, Settings};
use crate::mappings::{Mapping, Measure};
use crate::summaries::{Grid, Keep, Plan, SegmentView, Summaries, Tally, WindowPair};
use crate::{Error, Result};

/// Days before the end of the current window that are looked at.
const HISTORY_DAYS: u32 = 365;

/// Rows that a segment's metric needs in the current window unless the settings say otherwise.
const LEAST_ROWS: u64 = 10;

/// The method behind the detector.
#[derive(Debug)]
enum Method {
    Stream(&'static StreamKind, Vec<(String, Typed)>),
    ChangePoints(&'static ChangePointKind, Box<dyn ChangePoints>),
}

/// Looks at the days of every metric.
#[derive(Debug)]
pub struct Daily {
    about: DetectorAbout,
    method: Method,
    typed: Vec<(String, String)>,
    min_volume: u64,
}

impl Daily {
    /// A detector of streams.
    ///
    /// # Errors
    /// [`Error::Option`] for parameters that it cannot use.
    pub fn stream(kind: &'static StreamKind, settings: &Settings) -> Result<Self> {
        let given = typed(settings);
        kind.build(&borrowed(&given)).map_err(|problem| refused(&problem))?;
        Ok(Self::new(stream_about(kind), Method::Stream(kind, given), settings))
    }

    /// A method that finds change points.
    ///
    /// # Errors
    /// [`Error::Option`] for parameters that it cannot use.
    pub fn change_points(kind: &'static ChangePointKind, settings: &Settings) -> Result<Self> {
        let method = kind.build(&borrowed(&typed(settings))).map_err(|problem| refused(&problem))?;
        Ok(Self::new(change_point_about(kind), Method::ChangePoints(kind, method), settings))
    }

    fn new(about: DetectorAbout, method: Method, settings: &Settings) -> Self {
        let min_volume = settings.min_volume.unwrap_or(LEAST_ROWS);
        Self { about, method, typed: settings.parameters.clone(), min_volume }
    }

    /// The first day of the last change of a metric, as a place among its days; `None` without one, and for a metric
    /// that the method cannot look at.
    fn last_change(&self, days: &Days) -> Option<usize> {
        match &self.method {
            Method::Stream(kind, given) => {
                let (values, day_of) = days.stream(kind.data)?;
                let mut stream = kind.build(&borrowed(given)).ok()?;
                stream.alarms(&values).last().map(|&index| day_of[index])
            }
            Method::ChangePoints(_, method) => days.series().iter().find_map(|series| {
                // A cost for counts does not know numbers: the first form of the days that it takes is used.
                let found = method.find(series).ok()?;
                Some(found.changes.last().copied())
            })?,
        }
    }
}

fn typed(settings: &Settings) -> Vec<(String, Typed)> {
    let value = |text: &String| text.parse().map_or_else(|_| Typed::Word(text.clone()), Typed::Number);
    settings.parameters.iter().map(|(name, text)| (name.clone(), value(text))).collect()
}

fn borrowed(given: &[(String, Typed)]) -> Vec<Given<'_>> {
    given.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
}

fn refused(problem: &dyn std::fmt::Display) -> Error {
    Error::option("set", problem, "see --list-detectors for the parameters")
}

/// What a list says of a detector of streams.
pub(super) fn stream_about(kind: &'static StreamKind) -> DetectorAbout {
    let data = match kind.data {
        Data::Events => "rates and null rates, row by row",
        Data::Real => "rates row by row, days and amounts by their daily means, volumes by day",
    };
    DetectorAbout { name: kind.name, about: kind.about, data, reference: kind.reference }
}

/// What a list says of a method of change points.
pub(super) fn change_point_about(kind: &'static ChangePointKind) -> DetectorAbout {
    let data = "daily series of rates, days, amounts and volumes";
    DetectorAbout { name: kind.name, about: kind.about, data, reference: kind.reference }
}

/// The days of one metric of one segment.
enum Days {
    Tallies(Vec<Tally>),
    Counts(Vec<u64>),
    /// Rows and mean of each day.
    Means(Vec<(u64, f64)>),
}

impl Days {
    fn of(view: &SegmentView, metric: usize) -> Option<Self> {
        let about = &view.metrics()[metric];
        if about.measure.is_tally() {
            let mut days = vec![Tally::default(); view.grid().buckets().len()];
            for tallies in view.tallies(metric)?.values() {
                days.iter_mut().zip(tallies).for_each(|(day, tally)| *day += *tally);
            }
            let is_volume = matches!(about.measure, Measure::Volume);
            return Some(match is_volume {
                true => Self::Counts(days.iter().map(|day| day.trials).collect()),
                false => Self::Tallies(days),
            });
        }
        let moments = &view.value(metric)?.moments;
        let scale = about.measure.scale();
        Some(Self::Means(moments.iter().map(|day| (day.n, day.mean().unwrap_or(0.0) / scale)).collect()))
    }

    /// Rows of the days in a range.
    fn rows(&self, days: std::ops::Range<usize>) -> u64 {
        match self {
            Self::Tallies(tallies) => tallies[days].iter().map(|tally| tally.trials).sum(),
            Self::Counts(counts) => counts[days].iter().sum(),
            Self::Means(means) => means[days].iter().map(|(rows, _)| rows).sum(),
        }
    }

    /// The rate, the mean, or the rows per day of the days in a range; `None` without rows.
    fn level(&self, days: std::ops::Range<usize>) -> Option<f64> {
        let rows = self.rows(days.clone());
        let sum = match self {
            Self::Tallies(tallies) => tallies[days].iter().map(|tally| tally.hits as f64).sum::<f64>(),
            Self::Counts(_) => return (!days.is_empty()).then(|| rows as f64 / days.len() as f64),
            Self::Means(means) => means[days].iter().map(|(rows, mean)| *rows as f64 * mean).sum(),
        };
        (rows > 0).then(|| sum / rows as f64)
    }

    /// The values of a stream, and the day of each.
    fn stream(&self, data: Data) -> Option<(Vec<f64>, Vec<usize>)> {
        let mut stream = (Vec::new(), Vec::new());
        let mut push = |day: usize, value: f64| {
            stream.0.push(value);
            stream.1.push(day);
        };
        match (self, data) {
            (Self::Tallies(tallies), _) => {
                for (day, tally) in tallies.iter().enumerate() {
                    spread(*tally).for_each(|hit| push(day, f64::from(u8::from(hit))));
                }
            }
            (Self::Counts(counts), Data::Real) => {
                counts.iter().enumerate().for_each(|(day, &rows)| push(day, rows as f64));
            }
            (Self::Means(means), Data::Real) => {
                let days = means.iter().enumerate().filter(|(_, (rows, _))| *rows > 0);
                days.for_each(|(day, (_, mean))| push(day, *mean));
            }
            _ => return None,
        }
        Some(stream)
    }

    /// The days as a series, the form that says most first.
    fn series(&self) -> Vec<Series> {
        let numbers = |values: Vec<f64>| Numbers::new(values).ok().map(Series::Numbers);
        match self {
            Self::Tallies(tallies) => {
                let (hits, trials) = tallies.iter().map(|tally| (tally.hits, tally.trials)).unzip();
                let rates = tallies.iter().map(|tally| tally.rate().unwrap_or(0.0)).collect();
                Events::new(hits, trials).ok().map(Series::Events).into_iter().chain(numbers(rates)).collect()
            }
            Self::Counts(counts) => {
                let values = counts.iter().map(|&rows| rows as f64).collect();
                let counted = Counts::new(counts.clone()).ok().map(Series::Counts);
                counted.into_iter().chain(numbers(values)).collect()
            }
            Self::Means(means) => {
                // A day without rows has no mean: the mean of the days before it stands for it.
                let mut last = means.iter().find(|(rows, _)| *rows > 0).map_or(0.0, |(_, mean)| *mean);
                let filled = means.iter().map(|&(rows, mean)| {
                    last = if rows > 0 { mean } else { last };
                    last
                });
                numbers(filled.collect()).into_iter().collect()
            }
        }
    }
}

/// The rows of a day: hits spread evenly among them.
fn spread(tally: Tally) -> impl Iterator<Item = bool> {
    let (hits, trials) = (u128::from(tally.hits), u128::from(tally.trials.max(1)));
    (0..u128::from(tally.trials)).map(move |row| (row + 1) * hits / trials > row * hits / trials)
}

impl Detector for Daily {
    fn about(&self) -> DetectorAbout {
        self.about
    }

    fn plan(&self, mapping: &Arc<Mapping>, windows: WindowPair) -> Result<Plan> {
        let metrics =
            mapping.metrics().iter().filter(|metric| !matches!(metric.measure, Measure::Mix { .. }));
        let names: Vec<&str> = metrics.map(|metric| metric.name.as_str()).collect();
        if names.is_empty() {
            let problem = format!("the mapping {:?} has no metric with a daily series", mapping.name());
            return Err(Error::option("detector", self.about.name, problem));
        }
        let mapping = Arc::new(mapping.only(&names, false)?);
        let windows = Grid::of_windows(windows);
        let history_days = HISTORY_DAYS.max(u32::try_from(windows.span().len_days()).unwrap_or(u32::MAX));
        let keep = Keep { moments: true, ..Keep::default() };
        Ok(Plan { mapping, grid: windows.with_daily_history(history_days)?, keep })
    }

    fn detect(&self, summaries: &Summaries) -> Result<Detection> {
        let plan = summaries.plan();
        let problem = "days are needed, and two windows among them";
        let windows = plan.grid.window_pair().ok_or_else(|| Error::input("summaries", problem))?;
        let current = plan.grid.buckets_of(Grid::CURRENT);
        let baseline = plan.grid.buckets_of(Grid::BASELINE);
        let mut detection = Detection::default();
        for view in summaries.views() {
            detection.groups_considered += 1;
            let mut is_compared = false;
            for (metric, about) in plan.mapping.metrics().iter().enumerate() {
                let Some(days) = Days::of(&view, metric) else { continue };
                if days.rows(current.clone()) < self.min_volume {
                    continue;
                }
                is_compared = true;
                let Some(day) = self.last_change(&days).filter(|day| current.contains(day)) else { continue };
                let before = days.level(baseline.start..day);
                let Some(values) = before.zip(days.level(day..current.end)) else { continue };
                let change = values.1 - values.0;
                detection.events.push(DriftEvent {
                    baseline_value: Some(values.0),
                    current_value: Some(values.1),
                    delta_value: change,
                    severity: severity(&about.measure, Some(values), change),
                    confidence: 1.0,
                    baseline_n: days.rows(baseline.start..day),
                    current_n: days.rows(day..current.end),
                    evidence: Evidence {
                        first_day: plan.grid.buckets().get(day).map(|bucket| bucket.start),
                        ..Evidence::default()
                    },
                    ..DriftEvent::new(
                        SegmentName::new(plan.mapping.segments(), &view.segment.0),
                        about.drift_type(),
                        windows,
                    )
                });
            }
            detection.groups_compared += u64::from(is_compared);
        }
        Ok(detection)
    }

    fn parameters(&self) -> Map<String, Value> {
        let mut parameters = Map::new();
        let declared = match &self.method {
            Method::Stream(kind, _) => kind.parameters,
            Method::ChangePoints(kind, _) => kind.parameters,
        };
        for parameter in declared {
            let typed = self.typed.iter().rev().find(|(name, _)| name == parameter.name);
            let value = typed.map_or_else(|| parameter.default.to_string(), |(_, value)| value.clone());
            parameters.insert(parameter.name.to_owned(), value.into());
        }
        parameters.insert("min_volume".to_owned(), self.min_volume.into());
        parameters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_spread_evenly_and_none_is_lost() {
        for (hits, trials) in [(0, 0), (0, 5), (5, 5), (2, 7), (1, 3)] {
            let rows: Vec<bool> = spread(Tally { hits, trials }).collect();
            assert_eq!(rows.len() as u64, trials);
            assert_eq!(rows.iter().filter(|&&hit| hit).count() as u64, hits);
        }
        assert_eq!(spread(Tally { hits: 2, trials: 4 }).collect::<Vec<_>>(), [false, true, false, true]);
    }
}
