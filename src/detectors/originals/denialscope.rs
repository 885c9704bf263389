//! DenialScope: denial reasons that are new or grow, by payer and reason.
//!
//! The 7 days of submissions before the end against the 21 before them. A claim's reason is its code, or else its text, or
//! else "DENIED". Four signals:
//!
//! | signal | fires when |
//! |---|---|
//! | `NEW_DENIAL_REASON` | the reason does not occur in the baseline, and on 10 denials now |
//! | `DENIAL_RATE_SPIKE` | the rate is 0.05 higher, or by half |
//! | `DENIAL_DOLLARS_SPIKE` | the dollars on denied claims have grown by half |
//! | `DENIAL_VOLUME_SPIKE` | where there are no dollars, denials have grown by half |
//!
//! `denialscope-compat` is the product as it was. A reason's rate is that of denials among the claims *with the
//! reason*, which is 1 wherever denials have codes, so that only "DENIED", where claims without a code are, ever has
//! another. Sums of 7 days are compared with sums of 21, so that it takes 4.5 times the daily rate to grow by half. The
//! minimum of 10 claims is held against dollars too. The grade of a rate is that of a difference that is nearly always
//! "low".
//!
//! `denialscope` puts these right. A rate is the share of a reason's denials in all claims of the payer, graded by
//! its relative growth. Dollars and denials are those of a day. The minimum is one of denials of the reason now, in
//! both windows where volumes are compared, and of claims of the payer in both. A reason is new when the payer had claims
//! without it. Rates have the p-value of the pooled z test; a dollar spike's impact is what the current window
//! has more of.
//!
//! The description of the product does not say which dollars; here they are those allowed on denied claims. The
//! grade's number from 0 to 1 is ours.

use std::collections::BTreeMap;
use std::sync::Arc;

use driftforge_statistics::two_windows::{self as methods, Rates, Share, Windows};
use serde_json::{Map, Value};

use super::labels::Grade;
use super::{Manner, Needs, min_volume, parameters};
use crate::Result;
use crate::detectors::event::{DriftEvent, Evidence, SegmentName};
use crate::detectors::{Detection, Detector, DetectorAbout, Settings};
use crate::mappings::Mapping;
use crate::summaries::{Grid, Plan, SegmentView, Summaries, Tally, WindowPair};

pub(in crate::detectors) const SOUND: DetectorAbout = DetectorAbout {
    name: "denialscope",
    about: "denial reasons of a payer that are new or grow, as shares of its claims and per day",
    data: "claims with the columns of the mapping denialscope",
    reference: "the DenialScope signals of a claims monitoring product, with their faults put right",
};

pub(in crate::detectors) const COMPAT: DetectorAbout = DetectorAbout {
    name: "denialscope-compat",
    about: "denial reasons of a payer that are new or grow, by the sums that the product compared",
    data: "claims with the columns of the mapping denialscope",
    reference: "the DenialScope signals of a claims monitoring product, arithmetic kept",
};

const NEEDS: Needs = Needs {
    mapping: "denialscope",
    metrics: &["denial_rate", "denied_amount"],
    baseline_days: 21,
    current_days: 7,
};

/// Claims that a comparison needs.
const MIN_VOLUME: u64 = 10;
const RATE_THRESHOLD: f64 = 0.05;
const RELATIVE_THRESHOLD: f64 = 0.5;
const CONFIDENCE_OF_NEW: f64 = 0.8;
const CENTS: f64 = 100.0;

/// The signals of denial reasons.
#[derive(Debug, Clone, Copy)]
pub struct DenialScope {
    manner: Manner,
    min_volume: u64,
}

/// One reason of a payer, in the baseline and now.
#[derive(Debug, Clone, Copy)]
struct Reason {
    /// Denials among claims with the reason.
    tallies: [Tally; 2],
    dollars: [f64; 2],
    /// All claims of the payer.
    payer_claims: [u64; 2],
}

/// What has grown.
struct Growth {
    drift_type: &'static str,
    values: [f64; 2],
    rows: [u64; 2],
    grade: Grade,
    confidence: f64,
}

impl DenialScope {
    /// The product in a manner, with the settings' minimum volume.
    ///
    /// # Errors
    /// [`crate::Error::Option`] for a minimum volume of 0, and for parameters, of which it has none.
    pub fn of(manner: Manner, settings: &Settings) -> Result<Self> {
        settings.refuse_others(&[])?;
        Ok(Self { manner, min_volume: min_volume(settings, MIN_VOLUME)? })
    }

    fn growths(&self, reason: &Reason) -> Vec<(Growth, Evidence)> {
        let is_new = match self.manner {
            Manner::Original => reason.tallies[0].trials == 0,
            Manner::Sound => {
                reason.tallies[0].hits == 0
                    && reason.payer_claims.iter().all(|&claims| claims >= self.min_volume)
            }
        };
        let denied = reason.tallies.map(|tally| tally.hits);
        if is_new && denied[1] >= self.min_volume {
            let growth = Growth {
                drift_type: "NEW_DENIAL_REASON",
                values: denied.map(|rows| rows as f64),
                rows: denied,
                grade: Grade::High,
                confidence: CONFIDENCE_OF_NEW,
            };
            return vec![(growth, Evidence::default())];
        }
        [self.volume(reason), self.rate(reason)].into_iter().flatten().collect()
    }

    fn rate(&self, reason: &Reason) -> Option<(Growth, Evidence)> {
        let denied = reason.tallies.map(|tally| tally.hits);
        let among = match self.manner {
            Manner::Original => reason.tallies.map(|tally| tally.trials),
            Manner::Sound => reason.payer_claims,
        };
        let has_enough = among[0].min(among[1]) >= self.min_volume
            && (self.manner == Manner::Original || denied[1] >= self.min_volume);
        if !has_enough {
            return None;
        }
        let [baseline, current] = [0, 1].map(|window| denied[window] as f64 / among[window] as f64);
        let delta = current - baseline;
        let relative = (baseline > 0.0).then(|| delta / baseline);
        if delta < RATE_THRESHOLD && relative.is_none_or(|relative| relative < RELATIVE_THRESHOLD) {
            return None;
        }
        let (graded, counted, evidence) = match self.manner {
            Manner::Original => (delta, among, Evidence::default()),
            Manner::Sound => (relative.unwrap_or(f64::INFINITY), denied, tested(denied, among)),
        };
        let growth = Growth {
            drift_type: "DENIAL_RATE_SPIKE",
            values: [baseline, current],
            rows: among,
            grade: grade(graded),
            confidence: self.confidence(counted.map(|rows| rows as f64)),
        };
        Some((growth, Evidence { effect_size: relative, ..evidence }))
    }

    /// Dollars, or denials where there are no dollars.
    fn volume(&self, reason: &Reason) -> Option<(Growth, Evidence)> {
        let denied = reason.tallies.map(|tally| tally.hits);
        let counts = denied.map(|rows| rows as f64);
        let has_dollars = reason.dollars.iter().all(|&dollars| dollars > 0.0);
        let (drift_type, sums) = match has_dollars {
            true => ("DENIAL_DOLLARS_SPIKE", reason.dollars),
            false => ("DENIAL_VOLUME_SPIKE", counts),
        };
        let (counted, values) = match self.manner {
            Manner::Original => (sums, sums),
            Manner::Sound => {
                let [baseline_days, current_days] = [NEEDS.baseline_days, NEEDS.current_days].map(f64::from);
                (counts, [sums[0] / baseline_days, sums[1] / current_days])
            }
        };
        let relative = (values[1] - values[0]) / values[0];
        if counted[0].min(counted[1]) < self.min_volume as f64 || relative < RELATIVE_THRESHOLD {
            return None;
        }
        let is_impact = has_dollars && self.manner == Manner::Sound;
        let impact = (values[1] - values[0]) * f64::from(NEEDS.current_days);
        let evidence = Evidence {
            effect_size: Some(relative),
            impact_dollars: is_impact.then_some(impact),
            ..Evidence::default()
        };
        let confidence = self.confidence(counted);
        Some((Growth { drift_type, values, rows: denied, grade: grade(relative), confidence }, evidence))
    }

    fn confidence(&self, [baseline, current]: [f64; 2]) -> f64 {
        ((current + baseline) / (4 * self.min_volume) as f64).min(1.0)
    }

    fn event(growth: &Growth, evidence: Evidence, segment: &SegmentName, windows: WindowPair) -> DriftEvent {
        let [baseline, current] = growth.values;
        DriftEvent {
            baseline_value: Some(baseline),
            current_value: Some(current),
            delta_value: current - baseline,
            severity: growth.grade.severity(),
            confidence: growth.confidence,
            baseline_n: growth.rows[0],
            current_n: growth.rows[1],
            evidence: Evidence { severity_label: Some(growth.grade.name()), ..evidence },
            ..DriftEvent::new(segment.clone(), growth.drift_type.to_owned(), windows)
        }
    }
}

fn grade(growth: f64) -> Grade {
    let grades = [(1.0, Grade::Critical), (0.75, Grade::High), (0.5, Grade::Medium)];
    grades.into_iter().find(|&(least, _)| growth >= least).map_or(Grade::Low, |(_, grade)| grade)
}

/// The pooled z test of two shares.
fn tested(hits: [u64; 2], trials: [u64; 2]) -> Evidence {
    let share = |window: usize| Share { hits: hits[window], trials: trials[window] };
    let comparison = methods::find("two-proportion-z").ok().and_then(|method| {
        let rates = Rates::new(share(0), share(1)).ok()?;
        method.compare(&Windows::Rates(rates)).ok().flatten()
    });
    Evidence {
        statistic: comparison.map(|comparison| comparison.statistic),
        p_value: comparison.and_then(|comparison| comparison.p_value),
        ..Evidence::default()
    }
}

impl Reason {
    fn of(view: &SegmentView, payer_claims: &BTreeMap<&[String], [u64; 2]>) -> Option<Self> {
        let dollars = |window| {
            let metric = place(view, "denied_amount")?;
            Some(view.moments(metric, window)?.sum as f64 / CENTS)
        };
        Some(Self {
            tallies: tallies(view)?,
            dollars: [dollars(Grid::BASELINE)?, dollars(Grid::CURRENT)?],
            payer_claims: payer_claims.get(payer(view)).copied()?,
        })
    }
}

fn place(view: &SegmentView, metric: &str) -> Option<usize> {
    view.metrics().iter().position(|known| known.name == metric)
}

fn tallies(view: &SegmentView) -> Option<[Tally; 2]> {
    let metric = place(view, "denial_rate")?;
    Some([view.tally(metric, Grid::BASELINE)?, view.tally(metric, Grid::CURRENT)?])
}

/// The segment without the reason, which stands last.
fn payer<'s>(view: &SegmentView<'s>) -> &'s [String] {
    let segment = &view.segment.0;
    &segment[..segment.len().saturating_sub(1)]
}

impl Detector for DenialScope {
    fn about(&self) -> DetectorAbout {
        match self.manner {
            Manner::Original => COMPAT,
            Manner::Sound => SOUND,
        }
    }

    fn plan(&self, mapping: &Arc<Mapping>, windows: WindowPair) -> Result<Plan> {
        NEEDS.plan(mapping, windows.current.end)
    }

    fn detect(&self, summaries: &Summaries) -> Result<Detection> {
        let windows = NEEDS.windows(summaries)?;
        let columns = summaries.plan().mapping.segments();
        let mut payer_claims: BTreeMap<&[String], [u64; 2]> = BTreeMap::new();
        for view in summaries.views() {
            let known = payer_claims.entry(payer(&view)).or_default();
            let claims = tallies(&view).unwrap_or_default().map(|tally| tally.trials);
            known.iter_mut().zip(claims).for_each(|(known, more)| *known += more);
        }
        let mut detection = Detection::default();
        for view in summaries.views() {
            detection.groups_considered += 1;
            let Some(reason) = Reason::of(&view, &payer_claims) else { continue };
            let [baseline, current] = reason.tallies;
            let has_enough = baseline.trials.max(current.trials) >= self.min_volume;
            detection.groups_compared += u64::from(has_enough);
            let segment = SegmentName::new(columns, &view.segment.0);
            let growths = self.growths(&reason).into_iter();
            detection
                .events
                .extend(growths.map(|(growth, evidence)| Self::event(&growth, evidence, &segment, windows)));
        }
        Ok(detection)
    }

    fn parameters(&self) -> Map<String, Value> {
        parameters(self.min_volume, &NEEDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(baseline: (u64, u64), current: (u64, u64), dollars: [f64; 2]) -> Reason {
        let tally = |(hits, trials)| Tally { hits, trials };
        Reason { tallies: [tally(baseline), tally(current)], dollars, payer_claims: [600, 200] }
    }

    fn found(manner: Manner, reason: &Reason) -> Vec<(&'static str, &'static str, f64)> {
        let scope = DenialScope::of(manner, &Settings::default()).unwrap();
        let growths = scope.growths(reason).into_iter();
        growths.map(|(growth, _)| (growth.drift_type, growth.grade.name(), growth.confidence)).collect()
    }

    #[test]
    fn sums_of_unequal_windows_are_compared_by_the_original_alone() {
        // 30 denials in 21 days, 20 in 7: twice as many a day.
        let doubled = reason((30, 30), (20, 20), [3_000.0, 2_000.0]);
        assert!(found(Manner::Original, &doubled).is_empty());
        let sound = found(Manner::Sound, &doubled);
        assert_eq!(sound[0], ("DENIAL_DOLLARS_SPIKE", "critical", 1.0));
        assert_eq!(sound[1].0, "DENIAL_RATE_SPIKE", "30 of 600 against 20 of 200");
        // Four and a half times as many a day.
        let original = found(Manner::Original, &reason((30, 30), (45, 45), [3_000.0, 4_500.0]));
        assert_eq!(original, [("DENIAL_DOLLARS_SPIKE", "medium", 1.0)]);
    }

    #[test]
    fn the_original_holds_dollars_against_a_number_of_claims() {
        let two_claims = reason((2, 2), (2, 2), [100.0, 300.0]);
        assert_eq!(found(Manner::Original, &two_claims), [("DENIAL_DOLLARS_SPIKE", "critical", 1.0)]);
        assert!(found(Manner::Sound, &two_claims).is_empty());
    }

    #[test]
    fn without_dollars_denials_are_compared() {
        let original = found(Manner::Original, &reason((12, 12), (20, 20), [0.0, 0.0]));
        assert_eq!(original, [("DENIAL_VOLUME_SPIKE", "medium", 0.8)]);
        let sound = found(Manner::Sound, &reason((12, 12), (10, 10), [0.0, 9.0]));
        assert_eq!(sound[0], ("DENIAL_VOLUME_SPIKE", "critical", 0.55));
    }

    #[test]
    fn a_reason_is_new_when_it_was_not_there() {
        let new = ("NEW_DENIAL_REASON", "high", 0.8);
        for manner in [Manner::Original, Manner::Sound] {
            assert_eq!(found(manner, &reason((0, 0), (10, 10), [0.0, 5.0])), [new]);
            assert!(found(manner, &reason((0, 0), (9, 9), [0.0, 5.0])).is_empty());
        }
        // Paid claims without a code hide it from the original.
        let among_paid = reason((0, 500), (10, 150), [0.0, 5.0]);
        assert_eq!(found(Manner::Original, &among_paid), [("DENIAL_RATE_SPIKE", "low", 1.0)]);
        assert_eq!(found(Manner::Sound, &among_paid), [new]);
        // A payer that was not there has no new reasons.
        let new_payer = Reason { payer_claims: [0, 200], ..reason((0, 0), (10, 10), [0.0, 5.0]) };
        assert!(found(Manner::Sound, &new_payer).is_empty());
    }

    #[test]
    fn grades_have_their_bounds() {
        assert_eq!(
            [1.0, 0.75, 0.5, 0.49].map(|growth| grade(growth).name()),
            ["critical", "high", "medium", "low"]
        );
    }
}
