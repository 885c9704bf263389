//! PostgreSQL tables.

mod copy;
mod definition;
mod lock;
mod names;
mod session;
mod types;
mod url;

pub use self::definition::{ForeignKey, Keys, TableDefinition};
pub use self::names::TableName;
pub use self::url::DatabaseUrl;
