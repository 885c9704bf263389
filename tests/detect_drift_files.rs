//! `detect-drift` on the same claims in every format and place: one answer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "the proxy and the looks into a bucket are for the tests of uploads")]
mod s3_server;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use s3_server::S3Server;
use serde_json::Value;
use tempfile::TempDir;

const RECORDS: &str = "30000";

fn tool(name: &str, folder: &Path, endpoint: &str) -> Command {
    let mut command = Command::cargo_bin(name).unwrap();
    command.current_dir(folder).env("AWS_ENDPOINT", endpoint).env("AWS_ALLOW_HTTP", "true");
    command
        .env("AWS_ACCESS_KEY_ID", "tester")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "us-east-1");
    command
}

#[track_caller]
fn make(folder: &Path, endpoint: &str, arguments: &[&str]) {
    let made = tool("datagen", folder, endpoint)
        .args(["--records", RECORDS, "--quiet"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(made.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&made.stderr));
}

/// What is found by tests of all metrics, which look at every kind of column.
#[track_caller]
fn findings(folder: &Path, endpoint: &str, paths: &[&str]) -> Value {
    let output = tool("detect-drift", folder, endpoint)
        .args(paths)
        .args(["--detector", "tests", "--min-volume", "5", "--alpha", "0.2", "--format", "json", "--quiet"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{paths:?}: {}", String::from_utf8_lossy(&output.stderr));
    let mut found: Value = serde_json::from_slice(&output.stdout).unwrap();
    found["findings"].take()
}

#[test]
fn every_format_and_place_gives_the_same_findings() {
    let folder = TempDir::new().unwrap();
    let (server, root) = (S3Server::start("lake"), folder.path());
    let endpoint = server.endpoint();
    make(root, &endpoint, &["--out", "parquet", "--parts", "2"]);
    let expected = findings(root, &endpoint, &["parquet"]);
    assert!(expected.as_array().unwrap().len() > 3, "{expected:#}");
    let forms: [(&str, &[&str]); 7] = [
        ("csv", &["--format", "csv", "--parts", "2"]),
        ("csv-gzip", &["--format", "csv", "--compression", "gzip"]),
        ("csv-zstd", &["--format", "csv", "--compression", "zstd"]),
        ("jsonl", &["--format", "jsonl"]),
        ("arrow", &["--format", "arrow", "--compression", "zstd"]),
        ("csv-hive", &["--format", "csv", "--partition-by", "payer"]),
        ("parquet-hive", &["--partition-by", "payer"]),
    ];
    for (name, arguments) in forms {
        make(root, &endpoint, &[arguments, &["--out", name]].concat());
        assert_eq!(findings(root, &endpoint, &[name]), expected, "{name}");
    }
    assert_eq!(findings(root, &endpoint, &["csv/*.csv"]), expected);
    assert_eq!(findings(root, &endpoint, &["parquet/*-00001-*.parquet", "csv/*-00002-*.csv"]), expected);
    for (format, address) in
        [("parquet", "s3://lake/parquet"), ("csv", "s3://lake/csv"), ("arrow", "s3://lake/arrow")]
    {
        make(root, &endpoint, &["--format", format, "--out", address]);
        assert_eq!(findings(root, &endpoint, &[address]), expected, "{address}");
    }
}

#[test]
fn what_matches_nothing_and_what_is_no_address_is_bad_input() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.csv"), "payer\nx\n").unwrap();
    let cases = [
        ("none-*.csv", "nothing matches this pattern"),
        ("a[.csv", "no pattern"),
        ("ftp://host/claims", "no such kind of address"),
        ("a.csv", "no column \"submitted_date\""),
    ];
    for (path, expected) in cases {
        let output = tool("detect-drift", folder.path(), "http://127.0.0.1:1").arg(path).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{path}: {message}");
        assert!(message.contains(expected), "{path}: {message}");
    }
}
