//! `datagen verify` and `datagen describe`, run as a user runs them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// The exit code, and everything that was printed.
fn datagen(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::cargo_bin("datagen").unwrap();
    let output = command.current_dir(folder).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned())
}

#[track_caller]
fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let (code, text) = datagen(folder, arguments);
    assert_eq!(code, 0, "{arguments:?}: {text}");
    text
}

const FORMATS: [&str; 4] = ["parquet", "csv", "jsonl", "arrow"];

#[test]
fn what_datagen_wrote_is_equal_and_a_changed_value_is_named() {
    for format in FORMATS {
        let folder = TempDir::new().unwrap();
        succeeds(folder.path(), &["--records", "20000", "--parts", "3", "--quiet", "--format", format]);
        let text = succeeds(folder.path(), &["verify", "data"]);
        assert!(text.contains("equal") && text.contains("20,000 rows"), "{text}");
        assert_eq!(succeeds(folder.path(), &["verify", "data", "--quiet"]), "");
        let text = succeeds(folder.path(), &["verify", "data", "--sample", "5%", "--sample-seed", "3"]);
        assert!(text.contains("5 % of the rows, seed 3"), "{text}");
        // Its manifest says seed 42, and the values are those of another seed.
        let manifest = folder.path().join("data/_manifest.json");
        let text = fs::read_to_string(&manifest).unwrap();
        fs::write(&manifest, text.replacen("\"seed\": 42", "\"seed\": 43", 1)).unwrap();
        let (code, text) = datagen(folder.path(), &["verify", "data"]);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("-00001-of-00003") && text.contains("row 1, column "), "{text}");
    }
}

#[test]
fn a_changed_byte_of_text_is_named_by_row_and_column() {
    for (format, ending) in [("csv", "csv"), ("jsonl", "jsonl")] {
        let folder = TempDir::new().unwrap();
        succeeds(folder.path(), &["--records", "9000", "--quiet", "--format", format]);
        let path = folder.path().join(format!("data/claims.{ending}"));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("CLM-1-00008765"));
        fs::write(&path, text.replace("CLM-1-00008765", "CLM-1-00008766")).unwrap();
        let (code, text) = datagen(folder.path(), &["verify", "data"]);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("row 8765, column claim_id"), "{text}");
        assert!(
            text.contains("CLM-1-00008766") && text.contains("instead of") && text.contains("XXH3"),
            "{text}"
        );
    }
}

#[test]
fn what_cannot_be_verified_is_bad_input() {
    let folder = TempDir::new().unwrap();
    for (arguments, part) in [
        (&["verify", "nowhere"][..], "nowhere"),
        (&["verify", "."], "_manifest.json"),
        (&["verify", "ftp://host/a"], "s3://bucket/prefix"),
        (&["verify", ".", "--sample", "0%"], "1%"),
        (&["verify", ".", "--sample", "200%"], "1%"),
        (&["verify", ".", "--sample-seed", "1"], "--sample"),
        (&["describe", "nowhere"], "nowhere"),
        (&["describe", "."], "no data"),
        (&["describe", ".", "--schema", "public"], "only a database"),
        (&["describe", ".", "--table", "claims"], "only a database"),
    ] {
        let (code, text) = datagen(folder.path(), arguments);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(text.contains(part), "{arguments:?}: {text}");
    }
    succeeds(folder.path(), &["--records", "100", "--quiet"]);
    let manifest = folder.path().join("data/_manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("[[column]]", "[[colum]]")).unwrap();
    assert_eq!(datagen(folder.path(), &["verify", "data"]).0, 2);
}

#[test]
fn a_description_has_columns_values_and_drift() {
    let folder = TempDir::new().unwrap();
    succeeds(folder.path(), &["--records", "20000", "--quiet"]);
    let text = succeeds(folder.path(), &["describe", "data"]);
    for part in ["claims: 20,000 rows in 1 file", "payer", "no nulls", "12 drifts", "submitted_date"] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
    let json = succeeds(folder.path(), &["describe", "data", "--format", "json", "--top", "2"]);
    let profile: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(profile["tables"][0]["rows"], 20_000);
    assert_eq!(profile["drifts"].as_array().unwrap().len(), 12);
    let columns = profile["tables"][0]["columns"].as_array().unwrap();
    assert!(columns.iter().all(|column| column["top"].as_array().unwrap().len() <= 2));
    // A file of ours alone says what drift is in it, and a file of somebody else's does not.
    let alone = succeeds(folder.path(), &["describe", "data/claims.parquet"]);
    assert!(alone.contains("12 drifts"), "{alone}");
    fs::write(folder.path().join("other.csv"), "a,b\n1,x\n2,\n").unwrap();
    let other = succeeds(folder.path(), &["describe", "other.csv"]);
    assert!(other.contains("other: 2 rows") && other.contains("50.00 % null"), "{other}");
    assert!(other.contains("nothing here says"), "{other}");
}
