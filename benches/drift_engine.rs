//! Claims per second of summarising, from memory and from Parquet, over windows that hold a whole year.
//!
//! `cargo bench --bench drift_engine`; `DRIFT_BENCH_ROWS` sets the number of claims, 4,000,000 by default
//! and 20,000 when the bench runs as a test.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::UInt8Type;
use arrow_array::{ArrayRef, Date32Array, DictionaryArray, RecordBatch, StringArray, UInt8Array};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use driftforge::detectors::{Detector, Threshold};
use driftforge::engines::{Engine, Native};
use driftforge::mappings::Mapping;
use driftforge::sources::{Columns, Memory, Parquet, Source};
use driftforge::summaries::{Day, Plan, WindowPair};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

/// 2026-01-01: the claims' year is the 365 days before it.
const AS_OF: Day = Day(20_454);
const PAYERS: u32 = 14;
const CPT_GROUPS: u32 = 14;

fn rows() -> usize {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let asked = std::env::var("DRIFT_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok());
    asked.unwrap_or(if is_test { 20_000 } else { 4_000_000 })
}

/// A linear congruential generator (Knuth's MMIX constants): cheap, and good enough to spread counters.
fn next(state: &mut u64) -> u32 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as u32
}

fn dictionary(prefix: &str, values: u32) -> ArrayRef {
    Arc::new((0..values).map(|value| Some(format!("{prefix} {value:02}"))).collect::<StringArray>())
}

/// Claims in the order of their submission, `batch_rows` to a batch.
fn claims(rows: usize, batch_rows: usize) -> Vec<RecordBatch> {
    let mut state = 42;
    let outcomes: ArrayRef = Arc::new(StringArray::from(vec!["PAID", "DENIED", "OTHER"]));
    let (payers, cpt_groups) = (dictionary("payer", PAYERS), dictionary("group", CPT_GROUPS));
    let coded = |keys: Vec<u8>, values: &ArrayRef| -> ArrayRef {
        Arc::new(DictionaryArray::<UInt8Type>::new(UInt8Array::from(keys), Arc::clone(values)))
    };
    (0..rows)
        .step_by(batch_rows)
        .map(|first| {
            let numbers = first..rows.min(first + batch_rows);
            let mut keys =
                |below: u32| numbers.clone().map(|_| (next(&mut state) % below) as u8).collect::<Vec<u8>>();
            let (payer, group) = (keys(PAYERS), keys(CPT_GROUPS));
            let outcome =
                keys(100).into_iter().map(|share| u8::from(share >= 88) + u8::from(share >= 98)).collect();
            let submitted: Vec<i32> =
                numbers.clone().map(|row| AS_OF.0 - 365 + (row * 365 / rows) as i32).collect();
            // The sum of four draws: a hump around three weeks, as decision days have.
            let delay = (0..numbers.len()).map(|_| (0..4).map(|_| next(&mut state) % 12).sum::<u32>() as i32);
            let decided = submitted.iter().zip(delay).map(|(day, delay)| day + delay).collect::<Vec<i32>>();
            let columns: [(&str, ArrayRef); 5] = [
                ("payer", coded(payer, &payers)),
                ("cpt_group", coded(group, &cpt_groups)),
                ("submitted_date", Arc::new(Date32Array::from(submitted))),
                ("decided_date", Arc::new(Date32Array::from(decided))),
                ("outcome", coded(outcome, &outcomes)),
            ];
            RecordBatch::try_from_iter(columns).expect("columns of equal length")
        })
        .collect()
}

fn plan(baseline_days: u32) -> Plan {
    let windows = WindowPair::before(AS_OF, baseline_days, 14).expect("windows that fit");
    Threshold::default().plan(&Mapping::claims(), windows).expect("the rule's metrics")
}

fn columns() -> Arc<Columns> {
    Arc::new(plan(90).mapping.columns().clone())
}

fn from_memory(c: &mut Criterion) {
    let mut group = c.benchmark_group("memory");
    group.sample_size(10).throughput(Throughput::Elements(rows() as u64));
    for batch_rows in [8_192, 65_536] {
        let source = Memory::new("claims", &claims(rows(), batch_rows), &columns()).expect("claims");
        for threads in [1, 2] {
            let engine = Native::new(threads).expect("threads");
            let plan = plan(351);
            group.bench_function(BenchmarkId::new(format!("threads-{threads}"), batch_rows), |b| {
                b.iter(|| engine.summarize(black_box(&source), &plan).expect("summaries"));
            });
        }
    }
    group.finish();
}

fn write(path: &Path, batches: &[RecordBatch]) {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(262_144)).build();
    let file = std::fs::File::create(path).expect("a temporary file");
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), Some(properties)).expect("a writer");
    batches.iter().for_each(|batch| writer.write(batch).expect("a batch written"));
    writer.close().expect("a footer");
}

fn from_parquet(c: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("claims.parquet");
    write(&path, &claims(rows(), 65_536));
    let source = Parquet::open(&[path], &columns()).expect("claims");
    let mut group = c.benchmark_group("parquet");
    for baseline_days in [351, 90] {
        let plan = plan(baseline_days);
        group.sample_size(10).throughput(Throughput::Elements(source.rows_to_read(plan.grid.span())));
        for threads in [1, 2] {
            let engine = Native::new(threads).expect("threads");
            group.bench_function(BenchmarkId::new(format!("threads-{threads}"), baseline_days + 14), |b| {
                b.iter(|| engine.summarize(black_box(&source), &plan).expect("summaries"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, from_memory, from_parquet);
criterion_main!(benches);
