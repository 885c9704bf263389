//! A table as an output: chunks are encoded by many threads, and go through one connection or several.

use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

use arrow_array::RecordBatch;

use super::copy::CopyEncoder;
use super::finish::Ending;
use super::lane::{Lane, LaneTask, Piece};
use super::lock::lock;
use super::names::quoted_list;
use super::registry::{self, Record};
use super::session::Session;
use super::start::{Request, Start};
use super::{LoadOptions, TableLoad};
use crate::sinks::output::{Appender, Chunk, Delivered, Encoded, Encoder, Output, unpack};
use crate::sinks::{Context, Rows};
use crate::{Error, Result};

/// Rows that are made again at a time, for a chunk that is partly there.
const BATCH_PLACES: u64 = 8_192;

/// A table of a database, as an output.
///
/// What is committed stays, whatever happens: the registry knows it, and the same load goes on from there.
pub(in crate::sinks) struct PostgresOutput<'a> {
    rows: &'a dyn Rows,
    context: &'a Context,
    load: &'a TableLoad,
    opened: OnceLock<Opened>,
    /// The session that holds the table's lock.
    session: Mutex<Option<Session>>,
}

/// What is known once the output is open.
struct Opened {
    start: Start,
    loaded: super::coverage::Coverage,
}

impl<'a> PostgresOutput<'a> {
    pub(in crate::sinks) fn new(rows: &'a dyn Rows, context: &'a Context, load: &'a TableLoad) -> Self {
        Self { rows, context, load, opened: OnceLock::new(), session: Mutex::new(None) }
    }

    fn options(&self) -> &LoadOptions {
        &self.load.options
    }

    fn request(&self) -> Request<'_> {
        Request {
            definition: &self.load.definition,
            context: self.context,
            digest: &self.load.digest,
            options: self.options(),
        }
    }

    fn connect(&self) -> Result<Session> {
        let (dataset, customer) = (&self.context.dataset, self.context.customer);
        Session::connect(&self.options().url, &format!("datagen {dataset}, customer {customer}"))
    }

    /// Whether the load could begin now. Changes nothing.
    ///
    /// # Errors
    /// Those of [`Output::open`].
    pub(in crate::sinks) fn check(&self) -> Result<()> {
        let mut session = self.connect()?;
        self.request().examine(&mut session)?;
        session.close();
        Ok(())
    }

    /// Makes what has to be there before the first row.
    fn prepare(&self, session: &mut Session, start: &Start) -> Result<()> {
        let (table, definition) = (&start.key.table, &self.load.definition);
        let goes_on = start.record.as_ref().is_some_and(|record| record.digest == self.load.digest);
        if goes_on {
            return Ok(());
        }
        session.transaction(|session| {
            if !registry::exists(session, &table.schema)? {
                session.execute(&registry::make(&table.schema))?;
            }
            if start.makes_table {
                // In its place is nothing, or an interrupted replacement; what is noted about it is void.
                session.execute(&format!("DROP TABLE IF EXISTS {table}"))?;
                session.execute(&start.key.forget_table())?;
                session.execute(&definition.create(table, self.options().unlogged))?;
                session.execute(&definition.comments(table))?;
            }
            session.execute(&start.key.begin(&self.load.digest, &start.origins, start.makes_table)?)
        })
    }

    fn start_lane(&self, opened: &Opened, lanes: usize) -> Result<Lane> {
        let names: Vec<&str> =
            self.load.definition.columns.iter().map(|column| column.name.as_str()).collect();
        let key = opened.start.key.clone();
        let made_table =
            opened.start.makes_table || opened.start.record.as_ref().is_some_and(|record| record.made_table);
        Lane::start(LaneTask {
            session: self.connect()?,
            target: format!("{} ({})", key.table, quoted_list(&names)),
            is_fresh: lanes == 1 && made_table && opened.loaded.is_empty(),
            key,
            commit_rows: self.options().commit_rows,
        })
    }

    fn opened(&self) -> Result<&Opened> {
        self.opened.get().ok_or_else(|| Error::database(&self.options().url, "not open", false))
    }
}

impl Output for PostgresOutput<'_> {
    fn encoder(&self) -> Result<Box<dyn Encoder + '_>> {
        let encoder = CopyEncoder::new(&self.rows.schema()).map_err(|refusal| self.refusal(&refusal))?;
        Ok(Box::new(ChunkEncoder { output: self, encoder, rows: 0, bytes: Vec::new(), most_bytes: 0 }))
    }

    fn open(&self) -> Result<Box<dyn Appender + '_>> {
        let mut session = self.connect()?;
        lock(&mut session, &self.options().table)?;
        let start = self.request().examine(&mut session)?;
        self.prepare(&mut session, &start)?;
        let loaded = start.record.as_ref().map(|record: &Record| record.loaded.clone()).unwrap_or_default();
        let opened = self.opened.get_or_init(|| Opened { start, loaded });
        let is_there = opened.loaded.covers(&(0..self.rows.row_count()));
        let count = if is_there { 0 } else { self.options().connections };
        let lanes = (0..count).map(|_| self.start_lane(opened, count)).collect::<Result<_>>()?;
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
        Ok(Box::new(LaneAppender { output: self, lanes }))
    }

    fn has(&self, chunk: &Chunk) -> bool {
        self.opened.get().is_some_and(|opened| opened.loaded.covers(&chunk.places))
    }

    fn abandon(&self) {
        // Lanes take back what is not committed when their appender goes; the lock goes with the session.
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl PostgresOutput<'_> {
    fn refusal(&self, refusal: &impl std::fmt::Display) -> Error {
        Error::database(&self.options().url, format!("table {}: {refusal}", self.options().table), true)
    }

    /// Ends the load when every place of the dataset is there; a part that was loaded alone leaves it open.
    fn conclude(&self, session: &mut Session, start: &Start) -> Result<u64> {
        let places = self.rows.row_count();
        let record = start.key.find(session)?;
        let Some(record) = record else {
            return Err(Error::database(session.place(), "the record of this load is gone", false));
        };
        let was_there = record.is_complete && start.replaces.is_none();
        if !was_there && record.loaded.covers(&(0..places)) {
            let ending = Ending {
                definition: &self.load.definition,
                key: &start.key,
                replaces: start.replaces.as_ref(),
                builds_keys: self.options().keys,
                places,
            };
            ending.conclude(session)?;
        }
        Ok(record.rows)
    }
}

struct ChunkEncoder<'a> {
    output: &'a PostgresOutput<'a>,
    encoder: CopyEncoder,
    rows: u64,
    bytes: Vec<u8>,
    /// The size of the largest chunk so far.
    most_bytes: usize,
}

impl ChunkEncoder<'_> {
    /// The rows of places, made again.
    fn encode_again(&mut self, places: Range<u64>) -> Result<Piece> {
        let (mut rows, mut bytes, mut next) = (0, Vec::new(), places.start);
        while next < places.end {
            let end = (next + BATCH_PLACES).min(places.end);
            let batch = self.output.rows.batch(next..end);
            rows += batch.num_rows() as u64;
            self.encoder.write(&batch, &mut bytes).map_err(|refusal| self.output.refusal(&refusal))?;
            next = end;
        }
        Ok(Piece { places, rows, bytes })
    }
}

impl Encoder for ChunkEncoder<'_> {
    fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        self.bytes.reserve(self.most_bytes.saturating_sub(self.bytes.len()));
        self.rows += batch.num_rows() as u64;
        self.encoder.write(batch, &mut self.bytes).map_err(|refusal| self.output.refusal(&refusal))
    }

    fn end(&mut self, chunk: &Chunk) -> Result<Encoded> {
        let rows = std::mem::take(&mut self.rows);
        let bytes = std::mem::take(&mut self.bytes);
        self.most_bytes = self.most_bytes.max(bytes.len());
        let missing = self.output.opened()?.loaded.missing(&chunk.places);
        let pieces = if missing == [chunk.places.clone()] {
            vec![Piece { places: chunk.places.clone(), rows, bytes }]
        } else {
            // A table may have any number of rows for a place, so that the rows at hand cannot be told apart.
            missing.into_iter().map(|places| self.encode_again(places)).collect::<Result<_>>()?
        };
        Ok(Box::new(pieces))
    }
}

struct LaneAppender<'a> {
    output: &'a PostgresOutput<'a>,
    lanes: Vec<Lane>,
}

impl Appender for LaneAppender<'_> {
    fn append(&mut self, chunk: &Chunk, encoded: Encoded) -> Result<u64> {
        let mut rows = 0;
        for piece in unpack::<Vec<Piece>>(encoded) {
            let lane = (chunk.index % self.lanes.len().max(1) as u64) as usize;
            rows += piece.rows;
            if !self.lanes.get(lane).is_some_and(|lane| lane.send(piece)) {
                let failed = (lane < self.lanes.len()).then(|| self.lanes.swap_remove(lane).finish());
                let lost = || Error::database(&self.output.options().url, "a connection ended early", false);
                return Err(failed.and_then(Result::err).unwrap_or_else(lost));
            }
        }
        Ok(rows)
    }

    fn finish(self: Box<Self>) -> Result<Delivered> {
        let Self { output, lanes } = *self;
        for lane in lanes {
            lane.finish()?;
        }
        let mut session = output.session.lock().unwrap_or_else(PoisonError::into_inner).take();
        let session = session.as_mut();
        let Some(session) = session else {
            return Err(Error::database(&output.options().url, "not open", false));
        };
        let rows = output.conclude(session, &output.opened()?.start)?;
        Ok(Delivered { rows, files: Vec::new() })
    }
}
