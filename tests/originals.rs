//! DriftWatch, DelayGuard and DenialScope against their reference: events computed by `reference/originals.py` from the
//! same claims with nothing but Python's standard library, compared bit for bit but for three numbers: p-values, where
//! the two error functions may differ by a unit in the last place of 1; and standard deviations and what is
//! an amount times a row count.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, RecordBatch, StringArray};
use driftforge::detectors::{DriftEvent, Settings, detector};
use driftforge::engines::{Engine, Native};
use driftforge::mappings::Mapping;
use driftforge::sources::Memory;
use driftforge::summaries::{Day, WindowPair};
use serde::Deserialize;

/// What `originals.py` writes.
#[derive(Deserialize)]
struct Reference {
    claims: usize,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    detector: String,
    as_of: Day,
    min_volume: u64,
    events: Vec<ReferenceEvent>,
}

/// An event with its floats as Python's `repr` texts, which Rust's parser reads to the last bit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReferenceEvent {
    segment: Vec<String>,
    drift_type: String,
    baseline_start: Day,
    baseline_end: Day,
    current_start: Day,
    current_end: Day,
    baseline_value: String,
    current_value: String,
    delta_value: String,
    confidence: String,
    baseline_n: u64,
    current_n: u64,
    severity_label: String,
    severity: Option<String>,
    p_value: Option<String>,
    impact_dollars: Option<String>,
    baseline_deviation: Option<String>,
    urgency: Option<String>,
    fingerprint: Option<String>,
    is_alert: Option<bool>,
    warning: Option<String>,
    percent: Option<String>,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name)
}

/// The claims of the reference; an empty text is a null.
fn claims() -> RecordBatch {
    let text = std::fs::read_to_string(fixture("originals_claims.csv")).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().skip(2).map(|line| line.split('|').collect()).collect();
    let names: Vec<&str> = text.lines().nth(1).unwrap().split('|').collect();
    let columns = names.iter().enumerate().map(|(column, &name)| {
        let values = rows.iter().map(|row| Some(row[column]).filter(|value| !value.is_empty()));
        let array: ArrayRef = match name {
            name if name.ends_with("_date") => {
                let days = values.map(|value| value.map(|value| value.parse::<Day>().unwrap().0));
                Arc::new(days.collect::<Date32Array>())
            }
            name if name.ends_with("_amount") => {
                let cents = values.map(|value| value.map(cents));
                Arc::new(cents.collect::<Decimal128Array>().with_precision_and_scale(12, 2).unwrap())
            }
            "authorization_required" => {
                Arc::new(values.map(|value| value.map(|value| value == "true")).collect::<BooleanArray>())
            }
            _ => Arc::new(values.collect::<StringArray>()),
        };
        (name, array, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn cents(dollars: &str) -> i128 {
    let (whole, decimals) = dollars.split_once('.').unwrap_or((dollars, ""));
    format!("{whole}{decimals:0<2}").parse().unwrap()
}

fn detect(batch: &RecordBatch, run: &Run) -> Vec<DriftEvent> {
    let settings = Settings { min_volume: Some(run.min_volume), ..Settings::default() };
    let detector = detector(&run.detector, &settings).unwrap();
    let windows = WindowPair::before(run.as_of, 90, 14).unwrap();
    let plan = detector.plan(&Mapping::claims(), windows).unwrap();
    let columns = Arc::new(plan.mapping.columns().clone());
    let source = Memory::new("reference claims", std::slice::from_ref(batch), &columns).unwrap();
    let summaries = Native::new(2).unwrap().summarize(&source, &plan).unwrap();
    detector.detect(&summaries).unwrap().events
}

fn assert_equal(ours: &DriftEvent, theirs: &ReferenceEvent) {
    let name = format!("{} {}", theirs.segment.join(" / "), theirs.drift_type);
    assert_eq!(format!("{} {}", ours.segment, ours.drift_type), name);
    let bits = |value: f64| format!("{value:?} {:016x}", value.to_bits());
    let parsed = |text: &String| text.parse::<f64>().unwrap();
    let evidence = &ours.evidence;
    let exact = [
        (ours.baseline_value, Some(&theirs.baseline_value)),
        (ours.current_value, Some(&theirs.current_value)),
        (Some(ours.delta_value), Some(&theirs.delta_value)),
        (Some(ours.confidence), Some(&theirs.confidence)),
        (evidence.impact_dollars, theirs.impact_dollars.as_ref()),
    ];
    for (ours, theirs) in exact {
        assert_eq!(ours.map(bits), theirs.map(|text| bits(parsed(text))), "{name}");
    }
    if let Some(severity) = &theirs.severity {
        assert_eq!(bits(ours.severity), bits(parsed(severity)), "{name}");
    }
    let close = [
        (evidence.p_value, &theirs.p_value, 4.0 * f64::EPSILON, 0.0),
        (evidence.baseline_deviation, &theirs.baseline_deviation, 0.0, 1e-12),
    ];
    for (ours, theirs, absolute, relative) in close {
        assert_eq!(ours.is_some(), theirs.is_some(), "{name}");
        let (ours, theirs) = (ours.unwrap_or_default(), theirs.as_ref().map_or(0.0, parsed));
        assert!((ours - theirs).abs() <= absolute + relative * theirs, "{name}: {ours} {theirs}");
    }
    let days = [ours.baseline_start, ours.baseline_end, ours.current_start, ours.current_end];
    let expected = [theirs.baseline_start, theirs.baseline_end, theirs.current_start, theirs.current_end];
    assert_eq!((days, [ours.baseline_n, ours.current_n]), (expected, [theirs.baseline_n, theirs.current_n]));
    assert_eq!(evidence.severity_label, Some(theirs.severity_label.as_str()), "{name}");
    assert_eq!(evidence.urgency, theirs.urgency.as_deref(), "{name}");
    assert_eq!(evidence.fingerprint, theirs.fingerprint, "{name}");
    assert_eq!(evidence.is_alert, theirs.is_alert, "{name}");
    let note = evidence.note.as_deref().unwrap_or_default();
    assert!(note.ends_with(theirs.warning.as_deref().unwrap_or_default()), "{name}: {note}");
    assert_eq!(note.contains("completeness"), theirs.warning.as_ref().is_some_and(|text| !text.is_empty()));
    assert!(note.contains(theirs.percent.as_deref().unwrap_or_default()), "{name}: {note}");
}

#[test]
fn events_equal_the_reference() {
    let reference: Reference =
        serde_json::from_reader(File::open(fixture("originals_events.json")).unwrap()).unwrap();
    let batch = claims();
    assert_eq!(batch.num_rows(), reference.claims);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for run in &reference.runs {
        let events = detect(&batch, run);
        let names = |events: &[DriftEvent]| -> Vec<String> {
            events.iter().map(|event| format!("{} {}", event.segment, event.drift_type)).collect()
        };
        assert_eq!(events.len(), run.events.len(), "{} {}: {:#?}", run.detector, run.as_of, names(&events));
        for (ours, theirs) in events.iter().zip(&run.events) {
            assert_equal(ours, theirs);
            *kinds.entry(theirs.drift_type.clone()).or_default() += 1;
        }
    }
    assert_eq!(
        kinds.len(),
        11,
        "all six signals of DriftWatch, one of DelayGuard, four of DenialScope: {kinds:?}"
    );
}

#[test]
fn the_sound_ones_find_the_same_claims_too() {
    let batch = claims();
    let as_of = "2026-11-20".parse().unwrap();
    for (name, least) in [("driftwatch", 20), ("denialscope", 10)] {
        let run = Run { detector: name.to_owned(), as_of, min_volume: least, events: Vec::new() };
        let events = detect(&batch, &run);
        assert!(events.len() > 4, "{name}: {}", events.len());
        for event in &events {
            assert!((0.0..=1.0).contains(&event.severity) && (0.0..=1.0).contains(&event.confidence));
            let (baseline, current) = (event.baseline_value.unwrap(), event.current_value.unwrap());
            assert_eq!(event.delta_value, current - baseline, "{}", event.drift_type);
            assert!(event.evidence.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)));
        }
    }
}
