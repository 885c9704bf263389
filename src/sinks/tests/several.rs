//! Several tables, and several targets.

use super::*;

/// A child table: as many rows for a place as its number says, none for every third.
struct Children {
    places: u64,
    batches: AtomicU64,
}

impl Rows for Children {
    fn schema(&self) -> SchemaRef {
        self.batch(0..0).schema()
    }

    fn row_count(&self) -> u64 {
        self.places
    }

    fn batch(&self, places: Range<u64>) -> RecordBatch {
        self.batches.fetch_add(u64::from(!places.is_empty()), Ordering::Relaxed);
        let parents = places.flat_map(|place| (0..place % 3).map(move |_| place as i64));
        let parents: ArrayRef = Arc::new(arrow_array::Int64Array::from_iter_values(parents));
        RecordBatch::try_from_iter([("parent", parents)]).unwrap()
    }
}

fn children(places: u64) -> Children {
    Children { places, batches: AtomicU64::new(0) }
}

fn write_all(folders: &[&Path], children: &Children, parts: u32) -> Result<Vec<Receipt>> {
    let parents = table(children.places as usize);
    let entry = |name, rows, is_ledger| Table { name, rows, metadata: &[], is_ledger };
    let setup = Setup::new(&parents, folders[0]);
    let targets = folders.iter().map(|folder| Target::folder(folder, setup.format, setup.compression));
    let tables = [
        entry("claims", &parents, false),
        entry("claim_lines", children, false),
        entry("claims_dirt", children, true),
    ];
    write(&Job {
        tables: &tables,
        targets: &targets.collect::<Result<Vec<_>>>()?,
        parts: Parts::new(parts, None).unwrap(),
        options: setup.options,
        context: &setup.context,
        sidecars: &[],
        progress: &(),
        stop: setup.stop,
    })
}

#[test]
fn each_table_has_a_folder_and_the_manifest_tells_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let receipts = write_all(&[folder.path()], &children(5_500), 2).unwrap();
    assert_eq!(names(folder.path()), ["_ledger", "_manifest.json", "claim_lines", "claims"]);
    assert_eq!(names(&folder.path().join("_ledger")).len(), 2);
    let manifest = Manifest::read(&folder.path().join("_manifest.json")).unwrap();
    let rows: Vec<u64> = manifest.tables.iter().map(|table| table.rows).collect();
    assert_eq!(rows, [5_500, 5_499, 5_499]);
    assert_eq!(receipts[0].rows, 5_500 + 5_499, "faults are no data");
    let file = &manifest.tables[1].files[1];
    assert_eq!(file.name, "claim_lines/claim_lines-00002-of-00002.parquet");
    assert_eq!((file.first_place, file.places), (2_750, 2_750));
    let again = write_all(&[folder.path()], &children(5_500), 2).unwrap();
    assert!(again[0].was_complete);
}

#[test]
fn tables_without_the_column_are_in_no_folders_of_values() {
    let folder = tempfile::tempdir().unwrap();
    let (parents, children) = (table(3_000), children(3_000));
    let setup = Setup::new(&parents, folder.path());
    let entry = |name, rows, is_ledger| Table { name, rows, metadata: &[], is_ledger };
    let target = Target::folder(folder.path(), setup.format, setup.compression).unwrap();
    let receipts = write(&Job {
        tables: &[
            entry("claims", &parents, false),
            entry("claim_lines", &children, false),
            entry("faults", &parents, true),
        ],
        targets: &[target.partitioned("payer".parse().unwrap()).unwrap()],
        parts: Parts::WHOLE,
        options: setup.options,
        context: &setup.context,
        sidecars: &[],
        progress: &(),
        stop: setup.stop,
    });
    let written: Vec<String> = receipts.unwrap()[0].files.iter().map(|file| file.name.clone()).collect();
    let expected = [
        "claims/payer=AETNA/claims.parquet",
        "claims/payer=CIGNA/claims.parquet",
        "claims/payer=HUMANA/claims.parquet",
        "claim_lines/claim_lines.parquet",
        "_ledger/faults.parquet",
    ];
    assert_eq!(written, expected);
}

#[test]
fn rows_are_made_once_for_all_targets_and_not_for_those_that_have_them() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [first, second] = folders.each_ref().map(tempfile::TempDir::path);
    let (one, both) = (children(3_000), children(3_000));
    write_all(&[first], &one, 1).unwrap();
    let receipts = write_all(&[first, second], &both, 1).unwrap();
    assert_eq!(receipts.iter().map(|receipt| receipt.was_complete).collect::<Vec<_>>(), [true, false]);
    assert_eq!(both.batches.into_inner(), one.batches.into_inner());
    for name in ["claims/claims.parquet", "claim_lines/claim_lines.parquet", "_ledger/claims_dirt.parquet"] {
        assert!(fs::read(first.join(name)).unwrap() == fs::read(second.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn a_stopped_run_is_continued_and_its_finished_parts_are_not_made_again() {
    let (folder, stop) = (tempfile::tempdir().unwrap(), AtomicBool::new(false));
    let parts = Parts::new(5, None).unwrap();
    let rows = Trap { table: table(5_500), at: 5_400, stop: Some(&stop) };
    let stopped = run(&rows, folder.path(), |job| (job.stop, job.parts) = (&stop, parts));
    assert!(matches!(stopped, Err(Error::Interrupted)));

    let damaged = folder.path().join("claims-00002-of-00005.parquet.inprogress");
    fs::write(&damaged, "cut off").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let whole = run(&table(5_500), elsewhere.path(), |job| job.parts = parts).unwrap();
    let continued = run(&table(5_500), folder.path(), |job| job.parts = parts).unwrap();
    assert_eq!(continued.resumed_files, 3);
    let digests =
        |receipt: &Receipt| receipt.files.iter().map(|file| file.digest.clone()).collect::<Vec<_>>();
    assert_eq!(digests(&continued), digests(&whole));
    assert_eq!(names(folder.path()), names(elsewhere.path()));
}

#[test]
fn what_another_run_left_unfinished_goes() {
    let (folder, stop) = (tempfile::tempdir().unwrap(), AtomicBool::new(false));
    let rows = Trap { table: table(5_500), at: 5_400, stop: Some(&stop) };
    let parts = Parts::new(5, None).unwrap();
    run(&rows, folder.path(), |job| (job.stop, job.parts) = (&stop, parts)).unwrap_err();
    let other = run(&table(5_500), folder.path(), |job| job.context.seed = 43).unwrap();
    assert_eq!(other.resumed_files, 0);
    assert_eq!(names(folder.path()), ["_manifest.json", "claims.parquet"]);
}
