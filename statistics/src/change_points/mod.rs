//! Where a series changes: segmentations by cost, and the probability of a change online.
//!
//! To add a method: one file with a function, a `Method` or a [`ChangePoints`] and its [`ChangePointKind`], and its line
//! in [`CHANGE_POINTS`].
//!
//! A [`Series`] is checked once; a [`Cost`] is prepared from it; a method cuts it. The cuts are those of ruptures 1.1.10 on
//! the same values where ruptures has the method and the cost; `statistics/tests/change_points.rs` holds them against it.

pub mod annotations;
mod binary_segmentation;
pub mod bocpd;
mod bottom_up;
mod by_cost;
pub mod costs;
mod cuts;
pub mod detections;
mod dynamic_programming;
mod error;
mod pelt;
mod seasons;
mod series;
mod sliding_window;

pub use binary_segmentation::binary_segmentation;
pub use bottom_up::bottom_up;
pub use costs::Cost;
pub use cuts::{Cuts, Segmentation, Stop};
pub use dynamic_programming::dynamic_programming;
pub use error::ChangePointError;
pub use pelt::{Pruning, pelt};
pub use series::{Counts, Events, LARGEST, Numbers, Series};
pub use sliding_window::sliding_window;

use crate::parameters::{Given, Parameter, ParameterError};
use std::fmt::Debug;

/// A way to find the changes of a series.
pub trait ChangePoints: Debug + Send + Sync {
    /// The changes of a series, and the cost of the segments between them.
    ///
    /// # Errors
    /// If the cost or model is not for this kind of series, or the series is too short or too long for it.
    fn find(&self, series: &Series) -> Result<Segmentation, ChangePointError>;
}

/// A method, or why there is none.
type Built = Result<Box<dyn ChangePoints>, ParameterError>;

/// A method as the registry has it.
#[derive(Debug, Clone, Copy)]
pub struct ChangePointKind {
    /// The name it is asked for by.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// Who described it.
    pub reference: &'static str,
    build: fn(&[Given<'_>]) -> Built,
}

impl ChangePointKind {
    /// Builds the method from parameters by name; those that are not given have their defaults.
    ///
    /// # Errors
    /// If a parameter is unknown, given twice, not allowed or contradicts another.
    pub fn build(&self, given: &[Given<'_>]) -> Built {
        (self.build)(given)
    }
}

/// All methods that find changes.
pub static CHANGE_POINTS: &[ChangePointKind] = &[
    pelt::KIND,
    binary_segmentation::KIND,
    dynamic_programming::KIND,
    bottom_up::KIND,
    sliding_window::KIND,
    bocpd::KIND,
];

/// The method called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static ChangePointKind> {
    CHANGE_POINTS.iter().find(|kind| kind.name == name)
}
