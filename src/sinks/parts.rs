//! How rows are cut into files, and what the files are called.

use std::ops::Range;

use crate::{Error, Result};

/// A number of parts, and which of them to write: all, or one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    count: u32,
    only: Option<u32>,
    /// The places of every part but the last, when that was chosen instead of the number of parts.
    places_per_part: Option<u64>,
}

/// One part of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which part it is, counted from 1.
    pub number: u32,
    /// The number of parts.
    pub count: u32,
    /// Its places (rows of the root table), counted in the whole dataset.
    pub places: Range<u64>,
}

impl Parts {
    /// All rows in one part.
    pub const WHOLE: Self = Self { count: 1, only: None, places_per_part: None };

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
            _ => Ok(Self { count, only, places_per_part: None }),
        }
    }

    /// As few parts as there can be with at most `places_per_part` of the `row_count` places each.
    ///
    /// # Errors
    /// None a part, or more than [`Parts::MOST`] parts.
    pub fn of_places(places_per_part: u64, row_count: u64) -> Result<Self> {
        let least = row_count.div_ceil(u64::from(Self::MOST)).max(1);
        if places_per_part < least {
            let problem = format!("at least {least}: there can be {} files of a table", Self::MOST);
            return Err(Error::option("rows-per-file", places_per_part, problem));
        }
        let count = row_count.div_ceil(places_per_part).max(1) as u32;
        Ok(Self { count, only: None, places_per_part: Some(places_per_part) })
    }

    /// The number of parts, whether or not they are written.
    #[must_use]
    pub fn count(self) -> u32 {
        self.count
    }

    /// The places of every part but the last, when they were chosen.
    #[must_use]
    pub fn places_per_part(self) -> Option<u64> {
        self.places_per_part
    }

    /// The only part that is written, when it is not all.
    #[must_use]
    pub fn only(self) -> Option<u32> {
        self.only
    }

    /// The parts to write, in row order. Their sizes differ by one place at most, unless the places of a part
    /// were chosen.
    pub fn ranges(self, row_count: u64) -> impl Iterator<Item = Part> {
        let bound = move |part: u32| match self.places_per_part {
            Some(places) => places.saturating_mul(part.into()).min(row_count),
            None => {
                let places = u128::from(row_count) * u128::from(part) / u128::from(self.count);
                // At most the row count, so it fits.
                places as u64
            }
        };
        let numbers = match self.only {
            Some(number) => number..=number,
            None => 1..=self.count,
        };
        numbers.map(move |number| Part {
            number,
            count: self.count,
            places: bound(number - 1)..bound(number),
        })
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
    part_of(name, stem, ending).map(|(_, count)| count)
}

/// The part and the number of parts that a name speaks of, if it is `stem`, perhaps a part's suffix, and `ending`.
pub(super) fn part_of(name: &str, stem: &str, ending: &str) -> Option<(u32, u32)> {
    let middle = name.strip_prefix(stem)?.strip_suffix(ending)?;
    if middle.is_empty() {
        return Some((1, 1));
    }
    let (number, count) = middle.strip_prefix('-')?.split_once("-of-")?;
    let (number, count) = (number.parse().ok()?, count.parse().ok()?);
    (suffix(number, count) == middle).then_some((number, count))
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
                prop_assert_eq!(part.places.start, next);
                let size = part.places.end - part.places.start;
                prop_assert!(size - rows / u64::from(count) <= 1);
                next = part.places.end;
                let alone: Vec<Part> = Parts::new(count, Some(part.number)).unwrap().ranges(rows).collect();
                prop_assert_eq!(&alone[..], std::slice::from_ref(part));
                let name = part.file_name("claims", "parquet");
                prop_assert_eq!(part_count(&name, "claims", ".parquet"), Some(count));
            }
            prop_assert_eq!(next, rows);
        }
    }

    proptest! {
        #[test]
        fn parts_of_chosen_size_have_it_but_for_the_last(rows in 1u64..1 << 50, files in 1u64..99_999) {
            let size = rows.div_ceil(files);
            let parts: Vec<Part> = Parts::of_places(size, rows).unwrap().ranges(rows).collect();
            let (last, others) = parts.split_last().unwrap();
            prop_assert!(others.iter().all(|part| part.places.end - part.places.start == size));
            prop_assert_eq!(others.last().map_or(0, |part| part.places.end), last.places.start);
            prop_assert_eq!(last.places.end, rows);
            prop_assert!(!last.places.is_empty());
        }
    }

    #[test]
    fn too_many_files_are_refused() {
        assert!(Parts::of_places(1, 99_999).is_ok());
        assert!(
            Parts::of_places(1, 100_000).unwrap_err().to_string().contains("--rows-per-file 1: at least 2")
        );
        assert!(Parts::of_places(0, 10).is_err());
    }

    #[test]
    fn names_sort_in_row_order() {
        let part = Part { number: 2, count: 3, places: 0..1 };
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
