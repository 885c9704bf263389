//! How much begins to sound at each moment.
//!
//! Spectral flux on a logarithmic scale in bands (Böck and Widmer 2013, "Maximum filter vibrato suppression for onset
//! detection"): the rise of each band over the largest of the band and its neighbours two frames before.

use super::frames::Spectra;

/// Samples of a frame and between frames, at about 22 kHz: 46 and 11.6 milliseconds.
const FRAME: usize = 1_024;
pub(super) const HOP: usize = 256;

/// Bands, of equal width on the mel scale (O'Shaughnessy 1987) between these frequencies.
const BANDS: usize = 48;
const LOWEST_HZ: f64 = 30.0;
const HIGHEST_HZ: f64 = 9_500.0;

/// The bands up to about 150 Hz, and how much more they count: kick drums and basses keep the beat, while there are
/// many more bands for what plays between.
const LOW_BANDS: usize = 3;
const LOW_WEIGHT: f32 = 6.0;

/// Frames over which a rise is taken.
const LAG: usize = 2;

/// Makes the envelope of a signal that comes in blocks.
pub(super) struct Onsets {
    spectra: Spectra,
    /// First and last bin of each band.
    bands: Vec<(usize, usize)>,
    before: [Vec<f32>; LAG],
    now: Vec<f32>,
    envelope: Vec<f32>,
}

impl Onsets {
    pub(super) fn new(rate: f64) -> Self {
        Self {
            spectra: Spectra::new(FRAME, HOP),
            bands: bands(rate),
            before: std::array::from_fn(|_| vec![0.0; BANDS]),
            now: vec![0.0; BANDS],
            envelope: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, samples: &[f32]) {
        let Self { spectra, bands, before, now, envelope } = self;
        spectra.take(samples, |powers| envelope.push(flux(powers, bands, before, now)));
    }

    /// The envelope, a value each [`HOP`] samples.
    pub(super) fn finish(mut self) -> Vec<f32> {
        let Self { spectra, bands, before, now, envelope } = &mut self;
        spectra.finish(|powers| envelope.push(flux(powers, bands, before, now)));
        // The first frames rise out of nothing.
        envelope.iter_mut().take(LAG).for_each(|value| *value = 0.0);
        self.envelope
    }
}

fn bands(rate: f64) -> Vec<(usize, usize)> {
    let mel = |hertz: f64| 2_595.0 * libm::log10(1.0 + hertz / 700.0);
    let hertz = |mel: f64| 700.0 * (libm::exp10(mel / 2_595.0) - 1.0);
    let (low, high) = (mel(LOWEST_HZ), mel(HIGHEST_HZ.min(rate / 2.0)));
    let bin = |edge: usize| {
        let hertz = hertz(low + (high - low) * edge as f64 / BANDS as f64);
        ((hertz / rate * FRAME as f64).round() as usize).min(FRAME / 2)
    };
    (0..BANDS).map(|band| (bin(band), bin(band + 1).max(bin(band) + 1))).collect()
}

fn flux(powers: &[f32], bands: &[(usize, usize)], before: &mut [Vec<f32>; LAG], now: &mut Vec<f32>) -> f32 {
    for (value, &(from, to)) in now.iter_mut().zip(bands) {
        let power: f32 = powers[from..to.min(powers.len())].iter().sum();
        *value = libm::log1pf(power * 10.0);
    }
    let old = &before[0];
    let rise = |band: usize| {
        let around = &old[band.saturating_sub(1)..(band + 2).min(BANDS)];
        (now[band] - around.iter().copied().fold(0.0, f32::max)).max(0.0)
    };
    let weight = |band: usize| if band < LOW_BANDS { LOW_WEIGHT } else { 1.0 };
    let flux = (0..BANDS).map(|band| rise(band) * weight(band)).sum::<f32>() / BANDS as f32;
    before.rotate_left(1);
    std::mem::swap(&mut before[LAG - 1], now);
    flux
}
