//! How right an analysis is, by the measures of the field.

use crate::music::{Key, Scale};

/// Beats a minute by which a tempo may be off and still be right.
const EXACT_BPM: f64 = 2.0;

/// The share by which a tempo may be off in the measures of MIREX (Gouyon et al. 2006, "An experimental comparison of
/// audio tempo induction algorithms").
const SHARE: f64 = 0.04;

/// Whether a tempo is within 2 beats a minute of the true one.
#[must_use]
pub fn is_bpm_exact(found: f64, truth: f64) -> bool {
    (found - truth).abs() <= EXACT_BPM
}

/// Whether a tempo is within 4 % of the true one, or of half, twice, a third or three times as many beats: Accuracy 2 of
/// Gouyon et al. 2006.
#[must_use]
pub fn is_bpm_right_in_some_octave(found: f64, truth: f64) -> bool {
    [1.0, 0.5, 2.0, 1.0 / 3.0, 3.0].iter().any(|octave| (found / (truth * octave) - 1.0).abs() <= SHARE)
}

/// What a key is worth: 1 for the right one, 0.5 for the fifth above or below in the same scale, 0.3 for the relative and
/// 0.2 for the parallel key, 0 for any other (MIREX, "Audio key detection").
#[must_use]
pub fn key_score(found: Key, truth: Key) -> f64 {
    let above = (found.tonic() + 12 - truth.tonic()) % 12;
    let same_scale = found.scale() == truth.scale();
    let relative = if truth.scale() == Scale::Major { 9 } else { 3 };
    match (above, same_scale) {
        (0, true) => 1.0,
        (5 | 7, true) => 0.5,
        (above, false) if above == relative => 0.3,
        (0, false) => 0.2,
        _ => 0.0,
    }
}

/// Precision, recall and F of beats: found and true ones within 70 milliseconds are the same, each at most once (Davies et
/// al. 2009, "Evaluation methods for musical audio beat tracking algorithms"). `None` without true or found beats.
#[must_use]
pub fn beat_f_measure(found_s: &[f64], truth_s: &[f64]) -> Option<f64> {
    const TOLERANCE_S: f64 = 0.07;
    if found_s.is_empty() || truth_s.is_empty() {
        return None;
    }
    let (mut hits, mut next) = (0, 0);
    for &truth in truth_s {
        while next < found_s.len() && found_s[next] < truth - TOLERANCE_S {
            next += 1;
        }
        if next < found_s.len() && found_s[next] <= truth + TOLERANCE_S {
            hits += 1;
            next += 1;
        }
    }
    Some(2.0 * f64::from(hits) / (found_s.len() + truth_s.len()) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tempi_and_octaves() {
        assert!(is_bpm_exact(122.0, 120.0) && !is_bpm_exact(122.1, 120.0));
        for (found, is_right) in
            [(60.0, true), (124.0, true), (126.0, false), (360.0, true), (180.0, false), (40.0, true)]
        {
            assert_eq!(is_bpm_right_in_some_octave(found, 120.0), is_right, "{found}");
        }
    }

    #[test]
    fn keys_are_worth_what_mirex_says() {
        let key = |tonic, scale| Key::named(tonic, scale).unwrap();
        let c = key("C", "major");
        let worth = [
            ("C", "major", 1.0),
            ("G", "major", 0.5),
            ("F", "major", 0.5),
            ("A", "minor", 0.3),
            ("C", "minor", 0.2),
        ];
        for (tonic, scale, expected) in worth {
            assert_eq!(key_score(key(tonic, scale), c), expected, "{tonic} {scale}");
        }
        assert_eq!(key_score(c, key("A", "minor")), 0.3);
        assert_eq!(Key::all().map(|found| key_score(found, c)).sum::<f64>(), 2.5);
    }

    #[test]
    fn beats_are_matched_once() {
        let truth: Vec<f64> = (0..10).map(f64::from).collect();
        assert_eq!(beat_f_measure(&truth, &truth), Some(1.0));
        let late: Vec<f64> = truth.iter().map(|at| at + 0.06).collect();
        assert_eq!(beat_f_measure(&late, &truth), Some(1.0));
        let off: Vec<f64> = truth.iter().map(|at| at + 0.5).collect();
        assert_eq!(beat_f_measure(&off, &truth), Some(0.0));
        let double: Vec<f64> = (0..20).map(|beat| f64::from(beat) / 2.0).collect();
        assert!((beat_f_measure(&double, &truth).unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(beat_f_measure(&[], &truth), None);
    }
}
