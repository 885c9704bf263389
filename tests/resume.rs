//! Runs that end early: what they leave, and the same command that goes on.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Twelve files in two seconds or so.
const RUN: &[&str] =
    &["--records", "48000", "--rows-per-file", "4000", "--row-group-rows", "2000", "--threads", "2"];

/// How often a run is killed.
const KILLS: u32 = 20;

fn datagen(folder: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("datagen"));
    command.current_dir(folder).args(RUN).args(more);
    command
}

#[track_caller]
fn succeeds(folder: &Path, more: &[&str]) -> String {
    let output = datagen(folder, more).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn refused(output: Output, parts: &[&str]) {
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    let entries = entries.map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()))
        .collect()
}

#[test]
fn a_run_that_is_killed_at_any_moment_is_completed_by_the_same_command() {
    let undisturbed = TempDir::new().unwrap();
    let started = Instant::now();
    succeeds(undisturbed.path(), &[]);
    let duration = started.elapsed();
    let expected = files(&undisturbed.path().join("data"));
    assert_eq!(expected.len(), 12 + 3);
    let mut continued = 0;
    for kill in 0..KILLS {
        let folder = TempDir::new().unwrap();
        let mut run = datagen(folder.path(), &["--quiet"]).stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(duration * kill / KILLS + Duration::from_millis(u64::from(kill * 7 % 13)));
        // Also one that is done already is told to end.
        let _ = run.kill();
        run.wait().unwrap();
        let summary = succeeds(folder.path(), &[]);
        continued += u32::from(summary.contains("continued an interrupted run"));
        assert_eq!(files(&folder.path().join("data")), expected, "killed after {kill} of {KILLS} moments");
    }
    assert!(continued >= 3, "only {continued} of {KILLS} killed runs had finished a file");
}

#[test]
fn a_complete_run_is_verified_and_not_made_again() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    succeeds(folder.path(), &[]);
    let before = fs::metadata(data.join("_manifest.json")).unwrap().modified().unwrap();
    let summary = succeeds(folder.path(), &[]);
    assert!(summary.contains("already complete, verified"), "{summary}");
    assert_eq!(fs::metadata(data.join("_manifest.json")).unwrap().modified().unwrap(), before);

    let other = ["--seed", "43", "--no-drift", "--format", "csv"];
    let differences =
        ["--seed 42 instead of 43", "drift true instead of false", "--format parquet", "--overwrite"];
    refused(datagen(folder.path(), &other).output().unwrap(), &differences);

    let changed = data.join("claims-00007-of-00012.parquet");
    let mut bytes = fs::read(&changed).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&changed, &bytes).unwrap();
    refused(datagen(folder.path(), &[]).output().unwrap(), &["claims-00007-of-00012.parquet", "--overwrite"]);
    assert_eq!(fs::read(&changed).unwrap(), bytes);
    succeeds(folder.path(), &["--overwrite"]);
    assert!(succeeds(folder.path(), &[]).contains("already complete"));
}

#[test]
fn files_of_another_format_give_way_to_an_overwriting_run() {
    let folder = TempDir::new().unwrap();
    succeeds(folder.path(), &["--format", "csv", "--compression", "gzip"]);
    assert!(folder.path().join("data/claims-00012-of-00012.csv.gz").exists());
    succeeds(folder.path(), &["--overwrite"]);
    let names: Vec<String> = files(&folder.path().join("data")).into_keys().collect();
    assert!(names.iter().all(|name| !name.contains(".csv")), "{names:?}");
    assert_eq!(names.len(), 12 + 3);
}

#[test]
fn standard_output_has_the_bytes_of_the_file() {
    let folder = TempDir::new().unwrap();
    let common = ["--records", "5000", "--format", "jsonl"];
    let run = |more: &[&str]| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("datagen"));
        command.current_dir(folder.path()).args(common).args(more).output().unwrap()
    };
    let streamed = run(&["--stdout"]);
    assert!(streamed.status.success() && streamed.stderr.is_empty());
    assert!(files(&folder.path().join("data")).is_empty());
    assert!(run(&[]).status.success());
    assert!(fs::read(folder.path().join("data/claims.jsonl")).unwrap() == streamed.stdout);
    refused(datagen(folder.path(), &["--stdout"]).output().unwrap(), &["--format parquet", "csv"]);
}

#[test]
fn faults_have_a_ledger_beside_the_data() {
    let folder = TempDir::new().unwrap();
    succeeds(folder.path(), &["--dirt"]);
    let data = folder.path().join("data");
    assert!(data.join("_ledger/claims_dirt-00012-of-00012.parquet").exists());
    let text = fs::read(data.join("claims.ledger.json")).unwrap();
    let ledger: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let text = fs::read(data.join("_manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(ledger["tables"]["claims"]["rows"], manifest["tables"][0]["rows"]);
    assert!(succeeds(folder.path(), &["--dirt"]).contains("already complete"));
}

#[test]
fn a_size_that_files_may_not_exceed_is_told_and_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let program = assert_cmd::cargo::cargo_bin("datagen").display().to_string();
    for format in ["parquet", "csv", "jsonl", "arrow"] {
        // Blocks of 512 or 1,024 bytes, as the shell counts.
        let limited = format!("ulimit -f 64; exec {program} --records 20000 --threads 2 --format {format}");
        let output = Command::new("sh").current_dir(folder.path()).args(["-c", &limited]).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}: {told}");
        assert!(
            told.contains("claims.") && told.contains("too large") && told.lines().count() == 1,
            "{told}"
        );
        assert!(files(&folder.path().join("data")).is_empty(), "{format}");
    }
}
