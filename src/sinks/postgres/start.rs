//! How a load begins: what is there already, and whether it may go on from that.

use super::definition::TableDefinition;
use super::names::{TableName, literal, quoted};
use super::partitions::Partitions;
use super::registry::{Key, Origin, Record};
use super::session::Session;
use super::{LoadOptions, Mode};
use crate::sinks::Context;
use crate::{Error, Result};

/// What the name of the table that replaces another ends with until it does.
const REPLACEMENT: &str = "_driftforge_new";
/// The column that says whose a row is.
pub(super) const CUSTOMER_COLUMN: &str = "customer_id";

/// What a load is about.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) definition: &'a TableDefinition,
    pub(super) context: &'a Context,
    pub(super) digest: &'a str,
    pub(super) options: &'a LoadOptions,
}

/// How a load begins.
pub(super) struct Start {
    /// Where rows go.
    pub(super) key: Key,
    /// The table that the rows get into in the end, where that is another one.
    pub(super) replaces: Option<Replaced>,
    /// What is there of this load.
    pub(super) record: Option<Record>,
    /// Whether the table is to be made first; what is in its place is dropped.
    pub(super) makes_table: bool,
    /// What the rows come from.
    pub(super) origins: Vec<Origin>,
    /// The partitions that rows are dealt out to.
    pub(super) partitions: Option<Partitions>,
}

/// A table whose rows are replaced.
pub(super) struct Replaced {
    pub(super) key: Key,
    /// Whether rows of others are in it, which stay.
    pub(super) has_others: bool,
}

impl Request<'_> {
    /// Looks at what is there. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Database`] for a table that this load may not go into, with what would help.
    pub(super) fn examine(&self, session: &mut Session) -> Result<Start> {
        let key = Key { table: self.options.table.clone(), customer: self.context.customer };
        self.check_schema(session)?;
        let exists = table_exists(session, &key.table)?;
        if exists {
            self.check_kind(session)?;
            self.check_columns(session)?;
            self.check_key(session, &key)?;
        }
        let start = match self.options.mode {
            Mode::Replace if exists => self.examine_replacement(session, key)?,
            _ if exists => self.examine_table(session, key)?,
            _ => self.anew(key),
        };
        let (definition, table) = (self.definition, &start.key.table);
        let partitions = match start.makes_table {
            true => Partitions::planned(definition, table, self.options.connections),
            false => Partitions::of(session, definition, table)?,
        };
        Ok(Start { partitions, ..start })
    }

    fn anew(&self, key: Key) -> Start {
        Start {
            key,
            replaces: None,
            record: None,
            makes_table: true,
            origins: self.origins(0),
            partitions: None,
        }
    }

    fn origins(&self, first_place: u64) -> Vec<Origin> {
        vec![Origin { first_place, context: self.context.clone() }]
    }

    fn refuse<T>(&self, session: &Session, problem: impl std::fmt::Display) -> Result<T> {
        let problem = format!("table {}: {problem}", self.options.table);
        Err(Error::database(session.place(), problem, true))
    }

    /// For a table that is there and stays.
    fn examine_table(&self, session: &mut Session, key: Key) -> Result<Start> {
        let Some(record) = key.find(session)? else {
            self.check_company(session, &key)?;
            return Ok(Start { makes_table: false, ..self.anew(key) });
        };
        let is_empty = !session.is_true(&format!("SELECT EXISTS (SELECT FROM {})", key.table))?;
        if record.rows > 0 && is_empty {
            let rows = record.rows;
            return self.refuse(
                session,
                format_args!("{rows} rows were loaded and are gone; `--mode replace` loads them again"),
            );
        }
        if record.digest == self.digest {
            let origins = record.origins.clone();
            return Ok(Start { origins, record: Some(record), makes_table: false, ..self.anew(key) });
        }
        self.examine_extension(session, key, record)
    }

    /// For a table with another load of the same customer.
    fn examine_extension(&self, session: &mut Session, key: Key, record: Record) -> Result<Start> {
        let customer = key.customer;
        let loaded = record.origins.last().map(|origin| &origin.context);
        let Some(loaded) = loaded else { return self.refuse(session, "its record says nothing") };
        let (records, appended_to) = (loaded.records, loaded.appended_to.clone());
        let difference = Context { records, appended_to, ..self.context.clone() }.difference(loaded);
        let has_more = self.context.records > loaded.records
            && self.context.appended_to == [&loaded.appended_to[..], &[loaded.records]].concat();
        if self.options.mode == Mode::Append && record.is_complete && difference.is_none() && has_more {
            let mut origins = record.origins.clone();
            origins.extend(self.origins(loaded.records));
            return Ok(Start { origins, record: Some(record), makes_table: false, ..self.anew(key) });
        }
        let difference =
            self.context.difference(loaded).unwrap_or_else(|| "another version of driftforge".to_owned());
        let state = if record.is_complete { "holds" } else { "holds part of" };
        self.refuse(
            session,
            format_args!(
                "{state} customer {customer}'s rows of another run: {difference}. `--mode replace` replaces them; \
                 `--mode append` adds rows of the same run with more --records; or give another --table"
            ),
        )
    }

    /// Whether rows may go into a table that has none of this customer's.
    fn check_company(&self, session: &mut Session, key: &Key) -> Result<()> {
        if !session.is_true(&format!("SELECT EXISTS (SELECT FROM {})", key.table))? {
            return Ok(());
        }
        let others = key.other_customers(session)?;
        self.check_separable(session, &others)?;
        if others.is_empty() && self.options.mode == Mode::Create {
            return self.refuse(
                session,
                "is there already, with rows that datagen did not load: `--mode append` adds to them, \
                 `--mode replace` replaces them; or give another --table",
            );
        }
        Ok(())
    }

    /// Refuses a table of others whose rows could not be told from this customer's.
    fn check_separable(&self, session: &Session, others: &[i64]) -> Result<()> {
        match others.first() {
            Some(other) if !self.definition.has_column(CUSTOMER_COLUMN) => self.refuse(
                session,
                format_args!(
                    "holds customer {other}'s rows, and without a column {CUSTOMER_COLUMN} a table serves one customer: \
                     give another --table or --schema"
                ),
            ),
            _ => Ok(()),
        }
    }

    /// For a table whose rows are to be replaced: they are made beside it first.
    fn examine_replacement(&self, session: &mut Session, key: Key) -> Result<Start> {
        // All rows would go, also those of a load that is not complete.
        let others = key.other_customers(session)?;
        self.check_separable(session, &others)?;
        let beside = Key { table: key.table.beside(REPLACEMENT), customer: key.customer };
        let has_others = self.definition.has_column(CUSTOMER_COLUMN)
            && session.is_true(&format!(
                "SELECT EXISTS (SELECT FROM {} WHERE {}::text IS DISTINCT FROM '{}')",
                key.table,
                quoted(CUSTOMER_COLUMN),
                key.customer
            ))?;
        let record = beside.find(session)?;
        let exists = table_exists(session, &beside.table)?;
        if exists && record.is_none() && beside.other_customers(session)?.is_empty() {
            let name = &beside.table;
            return self.refuse(session, format_args!("{name} is in the way, and datagen did not make it"));
        }
        // What an interrupted replacement brought is of use to the same replacement only.
        let record = record.filter(|record| exists && record.digest == self.digest);
        let makes_table = record.is_none();
        let replaces = Some(Replaced { key, has_others });
        Ok(Start { replaces, record, makes_table, ..self.anew(beside) })
    }

    /// Refuses a table whose key dirty rows would break, unless the table is replaced as a whole.
    fn check_key(&self, session: &mut Session, key: &Key) -> Result<()> {
        let stays = self.options.mode != Mode::Replace || !key.other_customers(session)?.is_empty();
        let table = literal(&key.table.to_string());
        let sql = format!(
            "SELECT EXISTS (SELECT FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = {table}::regclass)"
        );
        let breaks_keys = !self.definition.keys.primary_key.is_empty() && !self.definition.keys.is_unique;
        if !breaks_keys || !stays || !session.is_true(&sql)? {
            return Ok(());
        }
        self.refuse(
            session,
            "has a primary key, and dirt repeats keys or damages them: give another --table or --schema, or leave \
             --dirt out",
        )
    }

    fn check_schema(&self, session: &mut Session) -> Result<()> {
        let schema = &self.options.table.schema;
        if session.is_true(&format!("SELECT to_regnamespace({}) IS NOT NULL", literal(&quoted(schema))))? {
            return Ok(());
        }
        let problem = format!(
            "there is no schema {}; make it (CREATE SCHEMA) or give another --schema",
            quoted(schema)
        );
        Err(Error::database(session.place(), problem, true))
    }

    /// Whether what has the name is a table that rows can go into.
    fn check_kind(&self, session: &mut Session) -> Result<()> {
        let sql = format!(
            "SELECT CASE relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'S' THEN 'a sequence' \
             WHEN 'f' THEN 'a foreign table' WHEN 'c' THEN 'a type' WHEN 'i' THEN 'an index' WHEN 'I' THEN 'an index' \
             END FROM pg_class WHERE oid = to_regclass({})",
            literal(&self.options.table.to_string())
        );
        match session.text(&sql)? {
            None => Ok(()),
            Some(kind) => self.refuse(session, format_args!("is {kind}, and no table: give another --table")),
        }
    }

    /// Whether the table has the columns that the rows have.
    fn check_columns(&self, session: &mut Session) -> Result<()> {
        let sql = format!(
            "SELECT attname::text, format_type(atttypid, atttypmod), attnotnull, \
                    atthasdef OR attidentity <> '' OR attgenerated <> '' \
             FROM pg_attribute WHERE attrelid = {}::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            literal(&self.options.table.to_string())
        );
        let mut differences = Vec::new();
        let mut found = std::collections::BTreeMap::new();
        for row in session.rows(&sql)? {
            let name: String = session.value(&row, 0)?;
            let (kind, not_null): (String, bool) = (session.value(&row, 1)?, session.value(&row, 2)?);
            let has_default: bool = session.value(&row, 3)?;
            if !self.definition.has_column(&name) && not_null && !has_default {
                differences.push(format!("{} {kind} NOT NULL is not among the dataset's", quoted(&name)));
            }
            found.insert(name, (kind, not_null));
        }
        for column in &self.definition.columns {
            let (name, sql) = (quoted(&column.name), column.sql);
            match found.get(&column.name) {
                None => differences.push(format!("{name} {sql} is missing")),
                Some((kind, _)) if *kind != sql.to_string() => {
                    differences.push(format!("{name} is {kind} instead of {sql}"));
                }
                Some((_, true)) if column.nullable => {
                    differences.push(format!("{name} is NOT NULL, and some rows have none"));
                }
                Some(_) => {}
            }
        }
        if differences.is_empty() {
            return Ok(());
        }
        let (shown, more) = differences.split_at(differences.len().min(4));
        let more = if more.is_empty() { String::new() } else { format!(", and {} more", more.len()) };
        self.refuse(
            session,
            format_args!("has other columns: {}{more}. Give another --table", shown.join(", ")),
        )
    }
}

/// Whether there is a table (or anything else) of this name.
pub(super) fn table_exists(session: &mut Session, table: &TableName) -> Result<bool> {
    session.is_true(&format!("SELECT to_regclass({}) IS NOT NULL", literal(&table.to_string())))
}
