//! Rows that are there twice.

use super::copies::{Copying, LagSpec};
use super::{Build, DirtKind, keys};
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: DirtKind = DirtKind {
    name: "duplicate",
    about: "an exact copy of a row, some rows behind it; of a child table the copy of all rows of a parent",
    keys: "lag_rows = ROWS or [LEAST, MOST] (of the root table; default 1)",
    build: Build::Copies(|_, _, stream, params| Copying::new(keys::<Params>(params)?.lag_rows, stream)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// Root rows between a row and its copy.
    #[serde(default = "next_row")]
    lag_rows: LagSpec,
}

pub(super) fn next_row() -> LagSpec {
    LagSpec::Fixed(1)
}
