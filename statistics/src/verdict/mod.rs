//! The verdict: whether a panel of segments has drifted, where, and by how much.
//!
//! A [`Panel`] holds integers per segment, metric and day, of a history and a current window.

mod cell;
mod options;
mod panel;

pub use cell::{Cell, Change, Extent, Outcome, Verdict};
pub use options::{Minimum, Options, OptionsError};
pub use panel::{
    CategoryCount, LOOKBACK_DAYS, MAX_CATEGORIES, Metric, Panel, PanelError, Parts, Pending, RateStratum,
    Scale, ValueCount, ValueStratum,
};
