//! Tables of a PostgreSQL database, described as files are.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use driftforge_generators::DriftTruth;

use super::drifts;
use super::profile::{DriftLine, Profile, TableProfile};
use super::table::TableState;
use crate::datasets::{Dataset, PlannedDataset};
use crate::ledger::Ledger;
use crate::sinks::Progress;
use crate::sinks::postgres::{Catalog, DatabaseUrl, FoundTable, Loaded};
use crate::{Error, Result};

/// What to describe in a database, and how.
#[derive(Clone, Copy)]
pub struct DatabaseTask<'a> {
    /// The database.
    pub url: &'a DatabaseUrl,
    /// The schema with the tables.
    pub schema: &'a str,
    /// The only table, view or partition to describe; `None`: all tables of the schema.
    pub table: Option<&'a str>,
    /// The most frequent values that are told of a column.
    pub most_values: usize,
    /// Is told of rows read.
    pub progress: &'a dyn Progress,
    /// Raised from outside (Ctrl-C) to end the reading.
    pub stop: &'a AtomicBool,
}

/// Describes tables of a database, all of them as they are at one moment. They are read on one connection.
///
/// # Errors
/// [`Error::Database`] for a database that cannot be read or has no such table; [`Error::Interrupted`].
pub fn describe_database(task: &DatabaseTask) -> Result<Profile> {
    let mut catalog = Catalog::connect(task.url)?;
    let found = catalog.tables(task.schema, task.table)?;
    let loads = catalog.loads(task.schema)?;
    let loads: Vec<Loaded> =
        loads.into_iter().filter(|load| found.iter().any(|table| table.name == load.table)).collect();
    // A spec that this version cannot plan says nothing of its tables.
    let planned = loads.iter().map(|load| Dataset::of_context(load.contexts.last()?).ok());
    let planned: Vec<Option<PlannedDataset>> = planned.collect();
    let mut tables = Vec::new();
    for table in found {
        let table = with_types_of_load(table, &loads, &planned);
        let state = read(task, &mut catalog, &table)?;
        tables.push(TableProfile::new(table.name.table, 0, table.bytes, &state, task.most_values));
    }
    let names: BTreeSet<&str> = planned.iter().flatten().map(|planned| planned.plan().name()).collect();
    let dataset = names.into_iter().collect::<Vec<_>>().join(", ");
    let is_known = !dataset.is_empty();
    Ok(Profile {
        place: task.url.to_string(),
        dataset: is_known.then_some(dataset),
        tables,
        drifts: is_known.then(|| drift_lines(&loads, &planned)),
    })
}

/// The table with the types that its rows were generated with, where JSON has taken their place.
fn with_types_of_load(table: FoundTable, loads: &[Loaded], planned: &[Option<PlannedDataset>]) -> FoundTable {
    let pairs = loads.iter().zip(planned);
    let mut planned =
        pairs.filter(|(load, _)| load.table == table.name).filter_map(|(_, planned)| planned.as_ref());
    let Some(planned) = planned.next() else { return table };
    // A load of one table may have another name than the dataset gives it.
    let is_alone = planned.collection().tables().len() == 1;
    let rows = planned.rows_of(&table.name.table);
    match rows.or_else(|| is_alone.then(|| planned.plan() as _)) {
        Some(rows) => table.with_nested_types(&rows.schema()),
        None => table,
    }
}

fn read(task: &DatabaseTask, catalog: &mut Catalog, table: &FoundTable) -> Result<TableState> {
    let schema = table.schema();
    let mut state = TableState::new(&schema);
    if schema.fields().is_empty() {
        state.rows = catalog.count(table)?;
        return Ok(state);
    }
    catalog.batches(table, &mut |batch| {
        if task.stop.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        let added = state.add(batch);
        added
            .map_err(|problem| Error::database(task.url, format!("table {}: {problem}", table.name), true))?;
        task.progress.places_written(batch.num_rows() as u64);
        Ok(())
    })?;
    Ok(state)
}

/// The drift of all loads, by the ledgers that are kept with them; of a load without one, by its plan. Customers whose
/// drift differs are told apart.
fn drift_lines(loads: &[Loaded], planned: &[Option<PlannedDataset>]) -> Vec<DriftLine> {
    let mut told: Vec<(u32, DriftLine)> = Vec::new();
    for (load, planned) in loads.iter().zip(planned) {
        let new = drifts::lines(&drifts_of(load, planned.as_ref()));
        let new = new.into_iter().filter(|line| !told.iter().any(|(_, known)| known == line));
        let new: Vec<_> = new.map(|line| (load.customer, line)).collect();
        told.extend(new);
    }
    let has_several = loads.iter().any(|load| load.customer != loads[0].customer);
    let line = |(customer, line): (u32, DriftLine)| match has_several {
        true => DriftLine { text: format!("{} (of customer {customer})", line.text), ..line },
        false => line,
    };
    told.into_iter().map(line).collect()
}

fn drifts_of(load: &Loaded, planned: Option<&PlannedDataset>) -> Vec<DriftTruth> {
    let kept = load.ledger.as_ref().and_then(|ledger| serde_json::from_str::<Ledger>(ledger).ok());
    let by_plan = || planned.map(|planned| planned.collection().truth().drifts);
    kept.map(|ledger| ledger.drifts).or_else(by_plan).unwrap_or_default()
}
