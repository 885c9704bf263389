//! The contract between engines and detectors: integer counts per segment, window and bucket.
//!
//! A segment is a pair (payer, CPT group). For every segment the [`Summaries`] hold, per window of the
//! [`Grid`], how many claims were decided after how many days, split by outcome; and, per bucket of the
//! grid, how many claims had which outcome. All of it is integers, so merging is exact, commutative and
//! associative: any number of threads, any split of the rows and any engine give *equal* summaries.
//!
//! Memory grows with the segments that occur, never with the rows.

mod day;
mod grid;
mod histogram;
mod outcome;
mod segments;

pub use day::{Day, DayRange, ParseDayError};
pub use grid::{Grid, MAX_WINDOW_DAYS, WindowPair};
pub use histogram::DelayHistogram;
pub use outcome::{Outcome, OutcomeCounts};
pub use segments::{MAX_SEGMENTS, Segment, SegmentSummary, Summaries, WindowSummary};
