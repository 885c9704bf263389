//! Sources against the claims that were put into them.

pub(crate) mod claims;
mod damage;
mod parquet_files;

use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter, RowGroupMetaData};
use ::parquet::file::properties::WriterProperties;
use arrow_array::{ArrayRef, RecordBatch, TimestampSecondArray};
use proptest::prelude::*;

use super::*;
use crate::ExitCode;
use claims::{AS_OF, Claim, Form, batch, claims, columns, forms};

/// The claims without nulls and the submitted days of the others, as a source gives them.
type Contents = (Vec<Claim>, Vec<Option<Day>>);

fn expected(claims: &[Claim]) -> Contents {
    let is_complete = |claim: &&Claim| {
        claim.submitted.is_some()
            && claim.payer.is_some()
            && claim.cpt_group.is_some()
            && claim.outcome.is_some()
    };
    let (complete, others): (Vec<&Claim>, Vec<&Claim>) = claims.iter().partition(is_complete);
    (
        complete.into_iter().cloned().collect(),
        others.into_iter().map(|claim| claim.submitted.map(Day)).collect(),
    )
}

/// Everything in a source's partitions that may hold a row of `days`.
fn contents(source: &dyn Source, days: DayRange) -> Result<Contents> {
    let (mut complete, mut others) = (Vec::new(), Vec::new());
    for partition in source.partitions(days) {
        let mut rows = 0;
        for batch in source.read(&partition)? {
            let batch = batch?;
            rows += batch.len() + batch.incomplete.len();
            complete.extend((0..batch.len()).map(|row| claim(&batch, row)));
            others.extend(batch.incomplete);
        }
        assert_eq!(rows as u64, partition.rows, "a partition has the rows that it says");
    }
    Ok((complete, others))
}

fn claim(batch: &Batch, row: usize) -> Claim {
    let columns = columns();
    let column = |name: &str| &batch.columns[columns.position(name).unwrap() - 1];
    let text = |name: &str| match column(name) {
        Values::Text(codes) => codes.text(codes.keys.key(row)).map(str::to_owned),
        other => panic!("{name}: {other:?}"),
    };
    let is_there =
        |nulls: &Option<arrow_buffer::NullBuffer>| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
    Claim {
        payer: text("payer"),
        cpt_group: text("cpt_group"),
        submitted: Some(batch.time[row]),
        decided: match column("decided_date") {
            Values::Days(days, nulls) => is_there(nulls).then(|| days[row]),
            other => panic!("{other:?}"),
        },
        outcome: text("outcome"),
        reason: text("reason"),
        amount: match column("amount") {
            Values::Numbers(numbers, nulls) => is_there(nulls).then(|| numbers[row]),
            other => panic!("{other:?}"),
        },
    }
}

fn write(path: &Path, batches: &[RecordBatch], properties: WriterProperties) {
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), Some(properties)).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.close().unwrap();
}

fn open(path: &Path) -> Result<Parquet> {
    Parquet::open(&[path.to_owned()], &columns())
}

/// Writes a file's footer again, its row groups changed.
fn change_row_groups(path: &Path, change: impl Fn(RowGroupMetaData) -> RowGroupMetaData) {
    let mut bytes = std::fs::read(path).unwrap();
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&bytes::Bytes::from(bytes.clone())).unwrap();
    let row_groups = metadata.row_groups().iter().cloned().map(change).collect();
    let metadata = metadata.into_builder().set_row_groups(row_groups).build();
    // The footer's length stands before the last four bytes.
    let length = bytes[bytes.len() - 8..][..4].try_into().map(u32::from_le_bytes).unwrap();
    bytes.truncate(bytes.len() - 8 - length as usize);
    ParquetMetaDataWriter::new(&mut bytes, &metadata).finish().unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// The batch with one column replaced.
fn with_column(batch: &RecordBatch, name: &str, replacement: ArrayRef) -> RecordBatch {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| {
        let column = if field.name() == name { &replacement } else { column };
        (field.name(), Arc::clone(column))
    });
    RecordBatch::try_from_iter(columns).unwrap()
}

/// A claim without nulls.
fn claim_of(day: i32) -> Claim {
    Claim::of(day)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn memory_gives_back_what_it_was_given(claims in claims(400), form in forms()) {
        let source = Memory::new("claims", &[batch(&claims, &form)], &columns()).unwrap();
        prop_assert_eq!(contents(&source, DayRange::ALL).unwrap(), expected(&claims));
        let last = claims.iter().filter_map(|claim| claim.submitted).max();
        prop_assert_eq!(source.end().ok(), last.map(|day| Day(day + 1)));
    }
}

#[test]
fn a_slice_of_a_batch_is_read_where_it_starts() {
    let claims: Vec<Claim> = (0..40).map(claim_of).collect();
    let slice = batch(&claims, &Form::plain()).slice(7, 20);
    let source = Memory::new("claims", &[slice], &columns()).unwrap();
    assert_eq!(contents(&source, DayRange::ALL).unwrap().0, claims[7..27]);
}

#[test]
fn no_claims_are_bad_input() {
    let refused = Memory::new("generated claims", &[], &columns()).unwrap_err();
    assert_eq!(refused.to_string(), "generated claims: the dataset has no rows; at least one is needed");
    assert_eq!(refused.exit_code(), ExitCode::BadInput);
}

#[test]
fn batches_outside_of_the_wanted_days_are_left_out() {
    let undated = Claim { submitted: None, ..claim_of(0) };
    let batches = [
        batch(&[claim_of(1), claim_of(5)], &Form::plain()),
        batch(&[claim_of(6), claim_of(9)], &Form::plain()),
        batch(&[undated, claim_of(30)], &Form::plain()),
    ];
    let source = Memory::new("claims", &batches, &columns()).unwrap();
    let wanted = DayRange { start: Day(6), end: Day(8) };
    let partitions: Vec<usize> = source.partitions(wanted).iter().map(|partition| partition.index).collect();
    assert_eq!(partitions, [1, 2], "a row without a date may be anywhere");
    assert_eq!((source.row_count(), source.rows_to_read(wanted)), (6, 4));
}

#[test]
fn a_date_beyond_the_calendar_is_named() {
    let far: ArrayRef = Arc::new(TimestampSecondArray::from(vec![i64::MAX]));
    let batch = with_column(&batch(&[claim_of(AS_OF.0)], &Form::plain()), "decided_date", far);
    let refused = Memory::new("claims", &[batch], &columns()).unwrap_err().to_string();
    assert!(refused.starts_with("claims: column \"decided_date\": value 9223372036854775807"), "{refused}");
}

#[test]
fn an_end_outside_of_the_calendar_names_the_column_and_what_is_allowed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("claims.parquet");
    // The days of 0001-01-01 and 9999-12-30; see the calendar's own test.
    let (first, last) = (-719_162, 2_932_895);
    for day in [first, last, first - 1, last + 1, i32::MIN, i32::MAX] {
        let earlier = Claim { submitted: Some(first - 5), ..claim_of(0) };
        let latest = Claim { submitted: Some(day), ..claim_of(0) };
        let claims = batch(&[earlier, latest], &Form::plain());
        write(&path, std::slice::from_ref(&claims), WriterProperties::default());
        let in_memory = Memory::new("claims.parquet", &[claims], &columns()).unwrap();
        for source in [&open(&path).unwrap() as &dyn Source, &in_memory] {
            if (first..=last).contains(&day) {
                assert_eq!(source.end().unwrap(), Day(day + 1));
                continue;
            }
            let refused = source.end().unwrap_err();
            assert_eq!(refused.exit_code(), ExitCode::BadInput);
            for part in ["claims.parquet: column \"submitted_date\"", "from 0001-01-01 to 9999-12-30"] {
                assert!(refused.to_string().contains(part), "{day}: {refused}");
            }
        }
    }
}

#[test]
fn instants_before_1970_belong_to_the_day_they_are_in() {
    let instants: ArrayRef = Arc::new(TimestampSecondArray::from(vec![-86_401]));
    let batch = with_column(&batch(&[claim_of(0)], &Form::plain()), "submitted_date", instants);
    let source = Memory::new("claims", &[batch], &columns()).unwrap();
    assert_eq!(source.end().unwrap().to_string(), "1969-12-31", "the day after 1969-12-30, 23:59:59");
}

#[test]
fn registered_kinds_have_names() {
    let names: Vec<&str> = SOURCES.iter().map(|source| source.name).collect();
    assert_eq!(names, ["memory", "parquet", "placed", "postgres"]);
}
