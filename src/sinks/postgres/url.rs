//! Where a database is, as [`crate::postgres`] has it for readers too.

pub use crate::postgres::{DatabaseUrl, URL_VARIABLE};
