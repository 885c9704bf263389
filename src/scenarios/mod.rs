//! Scenarios: datasets that detectors are measured on, each with drift whose place, size and time are drawn by a
//! seed, and with changes that are no drift.
//!
//! A [`Scenario`] expands to the spec of a dataset, which the generators crate plans like any other. So the truth
//! about its drift comes from the plan; an [`InjectedDrift`] says which metric of which segment a detector is
//! asked to find.
//!
//! To add a scenario: one TOML in `schemas/scenarios/` and its line in [`SCENARIOS`]. To add a kind of drift: its
//! line in [`DRIFT_KINDS`].

mod drift_kind;
mod expansion;
mod injected_drift;
mod placement;
mod raw;
mod scenario;

pub use drift_kind::{DRIFT_KINDS, DriftKind};
pub use injected_drift::{Direction, InjectedDrift};
pub use scenario::{PlannedScenario, Scenario};

/// A scenario that is compiled in.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The name on the command line, which its text has too.
    pub name: &'static str,
    /// The scenario, as TOML.
    pub text: &'static str,
}

/// Every scenario; the first is the main one.
pub const SCENARIOS: &[Entry] = &[
    Entry { name: "sudden", text: include_str!("../../schemas/scenarios/sudden.toml") },
    Entry { name: "gradual", text: include_str!("../../schemas/scenarios/gradual.toml") },
    Entry { name: "incremental", text: include_str!("../../schemas/scenarios/incremental.toml") },
    Entry { name: "recurring", text: include_str!("../../schemas/scenarios/recurring.toml") },
    Entry { name: "pulse", text: include_str!("../../schemas/scenarios/pulse.toml") },
    Entry { name: "season", text: include_str!("../../schemas/scenarios/season.toml") },
    Entry { name: "growth", text: include_str!("../../schemas/scenarios/growth.toml") },
    Entry { name: "mix-shift", text: include_str!("../../schemas/scenarios/mix-shift.toml") },
    Entry { name: "censored", text: include_str!("../../schemas/scenarios/censored.toml") },
    Entry { name: "small-segments", text: include_str!("../../schemas/scenarios/small-segments.toml") },
    Entry { name: "label-noise", text: include_str!("../../schemas/scenarios/label-noise.toml") },
    Entry { name: "dirt", text: include_str!("../../schemas/scenarios/dirt.toml") },
    Entry { name: "null", text: include_str!("../../schemas/scenarios/null.toml") },
];
