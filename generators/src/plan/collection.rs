//! All tables of a dataset.

use super::builder::{self, check_drift_names};
use super::{Plan, Run, check_records, relations};
use crate::error::Result;
use crate::inclusion::check_included;
use crate::spec::Spec;

/// The tables of a dataset: its root table and those whose rows belong to rows of it.
///
/// Every table can be generated alone, whole or in part: a row tells the number of its parent's row, so a
/// key is made again, never looked up, and holds whatever part of either table is there.
#[derive(Debug, Clone)]
pub struct Collection {
    root: Plan,
    tables: Vec<Plan>,
}

impl Collection {
    /// Checks a spec for a run.
    ///
    /// # Errors
    /// When any part of the spec cannot be used, with its place.
    pub fn new(spec: &Spec, run: &Run) -> Result<Self> {
        Self::appended(spec, run, &[])
    }

    /// Checks a spec for a run whose rows come in several loads: `earlier` says how many rows there were after each
    /// load before the last. Every load is spread over the whole calendar, and no row refers to one of another load.
    ///
    /// # Errors
    /// As [`Collection::new`]; and when a load would add no rows.
    pub fn appended(spec: &Spec, run: &Run, earlier: &[u64]) -> Result<Self> {
        check_records(run)?;
        check_included(spec)?;
        check_drift_names(spec.drifts.iter().chain(spec.tables.iter().flat_map(|table| &table.drifts)))?;
        let root = builder::root(spec, run, earlier)?;
        let mut tables = vec![root.clone()];
        for (position, table) in spec.tables.iter().enumerate() {
            tables.push(builder::child(table, position, &tables, run)?);
        }
        relations::check(&tables)?;
        Ok(Self { root, tables: relations::in_key_order(tables)? })
    }

    /// The table that the rows of all others belong to, directly or not.
    #[must_use]
    pub fn root(&self) -> &Plan {
        &self.root
    }

    /// All tables, each behind those that its foreign keys refer to.
    #[must_use]
    pub fn tables(&self) -> &[Plan] {
        &self.tables
    }

    /// The table of that name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Plan> {
        self.tables.iter().find(|table| table.table() == name)
    }
}
