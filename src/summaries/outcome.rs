//! How a claim was decided.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// How a claim was decided: paid, denied, or anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The text `PAID`.
    Paid,
    /// The text `DENIED`.
    Denied,
    /// Every other text, `OTHER` among them.
    Other,
}

impl Outcome {
    /// All outcomes, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Paid, Self::Denied, Self::Other];

    /// The outcome that a column's text means. Letters count as written: `paid` is [`Outcome::Other`].
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text {
            "PAID" => Self::Paid,
            "DENIED" => Self::Denied,
            _ => Self::Other,
        }
    }

    /// The outcome's place in [`Outcome::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

/// Claims by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCounts {
    /// Claims with outcome `PAID`.
    pub paid: u64,
    /// Claims with outcome `DENIED`.
    pub denied: u64,
    /// Claims with any other outcome.
    pub other: u64,
}

impl OutcomeCounts {
    /// The counter of one outcome.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Paid => self.paid,
            Outcome::Denied => self.denied,
            Outcome::Other => self.other,
        }
    }

    /// Adds `claims` to the counter of one outcome.
    pub fn add(&mut self, outcome: Outcome, claims: u64) {
        match outcome {
            Outcome::Paid => self.paid += claims,
            Outcome::Denied => self.denied += claims,
            Outcome::Other => self.other += claims,
        }
    }

    /// Claims whatever their outcome.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.paid + self.denied + self.other
    }
}

impl AddAssign for OutcomeCounts {
    fn add_assign(&mut self, more: Self) {
        self.paid += more.paid;
        self.denied += more.denied;
        self.other += more.other;
    }
}
