//! Tones: an oscillator or two, an envelope and a filter.

use std::sync::LazyLock;

/// What a tone is made of.
#[derive(Debug)]
pub struct Timbre {
    /// The registry name.
    pub name: &'static str,
    wave: Wave,
    /// A second oscillator so many hundredths of a half tone above.
    detune_cents: f64,
    attack_s: f64,
    /// After which a tone has 1/e of its loudness above the sustained one.
    decay_s: f64,
    /// Loudness that stays, from 0 to 1.
    sustain: f32,
    release_s: f64,
    /// How much of the partials is kept: the cut-off of a low-pass filter over the fundamental.
    brightness: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wave {
    Sine,
    Saw,
    Square,
}

/// Every timbre of basses; to add one: its entry.
pub const BASSES: &[Timbre] = &[
    timbre("sub-bass", Wave::Sine, 0.0, [0.004, 0.35, 0.4, 0.05], 40.0),
    timbre("saw-bass", Wave::Saw, 7.0, [0.003, 0.25, 0.35, 0.04], 5.0),
    timbre("square-bass", Wave::Square, 0.0, [0.003, 0.2, 0.3, 0.04], 4.0),
];

/// Every timbre of chords.
pub const CHORDS: &[Timbre] = &[
    timbre("pad", Wave::Saw, 11.0, [0.08, 0.9, 0.6, 0.25], 6.0),
    timbre("organ", Wave::Square, 4.0, [0.01, 1.5, 0.8, 0.05], 7.0),
    timbre("piano", Wave::Saw, 2.0, [0.002, 0.45, 0.05, 0.12], 9.0),
];

/// Every timbre of melodies.
pub const LEADS: &[Timbre] = &[
    timbre("lead", Wave::Square, 9.0, [0.01, 0.3, 0.5, 0.06], 9.0),
    timbre("pluck", Wave::Saw, 3.0, [0.002, 0.14, 0.0, 0.05], 12.0),
    timbre("flute", Wave::Sine, 5.0, [0.04, 0.5, 0.7, 0.08], 40.0),
];

const fn timbre(
    name: &'static str,
    wave: Wave,
    detune_cents: f64,
    [attack_s, decay_s, sustain, release_s]: [f64; 4],
    brightness: f64,
) -> Timbre {
    Timbre { name, wave, detune_cents, attack_s, decay_s, sustain: sustain as f32, release_s, brightness }
}

const TABLE_BITS: u32 = 11;
const TABLE: usize = 1 << TABLE_BITS;
/// Tables of a wave, each for fundamentals up to twice those of the one before.
const OCTAVES: usize = 10;
/// The highest fundamental of the first table, as a share of the sample rate.
const FIRST_LIMIT: f64 = 1.0 / 2_048.0;

/// Band-limited saw and square waves by octave, and a sine.
struct Tables {
    sine: Vec<f32>,
    saws: Vec<Vec<f32>>,
    squares: Vec<Vec<f32>>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let sine = |place: usize| libm::sin(std::f64::consts::TAU * place as f64 / TABLE as f64) as f32;
    let sine: Vec<f32> = (0..TABLE).map(sine).collect();
    let sum = |harmonics: usize, step: usize| -> Vec<f32> {
        let partial = |place: usize, harmonic: usize| sine[harmonic * place % TABLE] / harmonic as f32;
        (0..TABLE)
            .map(|place| {
                (1..=harmonics).step_by(step).map(|harmonic| partial(place, harmonic)).sum::<f32>() * 0.6
            })
            .collect()
    };
    let harmonics = |octave: usize| ((0.45 / (FIRST_LIMIT * (1 << octave) as f64)) as usize).clamp(1, 400);
    let (saws, squares) =
        (0..OCTAVES).map(|octave| (sum(harmonics(octave), 1), sum(harmonics(octave), 2))).unzip();
    Tables { sine, saws, squares }
});

/// A tone that sounds.
#[derive(Debug)]
pub(super) struct Tone {
    table: &'static [f32],
    phases: [u32; 2],
    steps: [u32; 2],
    frame: u64,
    attack: u64,
    held: u64,
    level: f32,
    sustain: f32,
    decay: f32,
    release: f32,
    smoothing: f32,
    filtered: f32,
    end: u64,
}

impl Tone {
    /// A tone of `frequency` hertz that is held for `held_s` seconds.
    pub(super) fn new(
        timbre: &'static Timbre,
        frequency: f64,
        velocity: f32,
        held_s: f64,
        sample_rate: f64,
    ) -> Self {
        let tables = &*TABLES;
        let share = frequency / sample_rate;
        let octave = (0..OCTAVES - 1).find(|&octave| share <= FIRST_LIMIT * (1 << octave) as f64);
        let octave = octave.unwrap_or(OCTAVES - 1);
        let table = match timbre.wave {
            Wave::Sine => &tables.sine,
            Wave::Saw => &tables.saws[octave],
            Wave::Square => &tables.squares[octave],
        };
        let step = |cents: f64| (share * libm::exp2(cents / 1_200.0) * 4_294_967_296.0) as u32;
        let per_frame = |seconds: f64| libm::exp(-1.0 / (seconds * sample_rate)) as f32;
        let cut_off = (share * timbre.brightness).min(0.45);
        let held = (held_s * sample_rate) as u64;
        Self {
            table,
            phases: [0, 1 << 30],
            steps: [step(0.0), step(timbre.detune_cents)],
            frame: 0,
            attack: (timbre.attack_s * sample_rate).max(1.0) as u64,
            held,
            level: velocity,
            sustain: velocity * timbre.sustain,
            decay: per_frame(timbre.decay_s),
            release: per_frame(timbre.release_s / 4.0),
            smoothing: 1.0 - libm::exp(-std::f64::consts::TAU * cut_off) as f32,
            filtered: 0.0,
            end: held + (timbre.release_s * 2.5 * sample_rate) as u64,
        }
    }

    /// Adds the next frames, and says whether the tone goes on.
    pub(super) fn add_to(&mut self, out: &mut [f32]) -> bool {
        let frames =
            usize::try_from(self.end.saturating_sub(self.frame)).unwrap_or(usize::MAX).min(out.len());
        for sample in &mut out[..frames] {
            let at = |phase: u32| self.table[(phase >> (32 - TABLE_BITS)) as usize];
            let raw = at(self.phases[0]) + at(self.phases[1]);
            self.phases[0] = self.phases[0].wrapping_add(self.steps[0]);
            self.phases[1] = self.phases[1].wrapping_add(self.steps[1]);
            self.filtered += (raw - self.filtered) * self.smoothing;
            let rise = if self.frame < self.attack { self.frame as f32 / self.attack as f32 } else { 1.0 };
            if self.frame >= self.held {
                self.level *= self.release;
            } else {
                self.level = self.sustain + (self.level - self.sustain) * self.decay;
            }
            *sample += self.filtered * self.level * rise * 0.5;
            self.frame += 1;
        }
        self.frame < self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_has_its_frequency_in_any_blocks() {
        for timbre in BASSES.iter().chain(CHORDS).chain(LEADS) {
            let render = |block: usize| {
                let mut tone = Tone::new(timbre, 440.0, 1.0, 0.5, 44_100.0);
                let mut made = vec![0.0; 22_050];
                for out in made.chunks_mut(block) {
                    tone.add_to(out);
                }
                made
            };
            let made = render(22_050);
            assert_eq!(made, render(777), "{}", timbre.name);
            // A period of 440 Hz correlates with the next: more than with what lies two thirds of one later.
            let lagged = |lag: usize| -> f32 {
                made[4_410..].windows(lag + 1).take(2_000).map(|pair| pair[0] * pair[lag]).sum()
            };
            assert!(lagged(100) > 2.0 * lagged(67), "{}: {} {}", timbre.name, lagged(100), lagged(67));
            assert!(made.iter().all(|sample| sample.abs() < 4.0));
        }
    }

    #[test]
    fn a_tone_ends() {
        let mut tone = Tone::new(&LEADS[0], 880.0, 1.0, 0.1, 44_100.0);
        let mut out = vec![0.0; 44_100];
        assert!(!tone.add_to(&mut out));
        assert!(out[40_000..].iter().all(|&sample| sample == 0.0));
    }
}
