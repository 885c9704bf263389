//! Tempo: the period at which onsets repeat.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// Tempi that are looked for, in beats a minute: those of the product this analysis follows.
pub(super) const RANGE_BPM: std::ops::Range<f64> = 55.0..210.0;

/// The tempo that people tap most readily, and the width of that preference in octaves (van Noorden and Moelants 1999,
/// "Resonance in the perception of musical pulse"; Ellis 2007, "Beat tracking by dynamic programming").
const PREFERRED_BPM: f64 = 122.0;
const PREFERENCE_OCTAVES: f64 = 0.85;

/// Below this tempo it is asked whether the music has twice as many beats.
const SLOW_BPM: f64 = 100.0;

/// How regular quarters of beats have to be, compared with halves, to be halves of the beats of twice the tempo.
const QUARTERS: f64 = 0.5;

/// A tempo and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TempoEstimate {
    pub(super) bpm: f64,
    /// From 0 to 1: how much of the onsets repeats with the beat.
    pub(super) confidence: f64,
}

/// Tells tempi of pieces of an envelope with `rate` values a second.
pub(super) struct TempoFinder {
    rate: f64,
    length: usize,
    forward: Arc<dyn RealToComplex<f32>>,
    back: Arc<dyn ComplexToReal<f32>>,
}

impl TempoFinder {
    /// For pieces of at most `most` values.
    pub(super) fn new(rate: f64, most: usize) -> Self {
        // Twice as long, so that the ends do not meet.
        let length = (2 * most).next_power_of_two();
        let mut planner = RealFftPlanner::new();
        Self {
            rate,
            length,
            forward: planner.plan_fft_forward(length),
            back: planner.plan_fft_inverse(length),
        }
    }

    /// How alike a piece and itself some values later are, by lag: 1 at 0.
    fn autocorrelation(&self, piece: &[f32]) -> Vec<f32> {
        let mean = piece.iter().sum::<f32>() / piece.len().max(1) as f32;
        let mut padded = vec![0.0; self.length];
        padded.iter_mut().zip(piece).for_each(|(out, value)| *out = value - mean);
        let mut spectrum = self.forward.make_output_vec();
        let mut correlation = self.back.make_output_vec();
        let done = self.forward.process(&mut padded, &mut spectrum);
        spectrum.iter_mut().for_each(|value| *value = Complex::new(value.norm_sqr(), 0.0));
        let done = done.and_then(|()| self.back.process(&mut spectrum, &mut correlation));
        debug_assert!(done.is_ok(), "buffers have the lengths of the plan");
        let whole = correlation[0].max(f32::MIN_POSITIVE);
        // Fewer values overlap at longer lags.
        let share = |lag: usize| piece.len() as f32 / (piece.len() - lag) as f32;
        let lags = piece.len() * 3 / 4;
        correlation.iter().take(lags).enumerate().map(|(lag, value)| value / whole * share(lag)).collect()
    }

    /// The tempo of a piece, `None` when it is too short or nothing begins in it.
    pub(super) fn find(&self, piece: &[f32]) -> Option<TempoEstimate> {
        let longest = 60.0 / RANGE_BPM.start * self.rate;
        if (piece.len() as f64) < 2.0 * longest || piece.iter().all(|&value| value < 1e-4) {
            return None;
        }
        let correlation = self.autocorrelation(piece);
        let strength = |bpm: f64| self.strength(&correlation, bpm);
        let candidates = || {
            (0..)
                .map(|step| RANGE_BPM.start * libm::exp2(f64::from(step) / 96.0))
                .take_while(|&bpm| bpm < RANGE_BPM.end)
        };
        let weighted = |bpm: f64| strength(bpm).max(0.0) * preference(bpm);
        let best = candidates().max_by(|&one, &other| weighted(one).total_cmp(&weighted(other)))?;
        let best = if self.is_half(&correlation, best) { best * 2.0 } else { best };
        let bpm = self.refined(&correlation, best);
        Some(TempoEstimate { bpm, confidence: strength(bpm).clamp(0.0, 1.0) })
    }

    /// Whether a slow tempo is half of what is played: quarters of its beats sound nearly as regularly as halves, as they
    /// do in drum and bass at 174, but not in hip-hop at 87.
    fn is_half(&self, correlation: &[f32], bpm: f64) -> bool {
        let beat = 60.0 / bpm * self.rate;
        let part = |share: f64| at(correlation, beat * share).unwrap_or(0.0);
        bpm < SLOW_BPM && part(0.25) > QUARTERS * part(0.5).max(0.0)
    }

    /// The mean correlation over half a beat, one, two and four: what repeats each beat repeats then, too, and halves
    /// of beats are played where they are not too short.
    fn strength(&self, correlation: &[f32], bpm: f64) -> f64 {
        let beat = 60.0 / bpm * self.rate;
        let weights = [(0.5, 0.6), (1.0, 1.0), (2.0, 0.7), (4.0, 0.9)];
        let known = weights
            .iter()
            .filter_map(|&(beats, weight)| Some((at(correlation, beat * beats)? * weight, weight)));
        let (sum, weight) = known.fold((0.0, 0.0), |(sum, all), (value, weight)| (sum + value, all + weight));
        if weight > 0.0 { sum / weight } else { 0.0 }
    }

    /// The tempo near `bpm` whose beats fit over the longest lags: each step looks four times as far, and no further
    /// away than half of what the one before could tell.
    fn refined(&self, correlation: &[f32], bpm: f64) -> f64 {
        let mut best = bpm;
        let mut span = libm::exp2(1.0 / 96.0) - 1.0;
        for beats in [4.0, 16.0, 64.0] {
            let lag = 60.0 / best * self.rate * beats;
            if lag >= correlation.len() as f64 - 2.0 {
                break;
            }
            let candidates = (-20..=20).map(|step| best * (1.0 + span * f64::from(step) / 20.0));
            let fit = |bpm: f64| {
                let beat = 60.0 / bpm * self.rate;
                let near =
                    [0.5, 0.75, 1.0].map(|share| at(correlation, beat * (beats * share)).unwrap_or(-1.0));
                near.iter().sum::<f64>()
            };
            best = candidates.max_by(|&one, &other| fit(one).total_cmp(&fit(other))).unwrap_or(best);
            span /= 4.0;
        }
        best
    }
}

fn preference(bpm: f64) -> f64 {
    let octaves = libm::log2(bpm / PREFERRED_BPM) / PREFERENCE_OCTAVES;
    libm::exp(-0.5 * octaves * octaves)
}

/// The correlation at a lag between two whole ones.
fn at(correlation: &[f32], lag: f64) -> Option<f64> {
    let whole = lag as usize;
    let (low, high) = (*correlation.get(whole)?, *correlation.get(whole + 1)?);
    Some(f64::from(low) + f64::from(high - low) * (lag - whole as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clicks(bpm: f64, rate: f64, seconds: f64) -> Vec<f32> {
        let mut envelope = vec![0.0_f32; (seconds * rate) as usize];
        let mut beat = 0.0;
        while let Some(value) = envelope.get_mut((beat * 60.0 / bpm * rate).round() as usize) {
            *value = 1.0;
            beat += 1.0;
        }
        envelope
    }

    #[test]
    fn clicks_have_their_tempo() {
        let rate = 22_050.0 / 256.0;
        for bpm in [61.0, 87.3, 100.0, 120.0, 128.5, 140.0, 174.0] {
            let envelope = clicks(bpm, rate, 60.0);
            let found = TempoFinder::new(rate, envelope.len()).find(&envelope).unwrap();
            let ratio = found.bpm / bpm;
            assert!(
                [0.5, 1.0, 2.0].iter().any(|octave| (ratio / octave - 1.0).abs() < 0.005),
                "{bpm}: {found:?}"
            );
            assert!(found.confidence > 0.2, "{bpm}: {found:?}");
        }
    }

    #[test]
    fn silence_and_short_pieces_have_none() {
        let finder = TempoFinder::new(86.0, 2_000);
        assert_eq!(finder.find(&[0.0; 2_000]), None);
        assert_eq!(finder.find(&[1.0; 100]), None);
    }
}
