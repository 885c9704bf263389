//! The small files beside the data: the truth, and the ledger of what is there.

use std::sync::atomic::AtomicBool;

use serde::Serialize;

use crate::datasets::PlannedDataset;
use crate::ledger::Ledger;
use crate::sinks::Sidecar;
use crate::{Error, Result};

/// What it takes to tell about a dataset.
pub(super) struct Telling<'a> {
    pub(super) planned: &'a PlannedDataset,
    pub(super) threads: usize,
    pub(super) stop: &'a AtomicBool,
}

impl Telling<'_> {
    /// The truth and the ledger.
    pub(super) fn sidecars(&self) -> [Sidecar<'_>; 2] {
        let name = self.planned.plan().name();
        let truth_name = format!("{name}.truth.json");
        let truth = {
            let name = truth_name.clone();
            move || json(&name, &self.planned.collection().truth())
        };
        let ledger_name = Ledger::file_name(name);
        let ledger = {
            let name = ledger_name.clone();
            move || json(&name, &Ledger::count(self.planned, self.threads, self.stop)?)
        };
        [Sidecar::new(truth_name, truth), Sidecar::new(ledger_name, ledger).that_is_the_ledger()]
    }
}

fn json(name: &str, value: &impl Serialize) -> Result<Vec<u8>> {
    let mut content = serde_json::to_vec_pretty(value)
        .map_err(|error| Error::io(name, "tell what is in the data", error.into()))?;
    content.push(b'\n');
    Ok(content)
}
