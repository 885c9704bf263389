//! Which days are summarised, and in what pieces.

use std::ops::Range;

use super::day::{Day, DayRange};
use crate::{Error, Result};

/// The longest window, in days: a century. Day tables stay small, and a mistyped number is noticed.
pub const MAX_WINDOW_DAYS: u32 = 36_525;

/// A baseline window and the current window that follows it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowPair {
    /// What the current window is compared with.
    pub baseline: DayRange,
    /// The latest days.
    pub current: DayRange,
}

impl WindowPair {
    /// The windows `[as_of − current − baseline, as_of − current)` and `[as_of − current, as_of)`.
    ///
    /// # Errors
    /// [`Error::Option`] naming `baseline-days` or `current-days` when it is 0 or above
    /// [`MAX_WINDOW_DAYS`], and naming `as-of` when a window would start before the first day there is.
    pub fn before(as_of: Day, baseline_days: u32, current_days: u32) -> Result<Self> {
        let baseline_length = checked_length("baseline-days", baseline_days)?;
        let current_length = checked_length("current-days", current_days)?;
        let split = as_of.checked_add(-current_length);
        let start = split.and_then(|day| day.checked_add(-baseline_length));
        match (start, split) {
            (Some(start), Some(split)) => Ok(Self {
                baseline: DayRange { start, end: split },
                current: DayRange { start: split, end: as_of },
            }),
            _ => Err(Error::option(
                "as-of",
                as_of,
                "the windows before it start before the first day there is",
            )),
        }
    }
}

/// A window length as a day difference, checked.
fn checked_length(option: &'static str, days: u32) -> Result<i32> {
    match i32::try_from(days) {
        Ok(length) if (1..=MAX_WINDOW_DAYS).contains(&days) => Ok(length),
        _ => Err(Error::option(option, days, format!("a window has 1 to {MAX_WINDOW_DAYS} days"))),
    }
}

/// The days that are summarised, cut in two ways: into windows, for which distributions are kept, and into buckets,
/// for which there are counts and sums. Neither overlap each other; both are in ascending order; every window is
/// made of whole buckets.
///
/// A row belongs to the window and to the bucket that hold its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    windows: Vec<DayRange>,
    buckets: Vec<DayRange>,
}

impl Grid {
    /// Index of the baseline among [`Grid::windows`] of a grid made from a [`WindowPair`].
    pub const BASELINE: usize = 0;
    /// Index of the current window among [`Grid::windows`] of a grid made from a [`WindowPair`].
    pub const CURRENT: usize = 1;

    /// Two windows, each one bucket: what a comparison of two windows needs.
    #[must_use]
    pub fn of_windows(pair: WindowPair) -> Self {
        let windows = vec![pair.baseline, pair.current];
        Self { buckets: windows.clone(), windows }
    }

    /// Windows that are a bucket each: ascending and disjoint, or a single one.
    #[must_use]
    pub fn of_ranges(ranges: Vec<DayRange>) -> Self {
        Self { buckets: ranges.clone(), windows: ranges }
    }

    /// Windows and buckets, each ascending and disjoint; every window has to be made of whole buckets.
    ///
    /// # Panics
    /// When a bucket reaches out of a window, or a window has days without a bucket: that is a bug of the caller.
    #[must_use]
    pub fn new(windows: Vec<DayRange>, buckets: Vec<DayRange>) -> Self {
        let grid = Self { windows, buckets };
        for (number, window) in grid.windows.iter().enumerate() {
            let buckets = &grid.buckets[grid.buckets_of(number)];
            let days: u64 = buckets.iter().map(DayRange::len_days).sum();
            let ends = buckets.first().map(|first| first.start).zip(buckets.last().map(|last| last.end));
            assert!(days == window.len_days() && ends == Some((window.start, window.end)), "{window}");
        }
        grid
    }

    /// The same windows, and a bucket for each of the `history_days` days before the end of the last: what a search
    /// for the day of a change needs.
    ///
    /// # Errors
    /// [`Error::Option`] naming `history-days` when there are more than [`MAX_WINDOW_DAYS`] of them, or so few
    /// that a window would reach beyond.
    pub fn with_daily_history(self, history_days: u32) -> Result<Self> {
        let span = self.span();
        let start = span.end.checked_add(-i32::try_from(history_days).unwrap_or(i32::MAX));
        let start = start.filter(|&start| start <= span.start && history_days <= MAX_WINDOW_DAYS);
        let Some(start) = start else {
            let least = span.len_days();
            let problem = format!("from {least}, the days of both windows, to {MAX_WINDOW_DAYS}");
            return Err(Error::option("history-days", history_days, problem));
        };
        let days = DayRange { start, end: span.end };
        Ok(Self { buckets: days.days().collect(), windows: self.windows })
    }

    /// A window and a bucket for each day: what any other grid of these days can be made from.
    ///
    /// # Errors
    /// [`Error::Option`] naming `history-days` for no day or more than [`MAX_WINDOW_DAYS`].
    pub fn of_days(days: DayRange) -> Result<Self> {
        if days.len_days() == 0 || days.len_days() > u64::from(MAX_WINDOW_DAYS) {
            let problem = format!("1 to {MAX_WINDOW_DAYS} days");
            return Err(Error::option("history-days", days.len_days(), problem));
        }
        let days: Vec<DayRange> = days.days().collect();
        Ok(Self { windows: days.clone(), buckets: days })
    }

    /// The buckets that a window is made of.
    ///
    /// # Panics
    /// When there is no such window.
    #[must_use]
    pub fn buckets_of(&self, window: usize) -> Range<usize> {
        let window = self.windows[window];
        let first = self.buckets.partition_point(|bucket| bucket.start < window.start);
        let end = self.buckets.partition_point(|bucket| bucket.start < window.end);
        first..end
    }

    /// The windows, ascending.
    #[must_use]
    pub fn windows(&self) -> &[DayRange] {
        &self.windows
    }

    /// The buckets, ascending.
    #[must_use]
    pub fn buckets(&self) -> &[DayRange] {
        &self.buckets
    }

    /// The baseline and the current window, or `None` if the grid does not have exactly two windows.
    #[must_use]
    pub fn window_pair(&self) -> Option<WindowPair> {
        match self.windows[..] {
            [baseline, current] => Some(WindowPair { baseline, current }),
            _ => None,
        }
    }

    /// The shortest range that holds all windows and buckets: rows outside of it need not be read.
    #[must_use]
    pub fn span(&self) -> DayRange {
        let ranges = || self.windows.iter().chain(&self.buckets);
        let start = ranges().map(|range| range.start).min().unwrap_or(Day(0));
        let end = ranges().map(|range| range.end).max().unwrap_or(Day(0));
        DayRange { start, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_the_payer_rule_span_104_days() {
        let as_of: Day = "2026-11-20".parse().unwrap();
        let grid = Grid::of_windows(WindowPair::before(as_of, 90, 14).unwrap());
        // Python 3: date(2026, 11, 20) - timedelta(104) = 2026-08-08, and - timedelta(14) = 2026-11-06.
        assert_eq!(grid.windows()[Grid::BASELINE].to_string(), "[2026-08-08, 2026-11-06)");
        assert_eq!(grid.windows()[Grid::CURRENT].to_string(), "[2026-11-06, 2026-11-20)");
        assert_eq!(grid.span().len_days(), 104);
    }

    #[test]
    fn impossible_windows_name_the_option() {
        let refused = |days| WindowPair::before(Day(0), days, 14).unwrap_err().to_string();
        assert_eq!(refused(0), "--baseline-days 0: a window has 1 to 36525 days");
        assert!(refused(u32::MAX).starts_with("--baseline-days 4294967295"));
        let early = WindowPair::before(Day(i32::MIN + 20), 90, 14).unwrap_err().to_string();
        assert!(early.starts_with("--as-of"), "{early}");
    }

    #[test]
    fn windows_are_made_of_whole_buckets() {
        let pair = WindowPair::before(Day(100), 10, 5).unwrap();
        let grid = Grid::of_windows(pair);
        assert_eq!((grid.buckets_of(Grid::BASELINE), grid.buckets_of(Grid::CURRENT)), (0..1, 1..2));
        let daily = grid.clone().with_daily_history(50).unwrap();
        assert_eq!(daily.span(), DayRange { start: Day(50), end: Day(100) });
        assert_eq!((daily.buckets_of(Grid::BASELINE), daily.buckets_of(Grid::CURRENT)), (35..45, 45..50));
        for days in [14, MAX_WINDOW_DAYS + 1, u32::MAX] {
            let refused = grid.clone().with_daily_history(days).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("--history-days {days}: from 15")), "{refused}");
        }
        assert!(Grid::of_days(DayRange::ALL).is_err());
    }
}
