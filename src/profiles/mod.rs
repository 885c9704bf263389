//! What data are like: rows, types, nulls, quantiles, frequent values, and the drift that their writer put in.
//!
//! [`describe`] reads every value once, in parallel, and keeps a few sketches of each column that merge:
//! memory is columns × threads, never rows. Counts are exact up to 2,048 different values and quantiles up to
//! 4,096; beyond, the profile says that they are not.

mod column;
mod counter;
mod database;
mod drifts;
mod profile;
mod quantiles;
mod table;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use arrow_schema::{DataType, SchemaRef};

use self::table::TableState;
use crate::datasets::{Dataset, Provenance};
use crate::places::data_file::{DataFile, names};
use crate::places::{FoundFile, Place};
use crate::sinks::{Manifest, Progress};
use crate::{Error, Result};

pub use self::database::{DatabaseTask, describe_database};
pub use self::profile::{ColumnProfile, Count, DriftLine, Profile, Quantiles, TableProfile, TopValue};

/// What to describe, and how.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// Where the files are.
    pub place: &'a Place,
    /// The most frequent values that are told of a column.
    pub most_values: usize,
    /// Threads that read.
    pub threads: usize,
    /// Is told of rows read.
    pub progress: &'a dyn Progress,
    /// Raised from outside (Ctrl-C) to end the reading.
    pub stop: &'a AtomicBool,
}

/// The files of one table.
struct TableFiles {
    name: String,
    schema: SchemaRef,
    files: Vec<DataFile>,
}

/// A piece of a file, which one thread reads.
struct Piece<'a> {
    table: usize,
    file: &'a DataFile,
    index: usize,
}

/// Describes the data of a place.
///
/// # Errors
/// [`Error::Input`] for a place without data files, or a file that cannot be read, with its name;
/// [`Error::Io`] when the place refuses to be read; [`Error::Interrupted`].
pub fn describe(task: &Task) -> Result<Profile> {
    let found = task.place.files()?;
    let (tables, metadata) = tables(task, &found)?;
    let mut pieces = Vec::new();
    for (table, files) in tables.iter().enumerate() {
        for file in &files.files {
            let count =
                guarded(|| file.pieces(task.place)).map_err(|problem| unreadable(task, file, &problem))?;
            pieces.extend((0..count).map(|index| Piece { table, file, index }));
        }
    }
    let states = gather(task, &tables, &pieces)?;
    let provenance = provenance(task.place, &found, &metadata);
    let (dataset, drifts) = provenance.unzip();
    let profiles = tables.iter().zip(&states).map(|(table, state)| {
        let bytes = table.files.iter().map(|file| file.bytes).sum();
        TableProfile::new(table.name.clone(), table.files.len(), bytes, state, task.most_values)
    });
    let place = task.place.locate("").display().to_string();
    Ok(Profile { place, dataset, tables: profiles.collect(), drifts })
}

/// The data files by table: those of one folder with the same columns.
fn tables(task: &Task, found: &[FoundFile]) -> Result<(Vec<TableFiles>, BTreeMap<String, String>)> {
    let mut tables: BTreeMap<(String, Vec<String>), TableFiles> = BTreeMap::new();
    let mut metadata = BTreeMap::new();
    for file in found.iter().filter_map(|found| DataFile::of(found, task.place)) {
        let (schema, pairs) =
            guarded(|| file.schema(task.place)).map_err(|problem| unreadable(task, &file, &problem))?;
        metadata.extend(pairs);
        let key = (file.folder(), names(&schema));
        let table = tables.entry(key).or_insert_with(|| TableFiles {
            name: table_name(task, &file),
            schema: schema.clone(),
            files: Vec::new(),
        });
        table.schema = wider(&table.schema, &schema);
        table.files.push(file);
    }
    if tables.is_empty() {
        let problem = "no data are here: files that end with .parquet, .arrow, .csv or .jsonl are described";
        return Err(Error::input(task.place.locate(""), problem));
    }
    Ok((tables.into_values().collect(), metadata))
}

/// The name of a file's table: that of its folder, or of the file without the number of its part.
fn table_name(task: &Task, file: &DataFile) -> String {
    let folder = file.folder();
    if !folder.is_empty() {
        return folder;
    }
    let path = task.place.locate(&file.name);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = name.split('.').next().unwrap_or_default();
    let (whole, part) = stem.split_at(stem.len().saturating_sub("-00001-of-00003".len()));
    let is_part = part.starts_with('-') && part.contains("-of-");
    if is_part { whole } else { stem }.to_owned()
}

/// The types that values of both files have: text, where two files of a text format were told apart by their
/// values.
fn wider(left: &SchemaRef, right: &SchemaRef) -> SchemaRef {
    let fields = left.fields().iter().zip(right.fields()).map(|(left, right)| {
        let is_number = |data_type: &DataType| data_type.is_numeric();
        match (left.data_type(), right.data_type()) {
            (one, other) if one == other => left.as_ref().clone(),
            (DataType::Null, other) => left.as_ref().clone().with_data_type(other.clone()),
            (_, DataType::Null) => left.as_ref().clone(),
            (one, other) if is_number(one) && is_number(other) => {
                left.as_ref().clone().with_data_type(DataType::Float64)
            }
            _ => left.as_ref().clone().with_data_type(DataType::Utf8),
        }
    });
    SchemaRef::new(arrow_schema::Schema::new(fields.collect::<Vec<_>>()))
}

/// What was gathered of the pieces up to one.
struct Gathered {
    states: Vec<TableState>,
    /// The piece that is added next: the order decides on counts that are not exact.
    next: usize,
    error: Option<Error>,
}

/// Reads all pieces; returns what was gathered of each table. A thread waits with what it read until its turn,
/// so that each has one piece in memory.
fn gather(task: &Task, tables: &[TableFiles], pieces: &[Piece]) -> Result<Vec<TableState>> {
    let states = tables.iter().map(|table| TableState::new(&table.schema)).collect();
    let gathered = Mutex::new(Gathered { states, next: 0, error: None });
    let (untaken, moved) = (AtomicUsize::new(0), Condvar::new());
    let work = || {
        loop {
            let index = untaken.fetch_add(1, Ordering::Relaxed);
            let Some(piece) = pieces.get(index) else { return };
            let mut state = TableState::new(&tables[piece.table].schema);
            let read = read(task, &tables[piece.table], piece, &mut state);
            let gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
            let waits = |gathered: &mut Gathered| gathered.next != index && gathered.error.is_none();
            let mut gathered = moved.wait_while(gathered, waits).unwrap_or_else(PoisonError::into_inner);
            match read {
                _ if gathered.error.is_some() => return,
                Ok(()) => gathered.states[piece.table].merge(state),
                Err(error) => gathered.error = Some(error),
            }
            gathered.next += 1;
            drop(gathered);
            moved.notify_all();
        }
    };
    thread::scope(|scope| {
        for _ in 1..task.threads.min(pieces.len()) {
            // Fewer threads than asked for do the same work.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let gathered = gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
    match gathered.error {
        Some(error) => Err(error),
        None => Ok(gathered.states),
    }
}

/// Adds the rows of a piece.
fn read(task: &Task, table: &TableFiles, piece: &Piece, state: &mut TableState) -> Result<()> {
    let read = guarded(|| {
        for batch in piece.file.batches(task.place, &table.schema, piece.index)? {
            if task.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let batch = batch?;
            state.add(&batch)?;
            let rows = batch.num_rows() as u64;
            for (column, value) in &piece.file.partitions {
                state.column(column, &DataType::Utf8).add_text(value.as_deref(), rows);
            }
            task.progress.places_written(rows);
        }
        Ok(())
    });
    if task.stop.load(Ordering::Relaxed) {
        return Err(Error::Interrupted);
    }
    read.map_err(|problem| unreadable(task, piece.file, &problem))
}

fn unreadable(task: &Task, file: &DataFile, problem: &str) -> Error {
    Error::input(task.place.locate(&file.name), format!("cannot be read: {problem}"))
}

/// Readers panic on some damaged files; that is a problem of the file.
fn guarded<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    crate::sources::silently(|| {
        // What `read` touches is dropped after a panic, so a broken state cannot be seen.
        catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("the data are damaged".to_owned()))
    })
}

/// The dataset and its drift: by the manifest, or by what the files say of themselves.
fn provenance(
    place: &Place,
    found: &[FoundFile],
    metadata: &BTreeMap<String, String>,
) -> Option<(String, Vec<DriftLine>)> {
    let is_manifest = |name: &str| name.starts_with("_manifest") && name.ends_with(".json");
    let manifest = found.iter().find(|file| is_manifest(&file.name)).and_then(|file| {
        let content = place.read(&file.name).ok()?;
        Manifest::parse(&place.locate(&file.name), &content).ok()
    });
    let planned = manifest.and_then(|manifest| Dataset::of_context(&manifest.context).ok());
    if let Some(planned) = planned {
        return Some((planned.plan().name().to_owned(), drifts::lines(&planned.collection().truth().drifts)));
    }
    let provenance = Provenance::from_metadata(metadata)?;
    Some((provenance.dataset, drifts::lines(&provenance.truth.drifts)))
}

#[cfg(test)]
mod tests;
