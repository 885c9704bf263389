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
fn what_detection_could_use_is_in_the_record_and_in_the_table() {
    let folder = TempDir::new().unwrap();
    let coverage = |more: &[&str]| {
        let arguments: Vec<&str> = ["--records", "40K", "--in-memory"].iter().chain(more).copied().collect();
        let record = record(folder.path(), &arguments);
        validate(&record);
        record["cases"][0]["coverage"].clone()
    };
    let (usual, strict) = (coverage(&[]), coverage(&["--min-volume", "100000"]));
    let count = |coverage: &Value, key: &str| coverage[key].as_u64().unwrap();
    let (considered, compared) = (count(&usual, "segments_considered"), count(&usual, "segments_compared"));
    assert!(0 < compared && compared < considered, "{usual}");
    assert!((1..40_000).contains(&count(&usual, "items_in_windows")), "{usual}");
    // The minimum volume decides what is compared, not what is read.
    assert_eq!(strict["rows_with_nulls"], usual["rows_with_nulls"]);
    assert_eq!(strict["segments_considered"], usual["segments_considered"]);
    assert_eq!(strict["segments_compared"], 0);
    let output = run("bench-drift", folder.path(), &["--records", "40K", "--in-memory", "--runs", "1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let line = format!("{considered} considered, {compared} with enough claims in both windows");
    assert!(text.contains(&line), "{line:?} is not in:\n{text}");
}

#[test]
fn rows_left_out_for_a_null_are_counted() {
    let folder = TempDir::new().unwrap();
    let spec = String::from_utf8(run("datagen", folder.path(), &["--print-spec"]).stdout).unwrap();
    let known = "name = \"cpt_group\"\n";
    assert!(spec.contains(known));
    fs::write(folder.path().join("nulls.toml"), spec.replace(known, &format!("{known}null_rate = 0.5\n")))
        .unwrap();
    let made = run("datagen", folder.path(), &["--spec", "nulls.toml", "--quiet"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let record = record(folder.path(), &["--input", "data"]);
    let coverage = &record["cases"][0]["coverage"];
    let [left_out, kept] = ["rows_with_nulls", "items_in_windows"].map(|key| number(coverage, key));
    // A fair coin for about 2,900 claims: the share's standard deviation is 0.01.
    assert!((left_out / (left_out + kept) - 0.5).abs() < 0.05, "{coverage}");
    let output = run("bench-drift", folder.path(), &["--input", "data", "--runs", "1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("with a null in a needed column"), "{text}");
}

/// The events of the only case.
fn events(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    record(folder, arguments)["cases"][0]["events"].as_array().unwrap().clone()
}

fn number(event: &Value, key: &str) -> f64 {
    event[key].as_f64().unwrap()
}

/// The events of one type, cut down to what says which they are.
fn of_type(events: &[Value], drift_type: &str) -> Vec<(Value, Value, Value)> {
    let identity = |event: &Value| ["payer", "cpt_group", "delta_value"].map(|key| event[key].clone()).into();
    events.iter().filter(|event| event["drift_type"] == drift_type).map(identity).collect()
}

const RATE: &str = "DENIAL_RATE";
const TIME: &str = "DECISION_TIME";

/// The events of 80,000 claims with the default options, and with `more`.
fn default_and(more: &[&str]) -> (Vec<Value>, Vec<Value>) {
    let folder = TempDir::new().unwrap();
    let common = ["--records", "80K", "--in-memory"];
    let changed: Vec<&str> = common.iter().chain(more).copied().collect();
    (events(folder.path(), &common), events(folder.path(), &changed))
}

#[test]
fn each_absolute_threshold_is_that_of_its_metric() {
    for (option, value, own, other) in
        [("--rate-threshold", "0.01", RATE, TIME), ("--days-threshold", "1", TIME, RATE)]
    {
        let (default, changed) = default_and(&[option, value]);
        assert!(of_type(&changed, own).len() > of_type(&default, own).len(), "{option}");
        assert_eq!(of_type(&changed, other), of_type(&default, other), "{option}");
    }
}

#[test]
fn the_relative_threshold_is_that_of_both_metrics() {
    let reaches_absolute = |event: &Value| {
        let least = if event["drift_type"] == RATE { 0.05 } else { 3.0 };
        number(event, "delta_value").abs() >= least
    };
    let (default, strict) = default_and(&["--relative-threshold", "1000"]);
    assert!(!default.iter().all(reaches_absolute), "no event is there for its relative change alone");
    assert!(!strict.is_empty() && strict.iter().all(reaches_absolute));
    let (_, lax) = default_and(&["--relative-threshold", "0.05"]);
    for metric in [RATE, TIME] {
        assert!(of_type(&lax, metric).len() > of_type(&default, metric).len(), "{metric}");
    }
}

#[test]
fn each_severity_option_is_that_of_its_metric() {
    for (option, value, own) in
        [("--rate-severity-factor", "0.5", RATE), ("--days-severity-scale", "40", TIME)]
    {
        let (default, changed) = default_and(&[option, value]);
        assert!(!of_type(&default, own).is_empty());
        assert_eq!(default.len(), changed.len());
        for (before, after) in default.iter().zip(&changed) {
            let is_own = after["drift_type"] == own;
            // Both values make the severity a quarter of the default's, were that not cut at 1.
            let least = number(before, "severity") / 4.0;
            let same = number(after, "severity") == number(before, "severity");
            assert!(
                if is_own { !same && number(after, "severity") >= least - 1e-12 } else { same },
                "{after}"
            );
        }
    }
}

#[test]
fn volume_and_confidence_count_claims() {
    let claims = |event: &Value| number(event, "baseline_n") + number(event, "current_n");
    let (default, sure) = default_and(&["--confidence-factor", "40"]);
    assert_eq!(default.len(), sure.len());
    for (before, after) in default.iter().zip(&sure) {
        assert_eq!(number(before, "confidence"), (claims(before) / 120.0).min(1.0));
        assert_eq!(number(after, "confidence"), (claims(after) / 1200.0).min(1.0));
    }
    assert!(sure.iter().any(|event| number(event, "confidence") < 1.0));
    let (_, large) = default_and(&["--min-volume", "60", "--confidence-factor", "2"]);
    let kept: Vec<&Value> = default.iter().filter(|event| number(event, "current_n") >= 60.0).collect();
    assert!(!kept.is_empty() && kept.len() < default.len());
    assert_eq!(large.iter().collect::<Vec<_>>(), kept);
}

#[test]
fn windows_are_as_long_and_end_when_they_are_asked_to() {
    let folder = TempDir::new().unwrap();
    run("datagen", folder.path(), &["--records", "80K", "--as-of", "2026-01-01", "--quiet"]);
    let dates = |more: &[&str]| {
        let arguments: Vec<&str> = ["--input", "data"].iter().chain(more).copied().collect();
        let found = events(folder.path(), &arguments);
        assert!(!found.is_empty(), "{more:?}");
        let keys = ["baseline_start", "baseline_end", "current_start", "current_end"];
        let dates = |event: &Value| keys.map(|key| event[key].as_str().unwrap().to_owned());
        assert!(found.iter().all(|event| dates(event) == dates(&found[0])), "{more:?}");
        dates(&found[0])
    };
    assert_eq!(dates(&[]), ["2025-09-19", "2025-12-18", "2025-12-18", "2026-01-01"]);
    assert_eq!(dates(&["--baseline-days", "30"]), ["2025-11-18", "2025-12-18", "2025-12-18", "2026-01-01"]);
    assert_eq!(dates(&["--current-days", "28"]), ["2025-09-05", "2025-12-04", "2025-12-04", "2026-01-01"]);
    assert_eq!(dates(&["--as-of", "2025-11-01"]), ["2025-07-20", "2025-10-18", "2025-10-18", "2025-11-01"]);
}

#[test]
fn a_missed_grade_is_exit_code_3() {
    let folder = TempDir::new().unwrap();
    run("datagen", folder.path(), &["--records", "1000", "--as-of", "2026-01-01", "--quiet"]);
    let bench = |more: &[&str]| {
        let common = ["--input", "data", "--runs", "1"];
        run("bench-drift", folder.path(), &common.iter().chain(more).copied().collect::<Vec<_>>())
    };
    assert_eq!(bench(&["--min-grade", "needs-optimization"]).status.code(), Some(0));
    // Long before the data every row group is skipped: nothing is read, and that has no speed to grade.
    let missed = bench(&["--as-of", "1999-01-01", "--min-grade", "needs-optimization"]);
    assert_eq!(missed.status.code(), Some(3));
    let message = String::from_utf8_lossy(&missed.stderr);
    assert!(message.contains("without grade") && message.contains("needs-optimization"), "{message}");
    assert!(!missed.stdout.is_empty(), "the record is printed all the same");
}

#[test]
fn windows_without_a_claim_are_named_and_have_no_figures() {
    let folder = TempDir::new().unwrap();
    run("datagen", folder.path(), &["--records", "1000", "--as-of", "2026-01-01", "--quiet"]);
    let arguments = ["--input", "data", "--as-of", "1999-01-01", "--runs", "1"];
    let output = run("bench-drift", folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0));
    let (text, warning) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("no complete claim was submitted in the windows"), "{text}");
    for part in ["Grade", "Claims/sec", "Average runtime"] {
        assert!(!text.contains(part), "{part:?} is in:\n{text}");
    }
    for part in ["[1998-09-19, 1998-12-18)", "[1998-12-18, 1999-01-01)", "2026-01-01", "--as-of"] {
        assert!(warning.contains(part), "{part:?} is not in:\n{warning}");
    }
    let record = record(folder.path(), &arguments[..4]);
    validate(&record);
    let case = &record["cases"][0];
    assert_eq!(case["items_read"], 0);
    assert_eq!(case["coverage"]["items_in_windows"], 0);
    for undefined in ["/grade", "/figures/items_per_second", "/target/throughput", "/runs/0/items_per_second"]
    {
        assert_eq!(case.pointer(undefined), Some(&Value::Null), "{undefined}");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_refused_before_the_work() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("taken")).unwrap();
    for out in ["taken", "no/such/record.json"] {
        let output = run("bench-drift", folder.path(), &["--records", "1000", "--runs", "1", "--out", out]);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stderr).contains(out));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_save_that_fails_after_the_work_loses_no_report() {
    let folder = TempDir::new().unwrap();
    // With the signal ignored, every byte above the limit of 0 blocks is "file too large"; an empty file and
    // a pipe have no such byte.
    let limited = "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"";
    let arguments = ["--records", "1000", "--in-memory", "--runs", "1", "--out", "record.json"];
    let output = Command::new("sh")
        .current_dir(folder.path())
        .args(["-c", limited, env!("CARGO_BIN_EXE_bench-drift")])
        .args(arguments)
        .output()
        .unwrap();
    let (text, message) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(text.contains("Claims/sec"), "{text}");
    assert!(message.contains("record.json"), "{message}");
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "a file was left");
}

#[test]
fn the_list_names_every_registry_and_measures_nothing() {
    let folder = TempDir::new().unwrap();
    let output = run("bench-drift", folder.path(), &["--list", "--out", "no/such/record.json"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    let has_entry = |name: &str, about: &str| {
        text.lines().any(|line| line.split_whitespace().next() == Some(name) && line.ends_with(about))
    };
    for entry in driftforge::detectors::detectors() {
        assert!(has_entry(entry.about.name, entry.about.about), "{text}");
        assert!(text.contains(entry.about.reference), "{text}");
    }
    for entry in driftforge::engines::ENGINES {
        assert!(has_entry(entry.about.name, entry.about.about), "{text}");
    }
    for source in driftforge::sources::SOURCES {
        assert!(has_entry(source.name, source.about), "{text}");
    }
    for entry in driftforge::reports::REPORTS {
        assert!(has_entry(entry.name, entry.about), "{text}");
    }
    assert!(!text.contains("Run 1"));
}

#[test]
fn without_drift_every_event_is_a_false_alarm() {
    let folder = TempDir::new().unwrap();
    let record = record(folder.path(), &["--records", "80K", "--in-memory", "--no-drift"]);
    let (case, detection) = (&record["cases"][0], &record["cases"][0]["detection"]);
    assert_eq!(detection["drifts_watched"], 0);
    assert_eq!(detection["recall"], Value::Null);
    assert_eq!(detection["events_unmatched"], case["events_detected"]);
}
