//! Taking back what was loaded for one customer, and nothing else.

use super::lock::lock;
use super::names::{TableName, literal, quoted};
use super::registry::{self, CHUNKS, Key, LOADS};
use super::session::Session;
use super::start::{CUSTOMER_COLUMN, table_exists};
use super::url::DatabaseUrl;
use crate::{Error, Result};

/// What to take back.
#[derive(Debug, Clone)]
pub struct Cleaning {
    /// The database.
    pub url: DatabaseUrl,
    /// The schema that the tables are in.
    pub schema: String,
    /// The customer.
    pub customer: u32,
    /// Only the tables of this dataset.
    pub dataset: Option<String>,
}

/// What was taken back from a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// The table.
    pub table: TableName,
    /// Its rows that are gone.
    pub rows: u64,
    /// Whether the table is gone, since datagen made it and no other rows were in it.
    pub is_dropped: bool,
}

/// How a table is cleaned.
enum Step {
    /// The table is gone already.
    Forget,
    Delete,
    Drop,
}

impl Cleaning {
    /// Takes back the customer's rows from every table, or from none when one refuses.
    ///
    /// # Errors
    /// [`Error::Database`] for tables that are being loaded, whose rows cannot be told apart, or that others refer to.
    pub fn run(&self) -> Result<Vec<Cleaned>> {
        let mut session = Session::connect(&self.url, &format!("datagen clean, customer {}", self.customer))?;
        if !registry::exists(&mut session, &self.schema)? {
            return Ok(Vec::new());
        }
        let keys = self.keys(&mut session)?;
        for key in &keys {
            lock(&mut session, &key.table)?;
        }
        let keys = children_first(&mut session, keys)?;
        let cleaned = session.transaction(|session| {
            let steps = keys.iter().map(|key| Ok((key, step(session, key)?)));
            let steps = steps.collect::<Result<Vec<_>>>()?;
            let cleaned = steps.iter().map(|(key, step)| take_back(session, key, step));
            let cleaned = cleaned.collect::<Result<Vec<_>>>()?;
            self.drop_empty_registry(session)?;
            Ok(cleaned)
        })?;
        session.close();
        Ok(cleaned)
    }

    fn registry_table(&self, table: &str) -> TableName {
        TableName { schema: self.schema.clone(), table: table.to_owned() }
    }

    fn keys(&self, session: &mut Session) -> Result<Vec<Key>> {
        let dataset = match &self.dataset {
            Some(dataset) => format!(" AND dataset = {}", literal(dataset)),
            None => String::new(),
        };
        let sql = format!(
            "SELECT table_name FROM {} WHERE customer = {}{dataset} ORDER BY table_name",
            self.registry_table(LOADS),
            self.customer
        );
        let rows = session.rows(&sql)?;
        let key = |row| {
            let table = self.registry_table(&session.value::<String>(row, 0)?);
            Ok(Key { table, customer: self.customer })
        };
        rows.iter().map(key).collect()
    }

    fn drop_empty_registry(&self, session: &mut Session) -> Result<()> {
        let (loads, chunks) = (self.registry_table(LOADS), self.registry_table(CHUNKS));
        if session.is_true(&format!("SELECT EXISTS (SELECT FROM {loads})"))? {
            return Ok(());
        }
        session.execute(&format!("DROP TABLE {chunks}, {loads}"))
    }
}

/// Puts tables before those that they refer to, so that no row loses what it refers to.
fn children_first(session: &mut Session, mut keys: Vec<Key>) -> Result<Vec<Key>> {
    let mut sorted = Vec::with_capacity(keys.len());
    while !keys.is_empty() {
        let mut free = 0;
        // Tables that refer to each other in a circle come in any order.
        for (position, key) in keys.iter().enumerate() {
            let others = keys.iter().filter(|other| *other != key);
            let others: Vec<String> = others.map(|other| literal(&other.table.to_string())).collect();
            let sql = format!(
                "SELECT EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = to_regclass({}) \
                 AND conrelid::oid IN (SELECT to_regclass(name)::oid FROM unnest(ARRAY[{}]::text[]) AS name))",
                literal(&key.table.to_string()),
                others.join(", ")
            );
            if !session.is_true(&sql)? {
                free = position;
                break;
            }
        }
        sorted.push(keys.remove(free));
    }
    Ok(sorted)
}

fn step(session: &mut Session, key: &Key) -> Result<Step> {
    let table = &key.table;
    if !table_exists(session, table)? {
        return Ok(Step::Forget);
    }
    let Some(record) = key.find(session)? else { return Ok(Step::Forget) };
    let sql = format!(
        "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = {}::regclass AND attname = {} AND NOT attisdropped)",
        literal(&table.to_string()),
        literal(CUSTOMER_COLUMN)
    );
    if session.is_true(&sql)? {
        let others = format!("SELECT EXISTS (SELECT FROM {table} WHERE NOT ({}))", is_of(key));
        let drops = record.made_table && !session.is_true(&others)?;
        return Ok(if drops { Step::Drop } else { Step::Delete });
    }
    let count = session.text(&format!("SELECT count(*)::text FROM {table}"))?.unwrap_or_default();
    if record.made_table && count == record.rows.to_string() {
        return Ok(Step::Drop);
    }
    let problem = format!(
        "table {table} has {count} rows, of which datagen loaded {}; without a column {CUSTOMER_COLUMN} they cannot \
         be told apart. Nothing was removed; remove that table yourself",
        record.rows
    );
    Err(Error::database(session.place(), problem, true))
}

fn is_of(key: &Key) -> String {
    format!("{}::text IS NOT DISTINCT FROM '{}'", quoted(CUSTOMER_COLUMN), key.customer)
}

fn take_back(session: &mut Session, key: &Key, step: &Step) -> Result<Cleaned> {
    let table = &key.table;
    let count = |session: &mut Session, sql: String| -> Result<u64> {
        Ok(session.text(&sql)?.and_then(|count| count.parse().ok()).unwrap_or(0))
    };
    let rows = match step {
        Step::Forget => 0,
        Step::Delete => {
            let sql = format!(
                "WITH gone AS (DELETE FROM {table} WHERE {} RETURNING 1) SELECT count(*)::text FROM gone",
                is_of(key)
            );
            count(session, sql)?
        }
        Step::Drop => {
            let rows = count(session, format!("SELECT count(*)::text FROM {table}"))?;
            session.execute(&format!("DROP TABLE {table}"))?;
            rows
        }
    };
    session.execute(&key.forget())?;
    Ok(Cleaned { table: table.clone(), rows, is_dropped: matches!(step, Step::Drop) })
}
