//! Recordings as a music library has them: styles with their tempi, and keys.

use super::{Key, Request, STYLES, Scale, Section, Tempo, Treatment};
use crate::random::Stream;

/// Mean and standard deviation of the tempo of each style, in beats a minute.
const TEMPI: &[(&str, f64, f64)] = &[
    ("house", 124.0, 3.0),
    ("techno", 132.0, 6.0),
    ("pop", 117.0, 16.0),
    ("rock", 121.0, 22.0),
    ("hip-hop", 90.0, 8.0),
    ("drum-and-bass", 174.0, 2.0),
    ("dubstep", 140.0, 2.0),
];

/// The share of minor keys.
const MINOR: f64 = 0.58;

/// A stereo track of constant tempo in one key, with the style at `style` in [`STYLES`]; tempo and key follow from the
/// seed.
#[must_use]
pub fn track(seed: u64, style: usize, duration_s: f64) -> Request {
    let choices = Stream::new(seed, "population");
    let scale = if choices.unit(0) < MINOR { Scale::Minor } else { Scale::Major };
    let tonic = choices.below(1, 12) as u8;
    let style = style % STYLES.len();
    Request {
        seed,
        duration_s,
        sample_rate: 44_100,
        channels: 2,
        bits: 16,
        tempo: tempo(style, choices),
        sections: Key::new(tonic, scale).map(|key| Section { at_s: 0.0, key, style }).into_iter().collect(),
        treatment: Treatment::Clean,
    }
}

/// The tempo of a style, drawn; `None` where it has none.
fn tempo(style: usize, choices: Stream) -> Option<Tempo> {
    let (_, mean, deviation) = TEMPI.iter().find(|(name, ..)| *name == STYLES[style].name)?;
    // The sum of twelve uniform numbers has variance 1, and never strays beyond six deviations.
    let normal = (0..12).map(|index| choices.unit(100 + index)).sum::<f64>() - 6.0;
    let bpm = (mean + deviation * normal).clamp(60.0, 200.0);
    Tempo::constant((bpm * 10.0).round() / 10.0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Recording;

    #[test]
    fn every_style_has_its_tempo_or_none() {
        for (style, about) in STYLES.iter().enumerate() {
            let recordings: Vec<Recording> =
                (0..50).map(|seed| Recording::new(track(seed, style, 30.0)).unwrap()).collect();
            let tempi: Vec<f64> = recordings.iter().filter_map(|recording| recording.truth().bpm).collect();
            match TEMPI.iter().find(|(name, ..)| *name == about.name) {
                None => assert!(tempi.is_empty()),
                Some(&(name, mean, deviation)) => {
                    let found = tempi.iter().sum::<f64>() / 50.0;
                    assert!((found - mean).abs() < 4.0 * deviation / 50_f64.sqrt() + 0.1, "{name}: {found}");
                }
            }
        }
    }
}
