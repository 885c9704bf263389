//! Names and texts in SQL, as [`crate::postgres`] has them for readers too.

pub use crate::postgres::names::*;
