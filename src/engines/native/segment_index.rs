//! Segments by number.

use std::collections::HashMap;

use crate::summaries::{MAX_SEGMENTS, Segment};
use crate::{Error, Result};

/// The error for one segment more than there may be.
pub(super) fn too_many(payer: &str, cpt_group: &str) -> Error {
    let problem = format!(
        "more than {MAX_SEGMENTS} segments, payer {payer:?} with CPT group {cpt_group:?} among them; \
         are the payer and CPT group columns the right ones?"
    );
    Error::input("segments", problem)
}

/// Gives each pair of payer and CPT group a number, in order of first use.
#[derive(Debug, Default)]
pub(super) struct SegmentIndex {
    numbers: HashMap<String, HashMap<String, usize>>,
    segments: Vec<Segment>,
}

impl SegmentIndex {
    /// The number of a segment, a new one if it was never seen.
    pub(super) fn number(&mut self, payer: &str, cpt_group: &str) -> Result<usize> {
        if let Some(&number) = self.numbers.get(payer).and_then(|groups| groups.get(cpt_group)) {
            return Ok(number);
        }
        let number = self.segments.len();
        if number == MAX_SEGMENTS {
            return Err(too_many(payer, cpt_group));
        }
        self.numbers.entry(payer.to_owned()).or_default().insert(cpt_group.to_owned(), number);
        self.segments.push(Segment { payer: payer.to_owned(), cpt_group: cpt_group.to_owned() });
        Ok(number)
    }

    /// The segments in the order of their numbers.
    pub(super) fn names(&self) -> &[Segment] {
        &self.segments
    }
}
