//! Structs and lists of entries, and the tables made of them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int16Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use driftforge_generators::{Collection, Plan, Run, Spec};
use proptest::prelude::*;

const MAILS: &str = include_str!("mails.toml");
const RECORDS: u64 = 4_000;

fn run() -> Run {
    Run { records: RECORDS, seed: 42, customer: 3, as_of: None, drift: true, dirt: false }
}

fn mails() -> Collection {
    Collection::new(&Spec::parse(MAILS, "mails.toml").unwrap(), &run()).unwrap()
}

fn rows_of(batch: &RecordBatch) -> Vec<String> {
    (0..batch.num_rows()).map(|row| format!("{:?}", batch.slice(row, 1).columns())).collect()
}

/// The texts of a column of texts or categories.
fn texts(column: &ArrayRef) -> Vec<Option<String>> {
    let code = column.as_any_dictionary_opt().map(|dictionary| dictionary.normalized_keys());
    let values = match column.as_any_dictionary_opt() {
        Some(dictionary) => dictionary.values().as_string::<i32>(),
        None => column.as_string::<i32>(),
    };
    let text = |row: usize| values.value(code.as_ref().map_or(row, |code| code[row])).to_owned();
    (0..column.len()).map(|row| column.is_valid(row).then(|| text(row))).collect()
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a ArrayRef {
    batch.column_by_name(name).unwrap()
}

/// The texts of a field of the entries of each row.
fn entries(batch: &RecordBatch, list: &str, field: &str) -> Vec<Vec<Option<String>>> {
    let list = column(batch, list).as_list::<i32>();
    let all = texts(list.values().as_struct().column_by_name(field).unwrap());
    let ends = list.value_offsets();
    ends.windows(2).map(|ends| all[ends[0] as usize..ends[1] as usize].to_vec()).collect()
}

fn files(mails: &Collection) -> &Plan {
    mails.table("files").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_places_are_the_slice_of_the_whole(start in 0..RECORDS, length in 0..100u64) {
        let part = start..(start + length).min(RECORDS);
        let whole = part.start.saturating_sub(50)..(part.end + 50).min(RECORDS);
        for table in mails().tables() {
            let mut joined = Vec::new();
            for places in [whole.start..part.start, part.clone(), part.end..whole.end] {
                joined.extend(rows_of(&table.batch(places)));
            }
            prop_assert_eq!(&joined, &rows_of(&table.batch(whole.clone())), "{}", table.table());
        }
    }
}

#[test]
fn any_rows_are_made_alone() {
    let mails = mails();
    let picked: Vec<u64> = vec![17, 3, 3, 3_999, 0];
    let whole = rows_of(&mails.root().batch(0..RECORDS));
    let expected: Vec<String> = picked.iter().map(|row| whole[*row as usize].clone()).collect();
    assert_eq!(rows_of(&mails.root().rows(&picked)), expected);
}

#[test]
fn the_rows_of_the_child_are_the_entries_of_the_list() {
    let mails = mails();
    let parents = mails.root().batch(0..RECORDS);
    let children = files(&mails).batch(0..RECORDS);
    for field in ["mail", "name", "format", "seal"] {
        let expected: Vec<Option<String>> = entries(&parents, "files", field).concat();
        assert_eq!(texts(column(&children, field)), expected, "{field}");
    }
    assert_eq!(texts(column(&children, "mail")), texts(column(&children, "parent_mail")));
    assert!(column(&children, "name").null_count() == 0 && column(&children, "seal").null_count() > 0);
    let photos = column(&children, "is_photo").as_boolean();
    let formats = texts(column(&children, "format"));
    assert!(
        (0..children.num_rows()).all(|row| photos.value(row) == (formats[row].as_deref() == Some("jpg")))
    );
}

#[test]
fn a_child_of_a_missing_list_has_rows_without_entries() {
    let mails = mails();
    let parents = mails.root().batch(0..RECORDS);
    let children = files(&mails).batch(0..RECORDS);
    let drafts = column(&parents, "drafts");
    let counts = column(&parents, "file_count").as_primitive::<Int16Type>();
    let missing: i64 = (0..parents.num_rows())
        .filter(|row| drafts.is_null(*row))
        .map(|row| i64::from(counts.value(row)))
        .sum();
    assert!(missing > 500);
    assert_eq!(column(&children, "draft").null_count() as i64, missing);
}

#[test]
fn a_table_that_does_not_count_has_the_first_entry() {
    let mails = mails();
    let parents = mails.root().batch(0..RECORDS);
    let offices = texts(column(&parents, "office"));
    let names = entries(&parents, "files", "name");
    let south = (0..names.len()).filter(|row| offices[*row].as_deref() == Some("south"));
    let expected: Vec<Option<String>> = south.map(|row| names[row].first().cloned().flatten()).collect();
    let covers = mails.table("covers").unwrap().batch(0..RECORDS);
    assert_eq!(texts(column(&covers, "name")), expected);
}

#[test]
fn lists_are_as_long_as_they_are_counted() {
    let batch = mails().root().batch(0..RECORDS);
    let counts = column(&batch, "file_count").as_primitive::<Int16Type>();
    let list = column(&batch, "files").as_list::<i32>();
    assert!((0..batch.num_rows()).all(|row| list.value_length(row) == i32::from(counts.value(row))));
    let drafts = column(&batch, "drafts").as_list::<i32>();
    assert!((0..batch.num_rows()).all(|row| drafts.is_null(row)
        == (drafts.value_length(row) == 0 && (counts.value(row) > 0 || drafts.is_null(row)))));
}

#[test]
fn fields_are_lists_or_joined_texts() {
    let batch = mails().root().batch(0..RECORDS);
    let names = column(&batch, "file_names").as_list::<i32>();
    let ends = names.value_offsets();
    let all = texts(names.values());
    let listed: Vec<_> =
        ends.windows(2).map(|ends| all[ends[0] as usize..ends[1] as usize].to_vec()).collect();
    assert_eq!(listed, entries(&batch, "files", "name"));
    for (joined, list, field, between) in
        [("formats", "files", "format", ", "), ("seals", "files", "seal", ";")]
    {
        let join =
            |texts: Vec<Option<String>>| Some(texts.into_iter().flatten().collect::<Vec<_>>().join(between));
        let expected: Vec<_> = entries(&batch, list, field).into_iter().map(join).collect();
        assert_eq!(texts(column(&batch, joined)), expected);
    }
}

#[test]
fn a_struct_holds_the_columns_it_names() {
    let batch = mails().root().batch(0..RECORDS);
    let data = column(&batch, "data").as_struct();
    assert_eq!(data.column_names(), ["note", "place", "files", "file_names"]);
    assert_eq!(texts(data.column(1)), texts(column(&batch, "office")));
    assert_eq!(data.column(2), column(&batch, "files"));
    let share = data.null_count() as f64 / RECORDS as f64;
    assert!((share - 0.1).abs() < 0.02, "{share}");
    let place = texts(column(&batch, "place"));
    let offices = texts(column(&batch, "office"));
    for row in 0..batch.num_rows() {
        assert_eq!(place[row], data.is_valid(row).then(|| offices[row].clone()).flatten());
    }
}

#[test]
fn entries_drift_with_the_segment_of_their_row() {
    let photos = |drift: bool, late: bool, office: &str| {
        let spec = Spec::parse(MAILS, "").unwrap();
        let batch = Collection::new(&spec, &Run { drift, ..run() }).unwrap().root().batch(0..RECORDS);
        let days = column(&batch, "sent_on").as_primitive::<Date32Type>().values();
        let last = days.iter().max().unwrap();
        let offices = texts(column(&batch, "office"));
        let within =
            |row: &usize| (days[*row] > last - 20) == late && offices[*row].as_deref() == Some(office);
        let formats = entries(&batch, "files", "format");
        let formats: Vec<_> =
            (0..batch.num_rows()).filter(within).flat_map(|row| formats[row].clone()).collect();
        formats.iter().filter(|format| format.as_deref() == Some("jpg")).count() as f64 / formats.len() as f64
    };
    // Weight 27 of 30 instead of 1 of 4.
    assert!((photos(true, true, "north") - 0.9).abs() < 0.04);
    for share in [photos(true, true, "south"), photos(true, false, "north"), photos(false, true, "north")] {
        assert!((share - 0.25).abs() < 0.06, "{share}");
    }
    let drift = &mails().truth().drifts[0];
    assert_eq!((drift.column.as_str(), drift.table.as_deref()), ("files.format", Some("mails")));
    assert!(drift.parameter.is_none() && drift.rows.is_none());
}

/// Replaces `from` with `to`, and expects a refusal that has every one of `parts`.
#[track_caller]
fn refused(from: &str, to: &str, parts: &[&str]) {
    assert!(MAILS.contains(from), "the mails have no {from:?}");
    let text = MAILS.replacen(from, to, 1);
    let message = match Spec::parse(&text, "my.toml").and_then(|spec| Collection::new(&spec, &run())) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(error) => error.to_string(),
    };
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

#[test]
fn unusable_nesting_is_refused_with_what_is_allowed() {
    refused("count = \"file_count\"", "count = \"office\"", &["\"files\"", "count", "\"office\""]);
    refused("count = \"file_count\"\n", "", &["\"files\"", "count"]);
    refused("item = [{ name = \"code\", kind = \"row_hash\" }]", "item = []", &["\"drafts\"", "shown"]);
    refused(
        "name = \"code\", kind = \"row_hash\"",
        "name = \"code\", kind = \"hash\"",
        &["\"drafts\"", "item", "\"code\"", "\"row_hash\""],
    );
    refused(
        "kind = \"parent\"\ncolumn = \"office\"",
        "kind = \"parent\"\ncolumn = \"files\"",
        &["\"files\"", "\"office\""],
    );
    refused("kind = \"parent\"\ncolumn = \"sent_on\"", "kind = \"calendar\"", &["\"files\"", "root table"]);
    refused("field = \"name\"", "field = \"names\"", &["\"file_names\"", "\"names\"", "\"name\""]);
    refused(
        "of = \"files\"\nfield = \"name\"",
        "of = \"office\"\nfield = \"name\"",
        &["\"file_names\"", "of", "\"office\"", "items"],
    );
    refused(
        "of = \"data\"\nfield = \"place\"",
        "of = \"data\"\nfield = \"place\"\njoin = \",\"",
        &["\"place\"", "join"],
    );
    refused("join = \", \"", "join = \"12345678901234567\"", &["join", "16 bytes"]);
    refused("[\"place\", \"office\"]", "[\"place\", \"note\", \"office\"]", &["\"data\"", "[NAME, COLUMN]"]);
    refused("[\"place\", \"office\"]", "[\"note\", \"office\"]", &["\"data\"", "\"note\"", "twice"]);
    refused("[\"place\", \"office\"]", "\"seal\"", &["\"data\"", "fields", "\"seal\""]);
    refused(
        "of = \"files\"\nfield = \"mail\"",
        "of = \"office\"\nfield = \"mail\"",
        &["\"mail\"", "\"office\"", "items"],
    );
    refused(
        "of = \"files\"\nfield = \"mail\"",
        "of = \"files\"\nfield = \"email\"",
        &["\"email\"", "\"mail\""],
    );
    refused(
        "column = \"files.format\"",
        "column = \"files.fromat\"",
        &["photos in the north", "\"fromat\"", "\"format\""],
    );
    refused("column = \"files.format\"", "column = \"office.format\"", &["photos in the north", "items"]);
    refused(
        "segment = { office = \"north\" }\nstart",
        "segment = { seal = \"x\" }\nstart",
        &["photos in the north", "segment"],
    );
}
