//! `detect-drift` and the suites of `bench-drift`, run as a user runs them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Float64Array, RecordBatch, StringArray};
use assert_cmd::Command;
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use tempfile::TempDir;

fn run(tool: &str, folder: &Path, arguments: &[&str]) -> Output {
    Command::cargo_bin(tool).unwrap().current_dir(folder).args(arguments).output().unwrap()
}

/// The one document that `--format json` prints.
#[track_caller]
fn findings(folder: &Path, arguments: &[&str]) -> Value {
    let common = ["--format", "json", "--quiet"];
    let output = run("detect-drift", folder, &arguments.iter().chain(&common).copied().collect::<Vec<_>>());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The message of a run that is refused.
#[track_caller]
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = run("detect-drift", folder, arguments);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    message
}

fn claims(records: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let made = run("datagen", folder.path(), &["--records", records, "--quiet"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    folder
}

#[test]
fn drift_is_found_explained_and_gated() {
    let folder = claims("150K");
    let found = findings(folder.path(), &["data"]);
    let first = &found["findings"][0];
    assert_eq!((&first["rank"], &first["detector"]), (&1.into(), &"driftforge".into()));
    assert!(first["payer"].is_string() && first["cpt_group"].is_string());
    let of = |drift_type: &str| {
        let findings = found["findings"].as_array().unwrap();
        findings.iter().filter(|finding| finding["drift_type"] == drift_type).count()
    };
    // The claims' own drift in the current window: decisions, amounts, and a location that goes missing everywhere.
    assert!(of("DECISION_TIME") > 0 && of("LOCATION_MISSING") > 0, "{found:#}");
    let causes = first["causes"].as_array().unwrap();
    for cause in causes.iter().filter(|cause| cause["column"] != "denial_reason_code") {
        let parts = cause["rate_effect"].as_f64().unwrap() + cause["mix_effect"].as_f64().unwrap();
        assert!(parts.is_finite() && parts != 0.0, "{cause}");
    }
    let gated = run("detect-drift", folder.path(), &["data", "--fail-on", "drift", "--top", "1"]);
    assert_eq!(gated.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&gated.stderr).contains("--fail-on drift allows none"));
    assert!(String::from_utf8_lossy(&gated.stdout).contains("  1. "));
}

#[test]
fn any_number_of_threads_and_any_split_give_the_same_findings() {
    let folder = claims("60K");
    run("datagen", folder.path(), &["--records", "60K", "--parts", "3", "--out", "parts", "--quiet"]);
    let one = findings(folder.path(), &["data", "--threads", "1"]);
    for other in [&["data", "--threads", "3"][..], &["parts"]] {
        let other = findings(folder.path(), other);
        assert_eq!(other["findings"], one["findings"]);
        assert_eq!(other["not_enough_data"], one["not_enough_data"]);
    }
}

#[test]
fn a_state_and_the_next_week_say_what_everything_says() {
    let folder = claims("60K");
    let everything = findings(folder.path(), &["data"]);
    findings(folder.path(), &["data", "--as-of", "2025-12-25", "--save-state", "until.state"]);
    let weekly =
        findings(folder.path(), &["data", "--load-state", "until.state", "--save-state", "now.state"]);
    assert_eq!(weekly["findings"], everything["findings"]);
    let alone = findings(folder.path(), &["--load-state", "now.state"]);
    let numbers = |found: &Value| {
        let findings = found["findings"].as_array().unwrap().iter();
        findings.map(|one| (one["payer"].clone(), one["severity"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&alone), numbers(&everything));

    run(
        "datagen",
        folder.path(),
        &["--records", "60K", "--parts", "2", "--part", "1", "--out", "a", "--quiet"],
    );
    run(
        "datagen",
        folder.path(),
        &["--records", "60K", "--parts", "2", "--part", "2", "--out", "b", "--quiet"],
    );
    for part in ["a", "b"] {
        findings(folder.path(), &[part, "--as-of", "2026-01-01", "--save-state", &format!("{part}.state")]);
    }
    let merged = findings(folder.path(), &["--load-state", "a.state", "b.state"]);
    assert_eq!(numbers(&merged), numbers(&everything));
}

#[test]
fn states_that_do_not_fit_are_refused() {
    let folder = claims("2K");
    findings(folder.path(), &["data", "--save-state", "s.state"]);
    let bytes = fs::read(folder.path().join("s.state")).unwrap();
    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(folder.path().join("damaged.state"), &damaged).unwrap();
    fs::write(folder.path().join("cut.state"), &bytes[..bytes.len() / 2]).unwrap();
    fs::write(folder.path().join("other.state"), "payer,cpt_group\n").unwrap();
    for (name, problem) in
        [("damaged.state", "damaged"), ("cut.state", "damaged"), ("other.state", "no state of driftforge")]
    {
        let message = refused(folder.path(), &["data", "--load-state", name]);
        assert!(message.contains(name) && message.contains(problem), "{message}");
    }
    let text = include_str!("../schemas/mappings/claims.toml").replace("decimals = 2", "decimals = 0");
    fs::write(folder.path().join("mine.toml"), text).unwrap();
    let message = refused(folder.path(), &["data", "--mapping", "mine.toml", "--load-state", "s.state"]);
    assert!(message.contains("another mapping"), "{message}");
}

#[test]
fn bad_options_say_what_is_allowed() {
    let folder = claims("2K");
    for (arguments, problem) in [
        (&["data", "--detector", "driftforg"][..], "did you mean \"driftforge\"?"),
        (&["data", "--detector", "tests,tests"], "it is named twice"),
        (&["data", "--correction", "hochbergs"], "benjamini-hochberg"),
        (&["data", "--alpha", "0"], "--alpha 0: a number above 0 and below 1"),
        (&["data", "--alpha", "NaN"], "--alpha NaN"),
        (&["data", "--min-effect", "-1"], "--min-effect -1"),
        (&["data", "--set", "power=2"], "power 2"),
        (&["data", "--set", "strength=2"], "the detector's parameters are history_days"),
        (&["data", "--mapping", "nothing"], "there are: claims"),
        (&["data", "--mapping", "./gone.toml"], "gone.toml: cannot open the mapping"),
        (&["gone"], "gone: cannot open it"),
        (&["data", "--baseline-days", "0"], "--baseline-days 0"),
    ] {
        let problem_of = refused(folder.path(), arguments);
        assert!(problem_of.contains(problem), "{arguments:?}: {problem_of}");
    }
}

/// A table that has nothing to do with claims: orders of shops, whose returns rise in the last two weeks.
fn orders(price: f64) -> RecordBatch {
    let rows = 12_000_i32;
    let day = |row: i32| 20_000 + row * 100 / rows;
    let is_late = |row: i32| day(row) >= 20_086;
    let state = (0..rows).map(|row| {
        let returned = if is_late(row) && row % 2 == 0 { row % 3 == 0 } else { row % 20 == 0 };
        Some(if returned { "returned" } else { "kept" })
    });
    let shop = (0..rows).map(|row| Some(["north", "south"][(row % 2) as usize]));
    let prices: Vec<f64> =
        (0..rows).map(|row| if row == 7 { price } else { f64::from(row % 50) + 0.5 }).collect();
    let columns: [(&str, ArrayRef); 4] = [
        ("ordered", Arc::new((0..rows).map(|row| Some(day(row))).collect::<Date32Array>())),
        ("shop", Arc::new(shop.collect::<StringArray>())),
        ("state", Arc::new(state.collect::<StringArray>())),
        ("price", Arc::new(Float64Array::from(prices))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

const ORDERS: &str = r#"
name = "orders"
time = "ordered"
segments = ["shop"]
[[metric]]
name = "return_rate"
kind = "rate"
hit = { state = "returned" }
[[metric]]
name = "price"
kind = "amount"
column = "price"
"#;

fn write_orders(folder: &Path, price: f64) {
    let batch = orders(price);
    let file = fs::File::create(folder.join("orders.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    fs::write(folder.join("orders.toml"), ORDERS).unwrap();
}

#[test]
fn a_table_of_ones_own_needs_a_mapping_and_no_code() {
    let folder = TempDir::new().unwrap();
    write_orders(folder.path(), 1.0);
    for detector in ["driftforge", "tests", "psi", "adwin", "pelt"] {
        let arguments = ["orders.parquet", "--mapping", "orders.toml", "--detector", detector];
        let found = findings(folder.path(), &arguments);
        let findings = found["findings"].as_array().unwrap();
        let is_of =
            |finding: &&Value, shop: &str| finding["shop"] == shop && finding["drift_type"] == "RETURN_RATE";
        assert!(findings.iter().any(|finding| is_of(&finding, "north")), "{detector}: {findings:?}");
        assert!(!findings.iter().any(|finding| is_of(&finding, "south")), "{detector}: {findings:?}");
    }
    let text = ORDERS.replace("state = \"returned\"", "status = \"returned\"");
    fs::write(folder.path().join("wrong.toml"), text).unwrap();
    let message = refused(folder.path(), &["orders.parquet", "--mapping", "wrong.toml"]);
    assert!(message.contains("no column \"status\" (did you mean \"state\"?)"), "{message}");
    fs::write(folder.path().join("text.toml"), ORDERS.replace("column = \"price\"", "column = \"shop\""))
        .unwrap();
    let message = refused(folder.path(), &["orders.parquet", "--mapping", "text.toml"]);
    assert!(message.contains("column \"shop\" cannot be both"), "{message}");
}

#[test]
fn numbers_that_are_none_are_refused() {
    for price in [f64::NAN, f64::INFINITY] {
        let folder = TempDir::new().unwrap();
        write_orders(folder.path(), price);
        let message = refused(folder.path(), &["orders.parquet", "--mapping", "orders.toml"]);
        assert!(message.contains("column \"price\": value") && message.contains("is no number"), "{message}");
    }
}

#[test]
fn two_datasets_are_compared_as_a_whole() {
    let folder = claims("40K");
    let reference = ["--records", "40K", "--no-drift", "--seed", "7", "--out", "before", "--quiet"];
    assert!(run("datagen", folder.path(), &reference).status.success());
    let arguments = ["data", "--reference", "before", "--detector", "tests"];
    let found = findings(folder.path(), &arguments);
    let first = &found["findings"][0];
    assert_eq!(found["dataset"]["reference"][0], "before");
    assert!(first["baseline_n"].as_u64().unwrap() > 0 && first["current_n"].as_u64().unwrap() > 0, "{first}");
    let message = refused(folder.path(), &["data", "--reference", "before", "--detector", "adwin"]);
    assert!(message.contains("--reference"), "{message}");
    let message = refused(folder.path(), &["data", "--reference", "gone", "--detector", "tests"]);
    assert!(message.contains("gone"), "{message}");
}

#[test]
fn every_detector_is_listed_and_runs() {
    let folder = claims("20K");
    let listed = run("detect-drift", folder.path(), &["--list-detectors"]);
    let text = String::from_utf8(listed.stdout).unwrap();
    for entry in driftforge::detectors::detectors() {
        let name = entry.about.name;
        assert!(text.contains(&format!("{name}\n")), "{name}");
        let output = run("detect-drift", folder.path(), &["data", "--detector", name, "--format", "csv"]);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stdout.starts_with(b"rank,detector,"), "{name}");
    }
}

#[test]
fn a_sweep_judges_every_week() {
    let folder = claims("60K");
    let found = findings(folder.path(), &["data", "--detector", "threshold", "--sweep", "weekly"]);
    let findings = found["findings"].as_array().unwrap();
    let ends: std::collections::BTreeSet<&str> =
        findings.iter().map(|finding| finding["current_end"].as_str().unwrap()).collect();
    assert!(ends.len() > 20 && ends.contains("2026-01-01"), "{ends:?}");
}

#[test]
fn the_quality_suite_has_the_baselines_and_keeps_its_schema() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "--suite",
        "quality",
        "--scenario",
        "small-segments",
        "--seeds",
        "1",
        "--detector",
        "tests",
        "--format",
        "json",
        "--quiet",
        "--out",
        "board.json",
    ];
    let output = run("bench-drift", folder.path(), &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let board: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../schemas/leaderboard.schema.json")).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&board)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let rows = board["scenarios"][0]["rows"].as_array().unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row["detector"].as_str().unwrap()).collect();
    assert_eq!(names, ["zero", "threshold", "oracle", "tests"]);
    let saved: Value = serde_json::from_slice(&fs::read(folder.path().join("board.json")).unwrap()).unwrap();
    assert_eq!(saved, board);
}

#[test]
fn annotated_series_are_scored_beside_the_zero_baseline() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tcpd");
    let arguments = ["--suite", "tcpd", "--input", folder.to_str().unwrap(), "--format", "json"];
    let output = run("bench-drift", Path::new("."), &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let board: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = board["rows"].as_array().unwrap();
    assert_eq!(rows[0]["method"], "zero");
    let f1 = |name: &str| {
        let row = rows.iter().find(|row| row["method"] == name).unwrap();
        row["f1"]["mean"].as_f64().unwrap()
    };
    assert!(f1("pelt") > f1("zero"), "{board:#}");
    let refused = run("bench-drift", Path::new("."), &["--suite", "tcpd"]);
    assert_eq!(refused.status.code(), Some(2));
}
