//! The checked form of a spec: the only thing that generates.

mod builder;

use crate::batch::{BatchSoFar, RowNumbers};
use crate::calendar::Calendar;
use crate::columns::{ColumnKind, Nulls};
use crate::error::{Result, ensure, listed};
use crate::scope::Scope;
use crate::spec::{DriftSpec, Spec};
use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// The most rows of a dataset; the numbers of all of them are exact as floating-point numbers.
pub const MAX_RECORDS: u64 = 1 << 50;

/// The most rows of a batch; texts and lists of more would overflow Arrow's 32-bit offsets.
pub const MAX_BATCH_ROWS: u64 = 1 << 24;

/// What a run chooses beside the spec.
#[derive(Debug, Clone)]
pub struct Run {
    /// Rows of the whole dataset.
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

/// A dataset that can be generated, whole or in any part, in any order, on any thread.
#[derive(Debug, Clone)]
pub struct Plan {
    dataset: Arc<Dataset>,
    /// The columns of the table, by index.
    shown: Vec<usize>,
    /// Which columns are made, be it because another reads them.
    needed: Vec<bool>,
    schema: SchemaRef,
}

#[derive(Debug)]
pub(crate) struct Dataset {
    pub(crate) scope: Scope,
    pub(crate) traits: Vec<ColumnTraits>,
    pub(crate) drifts: Vec<DriftSpec>,
    /// The calendar without volume drift.
    pub(crate) undrifted: Calendar,
    pub(crate) as_of: NaiveDate,
    pub(crate) baseline_days: u32,
    pub(crate) current_days: u32,
    about: String,
}

/// What is known of a column beside its values.
#[derive(Debug)]
pub(crate) struct ColumnTraits {
    kind: &'static ColumnKind,
    about: String,
    pub(crate) nulls: Nulls,
    reads: BTreeSet<usize>,
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
    /// Checks a spec for a run.
    ///
    /// # Errors
    /// When any part of the spec cannot be used, with its place.
    pub fn new(spec: &Spec, run: &Run) -> Result<Self> {
        ensure(
            (1..=MAX_RECORDS).contains(&run.records),
            "records",
            format!("{} is not within 1 to {MAX_RECORDS}", run.records),
        )?;
        let (dataset, names) = builder::build(spec, run)?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Self::showing(Arc::new(dataset), &names)
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
        Self::showing(Arc::clone(&self.dataset), names)
    }

    fn showing(dataset: Arc<Dataset>, names: &[&str]) -> Result<Self> {
        let shown = names.iter().map(|name| dataset.scope.index(name)).collect::<Result<Vec<_>>>()?;
        let field = |index: &usize| {
            let named = &dataset.scope.columns[*index];
            Field::new(&named.name, named.column.data_type(), named.nullable)
        };
        let schema = Arc::new(Schema::new(shown.iter().map(field).collect::<Vec<_>>()));
        let mut needed = vec![false; dataset.traits.len()];
        shown.iter().for_each(|index| needed[*index] = true);
        for index in (0..needed.len()).rev() {
            if needed[index] {
                dataset.traits[index].reads.iter().for_each(|read| needed[*read] = true);
            }
        }
        Ok(Self { dataset, shown, needed, schema })
    }

    /// The columns with their in-memory types.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Rows of the whole dataset.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.dataset.scope.records
    }

    /// The dataset's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.dataset.scope.dataset
    }

    /// What the dataset is, in one sentence.
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
            let traits = &self.dataset.traits[*index];
            ColumnInfo {
                name: &self.dataset.scope.columns[*index].name,
                kind: traits.kind.name,
                about: &traits.about,
            }
        })
    }

    pub(crate) fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// The rows in `rows`, which must lie within the dataset; at most [`MAX_BATCH_ROWS`] of them.
    ///
    /// # Panics
    /// When the range ends behind the dataset's last row, or is too long.
    #[must_use]
    pub fn batch(&self, rows: Range<u64>) -> RecordBatch {
        assert!(
            rows.start <= rows.end && rows.end <= self.row_count(),
            "rows {rows:?} of {}",
            self.row_count()
        );
        self.fill(&RowNumbers::Range(rows))
    }

    /// The rows with the numbers in `rows`, in that order and each as often as it is named; at most
    /// [`MAX_BATCH_ROWS`] of them, all within the dataset.
    ///
    /// # Panics
    /// When a row is not within the dataset, or there are too many.
    #[must_use]
    pub fn rows(&self, rows: &[u64]) -> RecordBatch {
        let outside = rows.iter().find(|row| **row >= self.row_count());
        assert!(outside.is_none(), "row {outside:?} of {}", self.row_count());
        self.fill(&RowNumbers::Listed(rows.into()))
    }

    fn fill(&self, rows: &RowNumbers) -> RecordBatch {
        assert!(rows.len() as u64 <= MAX_BATCH_ROWS, "a batch has at most {MAX_BATCH_ROWS} rows");
        let mut batch = BatchSoFar::default();
        for (index, needed) in self.needed.iter().enumerate() {
            let filled = needed.then(|| {
                let span = self.dataset.traits[index].nulls.span(rows.clone(), &batch);
                self.dataset.scope.column(index).fill(span, &batch)
            });
            batch.push(filled);
        }
        let columns = batch.into_columns();
        let shown = self.shown.iter().filter_map(|index| columns[*index].clone()).collect();
        RecordBatch::try_new(self.schema(), shown)
            .expect("columns make arrays of the type and length they declare")
    }
}
