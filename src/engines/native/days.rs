//! From a day to the number of the range that holds it.

use crate::summaries::{Day, DayRange};

/// Which of some disjoint, ascending ranges a day lies in, by table.
#[derive(Debug)]
pub(super) struct DayTable {
    first: i32,
    /// Range number per day from `first`; the last entry stands for every day after.
    range_of: Vec<u32>,
    /// The number that stands for "in none".
    outside: u32,
}

impl DayTable {
    pub(super) fn new(ranges: &[DayRange]) -> Self {
        let outside = ranges.len() as u32;
        let first = ranges.first().map_or(0, |range| range.start.0);
        let end = ranges.last().map_or(first, |range| range.end.0);
        let mut range_of = vec![outside; (Day(end) - Day(first)).max(0) as usize + 1];
        for (number, range) in ranges.iter().enumerate() {
            let from = (range.start - Day(first)) as usize;
            range_of[from..from + range.len_days() as usize].fill(number as u32);
        }
        Self { first, range_of, outside }
    }

    /// The number of the range that holds `day`, or the number of ranges when none does.
    #[inline]
    pub(super) fn range_of(&self, day: i32) -> u32 {
        // A day before the first wraps to a huge number and so reads the last entry: in none.
        let offset = day.wrapping_sub(self.first) as u32 as usize;
        self.range_of[offset.min(self.range_of.len() - 1)]
    }

    /// Sets `numbers` to the number of each day's range, and says which it is if it is the same for all: the days lie
    /// from `first` to `last`, both included.
    pub(super) fn set(&self, numbers: &mut Vec<u32>, days: &[i32], first: i32, last: i32) -> Option<u32> {
        numbers.clear();
        let of_all = self.range_of_all(first, last);
        match of_all {
            Some(number) => numbers.resize(days.len(), number),
            None => numbers.extend(days.iter().map(|&day| self.range_of(day))),
        }
        of_all
    }

    pub(super) fn outside(&self) -> u32 {
        self.outside
    }

    /// The number that all days from `first` to `last`, both included, have in common.
    fn range_of_all(&self, first: i32, last: i32) -> Option<u32> {
        let number = self.range_of(first);
        // Ranges are contiguous, so equal ends mean one range; days in none may have ranges between them.
        let is_one = number == self.range_of(last) && number != self.outside;
        is_one.then_some(number)
    }
}

/// The earliest and the latest day.
pub(super) fn first_and_last(days: &[i32]) -> Option<(i32, i32)> {
    let first = *days.first()?;
    Some(days.iter().fold((first, first), |(low, high), &day| (low.min(day), high.max(day))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_ranges_hold_no_day() {
        let table = DayTable::new(&[]);
        assert_eq!(table.range_of(0), table.outside());
        assert_eq!(table.range_of(i32::MIN), table.outside());
    }

    proptest! {
        #[test]
        fn the_table_says_what_the_ranges_say(
            start in -1_000..1_000_i32,
            lengths in prop::collection::vec((0..4_i32, 1..30_i32), 1..6),
            near in prop::collection::vec(-200..1_500_i32, 20),
            anywhere in any::<i32>(),
        ) {
            let mut end = start;
            let ranges: Vec<DayRange> = lengths.iter().map(|&(gap, length)| {
                let range = DayRange { start: Day(end + gap), end: Day(end + gap + length) };
                end = range.end.0;
                range
            }).collect();
            let table = DayTable::new(&ranges);
            for day in near.iter().map(|offset| start + offset).chain([anywhere, start, end, end - 1]) {
                let expected = ranges.iter().position(|range| range.contains(Day(day)));
                prop_assert_eq!(table.range_of(day) as usize, expected.unwrap_or(ranges.len()));
            }
        }
    }
}
