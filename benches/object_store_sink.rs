//! What claims cost on their way from Arrow arrays into an object store: a multipart upload, its digest, the journal.
//!
//! `cargo bench --bench object_store_sink`. One thread writes [`ROWS`] claims in two files to a store in memory, in the
//! place of those of the pass before; the arrays are made beforehand. There is no network in it, and no server. Time is CPU
//! time; throughput is in bytes of the files.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use criterion::{Bencher, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use driftforge::datasets::{Dataset, PlannedDataset};
use driftforge::generators::Run;
use driftforge::measure::process_cpu_seconds;
use driftforge::sinks::object_store::{Bucket, Destination};
use driftforge::sinks::{self, Job, Options, Parts, Receipt, Rows, Table, Target};
use object_store::memory::InMemory;

/// Two record batches of Arrow, sixteen chunks of text.
const ROWS: u64 = 2 * 65_536;
/// Raised by nobody.
static NEVER: AtomicBool = AtomicBool::new(false);

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

fn planned(dataset: &str) -> PlannedDataset {
    let run = Run { records: ROWS, seed: 42, customer: 1, as_of: None, drift: true, dirt: false };
    let planned = Dataset::built_in(dataset).and_then(|dataset| dataset.plan(&run));
    planned.unwrap_or_else(|error| panic!("the built-in spec: {error}"))
}

fn bucket() -> driftforge::Result<Bucket> {
    let destination = Destination::parse("s3://memory/claims");
    let Ok(Destination::Objects(address)) = destination else { panic!("an address of an object store") };
    Bucket::over(&address, Arc::new(InMemory::new()), &NEVER)
}

fn write(planned: &PlannedDataset, rows: &Ready, bucket: &Bucket, format: &str) -> u64 {
    let Some(format) = sinks::format(format) else { panic!("no format {format}") };
    let target = Target::bucket(bucket.clone(), format, format.default_compression());
    let job = Job {
        tables: &[Table { name: "claims", rows, metadata: &[], is_ledger: false }],
        targets: &[target.unwrap_or_else(|error| panic!("{error}"))],
        parts: Parts::new(2, None).unwrap_or_else(|error| panic!("{error}")),
        options: Options { overwrite: true, ..Options::with_threads(1) },
        context: &planned.context(),
        sidecars: &[],
        progress: &(),
        stop: &NEVER,
    };
    let written = sinks::write(&job).unwrap_or_else(|error| panic!("{error}"));
    written.iter().map(Receipt::bytes).sum()
}

/// Takes CPU time instead of wall time: what other programs do does not count.
fn time(bencher: &mut Bencher, work: impl Fn()) {
    let now = || process_cpu_seconds().unwrap_or_else(|| panic!("this system has no clock of CPU time"));
    bencher.iter_custom(|iterations| {
        let start = now();
        (0..iterations).for_each(|_| work());
        Duration::from_secs_f64(now() - start)
    });
}

fn uploads(criterion: &mut Criterion) {
    let planned = planned("claims");
    let rows = Ready(planned.plan().batch(0..ROWS));
    let mut group = criterion.benchmark_group("object_store_sink");
    group.sample_size(10);
    for format in ["parquet", "csv", "jsonl", "arrow"] {
        // A complete run is left alone, so that each pass has a bucket of its own.
        let empty = || bucket().unwrap_or_else(|error| panic!("{error}"));
        let bytes = write(&planned, &rows, &empty(), format);
        group.throughput(Throughput::Bytes(bytes));
        group.bench_function(BenchmarkId::from_parameter(format), |bencher| {
            time(bencher, || {
                write(&planned, &rows, &empty(), format);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, uploads);
criterion_main!(benches);
