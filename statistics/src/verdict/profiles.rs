//! The courses in time that a change may take within the days that are searched.

use super::effects::PARTIAL_LEVELS;

/// Days, counted from the first that is searched, that feel the same part of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many levels lower than the full effect they are.
    pub(super) lower: usize,
}

/// How much of a change is felt on each day.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Profile {
    /// Runs of days that feel the same part of it.
    pub(super) runs: Vec<Run>,
    /// What it is given before the data are seen, relative to the others.
    pub(super) weight: f64,
}

impl Profile {
    /// From the strength of each day, 0 to 1, rounded to a level. Days that feel less than a fifth do not count.
    fn of(strengths: impl Iterator<Item = f64>, weight: f64) -> Self {
        let lower = |strength: f64| (-2.0 * libm::log2(strength)).round() as usize;
        let mut runs: Vec<Run> = Vec::new();
        for (day, strength) in strengths.enumerate().filter(|(_, strength)| *strength > 0.2) {
            let lower = lower(strength).min(PARTIAL_LEVELS);
            match runs.last_mut().filter(|run| run.end == day && run.lower == lower) {
                Some(run) => run.end = day + 1,
                None => runs.push(Run { start: day, end: day + 1, lower }),
            }
        }
        Self { runs, weight }
    }

    /// The first day that feels the change.
    pub(super) fn first_day(&self) -> usize {
        self.runs.first().map_or(0, |run| run.start)
    }
}

/// Every course, for `days` days of which the current window begins with day `split`.
///
/// A change that is over before the current window begins is none of these.
pub(super) fn profiles(days: usize, split: usize) -> Vec<Profile> {
    let mut all = Vec::new();
    steps(days, split, &mut all);
    ramps(days, split, &mut all);
    pulses(days, split, &mut all);
    recurring(days, split, &mut all);
    all
}

/// From a day on; the first day of the current window is as likely as all the others.
fn steps(days: usize, split: usize, all: &mut Vec<Profile>) {
    let recent = split.saturating_sub(10);
    let starts: Vec<usize> = (0..recent).step_by(3).chain(recent..days.saturating_sub(1).max(1)).collect();
    for &start in &starts {
        let weight = if start == split { 0.25 } else { 0.25 / starts.len() as f64 };
        all.push(Profile::of((0..days).map(|day| f64::from(u8::from(day >= start))), weight));
    }
}

/// Growing for one or two weeks, then staying.
fn ramps(days: usize, split: usize, all: &mut Vec<Profile>) {
    let starts: Vec<usize> = (split.saturating_sub(14)..days.saturating_sub(3)).step_by(3).collect();
    for length in [7.0, 14.0] {
        for &start in &starts {
            let strength = |day: usize| ((day as f64 + 0.5 - start as f64) / length).clamp(0.0, 1.0);
            all.push(Profile::of((0..days).map(strength), 0.1 / starts.len() as f64));
        }
    }
}

/// Rising and falling, or there and gone, with its middle within the current window.
fn pulses(days: usize, split: usize, all: &mut Vec<Profile>) {
    let mut spans = Vec::new();
    for length in [4, 8, 12] {
        let starts = split.saturating_sub(length / 4)..days.saturating_sub(length / 2);
        for start in starts.step_by(length / 4 + 1) {
            spans.push((start, length));
        }
    }
    let weight = 0.1 / spans.len().max(1) as f64;
    for &(start, length) in &spans {
        let from_start = |day: usize| day as f64 + 0.5 - start as f64;
        let triangle = |day| (1.0 - (2.0 * from_start(day) / length as f64 - 1.0).abs()).max(0.0);
        all.push(Profile::of((0..days).map(triangle), weight));
        if start + length < days {
            let within = |day| f64::from(u8::from((start..start + length).contains(&day)));
            all.push(Profile::of((0..days).map(within), weight));
        }
    }
}

/// On some days of every week of the current window.
fn recurring(days: usize, split: usize, all: &mut Vec<Profile>) {
    for length in [2, 3] {
        for phase in 0..7 {
            let on = |day: usize| day >= split && (day - split + phase) % 7 < length;
            all.push(Profile::of((0..days).map(|day| f64::from(u8::from(on(day)))), 0.1 / 14.0));
        }
    }
}
