//! What a job does not touch: other runs at work, other datasets, folders.

use super::*;

/// Rows that do something once, when the row at `at` is made.
struct Meanwhile<'a> {
    table: Ready,
    at: u64,
    act: &'a (dyn Fn() + Sync),
}

impl Rows for Meanwhile<'_> {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn row_count(&self) -> u64 {
        self.table.row_count()
    }

    fn batch(&self, rows: Range<u64>) -> RecordBatch {
        if rows.contains(&self.at) {
            (self.act)();
        }
        self.table.batch(rows)
    }
}

#[track_caller]
fn assert_bad_input<T: std::fmt::Debug>(outcome: Result<T>, parts: &[&str]) {
    let error = outcome.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::BadInput, "{error}");
    for part in parts {
        assert!(error.to_string().contains(part), "{part:?} is not in: {error}");
    }
}

/// What stands in the folder is whole: every file that the manifest names has its size and digest.
#[track_caller]
fn assert_whole(folder: &Path, files: usize) {
    let manifest = Manifest::read(&folder.join("_manifest.json")).unwrap();
    assert_eq!(manifest.files().count(), files);
    for file in manifest.files() {
        let bytes = fs::read(folder.join(&file.name)).unwrap();
        assert_eq!(bytes.len() as u64, file.bytes);
        assert_eq!(format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&bytes)), file.xxh3_128);
    }
}

#[test]
fn a_second_run_is_refused_while_the_first_is_at_work_and_takes_nothing_from_it() {
    for (first, second) in [(1, 1), (3, 3), (3, 1), (1, 3)] {
        let folder = tempfile::tempdir().unwrap();
        let act = || {
            for overwrite in [false, true] {
                let before = names(folder.path());
                let other = run(&table(500), folder.path(), |job| {
                    job.options.overwrite = overwrite;
                    job.parts = Parts::new(second, None).unwrap();
                });
                assert_bad_input(other, &["another run", "_manifest.json"]);
                // The first run goes on meanwhile, and may begin its next file.
                let after = names(folder.path());
                assert!(before.iter().all(|name| after.contains(name)), "{before:?}, then {after:?}");
            }
        };
        let rows = Meanwhile { table: table(5_500), at: 3_000, act: &act };
        run(&rows, folder.path(), |job| job.parts = Parts::new(first, None).unwrap()).unwrap();
        assert_whole(folder.path(), first as usize);
        assert_eq!(names(folder.path()).len(), first as usize + 1);
    }
}

#[test]
fn parts_are_written_alone_at_the_same_time_but_not_while_all_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let part = |number| Parts::new(2, number).unwrap();
    let act = || {
        run(&table(500), folder.path(), |job| job.parts = part(Some(2))).unwrap();
        for parts in [part(Some(1)), part(None), Parts::new(3, Some(2)).unwrap()] {
            assert_bad_input(run(&table(500), folder.path(), |job| job.parts = parts), &["another run"]);
        }
    };
    let rows = Meanwhile { table: table(500), at: 100, act: &act };
    run(&rows, folder.path(), |job| job.parts = part(Some(1))).unwrap();
    assert_eq!(names(folder.path()).len(), 4);
}

#[test]
fn of_threads_that_write_the_same_files_at_once_one_or_more_succeed_and_the_others_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let overwriting = |rows| run(&table(rows), folder.path(), |job| job.options.overwrite = true);
    let outcomes: Vec<Result<Receipt>> = std::thread::scope(|scope| {
        let runs: Vec<_> = (1..=8).map(|number| scope.spawn(move || overwriting(1_000 * number))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(outcomes.iter().any(Result::is_ok));
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert_bad_input(outcome, &["another run"]);
    }
    assert_whole(folder.path(), 1);
    assert_eq!(names(folder.path()), ["_manifest.json", "claims.parquet"]);
}

#[test]
fn what_a_killed_run_left_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["_manifest.json", "claims.parquet"] {
        fs::write(folder.path().join(format!("{name}.inprogress")), "x".repeat(100_000)).unwrap();
    }
    run(&table(500), folder.path(), |_| ()).unwrap();
    assert_whole(folder.path(), 1);
    assert_eq!(names(folder.path()), ["_manifest.json", "claims.parquet"]);
}

#[test]
fn a_file_that_comes_during_the_run_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let came = folder.path().join("claims.parquet");
    let act = || fs::write(&came, "mine").unwrap();
    let rows = Meanwhile { table: table(500), at: 100, act: &act };
    assert_bad_input(run(&rows, folder.path(), |_| ()), &["claims.parquet", "--overwrite"]);
    assert_eq!(names(folder.path()), ["claims.parquet"]);
    assert_eq!(fs::read(&came).unwrap(), b"mine");
}

#[test]
fn a_check_refuses_what_a_run_refuses_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let rows = table(40_000);
    let absent = folder.path().join("absent");
    Setup::new(&rows, &absent).check().unwrap();
    assert!(!absent.exists());

    let mut many = Setup::new(&rows, folder.path());
    many.options.row_group_rows = Some(1);
    assert_bad_input(many.check(), &["--row-group-rows 1", "32767"]);
    many.format = format("null").unwrap();
    many.check().unwrap();

    let mut again = Setup::new(&rows, folder.path());
    again.write().unwrap();
    let before = names(folder.path());
    again.check().unwrap();
    again.context.seed = 43;
    assert_bad_input(again.check(), &["--overwrite", "--seed 42 instead of 43"]);
    again.options.overwrite = true;
    again.check().unwrap();
    assert_eq!(names(folder.path()), before);

    let file = folder.path().join("claims.parquet");
    assert_bad_input(Setup::new(&rows, &file).check(), &["not a folder"]);
    let below = file.join("below");
    assert_bad_input(Setup::new(&rows, &below).check(), &["claims.parquet"]);
}

#[test]
fn a_folder_with_the_name_of_a_file_is_refused_before_any_work() {
    let truth = [Sidecar::new("claims.truth.json".to_owned(), || Ok(b"{}".to_vec()))];
    let never = || panic!("rows were made");
    let others = ["claims-00001-of-00002.parquet", "_manifest-00001-of-00002.json"];
    for name in ["_manifest.json", "claims.parquet", "claims.truth.json"].into_iter().chain(others) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(name)).unwrap();
        let rows = Meanwhile { table: table(500), at: 0, act: &never };
        let refused = run(&rows, folder.path(), |job| {
            (job.options.overwrite, job.sidecars) = (true, &truth);
        });
        assert_bad_input(refused, &[name, "folder"]);
        assert_eq!(names(folder.path()), [name]);
    }
}

#[test]
fn no_manifest_outlives_the_data_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let two = |number| Parts::new(2, number).unwrap();
    for number in [1, 2] {
        run(&table(500), folder.path(), |job| job.parts = two(Some(number))).unwrap();
    }
    // The first of two new files is lost, so that the run ends between the first look and the last name.
    let lost = folder.path().join("claims-00002-of-00002.parquet.inprogress");
    let act = || fs::remove_file(&lost).unwrap();
    let rows = Meanwhile { table: table(5_000), at: 4_700, act: &act };
    let failed = run(&rows, folder.path(), |job| (job.options.overwrite, job.parts) = (true, two(None)));
    assert!(failed.unwrap_err().to_string().contains("claims-00002-of-00002.parquet"));
    assert_eq!(names(folder.path()), ["claims-00001-of-00002.parquet", "claims-00002-of-00002.parquet"]);
}

#[test]
fn another_dataset_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    run(&table(500), folder.path(), |_| ()).unwrap();
    let before = fs::read(folder.path().join("claims.parquet")).unwrap();
    let rows = table(100);
    for (overwrite, parts) in [(false, 1), (true, 1), (true, 2)] {
        let other = run(&rows, folder.path(), |job| {
            job.context.dataset = "visits".to_owned();
            (job.stem, job.options.overwrite) = ("visits", overwrite);
            job.parts = Parts::new(parts, None).unwrap();
        });
        assert_bad_input(other, &["holds the dataset claims", "--out"]);
    }
    assert_eq!(names(folder.path()), ["_manifest.json", "claims.parquet"]);
    assert!(fs::read(folder.path().join("claims.parquet")).unwrap() == before);
}

#[test]
fn a_manifest_that_cannot_be_read_is_replaced_on_request() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("_manifest.json"), "{").unwrap();
    assert_bad_input(run(&table(500), folder.path(), |_| ()), &["_manifest.json", "--overwrite"]);
    run(&table(500), folder.path(), |job| job.options.overwrite = true).unwrap();
    assert_whole(folder.path(), 1);
}
