use std::fs;

use serde_json::json;
use tempfile::tempdir;

use super::*;
use crate::ExitCode;
use crate::measure::{Dataset, Measured, Origin, Run, Setup};

fn record() -> Record {
    let parameters = Map::from_iter([("min_volume".to_owned(), json!(30))]);
    Record::start(Context {
        tool: "bench-drift".to_owned(),
        item: "claims".to_owned(),
        threads: 2,
        seed: Some(42),
        parameters,
    })
}

fn case(items_per_second: f64) -> Case {
    let run = Run {
        run: 1,
        wall_seconds: 0.5,
        cpu_seconds: None,
        peak_rss_bytes: None,
        items: 1,
        items_per_second: Some(items_per_second),
        events: None,
    };
    let origin = Origin::Input { paths: vec!["a.parquet".to_owned()] };
    let dataset = Dataset { name: "given".to_owned(), records: 5, digest: None, origin };
    let measured = Measured { warm_up_runs: 0, runs: vec![run], peak_memory_source: None };
    Case::new(dataset, Setup::default(), measured).judge_claims()
}

fn read(path: &Path) -> Record {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn what_is_saved_is_read_back_equal_and_replaced_by_the_next_save() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("record.json");
    let mut record = record();
    record.save(&path).unwrap();
    assert_eq!(read(&path), record);
    record.cases.push(case(20_000.0));
    record.save(&path).unwrap();
    assert_eq!(read(&path), record);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing but the record is left");
}

#[test]
fn a_save_that_fails_leaves_the_record_before_it_and_no_leftover() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("record.json");
    record().save(&path).unwrap();
    let before = fs::read(&path).unwrap();
    // A folder in the way of the unfinished file makes creating it fail, even for the superuser.
    fs::create_dir(folder.path().join("record.json.inprogress")).unwrap();
    let error = record().save(&path).unwrap_err();
    assert!(error.to_string().contains("cannot create the file"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_the_machines_fault_and_leaves_no_leftover() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("record.json");
    // `/dev/full` answers every write with "no space left on device".
    std::os::unix::fs::symlink("/dev/full", folder.path().join("record.json.inprogress")).unwrap();
    let error = record().save(&path).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Failed, "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn places_without_a_file_are_bad_input() {
    let folder = tempdir().unwrap();
    let missing_folder = folder.path().join("missing").join("record.json");
    for path in [folder.path(), Path::new(""), Path::new("missing/.."), &missing_folder] {
        let error = record().save(path).unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::BadInput, "{error}");
        let error = Record::check_destination(path).unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::BadInput, "{error}");
    }
}

#[test]
fn checking_a_destination_changes_nothing() {
    let folder = tempdir().unwrap();
    let (new, old) = (folder.path().join("new.json"), folder.path().join("old.json"));
    record().save(&old).unwrap();
    let saved = fs::read(&old).unwrap();
    Record::check_destination(&new).unwrap();
    Record::check_destination(&old).unwrap();
    assert_eq!(fs::read(&old).unwrap(), saved);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // What would make the save fail makes the check fail.
    fs::create_dir(folder.path().join("new.json.inprogress")).unwrap();
    assert!(Record::check_destination(&new).is_err());
}

#[test]
fn a_file_that_is_no_record_is_not_to_be_replaced() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "").unwrap();
    Record::check_destination(&path).unwrap();
    fs::write(&path, "mine").unwrap();
    let error = Record::check_destination(&path).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::BadInput, "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"mine");
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused_and_stays() {
    let folder = tempdir().unwrap();
    // A socket stands for devices and pipes: the test may not risk a real one, which a rename would replace.
    let path = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    for error in [record().save(&path).unwrap_err(), Record::check_destination(&path).unwrap_err()] {
        assert_eq!(error.exit_code(), ExitCode::BadInput, "{error}");
    }
    assert!(!fs::metadata(&path).unwrap().is_file());
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_its_file_is_replaced() {
    let folder = tempdir().unwrap();
    let (file, link) = (folder.path().join("real.json"), folder.path().join("link.json"));
    fs::write(&file, "old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    record().save(&link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(read(&file).tool.name, "bench-drift");
}

#[test]
fn a_record_knows_its_circumstances() {
    let record = record();
    assert_eq!(record.format_version, FORMAT_VERSION);
    assert_eq!(record.tool.version, env!("CARGO_PKG_VERSION"));
    let started = chrono::DateTime::parse_from_rfc3339(&record.started_at).unwrap();
    assert!((Utc::now() - started.to_utc()).num_hours().abs() < 1);
    assert!(record.started_at.ends_with('Z'));
}

#[test]
fn a_key_that_no_version_has_is_refused() {
    let mut value = serde_json::to_value(record()).unwrap();
    value["machine"]["colour"] = json!("beige");
    let error = serde_json::from_value::<Record>(value).unwrap_err().to_string();
    assert!(error.contains("colour"), "{error}");
}

#[test]
fn the_worst_case_decides_the_gate() {
    let mut record = record();
    assert_eq!(record.lowest_grade(), None);
    record.cases = vec![case(20_000.0), case(3_000.0), case(6_000.0)];
    assert_eq!(record.lowest_grade(), Some(Grade::Acceptable));
    assert!(record.require_grade(Grade::Acceptable).is_ok());
    let error = record.require_grade(Grade::Good).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::GateMissed);
    assert!(error.to_string().contains("acceptable at 5 claims, good or better"), "{error}");
}

#[test]
fn a_case_without_grade_passes_no_gate() {
    let mut record = record();
    record.cases = vec![case(20_000.0), Case { grade: None, ..case(20_000.0) }];
    assert_eq!(record.lowest_grade(), None);
    assert!(record.require_grade(Grade::NeedsOptimization).is_err());
}
