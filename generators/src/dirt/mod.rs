//! Dirt: faults put into finished values, each of them labelled.
//!
//! A table is made clean first. Then each active `[[dirt]]` entry, in the order of the spec, chooses rows
//! and damages a value in them; entries that copy rows come after all of those, so that the copy of a dirty
//! row is dirty in the same way. Which rows are chosen depends on (seed, table, entry, row) alone, so dirt
//! holds the contract of generation, and the dirt ledger tells every fault without making the table.
//!
//! To add a kind of damaged values: one file with a type that implements [`Fault`], and its line in [`DIRT`].

mod bad_code;
mod cell;
mod censored;
mod choice;
mod copies;
mod dirt_ledger;
mod duplicate;
mod emission;
mod impossible_date;
mod json;
mod late;
mod layer;
mod near_duplicate;
mod null;
mod orphan;
mod outlier;
mod target;
mod truncated;
mod wrong_label;

pub use cell::Cell;
pub use dirt_ledger::{DIRT_LEDGER_SUFFIX, DirtCount, DirtLedger};
pub(crate) use layer::Dirt;

use crate::batch::BatchSoFar;
use crate::error::{Result, SpecError, listed};
use crate::rng::Stream;
use crate::scope::Scope;
use copies::Copying;
use std::fmt::Debug;
use target::Target;

/// A fault of single values. Its parameters are checked when it is built, so damaging cannot fail.
pub trait Fault: Debug + Send + Sync {
    /// What takes the place of the value at `site`; `None` where the fault changes nothing.
    fn damage(&self, site: &Site<'_>) -> Option<Cell>;

    /// The columns it reads beside the one it damages, by index.
    fn reads(&self) -> Vec<usize> {
        Vec::new()
    }
}

/// A value that is about to be damaged.
#[derive(Debug)]
pub struct Site<'a> {
    /// The value as earlier faults left it; never null.
    pub value: &'a Cell,
    /// The value as the clean table has it.
    pub clean: &'a Cell,
    /// The row's number.
    pub row: u64,
    /// Where the row stands in `batch`.
    pub offset: usize,
    /// The clean table's columns.
    pub batch: &'a BatchSoFar<'a>,
}

/// A kind of dirt that a spec can name.
#[derive(Debug)]
pub struct DirtKind {
    /// The `kind` in the spec.
    pub name: &'static str,
    /// One sentence for lists and documents.
    pub about: &'static str,
    /// The keys beside those that every entry has.
    pub keys: &'static str,
    build: Build,
}

/// Checks the keys of a fault of a column, and takes into the column what it makes of its values.
type BuildFault = fn(&mut Scope, &mut Target, Stream, toml::Table) -> Result<Box<dyn Fault>>;

/// Checks the keys of copies of a table with the given columns.
type BuildCopying = fn(&Scope, &[usize], Stream, toml::Table) -> Result<Copying>;

/// What an entry is made of.
#[derive(Debug, Clone, Copy)]
enum Build {
    /// A fault of one column's values.
    Value(BuildFault),
    /// Rows that are there again.
    Copies(BuildCopying),
}

/// Every kind.
pub const DIRT: &[DirtKind] = &[
    bad_code::KIND,
    censored::KIND,
    duplicate::KIND,
    impossible_date::KIND,
    late::KIND,
    near_duplicate::KIND,
    null::KIND,
    orphan::KIND,
    outlier::KIND,
    truncated::KIND,
    wrong_label::KIND,
];

/// The kind of a name.
fn kind(name: &str) -> Result<&'static DirtKind> {
    DIRT.iter().find(|known| known.name == name).ok_or_else(|| {
        let allowed = listed(DIRT.iter().map(|known| known.name));
        SpecError::at("kind", format!("there is no {name:?}: use one of {allowed}"))
    })
}

/// Reads a kind's own keys.
fn keys<T: serde::de::DeserializeOwned>(params: toml::Table) -> Result<T> {
    toml::Value::Table(params).try_into().map_err(|error: toml::de::Error| {
        let common = crate::spec::COMMON_DIRT_KEYS;
        let unknown = error.message().starts_with("unknown field");
        let hint = if unknown { format!("; every entry also takes {common}") } else { String::new() };
        SpecError::of_value(&error).adding(&hint)
    })
}
