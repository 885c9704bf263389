//! Source to summaries.
//!
//! Every engine gives *equal* [`Summaries`] for the same source and grid: they are integers, so equal
//! means equal.

mod native;

use crate::Result;
use crate::sources::Source;
use crate::summaries::{Grid, Summaries};

pub use native::Native;

/// Folds claims into summaries.
pub trait Engine: Send + Sync {
    /// What the user is told of the engine.
    fn about(&self) -> EngineAbout;

    /// Summarises the claims of `source` by segment and by the windows and buckets of `grid`.
    ///
    /// # Errors
    /// Whatever reading the source gives, and [`crate::Error::Input`] for more than
    /// [`crate::summaries::MAX_SEGMENTS`] segments.
    fn summarize(&self, source: &dyn Source, grid: &Grid) -> Result<Summaries>;
}

/// What the user is told of an engine.
#[derive(Debug, Clone, Copy)]
pub struct EngineAbout {
    /// The registry name.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
}

/// An engine that can be asked for by name.
#[derive(Debug, Clone, Copy)]
pub struct EngineEntry {
    /// What the user is told.
    pub about: EngineAbout,
    /// Makes the engine with a number of threads.
    pub build: fn(usize) -> Result<Box<dyn Engine>>,
}

/// The engines there are; the first is the default.
pub const ENGINES: &[EngineEntry] =
    &[EngineEntry { about: native::ABOUT, build: |threads| Ok(Box::new(Native::new(threads)?)) }];

#[cfg(test)]
mod tests;
