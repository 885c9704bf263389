//! Spec → plan → record batches and truth.
//!
//! Every value is a pure function of (seed, dataset, column, row): the same for any number of threads, batch
//! size or split into parts. Nothing here reads a file, a clock, the environment or a thread's state.
//!
//! A [`Plan`] makes the rows of one table, a [`Collection`] has the plans of all tables of a dataset: its
//! root and the tables whose rows belong to rows of it.
//!
//! ```
//! use driftforge_generators::{Plan, Run, Spec};
//!
//! let spec = Spec::parse(r#"
//!     [dataset]
//!     name = "visits"
//!     about = "Visits to a clinic"
//!     as_of = "2026-01-01"
//!     [calendar]
//!     days = 30
//!     [[column]]
//!     name = "day"
//!     kind = "calendar"
//!     [[column]]
//!     name = "ward"
//!     kind = "category"
//!     weights = { east = 3, west = 1 }
//! "#, "visits.toml")?;
//! let run = Run { records: 1_000, seed: 42, customer: 1, as_of: None, drift: true, dirt: false };
//! let plan = Plan::new(&spec, &run)?;
//! assert_eq!(plan.batch(990..1_000), plan.batch(900..1_000).slice(90, 10));
//! # Ok::<(), driftforge_generators::SpecError>(())
//! ```

mod batch;
mod calendar;
mod columns;
mod dirt;
mod drift;
mod error;
mod hours;
mod inclusion;
mod loads;
mod location;
mod plan;
mod population;
mod rng;
mod scope;
mod spec;
mod tables;
mod tally;
mod truth;

pub use columns::{ColumnKind, KINDS};
pub use dirt::{DIRT, DIRT_LEDGER_SUFFIX, DirtCount, DirtKind, DirtLedger};
pub use drift::{SHAPES, ShapeKind, What};
pub use error::SpecError;
pub use plan::{Collection, ColumnInfo, ForeignKey, MAX_BATCH_ROWS, MAX_CHILDREN, MAX_RECORDS, Plan, Run};
pub use rng::Stream;
pub use spec::{
    COMMON_COLUMN_KEYS, COMMON_DIRT_KEYS, CalendarSpec, ColumnSpec, ConditionSpec, DatasetSpec, DirtSpec,
    DriftSpec, EffectSpec, OneOrMany, SeasonSpec, Spec, StormsSpec, Value,
};
pub use tally::{FaultCounts, Tallier, Tally, ValueCounts};
pub use truth::{DriftTruth, Parameter, RowsTouched, Truth, Windows};
