//! What drift was put where, read off the plan, never off the data.

mod parameter;
mod teller;

use crate::calendar::day_number;
use crate::drift::What;
use crate::plan::{Collection, Dataset, Plan};
use crate::population::Marginal;
use crate::spec::EffectSpec;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use teller::Teller;

/// The drift of a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// The version of this form; 1.
    pub format_version: u32,
    /// The dataset's name.
    pub dataset: String,
    /// The seed of every value.
    pub seed: u64,
    /// The tenant.
    pub customer: u32,
    /// Rows of the whole dataset.
    pub records: u64,
    /// The day from which the data is seen.
    pub as_of: NaiveDate,
    /// The windows that the parameters below speak of.
    pub windows: Windows,
    /// Each drift, in the order of the spec.
    pub drifts: Vec<DriftTruth>,
}

/// Two half-open spans of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows {
    /// First day of the baseline.
    pub baseline_start: NaiveDate,
    /// The day after the baseline.
    pub baseline_end: NaiveDate,
    /// First day of the current window.
    pub current_start: NaiveDate,
    /// The day after the current window.
    pub current_end: NaiveDate,
}

/// One drift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftTruth {
    /// Its name in the spec.
    pub id: String,
    /// The table that drifts, where the dataset has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// What it is, in one sentence.
    pub about: String,
    /// What of the column drifts.
    pub what: What,
    /// The column that drifts.
    pub column: String,
    /// The rows that drift: column → values; all rows when empty.
    pub segment: BTreeMap<String, Vec<String>>,
    /// The shape with its keys.
    pub shape: toml::Table,
    /// First day of the drift.
    pub start: NaiveDate,
    /// The day after the drift.
    pub end: NaiveDate,
    /// The size of the full drift.
    pub effect: EffectSpec,
    /// The strength (0–1) on each day from `start` to `end`.
    pub strengths: Vec<f64>,
    /// The true parameter of the segment; absent where the segment or the column depends on columns whose
    /// combined distribution the plan does not know, or that have too many combinations to look at. So it is
    /// in child tables, whose rows follow their parents', and for the entries of lists.
    pub parameter: Option<Parameter>,
    /// How many rows the drift is expected to touch; absent as above.
    pub rows: Option<RowsTouched>,
}

/// A parameter of a segment, under all drift of the dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// What the numbers are: `rate`, `median`, `median share`, `share of …`, `rows per day`, `null rate`.
    pub name: String,
    /// Their unit.
    pub unit: String,
    /// Without any drift; for a volume over the current window, whose season the baseline does not share.
    pub undrifted: f64,
    /// Over the baseline window.
    pub baseline: f64,
    /// Over the current window.
    pub current: f64,
}

/// Expected numbers of rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RowsTouched {
    /// Rows of the segment in the baseline window.
    pub segment_baseline: f64,
    /// Rows of the segment in the current window.
    pub segment_current: f64,
    /// Rows that the drift changes the distribution of, at whatever strength, whether or not the column has a
    /// value there.
    pub touched: f64,
}

impl Plan {
    /// The truth about the drift of this table.
    #[must_use]
    pub fn truth(&self) -> Truth {
        let dataset = self.dataset();
        Truth {
            format_version: 1,
            dataset: self.name().to_owned(),
            seed: dataset.scope.seed,
            customer: dataset.scope.customer,
            records: self.row_count(),
            as_of: dataset.as_of,
            windows: dataset.windows(),
            drifts: dataset.drifts.iter().map(|spec| Teller { dataset, spec }.tell()).collect(),
        }
    }
}

impl Collection {
    /// The truth about the drift of all tables, the root's first.
    #[must_use]
    pub fn truth(&self) -> Truth {
        let mut truth = self.root().truth();
        if self.tables().len() == 1 {
            return truth;
        }
        let children = self.tables().iter().filter(|table| table.is_child());
        let told = |table: &Plan| {
            let drifts = table.truth().drifts.into_iter();
            let name = table.table().to_owned();
            drifts.map(move |drift| DriftTruth { table: Some(name.clone()), ..drift }).collect::<Vec<_>>()
        };
        truth.drifts = std::iter::once(self.root()).chain(children).flat_map(told).collect();
        truth
    }
}

impl Dataset {
    fn windows(&self) -> Windows {
        let before =
            |days: u32| self.as_of.checked_sub_days(Days::new(u64::from(days))).unwrap_or(self.as_of);
        let current_start = before(self.current_days);
        Windows {
            baseline_start: before(self.current_days.saturating_add(self.baseline_days)),
            baseline_end: current_start,
            current_start,
            current_end: self.as_of,
        }
    }

    /// Calendar indices of the days of a window, as far as the calendar reaches.
    fn window_days(&self, start: NaiveDate, end: NaiveDate) -> Range<usize> {
        let index = |date| (day_number(date) - self.scope.calendar.first_day()).max(0) as usize;
        index(start)..index(end).min(self.scope.calendar.day_count())
    }

    /// The share of a category column's rows that have a value; `None` where that depends on other columns.
    fn valid_share(&self, column: usize) -> Option<f64> {
        let own = 1.0 - self.scope.columns[column].nulls.unconditional_rate()?;
        match self.scope.column(column).marginal()? {
            Marginal::Drawn(_) => Some(own),
            Marginal::Derived { from, .. } => Some(own * self.valid_share(from)?),
        }
    }

    /// The expected number of rows on a day.
    fn rows_on(&self, day: usize) -> f64 {
        self.scope.calendar.share(day) * self.scope.records as f64
    }
}
