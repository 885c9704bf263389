//! The aggregation pushed down into PostgreSQL as SQL.
//!
//! All queries see one state of the table: that at which its source was opened. What leaves the server is a row for
//! each group. Sums are exact, since the server adds whole numbers as `numeric`; log codes come from the thresholds
//! of [`crate::summaries::log_code`] by `width_bucket`.

mod asking;
mod sql;

use super::{Engine, EngineAbout, refusal};
use crate::Result;
use crate::sources::{Location, Source};
use crate::summaries::{Plan, Summaries};

pub(super) const ABOUT: EngineAbout =
    EngineAbout { name: "postgres", about: "lets the database group its table's rows, by SQL" };

/// Whether the engine can read what lies there.
pub(super) fn reads(location: &Location) -> bool {
    matches!(location, Location::Table(_))
}

/// Sends queries.
#[derive(Debug, Clone, Copy, Default)]
pub struct Postgres;

impl Engine for Postgres {
    fn about(&self) -> EngineAbout {
        ABOUT
    }

    fn summarize(&self, source: &dyn Source, plan: &Plan) -> Result<Summaries> {
        match source.location() {
            Location::Table(table) => asking::summarize(table, plan),
            other => Err(refusal(ABOUT.name, &other)),
        }
    }
}
