//! `bench-drift`, run as a user runs it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

fn run(tool: &str, folder: &Path, arguments: &[&str]) -> Output {
    Command::cargo_bin(tool).unwrap().current_dir(folder).args(arguments).output().unwrap()
}

/// The one document that `--format json` prints.
#[track_caller]
fn record(folder: &Path, arguments: &[&str]) -> Value {
    let common = ["--format", "json", "--runs", "2", "--quiet"];
    let output = run("bench-drift", folder, &common.iter().chain(arguments).copied().collect::<Vec<_>>());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn validate(record: &Value) {
    let schema: Value = serde_json::from_str(include_str!("../schemas/report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(record).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn a_record_has_runs_figures_grade_and_truth() {
    let folder = TempDir::new().unwrap();
    let record = record(folder.path(), &["--records", "60K,20K", "--out", "record.json"]);
    validate(&record);
    let cases = record["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 2);
    let case = &cases[0];
    assert_eq!(case["dataset"]["records"], 60_000);
    assert_eq!(case["runs"].as_array().unwrap().len(), 2);
    assert!(case["items_read"].as_u64().unwrap() <= 60_000);
    assert_eq!(case["events"].as_array().unwrap().len() as u64, case["events_detected"].as_u64().unwrap());
    let detection = &case["detection"];
    let count = |key: &str| detection[key].as_u64().unwrap();
    assert_eq!(count("drifts_found") + count("drifts_missed"), count("drifts_watched"));
    assert_eq!(
        count("events_matched") + count("events_unmatched"),
        case["events_detected"].as_u64().unwrap()
    );
    let saved: Value = serde_json::from_slice(&fs::read(folder.path().join("record.json")).unwrap()).unwrap();
    assert_eq!(saved, record);
}

#[test]
fn memory_and_parquet_give_the_same_events() {
    let folder = TempDir::new().unwrap();
    let parquet = record(folder.path(), &["--records", "80K", "--threads", "2"]);
    let memory = record(folder.path(), &["--records", "80K", "--threads", "1", "--in-memory"]);
    run("datagen", folder.path(), &["--records", "80K", "--parts", "3", "--quiet"]);
    let input = record(folder.path(), &["--input", "data"]);
    let events = |record: &Value| record["cases"][0]["events"].clone();
    assert!(!events(&parquet).as_array().unwrap().is_empty());
    assert_eq!(events(&parquet), events(&memory));
    assert_eq!(events(&parquet), events(&input));
    let digest = |record: &Value| record["cases"][0]["dataset"]["digest"].clone();
    assert_eq!(digest(&parquet), digest(&input));
    assert_eq!(parquet["cases"][0]["detection"], input["cases"][0]["detection"]);
}

#[test]
fn the_table_has_a_line_for_each_run_and_the_grade() {
    let folder = TempDir::new().unwrap();
    let output = run("bench-drift", folder.path(), &["--records", "20K", "--runs", "3"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in
        ["Run 1/3 …", "Run 3/3 …", "Claims/sec", "Peak memory", "Grade", "Target at 10K", "Injected drifts"]
    {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "colour without a terminal");
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "files were left");
}

#[test]
fn options_reach_the_rule() {
    let folder = TempDir::new().unwrap();
    let events = |more: &[&str]| {
        let arguments: Vec<&str> = ["--records", "80K", "--in-memory"].iter().chain(more).copied().collect();
        record(folder.path(), &arguments)["cases"][0]["events_detected"].as_u64().unwrap()
    };
    let default = events(&[]);
    assert!(
        events(&["--rate-threshold", "0.5", "--days-threshold", "100", "--relative-threshold", "1000"]) == 0
    );
    assert!(events(&["--min-volume", "300"]) < default);
    assert!(events(&["--rate-threshold", "0.01"]) > default);
    assert!(events(&["--as-of", "2025-11-01"]) != default || events(&["--baseline-days", "30"]) != default);
}

#[test]
fn a_missed_grade_is_exit_code_3() {
    let folder = TempDir::new().unwrap();
    run("datagen", folder.path(), &["--records", "1000", "--quiet"]);
    // Long before the data every row group is skipped: nothing is read, and that at no speed.
    let bench = |least: &str| {
        run(
            "bench-drift",
            folder.path(),
            &["--input", "data", "--as-of", "1999-01-01", "--runs", "1", "--min-grade", least],
        )
    };
    assert_eq!(bench("needs-optimization").status.code(), Some(0));
    let missed = bench("excellent");
    assert_eq!(missed.status.code(), Some(3));
    let message = String::from_utf8_lossy(&missed.stderr);
    assert!(message.contains("needs-optimization") && message.contains("excellent"), "{message}");
    assert!(!missed.stdout.is_empty(), "the record is printed all the same");
}
