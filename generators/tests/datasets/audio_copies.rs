//! The same audio twice, and what the catalogue stores.

use std::collections::{BTreeMap, BTreeSet};

use crate::{assert_share, dataset, rows};

#[test]
fn copies_have_the_audio_of_an_earlier_original() {
    let files = rows(&dataset("audio-files", 20_000, true), "recordings");
    let (ids, kinds, sources) = (files.all_texts("id"), files.all_texts("copy_kind"), files.texts("copy_of"));
    for (kind, share) in [("exact", 0.02), ("retagged", 0.03)] {
        assert_share(kinds.iter().filter(|known| *known == kind).count(), kinds.len(), share, kind);
    }
    let columns = ["format", "bytes", "duration_s", "bitrate", "seed", "fault", "size_class"];
    let columns: Vec<Vec<Option<String>>> = columns.iter().map(|name| files.texts(name)).collect();
    let (truth, tags) = (files.column("truth"), files.column("tags"));
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut retagged = 0;
    for row in 0..ids.len() {
        let source = sources[row].as_deref().map(|source| first[source]);
        assert_eq!(source.is_some(), kinds[row] != "none");
        if let Some(source) = source {
            assert_eq!(kinds[source], "none", "row {row} is a copy of a copy");
            assert!(columns.iter().all(|column| column[row] == column[source]), "row {row}");
            assert_eq!(truth.slice(row, 1).to_data(), truth.slice(source, 1).to_data(), "row {row}");
            let same = tags.slice(row, 1).to_data() == tags.slice(source, 1).to_data();
            assert!(same || kinds[row] == "retagged", "row {row}");
            retagged += usize::from(!same);
        }
        first.insert(&ids[row], row);
    }
    assert!(retagged > 400, "{retagged} copies have other tags");
    let paths: BTreeSet<String> = files.all_texts("path").into_iter().collect();
    assert_eq!(paths.len(), ids.len());
}

#[test]
fn the_catalogue_says_what_the_manifest_says() {
    let collection = dataset("audio-files", 2_000, true);
    let (files, facts) = (rows(&collection, "recordings"), rows(&collection, "recording_metadata"));
    let (ids, tags) = (files.all_texts("id"), files.inner("tags"));
    let columns = [
        ("title", tags.all_texts("title")),
        ("artist", tags.all_texts("artist")),
        ("genre", tags.all_texts("genre")),
        ("format", files.all_texts("format")),
        ("bitrate", files.all_texts("bitrate")),
        ("sample_rate", files.all_texts("sample_rate")),
        ("channels", files.all_texts("channels")),
        ("file_size", files.all_texts("bytes")),
    ];
    let stored: BTreeMap<(String, String), String> = facts
        .all_texts("recording_id")
        .into_iter()
        .zip(facts.all_texts("key"))
        .zip(facts.all_texts("value"))
        .collect();
    assert_eq!(stored.len(), 9 * ids.len());
    for (row, id) in ids.iter().enumerate() {
        for (key, values) in &columns {
            assert_eq!(stored[&(id.clone(), (*key).to_owned())], values[row], "{key} of row {row}");
        }
    }
}
