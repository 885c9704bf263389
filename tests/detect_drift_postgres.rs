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
