//! What rows cost on their way from Arrow arrays into a PostgreSQL table: claims, and raw events with their nested payload.
//!
//! `cargo bench --bench postgres_sink`. One connection loads [`ROWS`] rows by `COPY` into a table that replaces the one of
//! the pass before; the arrays are made beforehand. The server is started for it in a temporary folder, as the tests do.
//! Time is CPU time of this process: the server works in others. `benches/peers/postgres.sh` compares with `psql`.

#[path = "../tests/server/mod.rs"]
mod server;

use std::ops::Range;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use criterion::{Bencher, Criterion, Throughput, criterion_group, criterion_main};
use driftforge::datasets::{Dataset, PlannedDataset};
use driftforge::generators::Run;
use driftforge::measure::process_cpu_seconds;
use driftforge::sinks::postgres::{
    DEFAULT_COMMIT_ROWS, DatabaseUrl, LoadOptions, Mode, TableDefinition, TableLoad, TableName,
};
use driftforge::sinks::{self, Job, Options, Parts, Rows, Table, Target};
use server::Server;

/// Eight chunks.
const ROWS: u64 = 65_536;

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

/// The table of a dataset's root, as it is to be loaded.
fn load(planned: &PlannedDataset, url: &DatabaseUrl) -> driftforge::Result<TableLoad> {
    let (plan, tables) = (planned.plan(), planned.collection().tables());
    Ok(TableLoad {
        definition: TableDefinition::of(plan, tables)?,
        digest: planned.digest(),
        options: LoadOptions {
            url: url.clone(),
            table: TableName::new("public", plan.table())?,
            mode: Mode::Replace,
            connections: 1,
            unlogged: true,
            keys: false,
            commit_rows: DEFAULT_COMMIT_ROWS,
        },
    })
}

fn write(planned: &PlannedDataset, rows: &Ready, load: &TableLoad) {
    let job = Job {
        tables: &[Table { name: planned.plan().table(), rows, metadata: &[], is_ledger: false }],
        targets: &[Target::postgres(vec![load.clone()])],
        parts: Parts::WHOLE,
        options: Options::with_threads(1),
        context: &planned.context(),
        sidecars: &[],
        progress: &(),
        stop: &AtomicBool::new(false),
    };
    sinks::write(&job).unwrap_or_else(|error| panic!("{error}"));
}

/// Takes CPU time instead of wall time: what the server does does not count.
fn time(bencher: &mut Bencher, work: impl Fn()) {
    let now = || process_cpu_seconds().unwrap_or_else(|| panic!("this system has no clock of CPU time"));
    bencher.iter_custom(|iterations| {
        let start = now();
        (0..iterations).for_each(|_| work());
        Duration::from_secs_f64(now() - start)
    });
}

fn loads(criterion: &mut Criterion) {
    let server = Server::start();
    let url = DatabaseUrl::parse(&server.url()).unwrap_or_else(|error| panic!("{error}"));
    let mut group = criterion.benchmark_group("postgres_sink");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10);
    for dataset in ["claims", "attachment-events"] {
        let planned = planned(dataset);
        let rows = Ready(planned.plan().batch(0..ROWS));
        let load = load(&planned, &url).unwrap_or_else(|error| panic!("{error}"));
        group.bench_function(dataset, |bencher| time(bencher, || write(&planned, &rows, &load)));
    }
    group.finish();
}

criterion_group!(benches, loads);
criterion_main!(benches);
