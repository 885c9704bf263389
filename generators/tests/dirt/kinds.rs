//! What each kind does to the values it hits, and how often.

use super::{Entry, RECORDS, grid, ledger, planned, run, tables, values_of};
use arrow_schema::DataType;
use std::collections::BTreeSet;

/// The ledgers of both tables in one.
fn all() -> Vec<Entry> {
    tables(true).iter().flat_map(ledger).collect()
}

fn clean_column(table: usize, name: &str) -> Vec<Option<String>> {
    let plan = tables(false)[table].project(&[name]).unwrap();
    grid(&plan.batch(0..RECORDS)).into_iter().map(|mut row| row.remove(0)).collect()
}

/// Expects that the rate of hits among `chances` is within five standard deviations of `rate`.
#[track_caller]
fn about(hits: usize, chances: usize, rate: f64) {
    let deviation = (rate * (1.0 - rate) / chances as f64).sqrt();
    let share = hits as f64 / chances as f64;
    assert!((share - rate).abs() < 5.0 * deviation, "{hits} of {chances} at rate {rate}");
}

fn number(text: &Option<String>) -> f64 {
    text.as_ref().unwrap().parse().unwrap()
}

fn day(text: &Option<String>) -> i64 {
    let date: chrono::NaiveDate = text.as_ref().unwrap().parse().unwrap();
    date.signed_duration_since(chrono::NaiveDate::default()).num_days()
}

#[test]
fn values_go_missing_at_random_by_others_and_by_themselves() {
    let entries = all();
    let count = |id: &str| values_of(&entries, id).len();
    assert!(entries.iter().filter(|entry| entry.kind == "null").all(|entry| entry.after.is_none()));
    about(count("lost ward"), RECORDS as usize, 0.05);
    about(count("tags lost"), RECORDS as usize, 0.05);

    let (via, urgent) = (clean_column(0, "via"), clean_column(0, "urgent"));
    let on_paper =
        |row: usize| via[row].as_deref() == Some("paper") && urgent[row].as_deref() == Some("false");
    let chances = (0..RECORDS as usize).filter(|row| on_paper(*row)).count();
    about(count("lost on paper"), chances, 0.5);
    assert!(values_of(&entries, "lost on paper").iter().all(|entry| on_paper(entry.row as usize - 1)));

    let bills = clean_column(0, "bill");
    let hidden = values_of(&entries, "large bills hidden");
    assert!(!hidden.is_empty() && hidden.iter().all(|entry| number(&bills[entry.row as usize - 1]) > 400.0));
    let days = clean_column(0, "day");
    let early = days.iter().filter(|date| date.as_deref().unwrap() < "2025-07-01").count();
    about(count("early days hidden"), early, 0.3);
    assert!(
        values_of(&entries, "early days hidden")
            .iter()
            .all(|entry| entry.before.as_deref().unwrap() < "2025-07-01")
    );
    assert!(values_of(&entries, "north hidden").iter().all(|entry| entry.before.as_deref() == Some("north")));
    let urgency = urgent.iter().filter(|urgent| urgent.as_deref() == Some("true")).count();
    about(count("urgency lost"), urgency, 0.1);
}

#[test]
fn codes_and_texts_are_spoiled() {
    let entries = all();
    let bad: BTreeSet<_> =
        values_of(&entries, "bad ward").iter().map(|entry| entry.after.clone().unwrap()).collect();
    assert_eq!(bad.into_iter().collect::<Vec<_>>(), ["WARD?", "zzz"]);
    for (id, chars) in [("short ward", 6), ("short id", 7)] {
        let cut = values_of(&entries, id);
        assert!(!cut.is_empty());
        for entry in cut {
            let (before, after) = (entry.before.as_ref().unwrap(), entry.after.as_ref().unwrap());
            assert!(after.chars().count() == chars && before.starts_with(after.as_str()), "{entry:?}");
            assert!(before.chars().count() > chars);
        }
    }
    assert!(values_of(&entries, "short ward").iter().all(|entry| entry.before.as_deref() != Some("north")));
}

#[test]
fn numbers_become_outliers() {
    let entries = all();
    for (id, factor) in [("cents for dollars", 100.0), ("quality in percent", 100.0), ("free tests", 0.0)] {
        let hits = values_of(&entries, id);
        assert!(!hits.is_empty(), "{id}");
        let off = |entry: &&Entry| (number(&entry.after) - number(&entry.before) * factor).abs();
        assert!(hits.iter().all(|entry| off(entry) < 1e-6), "{id}");
    }
    assert!(
        values_of(&entries, "too many rooms")
            .iter()
            .all(|entry| number(&entry.after) - number(&entry.before) == 900.0)
    );
    assert!(
        values_of(&entries, "wrong century")
            .iter()
            .all(|entry| day(&entry.before) - day(&entry.after) == 36_500)
    );
}

#[test]
fn dates_become_impossible_or_late() {
    let entries = all();
    assert!(values_of(&entries, "epoch").iter().all(|entry| entry.after.as_deref() == Some("1900-01-01")));
    let (days, wards) = (clean_column(0, "day"), clean_column(0, "ward"));
    let before = values_of(&entries, "left before it came");
    assert!(!before.is_empty());
    for entry in before {
        let row = entry.row as usize - 1;
        assert_eq!(day(&days[row]) - day(&entry.after), 2, "{entry:?}");
        assert_eq!(wards[row].as_deref(), Some("north"));
    }
    let mut late: Vec<i64> = values_of(&entries, "entered late")
        .iter()
        .map(|entry| day(&entry.after) - day(&entry.before))
        .collect();
    late.sort_unstable();
    assert!(late[0] >= 1 && (12..32).contains(&late[late.len() / 2]), "median {}", late[late.len() / 2]);
    assert!(
        values_of(&entries, "a week late").iter().all(|entry| day(&entry.after) - day(&entry.before) == 7)
    );
}

#[test]
fn what_is_known_only_after_as_of_is_missing() {
    let entries = all();
    let left_on = clean_column(0, "left_on");
    let open = |row: usize| left_on[row].as_deref().unwrap() >= "2026-01-01";
    let chances = (0..RECORDS as usize).filter(|row| open(*row)).count();
    assert!(chances > 50, "{chances}");
    for (id, rate) in [("still here", 1.0), ("not billed yet", 0.9)] {
        let hits = values_of(&entries, id);
        assert!(hits.iter().all(|entry| entry.after.is_none() && open(entry.row as usize - 1)), "{id}");
        // Some of the values are missing for other reasons before this fault comes to them.
        assert!(hits.len() as f64 > 0.8 * rate * chances as f64, "{id}: {} of {chances}", hits.len());
    }
}

#[test]
fn labels_are_taken_for_others_of_their_column() {
    let entries = all();
    let wings = values_of(&entries, "taken for another wing");
    assert!(wings.len() > 50);
    for entry in wings {
        let pair = [entry.before.as_deref().unwrap(), entry.after.as_deref().unwrap()];
        assert!(pair == ["east wing", "west wing"] || pair == ["west wing", "east wing"], "{pair:?}");
    }
    let via = clean_column(0, "via");
    let ways = values_of(&entries, "another way");
    about(ways.len(), via.iter().flatten().count(), 0.1);
    assert!(ways.iter().all(|entry| entry.before != entry.after && entry.after.is_some()));
}

#[test]
fn orphans_have_no_parent() {
    let entries = all();
    for (id, key) in [("lost visit", "id"), ("lost number", "number")] {
        let parents: BTreeSet<_> = clean_column(0, key).into_iter().collect();
        let hits = values_of(&entries, id);
        assert!(!hits.is_empty(), "{id}");
        assert!(hits.iter().all(|entry| parents.contains(&entry.before) && !parents.contains(&entry.after)));
    }
}

#[test]
fn uuid_keys_become_uuids_that_no_kind_makes() {
    let text = "[dataset]\nname = 'u'\nabout = 'u'\nas_of = '2026-01-01'\n[calendar]\ndays = 9\n\
                [[column]]\nname = 'key'\nkind = 'template'\n\
                text = '6ba7b810-9dad-41d1-80b4-{digits:12}'\n\
                [[dirt]]\nid = 'o'\nkind = 'orphan'\ncolumn = 'key'\nrate = 0.5\n";
    let entries = ledger(planned(text, &run(true)).root());
    assert!(entries.len() > 1_000);
    for entry in &entries {
        let key: uuid::Uuid = entry.after.as_ref().unwrap().parse().unwrap();
        assert_eq!((key.get_version_num(), key.get_variant()), (8, uuid::Variant::RFC4122));
    }
    let distinct: BTreeSet<_> = entries.iter().map(|entry| entry.after.clone()).collect();
    assert_eq!(distinct.len(), entries.len());
}

#[test]
fn rows_are_repeated_at_their_rate_and_distance() {
    let entries = ledger(&tables(true)[0]);
    let copies = |id: &str| -> Vec<&Entry> {
        entries.iter().filter(|entry| entry.dirt_id == id && entry.column.is_none()).collect()
    };
    let lags =
        |id: &str| -> BTreeSet<u64> { copies(id).iter().map(|entry| entry.place - entry.row).collect() };
    about(copies("sent twice").len(), RECORDS as usize - 20, 0.05);
    let distances = lags("sent twice");
    assert!(distances.first() == Some(&1) && distances.last() == Some(&40), "{distances:?}");
    assert_eq!(lags("sent again, changed").into_iter().collect::<Vec<_>>(), [3]);

    let via = clean_column(0, "via");
    let by_wire = |entry: &&Entry| via[entry.row as usize - 1].as_deref() == Some("wire");
    assert!(copies("sent twice by wire").iter().all(by_wire));
    about(
        copies("sent twice by wire").len(),
        via.iter().filter(|via| via.as_deref() == Some("wire")).count(),
        0.05,
    );

    let changed: BTreeSet<_> = values_of(&entries, "sent again, changed")
        .iter()
        .map(|entry| entry.column.clone().unwrap())
        .collect();
    assert_eq!(changed.into_iter().collect::<Vec<_>>(), ["bill", "id", "left_on", "urgent", "ward"]);
}

#[test]
fn counts_are_those_of_the_ledger_and_add_up() {
    for plan in tables(true) {
        let entries = ledger(&plan);
        let ledger = plan.dirt_ledger().unwrap();
        let (whole, first, rest) =
            (ledger.counts(0..RECORDS), ledger.counts(0..1_234), ledger.counts(1_234..RECORDS));
        for ((count, first), rest) in whole.iter().zip(first).zip(rest) {
            let of_id = entries.iter().filter(|entry| entry.dirt_id == count.id);
            let (values, copies): (Vec<&Entry>, Vec<&Entry>) =
                of_id.partition(|entry| entry.column.is_some());
            assert_eq!((count.values, count.copies), (values.len() as u64, copies.len() as u64));
            assert_eq!(
                (first.values + rest.values, first.copies + rest.copies),
                (count.values, count.copies)
            );
            assert!(count.values + count.copies > 0, "{}", count.id);
        }
    }
}

#[test]
fn codes_beyond_256_have_wider_keys() {
    let values: Vec<String> = (0..256).map(|value| format!("v{value} = 1")).collect();
    let text = format!(
        "[dataset]\nname = 'w'\nabout = 'w'\nas_of = '2026-01-01'\n[calendar]\ndays = 9\n\
         [[column]]\nname = 'c'\nkind = 'category'\nweights = {{ {} }}\n\
         [[dirt]]\nid = 'b'\nkind = 'bad_code'\ncolumn = 'c'\nrate = 0.1\nvalues = ['bad']\n",
        values.join(", ")
    );
    let key = |dirt: bool| match planned(&text, &run(dirt)).root().schema().field(0).data_type() {
        DataType::Dictionary(key, _) => key.as_ref().clone(),
        other => panic!("{other}"),
    };
    assert_eq!((key(false), key(true)), (DataType::UInt8, DataType::UInt16));
    let (clean, dirty) = (planned(&text, &run(false)), planned(&text, &run(true)));
    let (clean, dirty) = (grid(&clean.root().batch(0..500)), grid(&dirty.root().batch(0..500)));
    let bad = dirty.iter().filter(|row| row[0].as_deref() == Some("bad")).count();
    assert!((20..90).contains(&bad), "{bad}");
    assert!(
        clean.iter().zip(&dirty).all(|(clean, dirty)| clean == dirty || dirty[0].as_deref() == Some("bad"))
    );
}
