//! What a row costs to generate: the whole claims table, the columns that drift detection reads, and each
//! column alone (with the hidden columns and those it reads); and what dirt adds to it.
//!
//! `cargo bench --bench generation`; the time per element is the time per row on one thread.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use driftforge::datasets::Dataset;
use driftforge::generators::{Plan, Run};

const BATCH_ROWS: u64 = 8_192;
const BATCHES: u64 = 16;

fn claims(dirt: bool) -> Plan {
    let run = Run { records: BATCH_ROWS * BATCHES, seed: 42, customer: 1, as_of: None, drift: true, dirt };
    let dataset = Dataset::built_in("claims").expect("claims are built in");
    dataset.plan(&run).expect("the built-in spec is sound").plan().clone()
}

fn generate(plan: &Plan) {
    for batch in 0..BATCHES {
        black_box(plan.batch(batch * BATCH_ROWS..(batch + 1) * BATCH_ROWS));
    }
}

fn tables(criterion: &mut Criterion) {
    let (whole, dirty) = (claims(false), claims(true));
    let ledger = dirty.dirt_ledger().expect("claims have dirt");
    let drift = whole.project(&["payer", "cpt_group", "submitted_date", "decided_date", "outcome"]);
    let drift = drift.expect("claims have these columns");
    let mut group = criterion.benchmark_group("generation");
    group.throughput(Throughput::Elements(whole.row_count()));
    group.bench_function("claims", |bencher| bencher.iter(|| generate(&whole)));
    group.bench_function("claims, dirty", |bencher| bencher.iter(|| generate(&dirty)));
    group.bench_function("claims, dirt ledger", |bencher| {
        bencher.iter(|| black_box(ledger.batch(0..ledger.row_count())))
    });
    group.bench_function("claims, drift columns", |bencher| bencher.iter(|| generate(&drift)));
    group.finish();
}

fn columns(criterion: &mut Criterion) {
    let whole = claims(false);
    let mut group = criterion.benchmark_group("generation of a column");
    group.throughput(Throughput::Elements(whole.row_count())).sample_size(10);
    for column in whole.columns() {
        let alone = whole.project(&[column.name]).expect("the column is there");
        group.bench_function(BenchmarkId::from_parameter(column.name), |bencher| {
            bencher.iter(|| generate(&alone))
        });
    }
    group.finish();
}

criterion_group!(benches, tables, columns);
criterion_main!(benches);
