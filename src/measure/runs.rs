//! Repeated runs of one piece of work, each with what it cost.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::clock::process_cpu_seconds;
use super::memory::{PeakMemory, PeakMemorySource};

/// What the work itself reports of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Items that the run *read*, not those that lie in the dataset: throughput is over these.
    pub items: u64,
    /// Events that the run found; `None` for work that looks for none.
    pub events: Option<u64>,
}

/// One counted run, raw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Number of the run, from 1; warm-up runs have none.
    pub run: u32,
    /// Elapsed time in seconds.
    pub wall_seconds: f64,
    /// CPU time of all threads in seconds; `None` on systems without such a clock.
    pub cpu_seconds: Option<f64>,
    /// Highest resident memory of the whole process during the run, in bytes; `None` where it is not shown.
    pub peak_rss_bytes: Option<u64>,
    /// Items read.
    pub items: u64,
    /// Items read per second of elapsed time; `None` when nothing was read or the clock saw no time pass.
    pub items_per_second: Option<f64>,
    /// Events found; `None` for work that looks for none.
    pub events: Option<u64>,
}

/// The counted runs of one piece of work, in the order they were made.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Runs made before the counted ones.
    pub warm_up_runs: u32,
    /// The counted runs.
    pub runs: Vec<Run>,
    /// How their peaks were found; the weaker source when they differ, `None` when none was.
    pub peak_memory_source: Option<PeakMemorySource>,
}

/// How often work is run: first warm-up runs that are not counted, then counted ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runs {
    warm_up: u32,
    counted: u32,
}

impl Runs {
    /// `warm_up` runs that are not counted, then `counted` ones.
    #[must_use]
    pub fn new(warm_up: u32, counted: u32) -> Self {
        Self { warm_up, counted }
    }

    /// Runs `work` and calls `each` after every counted run, outside the clock.
    ///
    /// Whatever `work` needs is prepared before and captured; what it gives besides its [`Outcome`] it can
    /// leave in a captured variable. The peak belongs to the whole process: one measurement at a time.
    ///
    /// # Errors
    /// The first error of `work`, warm-up runs included, ends the measurement.
    pub fn measure<E>(
        self,
        mut work: impl FnMut() -> Result<Outcome, E>,
        mut each: impl FnMut(&Run),
    ) -> Result<Measured, E> {
        for _ in 0..self.warm_up {
            work()?;
        }
        let mut measured =
            Measured { warm_up_runs: self.warm_up, runs: Vec::new(), peak_memory_source: None };
        for run in 1..=self.counted {
            let (run, source) = measure_one(run, &mut work)?;
            each(&run);
            measured.runs.push(run);
            measured.peak_memory_source = weaker(measured.peak_memory_source, source);
        }
        Ok(measured)
    }
}

fn measure_one<E>(
    run: u32,
    work: &mut impl FnMut() -> Result<Outcome, E>,
) -> Result<(Run, Option<PeakMemorySource>), E> {
    let memory = PeakMemory::start();
    let cpu_at_start = process_cpu_seconds();
    let started = Instant::now();
    let outcome = work()?;
    let wall_seconds = started.elapsed().as_secs_f64();
    let cpu_at_end = process_cpu_seconds();
    let peak = memory.finish();
    let run = Run {
        run,
        wall_seconds,
        cpu_seconds: cpu_at_end.zip(cpu_at_start).map(|(end, start)| (end - start).max(0.0)),
        peak_rss_bytes: peak.map(|peak| peak.rss_bytes),
        items: outcome.items,
        items_per_second: items_per_second(outcome.items, wall_seconds),
        events: outcome.events,
    };
    Ok((run, peak.map(|peak| peak.source)))
}

/// A run that read nothing has no speed: 0 would be graded as slow.
fn items_per_second(items: u64, wall_seconds: f64) -> Option<f64> {
    (items > 0 && wall_seconds > 0.0).then(|| items as f64 / wall_seconds)
}

fn weaker(a: Option<PeakMemorySource>, b: Option<PeakMemorySource>) -> Option<PeakMemorySource> {
    match (a, b) {
        (Some(PeakMemorySource::Sampled), _) | (_, Some(PeakMemorySource::Sampled)) => {
            Some(PeakMemorySource::Sampled)
        }
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;
    use crate::measure::PEAK_OF_THE_PROCESS;

    #[test]
    fn warm_up_runs_are_made_but_not_counted() {
        let _lock = PEAK_OF_THE_PROCESS.lock();
        let calls = Cell::new(0);
        let mut seen = Vec::new();
        let measured = Runs::new(2, 3)
            .measure(
                || {
                    calls.set(calls.get() + 1);
                    Ok::<_, ()>(Outcome { items: calls.get(), events: None })
                },
                |run| seen.push((run.run, run.items)),
            )
            .unwrap();
        assert_eq!(calls.get(), 5);
        assert_eq!(seen, [(1, 3), (2, 4), (3, 5)]);
        assert_eq!(measured.runs.iter().map(|run| run.items).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(measured.warm_up_runs, 2);
    }

    #[test]
    fn throughput_is_items_over_elapsed_time() {
        let _lock = PEAK_OF_THE_PROCESS.lock();
        let pause = Duration::from_millis(20);
        let work = || {
            sleep(pause);
            Ok::<_, ()>(Outcome { items: 1_000, events: Some(7) })
        };
        let measured = Runs::new(0, 1).measure(work, |_| ()).unwrap();
        let [run] = measured.runs.as_slice() else { panic!("{measured:?}") };
        assert!(run.wall_seconds >= pause.as_secs_f64());
        assert_eq!(run.items_per_second, Some(1_000.0 / run.wall_seconds));
        assert_eq!(run.events, Some(7));
        #[cfg(target_os = "linux")]
        assert!(run.cpu_seconds.is_some() && run.peak_rss_bytes.is_some());
    }

    #[test]
    fn a_run_that_reads_nothing_has_no_throughput() {
        let _lock = PEAK_OF_THE_PROCESS.lock();
        let work = || {
            sleep(Duration::from_millis(1));
            Ok::<_, ()>(Outcome { items: 0, events: Some(0) })
        };
        let measured = Runs::new(0, 1).measure(work, |_| ()).unwrap();
        let [run] = measured.runs.as_slice() else { panic!("{measured:?}") };
        assert!(run.wall_seconds > 0.0);
        assert_eq!((run.items, run.items_per_second), (0, None));
        assert_eq!(items_per_second(1, 0.0), None);
    }

    #[test]
    fn the_first_error_ends_the_measurement() {
        let _lock = PEAK_OF_THE_PROCESS.lock();
        let mut calls = 0;
        let failing = || {
            calls += 1;
            if calls == 2 { Err("second") } else { Ok(Outcome { items: 1, events: None }) }
        };
        let mut seen = 0;
        assert_eq!(Runs::new(0, 5).measure(failing, |_| seen += 1), Err("second"));
        assert_eq!((calls, seen), (2, 1));
    }

    #[test]
    fn a_single_sampled_run_makes_the_whole_sampled() {
        let (mark, sampled) = (Some(PeakMemorySource::HighWaterMark), Some(PeakMemorySource::Sampled));
        assert_eq!(weaker(mark, sampled), sampled);
        assert_eq!(weaker(sampled, None), sampled);
        assert_eq!(weaker(None, mark), mark);
        assert_eq!(weaker(None, None), None);
    }
}
