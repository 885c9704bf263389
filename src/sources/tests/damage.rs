//! Files that cannot be read: always an error that names the file, never a panic.

use std::fs;

use ::parquet::basic::{Compression, ZstdLevel};
use arrow_array::Int64Array;

use super::*;

/// A small file with several row groups and pages, and its bytes.
fn file(properties: WriterProperties) -> (tempfile::TempDir, std::path::PathBuf, Vec<u8>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("claims.parquet");
    let mut claims: Vec<Claim> =
        (0..500).map(|row| Claim { payer: Some(format!("P{}", row % 7)), ..claim_of(row / 9) }).collect();
    claims[333].outcome = None;
    write(&path, &[batch(&claims, &Form::plain())], properties);
    let bytes = fs::read(&path).unwrap();
    (directory, path, bytes)
}

fn coded() -> WriterProperties {
    WriterProperties::builder()
        .set_max_row_group_row_count(Some(200))
        .set_data_page_row_count_limit(64)
        .build()
}

fn uncoded() -> WriterProperties {
    let builder =
        WriterProperties::builder().set_max_row_group_row_count(Some(200)).set_dictionary_enabled(false);
    builder.set_compression(Compression::ZSTD(ZstdLevel::default())).build()
}

/// Reads everything and says what went wrong.
fn read(path: &Path) -> Result<()> {
    let source = open(path)?;
    source.end()?;
    contents(&source, DayRange::ALL).map(|_| ())
}

fn assert_names(path: &Path, error: &crate::Error, what: &str) {
    let text = error.to_string();
    assert!(text.contains(&path.display().to_string()) && text.contains(what), "{text}");
    assert_eq!(error.exit_code(), ExitCode::BadInput, "{text}");
}

#[test]
fn what_is_no_parquet_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("claims.parquet");
    for (contents, what) in [
        (&b""[..], "not a Parquet file: it has only 0 bytes"),
        (b"payer,cpt_group\nAetna,Imaging\n", "not a Parquet file: it does not start with PAR1"),
        (b"PAR1 and then the disk was full", "truncated"),
        (b"PAR1\x00\x00\x00\x00\x00\x00\x00\x00PAR1", "damaged"),
        (b"PAR1\x00\x00\x00\x00\xFF\xFF\xFF\x7FPAR1", "damaged"),
        (b"PAR1\x00\x00\x00\x00\x00\x00\x00\x00PARE", "encrypted"),
    ] {
        fs::write(&path, contents).unwrap();
        assert_names(&path, &open(&path).unwrap_err(), what);
    }
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let (_directory, path, bytes) = file(coded());
    for length in (0..bytes.len()).step_by(97) {
        fs::write(&path, &bytes[..length]).unwrap();
        let error = open(&path).unwrap_err();
        assert_names(&path, &error, "Parquet");
    }
}

#[test]
fn a_missing_column_is_named() {
    let (_directory, path, _) = file(coded());
    let mut wanted = Columns::new("submitted_date");
    wanted.add("outcomes", ColumnKind::Text).unwrap();
    let error = Parquet::open(std::slice::from_ref(&path), &Arc::new(wanted)).unwrap_err();
    assert_names(
        &path,
        &error,
        "no column \"outcomes\" (did you mean \"outcome\"?); its columns are: outcome, payer",
    );
}

#[test]
fn a_column_of_a_wrong_type_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("claims.parquet");
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![20_454]));
    let claims = with_column(&batch(&[claim_of(0)], &Form::plain()), "submitted_date", numbers);
    write(&path, &[claims], coded());
    let error = open(&path).unwrap_err();
    assert_names(&path, &error, "column \"submitted_date\" has type Int64, and must be a date");
}

#[test]
fn no_rows_are_bad_input() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("claims.parquet");
    write(&path, &[batch(&[], &Form::plain())], coded());
    assert_names(&path, &open(&path).unwrap_err(), "the dataset has no rows");
}

#[test]
fn claims_without_any_date_have_no_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("claims.parquet");
    write(&path, &[batch(&[Claim { submitted: None, ..claim_of(0) }], &Form::plain())], coded());
    assert_names(&path, &open(&path).unwrap().end().unwrap_err(), "no row has a time");
}

#[test]
fn a_file_that_shrinks_after_it_was_opened_is_an_error() {
    for properties in [coded(), uncoded()] {
        let (_directory, path, bytes) = file(properties);
        let source = open(&path).unwrap();
        fs::write(&path, &bytes[..60]).unwrap();
        assert_names(&path, &contents(&source, DayRange::ALL).unwrap_err(), "damaged");
        fs::remove_file(&path).unwrap();
        assert_eq!(contents(&source, DayRange::ALL).unwrap_err().exit_code(), ExitCode::BadInput);
    }
}

#[test]
fn a_row_group_with_fewer_rows_than_the_footer_says_is_damaged() {
    for properties in [coded(), uncoded()] {
        let (_directory, path, _) = file(properties);
        change_row_groups(&path, |group| {
            let rows = group.num_rows() + 10;
            group.into_builder().set_num_rows(rows).build().unwrap()
        });
        assert_names(&path, &read(&path).unwrap_err(), "damaged");
    }
}

#[test]
fn a_code_outside_of_its_dictionary_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("claims.parquet");
    // Three outcomes make codes of two bits, 0 to 2, in no order that would be stored as a repetition.
    let outcome = |row: i32| Some(["PAID", "DENIED", "OTHER"][(row * row % 7 % 3) as usize].to_owned());
    let claims: Vec<Claim> = (0..64).map(|row| Claim { outcome: outcome(row), ..claim_of(row) }).collect();
    write(&path, &[batch(&claims, &Form::plain())], coded());
    let mut bytes = fs::read(&path).unwrap();
    let source = ParquetMetaDataReader::new().parse_and_finish(&bytes::Bytes::from(bytes.clone())).unwrap();
    let chunk =
        source.row_group(0).columns().iter().find(|chunk| chunk.column_path().string() == "outcome").unwrap();
    let (start, length) = chunk.byte_range();
    // The chunk ends with the codes; four of them become 3.
    bytes[(start + length - 1) as usize] = 0xFF;
    fs::write(&path, bytes).unwrap();
    assert_names(&path, &read(&path).unwrap_err(), "a code is outside of its dictionary");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// Damage may go unnoticed where it only changes a value; it never panics, hangs or blames the machine.
    #[test]
    fn damaged_bytes_are_an_error_or_other_claims(
        is_coded in any::<bool>(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let (_directory, path, mut bytes) = file(if is_coded { coded() } else { uncoded() });
        for (place, value) in places {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        fs::write(&path, &bytes).unwrap();
        if let Err(error) = read(&path) {
            prop_assert_eq!(error.exit_code(), ExitCode::BadInput, "{}", error);
            prop_assert!(error.to_string().contains("claims.parquet"), "{}", error);
        }
    }
}
