//! One connection that rows go through, in a thread of its own.
//!
//! A transaction holds one `COPY` and the note of what it brought, so that rows and note are there together or not
//! at all.

use std::ops::Range;
use std::sync::mpsc::{Receiver, RecvError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use sqlx::{AssertSqlSafe, PgConnection};

use super::copy::{HEADER, TRAILER};
use super::names::TableName;
use super::registry::Key;
use super::session::{Session, failure};
use crate::{Error, Result};

/// A transaction is committed once it has this many bytes, however few its rows are.
const COMMIT_BYTES: u64 = 96 << 20;
/// Bytes in a message to the server: enough for few system calls, few enough for the cache.
const MESSAGE_BYTES: usize = 256 << 10;
/// A load is as durable as its last commit, which waits for the disk; those before need not.
const SETTINGS: &str = "SET synchronous_commit = off";

/// Encoded rows of some places.
pub(super) struct Piece {
    pub(super) places: Range<u64>,
    pub(super) rows: u64,
    pub(super) bytes: Vec<u8>,
}

enum Message {
    Piece(Piece),
    /// Everything is sent; a lane that is dropped without it takes back what is not committed.
    Finish,
}

/// What a lane works on.
pub(super) struct LaneTask {
    pub(super) session: Session,
    pub(super) key: Key,
    /// Which lane it is.
    pub(super) lane: usize,
    /// The table or partition that rows go into.
    pub(super) table: TableName,
    /// Its columns, as they stand in SQL.
    pub(super) columns: String,
    /// Whether nobody has put a row into the table yet, nor looks at it: rows are written as old ones then, so
    /// that the server need not visit them again.
    pub(super) is_fresh: bool,
    /// Rows after which a transaction is committed.
    pub(super) commit_rows: u64,
}

/// The near end of a lane.
pub(super) struct Lane {
    messages: SyncSender<Message>,
    thread: JoinHandle<Result<()>>,
}

impl Lane {
    /// Starts the thread.
    ///
    /// # Errors
    /// A thread that the operating system refuses.
    pub(super) fn start(task: LaneTask) -> Result<Self> {
        // One piece waits while one is sent; more would only cost memory.
        let (messages, queue) = sync_channel(1);
        let place = task.session.place().to_owned();
        let thread = thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || work(task, &queue))
            .map_err(|error| Error::database(place, format!("cannot start a thread: {error}"), false))?;
        Ok(Self { messages, thread })
    }

    /// Hands a piece over; waits while the lane is busy. `false` when the lane has failed.
    pub(super) fn send(&self, piece: Piece) -> bool {
        self.messages.send(Message::Piece(piece)).is_ok()
    }

    /// Commits what was sent and ends the lane.
    ///
    /// # Errors
    /// Whatever made the lane fail, now or before.
    pub(super) fn finish(self) -> Result<()> {
        // A lane that is gone says why when it is joined.
        let _ = self.messages.send(Message::Finish);
        drop(self.messages);
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// What comes after a piece.
enum Next {
    Piece(Piece),
    Finish,
    /// The other end is gone without a word.
    Abandon,
}

fn next(queue: &Receiver<Message>) -> Next {
    match queue.recv() {
        Ok(Message::Piece(piece)) => Next::Piece(piece),
        Ok(Message::Finish) => Next::Finish,
        Err(RecvError) => Next::Abandon,
    }
}

fn work(mut task: LaneTask, queue: &Receiver<Message>) -> Result<()> {
    task.session.execute(SETTINGS)?;
    let mut coming = next(queue);
    while let Next::Piece(piece) = coming {
        let Session { runtime, connection, .. } = &mut task.session;
        let transaction = Transaction {
            key: &task.key,
            lane: task.lane,
            table: &task.table,
            columns: &task.columns,
            is_fresh: std::mem::take(&mut task.is_fresh),
            queue,
            commit_rows: task.commit_rows,
        };
        let done = runtime.block_on(transaction.run(connection, piece));
        coming = done.map_err(|error| failure(task.session.place(), &error))?;
    }
    task.session.close();
    Ok(())
}

struct Transaction<'a> {
    key: &'a Key,
    lane: usize,
    table: &'a TableName,
    columns: &'a str,
    is_fresh: bool,
    queue: &'a Receiver<Message>,
    commit_rows: u64,
}

impl Transaction<'_> {
    /// Sends pieces until it is time to commit, and commits. Returns what comes after.
    async fn run(self, connection: &mut PgConnection, first: Piece) -> Result<Next, sqlx::Error> {
        execute(connection, "BEGIN").await?;
        let freeze = if self.is_fresh && self.empty(connection).await? { ", FREEZE" } else { "" };
        let statement = format!("COPY {} ({}) FROM STDIN (FORMAT binary{freeze})", self.table, self.columns);
        let mut copy = connection.copy_in_raw(&statement).await?;
        copy.send(HEADER).await?;
        let (mut chunks, mut rows, mut bytes): (Vec<(Range<u64>, u64)>, _, _) = (Vec::new(), 0, 0);
        let mut piece = first;
        let after = loop {
            for message in piece.bytes.chunks(MESSAGE_BYTES) {
                copy.send(message).await?;
            }
            rows += piece.rows;
            bytes += piece.bytes.len() as u64;
            note(&mut chunks, &piece);
            if rows >= self.commit_rows || bytes >= COMMIT_BYTES {
                break None;
            }
            match next(self.queue) {
                Next::Piece(following) => piece = following,
                other => break Some(other),
            }
        };
        if let Some(Next::Abandon) = after {
            copy.abort("the load was given up").await?;
            execute(connection, "ROLLBACK").await?;
            return Ok(Next::Abandon);
        }
        copy.send(TRAILER).await?;
        copy.finish().await?;
        execute(connection, &self.key.checkpoint(self.lane, &chunks)).await?;
        execute(connection, "COMMIT").await?;
        Ok(after.unwrap_or_else(|| next(self.queue)))
    }

    /// Empties a table that has no rows: only then does the server take rows as old ones.
    async fn empty(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let table = self.table;
        execute(connection, &format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).await?;
        let query =
            sqlx::query_scalar::<_, bool>(AssertSqlSafe(format!("SELECT EXISTS (SELECT FROM {table})")));
        if query.persistent(false).fetch_one(&mut *connection).await? {
            return Ok(false);
        }
        execute(connection, &format!("TRUNCATE TABLE {table}")).await?;
        Ok(true)
    }
}

async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(|_| ())
}

/// Notes a piece; one that follows the last makes it longer.
fn note(chunks: &mut Vec<(Range<u64>, u64)>, piece: &Piece) {
    match chunks.last_mut() {
        Some((places, rows)) if places.end == piece.places.start => {
            places.end = piece.places.end;
            *rows += piece.rows;
        }
        _ => chunks.push((piece.places.clone(), piece.rows)),
    }
}
