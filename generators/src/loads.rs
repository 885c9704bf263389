//! Rows that were made one load after the other, each load spread over the whole calendar.

use crate::error::{Result, ensure};
use std::ops::Range;
use std::sync::Arc;

/// The loads that a dataset's rows come in: one, unless rows were appended.
///
/// Rows are numbered through all of them. Within a load they stand evenly on the calendar's cumulative volume, so
/// that rows which are appended later spread over the same days as the rows before them.
#[derive(Debug, Clone)]
pub(crate) struct Loads {
    /// The row behind the last of each load but the last.
    ends: Arc<[u64]>,
    records: u64,
}

impl Loads {
    /// `earlier` are the numbers of rows after each earlier load, `records` those after the last one.
    ///
    /// # Errors
    /// When they do not ascend.
    pub(crate) fn new(earlier: &[u64], records: u64) -> Result<Self> {
        let mut before = 0;
        for end in earlier.iter().copied().chain([records]) {
            let problem = format!("{end} rows after a load, and {before} before it: a load adds rows");
            ensure(before < end, "records", problem)?;
            before = end;
        }
        Ok(Self { ends: earlier.into(), records })
    }

    /// The rows of the load that a row is of.
    #[inline]
    pub(crate) fn of(&self, row: u64) -> Range<u64> {
        if self.ends.is_empty() {
            return 0..self.records;
        }
        let load = self.ends.partition_point(|end| *end <= row);
        let start = if load == 0 { 0 } else { self.ends[load - 1] };
        start..self.ends.get(load).copied().unwrap_or(self.records)
    }

    /// The share of its load's rows that stand before the point which lies `within`, a part of a row, behind the start
    /// of a row.
    #[inline]
    pub(crate) fn position(&self, row: u64, within: f64) -> f64 {
        let load = self.of(row);
        ((row - load.start) as f64 + within) / (load.end - load.start) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_load_has_positions_from_0_to_1() {
        let loads = Loads::new(&[10, 25], 30).unwrap();
        assert_eq!(
            [0, 9, 10, 24, 25, 29].map(|row| loads.of(row)),
            [0..10, 0..10, 10..25, 10..25, 25..30, 25..30]
        );
        assert_eq!(
            [0, 9, 10, 24, 25, 29].map(|row| loads.position(row, 0.0)),
            [0.0, 0.9, 0.0, 14.0 / 15.0, 0.0, 0.8]
        );
        assert_eq!(Loads::new(&[], 8).unwrap().position(6, 0.5), 6.5 / 8.0);
    }

    #[test]
    fn a_load_without_rows_is_refused() {
        for (earlier, records) in [(&[10, 10][..], 20), (&[10], 10), (&[20, 10], 30), (&[0], 5)] {
            assert!(Loads::new(earlier, records).unwrap_err().to_string().contains("a load adds rows"));
        }
    }
}
