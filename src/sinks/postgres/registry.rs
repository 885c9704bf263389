//! What was loaded where: two tables in the schema of the tables that are loaded.
//!
//! `driftforge_loads` has a row for each table and customer: from which spec and run its rows are, and whether all
//! of them are there. `driftforge_load_chunks` has a row for each run of places whose rows were committed together
//! with it. So whatever happens to a load, those two say exactly what is in the table.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::coverage::Coverage;
use super::names::{TableName, literal, quoted};
use super::session::Session;
use crate::sinks::Context;
use crate::{Error, Result};

/// The table of loads.
pub(super) const LOADS: &str = "driftforge_loads";
/// The table of committed chunks.
pub(super) const CHUNKS: &str = "driftforge_load_chunks";

/// The load of one table for one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) table: TableName,
    pub(super) customer: u32,
}

/// What the registry says about a load.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// See `PlannedDataset::digest`.
    pub(super) digest: String,
    /// What its rows come from: one entry, and one more for each time that rows were appended.
    pub(super) origins: Vec<Origin>,
    /// Whether all rows are there, and the keys.
    pub(super) is_complete: bool,
    /// Whether the table was made for a load.
    pub(super) made_table: bool,
    /// What is committed through each lane: a partition, or the whole table.
    lanes: BTreeMap<i32, Coverage>,
    /// Rows committed.
    pub(super) rows: u64,
}

/// The run that rows come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    /// The first place that it brought.
    pub(super) first_place: u64,
    /// The run.
    pub(super) context: Context,
}

impl Record {
    /// What is committed through a lane.
    pub(super) fn loaded(&self, lane: usize) -> Coverage {
        let lane = i32::try_from(lane).ok().and_then(|lane| self.lanes.get(&lane));
        lane.cloned().unwrap_or_default()
    }
}

impl Key {
    /// The condition that picks this load.
    fn is_this(&self) -> String {
        format!("table_name = {} AND customer = {}", literal(&self.table.table), self.customer)
    }

    fn loads(&self) -> String {
        in_schema(&self.table.schema, LOADS)
    }

    fn chunks(&self) -> String {
        in_schema(&self.table.schema, CHUNKS)
    }

    /// The load's record, if there is one.
    ///
    /// # Errors
    /// The server's refusal, or a record that this version cannot read.
    pub(super) fn find(&self, session: &mut Session) -> Result<Option<Record>> {
        if !exists(session, &self.table.schema)? {
            return Ok(None);
        }
        let sql = format!(
            "SELECT digest, origins::text, state = 'complete', made_table FROM {} WHERE {}",
            self.loads(),
            self.is_this()
        );
        let rows = session.rows(&sql)?;
        let Some(row) = rows.first() else { return Ok(None) };
        let origins: String = session.value(row, 1)?;
        let origins = serde_json::from_str(&origins).map_err(|error| {
            let problem = format!("{}: a record of another version: {error}", self.loads());
            Error::database(session.place(), problem, true)
        })?;
        let (lanes, loaded_rows) = self.lanes(session)?;
        Ok(Some(Record {
            digest: session.value(row, 0)?,
            origins,
            is_complete: session.value(row, 2)?,
            made_table: session.value(row, 3)?,
            lanes,
            rows: loaded_rows,
        }))
    }

    /// What is committed: the places of each lane, and the rows of all.
    fn lanes(&self, session: &mut Session) -> Result<(BTreeMap<i32, Coverage>, u64)> {
        let (chunks, this) = (self.chunks(), self.is_this());
        let sql = format!("SELECT first_place, end_place, rows, lane FROM {chunks} WHERE {this}");
        let (mut lanes, mut total) = (BTreeMap::<i32, Vec<_>>::new(), 0);
        for row in session.rows(&sql)? {
            let number = |column| session.value::<i64>(&row, column).map(i64::cast_unsigned);
            lanes.entry(session.value(&row, 3)?).or_default().push(number(0)?..number(1)?);
            total += number(2)?;
        }
        Ok((lanes.into_iter().map(|(lane, ranges)| (lane, Coverage::of(ranges))).collect(), total))
    }

    /// The other customers with rows in the table.
    ///
    /// # Errors
    /// The server's refusal.
    pub(super) fn other_customers(&self, session: &mut Session) -> Result<Vec<i64>> {
        if !exists(session, &self.table.schema)? {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT customer FROM {} WHERE table_name = {} AND customer <> {} ORDER BY customer",
            self.loads(),
            literal(&self.table.table),
            self.customer
        );
        session.rows(&sql)?.iter().map(|row| session.value(row, 0)).collect()
    }

    /// The statement that begins a load, or goes on with one from another origin.
    ///
    /// # Errors
    /// None in practice: a context is always JSON.
    pub(super) fn begin(&self, digest: &str, origins: &[Origin], made_table: bool) -> Result<String> {
        let json = serde_json::to_string(origins).map_err(|error| {
            Error::database(&self.table, format!("cannot be told as JSON: {error}"), false)
        })?;
        let dataset = origins.first().map_or("", |origin| origin.context.dataset.as_str());
        Ok(format!(
            "INSERT INTO {loads} (table_name, customer, dataset, digest, origins, state, made_table) \
             VALUES ({table}, {}, {}, {}, {}::jsonb, 'loading', {made_table} \
                 OR EXISTS (SELECT FROM {loads} WHERE table_name = {table} AND made_table)) \
             ON CONFLICT (table_name, customer) DO UPDATE \
             SET digest = excluded.digest, origins = excluded.origins, state = 'loading', \
                 started_at = now(), finished_at = NULL;",
            self.customer,
            literal(dataset),
            literal(digest),
            literal(&json),
            loads = self.loads(),
            table = literal(&self.table.table),
        ))
    }

    /// The statement that notes a committed chunk. The primary key lets no chunk be noted twice.
    pub(super) fn checkpoint(&self, lane: usize, chunks: &[(Range<u64>, u64)]) -> String {
        let values = chunks.iter().map(|(places, rows)| {
            let (table, customer) = (literal(&self.table.table), self.customer);
            format!("({table}, {customer}, {lane}, {}, {}, {rows})", places.start, places.end)
        });
        format!(
            "INSERT INTO {} (table_name, customer, lane, first_place, end_place, rows) VALUES {};",
            self.chunks(),
            values.collect::<Vec<_>>().join(", ")
        )
    }

    /// The statements that end a load whose `places` are all there: the chunks of a lane become one.
    pub(super) fn complete(&self, places: u64) -> String {
        let (loads, chunks, this) = (self.loads(), self.chunks(), self.is_this());
        format!(
            "WITH gone AS (DELETE FROM {chunks} WHERE {this} RETURNING lane, rows) \
             INSERT INTO {chunks} (table_name, customer, lane, first_place, end_place, rows) \
             SELECT {table}, {customer}, lane, 0, {places}, sum(rows) FROM gone GROUP BY lane;\n\
             UPDATE {loads} SET state = 'complete', finished_at = now(), \
             rows = (SELECT sum(rows) FROM {chunks} WHERE {this}) WHERE {this};\n",
            table = literal(&self.table.table),
            customer = self.customer,
        )
    }

    /// Keeps the ledger of the dataset with the load. Registries of earlier versions get a column for it.
    ///
    /// # Errors
    /// The server's refusal.
    pub(super) fn keep_ledger(&self, session: &mut Session, ledger: &str) -> Result<()> {
        let (loads, ledger) = (self.loads(), literal(ledger));
        let has_column = format!(
            "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = {}::regclass AND attname = 'ledger')",
            literal(&loads)
        );
        if !session.is_true(&has_column)? {
            session.execute(&format!("ALTER TABLE {loads} ADD COLUMN IF NOT EXISTS ledger jsonb"))?;
        }
        session.execute(&format!(
            "UPDATE {loads} SET ledger = {ledger} WHERE {} AND ledger IS DISTINCT FROM {ledger}::jsonb",
            self.is_this()
        ))
    }

    /// The statements that forget a load.
    pub(super) fn forget(&self) -> String {
        format!(
            "DELETE FROM {} WHERE {this};\nDELETE FROM {} WHERE {this};\n",
            self.chunks(),
            self.loads(),
            this = self.is_this()
        )
    }

    /// The statements that forget every load of a table that is gone.
    pub(super) fn forget_table(&self) -> String {
        let table = literal(&self.table.table);
        format!(
            "DELETE FROM {} WHERE table_name = {table};\nDELETE FROM {} WHERE table_name = {table};\n",
            self.chunks(),
            self.loads()
        )
    }

    /// The statements that give a load's record to another table, whose own record goes.
    pub(super) fn hand_over(&self, to: &Self) -> String {
        let name = literal(&to.table.table);
        let (loads, chunks, this) = (self.loads(), self.chunks(), self.is_this());
        format!(
            "{}UPDATE {loads} SET table_name = {name} WHERE {this};\n\
             UPDATE {chunks} SET table_name = {name} WHERE {this};\n",
            to.forget()
        )
    }
}

fn in_schema(schema: &str, table: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(table))
}

/// Whether the registry is in this schema.
///
/// # Errors
/// The server's refusal.
pub(super) fn exists(session: &mut Session, schema: &str) -> Result<bool> {
    let table = in_schema(schema, CHUNKS);
    session.is_true(&format!("SELECT to_regclass({}) IS NOT NULL", literal(&table)))
}

/// The statements that make the registry, where it is missing. Sessions that come together take turns.
pub(super) fn make(schema: &str) -> String {
    let (loads, chunks) = (in_schema(schema, LOADS), in_schema(schema, CHUNKS));
    format!(
        "SELECT pg_advisory_xact_lock(hashtextextended('driftforge registry', 0));\n\
         CREATE TABLE IF NOT EXISTS {loads} (\n    \
             table_name text NOT NULL,\n    customer bigint NOT NULL,\n    dataset text NOT NULL,\n    \
             digest text NOT NULL,\n    origins jsonb NOT NULL,\n    \
             state text NOT NULL CHECK (state IN ('loading', 'complete')),\n    \
             made_table boolean NOT NULL,\n    rows bigint,\n    ledger jsonb,\n    \
             started_at timestamptz NOT NULL DEFAULT now(),\n    finished_at timestamptz,\n    \
             PRIMARY KEY (table_name, customer)\n);\n\
         CREATE TABLE IF NOT EXISTS {chunks} (\n    \
             table_name text NOT NULL,\n    customer bigint NOT NULL,\n    lane int NOT NULL,\n    first_place bigint NOT NULL,\n    \
             end_place bigint NOT NULL,\n    rows bigint NOT NULL,\n    \
             committed_at timestamptz NOT NULL DEFAULT now(),\n    \
             PRIMARY KEY (table_name, customer, lane, first_place)\n);\n\
         COMMENT ON TABLE {loads} IS 'What datagen loaded: a row for each table and customer';\n\
         COMMENT ON TABLE {chunks} IS 'Places whose rows datagen committed together with this note';\n"
    )
}
