//! Pieces of files that are compared by one thread each.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::inventory::Inventory;
use super::{Finding, Problem, Task, columnar, sample, text};
use crate::datasets::PlannedDataset;
use crate::sinks::{ManifestFile, ManifestTable, PartitionBy, PartitionValue, Partitioning, Rows};
use crate::{Error, Result};

/// A file, with what its rows should be.
#[derive(Clone)]
pub(super) struct FileTask<'a> {
    pub file: &'a ManifestFile,
    pub table: &'a ManifestTable,
    pub rows: FileRows<'a>,
    /// Whether the rows are faults, of which there may be as many as places without being one each.
    pub is_ledger: bool,
    pub compression: &'a str,
}

impl FileTask<'_> {
    /// Whether each place has one row, so that the row of a place is known without making those before it.
    pub(super) fn has_a_row_for_each_place(&self) -> bool {
        !self.is_ledger
            && !self.rows.is_partition()
            && self.file.rows == self.file.places
            && self.table.rows == self.table.files.iter().map(|file| file.places).sum::<u64>()
    }

    /// The places of the file.
    pub(super) fn places(&self) -> Range<u64> {
        self.file.first_place..self.file.first_place + self.file.places
    }

    /// The parts of some of its places that are compared.
    pub(super) fn chosen(&self, task: &Task, places: Range<u64>) -> Vec<Range<u64>> {
        match &task.sample {
            None => sample::blocks(places).collect(),
            Some(sample) => sample.ranges(&self.table.name, places, self.rows.row_count()),
        }
    }
}

/// The rows of a table that go to one file: all of them, or those with the values of its folders.
#[derive(Clone)]
pub(super) struct FileRows<'a> {
    rows: &'a dyn Rows,
    partition: Option<(Arc<Partitioning>, Arc<Vec<PartitionValue>>)>,
}

impl<'a> FileRows<'a> {
    /// The rows of a file, where tables are cut by `partition_by`.
    fn new(rows: &'a dyn Rows, file: &ManifestFile, table: &str, partition_by: &PartitionBy) -> Result<Self> {
        let partitioning = if file.partition.is_empty() {
            None
        } else {
            Partitioning::of(partition_by, &rows.schema(), table)?
        };
        let values = || Arc::new(file.partition.clone());
        let partition = partitioning.map(|partitioning| (Arc::new(partitioning), values()));
        Ok(Self { rows, partition })
    }

    /// Whether the file has only some rows of its places.
    pub(super) fn is_partition(&self) -> bool {
        self.partition.is_some()
    }
}

impl Rows for FileRows<'_> {
    fn schema(&self) -> SchemaRef {
        self.partition.as_ref().map_or_else(|| self.rows.schema(), |(partitioning, _)| partitioning.schema())
    }

    fn row_count(&self) -> u64 {
        self.rows.row_count()
    }

    fn batch(&self, places: Range<u64>) -> RecordBatch {
        let batch = self.rows.batch(places);
        match &self.partition {
            None => batch,
            Some((partitioning, values)) => partitioning.rows_of(&batch, values),
        }
    }
}

/// A piece of a file that one thread compares.
pub(super) enum Unit<'a> {
    /// A chunk of a Parquet or Arrow file, or all of it.
    Columnar(columnar::Chunk<'a>),
    /// A file of records.
    Text(text::TextUnit<'a>),
}

/// What came of a unit.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// Rows that were compared.
    pub rows: u64,
    pub finding: Option<Finding>,
}

impl Unit<'_> {
    pub(super) fn compare(&self, task: &Task) -> Result<Compared> {
        match self {
            Self::Columnar(chunk) => chunk.compare(task),
            Self::Text(unit) => unit.compare(task),
        }
    }
}

/// The units of all files that are there. Files that cannot be opened become findings.
pub(super) fn units<'a>(
    task: &Task,
    inventory: &'a Inventory,
    planned: &'a PlannedDataset,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Unit<'a>>> {
    let (format, compression) = inventory.format();
    let partition_by = inventory.partition_by(task)?;
    let mut units = Vec::new();
    for (table, file) in inventory.files().filter(|(_, file)| inventory.has(&file.name)) {
        let Some(rows) = planned.rows_of(&table.name) else {
            let problem = format!(
                "the manifest has the table {}, which the dataset has not",
                table.name.escape_debug()
            );
            return Err(Error::input(task.place.locate(""), problem));
        };
        let is_ledger = planned.dirt_ledger(&table.name).is_some();
        let rows = FileRows::new(rows, file, &table.name, &partition_by)?;
        let file_task = FileTask { file, table, rows, is_ledger, compression };
        match format {
            "parquet" | "arrow" => match columnar::OpenFile::open(task, &file_task, format) {
                Ok(open) => {
                    units.extend(columnar::chunks(task, &file_task, &Arc::new(open)).map(Unit::Columnar))
                }
                Err(problem) => findings.push(Finding::new(&file.name, problem?)),
            },
            "csv" | "jsonl" => units.push(Unit::Text(text::TextUnit { file: file_task, format })),
            other => {
                let problem = format!(
                    "the manifest is of the format {}, which this version cannot read",
                    other.escape_debug()
                );
                return Err(Error::input(task.place.locate(""), problem));
            }
        }
    }
    Ok(units)
}

/// A problem of the file, or an error of the machine.
pub(super) type Opened<T> = std::result::Result<T, Result<Problem>>;
