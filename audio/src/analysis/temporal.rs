//! Tempo over time: told in windows of ten seconds, five apart, out of the envelope that is there already.

use super::beats::beats;
use super::results::{Bpm, BpmWindow, TempoChange};
use super::tempo::{RANGE_BPM, TempoEstimate, TempoFinder};

/// Length and distance of windows, in seconds.
const WINDOW_S: f64 = 10.0;
const HOP_S: f64 = 5.0;

/// From here on a window's tempo counts, and the whole's needs no review.
const SURE: f64 = 0.3;

/// Adjacent windows that differ by as many beats a minute are a change of tempo.
const CHANGE_BPM: f64 = 5.0;

/// Below this stability tempo is called variable.
const STABLE: f64 = 0.7;

/// The tempo of an envelope of `rate` values a second; `None` where nothing repeats.
pub(super) fn bpm(envelope: &[f32], rate: f64) -> Option<Bpm> {
    let whole = TempoFinder::new(rate, envelope.len()).find(envelope);
    let windows = windows(envelope, rate, whole);
    let sure: Vec<&BpmWindow> = windows.iter().filter(|window| window.confidence >= SURE).collect();
    let stability = stability(&sure);
    let is_variable = stability.is_some_and(|stability| stability < STABLE) || drifts(&sure);
    let average = whole?;
    let period_at = |place: usize| {
        let local = local(&sure, place as f64 / rate).filter(|_| is_variable);
        60.0 / local.unwrap_or(average.bpm) * rate
    };
    let beats = beats(envelope, period_at);
    let beats_s: Vec<f64> = beats.iter().map(|&place| place as f64 / rate).collect();
    let bpm = if is_variable { counted(&beats_s).unwrap_or(average.bpm) } else { average.bpm };
    Some(Bpm {
        bpm,
        confidence: average.confidence,
        needs_review: average.confidence < SURE || stability.is_some_and(|stability| stability < STABLE),
        stability,
        is_variable,
        changes: changes(&sure),
        start_bpm: sure.first().map(|window| window.bpm),
        end_bpm: sure.last().map(|window| window.bpm),
        windows,
        beats_s,
    })
}

/// The tempo of each window, in the octave of the whole.
fn windows(envelope: &[f32], rate: f64, whole: Option<TempoEstimate>) -> Vec<BpmWindow> {
    let (length, hop) = ((WINDOW_S * rate) as usize, (HOP_S * rate) as usize);
    let finder = TempoFinder::new(rate, length);
    let starts = (0..).map(|number| number * hop).take_while(|start| start + length <= envelope.len());
    let window = |start: usize| {
        let found = finder.find(&envelope[start..start + length])?;
        let bpm = whole.map_or(found.bpm, |whole| in_octave_of(found.bpm, whole.bpm));
        let start_s = start as f64 / rate;
        Some(BpmWindow { start_s, end_s: start_s + WINDOW_S, bpm, confidence: found.confidence })
    };
    starts.filter_map(window).collect()
}

/// `bpm` times a power of two, as near to `reference` as can be.
fn in_octave_of(bpm: f64, reference: f64) -> f64 {
    let octaves = libm::log2(reference / bpm).round();
    let moved = bpm * libm::exp2(octaves);
    if moved > RANGE_BPM.start / 2.0 && moved < RANGE_BPM.end * 2.0 { moved } else { bpm }
}

/// 1 − 5 times the coefficient of variation, from 0 to 1.
fn stability(sure: &[&BpmWindow]) -> Option<f64> {
    if sure.len() < 2 {
        return None;
    }
    let count = sure.len() as f64;
    let mean = sure.iter().map(|window| window.bpm).sum::<f64>() / count;
    let variance =
        sure.iter().map(|window| (window.bpm - mean) * (window.bpm - mean)).sum::<f64>() / (count - 1.0);
    Some((1.0 - 5.0 * variance.sqrt() / mean).clamp(0.0, 1.0))
}

/// Whether the tempo of the last third differs from that of the first, which is slower than a change of adjacent
/// windows.
fn drifts(sure: &[&BpmWindow]) -> bool {
    let third = sure.len() / 3;
    let median = |windows: &[&BpmWindow]| {
        let mut tempi: Vec<f64> = windows.iter().map(|window| window.bpm).collect();
        tempi.sort_by(f64::total_cmp);
        tempi.get(tempi.len() / 2).copied().unwrap_or(0.0)
    };
    third > 0 && (median(&sure[..third]) / median(&sure[sure.len() - third..]) - 1.0).abs() > 0.015
}

/// The median tempo of the windows around a time.
fn local(sure: &[&BpmWindow], at_s: f64) -> Option<f64> {
    let middle = |window: &BpmWindow| (window.start_s + window.end_s) / 2.0;
    let place = sure.partition_point(|window| middle(window) < at_s);
    let around = &sure[place.saturating_sub(2)..(place + 2).min(sure.len())];
    let mut tempi: Vec<f64> = around.iter().map(|window| window.bpm).collect();
    tempi.sort_by(f64::total_cmp);
    tempi.get(tempi.len() / 2).copied()
}

fn changes(sure: &[&BpmWindow]) -> Vec<TempoChange> {
    let is_change = |pair: &&[&BpmWindow]| (pair[1].bpm - pair[0].bpm).abs() >= CHANGE_BPM;
    let change = |pair: &[&BpmWindow]| TempoChange {
        at_s: pair[1].start_s,
        from_bpm: pair[0].bpm,
        to_bpm: pair[1].bpm,
    };
    sure.windows(2).filter(is_change).map(change).collect()
}

/// Beats over minutes.
fn counted(beats_s: &[f64]) -> Option<f64> {
    let (first, last) = (beats_s.first()?, beats_s.last()?);
    (last > first).then(|| (beats_s.len() - 1) as f64 / (last - first) * 60.0)
}
