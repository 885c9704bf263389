//! How rows are cut into files, and what the files are called.

use std::ops::Range;

use crate::{Error, Result};

/// A number of parts, and which of them to write: all, or one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    count: u32,
    only: Option<u32>,
}

/// One part of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which part it is, counted from 1.
    pub number: u32,
    /// The number of parts.
    pub count: u32,
    /// Its rows, counted in the whole dataset.
    pub rows: Range<u64>,
}

impl Parts {
    /// All rows in one part.
    pub const WHOLE: Self = Self { count: 1, only: None };

    /// The most parts there can be: their numbers are five digits wide in file names.
    pub const MOST: u32 = 99_999;

    /// `count` parts, all of them or only the one with the number `only`, counted from 1.
    ///
    /// # Errors
    /// A count outside 1 to [`Parts::MOST`], or a number outside 1 to the count.
    pub fn new(count: u32, only: Option<u32>) -> Result<Self> {
        if !(1..=Self::MOST).contains(&count) {
            return Err(Error::option("parts", count, format!("from 1 to {}", Self::MOST)));
        }
        match only {
            Some(number) if !(1..=count).contains(&number) => {
                Err(Error::option("part", number, format!("from 1 to {count}, the number of parts")))
            }
            _ => Ok(Self { count, only }),
        }
    }

    /// The number of parts, whether or not they are written.
    #[must_use]
    pub fn count(self) -> u32 {
        self.count
    }

    /// The only part that is written, when it is not all.
    #[must_use]
    pub fn only(self) -> Option<u32> {
        self.only
    }

    /// The parts to write, in row order. Their sizes differ by one row at most.
    pub fn ranges(self, row_count: u64) -> impl Iterator<Item = Part> {
        let bound = move |part: u32| {
            let rows = u128::from(row_count) * u128::from(part) / u128::from(self.count);
            // At most the row count, so it fits.
            rows as u64
        };
        let numbers = match self.only {
            Some(number) => number..=number,
            None => 1..=self.count,
        };
        numbers.map(move |number| Part { number, count: self.count, rows: bound(number - 1)..bound(number) })
    }

    /// What the manifest of these parts is called: parts that are written alone have one each, so that
    /// processes that write parts of one dataset do not collide.
    #[must_use]
    pub fn manifest_name(self) -> String {
        match self.only {
            Some(number) if self.count > 1 => format!("_manifest{}.json", suffix(number, self.count)),
            _ => "_manifest.json".to_owned(),
        }
    }
}

impl Part {
    /// The name of the part's file.
    #[must_use]
    pub fn file_name(&self, stem: &str, extension: &str) -> String {
        match self.count {
            1 => format!("{stem}.{extension}"),
            count => format!("{stem}{}.{extension}", suffix(self.number, count)),
        }
    }
}

fn suffix(number: u32, count: u32) -> String {
    format!("-{number:05}-of-{count:05}")
}

/// The number of parts that a name speaks of, if it is `stem`, perhaps a part's suffix, and `ending`.
pub(super) fn part_count(name: &str, stem: &str, ending: &str) -> Option<u32> {
    let middle = name.strip_prefix(stem)?.strip_suffix(ending)?;
    if middle.is_empty() {
        return Some(1);
    }
    let (number, count) = middle.strip_prefix('-')?.split_once("-of-")?;
    let (number, count) = (number.parse().ok()?, count.parse().ok()?);
    (suffix(number, count) == middle).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_cover_the_rows_in_order_and_evenly(rows in any::<u64>(), count in 1u32..200) {
            let parts: Vec<Part> = Parts::new(count, None).unwrap().ranges(rows).collect();
            let mut next = 0;
            for part in &parts {
                prop_assert_eq!(part.rows.start, next);
                let size = part.rows.end - part.rows.start;
                prop_assert!(size - rows / u64::from(count) <= 1);
                next = part.rows.end;
                let alone: Vec<Part> = Parts::new(count, Some(part.number)).unwrap().ranges(rows).collect();
                prop_assert_eq!(&alone[..], std::slice::from_ref(part));
                let name = part.file_name("claims", "parquet");
                prop_assert_eq!(part_count(&name, "claims", ".parquet"), Some(count));
            }
            prop_assert_eq!(next, rows);
        }
    }

    #[test]
    fn names_sort_in_row_order() {
        let part = Part { number: 2, count: 3, rows: 0..1 };
        assert_eq!(part.file_name("claims", "parquet"), "claims-00002-of-00003.parquet");
        assert_eq!(Parts::new(3, Some(2)).unwrap().manifest_name(), "_manifest-00002-of-00003.json");
        assert_eq!(Parts::new(3, None).unwrap().manifest_name(), "_manifest.json");
        assert_eq!(Parts::new(1, Some(1)).unwrap().manifest_name(), "_manifest.json");
    }

    #[test]
    fn other_names_are_not_parts() {
        for name in ["claims-1-of-3.parquet", "claims-old.parquet", "other.parquet", "claims.parquet.bak"] {
            assert_eq!(part_count(name, "claims", ".parquet"), None, "{name}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        for (count, only) in [(0, None), (100_000, None), (3, Some(0)), (3, Some(4))] {
            assert_eq!(Parts::new(count, only).unwrap_err().exit_code(), crate::ExitCode::BadInput);
        }
    }
}
