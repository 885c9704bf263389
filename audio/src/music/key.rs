//! Keys: a tonic and a scale.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names of the twelve pitch classes, from C upwards, as music libraries write them.
pub const PITCH_CLASSES: [&str; 12] = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];

/// Major or minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Whole, whole, half, whole, whole, whole, half.
    Major,
    /// The natural minor scale.
    Minor,
}

impl Scale {
    /// Half tones above the tonic of the seven degrees.
    #[must_use]
    pub fn degrees(self) -> [u8; 7] {
        match self {
            Self::Major => [0, 2, 4, 5, 7, 9, 11],
            Self::Minor => [0, 2, 3, 5, 7, 8, 10],
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
        }
    }
}

/// One of the 24 keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    tonic: u8,
    scale: Scale,
}

impl Key {
    /// The key on a pitch class, counted in half tones from C; `None` from 12 on.
    #[must_use]
    pub fn new(tonic: u8, scale: Scale) -> Option<Self> {
        (tonic < 12).then_some(Self { tonic, scale })
    }

    /// The key of that tonic's name and that scale's, such as `F#` and `minor`.
    #[must_use]
    pub fn named(tonic: &str, scale: &str) -> Option<Self> {
        let tonic = PITCH_CLASSES.iter().position(|name| *name == tonic)?;
        let scale = [Scale::Major, Scale::Minor].into_iter().find(|known| known.name() == scale)?;
        Self::new(tonic as u8, scale)
    }

    /// All of them: the major keys from C, then the minor ones.
    pub fn all() -> impl Iterator<Item = Self> {
        [Scale::Major, Scale::Minor]
            .into_iter()
            .flat_map(|scale| (0..12).map(move |tonic| Self { tonic, scale }))
    }

    /// The tonic's pitch class, 0 for C to 11 for B.
    #[must_use]
    pub fn tonic(self) -> u8 {
        self.tonic
    }

    /// The tonic's name.
    #[must_use]
    pub fn tonic_name(self) -> &'static str {
        PITCH_CLASSES[usize::from(self.tonic)]
    }

    /// The scale.
    #[must_use]
    pub fn scale(self) -> Scale {
        self.scale
    }

    /// Half tones above the tonic of a degree, which may lie octaves away: 0 is the tonic, 7 the octave, −1 the degree
    /// below.
    #[must_use]
    pub fn half_tones(self, degree: i32) -> i32 {
        let step = usize::try_from(degree.rem_euclid(7)).unwrap_or(0);
        12 * degree.div_euclid(7) + i32::from(self.scale.degrees()[step])
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.tonic_name(), self.scale.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_keys() {
        assert_eq!(Key::all().count(), 24);
        for key in Key::all() {
            assert_eq!(Key::named(key.tonic_name(), key.scale().name()), Some(key));
        }
        assert_eq!(Key::named("F#", "minor").map(|key| key.to_string()).as_deref(), Some("F# minor"));
        assert!(Key::named("H", "minor").is_none() && Key::named("C", "dorian").is_none());
        assert!(Key::new(12, Scale::Major).is_none());
    }

    #[test]
    fn degrees_go_on_in_other_octaves() {
        let key = Key::named("A", "minor").unwrap();
        let tones: Vec<i32> = (-2..9).map(|degree| key.half_tones(degree)).collect();
        assert_eq!(tones, [-4, -2, 0, 2, 3, 5, 7, 8, 10, 12, 14]);
    }
}
