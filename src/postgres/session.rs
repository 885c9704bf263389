//! One connection to the server, and what its errors mean to whoever reads them.

use std::time::Duration;

use sqlx::postgres::{PgDatabaseError, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tokio::runtime::{Builder, Runtime};

use super::url::DatabaseUrl;
use crate::{Error, Result};

/// How long to wait for an answer to the first message.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// What every session sets: literals mean what `names::literal` writes, and a server without `synchronous_commit`
/// does not wait for the disk at every chunk, which a load that resumes need not.
const SETTINGS: &str = "SET standard_conforming_strings = on; SET client_min_messages = warning;";

/// How a transaction begins that reads one state of the database.
pub(crate) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A connection with its own runtime, used by one thread at a time.
pub(crate) struct Session {
    pub(crate) runtime: Runtime,
    pub(crate) connection: PgConnection,
    place: String,
    /// What to do when the connection is lost.
    hint: &'static str,
}

/// What to do when the connection of a load is lost.
const RESUMES: &str = "what is committed stays; the same command goes on from there";
/// What to do when the connection of a reader is lost.
const NOTHING_CHANGED: &str = "nothing was changed; give the same command again";

impl Session {
    /// Connects to write; `application` is what others see in `pg_stat_activity`.
    ///
    /// # Errors
    /// [`Error::Database`] with what to change.
    pub(crate) fn connect(url: &DatabaseUrl, application: &str) -> Result<Self> {
        Self::open(url, application, RESUMES)
    }

    /// Connects to read; `application` is what others see in `pg_stat_activity`.
    ///
    /// # Errors
    /// [`Error::Database`] with what to change.
    pub(crate) fn connect_to_read(url: &DatabaseUrl, application: &str) -> Result<Self> {
        Self::open(url, application, NOTHING_CHANGED)
    }

    fn open(url: &DatabaseUrl, application: &str, hint: &'static str) -> Result<Self> {
        let place = url.to_string();
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::database(&place, format!("cannot start a runtime: {error}"), false))?;
        let options = url.options().clone().application_name(application);
        let connection = runtime.block_on(async {
            match tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await {
                Ok(connected) => connected.map_err(|error| refused(&place, &error)),
                Err(_) => {
                    let problem = format!("no answer within {} s", CONNECT_TIMEOUT.as_secs());
                    Err(Error::database(&place, problem, true))
                }
            }
        })?;
        let mut session = Self { runtime, connection, place, hint };
        session.execute(SETTINGS)?;
        Ok(session)
    }

    /// Where the session is connected to, without password.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Why something failed on this connection.
    pub(crate) fn failed(&self, error: &sqlx::Error) -> Error {
        failed(&self.place, error, self.hint)
    }

    /// Does statements that give no rows; several are done in one transaction.
    ///
    /// # Errors
    /// The server's refusal.
    pub(crate) fn execute(&mut self, sql: &str) -> Result<()> {
        let done =
            self.runtime.block_on(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.connection));
        done.map(|_| ()).map_err(|error| self.failed(&error))
    }

    /// The rows that a query gives.
    ///
    /// # Errors
    /// The server's refusal.
    pub(crate) fn rows(&mut self, sql: &str) -> Result<Vec<PgRow>> {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false);
        self.runtime.block_on(query.fetch_all(&mut self.connection)).map_err(|error| self.failed(&error))
    }

    /// The first column of the first row, as text; `None` where there is no row or a null.
    ///
    /// # Errors
    /// The server's refusal.
    pub(crate) fn text(&mut self, sql: &str) -> Result<Option<String>> {
        let rows = self.rows(sql)?;
        rows.first().map_or(Ok(None), |row| self.value::<Option<String>>(row, 0))
    }

    /// Whether a query's answer is `true`.
    ///
    /// # Errors
    /// The server's refusal.
    pub(crate) fn is_true(&mut self, sql: &str) -> Result<bool> {
        let rows = self.rows(sql)?;
        rows.first().map_or(Ok(false), |row| Ok(self.value::<Option<bool>>(row, 0)? == Some(true)))
    }

    /// A value of a row.
    ///
    /// # Errors
    /// A value of another type, which a registry table of another form would give.
    pub(crate) fn value<'row, T>(&self, row: &'row PgRow, column: usize) -> Result<T>
    where
        T: sqlx::Decode<'row, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        sqlx::Row::try_get(row, column).map_err(|error| self.failed(&error))
    }

    /// Does `work` in a transaction, all of it or nothing.
    ///
    /// # Errors
    /// Those of the work, and the server's refusal.
    pub(crate) fn transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.execute("BEGIN")?;
        let done = work(self).and_then(|done| self.execute("COMMIT").map(|()| done));
        if done.is_err() {
            // The connection may be gone, and with it the transaction.
            let _ = self.execute("ROLLBACK");
        }
        done
    }

    /// Says goodbye, so that the server does not log a lost connection.
    pub(crate) fn close(self) {
        let _ = self.runtime.block_on(self.connection.close());
    }
}

/// Why no connection came about: the address, the role or the password could be other ones.
fn refused(place: &str, error: &sqlx::Error) -> Error {
    let ours = matches!(error, sqlx::Error::Database(known) if known.code().is_some_and(|code| servers_fault(&code)));
    Error::database(place, format!("cannot connect: {}", told(error)), !ours)
}

/// Why something failed on the connection of a load.
pub(crate) fn failure(place: &str, error: &sqlx::Error) -> Error {
    failed(place, error, RESUMES)
}

fn failed(place: &str, error: &sqlx::Error, hint: &str) -> Error {
    match error {
        sqlx::Error::Database(known) => {
            let users = known.code().is_some_and(|code| !servers_fault(&code));
            Error::database(place, told(error), users)
        }
        other => Error::database(place, format!("connection lost: {}; {hint}", told(other)), false),
    }
}

/// Whether another command line would not have helped: classes of SQLSTATE (PostgreSQL manual, appendix A)
/// 08 connection, 40 rollback, 53 resources, 57 operator, 58 system, XX internal.
fn servers_fault(code: &str) -> bool {
    ["08", "40", "53", "57", "58", "XX"].iter().any(|class| code.starts_with(class))
}

/// The server's own words, with detail and hint.
fn told(error: &sqlx::Error) -> String {
    let sqlx::Error::Database(known) = error else { return error.to_string() };
    let Some(known) = known.try_downcast_ref::<PgDatabaseError>() else { return known.to_string() };
    let mut told = known.message().to_owned();
    for more in [known.detail(), known.hint(), known.r#where()].into_iter().flatten() {
        told.push_str("; ");
        told.push_str(more.lines().next().unwrap_or_default());
    }
    format!("{told} (SQLSTATE {})", known.code())
}
