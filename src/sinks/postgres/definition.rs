//! What a table is: columns, keys, indexes, and the SQL that makes them.

use std::collections::BTreeMap;

use arrow_schema::Schema;
use driftforge_generators::{DirtLedger, ForeignKey, Plan};

use super::names::{TableName, derived_name, literal, quoted, quoted_list};
use super::types::SqlType;
use crate::{Error, Result};

/// A table as it is to be, without the name of its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDefinition {
    /// The table's name.
    pub name: String,
    /// What its rows are, in one sentence.
    pub about: String,
    pub(super) columns: Vec<ColumnDefinition>,
    pub(super) keys: Keys,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnDefinition {
    pub(super) name: String,
    pub(super) sql: SqlType,
    pub(super) nullable: bool,
    pub(super) about: String,
}

/// What is built once the rows are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys {
    /// The columns of the primary key; none for a table without one.
    pub(super) primary_key: Vec<String>,
    /// Whether no two rows have the same key. Dirt repeats rows and damages keys; an index stands in for the
    /// constraint then.
    pub(super) is_unique: bool,
    pub(super) foreign_keys: Vec<ForeignKey>,
    /// The columns of each index.
    pub(super) indexes: Vec<Vec<String>>,
}

/// A statement that builds a key or an index.
pub(super) struct KeyStatement {
    pub(super) name: String,
    pub(super) sql: String,
    pub(super) is_primary: bool,
}

/// A statement that ties a table to another.
pub(super) struct TieStatement {
    pub(super) name: String,
    pub(super) to: TableName,
    pub(super) sql: String,
}

impl TableDefinition {
    /// The table of a plan, which is one of `tables`. Keys that active dirt breaks are none of its own.
    ///
    /// # Errors
    /// [`Error::Option`] for a column of a type that PostgreSQL has no counterpart of.
    pub fn of(plan: &Plan, tables: &[Plan]) -> Result<Self> {
        let about: BTreeMap<&str, &str> = plan.columns().map(|column| (column.name, column.about)).collect();
        let foreign_keys = plan.foreign_keys().iter().filter(|key| holds(key, plan, tables));
        let keys = Keys {
            primary_key: plan.primary_key().to_vec(),
            is_unique: is_unique(plan),
            foreign_keys: foreign_keys.cloned().collect(),
            indexes: plan.indexes().to_vec(),
        };
        Self::new(plan.table(), plan.about(), &plan.schema(), (&about, keys))
    }

    /// The table of a ledger of faults.
    ///
    /// # Errors
    /// None in practice: every column of a ledger has a counterpart.
    pub fn of_ledger(ledger: &DirtLedger) -> Result<Self> {
        let about = DirtLedger::COLUMNS_ABOUT.into_iter().collect();
        let keys = Keys {
            primary_key: Vec::new(),
            is_unique: false,
            foreign_keys: Vec::new(),
            indexes: vec![vec!["dirt_id".to_owned()], vec!["row".to_owned()]],
        };
        Self::new(&ledger.table(), &ledger.about(), &ledger.schema(), (&about, keys))
    }

    fn new(
        name: &str,
        table_about: &str,
        schema: &Schema,
        (columns_about, keys): (&BTreeMap<&str, &str>, Keys),
    ) -> Result<Self> {
        let columns = schema.fields().iter().map(|field| {
            let sql = SqlType::of(field.data_type()).ok_or_else(|| {
                let problem = format!(
                    "column {:?} of {name} has type {}, which has no counterpart in PostgreSQL",
                    field.name(),
                    field.data_type()
                );
                Error::option("to", "postgres", problem)
            })?;
            let about = columns_about.get(field.name().as_str()).copied().unwrap_or_default().to_owned();
            Ok(ColumnDefinition { name: field.name().clone(), sql, nullable: field.is_nullable(), about })
        });
        let columns = columns.collect::<Result<_>>()?;
        Ok(Self { name: name.to_owned(), about: table_about.to_owned(), columns, keys })
    }

    /// The statement that makes the table, without keys.
    pub(super) fn create(&self, table: &TableName, unlogged: bool, partition_by: &str) -> String {
        let columns = self.columns.iter().map(|column| {
            let null = if column.nullable { "" } else { " NOT NULL" };
            format!("    {} {}{null}", quoted(&column.name), column.sql)
        });
        let columns = columns.collect::<Vec<_>>().join(",\n");
        let unlogged = if unlogged { "UNLOGGED " } else { "" };
        format!("CREATE {unlogged}TABLE {table} (\n{columns}\n){partition_by};\n")
    }

    /// The statements that say what table and columns are.
    pub(super) fn comments(&self, table: &TableName) -> String {
        let mut sql = String::new();
        if !self.about.is_empty() {
            sql.push_str(&format!("COMMENT ON TABLE {table} IS {};\n", literal(&self.about)));
        }
        for column in self.columns.iter().filter(|column| !column.about.is_empty()) {
            let (name, about) = (quoted(&column.name), literal(&column.about));
            sql.push_str(&format!("COMMENT ON COLUMN {table}.{name} IS {about};\n"));
        }
        sql
    }

    /// The statements that build the primary key and the indexes. Their names are made from `named_after`.
    pub(super) fn build_keys(&self, table: &TableName, named_after: &str) -> Vec<KeyStatement> {
        let mut statements = Vec::new();
        if !self.keys.primary_key.is_empty() && !self.keys.is_unique {
            let (name, columns) = (lookup_name(named_after), quoted_list(&self.keys.primary_key));
            let sql = format!("CREATE INDEX {} ON {table} ({columns});\n", quoted(&name));
            statements.push(KeyStatement { name, sql, is_primary: false });
        } else if !self.keys.primary_key.is_empty() {
            let name = derived_name(named_after, "_pkey");
            let columns = quoted_list(&self.keys.primary_key);
            let constraint = quoted(&name);
            let sql = format!("ALTER TABLE {table} ADD CONSTRAINT {constraint} PRIMARY KEY ({columns});\n");
            statements.push(KeyStatement { name, sql, is_primary: true });
        }
        for columns in &self.keys.indexes {
            let name = derived_name(named_after, &format!("_{}_idx", columns.join("_")));
            let sql = format!("CREATE INDEX {} ON {table} ({});\n", quoted(&name), quoted_list(columns));
            statements.push(KeyStatement { name, sql, is_primary: false });
        }
        statements
    }

    /// The name that a key or index has once its table is called `to`; `None` for one that is not ours.
    pub(super) fn renamed_key(&self, name: &str, from: &str, to: &str) -> Option<String> {
        let anywhere = TableName { schema: String::new(), table: String::new() };
        let (before, after) = (self.build_keys(&anywhere, from), self.build_keys(&anywhere, to));
        let position = before.iter().position(|key| key.name == name)?;
        after.into_iter().nth(position).map(|key| key.name)
    }

    /// The statements that tie the table to others of its schema.
    pub(super) fn ties(&self, table: &TableName) -> Vec<TieStatement> {
        let statement = |key: &ForeignKey| {
            let name = derived_name(&table.table, &format!("_{}_fkey", key.columns.join("_")));
            let to = TableName { schema: table.schema.clone(), table: key.table.clone() };
            let (columns, references) = (quoted_list(&key.columns), quoted_list(&key.references));
            let constraint = quoted(&name);
            let sql = format!(
                "ALTER TABLE {table} ADD CONSTRAINT {constraint} FOREIGN KEY ({columns}) REFERENCES {to} ({references});\n"
            );
            TieStatement { name, to, sql }
        };
        self.keys.foreign_keys.iter().map(statement).collect()
    }

    /// Whether there is a column of this name.
    pub(super) fn has_column(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    /// Every statement for an empty table, as `datagen ddl` prints them.
    #[must_use]
    pub fn ddl(&self, table: &TableName) -> String {
        let mut sql = self.create(table, false, "") + &self.comments(table);
        sql.extend(self.build_keys(table, &table.table).into_iter().map(|key| key.sql));
        sql.extend(self.ties(table).into_iter().map(|tie| tie.sql));
        sql
    }
}

/// The name of the index that stands in for a primary key.
pub(super) fn lookup_name(named_after: &str) -> String {
    derived_name(named_after, "_key_idx")
}

/// Whether the primary key of a table is one with the dirt that is active.
fn is_unique(plan: &Plan) -> bool {
    !plan.has_duplicates() && !names_any(plan.primary_key(), plan)
}

/// Whether every row's reference is to a row that is there, and to just one.
fn holds(key: &ForeignKey, plan: &Plan, tables: &[Plan]) -> bool {
    let referenced = tables.iter().find(|other| other.table() == key.table);
    !names_any(&key.columns, plan) && referenced.is_none_or(is_unique)
}

/// Whether active dirt damages one of the columns.
fn names_any(columns: &[String], plan: &Plan) -> bool {
    let dirty = plan.dirty_columns();
    columns.iter().any(|column| dirty.contains(&column.as_str()))
}
