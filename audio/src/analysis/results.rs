//! What analysis finds.

use serde::Serialize;

use super::chroma::Chroma;
use super::key::{Profile, keys};
use super::sum;
use crate::music::{Key, Scale};

/// What a recording is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Analysis {
    /// Seconds.
    pub duration_s: f64,
    /// `None` where nothing repeats.
    pub bpm: Option<Bpm>,
    /// `None` where nothing sounds.
    pub key: Option<KeyResult>,
    /// `None` for silence, and for less than 0.4 s.
    pub loudness: Option<Loudness>,
}

/// How fast it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bpm {
    /// Beats a minute: of the whole where tempo is constant, otherwise beats over minutes.
    pub bpm: f64,
    /// From 0 to 1: how much of the onsets repeats with the beat.
    pub confidence: f64,
    /// Whether somebody should listen.
    pub needs_review: bool,
    /// From 0 to 1; `None` with fewer than two windows that are sure.
    pub stability: Option<f64>,
    /// Whether tempo changes.
    pub is_variable: bool,
    /// Of the first window that is sure.
    pub start_bpm: Option<f64>,
    /// Of the last.
    pub end_bpm: Option<f64>,
    /// Where tempo jumps.
    pub changes: Vec<TempoChange>,
    /// Tempo over time.
    pub windows: Vec<BpmWindow>,
    /// The time of each beat, in seconds.
    pub beats_s: Vec<f64>,
}

/// Tempo of ten seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BpmWindow {
    /// Seconds from the start.
    pub start_s: f64,
    /// Seconds from the start.
    pub end_s: f64,
    /// Beats a minute.
    pub bpm: f64,
    /// From 0 to 1.
    pub confidence: f64,
}

/// A jump of the tempo.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TempoChange {
    /// Seconds from the start.
    pub at_s: f64,
    /// Before.
    pub from_bpm: f64,
    /// After.
    pub to_bpm: f64,
}

/// In which key it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyResult {
    /// The tonic's name.
    pub tonic: &'static str,
    /// Major or minor.
    pub scale: Scale,
    /// From 0 to 1: how well it fits, times the share of stretches that agree.
    pub confidence: f64,
    /// Whether somebody should listen: confidence is below 0.5.
    pub needs_review: bool,
    /// The second best, such as `C major`.
    pub alternative: String,
    /// The key of each stretch that has another one than the stretch before, with its start in seconds.
    pub keys: Vec<(f64, &'static str, Scale)>,
}

/// How loud it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Loudness {
    /// Of the whole, in LUFS.
    pub integrated_lufs: f64,
    /// The largest sample, in dB below full scale.
    pub peak_dbfs: f64,
}

impl KeyResult {
    /// The key.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Key::named(self.tonic, self.scale.name())
    }
}

/// The key of stretches of chroma, `stretch_s` seconds each.
pub(super) fn key(stretches: &[Chroma], profile: &Profile, stretch_s: f64) -> Option<KeyResult> {
    let estimates = keys(&sum(stretches), profile);
    let (best, second) = (estimates.first()?, estimates.get(1)?);
    let of_stretches: Vec<Option<Key>> =
        stretches.iter().map(|chroma| keys(chroma, profile).first().map(|found| found.key)).collect();
    let sounding = of_stretches.iter().flatten().count().max(1) as f64;
    let agreeing = of_stretches.iter().flatten().filter(|&&key| key == best.key).count() as f64;
    let confidence = f64::from(best.fit.max(0.0)) * (0.5 + 0.5 * agreeing / sounding);
    Some(KeyResult {
        tonic: best.key.tonic_name(),
        scale: best.key.scale(),
        confidence,
        needs_review: confidence < 0.5,
        alternative: second.key.to_string(),
        keys: changes(&of_stretches, stretch_s),
    })
}

fn changes(keys: &[Option<Key>], stretch_s: f64) -> Vec<(f64, &'static str, Scale)> {
    let mut changes: Vec<(f64, &'static str, Scale)> = Vec::new();
    for (number, key) in keys.iter().enumerate() {
        let Some(key) = key else { continue };
        let is_same = changes.last().is_some_and(|last| (last.1, last.2) == (key.tonic_name(), key.scale()));
        if !is_same {
            changes.push((number as f64 * stretch_s, key.tonic_name(), key.scale()));
        }
    }
    changes
}
