//! What the enricher makes of the events: rows of projects, people, media, tasks, links and videos.

use std::collections::BTreeMap;

use crate::{assert_share, dataset, median, rows};

const RECORDS: u64 = 40_000;

#[test]
fn every_event_of_a_kind_has_its_entity() {
    let collection = dataset("claimx-events", RECORDS, true);
    let types = rows(&collection, "claimx_events").all_texts("event_type");
    for (table, kind) in [
        ("claimx_projects", "PROJECT_CREATED"),
        ("claimx_attachment_metadata", "PROJECT_FILE_ADDED"),
        ("claimx_tasks", "CUSTOM_TASK_ASSIGNED"),
        ("claimx_task_templates", "CUSTOM_TASK_ASSIGNED"),
        ("claimx_video_collab", "VIDEO_COLLABORATION_INVITE_SENT"),
    ] {
        let events = types.iter().filter(|name| *name == kind).count();
        assert_eq!(rows(&collection, table).len(), events, "{table}");
    }
}

#[test]
fn projects_stand_where_the_value_guide_says() {
    let projects = rows(&dataset("claimx-events", RECORDS, false), "claimx_projects");
    let status = projects.all_texts("status");
    for (name, share) in [("Active", 0.70), ("Closed", 0.25), ("Cancelled", 0.05)] {
        assert_share(status.iter().filter(|status| *status == name).count(), status.len(), share, name);
    }
    let losses = projects.all_texts("type_of_loss");
    for (name, share) in [("water", 0.30), ("wind", 0.18), ("hail", 0.15), ("fire", 0.08)] {
        assert_share(losses.iter().filter(|loss| *loss == name).count(), losses.len(), share, name);
    }
    let days = |name: &str| {
        let days = arrow_cast::cast(projects.column(name), &arrow_schema::DataType::Int32).unwrap();
        arrow_array::cast::AsArray::as_primitive::<arrow_array::types::Int32Type>(&days).values().to_vec()
    };
    let age =
        days("created_date").into_iter().zip(days("date_of_loss")).map(|(created, lost)| created - lost);
    assert!(age.into_iter().all(|days| (1..=30).contains(&days)));
}

#[test]
fn every_project_has_a_policyholder_and_one_to_three_representatives() {
    let contacts = rows(&dataset("claimx-events", RECORDS, true), "claimx_contacts");
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (project, kind) in
        contacts.all_texts("project_id").into_iter().zip(contacts.all_texts("contact_type"))
    {
        let counts = kinds.entry(project).or_default();
        if kind == "POLICYHOLDER" { counts.0 += 1 } else { counts.1 += 1 }
    }
    assert!(kinds.values().all(|(holders, reps)| *holders == 1 && (1..=3).contains(reps)));
}

#[test]
fn three_photos_of_five_know_where_they_were_taken() {
    let media = rows(&dataset("claimx-events", RECORDS, false), "claimx_attachment_metadata");
    let types = media.all_texts("file_type");
    let (north, east, source) =
        (media.numbers("latitude"), media.numbers("longitude"), media.texts("gps_source"));
    let is_photo = |row: &usize| ["jpg", "png", "heic"].contains(&types[*row].as_str());
    let photos: Vec<usize> = (0..types.len()).filter(is_photo).collect();
    assert_share(photos.iter().filter(|row| north[**row].is_some()).count(), photos.len(), 0.6, "places");
    for row in 0..types.len() {
        assert_eq!(
            (north[row].is_some(), north[row].is_some()),
            (east[row].is_some(), source[row].is_some())
        );
        assert!(north[row].is_none() || is_photo(&row));
        assert!(north[row].is_none_or(|degrees| (25.0..=49.0).contains(&degrees)));
        assert!(east[row].is_none_or(|degrees| (-124.0..=-67.0).contains(&degrees)));
    }
    let sizes = media.all_numbers("file_size");
    let of = |kind: &str| {
        median((0..sizes.len()).filter(|row| types[*row] == kind).map(|row| sizes[row]).collect())
    };
    assert!((of("jpg") / 900_000.0 - 1.0).abs() < 0.1 && (of("pdf") / 150_000.0 - 1.0).abs() < 0.1);
}

#[test]
fn media_rows_tell_what_their_event_tells() {
    let collection = dataset("claimx-events", 5_000, true);
    let (events, media) =
        (rows(&collection, "claimx_events"), rows(&collection, "claimx_attachment_metadata"));
    let raw = events.inner("raw_data");
    let told = events.texts("media_id").into_iter().zip(raw.texts("fileName")).zip(raw.numbers("fileSize"));
    let told: Vec<_> = told.filter(|((id, _), _)| id.is_some()).collect();
    let stored =
        media.texts("media_id").into_iter().zip(media.texts("file_name")).zip(media.numbers("file_size"));
    assert_eq!(told, stored.collect::<Vec<_>>());
    let (links, files) = (media.all_texts("full_download_link"), media.all_texts("file_name"));
    let (created, expires) = (media.instants("created_at"), media.instants("expires_at"));
    for row in 0..media.len() {
        assert!(links[row].starts_with("https://media.example.com/") && links[row].contains(&files[row]));
        assert!(
            links[row].contains(&format!("systemDate={}&expires=86400000", created[row].unwrap() / 1_000))
        );
        assert_eq!(expires[row].unwrap() - created[row].unwrap(), 86_400_000_000);
    }
}

#[test]
fn a_task_is_completed_when_its_first_completion_comes_in() {
    let collection = dataset("claimx-events", RECORDS, true);
    let (events, tasks) = (rows(&collection, "claimx_events"), rows(&collection, "claimx_tasks"));
    let mut completed: BTreeMap<String, i64> = BTreeMap::new();
    let (types, times) = (events.all_texts("event_type"), events.instants("ingested_at"));
    for (row, task) in events.texts("task_assignment_id").into_iter().enumerate() {
        if let Some(task) = task.filter(|_| types[row] == "CUSTOM_TASK_COMPLETED") {
            completed.entry(task).or_insert(times[row].unwrap());
        }
    }
    let dates = tasks.instants("date_completed");
    for (row, id) in tasks.all_texts("assignment_id").into_iter().enumerate() {
        assert_eq!(dates[row], completed.get(&id).copied(), "task {id}");
    }
    let done = tasks.all_texts("status").into_iter().map(|status| status == "COMPLETED");
    assert!(done.eq(dates.iter().map(Option::is_some)));
    let (assigned, count) = (tasks.instants("date_assigned"), dates.iter().flatten().count());
    assert!(assigned.iter().zip(&dates).all(|(from, to)| to.is_none_or(|to| to >= from.unwrap())));
    // As many tasks are completed as are given, but each completion picks one of those given: a share 1 - 1/e of them
    // is picked at all, if all are as likely.
    let share = count as f64 / tasks.len() as f64;
    assert!((0.3..0.75).contains(&share), "{share}");
}

#[test]
fn seven_tasks_of_ten_have_a_link() {
    let collection = dataset("claimx-events", RECORDS, false);
    let (tasks, links) = (rows(&collection, "claimx_tasks"), rows(&collection, "claimx_external_links"));
    assert_share(links.len(), tasks.len(), 0.7, "links");
    let (counts, opened) = (links.all_numbers("accessed_count"), links.instants("last_accessed"));
    assert!(counts.iter().zip(&opened).all(|(count, opened)| (*count > 0.0) == opened.is_some()));
    assert_share(counts.iter().filter(|count| **count == 0.0).count(), counts.len(), 0.25, "never opened");
    let videos = rows(&collection, "claimx_video_collab");
    assert!(videos.all_numbers("number_of_photos").iter().all(|photos| (0.0..=30.0).contains(photos)));
    assert!(videos.all_numbers("total_time_seconds").iter().all(|time| (60.0..=2_700.0).contains(time)));
}

#[test]
fn a_template_is_the_same_in_every_task() {
    let templates = rows(&dataset("claimx-events", RECORDS, true), "claimx_task_templates");
    let columns = ["name", "description", "form_id", "form_name", "enabled", "modified_by_id"];
    let columns: Vec<Vec<String>> = columns.iter().map(|column| templates.all_texts(column)).collect();
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (row, id) in templates.all_texts("task_id").into_iter().enumerate() {
        let values: Vec<String> = columns.iter().map(|column| column[row].clone()).collect();
        assert_eq!(known.entry(id).or_insert_with(|| values.clone()), &values);
    }
    assert_eq!(known.len(), 40);
}
