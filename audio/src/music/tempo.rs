//! How fast music goes: tempo over time, and the beats that follow from it.

use serde::{Deserialize, Serialize};

/// The slowest and the fastest tempo that can be asked for, in beats a minute.
pub const BPM_RANGE: std::ops::RangeInclusive<f64> = 20.0..=400.0;

/// From a time on, a tempo; up to the next point it stays, or changes evenly over time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TempoPoint {
    /// Seconds from the start.
    pub at_s: f64,
    /// Beats a minute.
    pub bpm: f64,
    /// Whether the tempo moves towards the next point's.
    #[serde(default)]
    pub ramps: bool,
}

/// Tempo over time; made by [`Tempo::new`] only, so that it can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub struct Tempo {
    points: Vec<TempoPoint>,
    /// Beats before each point.
    beats: Vec<f64>,
}

impl Tempo {
    /// The same tempo all the time.
    ///
    /// # Errors
    /// A text for a tempo that is out of [`BPM_RANGE`].
    pub fn constant(bpm: f64) -> Result<Self, String> {
        Self::new(vec![TempoPoint { at_s: 0.0, bpm, ramps: false }])
    }

    /// A tempo of these points, the first at 0 s.
    ///
    /// # Errors
    /// A text naming the point: times that do not ascend from 0, and tempi out of [`BPM_RANGE`].
    pub fn new(points: Vec<TempoPoint>) -> Result<Self, String> {
        if points.first().is_none_or(|first| first.at_s != 0.0) {
            return Err("tempo: the first point has to be at 0 s".to_owned());
        }
        for (number, point) in points.iter().enumerate() {
            if !BPM_RANGE.contains(&point.bpm) {
                let (least, most) = (BPM_RANGE.start(), BPM_RANGE.end());
                return Err(format!(
                    "tempo: point {number}: {} bpm; {least} to {most} are allowed",
                    point.bpm
                ));
            }
        }
        if let Some(number) = points
            .windows(2)
            .position(|pair| pair[1].at_s.partial_cmp(&pair[0].at_s) != Some(std::cmp::Ordering::Greater))
        {
            return Err(format!("tempo: point {} is not after the one before", number + 1));
        }
        let mut tempo = Self { points, beats: vec![0.0] };
        for number in 1..tempo.points.len() {
            let before = tempo.beats_in(number - 1, tempo.points[number].at_s);
            tempo.beats.push(tempo.beats[number - 1] + before);
        }
        Ok(tempo)
    }

    /// The points.
    #[must_use]
    pub fn points(&self) -> &[TempoPoint] {
        &self.points
    }

    /// Beats a minute at a time.
    #[must_use]
    pub fn bpm_at(&self, at_s: f64) -> f64 {
        let number = self.point_before(at_s);
        self.points[number].bpm + self.slope(number) * (at_s - self.points[number].at_s)
    }

    /// Beats from the start to a time.
    #[must_use]
    pub fn beats_until(&self, at_s: f64) -> f64 {
        let number = self.point_before(at_s);
        self.beats[number] + self.beats_in(number, at_s)
    }

    /// The time of a beat, in seconds from the start; beat 0 is there.
    #[must_use]
    pub fn time_of(&self, beat: f64) -> f64 {
        let number = self.beats.partition_point(|&before| before <= beat).max(1) - 1;
        let (point, left, slope) = (&self.points[number], beat - self.beats[number], self.slope(number));
        let per_second = point.bpm / 60.0;
        if slope == 0.0 {
            return point.at_s + left / per_second;
        }
        // Beats = a t + b t²: the root that continues the constant tempo, in the form that does not cancel.
        let b = slope / 120.0;
        let root = libm::sqrt((per_second * per_second + 4.0 * b * left).max(0.0));
        point.at_s + 2.0 * left / (per_second + root)
    }

    /// The mean tempo up to a time: beats over minutes.
    #[must_use]
    pub fn mean_bpm(&self, until_s: f64) -> f64 {
        self.beats_until(until_s) / until_s * 60.0
    }

    /// Whether the tempo never changes.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.points.iter().all(|point| point.bpm == self.points[0].bpm)
    }

    fn point_before(&self, at_s: f64) -> usize {
        self.points.partition_point(|point| point.at_s <= at_s).max(1) - 1
    }

    /// Change of the tempo behind a point, in bpm a second.
    fn slope(&self, number: usize) -> f64 {
        let point = &self.points[number];
        match self.points.get(number + 1) {
            Some(next) if point.ramps => (next.bpm - point.bpm) / (next.at_s - point.at_s),
            _ => 0.0,
        }
    }

    fn beats_in(&self, number: usize, until_s: f64) -> f64 {
        let (point, passed) = (&self.points[number], until_s - self.points[number].at_s);
        (point.bpm + self.slope(number) * passed / 2.0) * passed / 60.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_constant_tempo_has_even_beats() {
        let tempo = Tempo::constant(120.0).unwrap();
        assert_eq!((tempo.time_of(0.0), tempo.time_of(7.0), tempo.beats_until(10.0)), (0.0, 3.5, 20.0));
        assert!(tempo.is_constant());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let point = |at_s, bpm| TempoPoint { at_s, bpm, ramps: false };
        for points in [
            vec![],
            vec![point(1.0, 120.0)],
            vec![point(0.0, 500.0)],
            vec![point(0.0, f64::NAN)],
            vec![point(0.0, 120.0), point(0.0, 130.0)],
            vec![point(0.0, 120.0), point(f64::NAN, 130.0)],
        ] {
            assert!(Tempo::new(points.clone()).is_err(), "{points:?}");
        }
    }

    proptest! {
        #[test]
        fn beats_and_times_lead_back_to_each_other(
            points in prop::collection::vec((0.5..40.0_f64, 30.0..250.0_f64, any::<bool>()), 1..6),
            at in 0.0..300.0_f64,
        ) {
            let mut at_s = 0.0;
            let points = points.into_iter().map(|(length, bpm, ramps)| {
                let point = TempoPoint { at_s, bpm, ramps };
                at_s += length;
                point
            }).collect();
            let tempo = Tempo::new(points).unwrap();
            let beat = tempo.beats_until(at);
            prop_assert!((tempo.time_of(beat) - at).abs() < 1e-6, "{at} {beat} {}", tempo.time_of(beat));
            prop_assert!(tempo.beats_until(at + 0.01) > beat);
        }
    }
}
