//! Source to summaries.
//!
//! Every engine gives *equal* [`Summaries`] for the same source and plan: they are integers, so equal
//! means equal.

mod comparison;
mod grouping;
mod native;
mod postgres;

use crate::sources::{Location, Source};
use crate::summaries::{Plan, Summaries};
use crate::{Error, Result};

pub use comparison::{EngineComparison, EngineCost, first_difference};
pub use native::Native;
pub use postgres::Postgres;

/// Folds rows into summaries.
pub trait Engine: Send + Sync {
    /// What the user is told of the engine.
    fn about(&self) -> EngineAbout;

    /// Summarises the rows of `source`, whose columns are those of the plan's mapping, by segment and by the windows
    /// and buckets of the plan's grid.
    ///
    /// # Errors
    /// [`Error::Option`] naming `engine` for a source that the engine cannot read, see [`EngineEntry::reads`];
    /// whatever reading the source gives, and [`Error::Input`] for more than
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
    /// Whether it can read what lies there.
    pub reads: fn(&Location) -> bool,
    /// Makes the engine with a number of threads.
    pub build: fn(usize) -> Result<Box<dyn Engine>>,
}

/// The engines there are; the first is the default.
pub const ENGINES: &[EngineEntry] = &[
    EngineEntry {
        about: native::ABOUT,
        reads: |_| true,
        build: |threads| Ok(Box::new(Native::new(threads)?)),
    },
    EngineEntry { about: postgres::ABOUT, reads: postgres::reads, build: |_| Ok(Box::new(Postgres)) },
];

/// The engine of that name.
///
/// # Errors
/// [`Error::Option`] naming those there are, or the threads that it cannot have.
pub fn engine(name: &str, threads: usize) -> Result<Box<dyn Engine>> {
    let Some(entry) = ENGINES.iter().find(|entry| entry.about.name == name) else {
        let names: Vec<&str> = ENGINES.iter().map(|entry| entry.about.name).collect();
        return Err(Error::option("engine", name, format!("there are: {}", names.join(", "))));
    };
    (entry.build)(threads)
}

/// The error of an engine for a source that it cannot read.
fn refusal(engine: &'static str, location: &Location) -> Error {
    let able = ENGINES.iter().filter(|entry| (entry.reads)(location)).map(|entry| entry.about.name);
    let able = able.collect::<Vec<_>>().join(", ");
    Error::option("engine", engine, format!("cannot read {location}; engines that can: {able}"))
}

#[cfg(test)]
mod tests;
