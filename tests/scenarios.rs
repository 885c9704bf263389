//! Scenarios are what they say: their drifts are in the data, where and as large as the truth has them, and nowhere
//! else.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal64Type};
use arrow_array::{Array, RecordBatch};
use driftforge::generators::DriftTruth;
use driftforge::scenarios::{DRIFT_KINDS, PlannedScenario, SCENARIOS, Scenario};

/// Rows of a batch.
const BATCH_ROWS: u64 = 1 << 16;

fn planned(name: &str, seed: u64) -> PlannedScenario {
    Scenario::built_in(name).unwrap().plan(seed).unwrap()
}

// --- what is planned -------------------------------------------------------------------------------------------------

#[test]
fn every_scenario_is_planned_under_its_name_with_its_drifts() {
    for entry in SCENARIOS {
        let scenario = Scenario::built_in(entry.name).unwrap();
        assert_eq!(scenario.name(), entry.name);
        let planned = scenario.clone().with_records(5_000).plan(3).unwrap();
        assert_eq!(planned.dataset.plan().name(), format!("scenario-{}", entry.name));
        assert_eq!(planned.drifts.len(), scenario.drift_count(), "{}", entry.name);
        let truth = planned.dataset.collection().truth();
        let told: BTreeMap<&str, &DriftTruth> =
            truth.drifts.iter().map(|drift| (drift.id.as_str(), drift)).collect();
        let mut segments = BTreeSet::new();
        for drift in &planned.drifts {
            let told = told[drift.id.as_str()];
            assert_eq!(
                (&told.segment, told.start.into(), told.end.into()),
                (&drift.segment, drift.start, drift.end)
            );
            assert_eq!((&told.strengths, drift.mixes_rows), (&drift.strengths, entry.name == "gradual"));
            assert!(told.parameter.is_some() && told.rows.is_some(), "{}: {}", entry.name, drift.id);
            assert!(segments.insert(drift.segment.clone()), "{:?} drifts twice", drift.segment);
        }
        assert!(planned.dataset.plan().batch(4_000..5_000).num_rows() >= 1_000);
    }
}

#[test]
fn the_main_scenario_is_as_hard_as_it_says() {
    let scenario = Scenario::built_in("sudden").unwrap();
    assert_eq!((scenario.records(), scenario.segment_count(), scenario.drift_count()), (1_000_000, 300, 60));
    let planned = scenario.plan(42).unwrap();
    let of_kind = |metric: &str| planned.drifts.iter().filter(|drift| drift.metric == metric).count();
    assert!(DRIFT_KINDS.iter().all(|kind| of_kind(kind.metric) == 10));
    let sizes = |metric: &str| -> BTreeSet<String> {
        let of_kind = planned.drifts.iter().filter(|drift| drift.metric == metric);
        of_kind.map(|drift| drift.size.to_string()).collect()
    };
    assert!(DRIFT_KINDS.iter().all(|kind| sizes(kind.metric).len() == 3));
    let truth = planned.dataset.collection().truth();
    let current: Vec<f64> = truth.drifts.iter().map(|drift| drift.rows.unwrap().segment_current).collect();
    let mean = current.iter().sum::<f64>() / current.len() as f64;
    assert!((mean - 128.0).abs() < 8.0, "{mean}");
    assert!(current.iter().all(|rows| (96.0..170.0).contains(rows)), "{current:?}");
}

#[test]
fn a_seed_decides_on_everything_and_decides_it_again() {
    let [one, again, other] = [planned("sudden", 1), planned("sudden", 1), planned("sudden", 2)];
    assert_eq!((&one.drifts, &one.spec), (&again.drifts, &again.spec));
    assert_eq!(one.dataset.digest(), again.dataset.digest());
    let segments = |planned: &PlannedScenario| -> Vec<_> {
        planned.drifts.iter().map(|drift| drift.segment.clone()).collect()
    };
    assert_ne!(segments(&one), segments(&other));
    assert_ne!(one.spec, other.spec);
}

#[test]
fn a_reference_has_the_same_parameters_and_no_drift() {
    let scenario = Scenario::built_in("season").unwrap().with_records(20_000);
    let (with, without) = (scenario.plan(1).unwrap(), scenario.plan_reference(1).unwrap());
    assert!(without.drifts.is_empty() && with.drifts.len() == 60);
    let columns = |spec: &str| spec.parse::<toml::Table>().unwrap()["column"].clone();
    assert_eq!(columns(&with.spec), columns(&without.spec));
    // What is no drift stays: the truth has the nuisance alone.
    let truth = without.dataset.collection().truth();
    assert_eq!(truth.drifts.iter().map(|told| told.id.as_str()).collect::<Vec<_>>(), ["weekly-denials"]);
    // Rows before the drift are the same rows.
    assert_eq!(with.dataset.plan().batch(0..1_000), without.dataset.plan().batch(0..1_000));
    assert_ne!(with.dataset.plan().batch(18_000..20_000), without.dataset.plan().batch(18_000..20_000));
}

// --- what is in the data ---------------------------------------------------------------------------------------------

/// One claim, as far as these tests look at it.
struct Claim {
    segment: (String, String),
    /// Days before `as_of`.
    age_days: i32,
    outcome: Option<String>,
    decision_days: Option<i32>,
    payment_days: Option<i32>,
    /// The allowed part of the billed amount.
    allowed_share: Option<f64>,
    reason: Option<String>,
    authorization_required: bool,
}

/// The claims of the last `days` days.
fn claims(planned: &PlannedScenario, days: i32) -> Vec<Claim> {
    let plan = planned.dataset.plan();
    let columns = [
        "payer",
        "cpt_group",
        "submitted_date",
        "outcome",
        "decided_date",
        "payment_date",
        "billed_amount",
        "allowed_amount",
        "denial_reason_code",
        "authorization_required",
    ];
    let plan = plan.project(&columns).unwrap();
    let as_of = plan.as_of().to_epoch_days();
    let mut claims = Vec::new();
    let mut end = plan.row_count();
    while end > 0 {
        let start = end.saturating_sub(BATCH_ROWS);
        let of_batch = of_batch(&plan.batch(start..end), as_of);
        let all_before = of_batch.iter().all(|claim| claim.age_days > days);
        claims.extend(of_batch.into_iter().filter(|claim| claim.age_days <= days));
        if all_before {
            break;
        }
        end = start;
    }
    claims
}

fn of_batch(batch: &RecordBatch, as_of: i32) -> Vec<Claim> {
    let texts = |index: usize| -> Vec<Option<String>> {
        let column = batch.column(index).as_any_dictionary();
        let (keys, values) = (column.normalized_keys(), column.values().as_string::<i32>());
        let value =
            |(row, key): (usize, &usize)| column.keys().is_valid(row).then(|| values.value(*key).to_owned());
        keys.iter().enumerate().map(value).collect()
    };
    let days = |index: usize, row: usize| {
        let column = batch.column(index).as_primitive::<Date32Type>();
        column.is_valid(row).then(|| column.value(row))
    };
    let cents = |index: usize, row: usize| {
        let column = batch.column(index).as_primitive::<Decimal64Type>();
        column.is_valid(row).then(|| column.value(row) as f64)
    };
    let (payers, groups, outcomes, reasons) = (texts(0), texts(1), texts(3), texts(8));
    let rows = 0..batch.num_rows();
    let claim = |row: usize| Claim {
        segment: (payers[row].clone().unwrap_or_default(), groups[row].clone().unwrap_or_default()),
        age_days: as_of - days(2, row).unwrap(),
        outcome: outcomes[row].clone(),
        decision_days: days(4, row).map(|day| day - days(2, row).unwrap()),
        payment_days: days(5, row).and_then(|day| Some(day - days(4, row)?)),
        allowed_share: cents(7, row).and_then(|allowed| Some(allowed / cents(6, row)?)),
        reason: reasons[row].clone(),
        authorization_required: batch.column(9).as_boolean().value(row),
    };
    rows.map(claim).collect()
}

/// Number, sum and sum of squares of the values of a metric.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn mean(self) -> f64 {
        self.sum / self.count
    }

    fn variance(self) -> f64 {
        self.squares / self.count - self.mean() * self.mean()
    }

    /// The square of the standard error of the mean.
    fn squared_error(self) -> f64 {
        self.variance() / self.count
    }

    fn with(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
        }
    }
}

/// A claim's value for a metric, where it has one. The mean over claims is the metric.
fn value(metric: &str, claim: &Claim) -> Option<f64> {
    let outcome = claim.outcome.as_deref()?;
    let denied = outcome == "DENIED";
    let refused = matches!(claim.reason.as_deref(), Some("197" | "198"));
    let flag = |flag: bool| Some(f64::from(u8::from(flag)));
    match metric {
        "denial_rate" if outcome != "OTHER" => flag(denied),
        "decision_time" => claim.decision_days.map(f64::from),
        "allowed_amount" => claim.allowed_share,
        "payment_time" => claim.payment_days.map(f64::from),
        "denial_reasons" if denied && !refused => flag(claim.reason.as_deref() == Some("50")),
        "authorization_failure_rate" if claim.authorization_required && outcome != "OTHER" => flag(refused),
        _ => None,
    }
}

type Key = (String, (String, String));

/// By metric and segment: baseline and current window.
fn windows(claims: &[Claim]) -> BTreeMap<Key, [Moments; 2]> {
    let mut all: BTreeMap<Key, [Moments; 2]> = BTreeMap::new();
    for claim in claims {
        for kind in DRIFT_KINDS {
            let Some(value) = value(kind.metric, claim) else { continue };
            let window = usize::from(claim.age_days <= 14);
            all.entry((kind.metric.to_owned(), claim.segment.clone())).or_default()[window].add(value);
        }
    }
    all
}

fn segment(segment: &BTreeMap<String, Vec<String>>) -> (String, String) {
    (segment["payer"][0].clone(), segment["cpt_group"][0].clone())
}

/// Weight of the reason that drifts, of 100.
const REASON_WEIGHT: f64 = 10.0;
/// The share of claims that need an authorization, times the share of those that lack it.
const REFUSED: f64 = 0.85 * 0.02;

/// The current mean that a drift of this size makes of a baseline's.
fn drifted(metric: &str, baseline: f64, size: f64) -> f64 {
    match metric {
        "allowed_amount" => baseline * (1.0 + size),
        "denial_reasons" => REASON_WEIGHT * size / (100.0 + REASON_WEIGHT * (size - 1.0)),
        _ => baseline + size,
    }
}

#[test]
fn drifts_are_in_the_data_as_large_as_they_are_said_to_be() {
    let planned = planned("sudden", 42);
    let windows = windows(&claims(&planned, 104));
    let mut pooled: BTreeMap<(String, String), (f64, f64)> = BTreeMap::new();
    for drift in &planned.drifts {
        let [baseline, current] = windows[&(drift.metric.clone(), segment(&drift.segment))];
        let expected = drifted(&drift.metric, baseline.mean(), drift.size);
        let off = current.mean() - expected;
        // A few denials may have one reason all: what varies is then told by the expectation alone.
        let of_current = match drift.metric.as_str() {
            "denial_reasons" => expected * (1.0 - expected) / current.count,
            _ => current.squared_error(),
        };
        let squared_error = of_current + baseline.squared_error();
        let slot = pooled.entry((drift.metric.clone(), drift.size.to_string())).or_default();
        slot.0 += off;
        slot.1 += squared_error;
    }
    assert_eq!(pooled.len(), 18);
    for (name, (off, squared_error)) in pooled {
        let z = off / squared_error.sqrt();
        assert!(z.abs() < 4.0, "{name:?}: {z} standard errors off");
    }
}

#[test]
fn nothing_else_is_in_the_data() {
    let planned = planned("sudden", 42);
    let windows = windows(&claims(&planned, 104));
    let touched = |metric: &str, of: &(String, String)| {
        planned.drifts.iter().any(|drift| {
            segment(&drift.segment) == *of
                && (drift.metric == metric || drift.secondary.iter().any(|known| known == metric))
        })
    };
    let mut squares: BTreeMap<&str, Moments> = BTreeMap::new();
    for ((metric, segment), [baseline, current]) in &windows {
        if !touched(metric, segment) {
            // Of both windows together: one with a handful of denials may show no reason at all.
            let variance = baseline.with(*current).variance();
            let squared_error = variance * (1.0 / baseline.count + 1.0 / current.count);
            let off = current.mean() - baseline.mean();
            if squared_error > 0.0 {
                squares.entry(metric).or_default().add(off * off / squared_error);
            }
        }
    }
    assert_eq!(squares.len(), DRIFT_KINDS.len());
    for (metric, squares) in squares {
        // The mean of the squares of standard normal values is 1; that of 280 of them is off by 0.08.
        assert!((squares.mean() - 1.0).abs() < 0.35, "{metric}: {squares:?}");
    }
}

#[test]
fn the_truth_of_the_plan_is_what_is_measured() {
    let planned = planned("sudden", 7);
    let windows = windows(&claims(&planned, 104));
    let truth = planned.dataset.collection().truth();
    let mut looked_at = 0;
    for (drift, told) in planned.drifts.iter().zip(&truth.drifts) {
        assert_eq!(drift.id, told.id);
        let parameter = told.parameter.as_ref().unwrap();
        let measured = windows[&(drift.metric.clone(), segment(&drift.segment))];
        // Rates; medians of times and amounts are no means.
        if parameter.name != "rate" {
            continue;
        }
        looked_at += 1;
        // What is refused is denied without a review.
        let seen = |reviewed: f64| match drift.metric.as_str() {
            "denial_rate" => REFUSED + (1.0 - REFUSED) * reviewed,
            _ => reviewed,
        };
        for (expected, measured) in [parameter.baseline, parameter.current].into_iter().zip(measured) {
            let rate = seen(expected);
            let z = (measured.mean() - rate) / (rate * (1.0 - rate) / measured.count).sqrt();
            assert!(z.abs() < 4.0, "{}: {z} standard errors off {rate}", drift.id);
        }
    }
    assert_eq!(looked_at, 20);
}

#[test]
fn nothing_is_known_of_decisions_after_as_of() {
    let planned = Scenario::built_in("censored").unwrap().with_records(60_000).plan(5).unwrap();
    let claims = claims(&planned, 60);
    let open = claims.iter().filter(|claim| claim.decision_days.is_none()).count();
    assert!(open > 1_000, "{open}");
    for claim in &claims {
        assert_eq!(claim.outcome.is_none(), claim.decision_days.is_none());
        assert!(claim.decision_days.is_none_or(|days| days < claim.age_days));
        let known = claim.outcome.is_some();
        assert!(
            known
                || (claim.reason.is_none() && claim.allowed_share.is_none() && claim.payment_days.is_none())
        );
    }
}

#[test]
fn a_null_scenario_has_no_drift_in_more_than_a_thousand_segments() {
    let scenario = Scenario::built_in("null").unwrap();
    assert!(scenario.segment_count() >= 1_000);
    let planned = scenario.with_records(200_000).plan(9).unwrap();
    assert!(planned.drifts.is_empty() && planned.dataset.collection().truth().drifts.is_empty());
    let segments: BTreeSet<_> = claims(&planned, 104).into_iter().map(|claim| claim.segment).collect();
    assert!(segments.len() >= 1_000, "{}", segments.len());
}

#[test]
fn a_mix_that_shifts_moves_means_but_no_code_of_them() {
    let (still, moving) = (planned("sudden", 4), planned("mix-shift", 4));
    let count = |planned: &PlannedScenario, payer: &str| {
        let claims = claims(planned, 14);
        claims.iter().filter(|claim| claim.segment.0 == payer).count() as f64 / claims.len() as f64
    };
    let ratio = count(&moving, "Payer 02") / count(&still, "Payer 02");
    assert!((1.4..1.8).contains(&ratio), "{ratio}");
}

// --- bad scenarios ---------------------------------------------------------------------------------------------------

const SMALL: &str = r#"
name = "small"
about = "Two drifts"
records = 1_000
[segments]
payers = 3
groups = 2
codes_per_group = 2
payer_zipf = 0.5
group_zipf = 0
[drift]
shape = { kind = "step" }
start_days = [-14, -7]
kinds = [{ metric = "denial_rate", sizes = [0.1], counts = [2] }]
"#;

#[track_caller]
fn refused(from: &str, to: &str, parts: &[&str]) {
    assert!(SMALL.contains(from), "the scenario has no {from:?}");
    let text = SMALL.replacen(from, to, 1);
    let error = Scenario::parse(&text, "my.toml").and_then(|scenario| scenario.plan(1)).unwrap_err();
    let message = error.to_string();
    for part in ["my.toml"].iter().chain(parts) {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

#[test]
fn what_a_scenario_cannot_be_is_refused_with_its_place() {
    assert!(Scenario::parse(SMALL, "my.toml").unwrap().plan(1).is_ok());
    refused("name = \"small\"", "name = \"Small one\"", &["name", "Small one"]);
    refused("records = 1_000", "records = 0", &["records", "1 to"]);
    refused("records = 1_000", "records = 1_000\nrecord = 3", &["line 5", "record"]);
    refused("payers = 3", "payers = 0", &["segments", "payers", "1 to 99"]);
    refused("codes_per_group = 2", "codes_per_group = 100", &["codes_per_group", "100"]);
    refused("payer_zipf = 0.5", "payer_zipf = nan", &["payer_zipf", "NaN"]);
    refused("\"denial_rate\"", "\"denials\"", &["drift", "kinds 1", "\"denials\"", "decision_time"]);
    refused("sizes = [0.1]", "sizes = [1.5]", &["sizes", "1.5", "0.5"]);
    refused("sizes = [0.1]", "sizes = [0.1, 0.2]", &["counts", "1 counts for 2 sizes"]);
    refused("counts = [2]", "counts = [7]", &["kinds", "7 drifts", "6 segments"]);
    refused("counts = [2]", "counts = [0]", &["kinds", "leave [drift] out"]);
    refused("[-14, -7]", "[-7, -14]", &["start_days", "no span"]);
    refused("[-14, -7]", "[-7, 0]", &["start_days", "before as_of"]);
    refused("[-14, -7]", "[-400, -400]", &["denial_rate-01", "start_days", "-365"]);
    refused("start_days", "length_days = 0\nstart_days", &["length_days"]);
    refused("kind = \"step\"", "kind = \"stepp\"", &["shape", "stepp", "\"step\""]);
    refused("[segments]", "calendar = { days = 0 }\n[segments]", &["calendar", "days = 0"]);
    refused("[segments]", "dirt = [{ id = \"x\" }]\n[segments]", &["dirt", "kind"]);
    let unknown = Scenario::built_in("suden").unwrap_err().to_string();
    assert!(unknown.contains("suden") && unknown.contains("sudden"), "{unknown}");
}
