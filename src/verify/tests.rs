//! One flipped value in each format is found, in its file, row and column; so is what is wrong from outside.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::SchemaRef;
use arrow_select::take::take;
use driftforge_generators::Run;

use super::*;
use crate::ExitCode;
use crate::datasets::{Dataset, PlannedDataset};
use crate::sinks::{self, Compression, Job, Options, Parts, Rows, Table, Target};

static NEVER: AtomicBool = AtomicBool::new(false);

fn planned() -> PlannedDataset {
    let run = Run { records: 30_000, seed: 42, customer: 1, as_of: None, drift: true, dirt: false };
    Dataset::built_in("claims").unwrap().plan(&run).unwrap()
}

/// The rows of a table, where one row has a column's value of another row.
struct Flipped<'a> {
    rows: &'a dyn Rows,
    row: u64,
    column: &'a str,
}

impl Rows for Flipped<'_> {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    fn row_count(&self) -> u64 {
        self.rows.row_count()
    }

    fn batch(&self, places: Range<u64>) -> RecordBatch {
        let batch = self.rows.batch(places.clone());
        if !places.contains(&self.row) {
            return batch;
        }
        let flipped = (self.row - places.start) as usize;
        let index = batch.schema().index_of(self.column).unwrap();
        let array = batch.column(index);
        let other = (0..array.len()).find(|other| array.slice(*other, 1) != array.slice(flipped, 1)).unwrap();
        let indices = (0..array.len()).map(|row| if row == flipped { other as u32 } else { row as u32 });
        let mut columns = batch.columns().to_vec();
        columns[index] = take(array, &UInt32Array::from_iter_values(indices), None).unwrap();
        RecordBatch::try_new(batch.schema(), columns).unwrap()
    }
}

fn write(planned: &PlannedDataset, rows: &dyn Rows, folder: &Path, format: &str, compression: Compression) {
    let target = Target::folder(folder, sinks::format(format).unwrap(), compression).unwrap();
    write_to(planned, rows, target);
}

fn write_partitioned(planned: &PlannedDataset, rows: &dyn Rows, folder: &Path, format: &str) {
    let format = sinks::format(format).unwrap();
    let target = Target::folder(folder, format, format.default_compression()).unwrap();
    write_to(planned, rows, target.partitioned("payer,submitted_date:month".parse().unwrap()).unwrap());
}

fn write_to(planned: &PlannedDataset, rows: &dyn Rows, target: Target) {
    let targets = [target];
    let tables = [Table { name: "claims", rows, metadata: &[], is_ledger: false }];
    let job = Job {
        tables: &tables,
        targets: &targets,
        parts: Parts::new(2, None).unwrap(),
        options: Options { row_group_rows: Some(6_000), ..Options::with_threads(2) },
        context: &planned.context(),
        sidecars: &[],
        progress: &(),
        stop: &NEVER,
    };
    sinks::write(&job).unwrap();
}

fn verify_folder(folder: &Path, sample: Option<Sample>) -> Result<Verdict> {
    let place = Place::Folder(folder.to_owned());
    verify(&Task { place: &place, sample, threads: 2, progress: &(), stop: &NEVER })
}

/// The formats that can be verified, each with its compressions.
const KINDS: [(&str, &[&str]); 4] = [
    ("parquet", &["none", "zstd"]),
    ("csv", &["none", "gzip", "zstd"]),
    ("jsonl", &["none", "gzip"]),
    ("arrow", &["none", "zstd"]),
];

fn kinds() -> impl Iterator<Item = (&'static str, Compression)> {
    // A format that is not there yet has nothing to verify.
    let there = KINDS.into_iter().filter(|(format, _)| sinks::format(format).is_some());
    there.flat_map(|(format, names)| names.iter().map(move |name| (format, name.parse().unwrap())))
}

#[test]
fn what_was_written_is_equal() {
    let planned = planned();
    for (format, compression) in kinds() {
        let folder = tempfile::tempdir().unwrap();
        write(&planned, planned.plan(), folder.path(), format, compression);
        let verdict = verify_folder(folder.path(), None).unwrap();
        assert_eq!(
            (verdict.findings.clone(), verdict.rows_compared, verdict.rows),
            (vec![], 30_000, 30_000),
            "{format}"
        );
        let sampled = verify_folder(folder.path(), Some(Sample::parse("10%", 5).unwrap())).unwrap();
        assert!(sampled.is_equal() && (1..30_000).contains(&sampled.rows_compared), "{format}: {sampled:?}");
    }
}

#[test]
fn what_was_written_to_folders_of_values_is_equal() {
    let planned = planned();
    for (format, _) in KINDS {
        let folder = tempfile::tempdir().unwrap();
        write_partitioned(&planned, planned.plan(), folder.path(), format);
        let verdict = verify_folder(folder.path(), None).unwrap();
        let found = (verdict.findings.clone(), verdict.rows_compared, verdict.rows);
        assert_eq!(found, (vec![], 30_000, 30_000), "{format}");
        assert!(verdict.files > 100, "{format}");
        let sampled = verify_folder(folder.path(), Some(Sample::parse("10%", 5).unwrap())).unwrap();
        assert!(sampled.is_equal(), "{format}: {sampled:?}");
    }
}

#[test]
fn a_flipped_value_is_found_in_its_folder() {
    let planned = planned();
    for (format, _) in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let rows = Flipped { rows: planned.plan(), row: 20_000, column: "claim_id" };
        write_partitioned(&planned, &rows, folder.path(), format);
        let verdict = verify_folder(folder.path(), None).unwrap();
        let [finding] = &verdict.findings[..] else { panic!("{format}: {:?}", verdict.findings) };
        assert!(finding.file.starts_with("payer=") && finding.file.contains("submitted_date_month="));
        assert!(matches!(&finding.problem, Problem::Value(found) if found.column == "claim_id"), "{format}");
    }
}

#[test]
fn a_flipped_value_is_found_in_its_row_and_column() {
    let planned = planned();
    let flips = [(0, "payer"), (14_999, "billed_amount"), (15_000, "claim_id"), (23_456, "submitted_date")];
    for (format, compression) in kinds() {
        let (whole, altered) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(&planned, planned.plan(), whole.path(), format, compression);
        for (row, column) in flips {
            let rows = Flipped { rows: planned.plan(), row, column };
            let altered = altered.path().join(format!("{row}"));
            write(&planned, &rows, &altered, format, compression);
            // Its own manifest has the digests of the flipped files: only the values tell.
            let verdict = verify_folder(&altered, None).unwrap();
            let [Finding { file, problem: Problem::Value(difference) }] = &verdict.findings[..] else {
                panic!("{format} {row} {column}: {:?}", verdict.findings)
            };
            let part = row / 15_000;
            assert!(file.contains(&format!("-0000{}-of-00002", part + 1)), "{file}");
            assert_eq!(
                (difference.row, difference.column.as_str()),
                (row - part * 15_000, column),
                "{format}"
            );
            assert_ne!(difference.expected, difference.found);
        }
        assert!(verify_folder(whole.path(), None).unwrap().is_equal());
    }
}

#[test]
fn a_sample_of_everything_finds_what_the_whole_finds() {
    let planned = planned();
    let rows = Flipped { rows: planned.plan(), row: 20_000, column: "payer" };
    for (format, compression) in kinds() {
        let folder = tempfile::tempdir().unwrap();
        write(&planned, &rows, folder.path(), format, compression);
        let whole = verify_folder(folder.path(), None).unwrap();
        let sampled = verify_folder(folder.path(), Some(Sample::parse("100%", 5).unwrap())).unwrap();
        assert_eq!(sampled.findings, whole.findings, "{format}");
        let found = (0..16).filter(|seed| {
            let sample = Sample::parse("30%", *seed).unwrap();
            !verify_folder(folder.path(), Some(sample)).unwrap().is_equal()
        });
        let found = found.count();
        assert!((1..15).contains(&found), "{format}: {found} of 16 samples of 30 % found the row");
    }
}

/// Copies of rows are among the faults, so that rows are not places.
#[test]
fn dirt_and_its_ledger_are_verified() {
    let run = Run { records: 30_000, seed: 42, customer: 1, as_of: None, drift: true, dirt: true };
    let planned = Dataset::built_in("claims").unwrap().plan(&run).unwrap();
    let tables = ["claims", "claims_dirt"].map(|name| Table {
        name,
        rows: planned.rows_of(name).unwrap(),
        metadata: &[],
        is_ledger: name == "claims_dirt",
    });
    for (format, compression) in kinds() {
        let folder = tempfile::tempdir().unwrap();
        let targets = [Target::folder(folder.path(), sinks::format(format).unwrap(), compression).unwrap()];
        let job = Job {
            tables: &tables,
            targets: &targets,
            parts: Parts::new(2, None).unwrap(),
            options: Options { row_group_rows: Some(6_000), ..Options::with_threads(2) },
            context: &planned.context(),
            sidecars: &[],
            progress: &(),
            stop: &NEVER,
        };
        sinks::write(&job).unwrap();
        let verdict = verify_folder(folder.path(), None).unwrap();
        assert_eq!((verdict.findings.clone(), verdict.rows_compared), (vec![], verdict.rows), "{format}");
        assert!(verdict.rows > 30_000 && verdict.tables == 2, "{verdict:?}");
        let sampled = verify_folder(folder.path(), Some(Sample::parse("10%", 5).unwrap())).unwrap();
        assert!(sampled.is_equal(), "{format}: {:?}", sampled.findings);
    }
}

/// The problems of each file, by the file's name.
fn problems(folder: &Path) -> Vec<(String, Problem)> {
    verify_folder(folder, None)
        .unwrap()
        .findings
        .into_iter()
        .map(|finding| (finding.file, finding.problem))
        .collect()
}

#[test]
fn missing_extra_changed_and_cut_files_are_told() {
    let planned = planned();
    for (format, compression) in kinds() {
        let folder = tempfile::tempdir().unwrap();
        write(&planned, planned.plan(), folder.path(), format, compression);
        let names: Vec<String> = Place::Folder(folder.path().to_owned())
            .files()
            .unwrap()
            .into_iter()
            .map(|file| file.name)
            .collect();
        let first = names.iter().find(|name| name.contains("00001")).unwrap();
        let path = folder.path().join(first);
        let bytes = fs::read(&path).unwrap();

        fs::copy(&path, folder.path().join(format!("copy-of-{first}"))).unwrap();
        assert_eq!(problems(folder.path()), [(format!("copy-of-{first}"), Problem::Extra)], "{format}");
        fs::remove_file(folder.path().join(format!("copy-of-{first}"))).unwrap();

        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        let found = problems(folder.path());
        assert!(found.iter().all(|(file, _)| file == first) && found.len() == 2, "{format}: {found:?}");
        assert!(matches!(found[0].1, Problem::Size { .. }), "{format}: {found:?}");

        let mut changed = bytes.clone();
        let middle = bytes.len() / 2;
        changed[middle] ^= 1;
        fs::write(&path, &changed).unwrap();
        let found = problems(folder.path());
        assert_eq!(found[0], (first.clone(), Problem::Digest), "{format}");

        fs::remove_file(&path).unwrap();
        assert_eq!(problems(folder.path()), [(first.clone(), Problem::Missing)], "{format}");
        fs::write(&path, &bytes).unwrap();
        assert_eq!(problems(folder.path()), [], "{format}");
    }
}

#[test]
fn rows_too_many_and_too_few_are_told() {
    let planned = planned();
    let Some(csv) = sinks::format("csv") else { return };
    let folder = tempfile::tempdir().unwrap();
    write(&planned, planned.plan(), folder.path(), csv.name, Compression::None);
    let path = folder.path().join("claims-00002-of-00002.csv");
    let text = fs::read_to_string(&path).unwrap();
    let last = text.trim_end().rfind('\n').unwrap() + 1;
    fs::write(&path, &text[..last]).unwrap();
    assert!(
        problems(folder.path()).iter().any(|(_, problem)| *problem == Problem::RowsMissing { row: 15_000 })
    );
    fs::write(&path, format!("{text}{}", &text[last..])).unwrap();
    assert!(
        problems(folder.path()).iter().any(|(_, problem)| *problem == Problem::RowsExtra { row: 15_001 })
    );
}

#[test]
fn a_place_without_a_manifest_is_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    let error = verify_folder(folder.path(), None).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::BadInput);
    assert!(error.to_string().contains("_manifest.json"), "{error}");
    fs::write(folder.path().join("_manifest.json"), "{}").unwrap();
    assert_eq!(verify_folder(folder.path(), None).unwrap_err().exit_code(), ExitCode::BadInput);
}
