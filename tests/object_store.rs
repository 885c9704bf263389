//! `datagen --out s3://…` against a real server of the S3 protocol on loopback: moto, which `./test.sh` installs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod s3_server;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use s3_server::{S3Server, Throttle};
use tempfile::TempDir;

const SECRET: &str = "do-not-print-me";

/// `datagen` with the environment that reaches a server.
fn datagen(endpoint: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("datagen"));
    command.args(arguments).env("AWS_ENDPOINT", endpoint).env("AWS_ALLOW_HTTP", "true");
    command
        .env("AWS_ACCESS_KEY_ID", "tester")
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_REGION", "us-east-1");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs to the end; returns the exit code and everything that was printed.
fn run(endpoint: &str, arguments: &[&str]) -> (i32, String) {
    told(datagen(endpoint, arguments).output().unwrap())
}

fn told(output: Output) -> (i32, String) {
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(!text.contains(SECRET), "{text}");
    (output.status.code().unwrap_or(-1), text)
}

#[track_caller]
fn succeeds(endpoint: &str, arguments: &[&str]) -> String {
    let (code, text) = run(endpoint, arguments);
    assert_eq!(code, 0, "{arguments:?}: {text}");
    text
}

/// A data set of several files and row groups.
const SHAPE: [&str; 7] = ["--records", "24000", "--row-group-rows", "2000", "--parts", "4", "--quiet"];

fn arguments<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    SHAPE.iter().copied().chain(["--out", out]).chain(more.iter().copied()).collect()
}

/// What the same command writes to a folder.
fn undisturbed(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    succeeds("http://127.0.0.1:1", &arguments(folder.to_str().unwrap(), &[]));
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap()))
        .collect()
}

#[test]
fn objects_are_the_files_of_a_folder_and_the_same_rules_hold() {
    let (server, folder) = (S3Server::start("lake"), TempDir::new().unwrap());
    let expected = undisturbed(folder.path());
    let url = server.endpoint();
    let shown = succeeds(&url, &["--records", "100", "--out", "s3://lake/shown"]);
    assert!(shown.contains("s3://lake/shown/claims.parquet"), "{shown}");
    let intent = succeeds(&url, &["--dry-run", "--records", "100", "--out", "s3://lake/a/b"]);
    assert!(intent.contains("s3://lake/a/b/claims.parquet"), "{intent}");
    assert!(server.objects("a/b/").is_empty());

    succeeds(&url, &arguments("s3://lake/a/b", &[]));
    assert!(server.objects("a/b/") == expected, "other names or bytes than in a folder");
    assert_eq!(server.unfinished_uploads(), 0);

    let text = succeeds(
        &url,
        &["--records", "24000", "--row-group-rows", "2000", "--parts", "4", "--out", "s3://lake/a/b"],
    );
    assert!(text.contains("complete"), "{text}");
    for (more, part) in [(&["--seed", "3"][..], "--seed"), (&["--customer", "9"], "--customer")] {
        let (code, text) = run(&url, &arguments("s3://lake/a/b", more));
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(part) && text.contains("--overwrite"), "{text}");
    }
    assert!(server.objects("a/b/") == expected, "a refused run changed something");
    succeeds(&url, &arguments("s3://lake/a/b", &["--seed", "3", "--overwrite"]));
    let replaced = server.objects("a/b/");
    assert_eq!(replaced.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    assert!(replaced["claims-00001-of-00004.parquet"] != expected["claims-00001-of-00004.parquet"]);
}

/// A pseudo-random sequence that is the same in every run of the tests.
fn waits() -> impl Iterator<Item = Duration> {
    let mut state = 20_261_120_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis((state >> 33) % 900)
    })
}

#[test]
fn a_run_killed_at_any_moment_is_continued_to_the_same_objects() {
    let (server, folder) = (S3Server::start("lake"), TempDir::new().unwrap());
    let expected = undisturbed(folder.path());
    let mut interrupted = 0;
    for (number, wait) in (0..20).zip(waits()) {
        let out = format!("s3://lake/kill-{number}");
        let mut child = datagen(&server.endpoint(), &arguments(&out, &[])).spawn().unwrap();
        thread::sleep(wait);
        // Before it is known whether the run has ended: that is the point.
        child.kill().unwrap();
        interrupted += u32::from(!child.wait().unwrap().success());
        let prefix = format!("kill-{number}/");
        let left = server.objects(&prefix);
        let is_named = |name: &String| expected.contains_key(name);
        assert!(left.contains_key("_manifest.json") || left.keys().filter(|name| is_named(name)).count() < 6);
        succeeds(&server.endpoint(), &arguments(&out, &[]));
        assert!(
            server.objects(&prefix) == expected,
            "kill {number} after {wait:?}: {:?}",
            server.objects(&prefix).keys()
        );
    }
    assert!(interrupted >= 5, "only {interrupted} runs were killed while they worked");
    // An upload that was begun in the very moment of the kill may be unknown to its journal.
    assert!(server.unfinished_uploads() <= 2, "{}", server.unfinished_uploads());
}

/// Waits until the run has begun to write.
fn wait_for_a_file(server: &S3Server, prefix: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !server.objects(prefix).keys().any(|name| name.ends_with(".upload")) {
        assert!(Instant::now() < deadline, "the run does not begin");
        thread::sleep(Duration::from_millis(5));
    }
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn an_interrupt_leaves_nothing_under_a_final_name() {
    let server = S3Server::start("lake");
    let long = ["--records", "3000000", "--parts", "40", "--quiet", "--out", "s3://lake/stop"];
    let child = datagen(&server.endpoint(), &long).spawn().unwrap();
    wait_for_a_file(&server, "stop/");
    thread::sleep(Duration::from_millis(300));
    interrupt(&child);
    let (code, text) = told(child.wait_with_output().unwrap());
    assert_eq!(code, 130, "{text}");
    let left: Vec<String> = server.objects("stop/").into_keys().collect();
    assert!(left.iter().all(|name| name.ends_with(".upload") || name.ends_with(".journal")), "{left:?}");
}

#[test]
fn of_two_runs_at_once_one_ends_and_nothing_wrong_stays_unnoticed() {
    let (server, folder) = (S3Server::start("lake"), TempDir::new().unwrap());
    let expected = undisturbed(folder.path());
    for race in 0..8 {
        let out = format!("s3://lake/two-{race}");
        let start = || datagen(&server.endpoint(), &arguments(&out, &[])).spawn().unwrap();
        let codes = [start(), start()].map(|child| told(child.wait_with_output().unwrap()));
        assert!(codes.iter().any(|(code, _)| *code == 0), "{codes:?}");
        // The server of the tests tears an object whose upload is completed by one run while the other takes it
        // back; that has to be noticed, and mended on request.
        let (code, text) = run(&server.endpoint(), &arguments(&out, &[]));
        if code != 0 {
            assert!(code == 2 && text.contains("--overwrite"), "{codes:?}, then {text}");
            succeeds(&server.endpoint(), &arguments(&out, &["--overwrite"]));
        }
        assert!(server.objects(&format!("two-{race}/")) == expected, "{codes:?}");
    }
}

#[test]
fn a_server_that_throttles_is_asked_again() {
    let (server, folder) = (S3Server::start("lake"), TempDir::new().unwrap());
    let expected = undisturbed(folder.path());
    let throttle = Throttle::before(&server);
    succeeds(&throttle.endpoint(), &arguments("s3://lake/slow", &[]));
    assert!(server.objects("slow/") == expected);
    assert!(throttle.refused() > 2, "{}", throttle.refused());
}

#[test]
fn a_server_that_dies_is_the_machines_fault_and_the_run_can_go_on() {
    let mut server = S3Server::start("lake");
    let long = ["--records", "3000000", "--parts", "40", "--quiet", "--out", "s3://lake/dies"];
    let child = datagen(&server.endpoint(), &long).spawn().unwrap();
    wait_for_a_file(&server, "dies/");
    server.stop();
    let (code, text) = told(child.wait_with_output().unwrap());
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("s3://lake/dies/"), "{text}");
}

#[test]
fn what_cannot_work_is_told_in_one_line() {
    let server = S3Server::start("lake");
    let url = server.endpoint();
    let cases: [(&str, &str, i32, &str); 8] = [
        (&url, "s3://no-such-lake/a", 2, "no such bucket"),
        ("http://127.0.0.1:1", "s3://lake/a", 1, "Connection refused"),
        (&url, "s4://lake/a", 2, "s3://bucket/prefix"),
        (&url, "s3://", 2, "a bucket's name"),
        (&url, "s3://tester:do-not-print-me@lake/a", 2, "environment"),
        (&url, "s3://lake/a//b", 2, "single slashes"),
        (&url, "gs://lake/a", 2, "GOOGLE_SERVICE_ACCOUNT"),
        (&url, "az://lake/a", 2, "AZURE_STORAGE_ACCOUNT_KEY"),
    ];
    for (endpoint, out, code, part) in cases {
        let (found, text) = run(endpoint, &["--records", "100", "--out", out]);
        assert_eq!(found, code, "{out}: {text}");
        assert!(text.contains(part) && text.trim_end().lines().count() == 1, "{out}: {text}");
    }
    let told_without = |name: &str| {
        told(datagen(&url, &["--records", "100", "--out", "s3://lake/a"]).env_remove(name).output().unwrap())
    };
    let (code, text) = told_without("AWS_SECRET_ACCESS_KEY");
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("no credentials in the environment: set AWS_ACCESS_KEY_ID"), "{text}");
    let (code, text) = told_without("AWS_ALLOW_HTTP");
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("AWS_ALLOW_HTTP=true"), "{text}");
    assert!(server.objects("").is_empty());
}

#[test]
fn objects_are_verified_and_described_where_they_are() {
    let server = S3Server::start("lake");
    let url = server.endpoint();
    succeeds(&url, &arguments("s3://lake/a", &[]));
    let text = succeeds(&url, &["verify", "s3://lake/a"]);
    assert!(text.contains("24,000 rows") && text.contains("equal"), "{text}");
    let text = succeeds(&url, &["verify", "s3://lake/a", "--sample", "1%"]);
    assert!(text.contains("sample"), "{text}");
    let text = succeeds(&url, &["describe", "s3://lake/a"]);
    assert!(text.contains("24,000 rows in 4 files") && text.contains("12 drifts"), "{text}");
    for (object, rows) in
        [("claims-00002-of-00004.parquet", "claims: 6,000 rows in 1 file"), ("none", "no data")]
    {
        let (code, text) = run(&url, &["describe", &format!("s3://lake/a/{object}")]);
        assert_eq!(code, if object == "none" { 2 } else { 0 }, "{text}");
        assert!(text.contains(rows), "{text}");
    }
    let (code, text) = run(&url, &["verify", "s3://lake/none"]);
    assert_eq!(code, 2, "{text}");
}
