//! What claims cost on their way from Arrow arrays to CSV, JSON Lines and Arrow files.
//!
//! `cargo bench --bench text_sinks`. One thread writes [`ROWS`] claims; the arrays are made beforehand, so encoding,
//! compression, hashing and the file are measured, and generation is not. Throughput is in bytes of the file, and for
//! single columns (as CSV, where the line's end is counted too) in rows.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use driftforge::datasets::Dataset;
use driftforge::generators::Run;
use driftforge::sinks::{self, Compression, Context, Job, Options, Parts, Receipt, Rows, Table, Target};

/// Two record batches of Arrow, sixteen chunks of text.
const ROWS: u64 = 2 * 65_536;

/// One column of each kind that takes a way of its own through the encoder.
const COLUMNS: [&str; 8] = [
    "claim_id",
    "payer",
    "submitted_date",
    "billed_amount",
    "authorization_required",
    "procedure_count",
    "diagnosis_codes",
    "denial_reason_text",
];

/// Every format with each of its compressions.
const WAYS: [(&str, Compression); 9] = [
    ("csv", Compression::None),
    ("csv", Compression::Gzip(6)),
    ("csv", Compression::Zstd(1)),
    ("jsonl", Compression::None),
    ("jsonl", Compression::Gzip(6)),
    ("jsonl", Compression::Zstd(1)),
    ("arrow", Compression::None),
    ("arrow", Compression::Lz4),
    ("arrow", Compression::Zstd(1)),
];

/// Rows that lie ready.
struct Ready(RecordBatch);

impl Rows for Ready {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn row_count(&self) -> u64 {
        self.0.num_rows() as u64
    }

    fn batch(&self, rows: Range<u64>) -> RecordBatch {
        self.0.slice(rows.start as usize, (rows.end - rows.start) as usize)
    }
}

fn claims(columns: &[&str]) -> Ready {
    let run = Run { records: ROWS, seed: 42, customer: 1, as_of: None, drift: true, dirt: false };
    let planned = Dataset::built_in("claims").and_then(|dataset| dataset.plan(&run));
    let planned = planned.unwrap_or_else(|error| panic!("the built-in spec: {error}"));
    let whole = planned.plan();
    if columns.is_empty() {
        return Ready(whole.batch(0..ROWS));
    }
    let some = whole.project(columns).unwrap_or_else(|error| panic!("columns of claims: {error}"));
    Ready(some.batch(0..ROWS))
}

fn write(rows: &Ready, format: &str, compression: Compression, folder: &Path) -> u64 {
    let Some(format) = sinks::format(format) else { panic!("no format {format}") };
    let context = Context {
        dataset: "bench".to_owned(),
        seed: 0,
        customer: 1,
        as_of: "2026-01-01".to_owned(),
        records: ROWS,
        drift: true,
        dirt: false,
        appended_to: Vec::new(),
        spec: String::new(),
    };
    let target = Target::folder(folder, format, compression);
    let job = Job {
        tables: &[Table { name: "claims", rows, metadata: &[], is_ledger: false }],
        targets: &[target.unwrap_or_else(|error| panic!("{error}"))],
        parts: Parts::WHOLE,
        options: Options { overwrite: true, ..Options::with_threads(1) },
        context: &context,
        sidecars: &[],
        progress: &(),
        stop: &AtomicBool::new(false),
    };
    let written = sinks::write(&job).unwrap_or_else(|error| panic!("{error}"));
    written.iter().map(Receipt::bytes).sum()
}

fn formats(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("a temporary folder: {error}"));
    let rows = claims(&[]);
    let mut group = criterion.benchmark_group("claims");
    group.sample_size(10);
    for (format, compression) in WAYS {
        let bytes = write(&rows, format, compression, folder.path());
        group.throughput(Throughput::Bytes(bytes));
        group.bench_function(BenchmarkId::new(format, compression), |bencher| {
            bencher.iter(|| write(&rows, format, compression, folder.path()));
        });
    }
    group.finish();
}

fn columns(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("a temporary folder: {error}"));
    let mut group = criterion.benchmark_group("column as CSV");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10);
    for column in COLUMNS {
        let rows = claims(&[column]);
        group.bench_function(BenchmarkId::from_parameter(column), |bencher| {
            bencher.iter(|| write(&rows, "csv", Compression::None, folder.path()));
        });
    }
    group.finish();
}

criterion_group!(benches, formats, columns);
criterion_main!(benches);
