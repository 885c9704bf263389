//! Where a series changes: segmentations by cost, and the probability of a change online.
//!
//! A [`Series`] is checked once; a [`Cost`] is prepared from it; a method cuts it. The cuts are those of ruptures 1.1.10 on
//! the same values where ruptures has the method and the cost; `statistics/tests/change_points.rs` holds them against it.

pub mod annotations;
mod binary_segmentation;
mod bottom_up;
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
