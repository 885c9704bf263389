//! A table as an output: chunks are encoded by many threads, and go through one connection or several.

use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

use arrow_array::RecordBatch;

use super::copy::{CopyEncoder, Refusal};
use super::coverage::Coverage;
use super::finish::Ending;
use super::lane::{Lane, LaneTask, Piece};
use super::lock::lock;
use super::names::{TableName, quoted_list};
use super::partitions::Partitions;
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
    /// What is there through each lane: the partitions, or the whole table.
    loaded: Vec<Coverage>,
}

impl Opened {
    fn has(&self, places: &Range<u64>) -> bool {
        self.loaded.iter().all(|loaded| loaded.covers(places))
    }
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
                session.execute(&self.creation(start))?;
                session.execute(&definition.comments(table))?;
            }
            session.execute(&start.key.begin(&self.load.digest, &start.origins, start.makes_table)?)
        })
    }

    /// The statements that make the table.
    fn creation(&self, start: &Start) -> String {
        let (table, definition) = (&start.key.table, &self.load.definition);
        let unlogged = self.options().unlogged;
        match &start.partitions {
            None => definition.create(table, unlogged, ""),
            // Only what holds rows can be logged or not.
            Some(partitions) => {
                definition.create(table, false, &partitions.clause()) + &partitions.create(table, unlogged)
            }
        }
    }

    /// The connections to open: one for each partition, or as many as were asked for.
    fn start_lanes(&self, opened: &Opened) -> Result<Vec<Lane>> {
        if opened.has(&(0..self.rows.row_count())) {
            return Ok(Vec::new());
        }
        let partitions = opened.start.partitions.as_ref().map_or(&[][..], |partitions| &partitions.tables);
        if !partitions.is_empty() {
            let lane = |(number, table)| self.start_lane(opened, number, table, true);
            return partitions.iter().enumerate().map(lane).collect();
        }
        let count = self.options().connections;
        (0..count).map(|_| self.start_lane(opened, 0, &opened.start.key.table, count == 1)).collect()
    }

    fn start_lane(&self, opened: &Opened, lane: usize, table: &TableName, is_alone: bool) -> Result<Lane> {
        let names: Vec<&str> =
            self.load.definition.columns.iter().map(|column| column.name.as_str()).collect();
        let key = opened.start.key.clone();
        let made_table =
            opened.start.makes_table || opened.start.record.as_ref().is_some_and(|record| record.made_table);
        Lane::start(LaneTask {
            session: self.connect()?,
            lane,
            table: table.clone(),
            columns: quoted_list(&names),
            is_fresh: is_alone && made_table && opened.loaded[lane].is_empty(),
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
        let lanes = self.opened()?.loaded.len();
        let buffers = Buffers { rows: vec![0; lanes], bytes: vec![Vec::new(); lanes] };
        Ok(Box::new(ChunkEncoder { output: self, encoder, buffers, most_bytes: 0 }))
    }

    fn open(&self) -> Result<Box<dyn Appender + '_>> {
        let mut session = self.connect()?;
        lock(&mut session, &self.options().table)?;
        let start = self.request().examine(&mut session)?;
        self.prepare(&mut session, &start)?;
        let opened =
            self.opened.get_or_init(|| Opened { loaded: loaded(&start, start.record.as_ref()), start });
        let lanes = self.start_lanes(opened)?;
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
        Ok(Box::new(LaneAppender { output: self, lanes }))
    }

    fn has(&self, chunk: &Chunk) -> bool {
        self.opened.get().is_some_and(|opened| opened.has(&chunk.places))
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
        if !was_there && loaded(start, Some(&record)).iter().all(|loaded| loaded.covers(&(0..places))) {
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

/// What is loaded through each lane, by a record.
fn loaded(start: &Start, record: Option<&Record>) -> Vec<Coverage> {
    let lanes = start.partitions.as_ref().map_or(1, |partitions| partitions.tables.len());
    (0..lanes).map(|lane| record.map(|record| record.loaded(lane)).unwrap_or_default()).collect()
}

/// Encoded rows, for each lane.
#[derive(Clone)]
struct Buffers {
    rows: Vec<u64>,
    bytes: Vec<Vec<u8>>,
}

impl Buffers {
    fn push(
        &mut self,
        encoder: &mut CopyEncoder,
        partitions: Option<&Partitions>,
        batch: &RecordBatch,
    ) -> Result<(), Refusal> {
        let Some(partitions) = partitions else {
            self.rows[0] += batch.num_rows() as u64;
            return encoder.write(batch, &mut self.bytes[0]);
        };
        let dealt = partitions.deal(batch.columns())?;
        dealt.iter().for_each(|lane| self.rows[*lane] += 1);
        encoder.deal(batch, &dealt, &mut self.bytes)
    }

    /// Takes what a lane has, and leaves room for `bytes`.
    fn take(&mut self, lane: usize, places: Range<u64>, bytes: usize) -> Piece {
        let rows = std::mem::take(&mut self.rows[lane]);
        Piece { places, rows, bytes: std::mem::replace(&mut self.bytes[lane], Vec::with_capacity(bytes)) }
    }
}

struct ChunkEncoder<'a> {
    output: &'a PostgresOutput<'a>,
    encoder: CopyEncoder,
    buffers: Buffers,
    /// The size of the largest piece so far.
    most_bytes: usize,
}

impl ChunkEncoder<'_> {
    /// The rows of places in a lane, made again.
    fn encode_again(&mut self, lane: usize, places: Range<u64>) -> Result<Piece> {
        let output = self.output;
        let partitions = output.opened()?.start.partitions.as_ref();
        let lanes = self.buffers.rows.len();
        let mut buffers = Buffers { rows: vec![0; lanes], bytes: vec![Vec::new(); lanes] };
        let mut next = places.start;
        while next < places.end {
            let end = (next + BATCH_PLACES).min(places.end);
            let batch = output.rows.batch(next..end);
            let pushed = buffers.push(&mut self.encoder, partitions, &batch);
            pushed.map_err(|refusal| output.refusal(&refusal))?;
            next = end;
        }
        Ok(buffers.take(lane, places, 0))
    }
}

/// A piece, and the lane that it is for.
type Dealt = (usize, Piece);

impl Encoder for ChunkEncoder<'_> {
    fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let output = self.output;
        let partitions = output.opened()?.start.partitions.as_ref();
        let pushed = self.buffers.push(&mut self.encoder, partitions, batch);
        pushed.map_err(|refusal| output.refusal(&refusal))
    }

    fn end(&mut self, chunk: &Chunk) -> Result<Encoded> {
        let opened = self.output.opened()?;
        let mut pieces: Vec<Dealt> = Vec::with_capacity(opened.loaded.len());
        for (lane, loaded) in opened.loaded.iter().enumerate() {
            let piece = self.buffers.take(lane, chunk.places.clone(), self.most_bytes);
            self.most_bytes = self.most_bytes.max(piece.bytes.len());
            let missing = loaded.missing(&chunk.places);
            if missing == [chunk.places.clone()] {
                pieces.push((lane, piece));
                continue;
            }
            // A table may have any number of rows for a place, so that the rows at hand cannot be told apart.
            for places in missing {
                pieces.push((lane, self.encode_again(lane, places)?));
            }
        }
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
        let is_dealt = self.output.opened()?.start.partitions.is_some();
        for (lane, piece) in unpack::<Vec<Dealt>>(encoded) {
            // Connections that share a table take turns.
            let turn = (chunk.index % self.lanes.len().max(1) as u64) as usize;
            let lane = if is_dealt { lane } else { turn };
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
