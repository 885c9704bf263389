//! Overlapping frames of a signal, and their spectra.

use std::collections::VecDeque;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Cuts a signal that comes in blocks into overlapping frames, and gives the power of each frequency in each.
pub(super) struct Spectra {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    hop: usize,
    waiting: VecDeque<f32>,
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    powers: Vec<f32>,
}

impl Spectra {
    /// Frames of `length` samples, `hop` samples apart, under a Hann window; the first is centred on the first sample.
    pub(super) fn new(length: usize, hop: usize) -> Self {
        let transform = RealFftPlanner::new().plan_fft_forward(length);
        let hann = |place: usize| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * place as f64 / length as f64);
        Self {
            window: (0..length).map(|place| hann(place) as f32).collect(),
            hop,
            waiting: vec![0.0; length / 2].into(),
            frame: transform.make_input_vec(),
            spectrum: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            powers: vec![0.0; length / 2 + 1],
            transform,
        }
    }

    /// Takes samples, and hands out the powers of each frame that they complete.
    pub(super) fn take(&mut self, samples: &[f32], mut each: impl FnMut(&[f32])) {
        self.waiting.extend(samples);
        while self.waiting.len() >= self.window.len() {
            let (head, tail) = self.waiting.as_slices();
            let samples = head.iter().chain(tail).zip(&self.window);
            self.frame.iter_mut().zip(samples).for_each(|(out, (sample, window))| *out = sample * window);
            let done =
                self.transform.process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch);
            debug_assert!(done.is_ok(), "buffers have the lengths of the plan");
            let powers = self.powers.iter_mut().zip(&self.spectrum);
            powers.for_each(|(power, value)| *power = value.re * value.re + value.im * value.im);
            each(&self.powers);
            self.waiting.drain(..self.hop);
        }
    }

    /// Hands out the frames that the end of the signal leaves, filled up with silence.
    pub(super) fn finish(&mut self, each: impl FnMut(&[f32])) {
        let silence = vec![0.0; self.window.len() / 2];
        self.take(&silence, each);
    }
}
