//! Events of the portal: their mix, their order, and what they refer to.

use std::collections::{BTreeMap, BTreeSet};

use crate::{assert_share, dataset, rows};
use sha1::{Digest, Sha1};
use uuid::{Builder, Uuid};

const RECORDS: u64 = 40_000;
/// Type, weight out of 171, calls of the API that its enrichment takes, and the id that it alone has.
const TYPES: [(&str, f64, f64, Option<&str>); 10] = [
    ("PROJECT_FILE_ADDED", 50.0, 2.0, Some("media_id")),
    ("CUSTOM_TASK_ASSIGNED", 30.0, 2.0, Some("task_assignment_id")),
    ("CUSTOM_TASK_COMPLETED", 30.0, 2.0, Some("task_assignment_id")),
    ("PROJECT_CREATED", 15.0, 1.0, None),
    ("POLICYHOLDER_INVITED", 15.0, 1.0, None),
    ("POLICYHOLDER_JOINED", 15.0, 1.0, None),
    ("PROJECT_MFN_ADDED", 5.0, 1.0, Some("master_file_name")),
    ("VIDEO_COLLABORATION_INVITE_SENT", 5.0, 2.0, Some("video_collaboration_id")),
    ("VIDEO_COLLABORATION_COMPLETED", 5.0, 2.0, Some("video_collaboration_id")),
    ("PROJECT_AUTO_XA_LINKING_UNSUCCESSFUL", 1.0, 0.0, None),
];

#[test]
fn types_have_their_shares_and_their_calls() {
    let events = rows(&dataset("claimx-events", RECORDS, false), "claimx_events");
    let (types, calls) = (events.all_texts("event_type"), events.all_numbers("expected_api_calls"));
    for (name, weight, expected, _) in TYPES {
        let of_type: Vec<usize> = (0..types.len()).filter(|row| types[*row] == name).collect();
        assert_share(of_type.len(), types.len(), weight / 171.0, name);
        assert!(of_type.iter().all(|row| calls[*row] == expected), "{name}");
    }
    let mean = calls.iter().sum::<f64>() / calls.len() as f64;
    assert!((mean - 290.0 / 171.0).abs() < 0.02, "{mean} calls an event");
}

#[test]
fn ids_are_there_where_the_type_has_them() {
    let events = rows(&dataset("claimx-events", RECORDS, false), "claimx_events");
    let types = events.all_texts("event_type");
    let mut missing = 0;
    for column in ["media_id", "task_assignment_id", "video_collaboration_id", "master_file_name"] {
        for (row, value) in events.texts(column).into_iter().enumerate() {
            let has = TYPES.iter().any(|(name, _, _, id)| *name == types[row] && *id == Some(column));
            // A task or video can be completed only when there is one; some of the first rows find none.
            let early = types[row].ends_with("_COMPLETED") && row < 9_000;
            missing += usize::from(has && value.is_none());
            assert!(value.is_some() == has || early, "row {row}: {} has {column} {value:?}", types[row]);
            let digits = value.is_none_or(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(digits || column == "master_file_name");
        }
    }
    assert!(missing < 80, "{missing} events have no id");
}

#[test]
fn events_come_in_order_of_time_on_their_day() {
    let events = rows(&dataset("claimx-events", RECORDS, true), "claimx_events");
    let (instants, days) = (events.instants("ingested_at"), events.column("event_date").clone());
    let days = arrow_cast::cast(&days, &arrow_schema::DataType::Int32).unwrap();
    let days: &arrow_array::Int32Array = arrow_array::cast::AsArray::as_primitive(&days);
    assert!(instants.windows(2).all(|pair| pair[0] <= pair[1]));
    for (instant, day) in instants.iter().zip(days) {
        assert_eq!(instant.unwrap().div_euclid(86_400_000_000), i64::from(day.unwrap()));
    }
    let stored = events.instants("created_at");
    assert!(instants.iter().zip(&stored).all(|(ingested, stored)| ingested <= stored));
}

#[test]
fn nothing_happens_to_a_project_task_or_video_before_it_is_there() {
    let events = rows(&dataset("claimx-events", RECORDS, true), "claimx_events");
    let (types, projects) = (events.all_texts("event_type"), events.all_texts("project_id"));
    let (tasks, videos) = (events.texts("task_assignment_id"), events.texts("video_collaboration_id"));
    let mut created = BTreeSet::new();
    let mut begun: BTreeMap<&str, &str> = BTreeMap::new();
    for row in 0..types.len() {
        let project = projects[row].as_str();
        match types[row].as_str() {
            "PROJECT_CREATED" => assert!(created.insert(project), "{project} is created twice"),
            kind => assert!(created.contains(project), "row {row}: {kind} before {project} was created"),
        }
        for (id, first) in
            [(&tasks[row], "CUSTOM_TASK_ASSIGNED"), (&videos[row], "VIDEO_COLLABORATION_INVITE_SENT")]
        {
            let Some(id) = id else { continue };
            if types[row] == first {
                assert!(begun.insert(id, project).is_none(), "{id} begins twice");
            } else {
                assert_eq!(begun.get(id.as_str()), Some(&project), "row {row}: {id} of another project");
            }
        }
    }
}

/// Most projects are quiet and a few are busy; none is so busy that it hides the others.
#[test]
fn few_projects_have_most_events() {
    let events = rows(&dataset("claimx-events", RECORDS, false), "claimx_events");
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for project in events.all_texts("project_id") {
        *counts.entry(project).or_default() += 1;
    }
    let mut counts: Vec<usize> = counts.into_values().collect();
    counts.sort_unstable();
    let all: usize = counts.iter().sum();
    let busiest: usize = counts[counts.len() * 9 / 10..].iter().sum();
    assert!(busiest as f64 > 0.6 * all as f64, "a tenth of the projects has {busiest} of {all} events");
    assert!(counts[counts.len() / 2] <= 3 && *counts.last().unwrap() < all / 5, "{:?}", counts.last());
}

/// UUIDv5 as RFC 9562, section 5.5 has it: SHA-1 of the namespace and the name.
#[test]
fn event_ids_can_be_made_again_from_the_event() {
    let events = rows(&dataset("claimx-events", 3_000, true), "claimx_events");
    let (ids, types) = (events.all_texts("event_id"), events.all_texts("event_type"));
    let (projects, media) = (events.all_texts("project_id"), events.texts("media_id"));
    let instants = events.instants("ingested_at");
    let mut checked = 0;
    for row in (0..ids.len()).filter(|row| media[*row].is_some()) {
        let at = chrono::DateTime::from_timestamp_micros(instants[row].unwrap()).unwrap();
        let at = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let name =
            format!("claimx:{}|{}|{at}|media:{}", projects[row], types[row], media[row].as_ref().unwrap());
        let digest = Sha1::new().chain_update(Uuid::NAMESPACE_URL.as_bytes()).chain_update(name).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        assert_eq!(ids[row], Builder::from_sha1_bytes(bytes).into_uuid().to_string());
        checked += 1;
    }
    assert!(checked > 500);
}

#[test]
fn drift_moves_the_mix_when_the_truth_says() {
    let share = |drift: bool| {
        let events = rows(&dataset("claimx-events", RECORDS, drift), "claimx_events");
        let types = events.all_texts("event_type");
        let last = &types[types.len() * 95 / 100..];
        last.iter().filter(|name| *name == "PROJECT_FILE_ADDED").count() as f64 / last.len() as f64
    };
    let (with, without) = (share(true), share(false));
    // 50 of 156 against 90 of 196, of the events that are no creations.
    assert!(with > without + 0.08, "{with} against {without}");
}
