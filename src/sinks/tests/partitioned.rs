//! Folders of values: every row in one of them, the same bytes however it is run.

use std::collections::BTreeMap;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;

/// The table of the others, with a payer that is not always known and one that no path takes as it is.
fn payers(rows: usize) -> Ready {
    let plain = table(rows).0;
    let texts = (0..rows).map(|row| [Some("A/B"), Some("Blue Cross"), None, Some("")][row * 7 % 4]);
    let texts: DictionaryArray<arrow_array::types::Int16Type> = texts.collect();
    let columns: [(&str, ArrayRef); 3] = [
        ("submitted_date", plain.column(0).clone()),
        ("payer", Arc::new(texts)),
        ("claim_id", plain.column(2).clone()),
    ];
    let columns = columns.map(|(name, column)| (name, column, true));
    Ready(RecordBatch::try_from_iter_with_nullable(columns).unwrap())
}

fn partitioned<'a>(
    rows: &'a dyn Rows,
    folder: &'a Path,
    by: &str,
    change: impl FnOnce(&mut Setup<'a>),
) -> Result<Receipt> {
    run(rows, folder, |job| {
        job.partition_by = by.parse().unwrap();
        change(job);
    })
}

/// The ids in each file, by the file's name.
fn ids(folder: &Path, receipt: &Receipt) -> BTreeMap<String, Vec<String>> {
    let read = |name: &str| {
        let file = fs::File::open(folder.join(name)).unwrap();
        let batches = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        let texts = batches.flat_map(|batch| {
            let batch = batch.unwrap();
            assert!(batch.column_by_name("payer").is_none());
            let ids = batch.column_by_name("claim_id").unwrap().clone();
            let ids = arrow_cast::cast(&ids, &arrow_schema::DataType::Utf8).unwrap();
            let ids = arrow_array::cast::AsArray::as_string::<i32>(&ids).clone();
            ids.iter().map(|id| id.unwrap().to_owned()).collect::<Vec<_>>()
        });
        texts.collect()
    };
    receipt.files.iter().map(|file| (file.name.clone(), read(&file.name))).collect()
}

fn digests(receipt: &Receipt) -> Vec<(String, String)> {
    receipt.files.iter().map(|file| (file.name.clone(), file.digest.clone())).collect()
}

#[test]
fn every_row_is_in_the_folder_of_its_values_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let rows = payers(5_500);
    let receipt = partitioned(&rows, folder.path(), "payer,submitted_date:month", |_| {}).unwrap();
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in 0..5_500 {
        let payer = ["A%2FB", "Blue Cross", "__HIVE_DEFAULT_PARTITION__", ""][row * 7 % 4];
        // Day 19,000 is 2022-01-08.
        let month = if row / 100 < 24 {
            "2022-01"
        } else if row / 100 < 52 {
            "2022-02"
        } else {
            "2022-03"
        };
        let name = format!("payer={payer}/submitted_date_month={month}/claims.parquet");
        expected.entry(name).or_default().push(format!("CLM-1-{row:08}"));
    }
    assert_eq!(ids(folder.path(), &receipt), expected);
    assert_eq!(receipt.rows, 5_500);
    let manifest = Manifest::read(&folder.path().join("_manifest.json")).unwrap();
    assert_eq!(manifest.partition_by.as_deref(), Some("payer,submitted_date:month"));
    let file = &manifest.tables[0].files[0];
    let values: Vec<_> =
        file.partition.iter().map(|part| (part.column.as_str(), part.value.as_deref())).collect();
    assert_eq!(values, [("payer", Some("")), ("submitted_date_month", Some("2022-01"))]);
    // Chunks of 1,000 places: none of the later ones has a row of January.
    assert_eq!((file.first_place, file.places, file.rows), (0, 3_000, 600));
}

#[test]
fn bytes_in_folders_are_equal_for_any_threads_and_batches() {
    let rows = payers(5_500);
    for format in ["parquet", "csv", "jsonl", "arrow"].map(|name| format(name).unwrap()) {
        let mut all = Vec::new();
        for (threads, batch_rows) in [(1, 300), (2, 1), (3, 1_000), (7, 8_192)] {
            let folder = tempfile::tempdir().unwrap();
            let written = partitioned(&rows, folder.path(), "payer", |job| {
                (job.format, job.compression) = (format, format.default_compression());
                (job.options.threads, job.options.batch_rows) = (threads, batch_rows);
                job.parts = Parts::new(3, None).unwrap();
            });
            all.push(digests(&written.unwrap()));
        }
        assert_eq!(all[0].len(), 12);
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{}", format.name);
    }
}

#[test]
fn a_part_alone_is_a_slice_of_the_whole() {
    let (whole, alone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let rows = payers(5_500);
    let parts = |only| Parts::new(3, only).unwrap();
    let written = partitioned(&rows, whole.path(), "payer", |job| job.parts = parts(None)).unwrap();
    let mut files = Vec::new();
    for part in [2, 3, 1] {
        let part = partitioned(&rows, alone.path(), "payer", |job| job.parts = parts(Some(part))).unwrap();
        files.extend(digests(&part));
    }
    files.sort();
    let mut expected = digests(&written);
    expected.sort();
    assert_eq!(files, expected);
    let again = partitioned(&rows, alone.path(), "payer", |job| job.parts = parts(Some(2))).unwrap();
    assert!(again.was_complete);
}

#[test]
fn a_stopped_run_in_folders_is_continued() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (stop, parts) = (AtomicBool::new(false), Parts::new(5, None).unwrap());
    let rows = payers(5_500);
    let trap = Trap { table: payers(5_500), at: 5_400, stop: Some(&stop) };
    let stopped = partitioned(&trap, folder.path(), "payer", |job| (job.stop, job.parts) = (&stop, parts));
    assert!(matches!(stopped, Err(Error::Interrupted)));
    assert_eq!(names(&folder.path().join("payer=A%2FB")).len(), 4, "the part in progress is taken back");
    let continued = partitioned(&rows, folder.path(), "payer", |job| job.parts = parts).unwrap();
    assert_eq!(continued.resumed_files, 16);
    let whole = partitioned(&rows, elsewhere.path(), "payer", |job| job.parts = parts).unwrap();
    assert_eq!(digests(&continued), digests(&whole));
    assert_eq!(names(folder.path()), names(elsewhere.path()));
    assert!(partitioned(&rows, folder.path(), "payer", |job| job.parts = parts).unwrap().was_complete);
}

#[test]
fn what_stands_in_folders_is_in_the_way_and_goes_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let rows = payers(2_000);
    let refused = |error: Error, part: &str| {
        assert_eq!(error.exit_code(), ExitCode::BadInput);
        assert!(error.to_string().contains(part), "{error}");
    };
    partitioned(&rows, folder.path(), "payer", |_| {}).unwrap();
    refused(run(&rows, folder.path(), |_| {}).unwrap_err(), "--partition-by payer instead of none");
    fs::remove_file(folder.path().join("_manifest.json")).unwrap();
    let before = names(folder.path());
    refused(run(&rows, folder.path(), |_| {}).unwrap_err(), "payer=");
    refused(partitioned(&rows, folder.path(), "payer", |_| {}).unwrap_err(), "payer=");
    assert_eq!(names(folder.path()), before);
    let month = |job: &mut Setup| job.options.overwrite = true;
    partitioned(&rows, folder.path(), "submitted_date:year", month).unwrap();
    assert_eq!(names(folder.path()), ["_manifest.json", "submitted_date_year=2022"]);
    run(&rows, folder.path(), |job| job.options.overwrite = true).unwrap();
    assert_eq!(names(folder.path()), ["_manifest.json", "claims.parquet"]);
    partitioned(&rows, folder.path(), "submitted_date:year", |job| job.options.overwrite = true).unwrap();
    assert_eq!(names(folder.path()), ["_manifest.json", "submitted_date_year=2022"]);
}

#[test]
fn too_many_folders_are_refused_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let error = partitioned(&payers(5_500), folder.path(), "claim_id", |_| {}).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::BadInput);
    assert!(error.to_string().contains("more than 1000 partitions in the first"), "{error}");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn an_unknown_column_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let error = partitioned(&payers(10), &out, "payor", |_| {}).unwrap_err();
    assert!(error.to_string().contains("no column payor; there are submitted_date, payer"), "{error}");
    assert!(!out.exists());
}
