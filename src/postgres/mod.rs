//! What everything that speaks to PostgreSQL shares: where a database is, one connection to it, and names in SQL.

pub(crate) mod names;
pub(crate) mod session;
mod url;

pub use self::names::TableName;
pub use self::url::{DatabaseUrl, URL_VARIABLE};
