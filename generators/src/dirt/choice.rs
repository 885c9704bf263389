//! Which rows an entry hits.

use crate::batch::{BatchSoFar, RowNumbers};
use crate::error::{Result, ensure};
use crate::rng::{Stream, happens, threshold};
use crate::scope::{Condition, Scope};
use crate::spec::DirtSpec;

/// Rows chosen at a rate, among those that satisfy a condition.
#[derive(Debug)]
pub(super) struct Choice {
    stream: Stream,
    threshold: u64,
    pub(super) condition: Condition,
}

impl Choice {
    pub(super) fn new(scope: &Scope, spec: &DirtSpec, stream: Stream) -> Result<Self> {
        let rate = spec.rate;
        let problem = format!("{rate} is not within 0 to 1");
        ensure((0.0..=1.0).contains(&rate), "rate", problem)?;
        let condition = Condition::new(scope, &spec.condition).map_err(|error| error.within("where"))?;
        Ok(Self { stream: stream.keyed("rows"), threshold: threshold(rate), condition })
    }

    /// The offsets of the rows that the rate alone chooses.
    pub(super) fn candidates(&self, rows: &RowNumbers) -> Vec<usize> {
        let mut chosen = Vec::new();
        rows.each(|offset, row| {
            if happens(self.stream.word(row), self.threshold) {
                chosen.push(offset);
            }
        });
        chosen
    }

    /// The offsets of the rows that are hit.
    pub(super) fn offsets(&self, rows: &RowNumbers, clean: &BatchSoFar) -> Vec<usize> {
        let mut chosen = self.candidates(rows);
        if !chosen.is_empty() && !self.is_unconditional() {
            let mask = self.condition.mask(clean, rows.len());
            chosen.retain(|offset| mask[*offset]);
        }
        chosen
    }

    pub(super) fn is_unconditional(&self) -> bool {
        self.condition.reads().next().is_none()
    }
}
