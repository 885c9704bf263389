//! What is judged: integers per segment, metric, stratum and day.
//!
//! [`Parts`] are filled by the caller, with public fields; [`Panel::new`] checks them. Days are numbered from the
//! start of the history, 0, to `days − 1`, the day before the data end. The current window is `split..days`.

use std::fmt;

/// A panel before it is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// Days of the history and the current window together.
    pub days: usize,
    /// The first day of the current window.
    pub split: usize,
    /// How distributions are cut in time: the first day of each period, ascending, the first of them 0. A period
    /// ends where the next begins, the last with the days.
    ///
    /// From `split − 28` on (or from 0, where there are fewer days) each day has to be a period of its own. Before,
    /// periods should be weeks, or some weeks: the spread of the past is told from them, and each should be no longer
    /// than the current window.
    pub periods: Vec<usize>,
    /// For each segment a code of its value in each segment column, payer and CPT group for instance. Equal codes
    /// of one column are equal values. Codes should be dense from 0.
    pub segments: Vec<Vec<u32>>,
    /// The metrics.
    pub metrics: Vec<Metric>,
}

/// One metric of all segments; the outer `Vec` has an item for each segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metric {
    /// Hits among trials: a denial rate, a rate of missing values.
    Rate(Vec<Vec<RateStratum>>),
    /// Whole numbers.
    Value {
        /// What the numbers are.
        scale: Scale,
        /// The numbers that are known.
        segments: Vec<Vec<ValueStratum>>,
        /// The numbers that are not known yet, for each segment; empty where everything is known at once.
        pending: Vec<Vec<Pending>>,
    },
    /// Rows by category, with dense codes from 0.
    Mix(Vec<Vec<CategoryCount>>),
    /// Rows per day.
    Volume(Vec<Vec<u32>>),
}

/// What the numbers of a value metric are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Days, or another number that a cause adds to: judged by what is added, or by a factor.
    Days,
    /// Codes on a logarithmic scale, so many to a doubling: judged by a factor.
    Logarithm {
        /// Codes from a number to its double.
        codes_per_octave: u32,
    },
}

/// Hits and trials of one stratum of a segment, for instance of one procedure code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateStratum {
    /// The stratum's code; equal codes of different segments are the same stratum. 0 where there is one only.
    pub stratum: u32,
    /// Hits and trials of each day.
    pub days: Vec<(u32, u32)>,
}

/// The known numbers of one stratum of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueStratum {
    /// The stratum's code, as in [`RateStratum`].
    pub stratum: u32,
    /// How often each number occurs in each period. In any order; the same period and number may come twice.
    pub counts: Vec<ValueCount>,
}

/// How often a number occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueCount {
    /// The period, by its place in [`Parts::periods`].
    pub period: u32,
    /// The number: days or a code.
    pub value: i32,
    /// Rows with this number.
    pub rows: u32,
}

/// Rows whose number is not known at the end of the data, only that it is at least `at_least`.
///
/// For a decision time these are the claims without a decision: submitted on day `t`, they wait for `days − t` days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// The period that the rows are of.
    pub period: u32,
    /// The smallest number that is still possible.
    pub at_least: i32,
    /// Rows.
    pub rows: u32,
}

/// How often a category occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CategoryCount {
    /// The period, by its place in [`Parts::periods`].
    pub period: u32,
    /// The category; equal codes of different segments are the same category.
    pub category: u32,
    /// Rows.
    pub rows: u32,
}

/// How many days before the current window a change is looked for, and have to be periods of their own.
pub const LOOKBACK_DAYS: usize = 28;

/// The most categories that a mix may have.
pub const MAX_CATEGORIES: u32 = 256;

/// What of the parts does not fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelError {
    /// Which part: `periods[3]`, `metrics[0].segments[17]`.
    pub place: String,
    /// What is wrong with it, and what is allowed.
    pub problem: String,
}

impl fmt::Display for PanelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

impl std::error::Error for PanelError {}

/// A panel whose parts fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    parts: Parts,
}

impl Panel {
    /// Checks the parts.
    ///
    /// # Errors
    /// Where lengths, days, periods or codes do not fit together.
    pub fn new(parts: Parts) -> Result<Self, PanelError> {
        check_days(&parts)?;
        let columns = parts.segments.first().map_or(0, Vec::len);
        for (place, segment) in parts.segments.iter().enumerate() {
            expect(segment.len() == columns, || {
                (format!("segments[{place}]"), format!("{} columns, the first has {columns}", segment.len()))
            })?;
        }
        for (place, metric) in parts.metrics.iter().enumerate() {
            check_metric(&parts, metric, &format!("metrics[{place}]"))?;
        }
        Ok(Self { parts })
    }

    /// The parts.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The first of the days that a change is looked for in.
    #[must_use]
    pub fn recent(&self) -> usize {
        self.parts.split.saturating_sub(LOOKBACK_DAYS)
    }
}

fn expect(fits: bool, problem: impl FnOnce() -> (String, String)) -> Result<(), PanelError> {
    if fits {
        return Ok(());
    }
    let (place, problem) = problem();
    Err(PanelError { place, problem })
}

fn check_days(parts: &Parts) -> Result<(), PanelError> {
    let Parts { days, split, periods, .. } = parts;
    expect(0 < *split && split < days, || {
        ("split".to_owned(), format!("day {split} of {days} leaves no history or no current window"))
    })?;
    expect(periods.first() == Some(&0), || {
        ("periods".to_owned(), "the first period has to begin on day 0".to_owned())
    })?;
    for (place, pair) in periods.windows(2).enumerate() {
        expect(pair[0] < pair[1] && pair[1] < *days, || {
            let problem = format!("day {} is not after day {} and before day {days}", pair[1], pair[0]);
            (format!("periods[{}]", place + 1), problem)
        })?;
    }
    let recent = split.saturating_sub(LOOKBACK_DAYS);
    let daily = periods.iter().skip_while(|&&day| day < recent).copied();
    expect(daily.eq(recent..*days), || {
        ("periods".to_owned(), format!("from day {recent} on each day has to be a period"))
    })
}

fn check_metric(parts: &Parts, metric: &Metric, place: &str) -> Result<(), PanelError> {
    let segments = parts.segments.len();
    let each_segment = |given: usize, what: &str| {
        expect(given == segments, || {
            (format!("{place}{what}"), format!("{given} segments, the panel has {segments}"))
        })
    };
    let in_periods = |period: u32, segment: usize| {
        expect((period as usize) < parts.periods.len(), || {
            let problem = format!("period {period}, the panel has {}", parts.periods.len());
            (format!("{place}.segments[{segment}]"), problem)
        })
    };
    match metric {
        Metric::Rate(rates) => {
            each_segment(rates.len(), "")?;
            for (segment, strata) in rates.iter().enumerate() {
                check_tallies(parts.days, strata, &format!("{place}.segments[{segment}]"))?;
            }
        }
        Metric::Value { scale, segments: values, pending } => {
            expect(*scale != Scale::Logarithm { codes_per_octave: 0 }, || {
                (format!("{place}.scale"), "a doubling has at least one code".to_owned())
            })?;
            each_segment(values.len(), "")?;
            if !pending.is_empty() {
                each_segment(pending.len(), ".pending")?;
            }
            for (segment, strata) in values.iter().enumerate() {
                let mut counts = strata.iter().flat_map(|stratum| &stratum.counts);
                counts.try_for_each(|count| in_periods(count.period, segment))?;
            }
            for (segment, pending) in pending.iter().enumerate() {
                pending.iter().try_for_each(|pending| in_periods(pending.period, segment))?;
            }
        }
        Metric::Mix(counts) => {
            each_segment(counts.len(), "")?;
            for (segment, count) in
                counts.iter().enumerate().flat_map(|(at, counts)| counts.iter().map(move |count| (at, count)))
            {
                in_periods(count.period, segment)?;
                expect(count.category < MAX_CATEGORIES, || {
                    let problem = format!("category {}, at most {MAX_CATEGORIES} of them", count.category);
                    (format!("{place}.segments[{segment}]"), problem)
                })?;
            }
        }
        Metric::Volume(rows) => {
            each_segment(rows.len(), "")?;
            for (segment, rows) in rows.iter().enumerate() {
                expect(rows.len() == parts.days, || {
                    let problem = format!("{} days, the panel has {}", rows.len(), parts.days);
                    (format!("{place}.segments[{segment}]"), problem)
                })?;
            }
        }
    }
    Ok(())
}

fn check_tallies(days: usize, strata: &[RateStratum], place: &str) -> Result<(), PanelError> {
    for RateStratum { stratum, days: tallies } in strata {
        expect(tallies.len() == days, || {
            (place.to_owned(), format!("stratum {stratum}: {} days, the panel has {days}", tallies.len()))
        })?;
        if let Some(day) = tallies.iter().position(|(hits, trials)| hits > trials) {
            let problem = format!("stratum {stratum}, day {day}: more hits than trials");
            return Err(PanelError { place: place.to_owned(), problem });
        }
    }
    Ok(())
}
