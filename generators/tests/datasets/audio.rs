//! Recordings: their population, their bytes, their music and their place in the queue.

use std::collections::BTreeSet;

use crate::rows::Rows;
use crate::{assert_share, dataset, median, rows};

const RECORDS: u64 = 20_000;

fn recordings() -> Rows {
    rows(&dataset("audio-files", RECORDS, false), "recordings")
}

fn kinds(recordings: &Rows) -> Vec<String> {
    recordings.inner("truth").all_texts("kind")
}

#[test]
fn kinds_formats_and_lengths_are_those_of_a_library() {
    let files = recordings();
    let (kinds, formats) = (kinds(&files), files.all_texts("format"));
    let lengths = files.all_numbers("duration_s");
    for (kind, share, least, most) in [
        ("track", 0.62, 60.0, 720.0),
        ("mix", 0.30, 1_200.0, 21_600.0),
        ("clip", 0.05, 0.3, 30.0),
        ("broken", 0.03, 60.0, 720.0),
    ] {
        let of_kind: Vec<usize> = (0..kinds.len()).filter(|row| kinds[*row] == kind).collect();
        assert_share(of_kind.len(), kinds.len(), share, kind);
        assert!(of_kind.iter().all(|row| (least..=most).contains(&lengths[*row])), "{kind}");
    }
    let of = |kind: &str| -> Vec<usize> { (0..kinds.len()).filter(|row| kinds[*row] == kind).collect() };
    for (kind, shares) in [
        (
            "track",
            [("mp3", 0.58), ("flac", 0.24), ("m4a", 0.09), ("wav", 0.05), ("ogg", 0.03), ("aiff", 0.01)]
                .as_slice(),
        ),
        ("mix", [("mp3", 0.78), ("flac", 0.10), ("m4a", 0.08), ("wav", 0.04)].as_slice()),
    ] {
        let of_kind = of(kind);
        for (format, share) in shares {
            let hits = of_kind.iter().filter(|row| formats[**row] == *format).count();
            assert_share(hits, of_kind.len(), *share, format);
        }
    }
    // Medians of log-normal lengths, in seconds: 3:50 and 62 minutes.
    let of_kind = |kind: &str| median(of(kind).into_iter().map(|row| lengths[row]).collect());
    assert!((of_kind("track") / 230.0 - 1.0).abs() < 0.02 && (of_kind("mix") / 3_720.0 - 1.0).abs() < 0.03);
}

#[test]
fn bytes_are_what_the_format_and_the_length_make() {
    let files = recordings();
    let (formats, faults) = (files.all_texts("format"), files.all_texts("fault"));
    let (bytes, lengths) = (files.all_numbers("bytes"), files.all_numbers("duration_s"));
    let (rates, channels) = (files.all_numbers("sample_rate"), files.all_numbers("channels"));
    let (bits, bitrates) = (files.numbers("bits"), files.all_numbers("bitrate"));
    for row in (0..bytes.len()).filter(|row| !["zero_len", "truncated"].contains(&faults[*row].as_str())) {
        let extra = match formats[row].as_str() {
            "wav" => {
                let samples = (rates[row] * channels[row] * bits[row].unwrap() / 8.0 * lengths[row]).round();
                assert_eq!(bytes[row], samples + 44.0);
                0.0
            }
            "flac" => {
                let samples = rates[row] * channels[row] * bits[row].unwrap() / 8.0 * lengths[row];
                assert!(bytes[row] >= 0.3 * samples && bytes[row] <= 0.9 * samples + 5_010_001.0);
                0.0
            }
            "aiff" => 0.0,
            _ => bytes[row] - (bitrates[row] / 8.0 * lengths[row]).round(),
        };
        // Tags of 1 to 10 KB, and a cover of at most 5 MB.
        assert!((0.0..=5_010_000.0).contains(&extra), "row {row}: {extra}");
        assert_eq!(bits[row].is_some(), ["wav", "flac", "aiff"].contains(&formats[row].as_str()));
    }
}

#[test]
fn faults_show_in_what_the_manifest_says() {
    let files = recordings();
    let (faults, formats) = (files.all_texts("fault"), files.all_texts("format"));
    let (bytes, names, kinds) = (files.all_numbers("bytes"), files.all_texts("file_name"), kinds(&files));
    let truth = files.inner("truth");
    let (bpm, keys) = (truth.numbers("bpm"), truth.texts("key"));
    for row in 0..faults.len() {
        let fault = faults[row].as_str();
        assert_eq!(fault != "none", kinds[row] == "broken");
        assert_eq!(fault == "zero_len", bytes[row] == 0.0);
        assert_eq!(fault == "wrong_ext", !names[row].ends_with(&format!(".{}", formats[row])));
        assert_eq!(["silence", "noise"].contains(&fault), keys[row].is_none());
        assert!(keys[row].is_some() || bpm[row].is_none());
    }
    for fault in ["truncated", "bad_header", "zero_len", "wrong_ext", "silence", "noise"] {
        assert!(faults.iter().any(|known| known == fault), "{fault}");
    }
}

/// The rule of the original's message queue.
fn priority(format: &str, bytes: f64, retried: bool, user: bool) -> f64 {
    let base = if ["wav", "aiff"].contains(&format) { 3 } else { 5 };
    let size = if bytes < 10e6 {
        2
    } else if bytes > 100e6 {
        -2
    } else {
        0
    };
    f64::from((base + size + if retried { 3 } else { 0 } + if user { 3 } else { 0 }).clamp(1, 10))
}

#[test]
fn priorities_and_size_classes_follow_from_the_inputs() {
    // Vectors read off the original by running it: format, bytes, retried, asked for by a user, priority.
    for (format, bytes, retried, user, expected) in [
        ("mp3", 5e6, false, false, 7.0),
        ("mp3", 50e6, false, false, 5.0),
        ("mp3", 150e6, false, false, 3.0),
        ("wav", 50e6, false, false, 3.0),
        ("wav", 150e6, false, false, 1.0),
        ("aiff", 9e6, false, false, 5.0),
        ("mp3", 5e6, true, false, 10.0),
        ("mp3", 150e6, true, true, 9.0),
        ("wav", 150e6, true, true, 7.0),
    ] {
        assert_eq!(priority(format, bytes, retried, user), expected, "{format} of {bytes} bytes");
    }
    let files = recordings();
    let (formats, bytes) = (files.all_texts("format"), files.all_numbers("bytes"));
    let inputs = files.inner("priority_inputs");
    let (users, retries) = (inputs.all_numbers("user_request"), inputs.all_numbers("retry_count"));
    let (priorities, classes) = (files.all_numbers("expected_priority"), files.all_texts("size_class"));
    for row in 0..bytes.len() {
        let expected = priority(&formats[row], bytes[row], retries[row] > 0.0, users[row] > 0.0);
        assert_eq!(priorities[row], expected, "row {row}");
        let class = match bytes[row] {
            bytes if bytes < 1e6 => "small",
            bytes if bytes < 1e7 => "medium",
            bytes if bytes < 1e8 => "large",
            _ => "huge",
        };
        assert_eq!(classes[row], class);
    }
    assert!(priorities.iter().map(|priority| *priority as u8).collect::<BTreeSet<_>>().len() >= 7);
}

#[test]
fn tempi_and_keys_are_those_of_the_genre() {
    let files = rows(&dataset("audio-files", 60_000, false), "recordings");
    let (genres, copies) = (files.inner("tags").all_texts("genre"), files.all_texts("copy_kind"));
    let truth = files.inner("truth");
    let (bpm, scales) = (truth.numbers("bpm"), truth.texts("scale"));
    // Means and deviations in beats a minute.
    for (genre, mean, deviation) in [
        ("house", 124.0, 3.0),
        ("techno", 132.0, 6.0),
        ("trance", 138.0, 3.0),
        ("dnb", 174.0, 2.0),
        ("hiphop", 90.0, 8.0),
        ("pop", 117.0, 16.0),
        ("rock", 121.0, 22.0),
        ("downtempo", 98.0, 14.0),
    ] {
        // A copy under other tags has the tempo of its original.
        let own = |row: &usize| genres[*row] == genre && copies[*row] != "retagged";
        let tempi: Vec<f64> = (0..genres.len()).filter(own).filter_map(|row| bpm[row]).collect();
        let found = tempi.iter().sum::<f64>() / tempi.len() as f64;
        let spread = (tempi.iter().map(|bpm| (bpm - found).powi(2)).sum::<f64>() / tempi.len() as f64).sqrt();
        let error = deviation / (tempi.len() as f64).sqrt();
        assert!((found - mean).abs() < 5.0 * error + 0.1, "{genre}: {found}");
        assert!((spread / deviation - 1.0).abs() < 0.1, "{genre}: ± {spread}");
    }
    let ambient = (0..genres.len()).filter(|row| genres[*row] == "ambient" && copies[*row] != "retagged");
    assert!(ambient.into_iter().all(|row| bpm[row].is_none()));
    let scales: Vec<String> = scales.into_iter().flatten().collect();
    assert_share(scales.iter().filter(|scale| *scale == "minor").count(), scales.len(), 0.58, "minor");
}

#[test]
fn a_mix_has_a_key_for_each_segment_and_opens_with_its_own() {
    let files = recordings();
    let (truth, kinds) = (files.inner("truth"), kinds(&files));
    let (keys, scales) = (truth.texts("key"), truth.texts("scale"));
    let (mut later, mut minor, mut changes) = (0, 0, 0);
    for row in 0..kinds.len() {
        let Some(curve) = truth.entries("key_curve", row) else {
            assert_ne!(kinds[row], "mix");
            continue;
        };
        assert_eq!(kinds[row], "mix");
        let (names, modes) = (curve.all_texts("key"), curve.all_texts("scale"));
        assert_eq!(
            (Some(&names[0]), Some(&modes[0])),
            (keys[row].as_ref(), scales[row].as_ref()),
            "row {row}"
        );
        if let Some(tempi) = truth.entries("bpm_curve", row) {
            assert_eq!(curve.all_numbers("t"), tempi.all_numbers("t"));
        }
        later += names.len() - 1;
        minor += modes[1..].iter().filter(|mode| *mode == "minor").count();
        changes += names.windows(2).filter(|pair| pair[0] != pair[1]).count();
    }
    assert_share(minor, later, 0.58, "minor");
    // Two of twelve keys with shares of 5 to 13 % are the same in nine of a hundred pairs.
    assert!((0.88..0.93).contains(&(changes as f64 / later as f64)), "{changes} of {later}");
}

#[test]
fn the_first_beat_is_within_the_first_interval() {
    let files = recordings();
    let truth = files.inner("truth");
    let (bpm, first) = (truth.numbers("bpm"), truth.numbers("first_beat_s"));
    let mut shares = Vec::new();
    for (bpm, first) in bpm.into_iter().zip(first) {
        assert_eq!(bpm.is_some(), first.is_some());
        shares.extend(bpm.zip(first).map(|(bpm, first)| first * bpm / 60.0));
    }
    assert!(shares.iter().all(|share| (0.0..1.0).contains(share)));
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    assert!((mean - 0.5).abs() < 0.02, "{mean}");
}

#[test]
fn only_mixes_have_a_course_of_tempo() {
    let files = recordings();
    let (truth, kinds) = (files.inner("truth"), kinds(&files));
    let (bpm, lengths) = (truth.numbers("bpm"), files.all_numbers("duration_s"));
    let mut steps = Vec::new();
    for row in 0..kinds.len() {
        let curve = truth.entries("bpm_curve", row);
        assert_eq!(curve.is_some(), kinds[row] == "mix" && bpm[row].is_some(), "row {row}");
        let Some(curve) = curve else { continue };
        let (at, tempi) = (curve.all_numbers("t"), curve.all_numbers("bpm"));
        assert_eq!(at[0], 0.0);
        assert!(at.windows(2).all(|pair| (180.0 - 0.2..=420.0 + 0.2).contains(&(pair[1] - pair[0]))));
        assert!(at.last().is_some_and(|last| *last < lengths[row]));
        steps.extend(tempi.iter().map(|tempo| tempo - bpm[row].unwrap()));
    }
    // Nine of ten mixes step by N(0, 2): two thirds of all entries are within 2 beats a minute.
    let near = steps.iter().filter(|step| step.abs() <= 2.0).count() as f64 / steps.len() as f64;
    assert!((0.62..0.74).contains(&near), "{near}");
}

#[test]
fn the_seed_s_files_have_its_sizes_in_its_numbers() {
    let files = rows(&dataset("audio-files-seed", 320, true), "seed_recordings");
    let all: Vec<(String, f64, f64)> = files
        .all_texts("format")
        .into_iter()
        .zip(files.all_numbers("bytes"))
        .zip(files.all_numbers("simulated_work_ms"))
        .map(|((format, bytes), pause)| (format, bytes, pause))
        .collect();
    for round in all.chunks(160) {
        for (format, bytes, pause, count) in
            [("flac", 1_024.0, 10.0, 100), ("flac", 102_400.0, 50.0, 50), ("wav", 1_048_576.0, 200.0, 10)]
        {
            let found = round.iter().filter(|file| **file == (format.to_owned(), bytes, pause)).count();
            assert_eq!(found, count, "{format} of {bytes} bytes");
        }
    }
}
