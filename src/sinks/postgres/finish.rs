//! How a load ends: keys are built, and rows that replace others take their place.

use super::definition::{TableDefinition, lookup_name};
use super::names::{TableName, literal, quoted, quoted_list};
use super::partitions::{Partitions, partition_suffix};
use super::registry::{Key, LOADS};
use super::session::Session;
use super::start::{CUSTOMER_COLUMN, Replaced};
use crate::Result;

/// What the server calls rows whose foreign key leads to no row (PostgreSQL, appendix A: foreign_key_violation).
const KEYS_LEAD_NOWHERE: &str = "SQLSTATE 23503";

/// The end of a load.
pub(super) struct Ending<'a> {
    pub(super) definition: &'a TableDefinition,
    /// Where the rows are.
    pub(super) key: &'a Key,
    pub(super) replaces: Option<&'a Replaced>,
    /// Whether keys and indexes are built.
    pub(super) builds_keys: bool,
    /// Places of the whole dataset, all of which are there.
    pub(super) places: u64,
}

impl Ending<'_> {
    /// Ends the load. Each step is whole or not done, and is not done twice, so that this can be tried again.
    ///
    /// # Errors
    /// The server's refusal, such as of keys that occur twice.
    pub(super) fn conclude(&self, session: &mut Session) -> Result<()> {
        let table = &self.key.table;
        session.transaction(|session| {
            if self.builds_keys {
                self.build_keys(session, table)?;
                if self.replaces.is_none() {
                    self.tie(session, table)?;
                }
            }
            session.execute(&self.key.complete(self.places))
        })?;
        let table = match self.replaces {
            None => table,
            Some(replaced) => {
                session.transaction(|session| match replaced.has_others {
                    true => self.exchange_rows(session, replaced),
                    false => self.swap_tables(session, replaced),
                })?;
                &replaced.key.table
            }
        };
        session.execute(&format!("ANALYZE {table}"))
    }

    /// Builds what keys and indexes the table does not have.
    fn build_keys(&self, session: &mut Session, table: &TableName) -> Result<()> {
        let there = constraints_and_indexes(session, table)?;
        // Rows of another load may repeat keys: an index in place of the constraint says so.
        let lookup = lookup_name(&table.table);
        let has_primary_key = there.iter().any(|(name, kind)| kind == "p" || *name == lookup);
        for key in self.definition.build_keys(table, &table.table) {
            let is_there =
                there.iter().any(|(name, _)| *name == key.name) || key.is_primary && has_primary_key;
            if !is_there {
                session.execute(&key.sql)?;
            }
        }
        Ok(())
    }

    /// Ties the table to those that are there and have the key that it refers to.
    fn tie(&self, session: &mut Session, table: &TableName) -> Result<()> {
        let there = constraints_and_indexes(session, table)?;
        for tie in self.definition.ties(table) {
            let sql = format!(
                "SELECT EXISTS (SELECT FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = to_regclass({}))",
                literal(&tie.to.to_string())
            );
            if !there.iter().any(|(name, _)| *name == tie.name) && session.is_true(&sql)? {
                session.execute(&tie.sql)?;
            }
        }
        Ok(())
    }

    /// Puts the new rows of one customer in the place of the old, beside those of others.
    fn exchange_rows(&self, session: &mut Session, replaced: &Replaced) -> Result<()> {
        let (old, new) = (&replaced.key.table, &self.key.table);
        let names: Vec<&str> = self.definition.columns.iter().map(|column| column.name.as_str()).collect();
        let columns = quoted_list(&names);
        let loads = TableName { schema: old.schema.clone(), table: LOADS.to_owned() };
        // Tables that refer to one another are replaced one after the other: in between, keys lead nowhere.
        let mut ties = ties_from_others(session, old)?;
        ties.extend(ties_to_others(session, old)?);
        drop_ties(session, &ties)?;
        session.execute(&format!(
            "DELETE FROM {old} WHERE {}::text = '{customer}';\n\
             INSERT INTO {old} ({columns}) SELECT {columns} FROM {new};\nDROP TABLE {new};\n{}\
             UPDATE {loads} SET made_table = EXISTS (SELECT FROM {loads} WHERE table_name = {name} \
             AND customer <> {customer} AND made_table) WHERE table_name = {name} AND customer = {customer};",
            quoted(CUSTOMER_COLUMN),
            self.key.hand_over(&replaced.key),
            customer = replaced.key.customer,
            name = literal(&old.table),
        ))?;
        restore_ties(session, &ties)?;
        // A tie of a partitioned table that had to wait for these rows.
        if self.builds_keys { self.tie(session, old) } else { Ok(()) }
    }

    /// Names partitions after their table, once that has its final name.
    fn rename_partitions(&self, session: &mut Session, table: &TableName) -> Result<()> {
        let partitions = Partitions::of(session, self.definition, table)?;
        for (number, partition) in
            partitions.iter().flat_map(|partitions| partitions.tables.iter().enumerate())
        {
            let name = table.beside(&partition_suffix(number)).table;
            session.execute(&format!("ALTER TABLE {partition} RENAME TO {}", quoted(&name)))?;
        }
        Ok(())
    }

    /// Puts the new table in the place of the old, with its grants; others that refer to it go on doing so.
    fn swap_tables(&self, session: &mut Session, replaced: &Replaced) -> Result<()> {
        let (old, new) = (&replaced.key.table, &self.key.table);
        session.execute(&format!("LOCK TABLE {old} IN ACCESS EXCLUSIVE MODE"))?;
        let ties = ties_from_others(session, old)?;
        let grants = grants(session, old)?;
        drop_ties(session, &ties)?;
        session
            .execute(&format!("DROP TABLE {old};\nALTER TABLE {new} RENAME TO {};\n", quoted(&old.table)))?;
        for (name, kind) in constraints_and_indexes(session, old)? {
            let renamed = self.definition.renamed_key(&name, &new.table, &old.table);
            if let Some(renamed) = renamed.filter(|_| kind != "f") {
                let index = TableName { schema: old.schema.clone(), table: name };
                // An index that is a constraint's takes the constraint along.
                session.execute(&format!("ALTER INDEX {index} RENAME TO {}", quoted(&renamed)))?;
            }
        }
        self.rename_partitions(session, old)?;
        session.execute(&self.key.hand_over(&replaced.key))?;
        let has_key = |(_, kind): &(String, String)| kind == "p" || kind == "u";
        let can_be_referred_to = constraints_and_indexes(session, old)?.iter().any(has_key);
        if can_be_referred_to {
            restore_ties(session, &ties)?;
        }
        for grant in &grants {
            session.execute(grant)?;
        }
        if self.builds_keys { self.tie(session, old) } else { Ok(()) }
    }
}

/// The names of a table's constraints and indexes, with `contype` or `i`.
fn constraints_and_indexes(session: &mut Session, table: &TableName) -> Result<Vec<(String, String)>> {
    let table = literal(&table.to_string());
    let sql = format!(
        "SELECT conname::text, contype::text FROM pg_constraint WHERE conrelid = {table}::regclass \
         UNION ALL SELECT c.relname::text, 'i' FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
         WHERE i.indrelid = {table}::regclass \
         AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND conrelid = i.indrelid)"
    );
    let rows = session.rows(&sql)?;
    rows.iter().map(|row| Ok((session.value(row, 0)?, session.value(row, 1)?))).collect()
}

/// A foreign key of another table.
struct Tie {
    table: String,
    name: String,
    definition: String,
    is_partitioned: bool,
    /// Whether the table that has it is one that datagen loads.
    is_loaded: bool,
}

fn ties_from_others(session: &mut Session, table: &TableName) -> Result<Vec<Tie>> {
    ties(session, &table.schema, &format!("confrelid = {}::regclass", literal(&table.to_string())))
}

fn ties_to_others(session: &mut Session, table: &TableName) -> Result<Vec<Tie>> {
    ties(session, &table.schema, &format!("conrelid = {}::regclass", literal(&table.to_string())))
}

/// Foreign keys between two tables, without those that a partition has of its table.
fn ties(session: &mut Session, schema: &str, condition: &str) -> Result<Vec<Tie>> {
    let loads = TableName { schema: schema.to_owned(), table: LOADS.to_owned() };
    let sql = format!(
        "SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(f.oid), relkind = 'p', \
             EXISTS (SELECT FROM {loads} WHERE table_name = relname AND nspname = {}) \
         FROM pg_constraint AS f JOIN pg_class AS c ON c.oid = conrelid JOIN pg_namespace AS n ON n.oid = relnamespace \
         WHERE contype = 'f' AND conrelid <> confrelid AND conparentid = 0 AND {condition}",
        literal(schema)
    );
    let rows = session.rows(&sql)?;
    let tie = |row| {
        Ok(Tie {
            table: session.value(row, 0)?,
            name: session.value(row, 1)?,
            definition: session.value(row, 2)?,
            is_partitioned: session.value(row, 3)?,
            is_loaded: session.value(row, 4)?,
        })
    };
    rows.iter().map(tie).collect()
}

fn drop_ties(session: &mut Session, ties: &[Tie]) -> Result<()> {
    ties.iter().try_for_each(|tie| {
        session.execute(&format!("ALTER TABLE {} DROP CONSTRAINT {}", tie.table, quoted(&tie.name)))
    })
}

/// Ties tables again. Rows that are there are not looked at: the other table's may be from before, until a load of
/// its own replaces them. The server cannot leave out the look at a partitioned table's (`NOT VALID`, before PostgreSQL
/// 18): where its rows are from before, a load of its own ties it as well, and one that is nobody's load keeps
/// the rows from being replaced.
fn restore_ties(session: &mut Session, ties: &[Tie]) -> Result<()> {
    for tie in ties {
        let (name, definition) = (quoted(&tie.name), tie.definition.trim_end_matches(" NOT VALID"));
        let sql = format!("ALTER TABLE {} ADD CONSTRAINT {name} {definition}", tie.table);
        if !tie.is_partitioned {
            session.execute(&format!("{sql} NOT VALID"))?;
            continue;
        }
        session.execute("SAVEPOINT tie")?;
        match session.execute(&sql) {
            Ok(()) => session.execute("RELEASE SAVEPOINT tie")?,
            Err(error) if tie.is_loaded && error.to_string().contains(KEYS_LEAD_NOWHERE) => {
                session.execute("ROLLBACK TO SAVEPOINT tie")?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Statements that give others again what they may do with a table.
fn grants(session: &mut Session, table: &TableName) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT format('GRANT %s ON TABLE %s TO %s%s', privilege_type, {name}, \
             CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, \
             CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) \
         FROM pg_class, aclexplode(relacl) WHERE oid = {name}::regclass AND grantee <> relowner",
        name = literal(&table.to_string())
    );
    let rows = session.rows(&sql)?;
    rows.iter().map(|row| session.value(row, 0)).collect()
}
