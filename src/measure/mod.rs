//! Measuring: repeated runs of any work, what they cost, and the [`Record`] that keeps all of it.
//!
//! [`Runs`] calls a closure, first as warm-up, then counted, and gives one [`Run`] each time: wall time, CPU
//! time and peak resident memory. A [`Case`] adds the dataset, the [figures](Figures), the [`Grade`] and the
//! verdicts on the [`Target`] for the dataset's size; a [`Record`] holds the cases and their circumstances.
//!
//! Nothing here knows what is measured: items are claims for one tool and recordings for another, and
//! [`Record::item`] says which.
//!
//! ```
//! use driftforge::measure::{Outcome, Runs};
//!
//! let numbers: Vec<u64> = (0..10_000).collect();
//! let measured = Runs::new(1, 3).measure(
//!     || {
//!         let odd = numbers.iter().filter(|number| *number % 2 == 1).count();
//!         Ok::<_, driftforge::Error>(Outcome { items: numbers.len() as u64, events: Some(odd as u64) })
//!     },
//!     |run| println!("run {} took {} s", run.run, run.wall_seconds),
//! )?;
//! assert_eq!(measured.runs.len(), 3);
//! # Ok::<(), driftforge::Error>(())
//! ```

mod case;
mod clock;
mod grade;
mod machine;
mod memory;
mod record;
mod runs;
mod statistics;

pub use case::{Case, Coverage, Dataset, Detection, Figures, Origin, Setup};
pub use clock::process_cpu_seconds;
pub use grade::{Grade, TARGETS, Target, TargetVerdicts, UnknownGrade, Verdict};
pub use machine::Machine;
pub use memory::{Peak, PeakMemory, PeakMemorySource, peak_rss_bytes};
pub use record::{Context, FORMAT_VERSION, Record, Tool};
pub use runs::{Measured, Outcome, Run, Runs};
pub use statistics::{
    Figure, Interval, MIN_INTERVAL_VALUES, mean, median, median_absolute_deviation, median_interval,
};

/// Held by every test that resets or reads the peak, which belongs to the whole process.
#[cfg(test)]
static PEAK_OF_THE_PROCESS: std::sync::Mutex<()> = std::sync::Mutex::new(());
