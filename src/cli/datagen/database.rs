//! Which database, and how its tables are loaded.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::super::values::count;
use super::tables::Tables;
use crate::datasets::PlannedDataset;
use crate::generators::DIRT_LEDGER_SUFFIX;
use crate::sinks::postgres::{
    DEFAULT_COMMIT_ROWS, DatabaseUrl, LoadOptions, Mode, TableDefinition, TableLoad, TableName, earlier_loads,
};
use crate::{Error, Result};

/// What the address of a database begins with.
const DATABASES: [&str; 2] = ["postgres://", "postgresql://"];

/// A text that may hold a password, which `Debug` leaves out.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct UrlText(String);

impl UrlText {
    /// What was typed.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Whether it is meant to name a database.
    pub(super) fn is_database(&self) -> bool {
        DATABASES.iter().any(|scheme| self.0.starts_with(scheme))
    }

    /// The database that it names.
    ///
    /// # Errors
    /// A text that is no URL of a database.
    pub(super) fn read(&self) -> Result<DatabaseUrl> {
        DatabaseUrl::parse(&self.0)
    }
}

impl FromStr for UrlText {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for UrlText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UrlText(..)")
    }
}

/// Options of a load, as typed.
#[derive(Debug, Clone, Args)]
pub(super) struct DatabaseArgs {
    /// Load the dataset into PostgreSQL: postgres://USER:PASSWORD@HOST/DATABASE?sslmode=MODE; without a URL, the
    /// one in DATABASE_URL. A load that is interrupted goes on when it is given again.
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "")]
    pub(super) to: Option<UrlText>,

    /// The table to load; otherwise named after the dataset.
    #[arg(long, value_name = "NAME", requires = "to")]
    pub(super) table: Option<String>,

    /// The schema that the tables are in.
    #[arg(long, value_name = "NAME", requires = "to", default_value = "public")]
    pub(super) schema: String,

    /// What happens to a table that is there.
    #[arg(long, value_name = "MODE", requires = "to", value_enum, default_value_t = ModeArg::Create)]
    pub(super) mode: ModeArg,

    /// Connections that rows go through.
    #[arg(long, value_name = "N", requires = "to", default_value_t = 1)]
    pub(super) connections: usize,

    /// Rows that a connection commits at a time: what a killed load has to send again at most.
    #[arg(long, value_name = "N", requires = "to", default_value_t = DEFAULT_COMMIT_ROWS, value_parser = count)]
    pub(super) commit_rows: u64,

    /// Make tables that the server does not log: faster, and empty after the server crashes.
    #[arg(long, requires = "to")]
    pub(super) unlogged: bool,

    /// Build no primary keys, foreign keys and indexes.
    #[arg(long, requires = "to")]
    pub(super) no_indexes: bool,
}

/// The modes, as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ModeArg {
    /// Make it; one that is there is left alone, unless it is empty or of the same load.
    Create,
    /// Add the rows that are missing: of another customer, or of more --records. Their numbers go on, and they are
    /// spread over the same days as those that are there.
    Append,
    /// Put the customer's new rows in the place of the old, all at once.
    Replace,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Create => Self::Create,
            ModeArg::Append => Self::Append,
            ModeArg::Replace => Self::Replace,
        }
    }
}

impl DatabaseArgs {
    /// The tables that a dataset is loaded into, none when no database is asked for.
    ///
    /// # Errors
    /// Names, numbers or a URL that cannot be used.
    pub(super) fn check(&self, planned: &PlannedDataset, tables: &Tables) -> Result<Vec<TableLoad>> {
        let Some(to) = &self.to else { return Ok(Vec::new()) };
        let url = to.read()?;
        let load = |(definition, name): (TableDefinition, String)| {
            let options = LoadOptions {
                url: url.clone(),
                table: TableName::new(&self.schema, &name)?,
                mode: self.mode.into(),
                connections: self.connections,
                unlogged: self.unlogged,
                keys: !self.no_indexes,
                commit_rows: self.commit_rows,
            };
            options.check()?;
            Ok(TableLoad { definition, digest: planned.digest(), options })
        };
        self.definitions(planned, tables)?.into_iter().map(load).collect()
    }

    /// The number of rows after each load that this one adds to; empty unless rows are appended.
    ///
    /// # Errors
    /// A database that cannot be asked, or tables with different loads.
    pub(super) fn earlier_loads(&self, planned: &PlannedDataset, loads: &[TableLoad]) -> Result<Vec<u64>> {
        match self.mode {
            ModeArg::Append => earlier_loads(loads, &planned.context()),
            ModeArg::Create | ModeArg::Replace => Ok(Vec::new()),
        }
    }

    /// Each table, and the name that it is to have.
    fn definitions(
        &self,
        planned: &PlannedDataset,
        tables: &Tables,
    ) -> Result<Vec<(TableDefinition, String)>> {
        let (asked, all) = (self.table.as_deref(), planned.collection().tables());
        let data = tables.data.iter().map(|plan| {
            let definition = TableDefinition::of(plan, all)?;
            let name = table_name(asked, &definition, tables.data.len())?.to_owned();
            Ok((definition, name))
        });
        let ledgers = tables.ledgers.iter().map(|ledger| {
            let definition = TableDefinition::of_ledger(ledger)?;
            let name = asked.map_or(ledger.table(), |asked| format!("{asked}{DIRT_LEDGER_SUFFIX}"));
            Ok((definition, name))
        });
        data.chain(ledgers).collect()
    }
}

/// The name that was asked for, or the table's own.
///
/// # Errors
/// One name for several tables.
pub(super) fn table_name<'a>(
    asked: Option<&'a str>,
    definition: &'a TableDefinition,
    tables: usize,
) -> Result<&'a str> {
    match asked {
        Some(name) if tables > 1 => {
            let problem =
                format!("the dataset has {tables} tables, whose names are its own; give a --schema instead");
            Err(Error::option("table", name, problem))
        }
        Some(name) => Ok(name),
        None => Ok(&definition.name),
    }
}
