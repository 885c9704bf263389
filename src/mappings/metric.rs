//! What may drift.

use super::filter::Filter;

/// What a metric measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// The share of rows that also pass another filter.
    Rate {
        /// What counts among the rows.
        hit: Filter,
    },
    /// Rows, of which there may be more or fewer.
    Volume,
    /// The share of rows in which a column is null.
    NullRate {
        /// The column.
        column: String,
    },
    /// The whole days from one date to another.
    Days {
        /// The earlier date, as a rule.
        from: String,
        /// The later.
        to: String,
    },
    /// A number, kept in units of its last decimal.
    Amount {
        /// The column.
        column: String,
        /// Decimals that count, 0 to 6.
        decimals: u8,
    },
    /// Which categories occur how often.
    Mix {
        /// The column.
        column: String,
    },
}

impl Measure {
    /// The kind's name in a mapping.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rate { .. } => "rate",
            Self::Volume => "volume",
            Self::NullRate { .. } => "null_rate",
            Self::Days { .. } => "days",
            Self::Amount { .. } => "amount",
            Self::Mix { .. } => "mix",
        }
    }

    /// Whether rows have a number of their own: days or an amount.
    #[must_use]
    pub fn is_value(&self) -> bool {
        matches!(self, Self::Days { .. } | Self::Amount { .. })
    }

    /// Whether rows are hits or not: a rate, a null rate, or a volume, whose rows are all hits.
    #[must_use]
    pub fn is_tally(&self) -> bool {
        matches!(self, Self::Rate { .. } | Self::NullRate { .. } | Self::Volume)
    }

    /// Counted units in one unit of the metric: 100 for dollars kept in cents.
    #[must_use]
    pub fn scale(&self) -> f64 {
        match self {
            Self::Amount { decimals, .. } => 10_f64.powi(i32::from(*decimals)),
            _ => 1.0,
        }
    }
}

/// One metric of every segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Its name, unique in the mapping.
    pub name: String,
    /// One sentence.
    pub about: String,
    /// The rows that are looked at.
    pub among: Filter,
    /// Columns without whose value a row is not looked at.
    pub present: Vec<String>,
    /// What is measured of them.
    pub measure: Measure,
    /// A column whose values explain part of the metric, such as the procedure behind an amount.
    pub strata: Option<String>,
    /// A mix whose categories the hits of a rate fall into: which of them carry a change.
    pub carried_by: Option<String>,
    /// An amount of the same rows: what a change of a rate, or of itself, costs.
    pub money: Option<String>,
    /// Whether days without an end are still running: a claim that is not decided yet. They are counted apart, unless
    /// a column that is known keeps the metric from looking at the row.
    pub has_pending: bool,
}

impl Metric {
    /// The name of the metric's events, as the claims products wrote them: `DENIAL_RATE`.
    #[must_use]
    pub fn drift_type(&self) -> String {
        self.name.to_uppercase()
    }
}
