//! What a table is: columns, keys, indexes, and the SQL that makes them.

use std::collections::BTreeMap;

use arrow_schema::Schema;
use driftforge_generators::{ForeignKey, Plan};

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Keys {
    /// The columns of the primary key; none for a table without one.
    pub(super) primary_key: Vec<String>,
    pub(super) foreign_keys: Vec<ForeignKey>,
    /// The columns of each index.
    pub(super) indexes: Vec<Vec<String>>,
}

impl Keys {
    /// The keys that a plan's rows keep: dirt may repeat rows and damage what they refer to.
    fn of(plan: &Plan) -> Self {
        let dirty = plan.dirty_columns();
        let is_clean = |columns: &[String]| !columns.iter().any(|column| dirty.contains(&column.as_str()));
        let (mut primary_key, mut indexes) = (plan.primary_key().to_vec(), plan.indexes().to_vec());
        if plan.has_duplicates() || !is_clean(&primary_key) {
            indexes.insert(0, std::mem::take(&mut primary_key));
            indexes.retain(|columns| !columns.is_empty());
        }
        let ties = plan.foreign_keys().iter().filter(|key| is_clean(&key.columns));
        Self { primary_key, foreign_keys: ties.cloned().collect(), indexes }
    }
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
    /// The table of a plan.
    ///
    /// # Errors
    /// [`Error::Option`] for a column of a type that PostgreSQL has no counterpart of.
    pub fn of(plan: &Plan) -> Result<Self> {
        let about: BTreeMap<&str, &str> = plan.columns().map(|column| (column.name, column.about)).collect();
        Self::new(plan, &plan.schema(), &about, Keys::of(plan))
    }

    fn new(plan: &Plan, schema: &Schema, columns_about: &BTreeMap<&str, &str>, keys: Keys) -> Result<Self> {
        let name = plan.table();
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
        Ok(Self { name: name.to_owned(), about: plan.about().to_owned(), columns, keys })
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
        if !self.keys.primary_key.is_empty() {
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
