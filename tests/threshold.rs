//! The payer drift rule against its reference: events computed by `reference/threshold.py` from the same
//! claims with nothing but Python's standard library, compared bit for bit, by every road to the claims.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use driftforge::detectors::{Detection, Detector, Threshold, ThresholdOptions};
use driftforge::engines::{Engine, Native};
use driftforge::mappings::Mapping;
use driftforge::sources::{Columns, Memory, Parquet, Source};
use driftforge::summaries::{Day, WindowPair};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use serde::Deserialize;

/// What `threshold.py` writes.
#[derive(Deserialize)]
struct Reference {
    as_of: Day,
    claims: usize,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    baseline_days: u32,
    current_days: u32,
    min_volume: u64,
    groups_considered: u64,
    events: Vec<ReferenceEvent>,
}

/// An event with its floats as Python's `repr` texts, which Rust's parser reads to the last bit.
#[derive(Deserialize)]
struct ReferenceEvent {
    payer: String,
    cpt_group: String,
    drift_type: String,
    baseline_value: String,
    current_value: String,
    delta_value: String,
    severity: String,
    confidence: String,
    baseline_start: Day,
    baseline_end: Day,
    current_start: Day,
    current_end: Day,
    baseline_n: u64,
    current_n: u64,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name)
}

fn reference() -> Reference {
    serde_json::from_reader(File::open(fixture("threshold_events.json")).unwrap()).unwrap()
}

/// The claims of the reference, `batch_rows` to a batch.
fn claims(batch_rows: usize) -> Vec<RecordBatch> {
    let text = std::fs::read_to_string(fixture("threshold_claims.csv")).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().skip(2).map(|line| line.split('|').collect()).collect();
    rows.chunks(batch_rows)
        .map(|rows| {
            let text = |column: usize| -> ArrayRef {
                Arc::new(rows.iter().map(|row| Some(row[column])).collect::<StringArray>())
            };
            let days = |column: usize| -> ArrayRef {
                Arc::new(
                    rows.iter()
                        .map(|row| Some(row[column].parse::<Day>().unwrap().0))
                        .collect::<Date32Array>(),
                )
            };
            RecordBatch::try_from_iter([
                ("payer", text(0)),
                ("cpt_group", text(1)),
                ("submitted_date", days(2)),
                ("decided_date", days(3)),
                ("outcome", text(4)),
            ])
            .unwrap()
        })
        .collect()
}

/// The columns that the rule reads.
fn columns() -> Arc<Columns> {
    let windows = WindowPair::before(Day(0), 90, 14).unwrap();
    let plan = Threshold::default().plan(&Mapping::claims(), windows).unwrap();
    Arc::new(plan.mapping.columns().clone())
}

fn detect(source: &dyn Source, run: &Run, as_of: Day, threads: usize) -> Detection {
    let options = ThresholdOptions { min_volume: run.min_volume, ..ThresholdOptions::default() };
    let detector = Threshold::new(options).unwrap();
    let windows = WindowPair::before(as_of, run.baseline_days, run.current_days).unwrap();
    let plan = detector.plan(&Mapping::claims(), windows).unwrap();
    let summaries = Native::new(threads).unwrap().summarize(source, &plan).unwrap();
    detector.detect(&summaries).unwrap()
}

/// Every field of every event as text, floats as their bits.
fn assert_equal(detection: &Detection, run: &Run) {
    let bits = |value: f64| format!("{:016x}", value.to_bits());
    let parsed = |text: &str| bits(text.parse().unwrap());
    let ours = detection.events.iter().map(|event| {
        let numbers = [
            event.baseline_value.unwrap(),
            event.current_value.unwrap(),
            event.delta_value,
            event.severity,
            event.confidence,
        ];
        let days = [event.baseline_start, event.baseline_end, event.current_start, event.current_end];
        let segment = |column| event.segment.value(column).unwrap();
        let name = format!("{} | {} | {}", segment("payer"), segment("cpt_group"), event.drift_type);
        (name, numbers.map(bits), days, [event.baseline_n, event.current_n])
    });
    let theirs = run.events.iter().map(|event| {
        let numbers = [
            &event.baseline_value,
            &event.current_value,
            &event.delta_value,
            &event.severity,
            &event.confidence,
        ];
        let days = [event.baseline_start, event.baseline_end, event.current_start, event.current_end];
        let name = format!("{} | {} | {}", event.payer, event.cpt_group, event.drift_type);
        (name, numbers.map(|text| parsed(text)), days, [event.baseline_n, event.current_n])
    });
    assert_eq!(ours.collect::<Vec<_>>(), theirs.collect::<Vec<_>>());
    assert_eq!(detection.groups_considered, run.groups_considered);
}

#[test]
fn events_from_memory_equal_the_reference() {
    let reference = reference();
    for batch_rows in [100, 8_192] {
        let source = Memory::new("reference claims", &claims(batch_rows), &columns()).unwrap();
        assert_eq!(source.row_count() as usize, reference.claims);
        for run in &reference.runs {
            assert!(run.events.len() > 40, "a reference with few events proves little");
            for threads in [1, 2, 7] {
                assert_equal(&detect(&source, run, reference.as_of, threads), run);
            }
        }
    }
}

#[test]
fn events_from_parquet_equal_the_reference() {
    let reference = reference();
    let directory = tempfile::tempdir().unwrap();
    let batches = claims(1_000);
    for (part, batches) in batches.chunks(3).enumerate() {
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(700)).build();
        let file = File::create(directory.path().join(format!("part-{part}.parquet"))).unwrap();
        let mut writer = ArrowWriter::try_new(file, batches[0].schema(), Some(properties)).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.close().unwrap();
    }
    let source = Parquet::open(&[directory.path().to_owned()], &columns()).unwrap();
    assert_eq!(source.row_count() as usize, reference.claims);
    for run in &reference.runs {
        assert_equal(&detect(&source, run, reference.as_of, 2), run);
    }
}
