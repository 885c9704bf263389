//! The truth about the drift, held against the data: both must come from the same function.
//!
//! Every drift is measured in three spans: the baseline window, the current window, and from its own first day to
//! its last, for which the spec's windows are moved there.

use crate::measured::{Data, Span, parameter, windows};
use crate::statistics::{TOLERANCE, from_count};
use crate::{plan, spec};
use driftforge_generators::{DriftTruth, Parameter, SHAPES, Truth};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// So many that 2 points of a payer's denial rate stand out, and 5 % of its volume.
const RECORDS: u64 = 2_000_000;

fn truth() -> Truth {
    plan(&spec(), RECORDS, true).truth()
}

fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| Data::new(spec(), RECORDS, true))
}

/// The truth about a drift over its own span: of a spec whose windows are moved there.
fn over_own_span(drift: &DriftTruth, as_of: i32) -> (Span, f64) {
    let span = Span { start: drift.start.to_epoch_days(), end: drift.end.to_epoch_days() };
    let mut spec = spec();
    let length_days = (span.end - span.start) as u32;
    let ends_at_as_of = span.end == as_of;
    spec.dataset.current_days = if ends_at_as_of { length_days } else { (as_of - span.end) as u32 };
    spec.dataset.baseline_days = if ends_at_as_of { 1 } else { length_days };
    let truth = plan(&spec, RECORDS, true).truth();
    let same = truth.drifts.iter().find(|other| other.id == drift.id).expect("the same drifts");
    let parameter = parameter(same);
    (span, if ends_at_as_of { parameter.current } else { parameter.baseline })
}

#[test]
fn the_data_has_the_true_parameters() {
    let (truth, data) = (truth(), data());
    let mut wrong = Vec::new();
    for drift in &truth.drifts {
        let [baseline, current] = windows(&truth);
        let parameter = parameter(drift);
        let own = over_own_span(drift, truth.as_of.to_epoch_days());
        for (span, value) in [(baseline, parameter.baseline), (current, parameter.current), own] {
            let distance = data.distance(drift, span, value);
            if distance.is_nan() || distance.abs() >= TOLERANCE {
                wrong.push(format!("{} {span:?}: {distance:.1} standard errors from {value}", drift.id));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn without_drift_the_data_has_the_undrifted_parameters() {
    let (truth, data) = (truth(), Data::new(spec(), RECORDS, false));
    let [_, current] = windows(&truth);
    for drift in &truth.drifts {
        let value = parameter(drift).undrifted;
        let distance = data.distance(drift, current, value);
        assert!(distance.abs() < TOLERANCE, "{}: {distance:.1} standard errors from {value}", drift.id);
    }
}

/// The proof needs power: over its own span, the data must be far from what it would be without the drift.
#[test]
fn every_drift_shows_in_the_data() {
    let (truth, data) = (truth(), data());
    for drift in &truth.drifts {
        let (span, _) = over_own_span(drift, truth.as_of.to_epoch_days());
        let distance = data.distance(drift, span, parameter(drift).undrifted);
        assert!(distance.abs() > 2.0, "{}: only {distance:.1} standard errors from no drift", drift.id);
    }
}

#[test]
fn the_truth_counts_the_rows() {
    let (truth, data) = (truth(), data());
    let [baseline, current] = windows(&truth);
    let mut wrong = Vec::new();
    for drift in &truth.drifts {
        let rows = drift.rows.unwrap_or_else(|| panic!("{}: its rows are unknown", drift.id));
        let (own, _) = over_own_span(drift, truth.as_of.to_epoch_days());
        let mixes = drift.shape["kind"].as_str() == Some("gradual");
        let touched = |row: &usize| {
            let day = data.submitted[*row].map_or(0, |day| (day - own.start) as usize);
            if mixes { drift.strengths[day] } else { f64::from(drift.strengths[day] > 0.0) }
        };
        let touched: f64 = data.rows(drift, own).iter().map(touched).sum();
        let counts = [
            ("segment_baseline", data.rows(drift, baseline).len(), rows.segment_baseline),
            ("segment_current", data.rows(drift, current).len(), rows.segment_current),
            ("touched", touched.round() as usize, rows.touched),
        ];
        for (name, counted, expected) in counts {
            let distance = from_count(counted, expected);
            if distance.abs() >= TOLERANCE {
                wrong.push(format!("{} {name}: {counted}, not {expected}", drift.id));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn drifts_differ_in_metric_shape_size_and_segment() {
    let drifts = truth().drifts;
    assert!(drifts.len() >= 8);
    let metrics: BTreeSet<&str> = drifts.iter().map(|drift| drift.what.name()).collect();
    assert_eq!(metrics.len(), 6, "{metrics:?}");
    let shapes: BTreeSet<&str> = drifts.iter().filter_map(|drift| drift.shape["kind"].as_str()).collect();
    assert_eq!(shapes, SHAPES.iter().map(|shape| shape.name).collect());
    let segments: BTreeSet<Vec<&str>> =
        drifts.iter().map(|drift| drift.segment.keys().map(String::as_str).collect()).collect();
    let expected = [vec![], vec!["cpt_group"], vec!["cpt_group", "payer"], vec!["payer"]];
    assert_eq!(segments, BTreeSet::from(expected));
    assert!(drifts.iter().all(|drift| !drift.about.is_empty()));
}

/// What the payer rule reports, by its default limits: 5 points or half of the denial rate, 3 days or half of
/// the median decision time.
fn rule_finds(drift: &DriftTruth) -> bool {
    let Parameter { baseline, current, .. } = parameter(drift);
    let change = (current - baseline).abs();
    let least = match drift.column.as_str() {
        "outcome" => 0.05,
        "decided_date" => 3.0,
        _ => return false,
    };
    change >= least || change >= 0.5 * baseline
}

#[test]
fn some_drifts_are_for_the_payer_rule_and_some_are_not() {
    let drifts = truth().drifts;
    let found: Vec<&str> =
        drifts.iter().filter(|drift| rule_finds(drift)).map(|drift| drift.id.as_str()).collect();
    assert!(found.len() >= 4, "{found:?}");
    let same = |drift: &&DriftTruth| {
        let Parameter { undrifted, baseline, current, .. } = parameter(drift);
        (current - baseline).abs() < 0.01 * undrifted
    };
    let same: Vec<&str> = drifts.iter().filter(same).map(|drift| drift.id.as_str()).collect();
    assert!(same.len() >= 3, "{same:?}");
    let below = drifts.len() - found.len() - same.len();
    assert!(below >= 2, "found {found:?}, the same in both windows {same:?}");
}

/// With fewer claims than this in a window, the payer rule looks at no segment.
#[test]
fn segments_that_the_payer_rule_should_find_are_large_enough() {
    const MIN_VOLUME: usize = 30;
    let (truth, data) = (truth(), data());
    let groups = data.table.texts("cpt_group");
    for drift in truth.drifts.iter().filter(|drift| rule_finds(drift)) {
        for span in windows(&truth) {
            let mut claims: BTreeMap<Option<&str>, usize> = BTreeMap::new();
            data.rows(drift, span).iter().for_each(|row| *claims.entry(groups.get(*row)).or_default() += 1);
            // 3.5 % of the claims are neither paid nor denied.
            let small = claims.iter().find(|(_, claims)| **claims < MIN_VOLUME + 10);
            assert!(small.is_none(), "{} {span:?}: {small:?}", drift.id);
        }
    }
}
