//! A metric in two windows, as the statistics crate compares it.

use std::collections::BTreeSet;

use driftforge_statistics::two_windows::{
    Categories, Data, Histograms, Moments, Numbers, Rates, Share, Windows, quantile_bins,
};

use crate::mappings::Measure;
use crate::summaries::log_code::number_of;
use crate::summaries::{Grid, Histogram, SegmentView};

/// A metric's data in two windows.
#[derive(Debug, Clone)]
pub(super) enum Sample {
    Rates(Rates),
    Numbers { numbers: Numbers, means: Option<(f64, f64)> },
    Categories { baseline: Vec<u64>, current: Vec<u64> },
    Histograms { values: Vec<f64>, baseline: Vec<u64>, current: Vec<u64> },
}

impl Sample {
    /// The metric's data in the first of the kinds that it has; `None` when it has none of them.
    ///
    /// `totals` are the rows of all segments in both windows: what a volume is a share of.
    pub(super) fn of(view: &SegmentView, metric: usize, kinds: &[Data], totals: [u64; 2]) -> Option<Self> {
        let measure = &view.metrics()[metric].measure;
        let has = |kind: Data| kinds.contains(&kind);
        match measure {
            Measure::Rate { .. } | Measure::NullRate { .. } | Measure::Volume => {
                (has(Data::Rates) || has(Data::Categories)).then(|| rates(view, metric, totals))?
            }
            Measure::Days { .. } | Measure::Amount { .. } => {
                // The first kind is the one that the method is most exact on.
                kinds.iter().find_map(|kind| match kind {
                    Data::Histograms => histograms(view, metric),
                    Data::Numbers => numbers(view, metric),
                    Data::Categories => binned(view, metric),
                    Data::Rates => None,
                })
            }
            Measure::Mix { .. } => has(Data::Categories).then(|| categories(view, metric))?,
        }
    }

    /// Calls `compare` with the data; `None` for data that cannot be compared.
    pub(super) fn with<T>(&self, compare: impl FnOnce(&Windows<'_>) -> Option<T>) -> Option<T> {
        match self {
            Self::Rates(rates) => compare(&Windows::Rates(*rates)),
            Self::Numbers { numbers, .. } => compare(&Windows::Numbers(*numbers)),
            Self::Categories { baseline, current } => {
                compare(&Windows::Categories(Categories::new(baseline, current).ok()?))
            }
            Self::Histograms { values, baseline, current } => {
                compare(&Windows::Histograms(Histograms::new(values, baseline, current).ok()?))
            }
        }
    }

    /// Rows in the baseline and the current window.
    pub(super) fn rows(&self) -> (u64, u64) {
        match self {
            Self::Rates(rates) => (rates.baseline().trials, rates.current().trials),
            Self::Numbers { numbers, .. } => numbers.totals(),
            Self::Categories { baseline, current } | Self::Histograms { baseline, current, .. } => {
                (baseline.iter().sum(), current.iter().sum())
            }
        }
    }

    /// The rate or mean in both windows; `None` for categories and for a window without rows.
    pub(super) fn values(&self) -> Option<(f64, f64)> {
        let share = |share: Share| (share.trials > 0).then(|| share.hits as f64 / share.trials as f64);
        match self {
            Self::Rates(rates) => Some((share(rates.baseline())?, share(rates.current())?)),
            Self::Numbers { means, .. } => *means,
            Self::Categories { .. } => None,
            Self::Histograms { values, baseline, current } => {
                Some((mean(values, baseline)?, mean(values, current)?))
            }
        }
    }
}

fn mean(values: &[f64], counts: &[u64]) -> Option<f64> {
    let rows: u64 = counts.iter().sum();
    let sum: f64 = values.iter().zip(counts).map(|(value, &count)| value * count as f64).sum();
    (rows > 0).then(|| sum / rows as f64)
}

/// Hits among trials; of a volume the segment's rows among those of all segments, so that growth of the whole is
/// no drift of its parts.
fn rates(view: &SegmentView, metric: usize, totals: [u64; 2]) -> Option<Sample> {
    let is_volume = matches!(view.metrics()[metric].measure, Measure::Volume);
    let share = |window: usize| {
        let tally = view.tally(metric, window)?;
        let trials = if is_volume { totals[window] } else { tally.trials };
        Some(Share { hits: tally.hits, trials })
    };
    Rates::new(share(Grid::BASELINE)?, share(Grid::CURRENT)?).ok().map(Sample::Rates)
}

fn numbers(view: &SegmentView, metric: usize) -> Option<Sample> {
    let unit = 1.0 / view.metrics()[metric].measure.scale();
    let (baseline, current) = (view.moments(metric, Grid::BASELINE)?, view.moments(metric, Grid::CURRENT)?);
    let exact = |moments: crate::summaries::Moments| {
        let sum_of_squares = u128::try_from(moments.sum_of_squares).ok()?;
        Some(Moments { n: moments.n, sum: moments.sum, sum_of_squares })
    };
    let numbers = Numbers::new(exact(baseline)?, exact(current)?, unit).ok()?;
    let means = baseline.mean().zip(current.mean()).map(|(from, to)| (from * unit, to * unit));
    Some(Sample::Numbers { numbers, means })
}

/// Counts of each value: days as they are, amounts as the middle of their log code.
fn histograms(view: &SegmentView, metric: usize) -> Option<Sample> {
    let (baseline, current) =
        (view.histogram(metric, Grid::BASELINE)?, view.histogram(metric, Grid::CURRENT)?);
    let measure = &view.metrics()[metric].measure;
    let value = |number: i64| match measure {
        Measure::Amount { .. } => number_of(number) / measure.scale(),
        _ => number as f64,
    };
    let (baseline, current) = (baseline.as_ref(), current.as_ref());
    let numbers: BTreeSet<i64> = baseline.iter().chain(current.iter()).map(|(number, _)| number).collect();
    let counts = |histogram: &Histogram| {
        let mut counts = Vec::with_capacity(numbers.len());
        let mut bins = histogram.iter().peekable();
        for &number in &numbers {
            counts.push(bins.next_if(|&(known, _)| known == number).map_or(0, |(_, rows)| rows));
        }
        counts
    };
    Some(Sample::Histograms {
        values: numbers.iter().map(|&number| value(number)).collect(),
        baseline: counts(baseline),
        current: counts(current),
    })
}

/// Parts of equal size of the baseline that numbers are put into, for distances of categories: ten, as the population
/// stability index has them.
const QUANTILE_BINS: u64 = 10;

fn binned(view: &SegmentView, metric: usize) -> Option<Sample> {
    let histograms = histograms(view, metric)?;
    let (baseline, current) = histograms.with(|windows| match windows {
        Windows::Histograms(histograms) => Some(quantile_bins(histograms, QUANTILE_BINS)),
        _ => None,
    })?;
    Some(Sample::Categories { baseline, current })
}

fn categories(view: &SegmentView, metric: usize) -> Option<Sample> {
    let (baseline, current) =
        (view.categories(metric, Grid::BASELINE)?, view.categories(metric, Grid::CURRENT)?);
    let names: BTreeSet<&String> = baseline.keys().chain(current.keys()).collect();
    let counts = |of: &crate::summaries::Categories| {
        names.iter().map(|&name| of.get(name).copied().unwrap_or(0)).collect::<Vec<u64>>()
    };
    Some(Sample::Categories { baseline: counts(baseline), current: counts(current) })
}
