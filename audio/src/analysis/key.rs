//! Key: the profile that pitch classes resemble most.

use super::chroma::Chroma;
use crate::music::{Key, Scale};

/// How much each pitch class, counted from the tonic, belongs to a key.
#[derive(Debug)]
pub struct Profile {
    /// The registry name.
    pub name: &'static str,
    /// Where the numbers are from.
    pub source: &'static str,
    major: [f32; 12],
    minor: [f32; 12],
}

/// Every profile; the first is the default.
pub const PROFILES: &[Profile] = &[
    Profile {
        name: "bgate",
        source: "Faraldo, Jordà and Herrera 2017, \"A multi-profile method for key estimation in EDM\"",
        major: [1.00, 0.00, 0.42, 0.00, 0.53, 0.37, 0.00, 0.77, 0.00, 0.38, 0.21, 0.30],
        minor: [1.00, 0.00, 0.36, 0.39, 0.00, 0.38, 0.00, 0.74, 0.27, 0.00, 0.42, 0.23],
    },
    Profile {
        name: "temperley",
        source: "Temperley 1999, \"What's key for key? The Krumhansl-Schmuckler key-finding algorithm reconsidered\"",
        major: [5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0],
        minor: [5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0],
    },
    Profile {
        name: "krumhansl",
        source: "Krumhansl and Kessler 1982, \"Tracing the dynamic changes in perceived tonal organization\"",
        major: [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
        minor: [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
    },
    Profile {
        name: "edma",
        source: "Faraldo, Gómez, Jordà and Herrera 2016, \"Key estimation in electronic dance music\"",
        major: [1.00, 0.29, 0.50, 0.40, 0.60, 0.56, 0.32, 0.80, 0.31, 0.45, 0.42, 0.39],
        minor: [1.00, 0.31, 0.44, 0.58, 0.33, 0.49, 0.29, 0.78, 0.43, 0.29, 0.53, 0.32],
    },
];

impl Profile {
    /// The profile of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }
}

/// A key and how well it fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct KeyEstimate {
    pub(super) key: Key,
    /// Pearson's correlation of the chroma and the profile, from −1 to 1.
    pub(super) fit: f32,
}

/// The keys that fit best, the best first; none without sound.
pub(super) fn keys(chroma: &Chroma, profile: &Profile) -> Vec<KeyEstimate> {
    if chroma.iter().sum::<f32>() <= 0.0 {
        return Vec::new();
    }
    let fit = |key: Key| {
        let profile = if key.scale() == Scale::Major { &profile.major } else { &profile.minor };
        let tonic = usize::from(key.tonic());
        let turned: Chroma = std::array::from_fn(|class| chroma[(class + tonic) % 12]);
        correlation(&turned, profile)
    };
    let mut estimates: Vec<KeyEstimate> = Key::all().map(|key| KeyEstimate { key, fit: fit(key) }).collect();
    estimates.sort_by(|one, other| other.fit.total_cmp(&one.fit));
    estimates
}

fn correlation(one: &[f32; 12], other: &[f32; 12]) -> f32 {
    let mean = |values: &[f32; 12]| values.iter().sum::<f32>() / 12.0;
    let (one_mean, other_mean) = (mean(one), mean(other));
    let (mut product, mut one_square, mut other_square) = (0.0, 0.0, 0.0);
    for (one, other) in one.iter().zip(other) {
        let (one, other) = (one - one_mean, other - other_mean);
        product += one * other;
        one_square += one * one;
        other_square += other * other;
    }
    let scale = (one_square * other_square).sqrt();
    if scale > 0.0 { product / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_its_own_key() {
        for profile in PROFILES {
            for key in Key::all() {
                let values = if key.scale() == Scale::Major { profile.major } else { profile.minor };
                let tonic = usize::from(key.tonic());
                let chroma = std::array::from_fn(|class| values[(class + 12 - tonic) % 12]);
                let found = keys(&chroma, profile)[0];
                assert_eq!(found.key, key, "{}", profile.name);
                assert!((found.fit - 1.0).abs() < 1e-5);
            }
        }
        assert!(keys(&Chroma::default(), &PROFILES[0]).is_empty());
    }
}
