//! Whether files still hold what was generated into them.
//!
//! [`verify()`] reads the manifest, makes the rows again, and compares them with what readers that share nothing with
//! our writers read: Parquet and Arrow files by their crates, value by value; text files record by record. Before
//! that it looks for files that are missing, too many, cut short, or of another digest. Whole, or a sample that
//! is a pure function of its seed. [`verify_database`] does the same for the tables of a PostgreSQL database: rows are
//! asked for by their keys, and compared in the binary form of the server; where dirt repeats keys, a whole table is held
//! against all rows that were made. Files and row groups are compared in parallel; memory is a few batches per
//! thread.

mod columnar;
mod database;
mod difference;
mod finding;
mod inventory;
mod record;
mod sample;
mod text;
mod unit;
mod unkeyed;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use self::inventory::Inventory;
use self::unit::Unit;
use crate::places::Place;
use crate::sinks::Progress;
use crate::{Error, Result};

pub use self::database::{DatabaseTask, verify_database};
pub use self::difference::Difference;
pub use self::finding::{Finding, Problem};
pub use self::sample::Sample;

/// What to verify, and how.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// Where the files and their manifest are.
    pub place: &'a Place,
    /// Which rows to compare; `None`: all.
    pub sample: Option<Sample>,
    /// Threads that read and compare.
    pub threads: usize,
    /// Is told of places compared.
    pub progress: &'a dyn Progress,
    /// Raised from outside (Ctrl-C) to end the comparison.
    pub stop: &'a AtomicBool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The dataset's name.
    pub dataset: String,
    /// Tables of the manifest, or loads of the registry.
    pub tables: usize,
    /// Files of the manifest; 0 in a database.
    pub files: usize,
    /// Rows in them, by the manifest or the registry of loads.
    pub rows: u64,
    /// Rows that were compared.
    pub rows_compared: u64,
    /// What is not as it should be, in the order of the manifest; for each file the first difference.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// Whether all that was compared is as it was generated.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Compares the files of a place with what their manifest says was generated into them.
///
/// # Errors
/// [`Error::Input`] for a place without a manifest, or with one whose dataset this version cannot make;
/// [`Error::Io`] when the place refuses to be read; [`Error::Interrupted`].
pub fn verify(task: &Task) -> Result<Verdict> {
    let inventory = Inventory::take(task.place)?;
    let mut findings = inventory.findings(task)?;
    let planned = inventory.planned()?;
    let units = unit::units(task, &inventory, &planned, &mut findings)?;
    let rows_compared = compare(task, &units, &mut findings)?;
    findings.sort_by_key(|finding| inventory.position(&finding.file));
    findings.dedup_by(|later, earlier| {
        later.file == earlier.file && later.problem.is_content() && earlier.problem.is_content()
    });
    Ok(Verdict {
        dataset: planned.plan().name().to_owned(),
        tables: inventory.tables().count(),
        files: inventory.files().count(),
        rows: inventory.files().map(|(_, file)| file.rows).sum(),
        rows_compared,
        findings,
    })
}

/// How many places a comparison goes through, for progress.
///
/// # Errors
/// Those of [`verify()`] that its manifests are the cause of.
pub fn places_to_compare(place: &Place, sample: Option<&Sample>) -> Result<u64> {
    let inventory = Inventory::take(place)?;
    let places: u64 = inventory.files().map(|(_, file)| file.places).sum();
    Ok(sample.map_or(places, |sample| sample.of(places)))
}

/// Compares all units; returns the number of rows that were compared.
fn compare(task: &Task, units: &[Unit], findings: &mut Vec<Finding>) -> Result<u64> {
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<(usize, Result<unit::Compared>)>> = Mutex::new(Vec::new());
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(unit) = units.get(index) else { return };
            let compared =
                if task.stop.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { unit.compare(task) };
            let failed = compared.is_err();
            outcomes.lock().unwrap_or_else(PoisonError::into_inner).push((index, compared));
            if failed {
                next.store(units.len(), Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..task.threads.min(units.len()) {
            // Fewer threads than asked for do the same work.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcomes.sort_by_key(|(index, _)| *index);
    let mut rows = 0;
    for (_, compared) in outcomes {
        let compared = compared?;
        rows += compared.rows;
        findings.extend(compared.finding);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests;
