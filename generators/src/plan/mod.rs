//! The checked form of a spec: the only thing that generates.

mod assembly;
mod builder;
mod collection;
mod evaluate;
mod relations;

pub(crate) use self::assembly::{Assembly, column_specs};
pub use self::collection::Collection;
pub use self::evaluate::MAX_CHILDREN;
pub(crate) use self::evaluate::{Link, Needed, child_rows};
pub use self::relations::ForeignKey;

use self::relations::Relations;
use crate::batch::RowNumbers;
use crate::calendar::Calendar;
use crate::dirt::{Dirt, DirtLedger};
use crate::error::{Result, ensure, listed};
use crate::scope::Scope;
use crate::spec::{DriftSpec, Spec};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{Field, Schema, SchemaRef};
use chrono::NaiveDate;
use std::ops::Range;
use std::sync::Arc;

/// The most rows of a root table: the numbers of all of them are exact as floating-point numbers, and those
/// of their children's children fit 64-bit integers.
pub const MAX_RECORDS: u64 = 1 << 40;

/// The most rows of the root table whose rows make a batch. Arrow's offsets have 32 bits: a batch with more
/// than 2 GiB of text in one column panics, which 2^19 rows of the longest texts (4 KiB) stay below.
pub const MAX_BATCH_ROWS: u64 = 1 << 24;

/// What a run chooses beside the spec.
#[derive(Debug, Clone)]
pub struct Run {
    /// Rows of the root table.
    pub records: u64,
    /// The seed of every value.
    pub seed: u64,
    /// The tenant.
    pub customer: u32,
    /// The day from which the data is seen; the spec's own when absent.
    pub as_of: Option<NaiveDate>,
    /// Whether the spec's drift is injected.
    pub drift: bool,
    /// Whether all of the spec's dirt is injected, and not just what is marked `always`.
    pub dirt: bool,
}

/// A table that can be generated, whole or in any part, in any order, on any thread.
///
/// A part is told by its *places*: the rows of the dataset's root table that the rows belong to.
#[derive(Debug, Clone)]
pub struct Plan {
    dataset: Arc<Dataset>,
    /// The columns of the table, by index.
    shown: Vec<usize>,
    /// Which columns are made, be it because another reads them.
    needed: Needed,
    schema: SchemaRef,
}

#[derive(Debug)]
pub(crate) struct Dataset {
    pub(crate) scope: Scope,
    pub(crate) relations: Relations,
    pub(crate) drifts: Vec<DriftSpec>,
    /// The active dirt, where there is any.
    pub(crate) dirt: Option<Dirt>,
    /// The calendar without volume drift.
    pub(crate) undrifted: Calendar,
    pub(crate) as_of: NaiveDate,
    pub(crate) baseline_days: u32,
    pub(crate) current_days: u32,
    about: String,
}

/// A column of the table, for documents.
#[derive(Debug, Clone, Copy)]
pub struct ColumnInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its kind in the spec.
    pub kind: &'a str,
    /// What it means.
    pub about: &'a str,
}

impl Plan {
    /// Checks the root table of a spec for a run; [`Collection`] plans all tables.
    ///
    /// # Errors
    /// When any part of it cannot be used, with its place.
    pub fn new(spec: &Spec, run: &Run) -> Result<Self> {
        check_records(run)?;
        builder::root(spec, run, &[])
    }

    /// The same plan with only some columns of the table, in the given order.
    ///
    /// # Errors
    /// When a column is not in the table.
    pub fn project(&self, names: &[&str]) -> Result<Self> {
        let known: Vec<&str> = self.columns().map(|column| column.name).collect();
        for name in names {
            ensure(
                known.contains(name),
                "projection",
                format!("there is no column {name:?}; there are {}", listed(known.iter().copied())),
            )?;
        }
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Self::showing(Arc::clone(&self.dataset), &names)
    }

    fn showing(dataset: Arc<Dataset>, names: &[String]) -> Result<Self> {
        let shown = names.iter().map(|name| dataset.scope.index(name)).collect::<Result<Vec<_>>>()?;
        let field = |index: &usize| {
            let named = &dataset.scope.columns[*index];
            let dirty = dataset.dirt.as_ref().and_then(|dirt| dirt.field(*index));
            let (data_type, nullable) = dirty.unwrap_or_else(|| (named.column.data_type(), false));
            Field::new(&named.name, data_type, named.nullable || nullable)
        };
        let schema = Arc::new(Schema::new(shown.iter().map(field).collect::<Vec<_>>()));
        let mut wanted = shown.clone();
        wanted.extend(dataset.dirt.iter().flat_map(|dirt| dirt.reads(&shown)));
        let needed = dataset.scope.needed(&wanted);
        Ok(Self { dataset, shown, needed, schema })
    }

    /// The columns with their in-memory types.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The places of the table: the number of rows of the root table. A root table has one row for each of
    /// them, a child table any number.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.dataset.scope.records
    }

    /// The dataset's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.dataset.scope.dataset
    }

    /// The table's name in a database.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.dataset.relations.table
    }

    /// The columns that together are different in every row, as far as no dirt repeats rows; empty when the
    /// spec names none.
    #[must_use]
    pub fn primary_key(&self) -> &[String] {
        &self.dataset.relations.primary_key
    }

    /// The columns that refer to other tables.
    #[must_use]
    pub fn foreign_keys(&self) -> &[ForeignKey] {
        &self.dataset.relations.foreign_keys
    }

    /// Columns that a database should index together.
    #[must_use]
    pub fn indexes(&self) -> &[Vec<String>] {
        &self.dataset.relations.indexes
    }

    /// Whether its rows belong to rows of another table.
    #[must_use]
    pub fn is_child(&self) -> bool {
        self.dataset.scope.link.is_some()
    }

    /// Whether active dirt repeats rows, so that no key can hold.
    #[must_use]
    pub fn has_duplicates(&self) -> bool {
        self.dataset.dirt.as_ref().is_some_and(Dirt::has_duplicates)
    }

    /// The shown columns in which active dirt damages values: keys on them cannot be relied on.
    #[must_use]
    pub fn dirty_columns(&self) -> Vec<&str> {
        let dirty = self.dataset.dirt.as_ref().map(Dirt::damaged_columns).unwrap_or_default();
        let names = self.shown.iter().filter(|index| dirty.contains(index));
        names.map(|index| self.dataset.scope.columns[*index].name.as_str()).collect()
    }

    /// The ledger of all faults of the table, whatever columns the plan shows; `None` where no dirt is
    /// active.
    #[must_use]
    pub fn dirt_ledger(&self) -> Option<DirtLedger> {
        DirtLedger::new(self)
    }

    /// Whether the values of any of its columns are to be counted for those who load it.
    #[must_use]
    pub fn counts_values(&self) -> bool {
        self.dataset.scope.columns.iter().any(|named| named.ledger)
    }

    /// What the table is, in one sentence.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.dataset.about
    }

    /// The day from which the data is seen.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.dataset.as_of
    }

    /// The columns of the table, for documents.
    pub fn columns(&self) -> impl Iterator<Item = ColumnInfo<'_>> {
        self.shown.iter().map(|index| {
            let named = &self.dataset.scope.columns[*index];
            ColumnInfo { name: &named.name, kind: named.kind.name, about: &named.about }
        })
    }

    pub(crate) fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// The rows at `places`, which must lie within `0..row_count()`; at most [`MAX_BATCH_ROWS`] of them.
    ///
    /// # Panics
    /// When the range ends behind the last place, or is too long.
    #[must_use]
    pub fn batch(&self, places: Range<u64>) -> RecordBatch {
        assert!(
            places.start <= places.end && places.end <= self.row_count(),
            "places {places:?} of {}",
            self.row_count()
        );
        assert!(places.end - places.start <= MAX_BATCH_ROWS, "a batch has at most {MAX_BATCH_ROWS} places");
        let scope = &self.dataset.scope;
        if let Some(dirt) = &self.dataset.dirt {
            let (columns, row_count) = dirt.batch(scope, places, &self.needed, &self.shown);
            return self.of_shown(columns, row_count);
        }
        let made = scope.make(RowNumbers::Range(places), &self.needed);
        self.of_shown(self.only_shown(&made.columns), made.rows.len())
    }

    /// The rows with the numbers in `rows`, in that order and each as often as it is named, without the copies
    /// that dirt makes; at most
    /// [`MAX_BATCH_ROWS`] of them, all within the table. A child row's number is its parent's times
    /// [`MAX_CHILDREN`] and its place among its siblings, where the table counts them.
    ///
    /// # Panics
    /// When a row belongs to no place of the table, or there are too many.
    #[must_use]
    pub fn rows(&self, rows: &[u64]) -> RecordBatch {
        let outside = rows.iter().find(|row| **row >= self.dataset.scope.row_limit());
        assert!(outside.is_none(), "row {outside:?} of {}", self.dataset.scope.row_limit());
        assert!(rows.len() as u64 <= MAX_BATCH_ROWS, "a batch has at most {MAX_BATCH_ROWS} rows");
        let (scope, row_count) = (&self.dataset.scope, rows.len());
        let rows = RowNumbers::Listed(rows.into());
        let columns = match &self.dataset.dirt {
            Some(dirt) => dirt.rows(scope, rows, &self.needed, &self.shown),
            None => self.only_shown(&scope.make_rows(&rows, &self.needed)),
        };
        self.of_shown(columns, row_count)
    }

    fn only_shown(&self, columns: &[Option<ArrayRef>]) -> Vec<ArrayRef> {
        self.shown.iter().filter_map(|index| columns[*index].clone()).collect()
    }

    fn of_shown(&self, shown: Vec<ArrayRef>, row_count: usize) -> RecordBatch {
        let options = RecordBatchOptions::new().with_row_count(Some(row_count));
        RecordBatch::try_new_with_options(self.schema(), shown, &options)
            .expect("columns make arrays of the type and length they declare")
    }
}

fn check_records(run: &Run) -> Result<()> {
    ensure(
        (1..=MAX_RECORDS).contains(&run.records),
        "records",
        format!("{} is not within 1 to {MAX_RECORDS}", run.records),
    )
}
