//! Chunks are encoded by many threads and appended in order, to one output or several.
//!
//! Each thread takes the next chunk, makes its batches, hands each to an encoder of every output, waits until
//! the chunks before it are appended, and appends its own. A thread has one chunk at a time, so memory is
//! bounded by the threads; all threads wait for the slowest, which costs little since chunks are of one size.

use std::any::Any;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::output::{Appender, Chunk, Delivered, Encoded, Encoder, Output};
use super::parts::Part;
use super::{Job, Progress, Rows, Table};
use crate::{Error, Result};

/// Rows to write: those of one table, in all parts of a job, in order.
pub(super) struct Work<'a> {
    rows: &'a dyn Rows,
    parts: Vec<ChunkedPart>,
    chunk_rows: u64,
    batch_rows: u64,
    threads: usize,
    progress: &'a dyn Progress,
    stop: &'a AtomicBool,
}

/// A part, and the number of the first chunk behind its last.
struct ChunkedPart {
    part: Part,
    chunks_end: u64,
}

impl<'a> Work<'a> {
    /// The rows of a table of the job.
    pub(super) fn new(job: &Job<'a>, table: &Table<'a>) -> Self {
        let chunk_rows = job.chunk_places(table);
        let mut chunks_end = 0;
        let parts = job.parts.ranges(table.rows.row_count()).map(|part| {
            // A part without places has a chunk too, since its file is still to be made.
            chunks_end += (part.places.end - part.places.start).div_ceil(chunk_rows).max(1);
            ChunkedPart { part, chunks_end }
        });
        Self {
            rows: table.rows,
            parts: parts.collect(),
            chunk_rows,
            batch_rows: job.options.batch_rows,
            threads: job.options.threads,
            progress: job.progress,
            stop: job.stop,
        }
    }

    fn chunk_count(&self) -> u64 {
        self.parts.last().map_or(0, |last| last.chunks_end)
    }

    /// The chunk of this number, counted over all parts; `None` behind the last.
    fn chunk(&self, index: u64) -> Option<Chunk> {
        let position = self.parts.partition_point(|part| part.chunks_end <= index);
        let part = self.parts.get(position)?.part.clone();
        let before = position.checked_sub(1).map_or(0, |previous| self.parts[previous].chunks_end);
        let start = part.places.start + (index - before) * self.chunk_rows;
        let places = start..start.saturating_add(self.chunk_rows).min(part.places.end);
        Some(Chunk { index, part, places })
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Writes the work to every output, in one pass. Returns what each took.
///
/// # Errors
/// The first error of an output; [`Error::Interrupted`] when the work is stopped.
pub(super) fn write(outputs: &[&dyn Output], work: &Work) -> Result<Vec<Delivered>> {
    let appenders = outputs.iter().map(|output| output.open()).collect::<Result<Vec<_>>>()?;
    let line = Line::new(appenders);
    if let Some(panic) = run(outputs, work, &line) {
        panic::resume_unwind(panic);
    }
    line.into_appenders()?.into_iter().map(Appender::finish).collect()
}

/// A chunk's turn to be appended.
struct Line<'a> {
    state: Mutex<State<'a>>,
    moved: Condvar,
    /// The next chunk that nobody has taken.
    untaken: AtomicU64,
    /// Raised with the first error, so that the other threads do not finish work in vain.
    halted: AtomicBool,
}

struct State<'a> {
    appenders: Vec<Box<dyn Appender + 'a>>,
    /// The next chunk to append.
    next: u64,
    error: Option<Error>,
}

impl<'a> Line<'a> {
    fn new(appenders: Vec<Box<dyn Appender + 'a>>) -> Self {
        Self {
            state: Mutex::new(State { appenders, next: 0, error: None }),
            moved: Condvar::new(),
            untaken: AtomicU64::new(0),
            halted: AtomicBool::new(false),
        }
    }

    /// A panic elsewhere is passed on once all threads have ended; until then the state is as good as ever.
    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_halted(&self) -> bool {
        self.halted.load(Ordering::Relaxed)
    }

    /// Ends the work; the first error is kept. Without one, a panic is on its way.
    fn halt(&self, error: Option<Error>) {
        let mut state = self.lock();
        if state.error.is_none() {
            state.error = error;
        }
        self.halted.store(true, Ordering::Relaxed);
        drop(state);
        self.moved.notify_all();
    }

    /// The appenders once it is this chunk's turn; `None` when the work has been halted.
    fn wait_for(&self, chunk: u64) -> Option<MutexGuard<'_, State<'a>>> {
        let mut state = self.lock();
        while state.next != chunk && !self.is_halted() {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        (!self.is_halted()).then_some(state)
    }

    fn into_appenders(self) -> Result<Vec<Box<dyn Appender + 'a>>> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match state.error {
            None => Ok(state.appenders),
            Some(error) => Err(error),
        }
    }
}

/// Runs the threads to their end. Returns the panic of one of them, if there was any.
fn run(outputs: &[&dyn Output], work: &Work, line: &Line) -> Option<Box<dyn Any + Send>> {
    let threads = work.threads.min(usize::try_from(work.chunk_count()).unwrap_or(usize::MAX));
    thread::scope(|scope| {
        let mut handles = Vec::with_capacity(threads.min(1024));
        for _ in 0..threads {
            let spawned = thread::Builder::new().spawn_scoped(scope, || {
                // Without this, a thread that panics would leave the others waiting for its chunk forever.
                let ended = panic::catch_unwind(AssertUnwindSafe(|| work_through(outputs, work, line)));
                ended.unwrap_or_else(|panic| {
                    line.halt(None);
                    panic::resume_unwind(panic)
                });
            });
            match spawned {
                Ok(handle) => handles.push(handle),
                Err(error) => {
                    let problem = format!("the system gives no more than {}: {error}", handles.len());
                    line.halt(Some(Error::option("threads", work.threads, problem)));
                    break;
                }
            }
        }
        handles.into_iter().fold(None, |panic, handle| panic.or(handle.join().err()))
    })
}

/// What one thread does.
fn work_through(outputs: &[&dyn Output], work: &Work, line: &Line) {
    if let Err(error) = try_work_through(outputs, work, line) {
        line.halt(Some(error));
    }
}

fn try_work_through(outputs: &[&dyn Output], work: &Work, line: &Line) -> Result<()> {
    let mut encoders = outputs.iter().map(|output| output.encoder()).collect::<Result<Vec<_>>>()?;
    loop {
        let index = line.untaken.fetch_add(1, Ordering::Relaxed);
        let Some(chunk) = work.chunk(index) else { return Ok(()) };
        let wanted: Vec<bool> = outputs.iter().map(|output| !output.has(&chunk)).collect();
        let Some(encoded) = encode(&mut encoders, &wanted, &chunk, work, line)? else { return Ok(()) };
        let Some(mut state) = line.wait_for(index) else { return Ok(()) };
        for (appender, encoded) in state.appenders.iter_mut().zip(encoded) {
            if let Some(encoded) = encoded {
                appender.append(&chunk, encoded)?;
            }
        }
        state.next += 1;
        work.progress.places_written(chunk.places.end - chunk.places.start);
        drop(state);
        line.moved.notify_all();
    }
}

/// The chunk as each output that wants it has it; `None` when another thread has halted the work.
fn encode(
    encoders: &mut [Box<dyn Encoder + '_>],
    wanted: &[bool],
    chunk: &Chunk,
    work: &Work,
    line: &Line,
) -> Result<Option<Vec<Option<Encoded>>>> {
    let mut rest = if wanted.contains(&true) { chunk.places.clone() } else { 0..0 };
    let mut encode = || {
        while !rest.is_empty() && !line.is_halted() && !work.is_stopped() {
            let batch = work.rows.batch(next_places(&mut rest, work.batch_rows));
            for (encoder, _) in encoders.iter_mut().zip(wanted).filter(|(_, wanted)| **wanted) {
                encoder.push(&batch)?;
            }
        }
        let ended = encoders.iter_mut().zip(wanted);
        ended.map(|(encoder, wanted)| wanted.then(|| encoder.end(chunk)).transpose()).collect()
    };
    let encoded: Result<Vec<_>> = encode();
    // Either ends the batches early: what was encoded of them is not the chunk, and an error may come of that.
    if work.is_stopped() {
        return Err(Error::Interrupted);
    }
    if line.is_halted() { Ok(None) } else { encoded.map(Some) }
}

/// Takes the places of the next batch. Batches end at multiples of the batch size, counted in the whole dataset,
/// so that a generator that works in blocks makes no block twice.
fn next_places(rest: &mut Range<u64>, batch_rows: u64) -> Range<u64> {
    let start = rest.start;
    let next_multiple = (start / batch_rows + 1).saturating_mul(batch_rows);
    rest.start = next_multiple.min(rest.end);
    start..rest.start
}
