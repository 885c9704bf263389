//! Synthetic claims data with *known* drift, and tools that measure how well drift detection copes with it.
//!
//! The modules are the stages of the data flow, in reading order:
//!
//! 1. [`driftforge_generators`] turns a spec into record batches and the truth about their drift; [`datasets`]
//!    are the specs that are compiled in, a [`ledger`] counts what they make, and [`scenarios`] are datasets to
//!    measure detectors on;
//! 2. [`sinks`] write batches out;
//! 3. [`sources`] bring batches in;
//! 4. [`engines`] fold a source into [`summaries`];
//! 5. [`detectors`] turn summaries into events;
//! 6. [`scores`] hold events against the truth;
//! 7. [`measure`] times all of it, and [`reports`] print the record.
//!
//! Beside the flow, [`places`] are folders and object stores that files are read from, [`postgres`] is how databases
//! are reached, [`verify`] holds files against what was generated into them, and [`profiles`] tell what they are like.
//!
//! A stage knows the types of the stage before it and nothing else; only [`cli`] sees everything.

pub mod cli;
pub mod datasets;
pub mod detectors;
pub mod engines;
mod error;
pub mod findings;
mod hive;
pub mod ledger;
pub mod mappings;
pub mod measure;
pub mod places;
pub mod postgres;
pub mod profiles;
pub mod reports;
pub mod scenarios;
pub mod scores;
pub mod sinks;
pub mod sources;
pub mod suites;
pub mod summaries;
pub mod verify;
mod whole_file;

pub use driftforge_generators as generators;
pub use error::{Error, ExitCode, Result};
