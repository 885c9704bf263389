//! Loudness by EBU R 128 (ITU-R BS.1770).

use ebur128::{EbuR128, Mode};

use super::results::Loudness;

/// Takes samples and measures them.
pub(super) struct Meter(EbuR128);

impl Meter {
    pub(super) fn new(sample_rate: u32, channels: usize) -> Result<Self, String> {
        // Histograms keep memory bounded; without them every 100 ms would be kept.
        let mode = Mode::I | Mode::SAMPLE_PEAK | Mode::HISTOGRAM;
        EbuR128::new(channels as u32, sample_rate, mode).map(Self).map_err(|error| error.to_string())
    }

    pub(super) fn take(&mut self, block: &[f32]) {
        let taken = self.0.add_frames_f32(block);
        debug_assert!(taken.is_ok(), "memory for one block");
    }

    pub(super) fn finish(self) -> Option<Loudness> {
        let integrated_lufs = self.0.loudness_global().ok().filter(|loudness| loudness.is_finite())?;
        let peaks = (0..self.0.channels()).filter_map(|channel| self.0.sample_peak(channel).ok());
        let peak = peaks.fold(0.0, f64::max);
        Some(Loudness { integrated_lufs, peak_dbfs: 20.0 * libm::log10(peak) })
    }
}
