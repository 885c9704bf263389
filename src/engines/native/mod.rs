//! The engine of this crate: threads that count codes in dense tables.
//!
//! Each thread takes the next partition and adds its batches to an accumulator of its own; at the end the
//! accumulators become summaries and are merged. Nothing is hashed per row, no text is touched per row,
//! and nothing is shared while counting.

mod accumulator;
mod cells;
mod chunk;
mod codes;
mod counted;
mod days;
mod finder;
mod histograms;
mod lane;
mod layout;
mod moments;
mod resolver;
mod segment_index;
mod sparse;
mod sums;
mod values;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{Engine, EngineAbout};
use crate::sources::{Partition, Source};
use crate::summaries::{MAX_SEGMENTS, Plan, Summaries};
use crate::{Error, Result};
use accumulator::Accumulator;

pub(in crate::engines) use segment_index::too_many as too_many_segments;

pub(super) const ABOUT: EngineAbout = EngineAbout {
    name: "native",
    about: "counts dictionary codes in dense tables, one accumulator per thread",
};

/// The most threads that may be asked for.
const MAX_THREADS: usize = 1_024;

/// Counts rows with a thread pool of its own.
#[derive(Debug)]
pub struct Native {
    pool: ThreadPool,
}

impl Native {
    /// An engine with `threads` threads, which live as long as it does.
    ///
    /// # Errors
    /// [`Error::Option`] for 0 or more than 1,024 threads, or when the system refuses them.
    pub fn new(threads: usize) -> Result<Self> {
        if threads == 0 || threads > MAX_THREADS {
            return Err(Error::option("threads", threads, format!("1 to {MAX_THREADS} threads")));
        }
        let pool =
            ThreadPoolBuilder::new().num_threads(threads).thread_name(|index| format!("native-{index}"));
        let pool = pool.build().map_err(|error| Error::option("threads", threads, error.to_string()))?;
        Ok(Self { pool })
    }
}

impl Engine for Native {
    fn about(&self) -> EngineAbout {
        ABOUT
    }

    fn summarize(&self, source: &dyn Source, plan: &Plan) -> Result<Summaries> {
        let partitions = source.partitions(plan.grid.span());
        let queue =
            Queue { partitions: &partitions, next: AtomicUsize::new(0), failed: AtomicBool::new(false) };
        let parts: Vec<Result<Summaries>> = self.pool.broadcast(|_| queue.work(source, plan));
        let mut whole = Summaries::empty(plan.clone());
        for part in parts {
            whole.merge(part?);
        }
        // Each thread keeps the limit for itself; together they may pass it.
        match whole.segments().keys().nth(MAX_SEGMENTS) {
            Some(segment) => Err(segment_index::too_many(segment)),
            None => Ok(whole),
        }
    }
}

/// The partitions that no thread has taken yet.
struct Queue<'a> {
    partitions: &'a [Partition],
    next: AtomicUsize,
    /// Set on the first error, so that the other threads stop early.
    failed: AtomicBool,
}

impl Queue<'_> {
    /// Adds up partitions until none is left.
    fn work(&self, source: &dyn Source, plan: &Plan) -> Result<Summaries> {
        let mut accumulator = Accumulator::new(plan);
        while let Some(partition) = self.take() {
            if let Err(error) = add_partition(source, partition, &mut accumulator) {
                self.failed.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(accumulator.into_summaries())
    }

    fn take(&self) -> Option<&Partition> {
        if self.failed.load(Ordering::Relaxed) {
            return None;
        }
        self.partitions.get(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

fn add_partition(source: &dyn Source, partition: &Partition, accumulator: &mut Accumulator) -> Result<()> {
    for batch in source.read(partition)? {
        accumulator.add(&batch?)?;
    }
    Ok(())
}
