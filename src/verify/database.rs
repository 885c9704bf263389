//! Tables of a PostgreSQL database against the rows of the loads that its registry tells of.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use arrow_array::RecordBatch;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use driftforge_generators::{DIRT_LEDGER_SUFFIX, DirtLedger};

use super::difference::shortened;
use super::sample::{self, Sample};
use super::{Difference, Finding, Problem, Verdict, unkeyed};
use crate::datasets::{Dataset, PlannedDataset};
use crate::sinks::postgres::{DatabaseUrl, ExpectedRows, Loaded, ReadBack};
use crate::sinks::{Progress, Rows};
use crate::{Error, Result};

/// Rows whose keys are asked for at a time.
const QUERY_ROWS: usize = 4_096;

/// What to verify in a database, and how.
#[derive(Clone, Copy)]
pub struct DatabaseTask<'a> {
    /// The database.
    pub url: &'a DatabaseUrl,
    /// The schema with the tables and their registry.
    pub schema: &'a str,
    /// Which rows to compare; `None`: all.
    pub sample: Option<Sample>,
    /// Threads, each with a connection.
    pub threads: usize,
    /// Is told of places compared.
    pub progress: &'a dyn Progress,
    /// Raised from outside (Ctrl-C) to end the comparison.
    pub stop: &'a AtomicBool,
}

/// A load with what its rows should be.
pub(super) struct Load<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) name: String,
    /// The rows of the latest run.
    pub(super) rows: &'a dyn Rows,
    /// Those of the runs that it was appended to, the earliest first: their places keep their values.
    earlier: Vec<&'a dyn Rows>,
    /// The columns of the table's primary key.
    pub(super) key: &'a [String],
    /// Whether each row has a key of its own. Without one, rows are compared as a whole.
    is_unique: bool,
}

impl Load<'_> {
    /// Places, cut where another run brought the rows.
    pub(super) fn by_run(&self, places: Range<u64>) -> Vec<Range<u64>> {
        let mut start = places.start;
        let mut pieces = Vec::new();
        for end in self.earlier.iter().map(|rows| rows.row_count()).chain([places.end]) {
            let end = end.min(places.end);
            if start < end {
                pieces.push(start..end);
                start = end;
            }
        }
        pieces
    }

    /// The rows of places that one run brought.
    pub(super) fn batch(&self, places: Range<u64>) -> RecordBatch {
        let run = self.earlier.iter().find(|rows| places.start < rows.row_count());
        run.unwrap_or(&self.rows).batch(places)
    }
}

/// Places of a load that one thread compares at a time.
type Piece = (usize, Range<u64>);

/// What was found in a piece: its index, its rows, and the first difference.
type Outcome = (usize, u64, Option<Finding>);

/// Compares the tables of a schema with what the registry of loads says was generated into them.
///
/// # Errors
/// [`Error::Database`] for a database that cannot be read or has no loads; a dataset that this version cannot
/// make; [`Error::Interrupted`].
pub fn verify_database(task: &DatabaseTask) -> Result<Verdict> {
    let mut read_back = ReadBack::connect(task.url)?;
    let loads = read_back.loads(task.schema)?;
    let planned = loads.iter().map(|load| load.contexts.iter().map(Dataset::of_context).collect());
    let planned = planned.collect::<Result<Vec<Vec<PlannedDataset>>>>()?;
    let pairs = loads.iter().zip(&planned);
    let loads = pairs.map(|(loaded, planned)| load(task, loaded, planned)).collect::<Result<Vec<_>>>()?;
    let mut findings = Vec::new();
    for load in &loads {
        findings.extend(outside(&mut read_back, load)?);
    }
    let pieces: Vec<Piece> =
        loads.iter().enumerate().flat_map(|(index, load)| pieces(task, index, load)).collect();
    let (mut rows_compared, differences) = compare(task, &read_back, &loads, &pieces)?;
    findings.extend(differences);
    for load in loads.iter().filter(|load| !load.is_unique && load.loaded.is_complete) {
        let (rows, difference) = unkeyed::compare(task, &mut read_back, load)?;
        rows_compared += rows;
        findings.extend(difference);
    }
    let datasets: BTreeMap<&str, ()> = planned.iter().flatten().map(|run| (run.plan().name(), ())).collect();
    Ok(Verdict {
        dataset: datasets.into_keys().collect::<Vec<_>>().join(", "),
        tables: loads.len(),
        files: 0,
        rows: loads.iter().map(|load| load.loaded.rows).sum(),
        rows_compared,
        findings,
    })
}

/// A load with the runs that brought its rows, the earliest first.
fn load<'a>(task: &DatabaseTask, loaded: &'a Loaded, runs: &'a [PlannedDataset]) -> Result<Load<'a>> {
    let runs = runs.iter().map(|run| load_of_run(task, loaded, run)).collect::<Result<Vec<_>>>()?;
    let earlier = runs.iter().take(runs.len().saturating_sub(1)).map(|run| run.rows).collect();
    let latest = runs.into_iter().next_back();
    let nothing = || Error::database(task.url, format!("nothing is known of {}", loaded.table), true);
    latest.map(|latest| Load { earlier, ..latest }).ok_or_else(nothing)
}

fn load_of_run<'a>(task: &DatabaseTask, loaded: &'a Loaded, planned: &'a PlannedDataset) -> Result<Load<'a>> {
    let earlier = Vec::new();
    let table = &loaded.table.table;
    let name = format!("{table} of customer {}", loaded.customer);
    if let Some(ledger) = ledger_of(table, planned) {
        return Ok(Load { loaded, name, rows: ledger, earlier, key: &[], is_unique: false });
    }
    let tables = planned.collection().tables();
    // A load of one table may have another name than the dataset gives it.
    let plan =
        tables.iter().find(|plan| plan.table() == table).or((tables.len() == 1).then(|| planned.plan()));
    let Some(plan) = plan else {
        let problem = format!("the registry has the table {table}, which the dataset has not");
        return Err(Error::database(task.url, problem, true));
    };
    let (key, dirty) = (plan.primary_key(), plan.dirty_columns());
    let is_unique = !key.is_empty()
        && !plan.has_duplicates()
        && !key.iter().any(|column| dirty.contains(&column.as_str()));
    Ok(Load { loaded, name, rows: plan, earlier, key, is_unique })
}

/// The ledger of dirt that a table is, under its own name or that of a load of one table.
fn ledger_of<'a>(table: &str, planned: &'a PlannedDataset) -> Option<&'a DirtLedger> {
    let has_other_name = planned.collection().table(table).is_none() && table.ends_with(DIRT_LEDGER_SUFFIX);
    let only = match planned.dirt_ledgers() {
        [only] if has_other_name && planned.collection().tables().len() == 1 => Some(only),
        _ => None,
    };
    planned.dirt_ledger(table).or(only)
}

/// What is wrong with the number of rows.
fn outside(read_back: &mut ReadBack, load: &Load) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if !load.loaded.is_complete {
        let problem = "the load was interrupted: run the same command again".to_owned();
        findings.push(Finding::new(&load.name, Problem::Unreadable(problem)));
    }
    let (expected, found) = (load.loaded.rows, read_back.count(load.loaded, &load.rows.schema())?);
    if expected != found {
        let problem = format!("{found} rows instead of {expected}");
        findings.push(Finding::new(&load.name, Problem::Unreadable(problem)));
    }
    Ok(findings)
}

/// The pieces of a load that are compared; none where rows cannot be told apart or are not all there.
fn pieces(task: &DatabaseTask, index: usize, load: &Load) -> Vec<Piece> {
    if !load.is_unique || !load.loaded.is_complete {
        return Vec::new();
    }
    let all = load.rows.row_count();
    let ranges: Vec<Range<u64>> = match &task.sample {
        None => sample::blocks(0..all).collect(),
        Some(sample) => sample.ranges(&load.name, 0..all, all),
    };
    ranges.into_iter().flat_map(|range| load.by_run(range)).map(|range| (index, range)).collect()
}

/// Compares all pieces; the first difference of each load.
fn compare(
    task: &DatabaseTask,
    read_back: &ReadBack,
    loads: &[Load],
    pieces: &[Piece],
) -> Result<(u64, Vec<Finding>)> {
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<Result<Outcome>>> = Mutex::new(Vec::new());
    let work = || {
        let compared = read_back.again().and_then(|mut read_back| {
            let mut done = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some((load, places)) = pieces.get(index) else { return Ok(done) };
                if task.stop.load(Ordering::Relaxed) {
                    return Err(Error::Interrupted);
                }
                let (rows, finding) = compare_piece(&mut read_back, &loads[*load], places.clone(), task.url)?;
                task.progress.places_written(places.end - places.start);
                done.push((index, rows, finding));
            }
        });
        let mut outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        match compared {
            Ok(done) => outcomes.extend(done.into_iter().map(Ok)),
            Err(error) => {
                next.store(pieces.len(), Ordering::Relaxed);
                outcomes.push(Err(error));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..task.threads.min(pieces.len()) {
            // Fewer threads than asked for do the same work.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut outcomes = outcomes.into_iter().collect::<Result<Vec<_>>>()?;
    outcomes.sort_by_key(|(index, ..)| *index);
    let rows = outcomes.iter().map(|(_, rows, _)| rows).sum();
    let mut findings: Vec<Finding> = outcomes.into_iter().filter_map(|(.., finding)| finding).collect();
    findings.dedup_by(|later, earlier| later.file == earlier.file);
    Ok((rows, findings))
}

/// Compares the rows of some places, and returns how many there are.
fn compare_piece(
    read_back: &mut ReadBack,
    load: &Load,
    places: Range<u64>,
    url: &DatabaseUrl,
) -> Result<(u64, Option<Finding>)> {
    let unencodable = |problem| Error::database(url, problem, false);
    let batch = load.batch(places.clone());
    let mut expected = ExpectedRows::new(&batch.schema()).map_err(unencodable)?;
    let (table, key) = (&load.loaded.table, load.key);
    for start in (0..batch.num_rows()).step_by(QUERY_ROWS) {
        let piece = batch.slice(start, QUERY_ROWS.min(batch.num_rows() - start));
        let found = read_back.rows(table, key, &piece)?;
        let Some((row, column)) = expected.differs(&piece, &found).map_err(unencodable)? else { continue };
        let number = places.start + (start + row) as u64;
        let problem = different(read_back, load, &piece.slice(row, 1), (number, column))?;
        return Ok(((start + row) as u64, Some(Finding::new(&load.name, problem))));
    }
    Ok((batch.num_rows() as u64, None))
}

/// What is wrong with a row: a value of the column, or all of it.
pub(super) fn different(
    read_back: &mut ReadBack,
    load: &Load,
    one: &RecordBatch,
    (row, column): (u64, Option<String>),
) -> Result<Problem> {
    let key = load.key.iter().map(|name| format!("{name} = {}", shown(one, name)));
    let which = key.collect::<Vec<_>>().join(", ");
    let Some(column) = column else {
        return Ok(Problem::Unreadable(format!("the row with {which} is missing")));
    };
    let there = read_back.shown(&load.loaded.table, load.key, one, &column)?;
    Ok(Problem::Value(Difference {
        row,
        expected: shown(one, &column),
        found: shortened(&there),
        column: format!("{column} (of {which})"),
    }))
}

/// A value of a batch of one row.
pub(super) fn shown(row: &RecordBatch, column: &str) -> String {
    let options = FormatOptions::default().with_null("null");
    let array = row.column_by_name(column);
    let formatter = array.and_then(|array| ArrayFormatter::try_new(array.as_ref(), &options).ok());
    formatter.map_or_else(String::new, |formatter| shortened(&formatter.value(0).to_string()))
}
