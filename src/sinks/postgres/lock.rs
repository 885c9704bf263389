//! One load at a time into a table.

use std::thread;
use std::time::{Duration, Instant};

use super::names::{TableName, literal};
use super::session::Session;
use crate::{Error, Result};

/// How long a lock is waited for. The server notices the end of a killed client within moments; a load that is at
/// work takes longer than this.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes the table for this session, until the session ends.
///
/// # Errors
/// [`Error::Database`] that says who has it.
pub(super) fn lock(session: &mut Session, table: &TableName) -> Result<()> {
    let key = format!("hashtextextended({}, 0)", literal(&format!("driftforge {table}")));
    let started = Instant::now();
    while !session.is_true(&format!("SELECT pg_try_advisory_lock({key})"))? {
        if started.elapsed() > PATIENCE {
            let holder = holder(session, &key)?;
            let problem = format!(
                "table {table} is being loaded by {holder}; wait for it to end, or stop it, and run this again"
            );
            return Err(Error::database(session.place(), problem, true));
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// Who holds a lock, in words.
fn holder(session: &mut Session, key: &str) -> Result<String> {
    let sql = format!(
        "SELECT concat_ws(', ', coalesce(nullif(a.application_name, ''), 'another session'), 'role ' || a.usename, \
             'server process ' || l.pid, 'from ' || a.client_addr, \
             'since ' || to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ')) \
         FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid) \
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
           AND (l.classid::bigint << 32 | l.objid::bigint) = {key} LIMIT 1"
    );
    Ok(session.text(&sql)?.unwrap_or_else(|| "another session".to_owned()))
}
