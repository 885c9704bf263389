//! One profile of the same rows in every format, equal to what counting by hand gives.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, UInt8Type};
use driftforge_generators::Run;

use super::*;
use crate::ExitCode;
use crate::sinks::{self, Compression, Job, Options, Parts, Table, Target};

static NEVER: AtomicBool = AtomicBool::new(false);

fn describe_folder(folder: &Path, threads: usize) -> Result<Profile> {
    let place = Place::Folder(folder.to_owned());
    describe(&Task { place: &place, most_values: 5, threads, progress: &(), stop: &NEVER })
}

fn write_claims(folder: &Path, format: &str) -> crate::datasets::PlannedDataset {
    let run = Run { records: 20_000, seed: 42, customer: 1, as_of: None, drift: true, dirt: false };
    let planned = Dataset::built_in("claims").unwrap().plan(&run).unwrap();
    let targets = [Target::folder(folder, sinks::format(format).unwrap(), Compression::None).unwrap()];
    let tables =
        [Table { name: "claims", rows: planned.plan(), metadata: &planned.metadata(), is_ledger: false }];
    let job = Job {
        tables: &tables,
        targets: &targets,
        parts: Parts::new(2, None).unwrap(),
        options: Options { row_group_rows: Some(3_000), ..Options::with_threads(2) },
        context: &planned.context(),
        sidecars: &[],
        progress: &(),
        stop: &NEVER,
    };
    sinks::write(&job).unwrap();
    planned
}

fn column<'a>(profile: &'a Profile, name: &str) -> &'a ColumnProfile {
    profile.tables[0].columns.iter().find(|column| column.name == name).unwrap()
}

#[test]
fn figures_are_those_of_the_rows_in_every_format() {
    for format in ["parquet", "csv", "jsonl", "arrow"] {
        // A format that is not there yet has nothing to describe.
        if sinks::format(format).is_none() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let planned = write_claims(folder.path(), format);
        let profile = describe_folder(folder.path(), 2).unwrap();
        assert_eq!(profile, describe_folder(folder.path(), 1).unwrap(), "threads change nothing");
        assert_eq!(profile.dataset.as_deref(), Some("claims"));
        assert_eq!(profile.drifts.as_ref().unwrap().len(), planned.plan().truth().drifts.len());
        let table = &profile.tables[0];
        assert_eq!((table.name.as_str(), table.files, table.rows), ("claims", 2, 20_000), "{format}");

        let batch = planned.plan().batch(0..20_000);
        let payers = batch.column_by_name("payer").unwrap().as_dictionary::<UInt8Type>().clone();
        let names = payers.values().as_string::<i32>();
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        payers
            .keys()
            .iter()
            .flatten()
            .for_each(|code| *counts.entry(names.value(code.into())).or_default() += 1);
        let payer = column(&profile, "payer");
        assert_eq!(payer.distinct, Count { number: counts.len() as u64, is_exact: true });
        let most = counts.values().max().unwrap();
        assert_eq!((payer.top[0].count, payer.top[0].count_at_most), (*most, *most));
        assert_eq!(counts[payer.top[0].value.as_str()], *most);

        let dates = batch.column_by_name("submitted_date").unwrap().as_primitive::<Date32Type>().clone();
        let mut days: Vec<i32> = dates.iter().flatten().collect();
        days.sort_unstable();
        let shown = |day: i32| Date32Type::to_naive_date_opt(day).unwrap().to_string();
        let submitted = column(&profile, "submitted_date");
        assert_eq!(submitted.min, Some(shown(days[0])), "{format}");
        let quantiles = submitted.quantiles.as_ref().unwrap();
        assert!(quantiles.is_exact);
        let median = &quantiles.values[2];
        assert_eq!(*median, (0.5, shown(days[days.len().div_ceil(2) - 1])));

        let ids = column(&profile, "claim_id");
        assert!(!ids.distinct.is_exact && ids.distinct.number.abs_diff(20_000) < 1_400, "{:?}", ids.distinct);
        assert!(ids.top.is_empty() && ids.null_rate == Some(0.0));
        let nulls = batch.columns().iter().zip(batch.schema_ref().fields());
        for (array, field) in nulls.filter(|(array, _)| !array.data_type().is_nested()) {
            let rate = column(&profile, field.name()).null_rate.unwrap();
            assert!(
                (rate - array.logical_null_count() as f64 / 20_000.0).abs() < 1e-12,
                "{format} {}",
                field.name()
            );
        }
    }
}

#[test]
fn texts_are_dates_only_if_all_are() {
    let folder = tempfile::tempdir().unwrap();
    let lines = [
        r#"{"day":"2025-03-01","mixed":"2025-03-01","none":"2025-02-30","short":"20250301"}"#,
        r#"{"day":null,"mixed":"01.03.2025","none":"2025-02-30","short":"20250301"}"#,
        r#"{"day":"2024-02-29"}"#,
    ];
    fs::write(folder.path().join("days.jsonl"), lines.join("\n")).unwrap();
    let profile = describe_folder(folder.path(), 1).unwrap();
    let day = column(&profile, "day");
    assert_eq!((day.min.as_deref(), day.max.as_deref()), (Some("2024-02-29"), Some("2025-03-01")));
    assert_eq!(day.null_rate, Some(1.0 / 3.0));
    for name in ["mixed", "none", "short"] {
        assert_eq!(column(&profile, name).min, None, "{name}");
    }
}

#[test]
fn folders_are_tables_and_partitions_are_columns() {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("events/kind=a/part-0.csv", "id,amount\n1,2.5\n2,\n"),
        ("events/kind=b%20c/part-0.csv", "id,amount\n3,x\n"),
        (
            "people/p.jsonl",
            "{\"name\":\"A\",\"tags\":[\"x\",\"y\"],\"at\":{\"city\":\"P\"}}\n{\"name\":\"B\",\"tags\":[]}\n",
        ),
        ("_ledger/secret.csv", "a\n1\n"),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let profile = describe_folder(folder.path(), 2).unwrap();
    assert_eq!((profile.dataset.clone(), profile.drifts.clone()), (None, None));
    let names: Vec<&str> = profile.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["events", "people"]);
    let events = &profile.tables[0];
    assert_eq!((events.rows, events.files), (3, 2));
    let kind = events.columns.iter().find(|column| column.name == "kind").unwrap();
    assert_eq!(kind.top[0], TopValue { value: "a".into(), count: 2, count_at_most: 2, share: 2.0 / 3.0 });
    let amount = events.columns.iter().find(|column| column.name == "amount").unwrap();
    assert_eq!((amount.null_rate, amount.distinct.number), (Some(1.0 / 3.0), 2));
    let people = &profile.tables[1];
    let paths: Vec<&str> = people.columns.iter().map(|column| column.name.as_str()).collect();
    for path in ["name", "tags", "tags[]", "at.city"] {
        assert!(paths.contains(&path), "{paths:?}");
    }
    let tags = people.columns.iter().find(|column| column.name == "tags").unwrap();
    assert_eq!((tags.min.as_deref(), tags.max.as_deref()), (Some("0"), Some("2")));
    let city = people.columns.iter().find(|column| column.name == "at.city").unwrap();
    assert_eq!(
        (city.rows, city.null_rate),
        (1, Some(0.0)),
        "a struct that is not there has no place for a city"
    );
}

#[test]
fn what_cannot_be_described_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = describe_folder(folder.path(), 1).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::BadInput);
    fs::write(folder.path().join("broken.parquet"), "PAR1 and no more").unwrap();
    let error = describe_folder(folder.path(), 1).unwrap_err();
    assert!(
        error.exit_code() == ExitCode::BadInput && error.to_string().contains("broken.parquet"),
        "{error}"
    );
    fs::remove_file(folder.path().join("broken.parquet")).unwrap();
    fs::write(folder.path().join("none.csv"), "a,b\n").unwrap();
    let profile = describe_folder(folder.path(), 1).unwrap();
    assert_eq!((profile.tables[0].rows, profile.tables[0].columns[0].null_rate), (0, None));
    let alone = describe_folder(&folder.path().join("none.csv"), 1).unwrap();
    assert_eq!(alone.tables[0].name, "none");
}
