//! What attachment events promise beside what all datasets do.

use std::collections::BTreeMap;

use super::tables::{collection, texts};

const EVENTS: u64 = 40_000;

fn column(table: &str, name: &str) -> Vec<Option<String>> {
    texts(&collection("attachment-events", EVENTS).table(table).unwrap().batch(0..EVENTS), name)
}

fn share(count: usize, of: usize) -> f64 {
    count as f64 / of as f64
}

#[test]
fn events_are_in_order_of_time_but_for_repeats() {
    let collection = collection("attachment-events", EVENTS);
    let table = collection.root().batch(0..EVENTS);
    let (times, traces) = (texts(&table, "utcDateTime"), texts(&table, "traceId"));
    let mut seen = BTreeMap::new();
    let mut latest = String::new();
    let mut repeats = 0;
    for (time, trace) in times.into_iter().zip(traces) {
        let (time, Some(trace)) = (time.unwrap(), trace) else { continue };
        if seen.insert(trace, ()).is_some() {
            repeats += 1;
        } else {
            assert!(time >= latest, "{time} after {latest}");
            latest = time;
        }
    }
    // One event in two hundred; five standard errors.
    let expected = EVENTS as f64 * 0.005;
    assert!((f64::from(repeats) - expected).abs() < 5.0 * expected.sqrt(), "{repeats} repeats");
}

#[test]
fn shares_are_those_of_the_field() {
    let attachments = column("xact_events", "attachments");
    let none = attachments.iter().flatten().filter(|text| text.is_empty()).count();
    assert!((share(none, attachments.len()) - 0.45).abs() < 0.04, "{}", share(none, attachments.len()));
    let faults = column("xact_faults", "fault").len();
    assert!((0.004..0.009).contains(&share(faults, EVENTS as usize)), "{faults}");
    let statuses = column("xact_expected_results", "status");
    let completed = statuses.iter().flatten().filter(|status| *status == "completed").count();
    assert!((0.92..0.96).contains(&share(completed, statuses.len())), "{}", share(completed, statuses.len()));
}

#[test]
fn blob_paths_follow_the_rule_of_their_subtype() {
    let collection = collection("attachment-events", 5_000);
    let table = collection.table("xact_download_tasks").unwrap().batch(0..5_000);
    let [paths, subtypes, assignments, traces, versions, types] =
        ["blob_path", "status_subtype", "assignment_id", "trace_id", "estimate_version", "file_type"]
            .map(|name| texts(&table, name));
    for row in 0..table.num_rows() {
        let [path, subtype, assignment, trace, file_type] =
            [&paths, &subtypes, &assignments, &traces, &types].map(|column| column[row].clone().unwrap());
        let prefix = match subtype.as_str() {
            "firstNoticeOfLossReceived" => "FNOL_".to_owned(),
            "estimatePackageReceived" => format!("{}_", versions[row].as_deref().unwrap_or("unknown")),
            _ => String::new(),
        };
        let folder = format!("{subtype}/{assignment}/{trace}/{assignment}_{prefix}");
        let name =
            path.strip_prefix(&folder).unwrap_or_else(|| panic!("{path} does not begin with {folder}"));
        assert!(name.ends_with(&format!(".{}", file_type.to_lowercase())), "{path} of {file_type}");
        assert!(!name.contains('?') && !name.contains('/'), "{name}");
    }
}

#[test]
fn a_task_s_address_is_one_of_its_event_s() {
    let collection = collection("attachment-events", 2_000);
    let events = collection.table("xact_events").unwrap().batch(0..2_000);
    let addresses: BTreeMap<String, String> = texts(&events, "trace_id")
        .into_iter()
        .flatten()
        .zip(texts(&events, "attachments").into_iter().flatten())
        .collect();
    let tasks = collection.table("xact_download_tasks").unwrap().batch(0..2_000);
    let (traces, urls) = (texts(&tasks, "trace_id"), texts(&tasks, "attachment_url"));
    assert!(tasks.num_rows() > 1_500);
    for (trace, url) in traces.into_iter().flatten().zip(urls.into_iter().flatten()) {
        assert!(addresses[&trace].split(',').any(|known| known == url), "{trace}: {url}");
        assert!((80..=900).contains(&url.len()), "{url}");
    }
}
