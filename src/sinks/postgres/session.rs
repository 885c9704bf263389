//! Connections, as [`crate::postgres`] has them for readers too.

pub(super) use crate::postgres::session::{Session, failure};
