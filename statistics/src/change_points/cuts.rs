//! Where a series may be cut, and a series that has been cut.

use super::{ChangePointError, Cost};

/// Where a series may be cut: segments have at least `min_size` values, and changes lie at multiples of `jump`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cuts {
    min_size: usize,
    jump: usize,
}

impl Cuts {
    /// Anywhere: single values are segments.
    pub const ANYWHERE: Self = Self { min_size: 1, jump: 1 };

    /// Checks the two numbers.
    ///
    /// # Errors
    /// If one is 0.
    pub fn new(min_size: usize, jump: usize) -> Result<Self, ChangePointError> {
        match (min_size, jump) {
            (0, _) => Err(ChangePointError::Zero { what: "min_size" }),
            (_, 0) => Err(ChangePointError::Zero { what: "jump" }),
            _ => Ok(Self { min_size, jump }),
        }
    }

    /// The step between places of changes.
    pub(super) fn jump(self) -> usize {
        self.jump
    }

    /// The length of the shortest segment that is allowed here and means something to the cost.
    pub(super) fn least<C: Cost + ?Sized>(self, cost: &C) -> usize {
        self.min_size.max(cost.least_length())
    }

    /// Whether `length` values can have `changes` changes between segments of at least `least` values.
    pub(super) fn fit(self, least: usize, length: usize, changes: usize) -> bool {
        changes <= length / self.jump && self.needed(least, changes) <= length
    }

    /// Refuses series that are too short for `changes` changes.
    pub(super) fn check<C: Cost + ?Sized>(self, cost: &C, changes: usize) -> Result<(), ChangePointError> {
        let (least, length) = (self.least(cost), cost.length());
        if self.fit(least, length, changes) {
            return Ok(());
        }
        let needed = self.needed(least, changes).max(changes.saturating_mul(self.jump));
        Err(ChangePointError::TooShort { length, needed })
    }

    fn needed(self, least: usize, changes: usize) -> usize {
        changes.saturating_mul(least.div_ceil(self.jump) * self.jump).saturating_add(least)
    }

    /// The places from `start` to `end` where a change leaves at least `least` values on both sides.
    pub(super) fn between(self, start: usize, end: usize, least: usize) -> impl Iterator<Item = usize> {
        let first = (start + least).div_ceil(self.jump) * self.jump;
        (first..(end + 1).saturating_sub(least)).step_by(self.jump)
    }
}

/// A series that has been cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Segmentation {
    /// The index of the first value of every segment but the first, ascending.
    pub changes: Vec<usize>,
    /// The sum of the segments' costs, without penalties.
    pub cost: f64,
}

impl Segmentation {
    pub(super) fn of<C: Cost + ?Sized>(cost: &C, changes: Vec<usize>) -> Self {
        let sum = cost.of_cut(&changes);
        Self { changes, cost: sum }
    }
}

/// When to stop making changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stop {
    /// When the next change does not lower the cost by more than this.
    Penalty(f64),
    /// At this number of changes, or fewer where no more fit.
    Changes(usize),
    /// Where the cost of all segments reaches this, from above or from below.
    Budget(f64),
}

impl Stop {
    pub(super) fn check(self) -> Result<(), ChangePointError> {
        match self {
            Self::Penalty(value) | Self::Budget(value) => check_penalty(value),
            Self::Changes(_) => Ok(()),
        }
    }

    /// The number of changes that must fit.
    pub(super) fn changes(self) -> usize {
        if let Self::Changes(changes) = self { changes } else { 0 }
    }
}

pub(super) fn check_penalty(value: f64) -> Result<(), ChangePointError> {
    if value >= 0.0 && value.is_finite() { Ok(()) } else { Err(ChangePointError::Penalty { value }) }
}

/// The place of the first least of `numbers` and its value by `as_summed`, which decides where rounding may have.
pub(super) fn first_least(numbers: &[f64], as_summed: impl Fn(usize) -> f64) -> (usize, f64) {
    let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let limit = least + ROUNDING * least.abs().max(1.0);
    let close = (0..numbers.len()).filter(|&place| numbers[place] <= limit);
    close
        .map(|place| (place, as_summed(place)))
        .fold((0, f64::INFINITY), |best, other| if other.1 < best.1 { other } else { best })
}

/// What two ways to sum may differ by, relative to the greater of the sum and 1.
const ROUNDING: f64 = 1e-10;
