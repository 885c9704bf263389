//! Which places are loaded.

use std::ops::Range;

/// Ranges of places, in order and apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Coverage {
    ranges: Vec<Range<u64>>,
}

impl Coverage {
    /// The places of ranges in any order, which may touch.
    pub(super) fn of(mut ranges: Vec<Range<u64>>) -> Self {
        ranges.retain(|range| !range.is_empty());
        ranges.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        Self { ranges: merged }
    }

    /// Whether every one of the places is loaded.
    pub(super) fn covers(&self, places: &Range<u64>) -> bool {
        self.missing(places).is_empty()
    }

    /// Those of the places that are not.
    pub(super) fn missing(&self, places: &Range<u64>) -> Vec<Range<u64>> {
        let mut missing = Vec::new();
        let mut next = places.start;
        let first = self.ranges.partition_point(|range| range.end <= places.start);
        for range in self.ranges[first..].iter().take_while(|range| range.start < places.end) {
            if next < range.start {
                missing.push(next..range.start);
            }
            next = range.end;
        }
        if next < places.end {
            missing.push(next..places.end);
        }
        missing
    }

    /// Whether nothing is loaded.
    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn missing_places_are_those_of_no_range(
            ranges in prop::collection::vec((0_u64..60, 0_u64..12), 0..9),
            (start, length) in (0_u64..60, 0_u64..30),
        ) {
            let ranges: Vec<_> = ranges.into_iter().map(|(start, length)| start..start + length).collect();
            let loaded: BTreeSet<u64> = ranges.iter().cloned().flatten().collect();
            let coverage = Coverage::of(ranges);
            let asked = start..start + length;
            let missing: Vec<u64> = coverage.missing(&asked).into_iter().flatten().collect();
            let expected: Vec<u64> = asked.clone().filter(|place| !loaded.contains(place)).collect();
            prop_assert_eq!(coverage.covers(&asked), expected.is_empty());
            prop_assert_eq!(missing, expected);
        }
    }
}
