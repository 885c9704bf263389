//! The contract between engines and detectors: integers per segment, metric, window and bucket.
//!
//! A segment is a combination of values of the mapping's segment columns. For every segment the [`Summaries`] hold,
//! per bucket of the [`Grid`], the tallies of rates and the moments of values; and, per window, the distributions of
//! values and categories. All of it is integers, so merging is exact, commutative and associative: any number of
//! threads, any split of the rows and any engine give *equal* summaries.
//!
//! Memory grows with the segments that occur, never with the rows.

mod counts;
mod day;
mod grid;
mod histogram;
pub mod log_code;
mod plan;
mod regrid;
mod segments;
mod state;
mod view;

pub use counts::{Moments, Tally};
pub use day::{Day, DayRange, ParseDayError};
pub use grid::{Grid, MAX_WINDOW_DAYS, WindowPair};
pub use histogram::Histogram;
pub use plan::{Keep, Plan};
pub use segments::{
    Categories, MAX_SEGMENTS, MetricSummary, Segment, SegmentSummary, Strata, Summaries, ValueSummary,
};
pub use view::SegmentView;
