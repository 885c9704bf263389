//! The best that any rule could claim, which knows the true parameters.

use driftforge_statistics::verdict::{TrueDrift, TrueEffect, Truth, oracle};

use crate::detectors::SegmentPanel;
use crate::scenarios::InjectedDrift;
use crate::scores::Claimed;
use crate::summaries::{Day, Summaries};
use crate::{Error, Result};

/// What the oracle claims of `data` at a false-discovery level. `reference` is the same without drift; both were
/// summarised for the verdict.
pub(super) fn claims(
    data: &Summaries,
    reference: &Summaries,
    drifts: &[InjectedDrift],
    level: f64,
) -> Result<Vec<Claimed>> {
    let panel = SegmentPanel::of(data)?;
    let reference = SegmentPanel::of(reference)?;
    let span = data.plan().grid.span();
    let truth = Truth {
        reference: &reference.panel,
        drifts: drifts.iter().flat_map(|drift| true_drifts(drift, &panel, span.start)).collect(),
    };
    let cells = oracle(&panel.panel, &truth, level)
        .map_err(|problem| Error::option("alpha", level, problem.to_string()))?;
    let metrics = data.plan().mapping.metrics();
    let count = cells.len();
    let claim = |(rank, (metric, segment)): (usize, (usize, usize))| Claimed {
        segment: panel.segments()[segment].0.clone(),
        metric: metrics[metric].name.clone(),
        day: span.end.checked_add(-1),
        score: (count - rank) as f64,
        direction: None,
        is_alarm: true,
    };
    Ok(cells.into_iter().enumerate().map(claim).collect())
}

/// A drift in each of the segments that it covers, from the first day that is searched.
fn true_drifts(drift: &InjectedDrift, panel: &SegmentPanel, start: Day) -> Vec<TrueDrift> {
    let Some(metric) = panel.metric(&drift.metric) else { return Vec::new() };
    let Some(effect) = true_effect(drift, panel, metric) else { return Vec::new() };
    let first = drift.start - start;
    let first_day = first.max(panel.panel.recent() as i64) as usize;
    let skipped = usize::try_from(first_day as i64 - first).unwrap_or(0);
    let strengths = drift.strengths.get(skipped..).unwrap_or_default();
    let segments = panel.segments().iter().enumerate();
    let covered = segments.filter(|(_, segment)| {
        drift.covers(segment.0.iter().map(|(column, value)| (column.as_str(), value.as_str())))
    });
    covered
        .map(|(segment, _)| TrueDrift {
            metric,
            segment,
            effect,
            first_day,
            strengths: strengths.to_vec(),
            gradual: drift.mixes_rows,
        })
        .collect()
}

fn true_effect(drift: &InjectedDrift, panel: &SegmentPanel, metric: usize) -> Option<TrueEffect> {
    let effect = &drift.effect;
    if let Some(size) = effect.points.or(effect.days) {
        return Some(TrueEffect::Addition(size));
    }
    if let Some(factor) = effect.factor {
        return Some(TrueEffect::Factor(factor));
    }
    let (name, &factor) = effect.weights.as_ref()?.iter().next()?;
    Some(TrueEffect::Weight { category: panel.category(metric, name)?, factor })
}
