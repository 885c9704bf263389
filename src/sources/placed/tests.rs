use std::fs;

use super::*;
use crate::ExitCode;
use crate::sources::ColumnKind;
use crate::sources::batch::{Batch, Values};
use crate::sources::tests::claims::columns;

const HEAD: &str = "payer,cpt_group,submitted_date,decided_date,outcome,reason,amount\n";

fn open(folder: &std::path::Path) -> Result<Placed> {
    Placed::open(&[Place::Folder(folder.to_owned())], &columns())
}

fn csv(rows: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("claims.csv"), format!("{HEAD}{rows}")).unwrap();
    folder
}

/// What reading all of it says.
fn read(folder: &std::path::Path) -> Result<Vec<Batch>> {
    let source = open(folder)?;
    let pieces = source.partitions(DayRange::ALL);
    pieces
        .iter()
        .map(|piece| source.read(piece)?.collect::<Result<Vec<_>>>())
        .collect::<Result<Vec<_>>>()
        .map(|batches| batches.into_iter().flatten().collect())
}

#[test]
fn a_file_of_text_has_its_days_and_rows() {
    let folder = csv("Aetna,Imaging,2025-03-01,2025-03-09,PAID,,12.50\n\
                      Aetna,Imaging,2025-03-04T23:30:00Z,,DENIED,none,\n\
                      ,Imaging,2025-03-05,,PAID,,1\n");
    let source = open(folder.path()).unwrap();
    assert_eq!((source.row_count(), source.end().unwrap().to_string()), (3, "2025-03-06".to_owned()));
    assert_eq!(source.first_day().map(|day| day.to_string()).as_deref(), Some("2025-03-01"));
    let batch = &read(folder.path()).unwrap()[0];
    // The third row lacks its payer.
    assert_eq!((batch.len(), batch.incomplete.len()), (2, 1));
    let day = |text: &str| text.parse::<Day>().unwrap();
    let before = DayRange { start: day("2024-01-01"), end: day("2025-03-01") };
    assert!(source.partitions(before).is_empty());
}

#[test]
fn what_cannot_be_read_is_named_with_its_row() {
    let folder = csv("Aetna,Imaging,2025-03-01,soon,PAID,,1\n");
    let error = read(folder.path()).unwrap_err();
    let expected = "column \"decided_date\": row 1: \"soon\" cannot be read; a date such as";
    assert!(error.to_string().contains(expected), "{error}");
    assert_eq!(error.exit_code(), ExitCode::BadInput);
    let folder = csv("Aetna,Imaging,2025-03-01,,PAID,,1\nAetna,Imaging,never,,PAID,,1\n");
    let error = open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("row 2: \"never\""), "{error}");
    let folder = csv("Aetna,Imaging,2025-03-01,,PAID,,NaN\n");
    assert!(read(folder.path()).unwrap_err().to_string().contains("\"NaN\" cannot be read; a number"));
}

#[test]
fn a_file_named_twice_is_read_once_and_a_pipe_is_not_waited_for() {
    let folder = csv("Aetna,Imaging,2025-03-01,,PAID,,1\n");
    let file = Place::Folder(folder.path().join("claims.csv"));
    let twice =
        Placed::open(&[file.clone(), Place::Folder(folder.path().to_owned()), file], &columns()).unwrap();
    assert_eq!(twice.row_count(), 1);
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe.csv");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let error = open(folder.path()).unwrap_err();
        assert!(error.to_string().contains("not a regular file"), "{error}");
        assert_eq!(error.exit_code(), ExitCode::BadInput);
    }
}

#[test]
fn empty_damaged_and_foreign_files_are_bad_input() {
    let cases: [(&str, &[u8], &str); 7] = [
        ("a.csv", HEAD.as_bytes(), "the dataset has no rows"),
        ("a.csv", b"", "no column"),
        ("a.csv", b"payer,outcome\nAetna,PAID\n", "no column \"submitted_date\""),
        ("a.csv.gz", b"not gzip at all", "gz"),
        ("a.csv.zst", b"not zstd at all", "zst"),
        ("a.jsonl", b"{\"payer\": \n", "a.jsonl"),
        ("a.arrow", b"ARROW1 but no more", "a.arrow"),
    ];
    for (name, content, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), content).unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(error.to_string().contains(expected), "{name}: {error}");
        assert_eq!(error.exit_code(), ExitCode::BadInput, "{name}: {error}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "none").unwrap();
    assert!(open(folder.path()).unwrap_err().to_string().contains("no data file"));
}

#[test]
fn columns_of_folders_and_columns_left_out_of_json_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("payer=Blue%20Cross");
    fs::create_dir(&below).unwrap();
    let row =
        r#"{"cpt_group": "Imaging", "submitted_date": "2025-03-01", "outcome": "PAID", "amount": 12.5}"#;
    fs::write(below.join("a.jsonl"), format!("{row}\n")).unwrap();
    let batch = &read(folder.path()).unwrap()[0];
    let columns = columns();
    let place = |name: &str| columns.position(name).unwrap() - 1;
    let Values::Text(payer) = &batch.columns[place("payer")] else { panic!("text") };
    assert_eq!(payer.text(payer.keys.key(0)), Some("Blue Cross"));
    let Values::Numbers(amounts, _) = &batch.columns[place("amount")] else { panic!("numbers") };
    let ColumnKind::Number { decimals } = columns.at(place("amount") + 1).kind else { panic!("a number") };
    assert_eq!(amounts[0], 125 * 10_i64.pow(u32::from(decimals) - 1));
    assert!(batch.columns[place("decided_date")].nulls().is_some_and(|nulls| nulls.is_null(0)));
}
