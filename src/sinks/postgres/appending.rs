//! What is there already where rows are to be appended.

use super::TableLoad;
use super::registry::Key;
use super::session::Session;
use crate::sinks::Context;
use crate::{Error, Result};

/// The number of rows after each earlier load of these tables that a run with this context is appended to; the same for
/// all of them, and empty where nothing is there.
///
/// # Errors
/// [`Error::Database`] for a database that cannot be asked, or tables with different loads.
pub fn earlier_loads(loads: &[TableLoad], context: &Context) -> Result<Vec<u64>> {
    let Some(first) = loads.first() else { return Ok(Vec::new()) };
    let (url, dataset, customer) = (&first.options.url, &context.dataset, context.customer);
    let mut session = Session::connect_to_read(url, &format!("datagen {dataset}, customer {customer}"))?;
    let mut found: Option<(&TableLoad, Vec<u64>)> = None;
    for load in loads {
        let key = Key { table: load.options.table.clone(), customer };
        let Some(record) = key.find(&mut session)? else { continue };
        let Some(last) = record.origins.last() else { continue };
        let earlier = before(&last.context, context.records);
        match &found {
            Some((other, others)) if *others != earlier => {
                let (table, other) = (&load.options.table, &other.options.table);
                let problem = format!(
                    "tables {other} and {table} were loaded with different --records before, so that rows appended to \
                     both would not belong together: load each with --tables, or start again with `--mode replace`"
                );
                return Err(Error::database(session.place(), problem, true));
            }
            _ => found = Some((load, earlier)),
        }
    }
    session.close();
    Ok(found.map(|(_, earlier)| earlier).unwrap_or_default())
}

/// The loads before the one that brings `records`, given the latest that is there.
fn before(latest: &Context, records: u64) -> Vec<u64> {
    if records < latest.records {
        // Refused later, with the difference.
        return Vec::new();
    }
    let mut earlier = latest.appended_to.clone();
    // The same number again is the same load, which may have been interrupted.
    earlier.extend((latest.records < records).then_some(latest.records));
    earlier
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_rows_come_behind_those_that_are_there_and_the_same_load_goes_on() {
        let context = |records, appended_to: &[u64]| Context {
            dataset: "claims".to_owned(),
            seed: 42,
            customer: 1,
            as_of: "2026-01-01".to_owned(),
            records,
            drift: true,
            dirt: false,
            appended_to: appended_to.to_vec(),
            spec: String::new(),
        };
        assert_eq!(before(&context(10, &[]), 25), [10]);
        assert_eq!(before(&context(25, &[10]), 25), [10]);
        assert_eq!(before(&context(25, &[10]), 30), [10, 25]);
        assert!(before(&context(25, &[10]), 20).is_empty());
    }
}
