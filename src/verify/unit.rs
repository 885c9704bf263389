//! Pieces of files that are compared by one thread each.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use driftforge_generators::{DirtLedger, Plan};

use super::inventory::Inventory;
use super::{Finding, Problem, Task, columnar, sample, text};
use crate::datasets::PlannedDataset;
use crate::sinks::{ManifestFile, ManifestTable, Rows};
use crate::{Error, Result};

/// A file, with what its rows should be.
#[derive(Clone)]
pub(super) struct FileTask<'a> {
    pub file: &'a ManifestFile,
    pub table: &'a ManifestTable,
    pub rows: &'a dyn Rows,
    pub compression: &'a str,
}

impl FileTask<'_> {
    /// Whether each place has one row, so that the row of a place is known without making those before it.
    pub(super) fn has_a_row_for_each_place(&self) -> bool {
        self.file.rows == self.file.places
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

/// A table, with its name.
pub(super) type NamedRows<'a> = (String, Box<dyn Rows + 'a>);

/// The faults of a table, as the table that they are written as.
struct Faults(DirtLedger);

impl Rows for Faults {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn row_count(&self) -> u64 {
        self.0.row_count()
    }

    fn batch(&self, places: Range<u64>) -> RecordBatch {
        self.0.batch(places)
    }
}

/// The tables that a dataset can be written as: its own, and the ledgers of their faults.
pub(super) fn tables(planned: &PlannedDataset) -> Vec<NamedRows<'_>> {
    let plans = planned.collection().tables().iter();
    let ledgers = plans.clone().filter_map(Plan::dirt_ledger);
    let tables = plans.map(|plan| (plan.table().to_owned(), Box::new(plan.clone()) as Box<dyn Rows>));
    tables.chain(ledgers.map(|ledger| (ledger.table(), Box::new(Faults(ledger)) as Box<dyn Rows>))).collect()
}

/// The units of all files that are there. Files that cannot be opened become findings.
pub(super) fn units<'a>(
    task: &Task,
    inventory: &'a Inventory,
    tables: &'a [NamedRows<'a>],
    findings: &mut Vec<Finding>,
) -> Result<Vec<Unit<'a>>> {
    let (format, compression) = inventory.format();
    let mut units = Vec::new();
    for (table, file) in inventory.files().filter(|(_, file)| inventory.has(&file.name)) {
        let Some((_, rows)) = tables.iter().find(|(name, _)| *name == table.name) else {
            let problem = format!(
                "the manifest has the table {}, which the dataset has not",
                table.name.escape_debug()
            );
            return Err(Error::input(task.place.locate(""), problem));
        };
        let file_task = FileTask { file, table, rows: rows.as_ref(), compression };
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
