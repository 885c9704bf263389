//! `datagen`, run as a user runs it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use arrow_array::RecordBatch;
use assert_cmd::Command;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

fn datagen(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("datagen").unwrap();
    command.current_dir(folder).args(arguments).output().unwrap()
}

#[track_caller]
fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = datagen(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    assert!(errors.is_empty(), "no terminal, so nothing on standard error: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()))
        .collect()
}

fn rows(folder: &Path) -> Vec<String> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "parquet"));
    paths.sort();
    let batches = paths.iter().flat_map(|path| {
        let file = fs::File::open(path).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        reader.map(Result::unwrap).collect::<Vec<RecordBatch>>()
    });
    let text = |batch: RecordBatch| {
        (0..batch.num_rows()).map(|row| format!("{:?}", batch.slice(row, 1).columns())).collect::<Vec<_>>()
    };
    batches.flat_map(text).collect()
}

#[test]
fn every_dataset_has_its_ledger_beside_it() {
    for dataset in driftforge::datasets::BUILT_IN {
        let folder = TempDir::new().unwrap();
        succeeds(folder.path(), &["--dataset", dataset.name, "--records", "300"]);
        let read = |name: &str| -> serde_json::Value {
            serde_json::from_slice(&fs::read(folder.path().join("data").join(name)).unwrap()).unwrap()
        };
        let ledger = read(&format!("{}.ledger.json", dataset.name));
        let (truth, manifest) = (read(&format!("{}.truth.json", dataset.name)), read("_manifest.json"));
        assert_eq!(
            (&ledger["records"], &ledger["drifts"]),
            (&300.into(), &truth["drifts"]),
            "{}",
            dataset.name
        );
        // Faults that a dataset always has are a table of the manifest, too: the dirt ledger.
        let is_data =
            |table: &&serde_json::Value| ledger["tables"].get(table["name"].as_str().unwrap()).is_some();
        let tables: Vec<_> = manifest["tables"].as_array().unwrap().iter().filter(is_data).collect();
        assert_eq!(ledger["tables"].as_object().unwrap().len(), tables.len());
        for table in tables {
            let name = table["name"].as_str().unwrap();
            assert_eq!(ledger["tables"][name]["rows"], table["rows"], "{name}");
        }
    }
}

#[test]
fn the_default_run_writes_data_truth_and_manifest() {
    let folder = TempDir::new().unwrap();
    let summary = succeeds(folder.path(), &[]);
    let data = folder.path().join("data");
    let names: Vec<String> = files(&data).into_keys().collect();
    assert_eq!(names, ["_manifest.json", "claims.ledger.json", "claims.parquet", "claims.truth.json"]);
    for part in ["10,000 rows", "rows/s", "peak memory", "claims.truth.json", "bench-drift -- --input=data"] {
        assert!(summary.contains(part), "{part:?} is not in:\n{summary}");
    }
    assert_eq!(rows(&data).len(), 10_000);
    let truth: serde_json::Value = serde_json::from_slice(&files(&data)["claims.truth.json"]).unwrap();
    assert!(truth["drifts"].as_array().unwrap().len() >= 8);
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_batch_size() {
    let folder = TempDir::new().unwrap();
    let common = ["--records", "9000", "--row-group-rows", "2000", "--quiet", "--out"];
    let run = |out: &str, more: &[&str]| {
        let arguments: Vec<&str> = common.iter().chain(&[out]).chain(more).copied().collect();
        assert_eq!(succeeds(folder.path(), &arguments), "", "--quiet");
        files(&folder.path().join(out))
    };
    let one = run("one", &["--threads", "1"]);
    assert_eq!(one, run("two", &["--threads", "2", "--batch-size", "100"]));
    assert_eq!(one, run("seven", &["--threads", "7", "--batch-size", "3333"]));
    assert_ne!(one["claims.parquet"], run("seed", &["--seed", "43"])["claims.parquet"]);
}

#[test]
fn parts_made_alone_are_the_parts_made_together_and_the_whole() {
    let folder = TempDir::new().unwrap();
    let at = |out: &str, more: &[&str]| {
        let common = ["--records", "5000", "--quiet", "--out", out];
        succeeds(folder.path(), &common.iter().chain(more).copied().collect::<Vec<_>>());
        folder.path().join(out)
    };
    let whole = at("whole", &[]);
    let together = at("together", &["--parts", "3"]);
    assert_eq!(rows(&together), rows(&whole));
    for part in ["2", "3", "1"] {
        at("alone", &["--parts", "3", "--part", part]);
    }
    let alone = files(&folder.path().join("alone"));
    for (name, bytes) in files(&together).iter().filter(|(name, _)| !name.starts_with("_manifest")) {
        assert!(alone[name] == *bytes, "{name}");
    }
}

#[test]
fn as_of_and_customer_reach_the_rows() {
    let folder = TempDir::new().unwrap();
    let common = ["--records", "5000", "--quiet", "--as-of", "2024-02-29", "--customer", "77"];
    succeeds(folder.path(), &common);
    let rows = rows(&folder.path().join("data"));
    let last = &rows[4_999];
    assert!(last.contains("CLM-77-00005000") && last.contains("2024-02-28"), "{last}");
}

#[test]
fn a_spec_of_ones_own_is_made() {
    let folder = TempDir::new().unwrap();
    let spec = succeeds(folder.path(), &["--print-spec"]);
    assert!(spec.contains("[[column]]"));
    fs::write(folder.path().join("mine.toml"), spec.replace("name = \"claims\"", "name = \"mine\"")).unwrap();
    succeeds(folder.path(), &["--spec", "mine.toml", "--records", "100", "--no-drift", "--quiet"]);
    let files = files(&folder.path().join("data"));
    let truth: serde_json::Value = serde_json::from_slice(&files["mine.truth.json"]).unwrap();
    assert_eq!(truth["drifts"], serde_json::json!([]));
}

#[test]
fn a_dry_run_and_a_list_write_nothing() {
    let folder = TempDir::new().unwrap();
    let intent = succeeds(folder.path(), &["--dry-run", "--records", "1_000", "--parts", "2"]);
    assert!(intent.contains("claims-00002-of-00002.parquet (500 rows)"), "{intent}");
    let list = succeeds(folder.path(), &["--list"]);
    for name in ["claims", "parquet", "category", "recurring"] {
        assert!(list.contains(name), "{name}");
    }
    assert!(files(folder.path()).is_empty());
}

#[test]
fn the_null_format_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    succeeds(folder.path(), &["--format", "null", "--records", "2000"]);
    assert!(files(folder.path()).is_empty());
}

#[test]
fn an_earlier_run_is_replaced_only_when_asked() {
    let folder = TempDir::new().unwrap();
    succeeds(folder.path(), &["--records", "100", "--quiet"]);
    let before = files(&folder.path().join("data"));
    let output = datagen(folder.path(), &["--records", "200"]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("--overwrite") && message.contains("data/"), "{message}");
    assert_eq!(files(&folder.path().join("data")), before);
    succeeds(folder.path(), &["--records", "200", "--quiet", "--overwrite"]);
    assert_eq!(rows(&folder.path().join("data")).len(), 200);
}

#[test]
fn two_processes_never_write_the_same_files_at_once() {
    let folder = TempDir::new().unwrap();
    let tool = assert_cmd::cargo::cargo_bin("datagen");
    let start = |seed: &str| {
        let mut command = std::process::Command::new(&tool);
        command.current_dir(folder.path()).args(["--records", "200000", "--quiet", "--seed", seed]);
        command.stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    let runs = ["1", "2"].map(start).map(|run| run.wait_with_output().unwrap());
    let codes = runs.each_ref().map(|run| run.status.code().unwrap());
    assert!(codes == [0, 2] || codes == [2, 0], "{codes:?}");
    let (winner, loser) = if codes[0] == 0 { (1, &runs[1]) } else { (2, &runs[0]) };
    let message = String::from_utf8_lossy(&loser.stderr);
    assert!(message.contains("another run") || message.contains("--overwrite"), "{message}");

    let files = files(&folder.path().join("data"));
    assert_eq!(files.len(), 4, "{:?}", files.keys());
    let manifest: serde_json::Value = serde_json::from_slice(&files["_manifest.json"]).unwrap();
    assert_eq!(manifest["seed"], winner);
    let digest = format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&files["claims.parquet"]));
    assert_eq!(manifest["tables"][0]["files"][0]["xxh3_128"], digest);
}

#[test]
fn another_dataset_in_the_folder_is_not_overwritten() {
    let folder = TempDir::new().unwrap();
    let spec = succeeds(folder.path(), &["--print-spec"]);
    fs::write(folder.path().join("mine.toml"), spec.replace("name = \"claims\"", "name = \"mine\"")).unwrap();
    succeeds(folder.path(), &["--records", "100", "--quiet"]);
    let before = files(&folder.path().join("data"));
    let output = datagen(folder.path(), &["--spec", "mine.toml", "--records", "100", "--overwrite"]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("holds the dataset claims") && message.contains("--out"), "{message}");
    assert_eq!(files(&folder.path().join("data")), before);
}

/// A run holds one lock, whatever the number of its files.
#[cfg(unix)]
#[test]
fn there_may_be_more_parts_than_open_files() {
    let folder = TempDir::new().unwrap();
    let tool = assert_cmd::cargo::cargo_bin("datagen");
    let script =
        format!("ulimit -n 40; exec '{}' --records 100 --parts 60 --threads 1 --quiet", tool.display());
    let output = Command::new("sh").current_dir(folder.path()).args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(files(&folder.path().join("data")).len(), 63);
}

#[test]
fn parts_of_different_runs_do_not_mix() {
    let folder = TempDir::new().unwrap();
    let part = |number: &str, more: &[&str]| {
        let common = ["--records", "300", "--parts", "2", "--quiet", "--part", number];
        datagen(folder.path(), &common.iter().chain(more).copied().collect::<Vec<_>>())
    };
    assert!(part("1", &[]).status.success());
    for (more, difference) in [
        (&["--seed", "3"][..], "--seed 42 instead of 3"),
        (&["--customer", "9"], "--customer 1 instead of 9"),
        (&["--no-drift"], "drift true instead of false"),
        (&["--as-of", "2025-01-01"], "--as-of 2026-01-01 instead of 2025-01-01"),
    ] {
        let output = part("2", more);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {message}");
        assert!(message.contains(difference), "{message}");
    }
    assert!(part("2", &[]).status.success());
}
