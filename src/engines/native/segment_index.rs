//! Segments by number.

use std::collections::HashMap;

use crate::summaries::{MAX_SEGMENTS, Segment};
use crate::{Error, Result};

/// The error for one segment more than there may be.
pub(in crate::engines) fn too_many(segment: &Segment) -> Error {
    let problem = format!(
        "more than {MAX_SEGMENTS} segments, {segment:?} among them; are the segment columns the right ones?"
    );
    Error::input("segments", problem)
}

/// Gives each segment a number, in order of first use.
#[derive(Debug, Default)]
pub(super) struct SegmentIndex {
    numbers: HashMap<Segment, u32>,
    segments: Vec<Segment>,
}

impl SegmentIndex {
    /// The number of a segment, a new one if it was never seen.
    pub(super) fn number(&mut self, segment: Segment) -> Result<u32> {
        if let Some(&number) = self.numbers.get(&segment) {
            return Ok(number);
        }
        if self.segments.len() == MAX_SEGMENTS {
            return Err(too_many(&segment));
        }
        let number = self.segments.len() as u32;
        self.numbers.insert(segment.clone(), number);
        self.segments.push(segment);
        Ok(number)
    }

    /// The segments in the order of their numbers.
    pub(super) fn names(&self) -> &[Segment] {
        &self.segments
    }
}

/// Gives each value of a stratum or category a number, in order of first use.
#[derive(Debug, Default)]
pub(super) struct PartIndex {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl PartIndex {
    /// The most values: beyond it a column of ids was taken for one of categories.
    const MAX_PARTS: usize = 1 << 20;

    pub(super) fn number(&mut self, name: &str, metric: &str) -> Result<u32> {
        if let Some(&number) = self.numbers.get(name) {
            return Ok(number);
        }
        if self.names.len() == Self::MAX_PARTS {
            let problem = format!("more than {} categories, {name:?} among them", Self::MAX_PARTS);
            return Err(Error::input(format!("metric {metric:?}"), problem));
        }
        let number = self.names.len() as u32;
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        Ok(number)
    }

    pub(super) fn name(&self, number: u32) -> &str {
        &self.names[number as usize]
    }
}
