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
    /// The small files; the ledger only of a dataset that has more to say than its records.
    pub(super) fn sidecars(&self) -> Vec<Sidecar<'_>> {
        let name = self.planned.plan().name();
        let truth_name = format!("{name}.truth.json");
        let content = {
            let name = truth_name.clone();
            move || json(&name, &self.planned.collection().truth())
        };
        let mut sidecars = vec![Sidecar::new(truth_name, content)];
        if self.planned.has_ledger() {
            let ledger_name = Ledger::file_name(name);
            let content = {
                let name = ledger_name.clone();
                move || json(&name, &Ledger::count(self.planned, self.threads, self.stop)?)
            };
            sidecars.push(Sidecar::new(ledger_name, content).that_is_the_ledger());
        }
        sidecars
    }
}

fn json(name: &str, value: &impl Serialize) -> Result<Vec<u8>> {
    let mut content = serde_json::to_vec_pretty(value)
        .map_err(|error| Error::io(name, "tell what is in the data", error.into()))?;
    content.push(b'\n');
    Ok(content)
}
