//! Which notes and drums begin in a bar.

use super::drum::DrumKind;
use super::tone::{BASSES, CHORDS, LEADS, Timbre};
use crate::music::{Key, Recording, STYLES, Scale, Section, Style};
use crate::random::Stream;

/// What begins to sound.
#[derive(Debug)]
pub(super) struct Event {
    /// Seconds from the start of the music.
    pub(super) at_s: f64,
    pub(super) velocity: f32,
    pub(super) voice: Voice,
}

/// What sounds.
#[derive(Debug)]
pub(super) enum Voice {
    Drum { kind: DrumKind, seed: u64 },
    Tone { bus: Bus, timbre: &'static Timbre, frequency: f64, held_s: f64 },
}

/// Where it is mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bus {
    Drums,
    Bass,
    Chords,
    Lead,
}

/// Over which two sections are mixed where one follows the other.
const JOIN_S: f64 = 8.0;

/// Sixteenths of a bar.
const SIXTEENTHS: usize = 16;

/// Degrees that chords are built on, a bar each.
const MAJOR_PROGRESSIONS: [[i32; 4]; 5] =
    [[0, 4, 5, 3], [0, 5, 3, 4], [0, 3, 0, 4], [5, 3, 0, 4], [0, 1, 4, 0]];
const MINOR_PROGRESSIONS: [[i32; 4]; 5] =
    [[0, 0, 5, 6], [0, 5, 2, 6], [0, 3, 0, 4], [0, 6, 5, 0], [0, 0, 3, 4]];

/// The dominant of a minor key, whose third is raised to lead to the tonic.
const DOMINANT: i32 = 4;

/// The notes of a recording, bar by bar.
#[derive(Debug)]
pub(super) struct Score<'r> {
    recording: &'r Recording,
    music_s: f64,
}

/// A bar of one section.
struct Bar<'s> {
    number: u64,
    section: &'s Section,
    style: &'static Style,
    /// Everything that the section leaves open.
    choices: Stream,
    weight: f32,
}

impl<'r> Score<'r> {
    pub(super) fn new(recording: &'r Recording) -> Self {
        let music_s = recording.music_s();
        Self { recording, music_s: music_s.end - music_s.start }
    }

    /// When a bar begins, in seconds from the start of the music; `None` behind the end.
    pub(super) fn start_s(&self, bar: u64) -> Option<f64> {
        Some(self.time_of(bar, 0.0)).filter(|&at_s| at_s < self.music_s)
    }

    /// What begins in a bar, in no order.
    pub(super) fn events(&self, bar: u64) -> Vec<Event> {
        let mut events = Vec::new();
        let Some(start_s) = self.start_s(bar) else { return events };
        for (section, weight) in self.sounding(start_s) {
            let sections = &self.recording.request().sections;
            let place = sections.iter().position(|known| known == section).unwrap_or(0);
            let choices = Stream::new(self.recording.request().seed, &format!("section {place}"));
            let style = &STYLES[section.style];
            let bar = Bar { number: bar, section, style, choices, weight };
            self.add_drums(&bar, &mut events);
            self.add_bass(&bar, &mut events);
            self.add_chords(&bar, &mut events);
            self.add_melody(&bar, &mut events);
        }
        events.retain(|event| event.at_s < self.music_s);
        events
    }

    /// The sections that sound at a time, each with its loudness.
    fn sounding(&self, at_s: f64) -> Vec<(&'r Section, f32)> {
        let sections = &self.recording.request().sections;
        let current = sections.partition_point(|section| section.at_s <= at_s).max(1) - 1;
        let mut sounding = vec![(&sections[current], 1.0)];
        let mut join = |other: Option<&'r Section>, distance_s: f64| {
            let share = (0.5 - distance_s / JOIN_S) as f32;
            if let (Some(other), true) = (other, share > 0.0) {
                sounding[0].1 = 1.0 - share;
                sounding.push((other, share));
            }
        };
        if let Some(next) = sections.get(current + 1) {
            join(Some(next), next.at_s - at_s);
        }
        if current > 0 {
            join(sections.get(current - 1), at_s - sections[current].at_s);
        }
        sounding
    }

    /// The time of a sixteenth of a bar; fractions lie between two.
    fn time_of(&self, bar: u64, sixteenth: f64) -> f64 {
        let beat = bar as f64 * 4.0 + sixteenth / 4.0;
        match &self.recording.request().tempo {
            Some(tempo) => tempo.time_of(beat),
            // Without a tempo nothing keeps time: every start is off by up to half a second.
            None => {
                let stray = Stream::new(self.recording.request().seed, "stray");
                let place = (bar * 1_000).wrapping_add((sixteenth * 10.0) as u64);
                beat * 0.85 + stray.unit(place) * 0.5
            }
        }
    }

    fn swung(&self, bar: &Bar, sixteenth: usize) -> f64 {
        let late = if sixteenth % 2 == 1 { bar.style.swing } else { 0.0 };
        self.time_of(bar.number, sixteenth as f64 + late)
    }

    fn add_drums(&self, bar: &Bar, events: &mut Vec<Event>) {
        let patterns = [
            (DrumKind::Kick, bar.style.kick),
            (DrumKind::Snare, bar.style.snare),
            (DrumKind::Hat, bar.style.hat),
        ];
        let has_drums = bar.style.kick[0].contains('X');
        let is_fill = has_drums && bar.number % 8 == 7;
        for (kind, pattern) in patterns {
            for sixteenth in 0..SIXTEENTHS {
                let is_filled = is_fill && sixteenth >= 12;
                let velocity = match (is_filled, kind) {
                    (true, DrumKind::Snare) => 0.5 + 0.1 * (sixteenth - 12) as f32,
                    (true, DrumKind::Kick) => 0.0,
                    _ => Style::velocity(&pattern, bar.number, sixteenth),
                };
                let index = (bar.number * 64 + sixteenth as u64) * 4 + kind as u64;
                let velocity = velocity * bar.weight * (0.9 + 0.2 * bar.choices.unit(index) as f32);
                if velocity > 0.0 {
                    let voice = Voice::Drum { kind, seed: bar.choices.bits(index) };
                    events.push(Event { at_s: self.swung(bar, sixteenth), velocity, voice });
                }
            }
        }
    }

    fn add_bass(&self, bar: &Bar, events: &mut Vec<Event>) {
        let root = bar.root();
        for sixteenth in 0..SIXTEENTHS {
            let velocity = Style::velocity(&bar.style.bass, bar.number, sixteenth);
            if velocity == 0.0 {
                continue;
            }
            // The fifth or the octave now and then.
            let degree = match bar.choices.below(bar.number * 64 + sixteenth as u64 + 7_000_000, 8) {
                0 => root + 4,
                1 => root + 7,
                _ => root,
            };
            let held_s = self.length_s(bar, sixteenth, &bar.style.bass);
            let timbre = bar.timbre(BASSES, 1);
            self.push_tone(
                bar,
                events,
                sixteenth,
                Voice::Tone { bus: Bus::Bass, timbre, frequency: bar.frequency(degree, 2), held_s },
                velocity,
            );
        }
    }

    fn add_chords(&self, bar: &Bar, events: &mut Vec<Event>) {
        let root = bar.root();
        let timbre = bar.timbre(CHORDS, 2);
        for sixteenth in 0..SIXTEENTHS {
            let velocity = Style::velocity(&bar.style.chords, bar.number, sixteenth);
            if velocity == 0.0 {
                continue;
            }
            let held_s = self.length_s(bar, sixteenth, &bar.style.chords);
            for step in [0, 2, 4] {
                // Inverted so that all chords lie in one octave.
                let degree = (root + step).rem_euclid(7);
                let is_leading = step == 2 && root == DOMINANT && bar.section.key.scale() == Scale::Minor;
                let frequency = bar.frequency(degree, 4) * if is_leading { HALF_TONE } else { 1.0 };
                self.push_tone(
                    bar,
                    events,
                    sixteenth,
                    Voice::Tone { bus: Bus::Chords, timbre, frequency, held_s },
                    velocity * 0.5,
                );
            }
        }
    }

    fn add_melody(&self, bar: &Bar, events: &mut Vec<Event>) {
        let (timbre, root) = (bar.timbre(LEADS, 3), bar.root());
        for sixteenth in 0..SIXTEENTHS {
            let index = bar.number * 64 + sixteenth as u64 + 9_000_000;
            let density = bar.style.melody_density * if sixteenth % 4 == 0 { 1.6 } else { 0.8 };
            if bar.choices.unit(index) >= density {
                continue;
            }
            let is_strong = sixteenth % 4 == 0;
            let degree = match (is_strong, bar.choices.below(index ^ 0x5555, 4)) {
                (true, choice) => root + [0, 2, 4, 7][choice],
                (false, choice) => root + [-1, 1, 3, 5][choice],
            };
            let frequency = bar.frequency(degree.rem_euclid(14), 5);
            // One passing tone of twenty does not belong to the scale.
            let is_chromatic = !is_strong && bar.choices.below(index ^ 0x3333, 20) == 0;
            let frequency = frequency * if is_chromatic { HALF_TONE } else { 1.0 };
            let held_s = self.time_of(bar.number, 2.0) - self.time_of(bar.number, 0.0);
            let held_s = held_s.abs().clamp(0.05, 0.6);
            self.push_tone(
                bar,
                events,
                sixteenth,
                Voice::Tone { bus: Bus::Lead, timbre, frequency, held_s },
                0.6,
            );
        }
    }

    fn push_tone(&self, bar: &Bar, events: &mut Vec<Event>, sixteenth: usize, voice: Voice, velocity: f32) {
        events.push(Event { at_s: self.swung(bar, sixteenth), velocity: velocity * bar.weight, voice });
    }

    /// Up to the next note of the pattern, or the end of the bar.
    fn length_s(&self, bar: &Bar, sixteenth: usize, pattern: &[&str; 2]) -> f64 {
        let next = (sixteenth + 1..SIXTEENTHS).find(|&next| Style::velocity(pattern, bar.number, next) > 0.0);
        let end = next.unwrap_or(SIXTEENTHS) as f64;
        let length_s = self.time_of(bar.number, end) - self.time_of(bar.number, sixteenth as f64);
        (length_s * 0.9).clamp(0.05, 8.0)
    }
}

/// The twelfth root of 2.
const HALF_TONE: f64 = 1.059_463_094_359_295_3;

impl Bar<'_> {
    /// The degree that the bar's chord is built on.
    fn root(&self) -> i32 {
        let progressions = match self.section.key.scale() {
            Scale::Major => &MAJOR_PROGRESSIONS,
            Scale::Minor => &MINOR_PROGRESSIONS,
        };
        // One progression for eight bars, and the first one every other time.
        let phrase = self.number / 8;
        let choice = if phrase.is_multiple_of(2) { 0 } else { phrase };
        progressions[self.choices.below(1_000 + choice, progressions.len())][(self.number % 4) as usize]
    }

    fn timbre(&self, timbres: &'static [Timbre], part: u64) -> &'static Timbre {
        &timbres[self.choices.below(part, timbres.len())]
    }

    fn frequency(&self, degree: i32, octave: i32) -> f64 {
        let key: Key = self.section.key;
        let above_c = i32::from(key.tonic()) + key.half_tones(degree);
        // A4, 440 Hz, lies nine half tones above C4 (ISO 16).
        440.0 * libm::exp2(f64::from(above_c + 12 * (octave - 4) - 9) / 12.0)
    }
}
