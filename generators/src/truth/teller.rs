//! One drift of a plan, told.

use super::parameter::View;
use super::{DriftTruth, Parameter, RowsTouched};
use crate::drift::{What, shape};
use crate::plan::Dataset;
use crate::population::Marginals;
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
        let segment = spec.segment.iter().map(|(column, values)| {
            (column.clone(), values.values().iter().map(text).collect())
        });
        DriftTruth {
            id: spec.id.clone(),
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

    /// The segment's share of the rows of a day.
    fn segment_share(&self, strengths: &[f64], day: usize) -> Option<f64> {
        let segment = self.segment()?;
        let parts = Marginals::new(&self.dataset.scope).named(&segment).ok()?;
        let share: f64 = parts.iter().map(|part| part.share).product();
        let multiplier = match (self.spec.what, self.spec.effect.factor) {
            (What::Volume, Some(factor)) => 1.0 + (factor - 1.0) * self.strength_on(strengths, day),
            _ => 1.0,
        };
        Some(share * multiplier / (1.0 + share * (multiplier - 1.0)))
    }

    fn rows(&self) -> Option<RowsTouched> {
        let strengths = self.strengths();
        let (_, shape) = shape(self.spec.shape.clone()).ok()?;
        let in_segment = |day: usize| Some(self.dataset.rows_on(day) * self.segment_share(&strengths, day)?);
        let sum = |days: Range<usize>| days.map(in_segment).sum::<Option<f64>>();
        let touched = (0..self.dataset.scope.calendar.day_count()).map(|day| {
            let strength = self.strength_on(&strengths, day);
            let part = if shape.mixes_rows() { strength } else { f64::from(strength > 0.0) };
            Some(part * in_segment(day)?)
        });
        let windows = self.dataset.windows();
        Some(RowsTouched {
            segment_baseline: sum(self.dataset.window_days(windows.baseline_start, windows.baseline_end))?,
            segment_current: sum(self.dataset.window_days(windows.current_start, windows.current_end))?,
            touched: touched.sum::<Option<f64>>()?,
        })
    }

    fn parameter(&self) -> Option<Parameter> {
        let windows = self.dataset.windows();
        let baseline = self.dataset.window_days(windows.baseline_start, windows.baseline_end);
        let current = self.dataset.window_days(windows.current_start, windows.current_end);
        if self.spec.what == What::Volume {
            return self.volume(baseline, current);
        }
        let column = self.dataset.scope.index(&self.spec.column).ok()?;
        let segment = self.segment()?;
        let traits = &self.dataset.traits[column];
        let parameters = match self.spec.what {
            What::NullRate => traits.nulls.parameters(),
            _ => self.dataset.scope.column(column).parameters()?,
        };
        let view = View::new(self.dataset, &segment, parameters)?;
        let measure = view.measure(self.spec, self.dataset.scope.column(column).categories().map(AsRef::as_ref));
        Some(Parameter {
            undrifted: view.value(&measure, None),
            baseline: view.value(&measure, Some(baseline)),
            current: view.value(&measure, Some(current)),
            name: measure.name,
            unit: measure.unit,
        })
    }

    fn volume(&self, baseline: Range<usize>, current: Range<usize>) -> Option<Parameter> {
        let strengths = self.strengths();
        let factor = self.spec.effect.factor?;
        let per_day = |days: Range<usize>, drifted: bool| {
            let length = days.len() as f64;
            let rows = days.map(|day| {
                if drifted {
                    return Some(self.dataset.rows_on(day) * self.segment_share(&strengths, day)?);
                }
                // Without the drift, the day has its rows but for what the segment adds or takes away.
                let share = self.segment_share(&[], day)?;
                let multiplier = 1.0 + (factor - 1.0) * self.strength_on(&strengths, day);
                Some(self.dataset.rows_on(day) / (1.0 + share * (multiplier - 1.0)) * share)
            });
            Some(rows.sum::<Option<f64>>()? / length)
        };
        Some(Parameter {
            name: "rows per day".to_owned(),
            unit: "rows".to_owned(),
            undrifted: per_day(current.clone(), false)?,
            baseline: per_day(baseline, true)?,
            current: per_day(current, true)?,
        })
    }
}
