//! Samples of a recording, block by block: memory does not depend on its length.

mod drum;
mod score;
mod tone;

use drum::Drum;
use score::{Bus, Event, Score, Voice};
use tone::Tone;

use crate::music::{Recording, Treatment};
use crate::random::Stream;

pub use tone::{BASSES, CHORDS, LEADS, Timbre};

/// Frames of a block; the last has fewer.
pub const BLOCK_FRAMES: usize = 4_096;

/// How loud each bus is.
const GAINS: [f32; 4] = [0.62, 0.42, 0.26, 0.22];

/// How much of each bus comes from the left; from the right comes the rest.
const LEFT: [f32; 4] = [0.5, 0.5, 0.4, 0.62];

/// Makes a recording's samples.
#[derive(Debug)]
pub struct Synthesizer<'r> {
    recording: &'r Recording,
    score: Score<'r>,
    next_bar: u64,
    /// What begins later, the next at the end.
    waiting: Vec<Event>,
    sounding: Vec<(Bus, Sounding)>,
    buses: [Vec<f32>; 4],
    frame: u64,
    noise: Stream,
}

#[derive(Debug)]
enum Sounding {
    Tone(Tone),
    Drum(Drum),
}

impl<'r> Synthesizer<'r> {
    /// At the start of the recording.
    #[must_use]
    pub fn new(recording: &'r Recording) -> Self {
        Self {
            recording,
            score: Score::new(recording),
            next_bar: 0,
            waiting: Vec::new(),
            sounding: Vec::new(),
            buses: std::array::from_fn(|_| vec![0.0; BLOCK_FRAMES]),
            frame: 0,
            noise: Stream::new(recording.request().seed, "noise"),
        }
    }

    /// The next block: samples of all channels by turns, whole numbers of the recording's bits. Empty at the end.
    pub fn next_block(&mut self, samples: &mut Vec<i32>) {
        samples.clear();
        let left = self.recording.frames().saturating_sub(self.frame);
        let frames = usize::try_from(left).unwrap_or(usize::MAX).min(BLOCK_FRAMES);
        if frames == 0 {
            return;
        }
        self.render(frames);
        let request = self.recording.request();
        let largest = f32::from(i16::MAX) * if request.bits == 24 { 256.0 } else { 1.0 };
        for place in 0..frames {
            let (mut left, mut right) = (0.0, 0.0);
            for bus in 0..GAINS.len() {
                let loud = self.buses[bus][place] * GAINS[bus] * 2.0;
                left += loud * LEFT[bus];
                right += loud * (1.0 - LEFT[bus]);
            }
            let treated =
                |sample: f32, side: u64| self.treated(sample, (self.frame + place as u64) * 2 + side);
            let mut push = |sample: f32| samples.push((sample * largest).round() as i32);
            if request.channels == 2 {
                push(treated(left, 0));
                push(treated(right, 1));
            } else {
                push(treated((left + right) * 0.5, 0));
            }
        }
        self.frame += frames as u64;
    }

    /// Fills the buses with the next frames.
    fn render(&mut self, frames: usize) {
        self.buses.iter_mut().for_each(|bus| bus[..frames].fill(0.0));
        let rate = f64::from(self.recording.request().sample_rate);
        let first_s = self.recording.music_s().start;
        let end = self.frame + frames as u64;
        self.fetch(end as f64 / rate - first_s);
        let buses = &mut self.buses;
        self.sounding.retain_mut(|(bus, sounding)| sounding.add_to(&mut buses[*bus as usize][..frames]));
        while let Some(event) = self.waiting.pop_if(|event| (((event.at_s + first_s) * rate) as u64) < end) {
            let starts = ((event.at_s + first_s) * rate) as u64;
            let offset = starts.saturating_sub(self.frame) as usize;
            let (bus, mut sounding) = Sounding::of(event, rate);
            if sounding.add_to(&mut self.buses[bus as usize][offset..frames]) {
                self.sounding.push((bus, sounding));
            }
        }
    }

    /// Reads the score up to a time.
    fn fetch(&mut self, until_s: f64) {
        let known = self.waiting.len();
        // Swung and straying notes of a bar begin later than it, none earlier.
        while self.score.start_s(self.next_bar).is_some_and(|start_s| start_s <= until_s) {
            self.waiting.extend(self.score.events(self.next_bar));
            self.next_bar += 1;
        }
        if self.waiting.len() > known {
            self.waiting.sort_by(|one, other| other.at_s.total_cmp(&one.at_s));
        }
    }

    /// A sample of the finished mix, from −1 to 1, after what is done to it.
    fn treated(&self, sample: f32, index: u64) -> f32 {
        match self.recording.request().treatment {
            Treatment::Silence => 0.0,
            Treatment::Noise => self.noise.noise(index) * 0.3,
            Treatment::Noisy => limited(sample * 0.8 + self.noise.noise(index) * 0.1),
            Treatment::Clipped => (limited(sample) * 4.0).clamp(-1.0, 1.0),
            Treatment::Clean | Treatment::Padded => limited(sample),
        }
    }
}

/// Held below 1 without a step: the Padé approximant of the hyperbolic tangent, x (27 + x²) / (27 + 9 x²), which
/// reaches 1 at 3.
fn limited(sample: f32) -> f32 {
    let sample = sample.clamp(-3.0, 3.0);
    let square = sample * sample;
    sample * (27.0 + square) / (27.0 + 9.0 * square) * 0.95
}

impl Sounding {
    fn of(event: Event, rate: f64) -> (Bus, Self) {
        match event.voice {
            Voice::Drum { kind, seed } => {
                let noise = Stream::new(seed, "drum");
                (Bus::Drums, Self::Drum(Drum::new(kind, event.velocity, noise, rate)))
            }
            Voice::Tone { bus, timbre, frequency, held_s } => {
                (bus, Self::Tone(Tone::new(timbre, frequency, event.velocity, held_s, rate)))
            }
        }
    }

    fn add_to(&mut self, out: &mut [f32]) -> bool {
        match self {
            Self::Tone(tone) => tone.add_to(out),
            Self::Drum(drum) => drum.add_to(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;
    use crate::music::{Key, Request, STYLES, Section, Tempo, TempoPoint};

    fn recording(style: usize, treatment: Treatment) -> Recording {
        let key = |name, scale| Key::named(name, scale).unwrap();
        let point = |at_s, bpm, ramps| TempoPoint { at_s, bpm, ramps };
        Recording::new(Request {
            seed: 9,
            duration_s: 12.0,
            sample_rate: 22_050,
            channels: 2,
            bits: 16,
            tempo: Tempo::new(vec![point(0.0, 118.0, true), point(6.0, 126.0, false)]).ok(),
            sections: vec![
                Section { at_s: 0.0, key: key("A", "minor"), style },
                Section { at_s: 6.0, key: key("E", "minor"), style: (style + 1) % STYLES.len() },
            ],
            treatment,
        })
        .unwrap()
    }

    fn samples(recording: &Recording) -> Vec<i32> {
        let (mut synthesizer, mut all, mut block) = (Synthesizer::new(recording), Vec::new(), Vec::new());
        loop {
            synthesizer.next_block(&mut block);
            if block.is_empty() {
                return all;
            }
            all.extend_from_slice(&block);
        }
    }

    fn level(samples: &[i32]) -> f64 {
        (samples.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / samples.len() as f64).sqrt()
            / 32_768.0
    }

    #[test]
    fn every_style_sounds_and_stays_in_range() {
        for (style, about) in STYLES.iter().enumerate() {
            let made = samples(&recording(style, Treatment::Clean));
            assert_eq!(made.len(), 12 * 22_050 * 2);
            assert!(made.iter().all(|sample| sample.abs() <= 32_767));
            let level = level(&made);
            assert!((0.02..0.5).contains(&level), "{}: {level}", about.name);
        }
    }

    #[test]
    fn treatments_do_what_they_say() {
        assert!(samples(&recording(0, Treatment::Silence)).iter().all(|&sample| sample == 0));
        let noise = level(&samples(&recording(0, Treatment::Noise)));
        assert!((noise - 0.3 / 3_f64.sqrt()).abs() < 0.01, "{noise}");
        let full = |treatment| {
            samples(&recording(0, treatment)).iter().filter(|sample| sample.abs() >= 32_767).count()
        };
        assert!(full(Treatment::Clipped) > 1_000 && full(Treatment::Clean) == 0);
        let padded = samples(&recording(0, Treatment::Padded));
        assert!(padded[..2 * 3 * 22_050].iter().all(|&sample| sample == 0));
        assert!(level(&padded[2 * 3 * 22_050..2 * 6 * 22_050]) > 0.02);
    }

    #[test]
    fn the_same_request_has_the_same_samples_everywhere() {
        let bytes: Vec<u8> =
            samples(&recording(0, Treatment::Noisy)).iter().flat_map(|sample| sample.to_le_bytes()).collect();
        // Made by this code; another digest means that all recordings sound differently.
        assert_eq!(format!("{:016x}", xxh3_64(&bytes)), "32593a4ed7855f68");
    }
}
