//! Chunks are encoded by many threads and appended in order.
//!
//! Each thread takes the next chunk, makes and encodes its batches, waits until the chunks before it are
//! appended, and appends its own. A thread has one chunk at a time, so memory is bounded by the threads;
//! all threads wait for the slowest, which costs little since chunks are of one size.

use std::any::Any;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use arrow_array::RecordBatch;

use super::parts::Part;
use super::{Job, Progress, Rows, Sink};
use crate::{Error, Result};

/// Rows to write to one output.
pub(super) struct Work<'a> {
    rows: &'a dyn Rows,
    range: Range<u64>,
    chunk_rows: u64,
    batch_rows: u64,
    threads: usize,
    progress: &'a dyn Progress,
    stop: &'a AtomicBool,
}

impl<'a> Work<'a> {
    /// The rows of one part of the job.
    pub(super) fn new(job: &Job<'a>, part: &Part) -> Self {
        Self {
            rows: job.rows,
            range: part.rows.clone(),
            chunk_rows: job.options.row_group_rows,
            batch_rows: job.options.batch_rows,
            threads: job.options.threads,
            progress: job.progress,
            stop: job.stop,
        }
    }

    fn chunk_count(&self) -> u64 {
        (self.range.end - self.range.start).div_ceil(self.chunk_rows)
    }

    fn chunk(&self, index: u64) -> Range<u64> {
        let start = self.range.start + index * self.chunk_rows;
        start..start.saturating_add(self.chunk_rows).min(self.range.end)
    }
}

/// Writes the work through the sink.
///
/// # Errors
/// The first error of the sink; [`Error::Interrupted`] when the work is stopped. The sink is abandoned then.
pub(super) fn write<S: Sink>(sink: &S, work: &Work) -> Result<S::Done> {
    let done = sink.open().and_then(|output| {
        let line = Line::new(output);
        let panicked = run(sink, work, &line);
        if let Some(panic) = panicked {
            sink.abandon();
            panic::resume_unwind(panic);
        }
        sink.finish(line.into_output()?)
    });
    done.inspect_err(|_| sink.abandon())
}

/// A chunk's turn to be appended.
struct Line<O> {
    state: Mutex<State<O>>,
    moved: Condvar,
    /// The next chunk that nobody has taken.
    untaken: AtomicU64,
    /// Raised with the first error, so that the other threads do not finish work in vain.
    halted: AtomicBool,
}

struct State<O> {
    output: O,
    /// The next chunk to append.
    next: u64,
    error: Option<Error>,
}

impl<O> Line<O> {
    fn new(output: O) -> Self {
        Self {
            state: Mutex::new(State { output, next: 0, error: None }),
            moved: Condvar::new(),
            untaken: AtomicU64::new(0),
            halted: AtomicBool::new(false),
        }
    }

    /// A panic elsewhere is passed on once all threads have ended; until then the state is as good as ever.
    fn lock(&self) -> MutexGuard<'_, State<O>> {
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

    /// The output once it is this chunk's turn; `None` when the work has been halted.
    fn wait_for(&self, chunk: u64) -> Option<MutexGuard<'_, State<O>>> {
        let mut state = self.lock();
        while state.next != chunk && !self.is_halted() {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        (!self.is_halted()).then_some(state)
    }

    fn into_output(self) -> Result<O> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match state.error {
            None => Ok(state.output),
            Some(error) => Err(error),
        }
    }
}

/// Runs the threads to their end. Returns the panic of one of them, if there was any.
fn run<S: Sink>(sink: &S, work: &Work, line: &Line<S::Output>) -> Option<Box<dyn Any + Send>> {
    let threads = work.threads.min(usize::try_from(work.chunk_count()).unwrap_or(usize::MAX));
    thread::scope(|scope| {
        let mut handles = Vec::with_capacity(threads.min(1024));
        for _ in 0..threads {
            let spawned = thread::Builder::new().spawn_scoped(scope, || {
                // Without this, a thread that panics would leave the others waiting for its chunk forever.
                let ended = panic::catch_unwind(AssertUnwindSafe(|| work_through(sink, work, line)));
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
fn work_through<S: Sink>(sink: &S, work: &Work, line: &Line<S::Output>) {
    if let Err(error) = try_work_through(sink, work, line) {
        line.halt(Some(error));
    }
}

fn try_work_through<S: Sink>(sink: &S, work: &Work, line: &Line<S::Output>) -> Result<()> {
    let mut scratch = sink.scratch()?;
    loop {
        let index = line.untaken.fetch_add(1, Ordering::Relaxed);
        if index >= work.chunk_count() || line.is_halted() {
            return Ok(());
        }
        let mut batches = Batches { work, halted: &line.halted, rest: work.chunk(index) };
        let chunk = sink.encode(&mut scratch, &mut batches);
        // A stop ends the batches early: what was encoded of them is not the chunk.
        if work.stop.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        let chunk = chunk?;
        let Some(mut state) = line.wait_for(index) else { return Ok(()) };
        let rows = sink.append(&mut state.output, chunk)?;
        state.next += 1;
        work.progress.rows_written(rows);
        drop(state);
        line.moved.notify_all();
    }
}

/// The batches of a chunk. They end at multiples of the batch size, counted in the whole dataset, so that a
/// generator that works in blocks makes no block twice.
struct Batches<'a> {
    work: &'a Work<'a>,
    halted: &'a AtomicBool,
    rest: Range<u64>,
}

impl Iterator for Batches<'_> {
    type Item = RecordBatch;

    fn next(&mut self) -> Option<RecordBatch> {
        let stopped = self.halted.load(Ordering::Relaxed) || self.work.stop.load(Ordering::Relaxed);
        if self.rest.is_empty() || stopped {
            return None;
        }
        let start = self.rest.start;
        let next_multiple = (start / self.work.batch_rows + 1).saturating_mul(self.work.batch_rows);
        self.rest.start = next_multiple.min(self.rest.end);
        Some(self.work.rows.batch(start..self.rest.start))
    }
}
