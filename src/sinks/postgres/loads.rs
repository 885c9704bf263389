//! What the registry of a schema says was loaded into its tables.

use super::names::{TableName, literal, quoted};
use super::registry::{self, CHUNKS, Key, LOADS};
use super::session::Session;
use crate::Result;
use crate::sinks::Context;

/// What a load says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// The table.
    pub table: TableName,
    /// The customer whose rows they are.
    pub customer: u32,
    /// The runs that brought rows, the earliest first; never none. A later one brought the places that the earlier
    /// ones lack.
    pub contexts: Vec<Context>,
    /// Whether all rows are there.
    pub is_complete: bool,
    /// Rows that were committed.
    pub rows: u64,
    /// The dataset's ledger as JSON, where one is kept.
    pub ledger: Option<String>,
}

/// The loads of a schema, by table and customer; none where nothing was loaded.
///
/// # Errors
/// The server's refusal, or a record of another version.
pub(super) fn loads(session: &mut Session, schema: &str) -> Result<Vec<Loaded>> {
    if !registry::exists(session, schema)? {
        return Ok(Vec::new());
    }
    let table = table(schema);
    // Registries of earlier versions have no column for the ledger, which a row as JSON does not mind.
    let sql = format!(
        "SELECT table_name, customer, to_jsonb(loads) ->> 'ledger' FROM {table} AS loads \
         ORDER BY table_name, customer"
    );
    let mut loads = Vec::new();
    for row in session.rows(&sql)? {
        let (name, customer): (String, i64) = (session.value(&row, 0)?, session.value(&row, 1)?);
        let key = Key { table: TableName::new(schema, &name)?, customer: customer as u32 };
        let Some(record) = key.find(session)? else { continue };
        if record.origins.is_empty() {
            continue;
        }
        loads.push(Loaded {
            table: key.table,
            customer: key.customer,
            contexts: record.origins.into_iter().map(|origin| origin.context).collect(),
            is_complete: record.is_complete,
            rows: record.rows,
            ledger: session.value(&row, 2)?,
        });
    }
    Ok(loads)
}

/// Whether the session's role may read the registry of a schema; not where there is none.
///
/// # Errors
/// The server's refusal.
pub(super) fn are_readable(session: &mut Session, schema: &str) -> Result<bool> {
    let may = |table: &str| format!("has_table_privilege({}, 'SELECT')", literal(table));
    let chunks = format!("{}.{}", quoted(schema), quoted(CHUNKS));
    Ok(registry::exists(session, schema)?
        && session.is_true(&format!("SELECT {} AND {}", may(&table(schema)), may(&chunks)))?)
}

fn table(schema: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(LOADS))
}
