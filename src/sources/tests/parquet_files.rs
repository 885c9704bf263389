//! Parquet files of all kinds.

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{EnabledStatistics, WriterVersion};

use super::*;

/// Settings under which the same claims are stored in very different pages.
fn properties() -> impl Strategy<Value = WriterProperties> {
    let sizes = (1..500_usize, 1..300_usize, prop::sample::select(vec![1, 30, 1 << 20]));
    let codecs = prop::sample::select(vec![
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ]);
    let versions = prop::sample::select(vec![WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0]);
    let statistics = prop::sample::select(vec![
        EnabledStatistics::None,
        EnabledStatistics::Chunk,
        EnabledStatistics::Page,
    ]);
    (sizes, codecs, versions, statistics, any::<bool>()).prop_map(
        |(sizes, codec, version, statistics, coded)| {
            let (group_rows, page_rows, dictionary_bytes) = sizes;
            WriterProperties::builder()
                .set_max_row_group_row_count(Some(group_rows))
                .set_data_page_row_count_limit(page_rows)
                .set_write_batch_size(16)
                // A small limit makes the writer give up the dictionary in the middle of a chunk.
                .set_dictionary_page_size_limit(dictionary_bytes)
                .set_dictionary_enabled(coded)
                .set_compression(codec)
                .set_writer_version(version)
                .set_statistics_enabled(statistics)
                .build()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_file_gives_back_what_was_written(claims in claims(1_500), form in forms(), properties in properties()) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("claims.parquet");
        write(&path, &[batch(&claims, &form)], properties);
        let source = open(&path).unwrap();
        prop_assert_eq!(source.row_count() as usize, claims.len());
        prop_assert_eq!(contents(&source, DayRange::ALL).unwrap(), expected(&claims));
        let last = claims.iter().filter_map(|claim| claim.submitted).max();
        prop_assert_eq!(source.end().ok(), last.map(|day| Day(day + 1)));
    }

    #[test]
    fn row_groups_left_out_hold_no_wanted_row(
        claims in claims(800),
        form in forms(),
        properties in properties(),
        start in -60..20_i32,
        length in 1..30_i32,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("claims.parquet");
        write(&path, &[batch(&claims, &form)], properties);
        let wanted = DayRange { start: Day(AS_OF.0 + start), end: Day(AS_OF.0 + start + length) };
        let is_wanted = |claim: &Claim| claim.submitted.is_some_and(|day| wanted.contains(Day(day)));
        let within = |(complete, others): Contents| {
            let complete: Vec<Claim> = complete.into_iter().filter(is_wanted).collect();
            (complete, others.into_iter().filter(|day| day.is_none_or(|day| wanted.contains(day))).collect::<Vec<_>>())
        };
        let read = contents(&open(&path).unwrap(), wanted).unwrap();
        prop_assert_eq!(within(read), within(expected(&claims)));
    }
}

#[test]
fn a_dictionary_given_up_in_the_middle_is_read_to_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("claims.parquet");
    // Far more rows than a batch with few payers, then a new payer in each row.
    let payer = |row: i32| if row < 60_000 { format!("P{}", row % 5) } else { format!("payer {row}") };
    let claims: Vec<Claim> =
        (0..64_000).map(|row| Claim { payer: Some(payer(row)), ..claim_of(row / 700) }).collect();
    let properties =
        WriterProperties::builder().set_dictionary_page_size_limit(256).set_data_page_row_count_limit(5_000);
    write(&path, &[batch(&claims, &Form::plain())], properties.build());
    let all = (claims, Vec::new());
    assert_eq!(contents(&open(&path).unwrap(), DayRange::ALL).unwrap(), all);
    // Without statistics of encodings, a reader finds out when it gets there.
    change_row_groups(&path, |group| {
        let columns = group.columns().iter().cloned();
        let columns = columns
            .map(|column| column.into_builder().clear_page_encoding_stats().build().unwrap())
            .collect();
        group.into_builder().set_column_metadata(columns).build().unwrap()
    });
    assert_eq!(contents(&open(&path).unwrap(), DayRange::ALL).unwrap(), all);
}

/// Files with one claim per day, 10 to a row group.
fn daily(path: &Path, days: std::ops::Range<i32>, metadata: &[(&str, &str)]) {
    let claims: Vec<Claim> = days.map(claim_of).collect();
    let entries = metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()));
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(10))
        .set_key_value_metadata(Some(entries.collect()))
        .build();
    write(path, &[batch(&claims, &Form::plain())], properties);
}

#[test]
fn only_row_groups_with_wanted_days_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("claims.parquet");
    daily(&path, 0..100, &[]);
    let source = open(&path).unwrap();
    let wanted = DayRange { start: Day(19), end: Day(30) };
    assert_eq!(source.rows_to_read(wanted), 20);
    assert_eq!(source.rows_to_read(DayRange::ALL), 100);
    let (claims, _) = contents(&source, wanted).unwrap();
    assert_eq!(
        claims.iter().map(|claim| claim.submitted.unwrap()).collect::<Vec<_>>(),
        (10..30).collect::<Vec<_>>()
    );
}

#[test]
fn the_files_of_a_directory_are_one_dataset() {
    let directory = tempfile::tempdir().unwrap();
    let shared = ("driftforge.seed", "42");
    daily(&directory.path().join("a.parquet"), 0..15, &[shared, ("part", "1"), ("only", "here")]);
    daily(&directory.path().join("b.parquet"), 15..40, &[shared, ("part", "2")]);
    let source = open(directory.path()).unwrap();
    assert_eq!((source.row_count(), source.end().unwrap()), (40, Day(40)));
    assert_eq!(source.paths().count(), 2);
    let metadata = source.metadata();
    assert_eq!(metadata.get("driftforge.seed").map(String::as_str), Some("42"));
    assert!(!metadata.contains_key("part") && !metadata.contains_key("only"), "parts say different things");
    let days = contents(&source, DayRange::ALL).unwrap().0.into_iter().map(|claim| claim.submitted.unwrap());
    assert_eq!(days.collect::<Vec<_>>(), (0..40).collect::<Vec<_>>());
}

#[test]
fn columns_may_have_other_names_and_other_columns_may_stand_between() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("claims.parquet");
    daily(&path, 0..5, &[]);
    let mut columns = Columns::new("decided_date");
    columns.add("outcome", ColumnKind::Text).unwrap();
    columns.add("submitted_date", ColumnKind::Day).unwrap();
    let source = Parquet::open(std::slice::from_ref(&path), &Arc::new(columns)).unwrap();
    assert_eq!(source.end().unwrap(), Day(4 + 9 + 1));
    for batch in source.read(&source.partitions(DayRange::ALL)[0]).unwrap() {
        let batch = batch.unwrap();
        let Values::Days(submitted, None) = &batch.columns[1] else { panic!("{batch:?}") };
        assert!(batch.time.iter().zip(submitted).all(|(decided, submitted)| decided - submitted == 9));
    }
}

#[test]
fn columns_that_folders_stand_for_are_read_as_columns() {
    let directory = tempfile::tempdir().unwrap();
    let claim =
        |payer: Option<&str>, day: i32| Claim { payer: payer.map(str::to_owned), ..Claim::of(AS_OF.0 + day) };
    let folders = [
        ("payer=A%2FB", Some("A/B")),
        ("payer=__HIVE_DEFAULT_PARTITION__", None),
        ("payer=C D", Some("C D")),
    ];
    let mut all = Vec::new();
    for (folder, payer) in folders {
        let claims: Vec<Claim> = (0..20).map(|day| claim(payer, day)).collect();
        let whole = batch(&claims, &Form::plain());
        let others = (0..whole.num_columns()).filter(|index| whole.schema().field(*index).name() != "payer");
        let without = whole.project(&others.collect::<Vec<_>>()).unwrap();
        std::fs::create_dir(directory.path().join(folder)).unwrap();
        let path = directory.path().join(folder).join("claims.parquet");
        write(&path, &[without], WriterProperties::builder().build());
        all.extend(claims);
    }
    let source = open(directory.path()).unwrap();
    let sorted = |(mut complete, mut others): Contents| {
        complete.sort_by_key(|claim| (claim.payer.clone(), claim.submitted));
        others.sort();
        (complete, others)
    };
    assert_eq!(sorted(contents(&source, DayRange::ALL).unwrap()), sorted(expected(&all)));
    assert_eq!(source.end().unwrap(), Day(AS_OF.0 + 20));
}
