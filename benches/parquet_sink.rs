//! What a row costs on its way from Arrow arrays to a Parquet file, by column type.
//!
//! `cargo bench --bench parquet_sink`. One thread writes [`ROWS`] rows of one column; the arrays are made
//! beforehand, so encoding, compression, hashing and the file are measured, and generation is not. Times are CPU
//! times, per element those of a row. Throughput of `claims` is that of a row of 26 columns; `events` are
//! attachment events with a nested payload.

#[path = "parquet_sink/events.rs"]
mod events;

use std::hint::black_box;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use arrow_array::types::UInt8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal64Array, DictionaryArray, Float64Array, Int16Array,
    ListArray, RecordBatch, StringArray, UInt8Array, UInt16Array,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, SchemaRef};
use criterion::{Bencher, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use driftforge::measure::process_cpu_seconds;
use driftforge::sinks::{self, Context, Job, Options, Parts, Receipt, Rows, Table, Target};

/// Two row groups.
const ROWS: usize = 2 * 262_144;

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

/// A fixed pseudo-random word per row and column: the finalizer of SplitMix64 (Steele et al., OOPSLA 2014).
fn word(row: usize, column: u64) -> u64 {
    let mut word = (row as u64).wrapping_add(column << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ word >> 31
}

/// Validity with this share of nulls, in 64ths; `None` when there are none.
fn nulls(column: u64, in_64: u64) -> Option<NullBuffer> {
    (in_64 > 0)
        .then(|| (0..ROWS).map(|row| word(row, column + 1_000) % 64 >= in_64).collect::<Vec<_>>().into())
}

fn names(count: u64) -> ArrayRef {
    Arc::new(StringArray::from_iter_values((0..count).map(|name| format!("value number {name}"))))
}

fn codes(column: u64, values: u64, nulls_in_64: u64) -> ArrayRef {
    let keys = (0..ROWS).map(|row| (word(row, column) % values) as u8).collect::<Vec<_>>();
    Arc::new(DictionaryArray::new(UInt8Array::new(keys.into(), nulls(column, nulls_in_64)), names(values)))
}

fn wide_codes(column: u64, values: u64) -> ArrayRef {
    let keys = UInt16Array::from_iter_values((0..ROWS).map(|row| (word(row, column) % values) as u16));
    Arc::new(DictionaryArray::new(keys, names(values)))
}

fn scores(column: u64) -> ArrayRef {
    let keys = UInt8Array::from_iter_values((0..ROWS).map(|row| (word(row, column) % 40) as u8));
    let values = Float64Array::from_iter_values((0..40).map(|score| 0.6 + f64::from(score) / 100.0));
    Arc::new(DictionaryArray::new(keys, Arc::new(values)))
}

fn list(column: u64, values: u64, most: u64) -> ArrayRef {
    let lengths = (0..ROWS).map(|row| (word(row, column) % (most + 1)) as usize);
    let offsets = OffsetBuffer::from_lengths(lengths);
    let entries = *offsets.last().unwrap_or(&0) as usize;
    let keys = UInt8Array::from_iter_values((0..entries).map(|row| (word(row, column + 1) % values) as u8));
    let field = Field::new_dictionary("item", DataType::UInt8, DataType::Utf8, false);
    let entries: DictionaryArray<UInt8Type> = DictionaryArray::new(keys, names(values));
    Arc::new(ListArray::new(Arc::new(field), offsets, Arc::new(entries), None))
}

fn sorted_dates() -> ArrayRef {
    Arc::new(Date32Array::from_iter_values((0..ROWS).map(|row| 19_000 + (row * 365 / ROWS) as i32)))
}

fn delayed_dates(column: u64, nulls_in_64: u64) -> ArrayRef {
    let days = (0..ROWS).map(|row| 19_000 + (row * 365 / ROWS) as i32 + (word(row, column) % 60) as i32);
    Arc::new(Date32Array::new(days.collect(), nulls(column, nulls_in_64)))
}

fn amounts(column: u64, nulls_in_64: u64) -> ArrayRef {
    // A product of two uniform numbers is skewed, as amounts are.
    let cents = (0..ROWS).map(|row| {
        let word = word(row, column);
        ((word & 0xffff) * (word >> 16 & 0x1ff) / 8 + 1_000) as i64
    });
    let cents = Decimal64Array::new(cents.collect(), nulls(column, nulls_in_64));
    Arc::new(cents.with_data_type(DataType::Decimal64(12, 2)))
}

fn small(column: u64) -> ArrayRef {
    Arc::new(UInt8Array::from_iter_values((0..ROWS).map(|row| 1 + (word(row, column) % 6) as u8)))
}

fn shorts(column: u64) -> ArrayRef {
    Arc::new(Int16Array::from_iter_values((0..ROWS).map(|row| (word(row, column) % 500) as i16)))
}

fn flags(column: u64, nulls_in_64: u64) -> ArrayRef {
    let flags = (0..ROWS).map(|row| word(row, column).is_multiple_of(5)).collect::<Vec<_>>();
    Arc::new(BooleanArray::new(flags.into(), nulls(column, nulls_in_64)))
}

fn ids() -> ArrayRef {
    Arc::new(StringArray::from_iter_values((0..ROWS).map(|row| format!("CLM-1-{row:08}"))))
}

fn hashes(column: u64) -> ArrayRef {
    Arc::new(StringArray::from_iter_values((0..ROWS).map(|row| format!("{:016x}", word(row, column)))))
}

fn authorizations(column: u64) -> ArrayRef {
    let numbers = (0..ROWS).map(|row| {
        (word(row, column) % 64 > 50).then(|| format!("AUTH-{:07}", word(row, column) % 9_999_999))
    });
    Arc::new(numbers.collect::<StringArray>())
}

/// One column of each kind that claims have.
fn kinds() -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("dictionary8", codes(1, 14, 0)),
        ("dictionary8_nulls", codes(2, 14, 56)),
        ("dictionary8_one_value", codes(3, 1, 0)),
        ("dictionary16", wide_codes(4, 600)),
        ("dictionary_f64", scores(5)),
        ("list", list(6, 90, 4)),
        ("date_sorted", sorted_dates()),
        ("date", delayed_dates(7, 0)),
        ("date_nulls", delayed_dates(8, 10)),
        ("uint8", small(9)),
        ("int16", shorts(10)),
        ("amount", amounts(11, 0)),
        ("amount_nulls", amounts(12, 10)),
        ("boolean", flags(13, 0)),
        ("boolean_nulls", flags(14, 40)),
        ("text_id", ids()),
        ("text_hash", hashes(15)),
        ("text_mostly_null", authorizations(16)),
    ]
}

/// The 26 columns of a claim, by type and share of nulls.
fn claims() -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        ids(),
        codes(20, 1, 0),
        codes(21, 14, 0),
        codes(22, 70, 0),
        codes(23, 14, 0),
        codes(24, 24, 0),
        delayed_dates(25, 0),
        sorted_dates(),
        delayed_dates(26, 3),
        delayed_dates(27, 12),
        codes(28, 3, 0),
        amounts(29, 0),
        amounts(30, 3),
        amounts(31, 10),
        codes(32, 18, 57),
        codes(33, 18, 57),
        flags(34, 0),
        flags(35, 40),
        authorizations(36),
        shorts(37),
        list(38, 12, 2),
        list(39, 80, 4),
        codes(40, 4, 0),
        scores(41),
        flags(42, 0),
        hashes(43),
    ];
    let columns = columns.into_iter().enumerate().map(|(index, array)| (format!("column{index}"), array));
    RecordBatch::try_from_iter(columns).unwrap_or_else(|error| panic!("the bench's own table: {error}"))
}

fn write(rows: &Ready, folder: &Path) -> u64 {
    let Some(format) = sinks::format("parquet") else { return 0 };
    let context = Context {
        dataset: "bench".to_owned(),
        seed: 0,
        customer: 1,
        as_of: "2026-01-01".to_owned(),
        records: rows.row_count(),
        drift: false,
        dirt: false,
        appended_to: Vec::new(),
        spec: String::new(),
    };
    let target = Target::folder(folder, format, format.default_compression());
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

/// Takes CPU time instead of wall time: what other programs and the disk do does not count.
fn time(bencher: &mut Bencher, work: impl Fn() -> u64) {
    let now = || process_cpu_seconds().unwrap_or_else(|| panic!("this system has no clock of CPU time"));
    bencher.iter_custom(|iterations| {
        let start = now();
        for _ in 0..iterations {
            black_box(work());
        }
        Duration::from_secs_f64(now() - start)
    });
}

fn columns(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("a temporary folder: {error}"));
    let mut group = criterion.benchmark_group("parquet_sink");
    group.sample_size(10);
    for (name, array) in kinds().into_iter().chain(events::kinds()) {
        let batch = RecordBatch::try_from_iter([(name, array)]);
        let rows = Ready(batch.unwrap_or_else(|error| panic!("the bench's own table: {error}")));
        group.throughput(Throughput::Elements(rows.row_count()));
        group.bench_function(BenchmarkId::new("column", name), |bencher| {
            time(bencher, || write(&rows, folder.path()));
        });
    }
    for (name, table) in [("claims", claims as fn() -> RecordBatch), ("events", events::events)] {
        let rows = Ready(table());
        group.throughput(Throughput::Elements(rows.row_count()));
        group.bench_function(name, |bencher| time(bencher, || write(&rows, folder.path())));
    }
    group.finish();
}

criterion_group!(benches, columns);
criterion_main!(benches);
