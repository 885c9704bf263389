//! The ledger of a dataset: what whoever loads or processes it must find, counted exactly.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use driftforge_generators::{DriftTruth, Plan, Tallier, Tally, Windows};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::datasets::PlannedDataset;
use crate::{Error, Result};

/// Places that are counted at once: few enough that a child table's rows of them stay in the cache.
const CHUNK_PLACES: u64 = 8_192;

/// What all tables of a dataset hold, and the drift in them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// The version of this form; 1.
    pub format_version: u32,
    /// The dataset's name.
    pub dataset: String,
    /// What identifies its content: see [`PlannedDataset::digest`].
    pub digest: String,
    /// Rows of the root table without what dirt repeats.
    pub records: u64,
    /// Table → what it holds.
    pub tables: BTreeMap<String, Tally>,
    /// The windows that the drift's parameters speak of.
    pub windows: Windows,
    /// Each drift.
    pub drifts: Vec<DriftTruth>,
}

impl Ledger {
    /// The name of a dataset's ledger as a file.
    #[must_use]
    pub fn file_name(dataset: &str) -> String {
        format!("{dataset}.ledger.json")
    }

    /// Counts all tables of a dataset on `threads` threads, whatever part of it is written.
    ///
    /// Only the columns that are counted are made, and those that decide how many rows there are.
    ///
    /// # Errors
    /// [`Error::Option`] when there cannot be as many threads, and [`Error::Interrupted`] once `stop` is
    /// raised.
    pub fn count(planned: &PlannedDataset, threads: usize, stop: &AtomicBool) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| Error::option("threads", threads, error.to_string()))?;
        let mut tables = BTreeMap::new();
        for table in planned.collection().tables() {
            let tally = pool.install(|| count_table(table, stop))?;
            tables.insert(table.table().to_owned(), tally);
        }
        let truth = planned.collection().truth();
        Ok(Self {
            format_version: 1,
            dataset: truth.dataset,
            digest: planned.digest(),
            records: truth.records,
            tables,
            windows: truth.windows,
            drifts: truth.drifts,
        })
    }
}

fn count_table(table: &Plan, stop: &AtomicBool) -> Result<Tally> {
    let tallier = Tallier::new(table)?;
    let places = table.row_count();
    if tallier.is_plain() {
        return Ok(Tally { rows: places, ..Tally::default() });
    }
    let chunk = |index: u64| -> Range<u64> { index * CHUNK_PLACES..places.min((index + 1) * CHUNK_PLACES) };
    (0..places.div_ceil(CHUNK_PLACES))
        .into_par_iter()
        .map(|index| {
            let stopped = stop.load(Ordering::Relaxed);
            if stopped { Err(Error::Interrupted) } else { Ok(tallier.tally(chunk(index))) }
        })
        .try_reduce(Tally::default, |mut sum, tally| {
            sum.add(&tally);
            Ok(sum)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::Dataset;
    use driftforge_generators::Run;

    static NEVER: AtomicBool = AtomicBool::new(false);

    fn claims(dirt: bool) -> PlannedDataset {
        let run = Run { records: 20_000, seed: 42, customer: 1, as_of: None, drift: true, dirt };
        Dataset::built_in("claims").unwrap().plan(&run).unwrap()
    }

    #[test]
    fn a_ledger_counts_what_is_written_for_any_number_of_threads() {
        for dirt in [false, true] {
            let planned = claims(dirt);
            let ledger = Ledger::count(&planned, 2, &NEVER).unwrap();
            assert_eq!(ledger, Ledger::count(&planned, 1, &NEVER).unwrap());
            let rows = planned.plan().batch(0..20_000).num_rows() as u64;
            assert_eq!(ledger.tables["claims"].rows, rows);
            assert_eq!(ledger.records, 20_000);
            assert_eq!(ledger.drifts, planned.collection().truth().drifts);
            let copies: u64 = ledger.tables["claims"].dirt.values().map(|fault| fault.copies).sum();
            assert_eq!(rows, 20_000 + copies);
        }
    }

    #[test]
    fn a_ledger_reads_back_equal() {
        let ledger = Ledger::count(&claims(true), 1, &NEVER).unwrap();
        let text = serde_json::to_string(&ledger).unwrap();
        assert_eq!(serde_json::from_str::<Ledger>(&text).unwrap(), ledger);
    }

    #[test]
    fn counting_can_be_stopped() {
        let stopped = Ledger::count(&claims(true), 2, &AtomicBool::new(true));
        assert!(matches!(stopped, Err(Error::Interrupted)));
    }
}
