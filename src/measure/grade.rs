//! The grade of a throughput, and the targets by dataset size.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How good a throughput is, worst first, so that `grade >= Grade::Good` reads as it should.
///
/// The bands are those of the benchmark that this toolkit follows. Its guide calls throughputs *above* 1,000
/// items/s acceptable while its program takes exactly 1,000 in as well; the program's reading holds here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Below 1,000 items/s.
    NeedsOptimization,
    /// At least 1,000 items/s.
    Acceptable,
    /// More than 5,000 items/s.
    Good,
    /// More than 10,000 items/s.
    Excellent,
}

impl Grade {
    /// Every grade, worst first.
    pub const ALL: [Self; 4] = [Self::NeedsOptimization, Self::Acceptable, Self::Good, Self::Excellent];

    /// The grade of a throughput in items per second; `None` for a value that is not a number.
    #[must_use]
    pub fn of(items_per_second: f64) -> Option<Self> {
        if items_per_second.is_nan() {
            return None;
        }
        Some(match items_per_second {
            rate if rate > 10_000.0 => Self::Excellent,
            rate if rate > 5_000.0 => Self::Good,
            rate if rate >= 1_000.0 => Self::Acceptable,
            _ => Self::NeedsOptimization,
        })
    }

    /// The name by which options and JSON know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NeedsOptimization => "needs-optimization",
            Self::Acceptable => "acceptable",
            Self::Good => "good",
            Self::Excellent => "excellent",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A word that is no grade.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no grade is called `{0}`; the grades are excellent, good, acceptable, needs-optimization")]
pub struct UnknownGrade(String);

impl FromStr for Grade {
    type Err = UnknownGrade;

    fn from_str(name: &str) -> Result<Self, UnknownGrade> {
        Self::ALL.into_iter().find(|grade| grade.name() == name).ok_or_else(|| UnknownGrade(name.to_owned()))
    }
}

/// What a dataset of a listed size is held to. One MB is 10⁶ bytes, one GB 10⁹.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The listed size of the dataset, in records.
    pub dataset_records: u64,
    /// Throughput to exceed, in items per second.
    pub items_per_second_above: u64,
    /// Peak resident memory to stay below, in bytes.
    pub peak_memory_bytes_below: u64,
}

/// The listed targets, smallest dataset first; the table "Expected Performance" of the benchmark that this
/// toolkit follows.
pub const TARGETS: [Target; 4] = [
    Target { dataset_records: 10_000, items_per_second_above: 10_000, peak_memory_bytes_below: 50_000_000 },
    Target { dataset_records: 100_000, items_per_second_above: 5_000, peak_memory_bytes_below: 200_000_000 },
    Target { dataset_records: 500_000, items_per_second_above: 2_000, peak_memory_bytes_below: 500_000_000 },
    Target {
        dataset_records: 1_000_000,
        items_per_second_above: 1_000,
        peak_memory_bytes_below: 1_000_000_000,
    },
];

impl Target {
    /// The target for a dataset of `records`: that of the largest listed size not above it, and of the
    /// smallest listed size below that.
    ///
    /// Both demands loosen as datasets grow, so taking the next smaller size never asks less of a dataset in
    /// between than the table does of the next larger one.
    #[must_use]
    pub fn for_records(records: u64) -> Self {
        let [smallest, ..] = TARGETS;
        TARGETS.into_iter().rev().find(|target| target.dataset_records <= records).unwrap_or(smallest)
    }

    /// Holds measurements against the target; what was not measured has no verdict.
    #[must_use]
    pub fn judge(self, items_per_second: Option<f64>, peak_memory_bytes: Option<f64>) -> TargetVerdicts {
        let above = self.items_per_second_above as f64;
        let below = self.peak_memory_bytes_below as f64;
        TargetVerdicts {
            dataset_records: self.dataset_records,
            items_per_second_above: self.items_per_second_above,
            peak_memory_bytes_below: self.peak_memory_bytes_below,
            throughput: items_per_second.map(|rate| Verdict::met_when(rate > above)),
            peak_memory: peak_memory_bytes.map(|bytes| Verdict::met_when(bytes < below)),
        }
    }
}

/// Whether a demand was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was.
    Met,
    /// It was not.
    Missed,
}

impl Verdict {
    fn met_when(met: bool) -> Self {
        if met { Self::Met } else { Self::Missed }
    }
}

/// A [`Target`] with its verdicts: the median throughput and the highest peak of a case's runs count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetVerdicts {
    /// The listed size whose target applies, in records.
    pub dataset_records: u64,
    /// Throughput to exceed, in items per second.
    pub items_per_second_above: u64,
    /// Peak resident memory to stay below, in bytes.
    pub peak_memory_bytes_below: u64,
    /// Whether the throughput exceeds its limit; `None` when it was not measured.
    pub throughput: Option<Verdict>,
    /// Whether the peak stays below its limit; `None` when it was not measured.
    pub peak_memory: Option<Verdict>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_band_ends_where_the_origins_program_ends_it() {
        // From the origin's program: `> 10000`, `> 5000`, `>= 1000`.
        let expected = [
            (10_000.1, Grade::Excellent),
            (10_000.0, Grade::Good),
            (5_000.1, Grade::Good),
            (5_000.0, Grade::Acceptable),
            (1_000.0, Grade::Acceptable),
            (999.9, Grade::NeedsOptimization),
            (0.0, Grade::NeedsOptimization),
            (f64::INFINITY, Grade::Excellent),
        ];
        for (rate, grade) in expected {
            assert_eq!(Grade::of(rate), Some(grade), "{rate}");
        }
        assert_eq!(Grade::of(f64::NAN), None);
    }

    #[test]
    fn names_parse_back_and_agree_with_json() {
        for grade in Grade::ALL {
            assert_eq!(grade.name().parse(), Ok(grade));
            assert_eq!(serde_json::to_value(grade).unwrap(), grade.name());
        }
        let error = "great".parse::<Grade>().unwrap_err().to_string();
        for grade in Grade::ALL {
            assert!(error.contains(grade.name()), "{error}");
        }
    }

    #[test]
    fn a_size_between_is_held_to_the_next_smaller_listed_one() {
        let expected = [
            (0, 10_000),
            (9_999, 10_000),
            (10_000, 10_000),
            (99_999, 10_000),
            (100_000, 100_000),
            (499_999, 100_000),
            (500_000, 500_000),
            (999_999, 500_000),
            (1_000_000, 1_000_000),
            (50_000_000, 1_000_000),
        ];
        for (records, listed) in expected {
            assert_eq!(Target::for_records(records).dataset_records, listed, "{records} records");
        }
    }

    #[test]
    fn a_limit_itself_misses_and_the_unmeasured_has_no_verdict() {
        let target = Target::for_records(1_000_000);
        let at = |rate, bytes| {
            let verdicts = target.judge(rate, bytes);
            (verdicts.throughput, verdicts.peak_memory)
        };
        assert_eq!(at(Some(1_000.0), Some(1e9)), (Some(Verdict::Missed), Some(Verdict::Missed)));
        assert_eq!(at(Some(1_000.1), Some(1e9 - 1.0)), (Some(Verdict::Met), Some(Verdict::Met)));
        assert_eq!(at(None, None), (None, None));
    }

    proptest! {
        #[test]
        fn faster_is_never_graded_worse(a in 0.0_f64..20_000.0, b in 0.0_f64..20_000.0) {
            prop_assert!(Grade::of(a.min(b)) <= Grade::of(a.max(b)));
        }

        #[test]
        fn a_target_is_never_laxer_than_that_of_a_larger_dataset(a in 0_u64..2_000_000, b in 0_u64..2_000_000) {
            let (small, large) = (Target::for_records(a.min(b)), Target::for_records(a.max(b)));
            prop_assert!(small.items_per_second_above >= large.items_per_second_above);
            prop_assert!(small.peak_memory_bytes_below <= large.peak_memory_bytes_below);
        }
    }
}
