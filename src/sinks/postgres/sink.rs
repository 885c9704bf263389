//! Tables of a database as a sink of a run.

use super::output::PostgresOutput;
use super::registry::Key;
use super::session::Session;
use super::{CHUNK_PLACES, LoadOptions, TableLoad};
use crate::sinks::output::{Delivered, Loading, Output, Sink};
use crate::sinks::{Job, Receipt, Table};
use crate::{Error, Result};

/// The tables of a run in one database.
pub(in crate::sinks) struct PostgresSink {
    pub(in crate::sinks) loads: Vec<TableLoad>,
}

impl PostgresSink {
    /// How a table of the job is loaded.
    ///
    /// # Errors
    /// A table that no load is about.
    fn load(&self, table: &Table) -> Result<&TableLoad> {
        let load = self.loads.iter().find(|load| load.definition.name == table.name);
        load.ok_or_else(|| Error::option("to", table.name, "no load is about this table"))
    }
}

impl Sink for PostgresSink {
    fn chunk_rows(&self) -> u64 {
        CHUNK_PLACES
    }

    fn check(&self, job: &Job) -> Result<()> {
        job.tables.iter().try_for_each(|table| {
            let load = self.load(table)?;
            load.options.check()?;
            PostgresOutput::new(table.rows, job.context, load).check()
        })
    }

    fn begin<'a>(&'a self, job: &'a Job<'a>) -> Result<Box<dyn Loading + 'a>> {
        Ok(Box::new(PostgresLoading { sink: self, job }))
    }
}

/// A run that is being loaded. What is committed stays, whatever happens: the same load goes on from there.
struct PostgresLoading<'a> {
    sink: &'a PostgresSink,
    job: &'a Job<'a>,
}

impl PostgresLoading<'_> {
    /// Keeps the dataset's ledger with the loads. What an interrupted run did not keep, the same run does when
    /// it is given again.
    fn keep_ledger(&self) -> Result<()> {
        let ledger = self.job.sidecars_to_write().iter().find(|sidecar| sidecar.is_ledger);
        let (Some(ledger), Some(first)) = (ledger, self.sink.loads.first()) else { return Ok(()) };
        let content = ledger.content()?;
        let json = String::from_utf8_lossy(&content);
        let customer = self.job.context.customer;
        let mut session =
            Session::connect(&first.options.url, &format!("datagen ledger, customer {customer}"))?;
        session.transaction(|session| {
            self.job.tables.iter().try_for_each(|table| {
                let key = Key { table: self.sink.load(table)?.options.table.clone(), customer };
                key.keep_ledger(session, &json)
            })
        })?;
        session.close();
        Ok(())
    }
}

impl Loading for PostgresLoading<'_> {
    fn output<'a>(&'a self, table: &'a Table<'a>) -> Result<Box<dyn Output + 'a>> {
        Ok(Box::new(PostgresOutput::new(table.rows, self.job.context, self.sink.load(table)?)))
    }

    fn finish(self: Box<Self>, delivered: Vec<Delivered>) -> Result<Receipt> {
        let loaded = self.job.tables.iter().zip(&delivered).map(|(table, delivered)| {
            let LoadOptions { table, url, .. } = &self.sink.load(table)?.options;
            Ok(format!("{table}: {} rows in {url}", delivered.rows))
        });
        let loaded = loaded.collect::<Result<_>>()?;
        self.keep_ledger()?;
        let rows = self.job.data_rows(delivered.iter().map(|table| table.rows));
        Ok(Receipt { rows, loaded, ..Receipt::default() })
    }

    fn abandon(self: Box<Self>, _error: Option<&Error>) {}
}
