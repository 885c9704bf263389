//! Tempo, beats, key and loudness of samples that come in blocks: memory does not grow with them but for a value each
//! 12 milliseconds.

mod beats;
mod chroma;
mod frames;
mod key;
mod loudness;
mod onset;
mod rate;
mod results;
mod tempo;
mod temporal;

use chroma::{Chroma, ChromaSums};
use loudness::Meter;
use onset::{HOP, Onsets};
use rate::Downsampler;

pub use key::{PROFILES, Profile};
pub use results::{Analysis, Bpm, BpmWindow, KeyResult, Loudness, TempoChange};

/// Seconds over which the key of a stretch is told.
const STRETCH_S: f64 = 15.0;

/// Takes a recording's samples and finds what it is.
pub struct Analyzer {
    sample_rate: u32,
    downsampler: Downsampler,
    mono: Vec<f32>,
    onsets: Onsets,
    chroma: ChromaSums,
    meter: Meter,
    profile: &'static Profile,
    frames: u64,
    channels: usize,
}

impl std::fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Analyzer {{ {} Hz, {} frames }}", self.sample_rate, self.frames)
    }
}

impl Analyzer {
    /// For samples of `channels` channels, `sample_rate` a second each.
    ///
    /// # Errors
    /// A text for rates below 8,000 and above 192,000, and for no channel or more than eight.
    pub fn new(sample_rate: u32, channels: usize) -> Result<Self, String> {
        if !(8_000..=192_000).contains(&sample_rate) || !(1..=8).contains(&channels) {
            return Err(format!(
                "{channels} channels of {sample_rate} Hz; 1 to 8 of 8000 to 192000 are allowed"
            ));
        }
        let rate = Downsampler::rate_of(sample_rate);
        Ok(Self {
            sample_rate,
            downsampler: Downsampler::new(sample_rate, channels),
            mono: Vec::new(),
            onsets: Onsets::new(rate),
            chroma: ChromaSums::new(rate, STRETCH_S),
            meter: Meter::new(sample_rate, channels)?,
            profile: &PROFILES[0],
            frames: 0,
            channels,
        })
    }

    /// Tells keys by another profile.
    #[must_use]
    pub fn with_profile(self, profile: &'static Profile) -> Self {
        Self { profile, ..self }
    }

    /// Takes the next samples, all channels by turns, from −1 to 1.
    pub fn take(&mut self, block: &[f32]) {
        self.frames += (block.len() / self.channels) as u64;
        self.mono.clear();
        self.downsampler.take(block, &mut self.mono);
        self.onsets.take(&self.mono);
        self.chroma.take(&self.mono);
        self.meter.take(block);
    }

    /// What the samples are.
    #[must_use]
    pub fn finish(self) -> Analysis {
        let rate = Downsampler::rate_of(self.sample_rate) / HOP as f64;
        let envelope = self.onsets.finish();
        let bpm = temporal::bpm(&envelope, rate);
        let stretches = self.chroma.finish();
        let duration_s = self.frames as f64 / f64::from(self.sample_rate);
        let key = results::key(&stretches, self.profile, STRETCH_S);
        Analysis { duration_s, bpm, key, loudness: self.meter.finish() }
    }
}

/// The sum of chroma vectors.
fn sum(stretches: &[Chroma]) -> Chroma {
    std::array::from_fn(|class| stretches.iter().map(|chroma| chroma[class]).sum())
}

#[cfg(test)]
mod tests;
