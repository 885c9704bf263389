//! Series in the form of the Turing Change Point Dataset: two of our own, in `tests/tcpd/`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use driftforge::scores::{LabelledFolder, SeriesScore};
use tempfile::TempDir;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tcpd")
}

#[test]
fn series_are_read_wherever_the_form_allows_them() {
    let read = LabelledFolder::read(&folder()).unwrap();
    let names: Vec<&str> = read.series.iter().map(|series| series.name.as_str()).collect();
    assert_eq!(
        (names, read.left_out),
        (vec!["clinic_waits", "two_meters"], vec!["not_to_be_passed_on".to_owned()])
    );
    let [waits, meters] = read.series.as_slice() else { panic!("two series") };
    assert_eq!((waits.length(), waits.univariate().unwrap().len()), (40, 40));
    assert_eq!(waits.marked, [vec![20], vec![20, 30], vec![]]);
    // Two dimensions, one of them with a value missing.
    assert_eq!((meters.length(), meters.dimensions.len(), meters.univariate()), (30, 2, None));
    assert_eq!(meters.dimensions[1].iter().filter(|value| value.is_none()).count(), 1);
}

#[test]
fn scores_are_the_published_ones() {
    let read = LabelledFolder::read(&folder()).unwrap();
    let waits = &read.series[0];
    let close = |score: &SeriesScore, f1: f64, covering: f64| {
        assert!((score.f1 - f1).abs() < 1e-12 && (score.covering - covering).abs() < 1e-12, "{score:?}");
    };
    // By hand, from the definitions in arXiv:2003.06222, section 5.1; the start of the series counts as a change.
    // Nothing found: P = 1, R = (1/2 + 1/3 + 1) / 3; covering (1/2 + 15/40 + 1) / 3.
    let zero = waits.score(&[]);
    close(&zero, 2.0 * (11.0 / 18.0) / (1.0 + 11.0 / 18.0), 0.625);
    // The change at 20 found: P = 1, R = (1 + 2/3 + 1) / 3; covering (1 + 30/40 + 1/2) / 3.
    let right = waits.score(&[20]);
    close(&right, 2.0 * (8.0 / 9.0) / (1.0 + 8.0 / 9.0), 0.75);
    // Within the margin of 5 values F1 is the same, covering is not.
    let near = waits.score(&[23]);
    assert!(near.f1 == right.f1 && near.covering < right.covering);
    assert!(waits.score(&[10]).f1 < right.f1);
    let (f1, covering) = SeriesScore::means(&[zero, right]).unwrap();
    assert!((covering.mean - 0.6875).abs() < 1e-12 && f1.interval_95.is_some() && f1.seeds == 2);
    assert_eq!(SeriesScore::means(&[]), None);
}

#[test]
fn a_method_of_the_registry_finds_what_people_marked() {
    use driftforge_statistics::change_points::{Numbers, Series, find};
    let read = LabelledFolder::read(&folder()).unwrap();
    let waits = &read.series[0];
    let values = Numbers::new(waits.univariate().unwrap()).unwrap().standardized();
    let found = find("pelt").unwrap().build(&[]).unwrap().find(&Series::Numbers(values)).unwrap();
    assert_eq!(found.changes, [20]);
}

/// A folder with one series and its annotations, in which `from` is replaced by `to`; what is refused has every part.
#[track_caller]
fn refused(from: &str, to: &str, parts: &[&str]) {
    let series = r#"{ "name": "s", "n_obs": 3, "n_dim": 1, "series": [{ "raw": [1, 2.5, null] }] }"#;
    let annotations = r#"{ "s": { "6": [1] } }"#;
    assert!(series.contains(from) || annotations.contains(from), "nothing has {from:?}");
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("s.json"), series.replacen(from, to, 1)).unwrap();
    fs::write(folder.path().join("annotations.json"), annotations.replacen(from, to, 1)).unwrap();
    let read = LabelledFolder::read(folder.path());
    if from == to {
        read.unwrap();
        return;
    }
    let message = read.unwrap_err().to_string();
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

#[test]
fn what_contradicts_the_form_is_refused_with_its_file_and_place() {
    refused("raw", "raw", &[]);
    refused("\"n_obs\": 3", "\"n_obs\": 4", &["s.json", "series 1", "n_obs is 4", "3 values"]);
    refused("\"n_obs\": 3", "\"n_obs\": 5000000", &["s.json", "n_obs", "4000000"]);
    refused("\"n_obs\": 3", "\"n_obs\": -3", &["s.json", "line 1"]);
    refused("\"n_dim\": 1", "\"n_dim\": 2", &["s.json", "n_dim is 2", "1 series"]);
    refused("2.5", "\"2.5\"", &["s.json", "line 1"]);
    refused("null]", "NaN]", &["s.json", "line 1"]);
    refused("\"raw\"", "\"row\"", &["s.json", "raw"]);
    refused("\"name\": \"s\"", "\"name\": \"t\"", &["s.json", "\"t\"", "\"s\""]);
    refused("[1] }", "[3] }", &["annotations.json", "annotator \"6\"", "3 is behind the last of 3"]);
    refused("\"6\": [1]", "", &["annotations.json", "no annotator"]);
    refused("{ \"s\":", "{ \"../s\":", &["annotations.json", "no name of a series"]);
    refused("{ \"s\":", "{ \"other\":", &["no annotated series", "datasets/NAME/NAME.json"]);
    let empty = TempDir::new().unwrap();
    let message = LabelledFolder::read(empty.path()).unwrap_err().to_string();
    assert!(message.contains("annotations.json"), "{message}");
}
