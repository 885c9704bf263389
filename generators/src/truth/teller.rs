//! One drift of a plan, told.

use super::parameter::View;
use super::{DriftTruth, Parameter, RowsTouched};
use crate::drift::{What, shape};
use crate::plan::Dataset;
use crate::population::Combinations;
use crate::scope::Condition;
use crate::spec::{DriftSpec, Value};
use std::ops::Range;

/// Tells the truth about one drift.
pub(super) struct Teller<'a> {
    pub(super) dataset: &'a Dataset,
    pub(super) spec: &'a DriftSpec,
}

impl Teller<'_> {
    pub(super) fn tell(&self) -> DriftTruth {
        let day = |offset: i32| self.dataset.as_of + chrono::TimeDelta::days(i64::from(offset));
        let spec = self.spec;
        let text = |value: &Value| match value {
            Value::Text(text) => text.clone(),
            Value::Flag(flag) => flag.to_string(),
        };
        let segment = spec
            .segment
            .iter()
            .map(|(column, values)| (column.clone(), values.values().iter().map(text).collect()));
        DriftTruth {
            id: spec.id.clone(),
            table: None,
            about: spec.about.clone(),
            what: spec.what,
            column: spec.column.clone(),
            segment: segment.collect(),
            shape: spec.shape.clone(),
            start: day(spec.start_days),
            end: day(spec.end_days),
            effect: spec.effect.clone(),
            strengths: self.strengths(),
            parameter: self.parameter(),
            rows: self.rows(),
        }
    }

    fn strengths(&self) -> Vec<f64> {
        let length_days = (self.spec.end_days - self.spec.start_days) as u32;
        match shape(self.spec.shape.clone()) {
            Ok((_, shape)) => (0..length_days).map(|day| shape.strength(day, length_days)).collect(),
            Err(_) => Vec::new(),
        }
    }

    /// The strength on a day of the calendar.
    fn strength_on(&self, strengths: &[f64], day: usize) -> f64 {
        let start = self.dataset.scope.calendar.day_count() as i64 + i64::from(self.spec.start_days);
        usize::try_from(day as i64 - start).ok().and_then(|day| strengths.get(day)).copied().unwrap_or(0.0)
    }

    fn segment(&self) -> Option<Condition> {
        Condition::new(&self.dataset.scope, &self.spec.segment).ok()
    }

    /// The segment's share of the rows: on each day of the calendar, and without any drift.
    fn segment_shares(&self) -> Option<(Vec<f64>, f64)> {
        let segment = self.segment().filter(Condition::only_categories)?;
        let combinations = Combinations::new(&self.dataset.scope, segment.reads())?;
        let valid =
            segment.reads().map(|column| self.dataset.valid_share(column)).product::<Option<f64>>()?;
        let share = |day: Option<usize>| {
            let mut share = 0.0;
            combinations.visit(day, |one| {
                if combinations.satisfies(one, &segment) {
                    share += one.probability;
                }
            });
            share * valid
        };
        let undrifted = share(None);
        let days = 0..self.dataset.scope.calendar.day_count();
        let daily = days.map(|day| if combinations.moved_on(day) { share(Some(day)) } else { undrifted });
        Some((daily.collect(), undrifted))
    }

    /// Whether the rows that drift are those of the calendar, one for one. The rows of a child table and the
    /// entries of a list are not: how many there are depends on their parents.
    fn counts_places(&self) -> bool {
        self.dataset.scope.link.is_none() && !self.spec.column.contains('.')
    }

    fn rows(&self) -> Option<RowsTouched> {
        if !self.counts_places() {
            return None;
        }
        let strengths = self.strengths();
        let (_, shape) = shape(self.spec.shape.clone()).ok()?;
        let (shares, _) = self.segment_shares()?;
        let in_segment = shares.iter().enumerate().map(|(day, share)| self.dataset.rows_on(day) * share);
        let in_segment: Vec<f64> = in_segment.collect();
        let touched = in_segment.iter().enumerate().map(|(day, rows)| {
            let strength = self.strength_on(&strengths, day);
            rows * if shape.mixes_rows() { strength } else { f64::from(strength > 0.0) }
        });
        let windows = self.dataset.windows();
        // An empty sum is -0, which nobody wants to read.
        let sum = |start, end| in_segment[self.dataset.window_days(start, end)].iter().sum::<f64>() + 0.0;
        Some(RowsTouched {
            segment_baseline: sum(windows.baseline_start, windows.baseline_end),
            segment_current: sum(windows.current_start, windows.current_end),
            touched: touched.sum(),
        })
    }

    /// The parameter; absent also where a window has no day of the calendar.
    fn parameter(&self) -> Option<Parameter> {
        self.measured().filter(|told| {
            [told.undrifted, told.baseline, told.current].iter().all(|value| value.is_finite())
        })
    }

    fn measured(&self) -> Option<Parameter> {
        if !self.counts_places() {
            return None;
        }
        let windows = self.dataset.windows();
        let baseline = self.dataset.window_days(windows.baseline_start, windows.baseline_end);
        let current = self.dataset.window_days(windows.current_start, windows.current_end);
        if self.spec.what == What::Volume {
            return self.volume(baseline, current);
        }
        let column = self.dataset.scope.index(&self.spec.column).ok()?;
        let segment = self.segment()?;
        let traits = &self.dataset.scope.columns[column];
        let parameters = match self.spec.what {
            What::NullRate => traits.nulls.parameters(),
            _ => self.dataset.scope.column(column).parameters()?,
        };
        let view = View::new(self.dataset, &segment, parameters)?;
        // Which rows have a value may depend on the cell, in ways that the plan does not know.
        if traits.nulls.conditional() && !view.is_uniform() {
            return None;
        }
        let measure =
            view.measure(self.spec, self.dataset.scope.column(column).categories().map(AsRef::as_ref));
        Some(Parameter {
            undrifted: view.value(&measure, None),
            baseline: view.value(&measure, Some(baseline)),
            current: view.value(&measure, Some(current)),
            name: measure.name,
            unit: measure.unit,
        })
    }

    fn volume(&self, baseline: Range<usize>, current: Range<usize>) -> Option<Parameter> {
        let (shares, share) = self.segment_shares()?;
        let per_day = |days: Range<usize>| {
            let length = days.len() as f64;
            days.map(|day| self.dataset.rows_on(day) * shares[day]).sum::<f64>() / length
        };
        let undrifted = |days: Range<usize>| {
            let length = days.len() as f64;
            let rows = days.map(|day| self.dataset.undrifted.share(day)).sum::<f64>();
            rows * self.dataset.scope.records as f64 * share / length
        };
        Some(Parameter {
            name: "rows per day".to_owned(),
            unit: "rows".to_owned(),
            undrifted: undrifted(current.clone()),
            baseline: per_day(baseline),
            current: per_day(current),
        })
    }
}
