//! `schemas/report.schema.json` describes what the library writes: no more, no less.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use driftforge::measure::{
    Case, Context, Coverage, Dataset, Detection, Measured, Origin, Outcome, PeakMemorySource, Record, Run,
    Runs, Setup,
};
use driftforge::reports::{Look, report};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

fn schema() -> Value {
    serde_json::from_str(include_str!("../schemas/report.schema.json")).expect("the schema is JSON")
}

fn validator() -> Validator {
    jsonschema::validator_for(&schema()).expect("the schema is a JSON Schema")
}

#[track_caller]
fn assert_accepted(instance: &Value) {
    let validator = validator();
    let errors: Vec<String> =
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

fn start(parameters: Map<String, Value>) -> Record {
    Record::start(Context {
        tool: "bench-drift".to_owned(),
        item: "claims".to_owned(),
        threads: 2,
        seed: Some(u64::MAX),
        parameters,
    })
}

/// A record in which every optional value is present.
fn full() -> Record {
    let run = |run| Run {
        run,
        wall_seconds: 0.02,
        cpu_seconds: Some(0.04),
        peak_rss_bytes: Some(41_000_000),
        items: 284_932,
        items_per_second: Some(14_246_600.0),
        events: Some(12),
    };
    let measured = Measured {
        warm_up_runs: 1,
        runs: (1..=5).map(run).collect(),
        peak_memory_source: Some(PeakMemorySource::HighWaterMark),
    };
    let dataset = Dataset {
        name: "claims".to_owned(),
        records: 1_000_000,
        digest: Some("0123456789abcdef".to_owned()),
        origin: Origin::Input { paths: vec!["claims.parquet".to_owned()] },
    };
    let setup = Setup { seconds: 0.4, bytes: Some(31_000_000), peak_rss_bytes: Some(88_000_000) };
    let mut case = Case::new(dataset, setup, measured).judge_claims();
    case.coverage = Some(Coverage {
        items_in_windows: 281_222,
        rows_with_nulls: 1_234,
        segments_considered: 224,
        segments_compared: 218,
    });
    case.detection = Some(Detection {
        drifts_watched: Some(7),
        drifts_found: Some(6),
        drifts_missed: Some(1),
        drifts_not_watched: Some(2),
        drifts_without_change: Some(1),
        events_matched: Some(11),
        events_unmatched: Some(1),
        precision: Some(11.0 / 12.0),
        recall: Some(6.0 / 7.0),
    });
    case.events = Some(vec![json!({"payer": "Payer A", "delta": 0.25})]);
    let mut record = start(Map::from_iter([("min_volume".to_owned(), json!(30))]));
    record.tool.git_commit = Some("1a2b3c4".to_owned());
    record.machine.cpu_model = Some("Example CPU".to_owned());
    record.machine.logical_cores = Some(2);
    record.machine.total_memory_bytes = Some(1 << 34);
    record.cases = vec![case];
    record
}

/// A record in which every optional value is absent.
fn minimal() -> Record {
    let dataset =
        Dataset { name: "claims".to_owned(), records: 0, digest: None, origin: Origin::GeneratedInMemory {} };
    let run = Run {
        run: 1,
        wall_seconds: 0.0,
        cpu_seconds: None,
        peak_rss_bytes: None,
        items: 0,
        items_per_second: None,
        events: None,
    };
    let measured = Measured { warm_up_runs: 0, runs: vec![run], peak_memory_source: None };
    let mut case = Case::new(dataset, Setup::default(), measured);
    case.detection = Some(Detection::default());
    let mut record = start(Map::new());
    (record.seed, record.tool.git_commit, record.machine.cpu_model) = (None, None, None);
    (record.machine.logical_cores, record.machine.total_memory_bytes) = (None, None);
    record.cases = vec![case];
    record
}

fn value(record: &Record) -> Value {
    serde_json::to_value(record).expect("a record is JSON")
}

#[test]
fn a_full_and_a_minimal_record_are_accepted() {
    assert_accepted(&value(&full()));
    assert_accepted(&value(&minimal()));
    assert_accepted(&value(&start(Map::new())));
}

#[test]
fn a_record_measured_here_is_accepted_as_the_json_report_prints_it() {
    let work = || Ok::<_, driftforge::Error>(Outcome { items: 10_000, events: Some(1) });
    let measured = Runs::new(1, 2).measure(work, |_| ()).unwrap();
    let dataset = Dataset {
        name: "claims".to_owned(),
        records: 10_000,
        digest: None,
        origin: Origin::GeneratedParquet {},
    };
    let mut record = start(Map::new());
    record.cases.push(Case::new(dataset, Setup::default(), measured).judge_claims());
    let mut out = Vec::new();
    report("json", Look::default()).unwrap().render(&record, &mut out).unwrap();
    assert_accepted(&serde_json::from_slice(&out).unwrap());
}

/// JSON pointers of all values in `value`, itself first; nothing below `parameters` and an event, which are
/// open on purpose.
fn pointers(value: &Value, pointer: String, found: &mut Vec<String>) {
    found.push(pointer.clone());
    if pointer.ends_with("/parameters") || pointer.contains("/events/") {
        return;
    }
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, member)| pointers(member, format!("{pointer}/{key}"), found));
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                pointers(element, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn all_pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    pointers(value, String::new(), &mut found);
    found
}

fn is_open(pointer: &str) -> bool {
    pointer.ends_with("/parameters") || pointer.contains("/events/")
}

/// Every object of `record` with its pointer, but those that are open.
fn closed_objects(record: &Value) -> Vec<(String, Map<String, Value>)> {
    all_pointers(record)
        .into_iter()
        .filter(|pointer| !is_open(pointer))
        .filter_map(|pointer| {
            let members = record.pointer(&pointer)?.as_object()?.clone();
            Some((pointer, members))
        })
        .collect()
}

#[test]
fn a_key_too_many_is_refused_in_every_object() {
    let validator = validator();
    let record = value(&full());
    let objects = closed_objects(&record);
    assert!(objects.len() > 16, "the full record lost objects: {}", objects.len());
    for (pointer, _) in objects {
        let mut changed = record.clone();
        changed.pointer_mut(&pointer).unwrap()["unheard_of"] = json!(1);
        assert!(!validator.is_valid(&changed), "a key was added at `{pointer}`");
    }
}

#[test]
fn a_key_missing_or_renamed_is_refused_in_every_object() {
    let validator = validator();
    let record = value(&full());
    for (pointer, members) in closed_objects(&record) {
        for key in members.keys() {
            let mut changed = record.clone();
            let object = changed.pointer_mut(&pointer).unwrap().as_object_mut().unwrap();
            let member = object.remove(key).unwrap();
            assert!(!validator.is_valid(&changed), "`{pointer}/{key}` was removed");
            let object = changed.pointer_mut(&pointer).unwrap().as_object_mut().unwrap();
            object.insert(format!("{key}_"), member);
            assert!(!validator.is_valid(&changed), "`{pointer}/{key}` was renamed");
        }
    }
}

#[test]
fn a_value_of_another_type_is_refused_everywhere() {
    let validator = validator();
    let record = value(&full());
    for pointer in all_pointers(&record) {
        let mut changed = record.clone();
        *changed.pointer_mut(&pointer).unwrap() = json!(true);
        assert!(!validator.is_valid(&changed), "`{pointer}` became true");
    }
}

#[test]
fn null_is_allowed_exactly_where_the_library_may_write_it() {
    let validator = validator();
    let record = value(&full());
    for pointer in all_pointers(&record) {
        let mut changed = record.clone();
        *changed.pointer_mut(&pointer).unwrap() = Value::Null;
        // Reading is the library's own word on what is optional.
        let library = serde_json::from_value::<Record>(changed.clone()).is_ok();
        let open = pointer.contains("/events/");
        assert_eq!(validator.is_valid(&changed), library && !open, "`{pointer}` became null");
    }
}

#[test]
fn numbers_outside_their_range_are_refused() {
    let validator = validator();
    let changes = [
        ("/format_version", json!(2)),
        ("/threads", json!(0)),
        ("/started_at", json!("yesterday")),
        ("/cases/0/runs/0/wall_seconds", json!(-0.1)),
        ("/cases/0/runs/0/items", json!(1.5)),
        ("/cases/0/grade", json!("superb")),
        ("/cases/0/target/throughput", json!("almost")),
        ("/cases/0/detection/recall", json!(1.01)),
        ("/cases/0/dataset/origin/kind", json!("generated-parquet")),
    ];
    for (pointer, wrong) in changes {
        let mut changed = value(&full());
        *changed.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&changed), "{pointer}");
    }
}

#[test]
fn every_described_key_is_written_and_every_one_is_described() {
    let mut described = BTreeSet::new();
    for (name, definition) in schema()["$defs"].as_object().unwrap() {
        let variants = definition["oneOf"].as_array().cloned().unwrap_or_default();
        for object in variants.iter().chain([definition]) {
            for (key, property) in object["properties"].as_object().into_iter().flatten() {
                assert!(property["description"].is_string(), "{name}.{key} has no description");
                described.insert(key.clone());
            }
        }
    }
    let record = value(&full());
    let written: BTreeSet<String> = closed_objects(&record)
        .into_iter()
        .flat_map(|(_, members)| members.into_iter().map(|(key, _)| key))
        .collect();
    assert_eq!(described, written);
}
