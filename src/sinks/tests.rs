//! What a job leaves behind: the same bytes however it is run, and nothing when it fails.

mod in_the_way;
mod partitioned;
mod several;

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arrow_array::{ArrayRef, Date32Array, DictionaryArray, RecordBatch, StringArray};
use arrow_schema::SchemaRef;

use super::*;
use crate::{Error, ExitCode};

/// Rows that are there already.
pub(super) struct Ready(pub RecordBatch);

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

/// A small table: a sorted date, a category, an id.
fn table(rows: usize) -> Ready {
    let dates = Date32Array::from_iter_values((0..rows).map(|row| 19_000 + row as i32 / 100));
    let payers = StringArray::from(vec!["AETNA", "CIGNA", "HUMANA"]);
    let keys = arrow_array::UInt8Array::from_iter_values((0..rows).map(|row| (row * 7 % 3) as u8));
    let ids = StringArray::from_iter_values((0..rows).map(|row| format!("CLM-1-{row:08}")));
    let columns: [(&str, ArrayRef); 3] = [
        ("submitted_date", Arc::new(dates)),
        ("payer", Arc::new(DictionaryArray::new(keys, Arc::new(payers)))),
        ("claim_id", Arc::new(ids)),
    ];
    Ready(RecordBatch::try_from_iter(columns).unwrap())
}

fn context() -> Context {
    Context {
        dataset: "claims".to_owned(),
        seed: 42,
        customer: 1,
        as_of: "2026-01-01".to_owned(),
        records: 5_000,
        drift: true,
        dirt: false,
        appended_to: Vec::new(),
        spec: "name = \"claims\"\n".to_owned(),
    }
}

/// A job of one table and one target, on two threads with small chunks; tests change it to their liking.
#[derive(Clone)]
struct Setup<'a> {
    rows: &'a dyn Rows,
    folder: &'a Path,
    stem: &'a str,
    format: &'static Format,
    compression: Compression,
    parts: Parts,
    options: Options,
    sidecars: &'a [Sidecar<'a>],
    context: Context,
    progress: &'a dyn Progress,
    stop: &'a AtomicBool,
    partition_by: PartitionBy,
}

impl<'a> Setup<'a> {
    fn new(rows: &'a dyn Rows, folder: &'a Path) -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Self {
            rows,
            folder,
            stem: "claims",
            format: format("parquet").unwrap(),
            compression: Compression::Zstd(1),
            parts: Parts::WHOLE,
            options: Options { row_group_rows: Some(1_000), batch_rows: 300, ..Options::with_threads(2) },
            sidecars: &[],
            context: context(),
            progress: &(),
            stop: &NEVER,
            partition_by: PartitionBy::default(),
        }
    }

    fn with_job<T>(&self, act: impl FnOnce(&Job) -> Result<T>) -> Result<T> {
        let table = Table { name: self.stem, rows: self.rows, metadata: &[], is_ledger: false };
        act(&Job {
            tables: &[table],
            targets: &[Target::folder(self.folder, self.format, self.compression)?
                .partitioned(self.partition_by.clone())?],
            parts: self.parts,
            options: self.options,
            context: &self.context,
            sidecars: self.sidecars,
            progress: self.progress,
            stop: self.stop,
        })
    }

    fn write(&self) -> Result<Receipt> {
        self.with_job(|job| Ok(write(job)?.remove(0)))
    }

    fn check(&self) -> Result<()> {
        self.with_job(check)
    }
}

fn run<'a>(rows: &'a dyn Rows, folder: &'a Path, change: impl FnOnce(&mut Setup<'a>)) -> Result<Receipt> {
    let mut setup = Setup::new(rows, folder);
    change(&mut setup);
    setup.write()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn bytes_are_equal_for_any_threads_and_batches() {
    let rows = table(5_500);
    let mut digests = Vec::new();
    for (threads, batch_rows) in [(1, 300), (2, 1), (2, 1_000), (7, 8_192), (1_000, 77)] {
        let folder = tempfile::tempdir().unwrap();
        let written = run(&rows, folder.path(), |job| {
            (job.options.threads, job.options.batch_rows) = (threads, batch_rows);
        });
        digests.push(written.unwrap().files[0].digest.clone());
    }
    digests.dedup();
    assert_eq!(digests.len(), 1);
}

/// A change of this digest changes every file that was ever written: it belongs in the changelog.
#[test]
fn uncompressed_bytes_stay_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let written = run(&table(5_500), folder.path(), |job| job.compression = Compression::None);
    assert_eq!(written.unwrap().files[0].digest, "355e9384b5094a9f9837c5e36878743c");
}

#[test]
fn parts_are_the_same_written_together_or_alone_and_say_what_they_hold() {
    let rows = table(5_500);
    let (together, alone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let all = run(&rows, together.path(), |job| job.parts = Parts::new(3, None).unwrap()).unwrap();
    assert_eq!(all.rows, 5_500);
    for (number, file) in (1..=3).zip(&all.files) {
        let parts = Parts::new(3, Some(number)).unwrap();
        let one = run(&rows, alone.path(), |job| job.parts = parts).unwrap();
        assert_eq!((&one.files[0].digest, one.files[0].places.clone()), (&file.digest, file.places.clone()));
        let manifest = Manifest::read(&one.manifest.unwrap()).unwrap();
        assert_eq!((manifest.part, manifest.parts, manifest.files().count()), (Some(number), 3, 1));
        let bytes = fs::read(&file.path).unwrap();
        assert_eq!(format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&bytes)), file.digest);
        assert_eq!(bytes.len() as u64, file.bytes);
    }
    let manifest = Manifest::read(&together.path().join("_manifest.json")).unwrap();
    assert_eq!(manifest.context, context());
    assert_eq!(manifest.part, None);
    assert_eq!(manifest.files().map(|file| file.first_place).collect::<Vec<_>>(), [0, 1_833, 3_666]);
    assert_eq!(manifest.files().map(|file| file.rows).sum::<u64>(), 5_500);
    assert_eq!(manifest.tables[0].files[1].name, "claims-00002-of-00003.parquet");
}

#[test]
fn no_batch_crosses_a_multiple_of_the_batch_size() {
    struct Blocks(Ready);
    impl Rows for Blocks {
        fn schema(&self) -> SchemaRef {
            self.0.schema()
        }
        fn row_count(&self) -> u64 {
            self.0.row_count()
        }
        fn batch(&self, rows: Range<u64>) -> RecordBatch {
            assert_eq!(rows.start / 300, (rows.end - 1) / 300, "{rows:?}");
            self.0.batch(rows)
        }
    }
    let folder = tempfile::tempdir().unwrap();
    run(&Blocks(table(5_500)), folder.path(), |job| job.parts = Parts::new(3, None).unwrap()).unwrap();
}

#[test]
fn progress_counts_every_row_once() {
    struct Count(AtomicU64);
    impl Progress for Count {
        fn places_written(&self, rows: u64) {
            self.0.fetch_add(rows, Ordering::Relaxed);
        }
    }
    let (folder, count) = (tempfile::tempdir().unwrap(), Count(AtomicU64::new(0)));
    run(&table(5_500), folder.path(), |job| job.progress = &count).unwrap();
    assert_eq!(count.0.into_inner(), 5_500);
}

#[test]
fn null_generates_every_row_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let written = run(&table(5_500), folder.path(), |job| job.format = format("null").unwrap()).unwrap();
    assert_eq!((written.rows, written.files.len(), written.manifest), (5_500, 0, None));
    assert!(names(folder.path()).is_empty());
}

#[test]
fn no_rows_make_a_file_without_row_groups() {
    let folder = tempfile::tempdir().unwrap();
    let written = run(&table(0), folder.path(), |_| ()).unwrap();
    assert_eq!((written.rows, written.files[0].rows), (0, 0));
    assert_eq!(names(folder.path()), ["_manifest.json", "claims.parquet"]);
}

/// Rows that raise the stop flag, or panic, once the row is made.
struct Trap<'a> {
    table: Ready,
    at: u64,
    stop: Option<&'a AtomicBool>,
}

impl Rows for Trap<'_> {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn row_count(&self) -> u64 {
        self.table.row_count()
    }

    fn batch(&self, rows: Range<u64>) -> RecordBatch {
        if rows.contains(&self.at) {
            match self.stop {
                Some(stop) => stop.store(true, Ordering::Relaxed),
                None => panic!("a generator with a fault"),
            }
        }
        self.table.batch(rows)
    }
}

#[test]
fn a_stop_leaves_nothing_under_a_final_name_and_finished_parts_for_the_next_run() {
    for (at, parts, left) in [(0, 1, 0), (2_500, 1, 0), (5_499, 3, 3)] {
        let (folder, stop) = (tempfile::tempdir().unwrap(), AtomicBool::new(false));
        let rows = Trap { table: table(5_500), at, stop: Some(&stop) };
        let stopped = run(&rows, folder.path(), |job| {
            (job.stop, job.parts) = (&stop, Parts::new(parts, None).unwrap());
        });
        assert!(matches!(stopped, Err(Error::Interrupted)), "{stopped:?}");
        let names = names(folder.path());
        assert_eq!(names.len(), left, "{names:?}");
        assert!(names.iter().all(|name| name.ends_with(".inprogress") || name.ends_with(".journal")));
    }
}

#[test]
fn a_panic_ends_every_thread_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let rows = Trap { table: table(5_500), at: 2_500, stop: None };
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        run(&rows, folder.path(), |job| job.options.threads = 4)
    }));
    assert!(panicked.is_err());
    assert!(names(folder.path()).is_empty());
}

#[test]
fn files_in_the_way_are_refused_and_replaced_only_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let first = run(&table(1_000), folder.path(), |_| ()).unwrap();
    let bytes = fs::read(&first.files[0].path).unwrap();
    for parts in [Parts::WHOLE, Parts::new(2, None).unwrap(), Parts::new(2, Some(1)).unwrap()] {
        let refused = run(&table(500), folder.path(), |job| (job.parts, job.context.records) = (parts, 500));
        let refused = refused.unwrap_err();
        assert_eq!(refused.exit_code(), ExitCode::BadInput);
        assert!(refused.to_string().contains("--overwrite"), "{refused}");
        assert!(fs::read(&first.files[0].path).unwrap() == bytes);
    }
    run(&table(500), folder.path(), |job| {
        (job.options.overwrite, job.parts) = (true, Parts::new(2, None).unwrap());
    })
    .unwrap();
    let expected = ["_manifest.json", "claims-00001-of-00002.parquet", "claims-00002-of-00002.parquet"];
    assert_eq!(names(folder.path()), expected);
}

#[test]
fn parts_written_alone_do_not_stand_in_each_others_way() {
    let folder = tempfile::tempdir().unwrap();
    for number in [2, 1] {
        let parts = Parts::new(2, Some(number)).unwrap();
        run(&table(500), folder.path(), |job| job.parts = parts).unwrap();
    }
    assert_eq!(names(folder.path()).len(), 4);
}

#[test]
fn a_folder_that_is_a_file_is_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data");
    fs::write(&file, "x").unwrap();
    let error = run(&table(10), &file, |_| ()).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::BadInput, "{error}");
    assert!(error.to_string().contains("data"), "{error}");
}

#[test]
fn a_name_that_cannot_be_taken_leaves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("claims.parquet")).unwrap();
    let error = run(&table(10), folder.path(), |job| job.options.overwrite = true).unwrap_err();
    assert!(error.to_string().contains("claims.parquet"), "{error}");
    assert_eq!(names(folder.path()), ["claims.parquet"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_the_machines_fault_and_leaves_nothing() {
    let truth = [Sidecar::new("claims.truth.json".to_owned(), || Ok(b"{}".to_vec()))];
    for name in ["claims.parquet", "claims.truth.json"] {
        let folder = tempfile::tempdir().unwrap();
        let unfinished = folder.path().join(format!("{name}.inprogress"));
        std::os::unix::fs::symlink("/dev/full", unfinished).unwrap();
        let error = run(&table(5_500), folder.path(), |job| job.sidecars = &truth).unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::Failed, "{error}");
        assert!(error.to_string().contains(name), "{error}");
        assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
    }
}

#[test]
fn options_out_of_range_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    type Change = fn(&mut Options);
    let wrong: [(&str, Change); 5] = [
        ("threads", |options| options.threads = 0),
        ("batch-size", |options| options.batch_rows = 0),
        ("row-group-rows", |options| options.row_group_rows = Some(0)),
        ("row-group-rows", |options| options.row_group_rows = Some(u64::MAX)),
        ("row-group-rows", |options| options.row_group_rows = Some(1)),
    ];
    for (name, change) in wrong {
        let rows = table(40_000);
        let error = run(&rows, folder.path(), |job| change(&mut job.options)).unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::BadInput);
        assert!(error.to_string().starts_with(&format!("--{name} ")), "{error}");
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_batch_of_another_type_is_named() {
    struct Liar(Ready);
    impl Rows for Liar {
        fn schema(&self) -> SchemaRef {
            table(1).schema()
        }
        fn row_count(&self) -> u64 {
            self.0.row_count()
        }
        fn batch(&self, rows: Range<u64>) -> RecordBatch {
            self.0.batch(rows)
        }
    }
    let dates = table(10).0.column(0).clone();
    let columns = ["submitted_date", "payer", "claim_id"].map(|name| (name, dates.clone() as ArrayRef));
    let rows = Liar(Ready(RecordBatch::try_from_iter(columns).unwrap()));
    let folder = tempfile::tempdir().unwrap();
    let error = run(&rows, folder.path(), |_| ()).unwrap_err().to_string();
    assert!(error.contains("payer") && error.contains("Date32"), "{error}");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn formats_have_names_of_their_own() {
    for (index, entry) in FORMATS.iter().enumerate() {
        assert_eq!(FORMATS.iter().position(|other| other.name == entry.name), Some(index));
        assert!(!entry.about.is_empty());
    }
    assert!(format("xml").is_none());
}
