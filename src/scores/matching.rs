//! Claims held against drifts, once. Every score is a function of the result.

use std::collections::BTreeMap;

use super::claimed::Claimed;
use crate::scenarios::InjectedDrift;

/// How far an alarm may be from a drift and still be about it. The window of a drift reaches from `early_days` before
/// its first day to `max_delay_days` after its last, both ends included, as in the protocol of Cerqueira et al. 2026
/// (arXiv 2606.07789).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    /// Days before the drift.
    pub early_days: u32,
    /// Days after its end.
    pub max_delay_days: u32,
}

/// What was watched, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    /// Segments.
    pub segments: u64,
    /// Days on which an alarm could be raised for each of them.
    pub days: u64,
}

/// What a claim is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// The drifts of these indices: more than one where drifts of a metric overlap.
    Drifts(Vec<usize>),
    /// Something that moves with a drift, or the whole of something of which a part drifts: neither right nor wrong.
    Neutral,
    /// Nothing.
    Nothing,
}

impl Relation {
    /// The indices of the drifts that the claim is about.
    #[must_use]
    pub fn drifts(&self) -> &[usize] {
        match self {
            Self::Drifts(indices) => indices,
            Self::Neutral | Self::Nothing => &[],
        }
    }
}

/// Claims and drifts, matched.
#[derive(Debug, Clone)]
pub struct Matching<'a> {
    /// The claims.
    pub claims: &'a [Claimed],
    /// The drifts.
    pub drifts: &'a [InjectedDrift],
    /// What each claim is about.
    pub relations: Vec<Relation>,
    /// How far off an alarm may be.
    pub tolerance: Tolerance,
    /// What was watched.
    pub exposure: Exposure,
}

impl<'a> Matching<'a> {
    /// Matches claims with drifts: by metric, segment, time, and direction where both say one.
    ///
    /// A claim is about every drift of its metric that covers its whole segment. Where there is none, it is neutral if
    /// a drift that covers it has its metric among the secondary ones, or if its segment is wider than that of a drift
    /// of its metric.
    #[must_use]
    pub fn new(
        claims: &'a [Claimed],
        drifts: &'a [InjectedDrift],
        tolerance: Tolerance,
        exposure: Exposure,
    ) -> Self {
        let mut of_metric: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, drift) in drifts.iter().enumerate() {
            let secondary = drift.secondary.iter().map(String::as_str);
            for metric in secondary.chain([drift.metric.as_str()]) {
                of_metric.entry(metric).or_default().push(index);
            }
        }
        let relation = |claim: &Claimed| {
            let near = of_metric.get(claim.metric.as_str()).map_or(&[][..], Vec::as_slice);
            relation(claim, drifts, near, tolerance)
        };
        Self { claims, drifts, relations: claims.iter().map(relation).collect(), tolerance, exposure }
    }

    /// The reported claims with what they are about.
    pub fn alarms(&self) -> impl Iterator<Item = (&'a Claimed, &Relation)> + '_ {
        self.claims.iter().zip(&self.relations).filter(|(claim, _)| claim.is_alarm)
    }

    /// For each drift whether an alarm is about it.
    #[must_use]
    pub fn found(&self) -> Vec<bool> {
        let mut found = vec![false; self.drifts.len()];
        for (_, relation) in self.alarms() {
            relation.drifts().iter().for_each(|index| found[*index] = true);
        }
        found
    }

    /// Drifts that an alarm is about: the true positives. Further alarms about the same drift count for nothing.
    #[must_use]
    pub fn found_count(&self) -> u64 {
        self.found().iter().filter(|found| **found).count() as u64
    }

    /// Alarms about nothing: the false positives.
    #[must_use]
    pub fn false_alarms(&self) -> u64 {
        self.alarms().filter(|(_, relation)| **relation == Relation::Nothing).count() as u64
    }
}

fn relation(claim: &Claimed, drifts: &[InjectedDrift], near: &[usize], tolerance: Tolerance) -> Relation {
    let segment = || claim.segment.iter().map(|(column, value)| (column.as_str(), value.as_str()));
    let mut about = Vec::new();
    let mut neutral = false;
    for index in near {
        let drift = &drifts[*index];
        if !in_time(claim, drift, tolerance) {
            continue;
        }
        if !drift.covers(segment()) {
            neutral |= drift.metric == claim.metric && is_part_of(drift, claim);
        } else if drift.metric != claim.metric {
            neutral = true;
        } else if claim.direction.is_none_or(|is| drift.direction.is_none_or(|was| is == was)) {
            about.push(*index);
        }
    }
    match (about.is_empty(), neutral) {
        (false, _) => Relation::Drifts(about),
        (true, true) => Relation::Neutral,
        (true, false) => Relation::Nothing,
    }
}

fn in_time(claim: &Claimed, drift: &InjectedDrift, tolerance: Tolerance) -> bool {
    let Some(day) = claim.day else { return true };
    // A drift ends on the day before `end`.
    day - drift.start >= -i64::from(tolerance.early_days)
        && day - drift.end < i64::from(tolerance.max_delay_days)
}

/// Whether a drift lies within the segment of a claim that names fewer columns.
fn is_part_of(drift: &InjectedDrift, claim: &Claimed) -> bool {
    let within = |(column, value): &(String, String)| {
        drift.segment.get(column).is_none_or(|values| values.contains(value))
    };
    claim.segment.len() < drift.segment.len() && claim.segment.iter().all(within)
}
