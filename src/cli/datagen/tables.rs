//! Which tables of a dataset are made, with the ledgers of their dirt.

use crate::datasets::PlannedDataset;
use crate::generators::{DIRT_LEDGER_SUFFIX, DirtLedger, Plan};
use crate::sinks::Rows;
use crate::{Error, Result};

/// Tables to make.
pub(super) struct Tables<'a> {
    /// Each behind those that it refers to.
    pub(super) data: Vec<&'a Plan>,
    /// The ledgers of dirt, which follow the data.
    pub(super) ledgers: Vec<&'a DirtLedger>,
}

impl<'a> Tables<'a> {
    /// The tables of these names.
    pub(super) fn named(planned: &'a PlannedDataset, names: &[String]) -> Self {
        let is_named = |name: &str| names.iter().any(|named| named == name);
        let data = planned.collection().tables().iter().filter(|table| is_named(table.table()));
        let ledgers = planned.dirt_ledgers().iter().filter(|ledger| is_named(&ledger.table()));
        Self { data: data.collect(), ledgers: ledgers.collect() }
    }

    /// Each with its name and rows, and whether it is a ledger.
    pub(super) fn rows(&self) -> impl Iterator<Item = (String, &'a dyn Rows, bool)> {
        let data = self.data.iter().map(|table| (table.table().to_owned(), *table as &dyn Rows, false));
        let ledgers = self.ledgers.iter().map(|ledger| (ledger.table(), *ledger as &dyn Rows, true));
        data.chain(ledgers)
    }
}

/// The names of the tables that were asked for, all of them otherwise. A table brings the ledger of its dirt along,
/// but for a stream (`is_stream`), which has room for one table.
///
/// # Errors
/// A name that no table has; several tables for a stream.
pub(super) fn names(
    planned: &PlannedDataset,
    wanted: Option<&[String]>,
    is_stream: bool,
) -> Result<Vec<String>> {
    let data = planned.collection().tables().iter().map(|table| table.table().to_owned());
    let ledgers = planned.dirt_ledgers().iter().map(DirtLedger::table);
    let all: Vec<String> = data.chain(ledgers).collect();
    if let Some(unknown) = wanted.into_iter().flatten().find(|name| !all.contains(name)) {
        let problem = format!("no such table; {} has {}", planned.plan().name(), all.join(", "));
        return Err(Error::option("tables", unknown, problem));
    }
    let is_asked = |name: &String| wanted.is_none_or(|wanted| wanted.contains(name));
    let is_wanted = |name: &String| {
        let table = name.strip_suffix(DIRT_LEDGER_SUFFIX).filter(|_| planned.dirt_ledger(name).is_some());
        match table {
            None => is_asked(name),
            Some(_) if is_stream => wanted.is_some() && is_asked(name),
            Some(table) => is_asked(name) || is_asked(&table.to_owned()),
        }
    };
    let names: Vec<String> = all.iter().filter(|name| is_wanted(name)).cloned().collect();
    if is_stream && names.len() > 1 {
        let problem = format!("one table at a time: choose one of {} with --tables", all.join(", "));
        return Err(Error::option("stdout", "", problem));
    }
    Ok(names)
}
