//! Scores: what detectors claim, held against the drift that is really there.
//!
//! Claims are matched with drifts once ([`Matching`]), with stated tolerances; every score is a pure function of the
//! matching, and `None` where it is undefined. [`SCORES`] lists those that are one number for a run; [`OverSeeds`] is
//! such a number over several seeds, with an interval. A [`Scorecard`] says what a comparison of two windows found of a
//! dataset's own drift. A [`Leaderboard`] has detectors beside each other on scenarios; a [`LabelledFolder`] has real
//! series with the changes that people marked in them.
//!
//! To add a score: its function in a file, its field in [`Quality`], its line in [`SCORES`].

mod average_precision;
mod claimed;
mod delay;
mod detection;
mod false_alarms;
mod leaderboard;
mod level;
mod matching;
mod over_seeds;
mod power;
mod quality;
mod scorecard;
mod tcpd;
#[cfg(test)]
mod tests;

pub use average_precision::average_precision;
pub use claimed::Claimed;
pub use delay::{Delay, delay};
pub use detection::{f1, precision, recall};
pub use false_alarms::{
    false_alarms_per_1000_segment_months, mean_days_between_false_alarms, mean_time_ratio,
};
pub use leaderboard::{LEADERBOARD_VERSION, Leaderboard, ORACLE, Row, ScenarioBoard, ZERO_BASELINE};
pub use level::{LevelOf, NullLevel};
pub use matching::{Exposure, Matching, Relation, Tolerance};
pub use over_seeds::OverSeeds;
pub use power::{Power, pooled, power};
pub use quality::Quality;
pub use scorecard::{LEAST_CHANGE, Scorecard};
pub use tcpd::{LabelledFolder, LabelledSeries, SeriesScore};

/// A score that is one number for a run.
#[derive(Debug, Clone, Copy)]
pub struct Score {
    /// Its name in records.
    pub name: &'static str,
    /// Its name in tables, with the unit where it has one.
    pub title: &'static str,
    /// What it says, in one line.
    pub about: &'static str,
    /// Whether more of it is better.
    pub higher_is_better: bool,
    /// Reads it off a run.
    pub of: fn(&Quality) -> Option<f64>,
}

/// Every such score.
pub const SCORES: &[Score] = &[
    Score {
        name: "f1",
        title: "F1",
        about: "harmonic mean of precision and recall",
        higher_is_better: true,
        of: |quality| quality.f1,
    },
    Score {
        name: "precision",
        title: "precision",
        about: "share of the alarms that are about a drift",
        higher_is_better: true,
        of: |quality| quality.precision,
    },
    Score {
        name: "recall",
        title: "recall",
        about: "share of the drifts that are found",
        higher_is_better: true,
        of: |quality| quality.recall,
    },
    Score {
        name: "average_precision",
        title: "AP",
        about: "average precision of the ranking, whatever is reported",
        higher_is_better: true,
        of: |quality| quality.average_precision,
    },
    Score {
        name: "delay_median_days",
        title: "delay d",
        about: "median days from a drift's start to its first alarm",
        higher_is_better: false,
        of: |quality| quality.delay.map(|delay| delay.median_days),
    },
    Score {
        name: "delay_p90_days",
        title: "p90 d",
        about: "the 90th percentile of those days",
        higher_is_better: false,
        of: |quality| quality.delay.map(|delay| delay.p90_days),
    },
    Score {
        name: "delay_normalised",
        title: "NDT",
        about: "mean delay as a part of the largest that is tolerated",
        higher_is_better: false,
        of: |quality| quality.delay.and_then(|delay| delay.normalised),
    },
    Score {
        name: "false_alarms_per_1000_segment_months",
        title: "FA/1000 sm",
        about: "false alarms per 1,000 months of one segment",
        higher_is_better: false,
        of: |quality| quality.false_alarms_per_1000_segment_months,
    },
    Score {
        name: "mean_days_between_false_alarms",
        title: "MTFA d",
        about: "days of one segment between false alarms",
        higher_is_better: true,
        of: |quality| quality.mean_days_between_false_alarms,
    },
    Score {
        name: "mean_time_ratio",
        title: "MTR",
        about: "(MTFA / mean delay) x recall",
        higher_is_better: true,
        of: |quality| quality.mean_time_ratio,
    },
];
