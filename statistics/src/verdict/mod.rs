//! The verdict: whether a panel of segments has drifted, where, and by how much.
//!
//! A [`Panel`] holds integers per segment, metric and day, of a history and a current window. [`judge`] learns the state
//! before from all segments together, compares every course that a change of the last weeks may have taken with
//! no change, by likelihood ratios, and learns from the whole panel how often, how much and when metrics drift. What it
//! reports is expected to be false in no more than the share of cases that [`Options::level`] allows.
//!
//! - state before: `margins` (partial pooling), `shape`, and `rates`, `values`, `mixes`, `volumes` for the kinds of metrics;
//! - evidence: `effects` × `profiles`, added up over days;
//! - decision: `prior` (two groups, empirical Bayes), `fdr`, and `judge`; `posterior`, `extent` and `power` say how a
//!   cell changed, how far that reaches, and what it could have shown.
//!
//! [`oracle`] is the bound: the same decision by one who knows the truth.

mod cell;
mod effects;
mod evidence;
mod extent;
mod fdr;
mod judge;
mod margins;
mod mixes;
mod options;
mod oracle;
mod panel;
mod posterior;
mod power;
mod prior;
mod profiles;
mod rates;
mod shape;
mod values;
mod volumes;

pub use cell::{Cell, Change, Extent, Outcome, Verdict};
pub use judge::judge;
pub use options::{Minimum, Options, OptionsError};
pub use oracle::{TrueDrift, TrueEffect, Truth, oracle};
pub use panel::{
    CategoryCount, LOOKBACK_DAYS, MAX_CATEGORIES, Metric, Panel, PanelError, Parts, Pending, RateStratum,
    Scale, ValueCount, ValueStratum,
};
