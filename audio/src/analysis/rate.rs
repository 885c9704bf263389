//! One channel at about 22 kHz: what tempo and key are told from.

/// Taps of the low-pass filter on each side of its middle.
const HALF_TAPS: usize = 24;

/// Mixes channels and divides the rate by a whole number.
pub(super) struct Downsampler {
    channels: usize,
    factor: usize,
    taps: Vec<f32>,
    waiting: Vec<f32>,
    next: usize,
}

impl Downsampler {
    /// To the lowest rate of at least 20 kHz that is a whole part of `sample_rate`.
    pub(super) fn new(sample_rate: u32, channels: usize) -> Self {
        let factor = (sample_rate / 20_000).max(1) as usize;
        Self { channels, factor, taps: taps(factor), waiting: vec![0.0; HALF_TAPS], next: 0 }
    }

    /// The rate that comes out of `sample_rate`.
    pub(super) fn rate_of(sample_rate: u32) -> f64 {
        f64::from(sample_rate) / f64::from((sample_rate / 20_000).max(1))
    }

    /// Appends the samples that a block of all channels completes.
    pub(super) fn take(&mut self, block: &[f32], out: &mut Vec<f32>) {
        let share = 1.0 / self.channels as f32;
        match self.channels {
            1 => self.waiting.extend_from_slice(block),
            2 => self.waiting.extend(block.chunks_exact(2).map(|frame| (frame[0] + frame[1]) * 0.5)),
            _ => {
                let frames = block.chunks_exact(self.channels);
                self.waiting.extend(frames.map(|frame| frame.iter().sum::<f32>() * share));
            }
        }
        if self.factor == 1 {
            let from = self.next + HALF_TAPS;
            out.extend_from_slice(&self.waiting[from.min(self.waiting.len())..]);
            self.next = self.waiting.len().saturating_sub(HALF_TAPS);
        }
        while self.factor > 1 && self.next + self.taps.len() <= self.waiting.len() {
            let samples = &self.waiting[self.next..self.next + self.taps.len()];
            out.push(dot(samples, &self.taps));
            self.next += self.factor;
        }
        let used = self.next.min(self.waiting.len());
        self.waiting.drain(..used);
        self.next -= used;
    }
}

/// Four sums at once, so that they can run in vector registers.
fn dot(samples: &[f32], taps: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (samples, taps) in samples.chunks_exact(8).zip(taps.chunks_exact(8)) {
        for lane in 0..8 {
            sums[lane] += samples[lane] * taps[lane];
        }
    }
    sums.iter().sum()
}

/// A windowed sinc (Hamming) that passes nine tenths of the new band; one tap of 0 makes their number divisible by 8.
fn taps(factor: usize) -> Vec<f32> {
    let cut_off = 0.9 / factor as f64;
    let tap = |place: usize| {
        let from_middle = place as f64 - HALF_TAPS as f64;
        let angle = std::f64::consts::PI * cut_off * from_middle;
        let sinc = if from_middle == 0.0 { 1.0 } else { libm::sin(angle) / angle };
        let window = 0.54 + 0.46 * libm::cos(std::f64::consts::PI * from_middle / HALF_TAPS as f64);
        cut_off * sinc * window
    };
    let mut taps: Vec<f32> = (0..2 * HALF_TAPS).map(|place| tap(place) as f32).collect();
    let sum: f32 = taps.iter().sum();
    taps.iter_mut().for_each(|tap| *tap /= sum);
    taps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halved(frequency: f64, block: usize) -> Vec<f32> {
        let wave =
            |frame: u32| libm::sin(std::f64::consts::TAU * frequency * f64::from(frame) / 44_100.0) as f32;
        let samples: Vec<f32> = (0..44_100).map(wave).collect();
        let (mut downsampler, mut out) = (Downsampler::new(44_100, 1), Vec::new());
        samples.chunks(block).for_each(|block| downsampler.take(block, &mut out));
        out
    }

    #[test]
    fn low_tones_pass_and_high_ones_do_not() {
        let power = |samples: &[f32]| {
            samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32
        };
        assert!((power(&halved(1_000.0, 4_096)) - 0.5).abs() < 0.01);
        assert!(power(&halved(14_000.0, 4_096)) < 1e-4);
        assert_eq!(halved(1_000.0, 4_096), halved(1_000.0, 333));
        assert!((Downsampler::rate_of(96_000), Downsampler::rate_of(44_100)) == (24_000.0, 22_050.0));
    }

    #[test]
    fn channels_are_mixed_and_low_rates_stay() {
        let (mut downsampler, mut out) = (Downsampler::new(22_050, 2), Vec::new());
        for block in [0.0_f32, 2.0, 4.0, 4.0, 1.0, 3.0, 5.0, 5.0].chunks(4) {
            downsampler.take(block, &mut out);
        }
        assert_eq!(out, [1.0, 4.0, 2.0, 5.0]);
    }
}
