//! The parameters of drifts, measured in rows.

use crate::statistics::{from_count, from_median, from_rate, median};
use crate::table::{Table, Texts};
use crate::{column, number, plan};
use driftforge_generators::{DriftTruth, Parameter, Spec, Truth, What};
use std::collections::{BTreeMap, BTreeSet};

/// Half-open, in days since 1970-01-01.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub start: i32,
    pub end: i32,
}

/// A day, and the codes of the columns that a parameter depends on.
type Cell = (Option<i32>, Vec<Option<u16>>);

/// The data of one plan, with what the spec says about its columns.
pub struct Data {
    spec: Spec,
    pub table: Table,
    pub submitted: Vec<Option<i32>>,
}

impl Data {
    pub fn new(spec: Spec, records: u64, drift: bool) -> Self {
        let names = measured_columns(&spec);
        let table = Table::projected(&plan(&spec, records, drift), names.iter().map(String::as_str));
        let submitted = table.days("submitted_date");
        Self { spec, table, submitted }
    }

    /// The rows of the drift's segment on the days of `span`.
    pub fn rows(&self, drift: &DriftTruth, span: Span) -> Vec<usize> {
        let segment: Vec<(Texts, &Vec<String>)> =
            drift.segment.iter().map(|(name, values)| (self.table.texts(name), values)).collect();
        let within = |row: &usize| {
            let is_named = |(texts, values): &(Texts, &Vec<String>)| {
                texts.get(*row).is_some_and(|text| values.iter().any(|value| value == text))
            };
            self.submitted[*row].is_some_and(|day| (span.start..span.end).contains(&day))
                && segment.iter().all(is_named)
        };
        (0..self.table.row_count()).filter(within).collect()
    }

    /// How far the data is from `value` of the drift's parameter, in standard errors.
    pub fn distance(&self, drift: &DriftTruth, span: Span, value: f64) -> f64 {
        let rows = self.rows(drift, span);
        let keys = column(&self.spec, &drift.column);
        let kind = keys["kind"].as_str();
        match drift.what {
            What::Rate => self.rate_distance(drift, &rows, value),
            What::NullRate => {
                let column = self.table.column(&drift.column);
                from_rate(rows.iter().filter(|row| column.is_null(**row)).count(), rows.len(), value)
            }
            What::Mix => self.mix_distance(drift, &rows, value),
            What::Delay => self.delay_distance(drift, &rows, value),
            What::Amount if kind == Some("share") => self.share_distance(drift, &rows, value),
            What::Amount => {
                let cents = self.table.cents(&drift.column);
                from_median(&rows.iter().filter_map(|row| cents[*row]).collect::<Vec<i64>>(), value * 100.0)
            }
            What::Volume => from_count(rows.len(), value * f64::from(span.end - span.start)),
        }
    }

    fn rate_distance(&self, drift: &DriftTruth, rows: &[usize], value: f64) -> f64 {
        let keys = column(&self.spec, &drift.column);
        let happened: Vec<Option<bool>> = match (keys.get("yes"), keys.get("no")) {
            (Some(yes), Some(no)) => {
                let texts = self.table.texts(&drift.column);
                let event = |row: &usize| match texts.get(*row) {
                    text if text == yes.as_str() => Some(true),
                    text if text == no.as_str() => Some(false),
                    _ => None,
                };
                rows.iter().map(event).collect()
            }
            _ => {
                let flags = self.table.flags(&drift.column);
                rows.iter().map(|row| flags[*row]).collect()
            }
        };
        let counted = happened.iter().flatten().count();
        from_rate(happened.iter().filter(|event| **event == Some(true)).count(), counted, value)
    }

    /// A mix is measured by the values that the drift favours, or if there are none, by those it discourages.
    fn mix_distance(&self, drift: &DriftTruth, rows: &[usize], value: f64) -> f64 {
        let weights = drift.effect.weights.as_ref().expect("a mix drift has weights");
        let favours = weights.values().any(|weight| *weight > 1.0);
        let named = |text: &str| weights.get(text).is_some_and(|weight| !favours || *weight > 1.0);
        let texts = self.table.texts(&drift.column);
        let values: Vec<&str> = rows.iter().filter_map(|row| texts.get(*row)).collect();
        from_rate(values.iter().filter(|text| named(text)).count(), values.len(), value)
    }

    fn delay_distance(&self, drift: &DriftTruth, rows: &[usize], value: f64) -> f64 {
        let keys = column(&self.spec, &drift.column);
        let (from, to) =
            (self.table.days(keys["from"].as_str().expect("a name")), self.table.days(&drift.column));
        let days = rows.iter().filter_map(|row| Some(i64::from((to[*row]? - from[*row]?).abs())));
        from_median(&days.collect::<Vec<i64>>(), value)
    }

    /// The mean of the medians of the cells, with each day of each cell as a cell of its own: on one day, a
    /// shape that does not mix rows has one strength.
    fn share_distance(&self, drift: &DriftTruth, rows: &[usize], value: f64) -> f64 {
        let keys = column(&self.spec, &drift.column);
        let (whole, part) =
            (self.table.cents(keys["of"].as_str().expect("a name")), self.table.cents(&drift.column));
        let cell_columns: Vec<Texts> = effect_columns(keys).map(|name| self.table.texts(name)).collect();
        let mut cells: BTreeMap<Cell, Vec<f64>> = BTreeMap::new();
        for row in rows {
            let (Some(whole), Some(part)) = (whole[*row], part[*row]) else { continue };
            let cell = cell_columns.iter().map(|texts| texts.codes[*row]).collect();
            cells.entry((self.submitted[*row], cell)).or_default().push(part as f64 / whole as f64);
        }
        let count = cells.values().map(Vec::len).sum::<usize>() as f64;
        let mean = cells.values_mut().map(|shares| shares.len() as f64 * median(shares)).sum::<f64>() / count;
        // The standard error of a normal sample's median is √(π/2) σ/√n; a logit's σ is m (1 − m) σ of the share.
        let error = (std::f64::consts::FRAC_PI_2 / count).sqrt()
            * number(keys, &["sigma"], 0.0)
            * value
            * (1.0 - value);
        (mean - value).abs() / error
    }
}

fn effect_columns(keys: &toml::Table) -> impl Iterator<Item = &str> {
    keys.get("effects")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(|effects| effects.keys().map(String::as_str))
}

/// What the parameters of all drifts are measured by.
fn measured_columns(spec: &Spec) -> BTreeSet<String> {
    let mut names = BTreeSet::from(["submitted_date".to_owned(), "payer".to_owned(), "cpt_group".to_owned()]);
    for drift in &spec.drifts {
        let keys = column(spec, &drift.column);
        let read = ["from", "of"].into_iter().filter_map(|key| keys.get(key)?.as_str());
        let read = read.chain(effect_columns(keys)).chain(drift.segment.keys().map(String::as_str));
        names.extend(read.chain([drift.column.as_str()]).map(str::to_owned));
    }
    names
}

pub fn parameter(drift: &DriftTruth) -> &Parameter {
    drift.parameter.as_ref().unwrap_or_else(|| panic!("{}: its true parameter is unknown", drift.id))
}

/// The baseline and the current window.
pub fn windows(truth: &Truth) -> [Span; 2] {
    let windows = truth.windows;
    let span = |start: chrono::NaiveDate, end: chrono::NaiveDate| Span {
        start: start.to_epoch_days(),
        end: end.to_epoch_days(),
    };
    [span(windows.baseline_start, windows.baseline_end), span(windows.current_start, windows.current_end)]
}
