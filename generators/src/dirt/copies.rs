//! Rows that are there again.

use super::Cell;
use super::target::Target;
use crate::error::{Result, SpecError, ensure};
use crate::rng::Stream;
use serde::Deserialize;

/// The most rows that a copy can lie behind its source.
const MAX_LAG_ROWS: u64 = 1 << 32;

/// How far behind its source a copy stands, as typed.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged, expecting = "as `lag_rows` use a whole number, or [LEAST, MOST]")]
pub(super) enum LagSpec {
    Fixed(u64),
    Between([u64; 2]),
}

/// How rows are copied, and what of a copy differs.
#[derive(Debug)]
pub(super) struct Copying {
    least_lag: u64,
    most_lag: u64,
    /// The columns whose values are those of the place where the copy stands.
    pub(super) own: Vec<usize>,
    /// The text columns in which two neighbouring characters change places.
    pub(super) typos: Vec<usize>,
    stream: Stream,
}

impl Copying {
    pub(super) fn new(lag: LagSpec, stream: Stream) -> Result<Self> {
        let (least_lag, most_lag) = match lag {
            LagSpec::Fixed(rows) => (rows, rows),
            LagSpec::Between([least, most]) => (least, most),
        };
        let problem = format!("{least_lag} to {most_lag} is no span within 1 to {MAX_LAG_ROWS}");
        ensure(1 <= least_lag && least_lag <= most_lag && most_lag <= MAX_LAG_ROWS, "lag_rows", problem)?;
        Ok(Self { least_lag, most_lag, own: Vec::new(), typos: Vec::new(), stream })
    }

    /// The place whose rows are there again at `place`; `None` where that would be before the first.
    pub(super) fn source(&self, place: u64) -> Option<u64> {
        let lags = u128::from(self.most_lag - self.least_lag + 1);
        // A word scaled to the number of lags: the bias is below 2^-31.
        let more = (u128::from(self.stream.keyed("lag").word(place)) * lags) >> 64;
        place.checked_sub(self.least_lag + more as u64)
    }

    /// The columns in which a copy can differ.
    pub(super) fn changed(&self) -> impl Iterator<Item = usize> + '_ {
        self.own.iter().chain(&self.typos).copied()
    }

    /// The value of a copy made at `place`, given the source's value and that of the place's own row.
    pub(super) fn value(&self, column: usize, source: &Cell, own: Option<&Cell>, place: u64) -> Option<Cell> {
        if self.own.contains(&column) {
            return own.cloned();
        }
        match source {
            Cell::Text(text) => Some(Cell::Text(transposed(text, self.stream.keyed("typo").word(place)))),
            _ => None,
        }
    }
}

/// A text with one of its characters and the next one in each other's place.
fn transposed(text: &str, word: u64) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let pairs = letters.len().saturating_sub(1);
    let first = ((u128::from(word) * pairs as u128) >> 64) as usize;
    if pairs > 0 {
        letters.swap(first, first + 1);
    }
    letters.into_iter().collect()
}

/// Checks that the copies of a column can differ in the way that a key asks for.
pub(super) fn check_changed(target: &Target, typo: bool) -> Result<()> {
    let fits = if typo { target.data_type == arrow_schema::DataType::Utf8 } else { !target.is_nested() };
    let problem = if typo {
        format!("{:?} is no column of free text", target.name)
    } else {
        format!("{:?} is nested: name columns of single values", target.name)
    };
    if fits { Ok(()) } else { Err(SpecError::at("", problem)) }
}
