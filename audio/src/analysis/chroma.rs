//! How much each pitch class sounds.

use super::frames::Spectra;

/// Samples of a frame and between frames, at about 22 kHz: 0.37 s, enough to tell half tones from 55 Hz on apart.
const FRAME: usize = 8_192;
const HOP: usize = 4_096;

/// Fundamentals and low partials; above, partials of other pitch classes prevail.
const LOWEST_HZ: f64 = 55.0;
const HIGHEST_HZ: f64 = 1_800.0;

/// Half the width, in half tones, within which a peak counts for its pitch class.
const WIDTH: f64 = 0.35;

/// The twelve pitch classes from C.
pub(super) type Chroma = [f32; 12];

/// Sums the chroma of a signal over stretches of equal length.
pub(super) struct ChromaSums {
    spectra: Spectra,
    /// Pitch class and weight of each bin.
    classes: Vec<(usize, f32)>,
    first: usize,
    frames_per_stretch: usize,
    frames: usize,
    sums: Vec<Chroma>,
}

impl ChromaSums {
    /// Over stretches of `stretch_s` seconds.
    pub(super) fn new(rate: f64, stretch_s: f64) -> Self {
        let bin = |hertz: f64| (hertz / rate * FRAME as f64) as usize;
        let (first, last) = (bin(LOWEST_HZ), bin(HIGHEST_HZ).min(FRAME / 2 - 1));
        let class = |bin: usize| {
            let hertz = bin as f64 * rate / FRAME as f64;
            // Half tones above C, of which A4, 440 Hz, is the ninth (ISO 16).
            let pitch = 12.0 * libm::log2(hertz / 440.0) + 9.0;
            let off = (pitch - pitch.round()).abs();
            let weight = if off < WIDTH { 1.0 - off / WIDTH } else { 0.0 };
            (pitch.round().rem_euclid(12.0) as usize % 12, weight as f32)
        };
        Self {
            spectra: Spectra::new(FRAME, HOP),
            classes: (first..=last).map(class).collect(),
            first,
            frames_per_stretch: (stretch_s * rate / HOP as f64).max(1.0) as usize,
            frames: 0,
            sums: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, samples: &[f32]) {
        let Self { spectra, classes, first, frames_per_stretch, frames, sums } = self;
        spectra.take(samples, |powers| {
            if *frames % *frames_per_stretch == 0 {
                sums.push(Chroma::default());
            }
            *frames += 1;
            if let Some(sum) = sums.last_mut() {
                add(&powers[*first - 1..], classes, sum);
            }
        });
    }

    /// The sums of all stretches.
    pub(super) fn finish(self) -> Vec<Chroma> {
        self.sums
    }
}

/// Adds the peaks of a spectrum that begins one bin before the first of `classes`; each frame counts alike.
fn add(powers: &[f32], classes: &[(usize, f32)], sum: &mut Chroma) {
    let mut chroma = Chroma::default();
    for (around, &(class, weight)) in powers.windows(3).zip(classes) {
        if around[1] > around[0] && around[1] >= around[2] {
            chroma[class] += around[1].sqrt() * weight;
        }
    }
    let largest = chroma.iter().copied().fold(0.0, f32::max);
    if largest > 1e-3 {
        sum.iter_mut().zip(chroma).for_each(|(sum, value)| *sum += value / largest);
    }
}
