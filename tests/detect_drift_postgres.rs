//! `detect-drift --to`: findings in a database.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use assert_cmd::Command;
use serde_json::Value;
use server::Server;
use tempfile::TempDir;

fn detect(folder: &TempDir, arguments: &[&str]) -> std::process::Output {
    Command::cargo_bin("detect-drift").unwrap().current_dir(folder.path()).args(arguments).output().unwrap()
}

#[test]
fn a_run_and_its_events_are_stored_together() {
    let server = Server::start();
    let folder = TempDir::new().unwrap();
    let mut datagen = Command::cargo_bin("datagen").unwrap();
    let made = datagen.current_dir(folder.path()).args(["--records", "60K", "--quiet"]).output().unwrap();
    assert!(made.status.success());
    let url = server.url();
    let arguments = ["data", "--detector", "threshold", "--format", "json", "--to", &url];
    for run in 1..=2 {
        let output = detect(&folder, &arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let events = found["findings"].as_array().unwrap().len();
        assert!(events > 0);
        let stored = server.psql(&format!(
            "SELECT count(*) || ' ' || max(r.summary->>'events_created') FROM drift_event e \
             JOIN report_run r ON r.id = e.report_run_id WHERE r.id = {run} AND e.payer IS NOT NULL"
        ));
        assert_eq!(stored, format!("{events} {events}"));
        let first = &found["findings"][0];
        let value = server.psql(&format!(
            "SELECT current_value FROM drift_event WHERE report_run_id = {run} ORDER BY id LIMIT 1"
        ));
        assert_eq!(value.parse::<f64>().unwrap(), first["current_value"].as_f64().unwrap());
    }
}

#[test]
fn a_database_that_refuses_is_named_without_its_password() {
    let server = Server::start();
    let folder = TempDir::new().unwrap();
    let mut datagen = Command::cargo_bin("datagen").unwrap();
    datagen.current_dir(folder.path()).args(["--records", "2K", "--quiet"]).output().unwrap();
    let wrong = server.url_of(&format!("{}:no-such-word", server::LOCKED_ROLE.0));
    let output = detect(&folder, &["data", "--detector", "threshold", "--to", &wrong]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("password") && !message.contains("no-such-word"), "{message}");
    let output = detect(&folder, &["data", "--to", "mysql://host/claims"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_table_says_what_the_files_say_with_either_engine() {
    let server = Server::start();
    let folder = TempDir::new().unwrap();
    let url = server.url();
    let mut datagen = Command::cargo_bin("datagen").unwrap();
    let arguments = ["--records", "30K", "--quiet", "--out", "data", "--to", &url];
    let made = datagen.current_dir(folder.path()).args(arguments).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let findings = |arguments: &[&str]| -> Value {
        let common = ["--as-of", "2026-01-01", "--format", "json", "--quiet"];
        let output = detect(&folder, &arguments.iter().chain(&common).copied().collect::<Vec<_>>());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        found["findings"].clone()
    };
    let files = findings(&["data"]);
    assert!(!files.as_array().unwrap().is_empty());
    for engine in ["native", "postgres"] {
        assert_eq!(findings(&[&url, "--table", "claims", "--engine", engine]), files, "{engine}");
    }
    // Their mappings fill segments, and ask for columns that are there.
    let originals = ["--detector", "driftwatch,delayguard,denialscope"];
    let files = findings(&[&["data"], &originals[..]].concat());
    let table = [&[url.as_str(), "--table", "claims", "--engine", "postgres"], &originals[..]].concat();
    assert_eq!(findings(&table), files);
    let compared = detect(&folder, &[&url, "--table", "claims", "--compare-engines", "--format", "json"]);
    let compared: Value = serde_json::from_slice(&compared.stdout).unwrap();
    assert_eq!(compared["engines"].as_array().unwrap().len(), 2, "{compared:#}");
    for (arguments, problem) in [
        (&["data", "--engine", "postgres"][..], "engines that can: native"),
        (&[url.as_str()], "--table"),
        (&[url.as_str(), "--table", "claim"], "claims"),
        (&["data", "--table", "claims"], "postgres://host/database"),
    ] {
        let output = detect(&folder, arguments);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(problem), "{arguments:?}: {message}");
    }
}
