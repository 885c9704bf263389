//! Which columns of a table mean what: the time, the segments, and the metrics that may drift.
//!
//! A mapping is a TOML file, so a table of one's own needs no code. Built-in ones are compiled in from
//! `schemas/mappings/`; to add one: the file, and its line in [`BUILT_IN`].

mod filter;
mod mapping;
mod metric;
mod raw;

use std::path::Path;
use std::sync::Arc;

use crate::{Error, Result};

pub use filter::{Condition, Filter};
pub use mapping::{Instead, MAX_METRICS, MAX_SEGMENT_COLUMNS, Mapping};
pub use metric::{Measure, Metric};

/// A mapping that is compiled in.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// The name, which the file has too.
    pub name: &'static str,
    /// The mapping, as TOML.
    pub text: &'static str,
}

/// Every built-in mapping; the first is the default.
pub const BUILT_IN: &[BuiltIn] = &[
    BuiltIn { name: "claims", text: include_str!("../../schemas/mappings/claims.toml") },
    BuiltIn { name: "driftwatch", text: include_str!("../../schemas/mappings/driftwatch.toml") },
    BuiltIn { name: "delayguard", text: include_str!("../../schemas/mappings/delayguard.toml") },
    BuiltIn { name: "denialscope", text: include_str!("../../schemas/mappings/denialscope.toml") },
];

/// The largest mapping file that is read, in bytes.
const MAX_MAPPING_BYTES: u64 = 1 << 20;

impl Mapping {
    /// The built-in mapping of that name.
    ///
    /// # Errors
    /// [`Error::Option`] when there is none.
    pub fn built_in(name: &str) -> Result<Arc<Self>> {
        let Some(found) = BUILT_IN.iter().find(|known| known.name == name) else {
            let names: Vec<&str> = BUILT_IN.iter().map(|known| known.name).collect();
            let problem = format!("no such mapping; there are: {}, or a file's path", names.join(", "));
            return Err(Error::option("mapping", name, problem));
        };
        Self::parse(found.text, Path::new(found.name)).map(Arc::new)
    }

    /// The mapping of claims.
    ///
    /// # Panics
    /// Never: a test reads every built-in mapping.
    #[must_use]
    pub fn claims() -> Arc<Self> {
        Self::built_in(BUILT_IN[0].name).expect("built-in mappings are read by a test")
    }

    /// The mapping in a file.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be read, and [`Error::Input`] when it is too large, no text, or no
    /// mapping; the key is named.
    pub fn from_file(path: &Path) -> Result<Arc<Self>> {
        let length =
            std::fs::metadata(path).map_err(|error| Error::io(path, "open the mapping", error))?.len();
        if length > MAX_MAPPING_BYTES {
            return Err(Error::input(path, format!("a mapping has at most {MAX_MAPPING_BYTES} bytes")));
        }
        let text =
            std::fs::read_to_string(path).map_err(|error| Error::io(path, "read the mapping", error))?;
        Self::parse(&text, path).map(Arc::new)
    }
}

#[cfg(test)]
mod tests;
