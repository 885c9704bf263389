//! The names of tables, and their keys: which columns identify a row, and which refer to another table's.

use super::Plan;
use crate::error::{Result, SpecError, ensure, listed};
use crate::spec::ForeignKeySpec;

/// The longest table name, in bytes: PostgreSQL cuts longer identifiers off (`NAMEDATALEN` − 1).
const MAX_NAME_BYTES: usize = 63;

/// Columns that hold the key of a row of another table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The columns here.
    pub columns: Vec<String>,
    /// The table that they refer to.
    pub table: String,
    /// Its columns, one for each of `columns`.
    pub references: Vec<String>,
}

/// A table's name and keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relations {
    pub(crate) table: String,
    pub(crate) primary_key: Vec<String>,
    pub(crate) foreign_keys: Vec<ForeignKey>,
    pub(crate) indexes: Vec<Vec<String>>,
}

/// The keys as a spec has them.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeySpecs<'a> {
    pub(super) primary_key: &'a [String],
    pub(super) foreign_keys: &'a [ForeignKeySpec],
    pub(super) indexes: &'a [Vec<String>],
}

impl Relations {
    pub(super) fn new(table: &str, keys: &KeySpecs<'_>) -> Result<Self> {
        let mut bytes = table.bytes();
        let first = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase());
        let plain = first && bytes.all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        let problem = format!(
            "{table:?} is no table name: use a lower-case letter, then lower-case letters, digits and _, at most {MAX_NAME_BYTES} in all"
        );
        ensure(plain && table.len() <= MAX_NAME_BYTES, "table", problem)?;
        let foreign_key = |key: &ForeignKeySpec| ForeignKey {
            columns: key.columns.clone(),
            table: key.table.clone(),
            references: key.references.clone(),
        };
        Ok(Self {
            table: table.to_owned(),
            primary_key: keys.primary_key.to_vec(),
            foreign_keys: keys.foreign_keys.iter().map(foreign_key).collect(),
            indexes: keys.indexes.to_vec(),
        })
    }
}

/// Checks the keys of all tables against their columns.
pub(super) fn check(tables: &[Plan]) -> Result<()> {
    for table in tables {
        check_table(table, tables).map_err(|error| error.within(format!("table {:?}", table.table())))?;
    }
    Ok(())
}

fn check_table(table: &Plan, tables: &[Plan]) -> Result<()> {
    check_columns(table, table.primary_key()).map_err(|error| error.within("primary_key"))?;
    let nullable = table.primary_key().iter().find(|name| is_nullable(table, name));
    if let Some(name) = nullable {
        return Err(SpecError::at("primary_key", format!("column {name:?} can be null")));
    }
    for index in table.indexes() {
        ensure(!index.is_empty(), "indexes", "an index has no column")?;
        check_columns(table, index).map_err(|error| error.within("indexes"))?;
    }
    for key in table.foreign_keys() {
        check_foreign_key(table, key, tables).map_err(|error| error.within("foreign_keys"))?;
    }
    Ok(())
}

fn check_foreign_key(table: &Plan, key: &ForeignKey, tables: &[Plan]) -> Result<()> {
    let Some(other) = tables.iter().find(|other| other.table() == key.table) else {
        let names = listed(tables.iter().map(Plan::table));
        return Err(SpecError::at("", format!("there is no table {:?}; there are {names}", key.table)));
    };
    let problem = format!("{} columns refer to {} columns", key.columns.len(), key.references.len());
    ensure(key.columns.len() == key.references.len() && !key.columns.is_empty(), "", problem)?;
    check_columns(table, &key.columns)?;
    check_columns(other, &key.references)?;
    let problem = format!(
        "{} is not the primary key of table {:?}, which is {}",
        listed(key.references.iter().map(String::as_str)),
        key.table,
        if other.primary_key().is_empty() {
            "not named".to_owned()
        } else {
            listed(other.primary_key().iter().map(String::as_str))
        }
    );
    ensure(key.references == other.primary_key(), "references", problem)
}

fn check_columns(table: &Plan, names: &[String]) -> Result<()> {
    let schema = table.schema();
    for name in names {
        let problem = || {
            let shown = listed(schema.fields().iter().map(|field| field.name().as_str()));
            format!("table {:?} shows no column {name:?}; it shows {shown}", table.table())
        };
        if schema.column_with_name(name).is_none() {
            return Err(SpecError::at("", problem()));
        }
    }
    Ok(())
}

/// Whether any clean row can be null there; a key that only dirt breaks is one.
fn is_nullable(table: &Plan, name: &str) -> bool {
    let scope = &table.dataset.scope;
    scope.index(name).is_ok_and(|index| scope.is_nullable(index))
}

/// Puts every table behind those that it refers to, and otherwise leaves the order as it is.
pub(super) fn in_key_order(tables: Vec<Plan>) -> Result<Vec<Plan>> {
    let mut waiting = tables;
    let mut ordered: Vec<Plan> = Vec::new();
    while !waiting.is_empty() {
        let settled = |table: &Plan| {
            table.foreign_keys().iter().all(|key| {
                key.table == table.table() || ordered.iter().any(|before| before.table() == key.table)
            })
        };
        let Some(next) = waiting.iter().position(settled) else {
            let names = listed(waiting.iter().map(Plan::table));
            return Err(SpecError::at(
                "foreign_keys",
                format!("tables refer to each other in a circle: {names}"),
            ));
        };
        ordered.push(waiting.remove(next));
    }
    Ok(ordered)
}
