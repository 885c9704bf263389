//! `datagen --dirt`: the dirt ledger takes every fault back, and `DATASET.ledger.json` counts what is there.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_csv::ReaderBuilder;
use arrow_schema::{DataType, Field, Schema};
use assert_cmd::Command;
use driftforge::ledger::Ledger;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

type Row = Vec<Option<String>>;

/// A table as text, with the names of its columns.
struct Grid {
    names: Vec<String>,
    rows: Vec<Row>,
}

impl Grid {
    fn of(batches: &[RecordBatch]) -> Self {
        let names = batches[0].schema().fields().iter().map(|field| field.name().clone()).collect();
        let options = FormatOptions::default();
        let mut rows = Vec::new();
        for batch in batches {
            let columns: Vec<_> = batch
                .columns()
                .iter()
                .map(|column| ArrayFormatter::try_new(column, &options).unwrap())
                .collect();
            for row in 0..batch.num_rows() {
                let cells = columns.iter().zip(batch.columns());
                let text = |(text, array): (&ArrayFormatter, &arrow_array::ArrayRef)| {
                    let is_null = array.logical_nulls().is_some_and(|nulls| nulls.is_null(row));
                    (!is_null).then(|| text.value(row).to_string())
                };
                rows.push(cells.map(text).collect());
            }
        }
        Self { names, rows }
    }

    /// Reads a Parquet or CSV file.
    fn read(path: &Path) -> Self {
        let file = File::open(path).unwrap();
        if path.extension().is_some_and(|extension| extension == "parquet") {
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
            return Self::of(&reader.map(Result::unwrap).collect::<Vec<_>>());
        }
        let header = fs::read_to_string(path).unwrap().lines().next().unwrap().to_owned();
        let fields = header.split(',').map(|name| Field::new(name, DataType::Utf8, true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let reader = ReaderBuilder::new(schema).with_header(true).build(file).unwrap();
        Self::of(&reader.map(Result::unwrap).collect::<Vec<_>>())
    }

    fn column(&self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap()
    }
}

/// A row of the dirt ledger.
struct Fault {
    place: usize,
    row: usize,
    id: String,
    /// The column, and the value before and after; `None`: the row is there again.
    change: Option<(usize, Option<String>, Option<String>)>,
}

fn faults(ledger: &Grid, table: &Grid) -> Vec<Fault> {
    let [place, row, id, column, before, after] =
        ["place", "row", "dirt_id", "column", "before", "after"].map(|name| ledger.column(name));
    let number = |text: &Option<String>| text.as_ref().unwrap().parse::<usize>().unwrap() - 1;
    let fault = |cells: &Row| Fault {
        place: number(&cells[place]),
        row: number(&cells[row]),
        id: cells[id].clone().unwrap(),
        change: cells[column]
            .as_ref()
            .map(|name| (table.column(name), cells[before].clone(), cells[after].clone())),
    };
    ledger.rows.iter().map(fault).collect()
}

/// Takes all faults back: the clean rows, in order.
fn undone(table: &Grid, faults: &[Fault]) -> Vec<Row> {
    let mut next = table.rows.iter();
    let mut faults = faults.iter().peekable();
    let (mut dirty, mut clean): (Vec<Row>, Vec<Row>) = (Vec::new(), Vec::new());
    while let Some(own) = next.next() {
        let place = clean.len();
        let mut row = own.clone();
        let mut changes = Vec::new();
        while let Some(fault) = faults.next_if(|fault| fault.place == place && fault.change.is_some()) {
            assert_eq!(fault.row, place);
            changes.extend(&fault.change);
        }
        for (column, before, after) in changes.into_iter().rev() {
            assert_eq!(&row[*column], after, "row {place}");
            row[*column].clone_from(before);
        }
        dirty.push(own.clone());
        clean.push(row);
        while let Some(copy) = faults.next_if(|fault| fault.place == place) {
            assert!(copy.change.is_none(), "{}", copy.id);
            let mut expected = dirty[copy.row].clone();
            let is_change = |fault: &&Fault| fault.place == place && fault.change.is_some();
            while let Some(fault) = faults.next_if(is_change) {
                let (column, before, after) = fault.change.as_ref().unwrap();
                assert_eq!((&expected[*column], fault.row), (before, copy.row));
                expected[*column].clone_from(after);
            }
            assert_eq!(next.next(), Some(&expected), "the copy at {place}");
        }
    }
    assert!(faults.next().is_none());
    clean
}

fn datagen(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::cargo_bin("datagen").unwrap();
    let output = command.current_dir(folder).args(arguments).output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code().unwrap_or(-1), text)
}

#[track_caller]
fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let (code, text) = datagen(folder, arguments);
    assert_eq!(code, 0, "{arguments:?}: {text}");
    text
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn ledger_json(folder: &Path) -> Ledger {
    serde_json::from_slice(&fs::read(folder.join("claims.ledger.json")).unwrap()).unwrap()
}

#[test]
fn the_ledger_takes_back_every_fault_and_counts_what_is_there() {
    for format in ["parquet", "csv"] {
        let folder = TempDir::new().unwrap();
        let run = |out: &str, more: &[&str]| {
            let run = ["--records", "20000", "--format", format, "--out", out];
            succeeds(folder.path(), &[&run, more].concat())
        };
        let told = run("dirty", &["--dirt"]);
        run("clean", &["--quiet"]);
        let dirty = folder.path().join("dirty");
        let (file, ledger_file) = (format!("claims.{format}"), format!("claims_dirt.{format}"));
        let mut expected = ["_ledger", "_manifest.json", &file, "claims.ledger.json", "claims.truth.json"];
        expected.sort_unstable();
        assert_eq!(names(&dirty), expected);
        assert_eq!(names(&dirty.join("_ledger")), std::slice::from_ref(&ledger_file));
        let of_clean = &ledger_json(&folder.path().join("clean")).tables["claims"];
        assert_eq!(of_clean.rows, 20_000);
        assert!(of_clean.dirt.values().all(|count| count.copies + count.values == 0));

        let table = Grid::read(&dirty.join(&file));
        let faults = faults(&Grid::read(&dirty.join("_ledger").join(&ledger_file)), &table);
        let clean = Grid::read(&folder.path().join("clean").join(&file));
        assert_eq!(undone(&table, &faults), clean.rows);

        let ledger = ledger_json(&dirty);
        let tally = &ledger.tables["claims"];
        assert_eq!((ledger.records, tally.rows), (20_000, table.rows.len() as u64));
        assert!(tally.rows > 20_000);
        let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for fault in &faults {
            let count = counts.entry(&fault.id).or_default();
            if fault.change.is_some() { count.1 += 1 } else { count.0 += 1 }
        }
        let told_counts = tally.dirt.iter().filter(|(_, count)| count.copies + count.values > 0);
        let told_counts: BTreeMap<&str, (u64, u64)> =
            told_counts.map(|(id, count)| (id.as_str(), (count.copies, count.values))).collect();
        assert_eq!(told_counts, counts);
        assert!(counts.len() > 10 && !ledger.drifts.is_empty(), "{counts:?}");
        let rows = tally.rows.to_string();
        assert!(told.contains(&format!("{},{} rows", &rows[..2], &rows[2..])), "{told}");
    }
}

#[test]
fn faults_are_verified_like_data_and_left_out_by_readers() {
    let folder = TempDir::new().unwrap();
    let run = ["--records", "20000", "--dirt", "--parts", "2"];
    succeeds(folder.path(), &run);
    let told = succeeds(folder.path(), &["verify", "data"]);
    assert!(told.contains("4 files of 2 tables") && told.contains("equal"), "{told}");
    succeeds(folder.path(), &["verify", "data", "--sample", "10%", "--sample-seed", "1"]);
    let described = succeeds(folder.path(), &["describe", "data"]);
    let rows = ledger_json(&folder.path().join("data")).tables["claims"].rows.to_string();
    assert!(described.contains(&format!("{},{} rows", &rows[..2], &rows[2..])), "{described}");
    assert!(!described.contains("claims_dirt"), "{described}");
    let told = succeeds(folder.path(), &run);
    assert!(told.contains("already complete"), "{told}");

    let ledger = folder.path().join("data/claims.ledger.json");
    let text = fs::read_to_string(&ledger).unwrap();
    fs::write(&ledger, text.replacen("\"rows\": 20", "\"rows\": 30", 1)).unwrap();
    let (code, told) = datagen(folder.path(), &["verify", "data"]);
    assert!(code == 1 && told.contains("claims.ledger.json"), "{told}");
    let (code, told) = datagen(folder.path(), &run);
    assert!(code == 2 && told.contains("claims.ledger.json"), "{told}");
    succeeds(folder.path(), &[&run[..], &["--overwrite"]].concat());
    assert_eq!(fs::read_to_string(&ledger).unwrap(), text);

    let faults = folder.path().join("data/_ledger/claims_dirt-00002-of-00002.parquet");
    fs::copy(folder.path().join("data/_ledger/claims_dirt-00001-of-00002.parquet"), &faults).unwrap();
    let (code, told) = datagen(folder.path(), &["verify", "data"]);
    assert!(code == 1 && told.contains("claims_dirt-00002-of-00002"), "{told}");
}

#[test]
fn a_clean_run_over_a_dirty_one_removes_what_only_that_had() {
    let folder = TempDir::new().unwrap();
    succeeds(folder.path(), &["--dirt"]);
    let (code, told) = datagen(folder.path(), &[]);
    assert!(code == 2 && told.contains("--overwrite"), "{told}");
    succeeds(folder.path(), &["--overwrite"]);
    let data = folder.path().join("data");
    assert_eq!(
        names(&data).into_iter().filter(|name| name != "_ledger").collect::<Vec<_>>(),
        ["_manifest.json", "claims.ledger.json", "claims.parquet", "claims.truth.json"]
    );
    assert!(!data.join("_ledger").exists() || names(&data.join("_ledger")).is_empty());
}

#[test]
fn a_stream_has_the_table_or_its_ledger() {
    let folder = TempDir::new().unwrap();
    let stream = |more: &[&str]| {
        let run = ["--records", "5000", "--dirt", "--stdout", "--format", "csv"];
        succeeds(folder.path(), &[&run, more].concat())
    };
    assert!(stream(&[]).starts_with("claim_id,"));
    assert!(stream(&["--tables", "claims_dirt"]).starts_with("customer_id,place,row,"));
    assert_eq!(names(folder.path()), Vec::<String>::new());
}
