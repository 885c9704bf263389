//! Suites: detectors held against data whose drift is known, each suite a file.

mod data;
mod oracle;
mod quality;
mod tcpd;

pub use quality::QualitySuite;
pub use tcpd::{SeriesBoard, series_board};

/// A suite that can be asked for by name.
#[derive(Debug, Clone, Copy)]
pub struct SuiteEntry {
    /// The name.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
}

/// The suites there are.
pub const SUITES: &[SuiteEntry] = &[
    SuiteEntry {
        name: "quality",
        about: "detectors on scenarios with known drift, over several seeds, beside the oracle and who never alarms",
    },
    SuiteEntry {
        name: "tcpd",
        about: "change points in series that people annotated, in the form of the Turing Change Point Dataset",
    },
];
