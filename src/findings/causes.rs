//! What carries the change behind a finding.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Finding;
use super::decomposition::{Cause, Decomposition, Part};
use crate::Result;
use crate::mappings::{Mapping, Measure};
use crate::summaries::{Grid, Keep, Plan, SegmentView, Summaries, WindowPair};

/// Parts of a cause that are told.
const MOST_PARTS: usize = 3;

/// Tells for each finding of a metric of `mapping` what carries its change: by each of the mapping's causes, and by
/// the categories of the metric's mix. Findings that have a window of their own keep it.
///
/// `summarize` reads the data once more for each cause and pair of windows.
///
/// # Errors
/// Whatever `summarize` gives.
pub fn explain(
    findings: &mut [Finding],
    mapping: &Arc<Mapping>,
    summarize: &mut dyn FnMut(&Plan) -> Result<Summaries>,
) -> Result<()> {
    let mut by_windows: Vec<(WindowPair, Vec<usize>)> = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let is_explained = metric_of(mapping, finding).is_some()
            && mapping.segments().iter().all(|column| finding.event.segment.value(column).is_some());
        if !is_explained {
            continue;
        }
        let windows = finding.event.windows();
        match by_windows.iter_mut().find(|(known, _)| *known == windows) {
            Some((_, indexes)) => indexes.push(index),
            None => by_windows.push((windows, vec![index])),
        }
    }
    for (windows, indexes) in by_windows {
        explain_windows(findings, &indexes, mapping, windows, summarize)?;
    }
    Ok(())
}

fn explain_windows(
    findings: &mut [Finding],
    indexes: &[usize],
    mapping: &Arc<Mapping>,
    windows: WindowPair,
    summarize: &mut dyn FnMut(&Plan) -> Result<Summaries>,
) -> Result<()> {
    let keep = Keep { moments: true, ..Keep::default() };
    let plan = |mapping: Arc<Mapping>| Plan { mapping, grid: Grid::of_windows(windows), keep };
    let whole = summarize(&plan(Arc::clone(mapping)))?;
    for view in whole.views() {
        for &index in indexes {
            let finding = &mut findings[index];
            let metric = metric_of(mapping, finding).filter(|_| is_of(finding, &view, mapping));
            let Some(metric) = metric else { continue };
            let impact = &mut finding.event.evidence.impact_dollars;
            *impact = impact.or_else(|| impact_dollars(&view, metric));
            finding.causes.extend(carriers(&view, metric));
        }
    }
    for column in mapping.causes() {
        let split = Arc::new(mapping.split_by(column)?);
        let summaries = summarize(&plan(split))?;
        for &index in indexes {
            let cause = cause(&findings[index], &summaries, mapping, column);
            findings[index].causes.extend(cause);
        }
    }
    for &index in indexes {
        findings[index].causes.sort_by(|a, b| concentration(b).total_cmp(&concentration(a)));
    }
    Ok(())
}

/// The metric that a finding is about.
fn metric_of(mapping: &Mapping, finding: &Finding) -> Option<usize> {
    mapping.metrics().iter().position(|metric| metric.drift_type() == finding.event.drift_type)
}

fn is_of(finding: &Finding, view: &SegmentView, mapping: &Mapping) -> bool {
    let columns = mapping.segments().iter().zip(&view.segment.0);
    columns.into_iter().all(|(column, value)| finding.event.segment.value(column) == Some(value))
}

/// How much of the whole change the largest part carries: a column that tells nothing spreads it over all values.
fn concentration(cause: &Cause) -> f64 {
    let change = cause.rate_effect + cause.mix_effect;
    cause.parts.first().map_or(0.0, |part| part.contribution().abs() / change.abs().max(f64::MIN_POSITIVE))
}

/// Rows and sums of a metric in both windows; `None` for a metric without any, such as a mix.
fn sums(view: &SegmentView, metric: usize) -> Option<Decomposition> {
    let scale = view.metrics()[metric].measure.scale();
    let in_window = |window| match view.tally(metric, window) {
        Some(tally) => Some((tally.trials, tally.hits as f64)),
        None => view.moments(metric, window).map(|moments| (moments.n, moments.sum as f64 / scale)),
    };
    let ((baseline_n, baseline_sum), (current_n, current_sum)) =
        (in_window(Grid::BASELINE)?, in_window(Grid::CURRENT)?);
    Some(Decomposition { baseline_n, baseline_sum, current_n, current_sum })
}

/// A change by one more column.
fn cause(finding: &Finding, summaries: &Summaries, mapping: &Mapping, column: &str) -> Option<Cause> {
    let metric = metric_of(mapping, finding)?;
    if matches!(mapping.metrics()[metric].measure, Measure::Volume | Measure::Mix { .. }) {
        return None;
    }
    let views = summaries.views().filter(|view| is_of(finding, view, mapping));
    let parts: Vec<(String, Decomposition)> = views
        .filter_map(|view| Some((view.segment.0.last()?.clone(), sums(&view, metric)?)))
        .filter(|(_, sums)| sums.baseline_n + sums.current_n > 0)
        .collect();
    Decomposition::cause(column, &parts, MOST_PARTS)
}

/// The categories that the hits of a rate fall into, or those of a mix, by how much each changed.
fn carriers(view: &SegmentView, metric: usize) -> Option<Cause> {
    let about = &view.metrics()[metric];
    let (mix, trials) = match (&about.measure, &about.carried_by) {
        (Measure::Mix { .. }, _) => (metric, None),
        (_, Some(name)) => {
            let position = view.metrics().iter().position(|known| known.name == *name)?;
            (position, Some(sums(view, metric)?))
        }
        _ => return None,
    };
    let column = match &view.metrics()[mix].measure {
        Measure::Mix { column } => column,
        _ => return None,
    };
    let (baseline, current) = (view.categories(mix, Grid::BASELINE)?, view.categories(mix, Grid::CURRENT)?);
    let rows = |categories: &BTreeMap<String, u64>| categories.values().sum::<u64>();
    let (from, to) = trials.map_or((rows(baseline), rows(current)), |sums| (sums.baseline_n, sums.current_n));
    if from == 0 || to == 0 {
        return None;
    }
    let names: BTreeSet<&String> = baseline.keys().chain(current.keys()).collect();
    let share = |categories: &BTreeMap<String, u64>, name: &String, of: u64| {
        categories.get(name).copied().unwrap_or(0) as f64 / of as f64
    };
    let mut parts: Vec<Part> = names
        .into_iter()
        .map(|name| {
            let (baseline_share, current_share) = (share(baseline, name, from), share(current, name, to));
            let rate_effect = current_share - baseline_share;
            Part {
                value: name.clone(),
                baseline_share,
                current_share,
                baseline_value: None,
                current_value: None,
                rate_effect,
                mix_effect: 0.0,
            }
        })
        .collect();
    let rate_effect = parts.iter().map(|part| part.rate_effect).sum();
    parts.sort_by(|a, b| {
        b.rate_effect.abs().total_cmp(&a.rate_effect.abs()).then_with(|| a.value.cmp(&b.value))
    });
    parts.truncate(MOST_PARTS);
    Some(Cause { column: column.clone(), rate_effect, mix_effect: 0.0, parts })
}

/// What the change costs in the current window: of a rate, its change times the rows times the mean amount of
/// money; of an amount, its fall times the rows. Positive is a loss.
fn impact_dollars(view: &SegmentView, metric: usize) -> Option<f64> {
    let about = &view.metrics()[metric];
    let money = view.metrics().iter().position(|known| Some(&known.name) == about.money.as_ref())?;
    let of = sums(view, metric)?;
    let change = of.current_sum / of.current_n as f64 - of.baseline_sum / of.baseline_n as f64;
    if of.baseline_n == 0 || of.current_n == 0 {
        return None;
    }
    if money == metric {
        return Some(-change * of.current_n as f64);
    }
    let amounts = sums(view, money)?;
    let (rows, sum) = (amounts.baseline_n + amounts.current_n, amounts.baseline_sum + amounts.current_sum);
    (rows > 0).then(|| change * of.current_n as f64 * sum / rows as f64)
}
