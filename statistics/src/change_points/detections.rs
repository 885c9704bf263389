//! Scores of alarms against known drifts of a stream.
//!
//! The protocol of Cerqueira, Gomes, Heyden, Pfahringer, Bifet, arXiv:2606.07789 (2026), as CapyMOA's
//! `EvaluateDriftDetector` follows it: a drift is detected by any alarm from `max_early` before its start to `max_delay`
//! after its end; the first gives the delay; further ones do no harm; alarms outside are false.

/// How far from a drift an alarm may be, in values of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    /// Before the start of the drift.
    pub max_early: usize,
    /// After the end of the drift; above 0.
    pub max_delay: usize,
}

/// A drift of a stream: the indexes of the first and the last value that it changes. Both are one for a sudden drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drift {
    /// The first value of the drift.
    pub start: usize,
    /// The last value of the drift.
    pub end: usize,
}

/// What became of alarms and drifts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detections {
    /// The alarms that belong to a drift.
    pub true_alarms: usize,
    /// The others.
    pub false_alarms: usize,
    /// The drifts without an alarm.
    pub missed_drifts: usize,
    /// The drifts with an alarm.
    pub detected_drifts: usize,
    /// From the start of a detected drift to its first alarm, averaged, in values; 0 where the alarm is early.
    pub mean_delay: Option<f64>,
    /// The same as a share of the greatest delay.
    pub normalized_delay: Option<f64>,
}

impl Detections {
    /// Scores ascending `alarms` against `drifts`.
    #[must_use]
    pub fn of(alarms: &[usize], drifts: &[Drift], tolerance: Tolerance) -> Self {
        let belongs = |alarm: usize, drift: &Drift| {
            alarm.saturating_add(tolerance.max_early) >= drift.start
                && alarm <= drift.end.saturating_add(tolerance.max_delay)
        };
        let is_true = |alarm: &&usize| drifts.iter().any(|drift| belongs(**alarm, drift));
        let true_alarms = alarms.iter().filter(is_true).count();
        let first = |drift: &Drift| alarms.iter().copied().find(|&alarm| belongs(alarm, drift));
        let delay = |drift: &Drift| first(drift).map(|alarm| alarm.saturating_sub(drift.start));
        let delays: Vec<usize> = drifts.iter().filter_map(delay).collect();
        let mean_delay =
            (!delays.is_empty()).then(|| delays.iter().sum::<usize>() as f64 / delays.len() as f64);
        let greatest = tolerance.max_delay as f64;
        Self {
            true_alarms,
            false_alarms: alarms.len() - true_alarms,
            missed_drifts: drifts.len() - delays.len(),
            detected_drifts: delays.len(),
            mean_delay,
            normalized_delay: mean_delay.filter(|_| greatest > 0.0).map(|delay| delay / greatest),
        }
    }

    /// The share of alarms that belong to a drift; none without alarms.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.true_alarms, self.false_alarms)
    }

    /// True alarms against missed drifts; none without both.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.true_alarms, self.missed_drifts)
    }

    /// The share of drifts that are detected; none without drifts.
    #[must_use]
    pub fn episode_recall(&self) -> Option<f64> {
        share(self.detected_drifts, self.missed_drifts)
    }

    /// The harmonic mean of precision and recall; none where one is not defined or both are 0.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        let (precision, recall) = (self.precision()?, self.recall()?);
        (precision + recall > 0.0).then(|| 2.0 * precision * recall / (precision + recall))
    }
}

fn share(part: usize, rest: usize) -> Option<f64> {
    (part + rest > 0).then(|| part as f64 / (part + rest) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLERANCE: Tolerance = Tolerance { max_early: 0, max_delay: 200 };

    fn sudden(start: usize) -> Drift {
        Drift { start, end: start }
    }

    /// One drift found after 150 values and one false alarm: the numbers that CapyMOA's evaluator gives.
    #[test]
    fn delay_and_f1_are_capymoa_s() {
        let scored = Detections::of(&[1_150, 1_500], &[sudden(1_000)], TOLERANCE);
        assert_eq!(scored.f1(), Some(0.666_666_666_666_666_6));
        assert_eq!((scored.mean_delay, scored.normalized_delay), (Some(150.0), Some(0.75)));
    }

    #[test]
    fn further_alarms_do_no_harm_and_misses_count() {
        let scored =
            Detections::of(&[1_000, 1_100, 1_200, 1_201], &[sudden(1_000), sudden(5_000)], TOLERANCE);
        assert_eq!((scored.true_alarms, scored.false_alarms), (3, 1));
        assert_eq!((scored.detected_drifts, scored.missed_drifts), (1, 1));
        assert_eq!((scored.mean_delay, scored.episode_recall()), (Some(0.0), Some(0.5)));
    }

    #[test]
    fn early_alarms_count_where_allowed() {
        let early = Tolerance { max_early: 50, ..TOLERANCE };
        let gradual = Drift { start: 1_000, end: 2_000 };
        assert_eq!(Detections::of(&[949, 950, 2_200, 2_201], &[gradual], early).true_alarms, 2);
        assert_eq!(Detections::of(&[950], &[gradual], TOLERANCE).true_alarms, 0);
    }

    #[test]
    fn what_is_undefined_is_none() {
        let nothing = Detections::of(&[], &[], TOLERANCE);
        assert_eq!(
            (nothing.precision(), nothing.recall(), nothing.f1(), nothing.mean_delay),
            (None, None, None, None)
        );
        let missed = Detections::of(&[1], &[sudden(1_000)], TOLERANCE);
        assert_eq!((missed.precision(), missed.recall(), missed.f1()), (Some(0.0), Some(0.0), None));
    }
}
