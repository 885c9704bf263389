//! What a comparison of two windows found of a dataset's drift.

use driftforge_generators::{DriftTruth, Truth, What};

use super::claimed::Claimed;
use super::matching::{Exposure, Matching, Tolerance};
use crate::detectors::DriftEvent;
use crate::measure::Detection;
use crate::scenarios::{Direction, InjectedDrift};
use crate::summaries::{DayRange, WindowPair};

/// How much the mean strength of a drift must differ between two windows for a window rule to be asked
/// to find it: half of its full size.
pub const LEAST_CHANGE: f64 = 0.5;

/// Which drift of which column an event type speaks of.
const WATCHED: &[(What, &str, &str)] =
    &[(What::Rate, "outcome", "denial_rate"), (What::Delay, "decided_date", "decision_time")];

/// The columns that events name their segment by.
const SEGMENT_COLUMNS: [&str; 2] = ["payer", "cpt_group"];

/// Which drifts the windows can show is decided by their strength, so time excludes no event.
const ANY_TIME: Tolerance = Tolerance { early_days: u32::MAX, max_delay_days: u32::MAX };

/// What became of the injected drifts and of the events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scorecard {
    /// Ids of drifts that an event matches.
    pub found: Vec<String>,
    /// Ids of drifts that should have been found, and that no event matches.
    pub missed: Vec<String>,
    /// Ids of drifts of a metric or segment that no event type speaks of.
    pub not_watched: Vec<String>,
    /// Ids of watched drifts whose strength hardly differs between the windows.
    pub without_change: Vec<String>,
    /// Events that match a drift.
    pub events_matched: u64,
    /// Events that match none.
    pub events_unmatched: u64,
}

impl Scorecard {
    /// Matches events with the drifts that changed between `windows`.
    ///
    /// An event matches a drift of its metric whose segment contains the event's, when both go up or both
    /// go down.
    #[must_use]
    pub fn new(truth: &Truth, windows: WindowPair, events: &[DriftEvent]) -> Self {
        let mut card = Self::default();
        let mut to_find: Vec<InjectedDrift> = Vec::new();
        for drift in &truth.drifts {
            match watched_as(drift) {
                None => card.not_watched.push(drift.id.clone()),
                Some(_) if change(drift, windows).abs() < LEAST_CHANGE => {
                    card.without_change.push(drift.id.clone())
                }
                Some(metric) => to_find.push(injected(drift, metric, windows)),
            }
        }
        let claims: Vec<Claimed> = events.iter().map(Claimed::from).collect();
        let matching = Matching::new(&claims, &to_find, ANY_TIME, Exposure { segments: 0, days: 0 });
        for (drift, found) in to_find.iter().zip(matching.found()) {
            let ids = if found { &mut card.found } else { &mut card.missed };
            ids.push(drift.id.clone());
        }
        let matched =
            matching.relations.iter().filter(|relation| !relation.drifts().is_empty()).count() as u64;
        card.events_matched = matched;
        card.events_unmatched = events.len() as u64 - matched;
        card
    }

    /// The share of events that match a drift; `None` without events.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        let events = self.events_matched + self.events_unmatched;
        (events > 0).then(|| self.events_matched as f64 / events as f64)
    }

    /// The share of the drifts to find that were found; `None` without any.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        let drifts = self.found.len() + self.missed.len();
        (drifts > 0).then(|| self.found.len() as f64 / drifts as f64)
    }
}

impl From<&Scorecard> for Detection {
    fn from(card: &Scorecard) -> Self {
        let count = |ids: &[String]| Some(ids.len() as u64);
        Self {
            drifts_watched: Some((card.found.len() + card.missed.len()) as u64),
            drifts_found: count(&card.found),
            drifts_missed: count(&card.missed),
            drifts_not_watched: count(&card.not_watched),
            drifts_without_change: count(&card.without_change),
            events_matched: Some(card.events_matched),
            events_unmatched: Some(card.events_unmatched),
            precision: card.precision(),
            recall: card.recall(),
        }
    }
}

/// The event type that speaks of a drift, if its segment is one that events can name.
fn watched_as(drift: &DriftTruth) -> Option<&'static str> {
    let named = drift.segment.keys().all(|column| SEGMENT_COLUMNS.contains(&column.as_str()));
    let watched = WATCHED.iter().find(|(what, column, _)| *what == drift.what && *column == drift.column);
    watched.filter(|_| named).map(|(_, _, drift_type)| *drift_type)
}

/// The mean strength over the current window less that over the baseline.
fn change(drift: &DriftTruth, windows: WindowPair) -> f64 {
    mean_strength(drift, windows.current) - mean_strength(drift, windows.baseline)
}

fn mean_strength(drift: &DriftTruth, window: DayRange) -> f64 {
    let start = drift.start.to_epoch_days();
    let strength = |day: i32| usize::try_from(day - start).ok().and_then(|day| drift.strengths.get(day));
    let sum: f64 = (window.start.0..window.end.0).filter_map(strength).sum();
    sum / window.len_days() as f64
}

/// A drift of the truth, as the scores take it.
fn injected(drift: &DriftTruth, metric: &str, windows: WindowPair) -> InjectedDrift {
    let effect = &drift.effect;
    let full = effect
        .points
        .or(effect.days)
        .or(effect.odds.map(|odds| odds - 1.0))
        .or(effect.factor.map(|factor| factor - 1.0));
    let direction = full.and_then(|full| Direction::of(full * change(drift, windows)));
    InjectedDrift::of_truth(drift, metric, direction, (full.unwrap_or_default(), effect.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::SegmentName;
    use crate::summaries::Day;
    use driftforge_generators::{EffectSpec, Windows};
    use std::collections::BTreeMap;

    const AS_OF: Day = Day(20_000);

    fn windows() -> WindowPair {
        WindowPair::before(AS_OF, 90, 14).unwrap()
    }

    fn drift(id: &str, what: What, column: &str, payer: &str, days_before: u64) -> DriftTruth {
        let as_of = chrono::NaiveDate::from_epoch_days(AS_OF.0).unwrap();
        DriftTruth {
            id: id.to_owned(),
            table: None,
            about: String::new(),
            what,
            column: column.to_owned(),
            segment: BTreeMap::from([("payer".to_owned(), vec![payer.to_owned()])]),
            shape: toml::Table::new(),
            start: as_of - chrono::Days::new(days_before),
            end: as_of,
            effect: EffectSpec { points: Some(0.1), odds: None, factor: None, days: None, weights: None },
            strengths: vec![1.0; days_before as usize],
            parameter: None,
            rows: None,
        }
    }

    fn truth(drifts: Vec<DriftTruth>) -> Truth {
        let day = chrono::NaiveDate::from_epoch_days(AS_OF.0).unwrap();
        let windows =
            Windows { baseline_start: day, baseline_end: day, current_start: day, current_end: day };
        let dataset = "claims".to_owned();
        Truth { format_version: 1, dataset, seed: 1, customer: 1, records: 1, as_of: day, windows, drifts }
    }

    fn event(payer: &str, drift_type: &str, delta_value: f64) -> DriftEvent {
        let segment = [("payer", payer), ("cpt_group", "IMAGING")];
        let segment = segment.map(|(column, value)| (column.to_owned(), value.to_owned()));
        let event = DriftEvent::new(SegmentName(segment.to_vec()), drift_type.to_owned(), windows());
        DriftEvent { baseline_value: Some(0.1), current_value: Some(0.1 + delta_value), delta_value, ..event }
    }

    #[test]
    fn each_drift_and_each_event_is_counted_once() {
        let truth = truth(vec![
            drift("found", What::Rate, "outcome", "A", 14),
            drift("missed", What::Delay, "decided_date", "A", 14),
            drift("both-windows", What::Rate, "outcome", "B", 104),
            drift("amounts", What::Amount, "allowed_amount", "A", 14),
        ]);
        let events =
            [event("A", "DENIAL_RATE", 0.1), event("A", "DENIAL_RATE", -0.1), event("B", "DENIAL_RATE", 0.1)];
        let card = Scorecard::new(&truth, windows(), &events);
        assert_eq!((card.found, card.missed), (vec!["found".to_owned()], vec!["missed".to_owned()]));
        assert_eq!((card.without_change.len(), card.not_watched.len()), (1, 1));
        assert_eq!((card.events_matched, card.events_unmatched), (1, 2));
    }

    #[test]
    fn without_events_or_drifts_the_shares_are_absent() {
        let card = Scorecard::new(&truth(Vec::new()), windows(), &[]);
        assert_eq!((card.precision(), card.recall()), (None, None));
    }

    #[test]
    fn a_ramp_counts_by_its_mean_strength() {
        let mut ramp = drift("ramp", What::Rate, "outcome", "A", 28);
        ramp.strengths = (1..=28).map(|day| f64::from(day) / 28.0).collect();
        let expected =
            (15..=28).sum::<i32>() as f64 / 28.0 / 14.0 - (1..=14).sum::<i32>() as f64 / 28.0 / 90.0;
        assert!((change(&ramp, windows()) - expected).abs() < 1e-12);
    }
}
