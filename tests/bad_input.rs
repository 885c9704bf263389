//! Bad input: one clear message that names the place and what is allowed, the right exit code, and nothing
//! left under a final name.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

fn run(tool: &str, folder: &Path, arguments: &[&str]) -> Output {
    Command::cargo_bin(tool).unwrap().current_dir(folder).args(arguments).output().unwrap()
}

/// The message on standard error of a run that must end with `code`, and must print no result.
#[track_caller]
fn refused(tool: &str, folder: &Path, arguments: &[&str], code: i32, parts: &[&str]) {
    let output = run(tool, folder, arguments);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{tool} {arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{tool} {arguments:?} printed a result");
    for part in parts {
        assert!(message.contains(part), "{tool} {arguments:?}: {part:?} is not in: {message}");
    }
    assert!(!message.contains("panicked"), "{message}");
}

fn unfinished_or_final(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn datagen_refuses_what_it_cannot_use() {
    let folder = TempDir::new().unwrap();
    let cases: &[(&[&str], &[&str])] = &[
        (&["--rows", "5"], &["--rows", "--help"]),
        (&["--records", "0"], &["--records", "0", "at least 1"]),
        (&["--records", "-5"], &["--records", "-5", "at least 1"]),
        (&["--records", "1.5"], &["--records", "1.5"]),
        (&["--records", "99999999999999999999"], &["--records", "cannot be counted"]),
        (&["--records", "18446744073709551615"], &["--records", "at most"]),
        (&["--threads", "0"], &["--threads 0", "1 to 1024"]),
        (&["--threads", "9999"], &["--threads 9999"]),
        (&["--batch-size", "0"], &["--batch-size 0", "at least 1"]),
        (&["--row-group-rows", "0"], &["--row-group-rows 0", "from 1"]),
        (&["--parts", "0"], &["--parts 0", "from 1"]),
        (&["--parts", "3", "--part", "4"], &["--part 4", "from 1 to 3"]),
        (&["--parts", "3", "--part", "0"], &["--part 0", "from 1 to 3"]),
        (&["--part", "2"], &["--part", "--parts"]),
        (&["--rows-per-file", "0"], &["'0'", "--rows-per-file", "at least 1"]),
        (&["--rows-per-file", "many"], &["'many'", "--rows-per-file", "500K or 1M"]),
        (&["--rows-per-file", "5", "--part", "1"], &["--rows-per-file", "--part"]),
        (&["--tables", ""], &["--tables: no such table", "claims"]),
        (&["--out", ""], &["--out: a folder's path, or an address"]),
        (&["--out", "gs:bucket/a"], &["--out gs:bucket/a: gs:// is meant", "./gs:bucket/a"]),
        (
            &["--dataset", "claims-platform", "--stdout", "--format", "csv"],
            &["--stdout: one table at a time"],
        ),
        (&["clean", "--customer", "0", "--to", "postgres://x"], &["'0'", "--customer"]),
        (&["--rows-per-file", "1", "--records", "1M"], &["--rows-per-file 1", "at least 11"]),
        (&["--rows-per-file", "5", "--parts", "2"], &["--rows-per-file", "--parts"]),
        (&["--tables", "clams"], &["--tables clams", "claims"]),
        (&["--stdout"], &["--format parquet", "csv, jsonl, arrow"]),
        (&["--stdout", "--format", "csv", "--out", "x"], &["--stdout", "--out"]),
        (&["--format", "csv", "--compression", "snappy"], &["--compression snappy", "gzip"]),
        (&["--out", "ftp://user:secret@host/x"], &["--out host/x", "s3:"]),
        (&["--partition-by", "payor"], &["--partition-by payor", "no column payor", "payer, "]),
        (&["--partition-by", "submitted_date:week"], &["--partition-by", "week", "year, month or day"]),
        (&["--partition-by", "submitted_date"], &["--partition-by submitted_date", "submitted_date:month"]),
        (&["--partition-by", "payer:month"], &["--partition-by payer:month", "leave the unit out"]),
        (&["--partition-by", "billed_amount"], &["--partition-by billed_amount", "Decimal"]),
        (&["--partition-by", "payer,payer"], &["--partition-by", "twice"]),
        (&["--partition-by", ""], &["--partition-by", "submitted_date:month"]),
        (&["--partition-by", "payer", "--stdout", "--format", "csv"], &["--partition-by payer", "--out"]),
        (&["--partition-by", "payer", "--format", "null"], &["--partition-by payer", "--out"]),
        (&["--as-of", "2026-02-30"], &["--as-of", "2026-02-30", "today"]),
        (&["--compression", "rar"], &["--compression", "rar", "zstd"]),
        (&["--format", "xlsx"], &["--format", "xlsx", "parquet"]),
        (&["--dataset", "clams"], &["--dataset clams", "claims"]),
        (&["--customer", "0"], &["--customer", "0"]),
        (&["--seed", "-1"], &["--seed"]),
        (&["--spec", "absent.toml"], &["absent.toml", "open the spec"]),
        (&["--spec", ".", "--dry-run"], &[".: cannot read the spec"]),
        (&["--as-of", "0001-01-05"], &["0001-01-05", "years 1 to 9999"]),
    ];
    for (arguments, parts) in cases {
        refused("datagen", folder.path(), arguments, 2, parts);
        assert!(unfinished_or_final(folder.path()).is_empty(), "{arguments:?} left files");
    }
}

/// How many folders there are only the rows tell, so that the place is there by then.
#[test]
fn too_many_partitions_leave_no_file() {
    let folder = TempDir::new().unwrap();
    let arguments = ["--partition-by", "claim_id", "--out", "out"];
    refused(
        "datagen",
        folder.path(),
        &arguments,
        2,
        &["--partition-by claim_id", "more than 1000 partitions"],
    );
    assert!(unfinished_or_final(&folder.path().join("out")).is_empty());
}

#[test]
fn datagen_names_the_place_in_a_bad_spec() {
    let folder = TempDir::new().unwrap();
    let printed = run("datagen", folder.path(), &["--print-spec"]).stdout;
    let spec = String::from_utf8(printed).unwrap();
    fs::write(folder.path().join("key.toml"), spec.replacen("weekday =", "weekdays =", 1)).unwrap();
    refused(
        "datagen",
        folder.path(),
        &["--spec", "key.toml"],
        2,
        &["key.toml", "line", "weekdays", "weekday"],
    );
    fs::write(folder.path().join("bytes.toml"), [0xff, 0xfe, 0x00]).unwrap();
    refused("datagen", folder.path(), &["--spec", "bytes.toml"], 2, &["bytes.toml", "UTF-8"]);
    fs::write(folder.path().join("large.toml"), vec![b'#'; 5 << 20]).unwrap();
    refused("datagen", folder.path(), &["--spec", "large.toml"], 2, &["large.toml", "at most"]);
}

#[test]
fn an_error_in_a_column_names_table_column_key_and_line() {
    let folder = TempDir::new().unwrap();
    let printed = |dataset| run("datagen", folder.path(), &["--print-spec", "--dataset", dataset]).stdout;
    let printed = |dataset| String::from_utf8(printed(dataset)).unwrap();
    for (dataset, from, to, parts) in [
        ("claims", "sigma = ", "sigma = \"wide\" # ", &["column \"", "sigma", "invalid type", "wide"][..]),
        (
            "claimx-events",
            "exponent = 1.0",
            "exponent = \"one\"",
            &["\"claimx_tasks\"", "\"task_id\"", "exponent"],
        ),
        (
            "claimx-events",
            "base = 0.0877",
            "basis = 0.1",
            &["\"claimx_events\"", "\"step\"", "basis", "base"],
        ),
        ("audio-files", "high = 420", "hihg = 420", &["\"recordings\"", "\"segment_s\"", "hihg", "high"]),
        (
            "attachment-events",
            "lag_rows = [1, 200]",
            "lag_rows = [9, 2]",
            &["\"xact_events_raw\"", "\"repeated_events\"", "lag_rows"],
        ),
        (
            "claimx-events",
            "primary_key = [\"event_id\"]",
            "primary_key = [\"nope\"]",
            &["\"claimx_events\"", "primary_key", "nope", "raw_data"],
        ),
    ] {
        let spec = printed(dataset);
        assert!(spec.contains(from), "{dataset}: {from}");
        let changed = spec.replacen(from, to, 1);
        let line = changed[..changed.find(to).unwrap()].matches('\n').count() + 1;
        fs::write(folder.path().join("mine.toml"), &changed).unwrap();
        let place = format!("mine.toml: line {line}: ");
        refused("datagen", folder.path(), &["--spec", "mine.toml"], 2, &[&[place.as_str()], parts].concat());
    }
}

#[test]
fn datagen_cannot_write_where_a_file_stands() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("taken"), "mine").unwrap();
    refused("datagen", folder.path(), &["--out", "taken", "--records", "10"], 2, &["taken"]);
    refused("datagen", folder.path(), &["--out", "taken/below", "--records", "10"], 2, &["taken"]);
    assert_eq!(fs::read(folder.path().join("taken")).unwrap(), b"mine");
}

/// The file size limit stands in for a full disk: it makes the same call fail, with an error of its own.
#[cfg(unix)]
#[test]
fn a_disk_that_takes_no_more_is_the_machine_s_fault() {
    let folder = TempDir::new().unwrap();
    let tool = assert_cmd::cargo::cargo_bin("datagen");
    // 64 blocks of 512 or 1,024 bytes, by shell; without the trap the signal would end the program.
    let script = format!("trap '' XFSZ; ulimit -f 64; exec '{}' --records 20000 --quiet", tool.display());
    let output = Command::new("sh").current_dir(folder.path()).args(["-c", &script]).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("claims.parquet"), "{message}");
    assert!(unfinished_or_final(&folder.path().join("data")).is_empty(), "files were left");
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_success() {
    let folder = TempDir::new().unwrap();
    let tool = assert_cmd::cargo::cargo_bin("datagen");
    let script = format!("'{}' --print-spec | head -n 1; exit ${{PIPESTATUS[0]}}", tool.display());
    let output = Command::new("bash").current_dir(folder.path()).args(["-c", &script]).output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.len()),
        (Some(0), 0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing_and_says_so() {
    let folder = TempDir::new().unwrap();
    let tool = assert_cmd::cargo::cargo_bin("datagen");
    // In the background a shell ignores Ctrl-C for its children; termination takes the same way through the tool.
    let script = format!(
        "'{}' --records 500M --quiet & pid=$!; until [ -e data/claims.parquet.inprogress ]; do sleep 0.05; done; \
         kill -TERM $pid; wait $pid",
        tool.display()
    );
    let output = Command::new("bash").current_dir(folder.path()).args(["-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(unfinished_or_final(&folder.path().join("data")).is_empty(), "files were left");
}

#[test]
fn bench_drift_refuses_what_it_cannot_use() {
    let folder = TempDir::new().unwrap();
    let cases: &[(&[&str], &[&str])] = &[
        (&["--runs", "0"], &["--runs", "0"]),
        (&["--records", "10K,0"], &["--records", "at least 1"]),
        (&["--records", "10K,,5"], &["--records"]),
        (&["--threads", "0"], &["--threads 0"]),
        (&["--baseline-days", "0"], &["--baseline-days 0"]),
        (&["--current-days", "4000000000"], &["--current-days"]),
        (&["--min-volume", "0"], &["--min-volume 0"]),
        (&["--rate-threshold", "nan"], &["--rate-threshold"]),
        (&["--min-grade", "splendid"], &["--min-grade", "excellent"]),
        (&["--format", "xml"], &["--format", "json"]),
        (&["--input", "absent"], &["absent"]),
        (&["--input", "x", "--records", "5"], &["--records", "--input"]),
    ];
    for (arguments, parts) in cases {
        refused("bench-drift", folder.path(), arguments, 2, parts);
    }
}

#[test]
fn bench_drift_survives_damaged_bytes() {
    use parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};
    let folder = TempDir::new().unwrap();
    run("datagen", folder.path(), &["--records", "3000", "--out", "good", "--quiet"]);
    let good = fs::read(folder.path().join("good/claims.parquet")).unwrap();
    let mut refusals = 0;
    // Every 613th byte, the footer among them.
    for position in (0..good.len()).rev().step_by(613) {
        let mut damaged = good.clone();
        damaged[position] ^= 0xa5;
        fs::write(folder.path().join("damaged.parquet"), damaged).unwrap();
        let output = run(
            "bench-drift",
            folder.path(),
            &["--input", "damaged.parquet", "--runs", "1", "--threads", "1"],
        );
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(
            matches!(output.status.code(), Some(0 | 2)),
            "byte {position}: {:?} {message}",
            output.status
        );
        assert!(!message.contains("panicked"), "byte {position}: {message}");
        refusals += usize::from(!output.status.success());
    }
    assert!(refusals > 0, "no damage was noticed");
    // A footer that says a column has −1 bytes is accepted by the Parquet reader, which panics when it looks
    // for the column: an assertion of `ColumnChunkMetaData::byte_range`, in every build.
    let footer = ParquetMetaDataReader::new().parse_and_finish(&bytes::Bytes::from(good.clone())).unwrap();
    let mut groups = footer.row_groups().to_vec();
    for group in &mut groups {
        let columns = group.columns().iter().cloned();
        let columns =
            columns.map(|column| column.into_builder().set_total_compressed_size(-1).build().unwrap());
        let columns = columns.collect();
        *group = group.clone().into_builder().set_column_metadata(columns).build().unwrap();
    }
    let footer = footer.into_builder().set_row_groups(groups).build();
    let mut damaged = good;
    ParquetMetaDataWriter::new(&mut damaged, &footer).finish().unwrap();
    fs::write(folder.path().join("damaged.parquet"), damaged).unwrap();
    let arguments = ["--input", "damaged.parquet", "--runs", "1", "--threads", "2"];
    refused(
        "bench-drift",
        folder.path(),
        &arguments,
        2,
        &["damaged.parquet", "the reader gave up", "negative"],
    );
}

/// Claims whose decision date is a text.
const WRONG_TYPE: &str = r#"
[dataset]
name = "typed"
about = "A date as text"
as_of = "2026-01-01"
[calendar]
days = 200
[[column]]
name = "submitted_date"
kind = "calendar"
[[column]]
name = "payer"
kind = "category"
weights = { A = 1 }
[[column]]
name = "cpt_group"
kind = "category"
weights = { B = 1 }
[[column]]
name = "decided_date"
kind = "template"
text = "2026-01-{row}"
[[column]]
name = "outcome"
kind = "rate"
base = 0.1
yes = "DENIED"
no = "PAID"
"#;

#[test]
fn bench_drift_names_what_is_wrong_with_a_file() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    run("datagen", folder.path(), &["--records", "3000", "--out", "good", "--quiet"]);
    let good = fs::read(at("good/claims.parquet")).unwrap();
    fs::create_dir(at("empty")).unwrap();
    refused("bench-drift", folder.path(), &["--input", "empty"], 2, &["empty", "*.parquet"]);
    fs::write(at("text.parquet"), "payer,outcome\n").unwrap();
    refused("bench-drift", folder.path(), &["--input", "text.parquet"], 2, &["text.parquet"]);
    fs::write(at("zero.parquet"), "").unwrap();
    refused("bench-drift", folder.path(), &["--input", "zero.parquet"], 2, &["zero.parquet"]);
    for kept in [good.len() / 2, good.len() - 1, 4] {
        fs::write(at("cut.parquet"), &good[..kept]).unwrap();
        refused("bench-drift", folder.path(), &["--input", "cut.parquet"], 2, &["cut.parquet"]);
    }
    fs::write(at("typed.toml"), WRONG_TYPE).unwrap();
    run("datagen", folder.path(), &["--spec", "typed.toml", "--records", "500", "--out", "typed", "--quiet"]);
    refused(
        "bench-drift",
        folder.path(),
        &["--input", "typed"],
        2,
        &["typed", "\"decided_date\"", "Utf8", "a date"],
    );
    let spec = String::from_utf8(run("datagen", folder.path(), &["--print-spec"]).stdout).unwrap();
    fs::write(at("renamed.toml"), spec.replace("\"decided_date\"", "\"decision_date\"")).unwrap();
    let made = run(
        "datagen",
        folder.path(),
        &["--spec", "renamed.toml", "--records", "500", "--out", "renamed", "--quiet"],
    );
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    refused("bench-drift", folder.path(), &["--input", "renamed"], 2, &["decided_date", "decision_date"]);
}

#[test]
fn an_unwritable_record_is_refused() {
    let folder = TempDir::new().unwrap();
    let arguments =
        ["--records", "1000", "--runs", "1", "--format", "json", "--out", "no/such/folder/record.json"];
    refused("bench-drift", folder.path(), &arguments, 2, &["no/such/folder"]);
}

#[test]
fn a_record_replaces_only_records() {
    let folder = TempDir::new().unwrap();
    run("datagen", folder.path(), &["--records", "1000", "--quiet"]);
    let data = fs::read(folder.path().join("data/claims.parquet")).unwrap();
    for out in ["data/claims.parquet", "data/_manifest.json"] {
        refused(
            "bench-drift",
            folder.path(),
            &["--input", "data", "--runs", "1", "--out", out],
            2,
            &[out, "no record"],
        );
    }
    assert_eq!(fs::read(folder.path().join("data/claims.parquet")).unwrap(), data);
    for _ in 0..2 {
        let output =
            run("bench-drift", folder.path(), &["--input", "data", "--runs", "1", "--out", "record.json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
