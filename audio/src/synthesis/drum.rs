//! Drums: a falling sine, noise, or both.

use crate::random::Stream;

/// Which drum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DrumKind {
    Kick,
    Snare,
    Hat,
}

/// How a drum sounds: frequencies in hertz, times in seconds.
struct Sound {
    /// From and to which frequency the sine falls, and how fast.
    sweep: (f64, f64, f64),
    sine: f32,
    noise: f32,
    /// After which the drum has 1/e of its loudness.
    decay_s: f64,
    /// Whether low frequencies of the noise are taken away.
    is_bright: bool,
}

impl DrumKind {
    fn sound(self) -> Sound {
        match self {
            Self::Kick => {
                Sound { sweep: (180.0, 55.0, 0.03), sine: 1.0, noise: 0.02, decay_s: 0.11, is_bright: false }
            }
            Self::Snare => {
                Sound { sweep: (230.0, 190.0, 0.02), sine: 0.45, noise: 0.5, decay_s: 0.07, is_bright: false }
            }
            Self::Hat => {
                Sound { sweep: (0.0, 0.0, 1.0), sine: 0.0, noise: 0.4, decay_s: 0.025, is_bright: true }
            }
        }
    }
}

/// A drum that sounds.
#[derive(Debug)]
pub(super) struct Drum {
    noise: Stream,
    frame: u64,
    end: u64,
    phase: f32,
    step: f32,
    final_step: f32,
    fall: f32,
    level: f32,
    decay: f32,
    mix: (f32, f32),
    is_bright: bool,
    before: f32,
}

impl Drum {
    pub(super) fn new(kind: DrumKind, velocity: f32, noise: Stream, sample_rate: f64) -> Self {
        let sound = kind.sound();
        let per_frame = |seconds: f64| libm::exp(-1.0 / (seconds * sample_rate)) as f32;
        let (from, to, fall_s) = sound.sweep;
        Self {
            noise,
            frame: 0,
            end: (sound.decay_s * 7.0 * sample_rate) as u64,
            phase: 0.0,
            step: (from / sample_rate) as f32,
            final_step: (to / sample_rate) as f32,
            fall: per_frame(fall_s),
            level: velocity,
            decay: per_frame(sound.decay_s),
            mix: (sound.sine, sound.noise),
            is_bright: sound.is_bright,
            before: 0.0,
        }
    }

    /// Adds the next frames, and says whether the drum goes on.
    pub(super) fn add_to(&mut self, out: &mut [f32]) -> bool {
        let frames =
            usize::try_from(self.end.saturating_sub(self.frame)).unwrap_or(usize::MAX).min(out.len());
        for sample in &mut out[..frames] {
            let noise = self.noise.noise(self.frame);
            let noise = if self.is_bright {
                (noise - std::mem::replace(&mut self.before, noise)) * 0.7
            } else {
                noise
            };
            *sample += (parabola(self.phase) * self.mix.0 + noise * self.mix.1) * self.level;
            self.phase += self.step;
            self.phase -= self.phase.floor();
            self.step = self.final_step + (self.step - self.final_step) * self.fall;
            self.level *= self.decay;
            self.frame += 1;
        }
        self.frame < self.end
    }
}

/// A sine of a phase from 0 to 1, as two parabolas: near enough for a drum, and the same on every machine.
fn parabola(phase: f32) -> f32 {
    let half = if phase < 0.5 { phase } else { phase - 0.5 };
    let arch = 16.0 * half * (0.5 - half);
    if phase < 0.5 { arch } else { -arch }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drums_are_the_same_in_any_blocks_and_fade() {
        for kind in [DrumKind::Kick, DrumKind::Snare, DrumKind::Hat] {
            let render = |block: usize| {
                let mut drum = Drum::new(kind, 1.0, Stream::new(1, "noise"), 44_100.0);
                let mut made = vec![0.0_f32; 44_100];
                for out in made.chunks_mut(block) {
                    drum.add_to(out);
                }
                made
            };
            assert_eq!(render(44_100), render(313), "{kind:?}");
            let power = |samples: &[f32]| samples.iter().map(|sample| sample * sample).sum::<f32>();
            let made = render(44_100);
            assert!(power(&made[..2_000]) > 1.0 && power(&made[40_000..]) == 0.0, "{kind:?}");
        }
    }
}
