//! PostgreSQL tables.

mod copy;
mod types;
