//! Source to summaries.
//!
//! Every engine gives *equal* [`Summaries`] for the same source and plan: they are integers, so equal
//! means equal.

mod native;

use crate::Result;
use crate::sources::Source;
use crate::summaries::{Plan, Summaries};

pub use native::Native;

/// Folds rows into summaries.
pub trait Engine: Send + Sync {
    /// What the user is told of the engine.
    fn about(&self) -> EngineAbout;

    /// Summarises the rows of `source`, whose columns are those of the plan's mapping, by segment and by the windows
    /// and buckets of the plan's grid.
    ///
    /// # Errors
    /// Whatever reading the source gives, and [`crate::Error::Input`] for more than
    /// [`crate::summaries::MAX_SEGMENTS`] segments.
    fn summarize(&self, source: &dyn Source, plan: &Plan) -> Result<Summaries>;
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
