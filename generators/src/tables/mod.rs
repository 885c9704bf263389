//! Precomputed tables that turn one random word into one value in a few nanoseconds.

mod alias;
mod cells;
mod quantile;

pub use alias::Alias;
pub use cells::Cells;
pub(crate) use cells::{FactorsSpec, nested};
pub(crate) use quantile::QuantileTables;
pub use quantile::{Distribution, QuantileTable};
