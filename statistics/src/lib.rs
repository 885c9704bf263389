//! Statistics of drift, on plain numbers.
//!
//! Pure functions and small state machines: no files, clocks, threads or dataframes. What a claim, a segment or a
//! window is, the callers know.

pub mod change_points;
pub mod corrections;
pub mod parameters;
pub mod special;
pub mod streams;
pub mod two_windows;
pub mod verdict;
