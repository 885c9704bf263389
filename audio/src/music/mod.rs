//! What a recording is to sound like, and what is true of it.

mod key;
pub mod population;
mod style;
mod tempo;

use serde::{Deserialize, Serialize};

use crate::synthesis::BLOCK_FRAMES;

pub use key::{Key, PITCH_CLASSES, Scale};
pub use style::{STYLES, Style};
pub use tempo::{BPM_RANGE, Tempo, TempoPoint};

/// The longest recording, in seconds: twelve hours.
pub const MAX_DURATION_S: f64 = 43_200.0;

/// The fewest frames of a block: what the encoder of FLAC takes.
const SHORTEST_BLOCK: u64 = 32;

/// A stretch in one key and one style. Where one follows another, they are mixed over a few seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Section {
    /// Seconds from the start.
    pub at_s: f64,
    /// Its key.
    pub key: Key,
    /// Its place in [`STYLES`].
    pub style: usize,
}

/// What is done to the finished music.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    /// Nothing.
    #[default]
    Clean,
    /// White noise, 12 dB below the music.
    Noisy,
    /// Amplified by 12 dB and cut off at full scale.
    Clipped,
    /// Ten seconds of silence before it and a third of its length after it.
    Padded,
    /// No music, but silence.
    Silence,
    /// No music, but white noise.
    Noise,
}

impl Treatment {
    /// Every treatment, in the order of their names in listings.
    pub const ALL: [Self; 6] =
        [Self::Clean, Self::Noisy, Self::Clipped, Self::Padded, Self::Silence, Self::Noise];
}

/// What a recording is to sound like, as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Everything that is left open follows from it.
    pub seed: u64,
    /// How long, in seconds.
    pub duration_s: f64,
    /// Samples a second: 8,000 to 192,000.
    pub sample_rate: u32,
    /// 1 or 2.
    pub channels: u16,
    /// 16 or 24.
    pub bits: u16,
    /// How fast; without one there is no beat.
    pub tempo: Option<Tempo>,
    /// At least one, the first at 0 s.
    pub sections: Vec<Section>,
    /// What is done to it.
    pub treatment: Treatment,
}

/// What a recording is to sound like, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording(Request);

/// What analysis has to find.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// Beats over minutes; `None` where there is no beat.
    pub bpm: Option<f64>,
    /// Tempo over time.
    pub bpm_curve: Vec<TempoPoint>,
    /// The time of each beat, in seconds.
    pub beats_s: Vec<f64>,
    /// The key that sounds longest, as tonic and scale; `None` where there is no music.
    pub key: Option<(&'static str, Scale)>,
    /// The key from each time on.
    pub keys: Vec<(f64, &'static str, Scale)>,
}

impl Recording {
    /// The recording that is asked for.
    ///
    /// # Errors
    /// A text naming the property that cannot be, with what is allowed.
    pub fn new(request: Request) -> Result<Self, String> {
        let Request { duration_s, sample_rate, channels, bits, .. } = request;
        if !(duration_s > 0.0 && duration_s <= MAX_DURATION_S) {
            return Err(format!("duration_s: {duration_s}; above 0, at most {MAX_DURATION_S}"));
        }
        if !(8_000..=192_000).contains(&sample_rate) {
            return Err(format!("sample_rate: {sample_rate}; 8000 to 192000 are allowed"));
        }
        if !(1..=2).contains(&channels) || ![16, 24].contains(&bits) {
            return Err(format!("{channels} channels of {bits} bits; 1 or 2 of 16 or 24 are allowed"));
        }
        let sections = &request.sections;
        let is_ordered = sections.windows(2).all(|pair| pair[0].at_s < pair[1].at_s);
        if sections.first().is_none_or(|first| first.at_s != 0.0) || !is_ordered {
            return Err("sections: their times have to ascend from 0 s".to_owned());
        }
        match sections.iter().find(|section| section.style >= STYLES.len()) {
            Some(section) => Err(format!("style {}: there are {}", section.style, STYLES.len())),
            None => Ok(Self(request)),
        }
    }

    /// What was asked for.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.0
    }

    /// Samples of each channel: those of the duration, and up to 31 more where the last block would have fewer
    /// than 32.
    #[must_use]
    pub fn frames(&self) -> u64 {
        let frames = (self.0.duration_s * f64::from(self.0.sample_rate)).round() as u64;
        let last = frames % BLOCK_FRAMES as u64;
        if last == 0 && frames > 0 { frames } else { frames - last + last.max(SHORTEST_BLOCK) }
    }

    /// The part of the recording in which there is music, in seconds.
    #[must_use]
    pub fn music_s(&self) -> std::ops::Range<f64> {
        let duration_s = self.0.duration_s;
        match self.0.treatment {
            Treatment::Silence | Treatment::Noise => 0.0..0.0,
            Treatment::Padded => {
                let start_s = 10.0_f64.min(duration_s / 4.0);
                start_s..duration_s - duration_s / 4.0
            }
            _ => 0.0..duration_s,
        }
    }

    /// What analysis has to find.
    #[must_use]
    pub fn truth(&self) -> Truth {
        let music_s = self.music_s();
        let length_s = music_s.end - music_s.start;
        let tempo = self.0.tempo.as_ref().filter(|_| length_s > 0.0);
        let shifted = |point: &TempoPoint| TempoPoint { at_s: point.at_s + music_s.start, ..*point };
        let sounding: Vec<&Section> =
            self.0.sections.iter().filter(|section| section.at_s < length_s).collect();
        let name = |section: &Section| (section.key.tonic_name(), section.key.scale());
        Truth {
            bpm: tempo.map(|tempo| tempo.mean_bpm(length_s)),
            bpm_curve: tempo
                .iter()
                .flat_map(|tempo| tempo.points().iter().filter(|point| point.at_s < length_s).map(shifted))
                .collect(),
            beats_s: tempo.map_or_else(Vec::new, |tempo| {
                let beats = (0_u32..).map(|beat| tempo.time_of(f64::from(beat)));
                beats.take_while(|&at_s| at_s < length_s).map(|at_s| at_s + music_s.start).collect()
            }),
            key: longest(&sounding, length_s).map(name),
            keys: sounding
                .iter()
                .map(|section| (section.at_s + music_s.start, name(section).0, name(section).1))
                .collect(),
        }
    }
}

/// A section of the key that sounds longest.
fn longest<'s>(sections: &[&'s Section], length_s: f64) -> Option<&'s Section> {
    let end = |number: usize| sections.get(number + 1).map_or(length_s, |next| next.at_s);
    let length_of = |key: Key| -> f64 {
        let numbered = sections.iter().enumerate().filter(|(_, section)| section.key == key);
        numbered.map(|(number, section)| end(number) - section.at_s).sum()
    };
    sections.iter().copied().max_by(|one, other| length_of(one.key).total_cmp(&length_of(other.key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        let key = |name, scale| Key::named(name, scale).unwrap();
        Request {
            seed: 1,
            duration_s: 40.0,
            sample_rate: 44_100,
            channels: 2,
            bits: 16,
            tempo: Some(Tempo::constant(120.0).unwrap()),
            sections: vec![
                Section { at_s: 0.0, key: key("C", "major"), style: 0 },
                Section { at_s: 8.0, key: key("A", "minor"), style: 0 },
                Section { at_s: 30.0, key: key("C", "major"), style: 0 },
            ],
            treatment: Treatment::Clean,
        }
    }

    #[test]
    fn the_truth_follows_from_the_request() {
        let truth = Recording::new(request()).unwrap().truth();
        assert_eq!((truth.bpm, truth.beats_s.len()), (Some(120.0), 80));
        assert_eq!(truth.key, Some(("A", Scale::Minor)));
        assert_eq!(truth.keys.len(), 3);
        let padded = Recording::new(Request { treatment: Treatment::Padded, ..request() }).unwrap().truth();
        assert_eq!((padded.beats_s[0], padded.beats_s.len()), (10.0, 40));
        let silence = Recording::new(Request { treatment: Treatment::Silence, ..request() }).unwrap();
        assert_eq!((silence.truth().bpm, silence.truth().key), (None, None));
    }

    #[test]
    fn what_cannot_be_is_refused_by_its_name() {
        let refused = |request| Recording::new(request).unwrap_err();
        assert!(refused(Request { duration_s: f64::NAN, ..request() }).starts_with("duration_s"));
        assert!(refused(Request { sample_rate: 7_999, ..request() }).starts_with("sample_rate"));
        assert!(refused(Request { bits: 8, ..request() }).contains("8 bits"));
        assert!(refused(Request { sections: vec![], ..request() }).starts_with("sections"));
        let mut other = request();
        other.sections[1].style = STYLES.len();
        assert!(refused(other).starts_with("style"));
    }
}
