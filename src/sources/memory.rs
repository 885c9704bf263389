//! Rows that are in memory already.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;

use super::batch::{Batch, Reading};
use super::columns::Columns;
use super::{Batches, Location, Partition, Source, SourceAbout};
use crate::summaries::{Day, DayRange};
use crate::{Error, Result};

pub(super) const ABOUT: SourceAbout =
    SourceAbout { name: "memory", about: "record batches in memory, such as generated claims" };

/// Record batches in memory; each is a partition.
#[derive(Debug)]
pub struct Memory {
    batches: Vec<DatedBatch>,
    row_count: u64,
    metadata: BTreeMap<String, String>,
    name: String,
    columns: Arc<Columns>,
}

/// A batch with the days it spans, so that it can be left out.
#[derive(Debug)]
struct DatedBatch {
    made: Batch,
    rows: u64,
    /// First and last day, `None` without a row that has one.
    days: Option<(Day, Day)>,
    has_undated: bool,
}

impl Memory {
    /// The source of `batches`, of which `columns` are read; `name` stands for them in errors.
    ///
    /// Columns are shared with the batches, not copied, where their types allow it.
    ///
    /// # Errors
    /// [`Error::Input`] for a missing column, a column of a wrong type, and for no rows at all.
    pub fn new(name: &str, batches: &[RecordBatch], columns: &Arc<Columns>) -> Result<Self> {
        let reading = Reading { place: Path::new(name), columns };
        let batches: Vec<DatedBatch> =
            batches.iter().map(|batch| DatedBatch::new(batch, &reading)).collect::<Result<_>>()?;
        let row_count = batches.iter().map(|batch| batch.rows).sum();
        if row_count == 0 {
            return Err(Error::input(name, "the dataset has no rows; at least one is needed"));
        }
        Ok(Self {
            batches,
            row_count,
            metadata: BTreeMap::new(),
            name: name.to_owned(),
            columns: Arc::clone(columns),
        })
    }

    /// The same source, saying `metadata` of itself.
    #[must_use]
    pub fn with_metadata(self, metadata: BTreeMap<String, String>) -> Self {
        Self { metadata, ..self }
    }
}

impl DatedBatch {
    fn new(batch: &RecordBatch, reading: &Reading) -> Result<Self> {
        let positions = reading.columns.resolve(batch.schema_ref(), reading.place)?;
        let made = Batch::from_record_batch(batch, &positions, reading)?;
        let dated = || {
            let incomplete = made.incomplete.iter().flatten().copied();
            made.time.iter().map(|&day| Day(day)).chain(incomplete)
        };
        let days = dated().min().zip(dated().max());
        let has_undated = made.incomplete.contains(&None);
        Ok(Self { rows: batch.num_rows() as u64, days, has_undated, made })
    }

    fn may_hold(&self, wanted: DayRange) -> bool {
        self.has_undated || self.days.is_some_and(|(first, last)| wanted.overlaps(first, last))
    }
}

impl Source for Memory {
    fn row_count(&self) -> u64 {
        self.row_count
    }

    fn end(&self) -> Result<Day> {
        let last = self.batches.iter().filter_map(|batch| batch.days).map(|(_, last)| last).max();
        let last = last.ok_or_else(|| Error::input(&self.name, "no row has a time"))?;
        Reading { place: Path::new(&self.name), columns: &self.columns }.day_after(last)
    }

    fn first_day(&self) -> Option<Day> {
        self.batches.iter().filter_map(|batch| batch.days).map(|(first, _)| first).min()
    }

    fn partitions(&self, days: DayRange) -> Vec<Partition> {
        let numbered = self.batches.iter().enumerate();
        let wanted = numbered.filter(|(_, batch)| batch.may_hold(days));
        wanted.map(|(index, batch)| Partition { index, rows: batch.rows }).collect()
    }

    fn read(&self, partition: &Partition) -> Result<Batches<'_>> {
        let batch = self.batches.get(partition.index);
        Ok(Box::new(batch.map(|batch| Ok(batch.made.clone())).into_iter()))
    }

    fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    fn location(&self) -> Location<'_> {
        Location::Memory
    }
}
