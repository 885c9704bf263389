//! A mapping that is consistent in itself.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use toml::Value;

use super::filter::{Condition, Filter};
use super::metric::{Measure, Metric};
use super::raw::{RawInstead, RawKind, RawMapping, RawMetric};
use crate::sources::{ColumnKind, Columns};
use crate::{Error, Result};

/// The most columns that rows are grouped by.
pub const MAX_SEGMENT_COLUMNS: usize = 4;

/// The most metrics of a mapping.
pub const MAX_METRICS: usize = 64;

/// The most decimals of an amount.
const MAX_DECIMALS: u8 = 6;

/// What takes the place of a segment column's value where that is null or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instead {
    /// Another column's value, unless that is null or empty too.
    pub column: Option<String>,
    /// What else.
    pub value: String,
}

/// Which columns mean what; made by [`Mapping::from_file`] and [`Mapping::built_in`] only, so that it is consistent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    name: String,
    about: String,
    time: String,
    segments: Vec<String>,
    required: Vec<String>,
    instead: BTreeMap<String, Instead>,
    causes: Vec<String>,
    metrics: Vec<Metric>,
    columns: Columns,
    /// What it was read from.
    text: String,
}

impl Mapping {
    /// The mapping that `text` says; `place` is named in errors.
    ///
    /// # Errors
    /// [`Error::Input`] naming the key, for anything that is no mapping.
    pub fn parse(text: &str, place: &Path) -> Result<Self> {
        let raw: RawMapping = toml::from_str(text).map_err(|error| Error::input(place, error.to_string()))?;
        Self::checked(raw, text).map_err(|problem| Error::input(place, problem))
    }

    fn checked(raw: RawMapping, text: &str) -> Result<Self, String> {
        let RawMapping { name, about, time, segments, required, instead, causes, metrics } = raw;
        if segments.is_empty() || segments.len() > MAX_SEGMENT_COLUMNS {
            let found = segments.len();
            return Err(format!("segments: {found} columns; 1 to {MAX_SEGMENT_COLUMNS} are allowed"));
        }
        let mut seen = HashSet::new();
        if let Some(twice) = segments.iter().find(|column| !seen.insert(column.as_str())) {
            return Err(format!("segments: {twice:?} is there twice"));
        }
        if metrics.is_empty() || metrics.len() > MAX_METRICS {
            return Err(format!("metric: {} of them; 1 to {MAX_METRICS} are allowed", metrics.len()));
        }
        let metrics: Vec<Metric> = metrics.into_iter().map(metric).collect::<Result<_, _>>()?;
        let mut seen = HashSet::new();
        if let Some(twice) = metrics.iter().find(|metric| !seen.insert(metric.name.as_str())) {
            return Err(format!("metric {:?} is there twice", twice.name));
        }
        metrics.iter().try_for_each(|metric| check_references(metric, &metrics))?;
        if let Some(cause) = causes.iter().find(|cause| segments.contains(cause)) {
            return Err(format!("causes: {cause:?} is a segment column already"));
        }
        let instead = checked_instead(instead, &segments)?;
        let columns = columns(&time, &segments, &instead, &required, &metrics)?;
        let text = text.to_owned();
        Ok(Self { name, about, time, segments, required, instead, causes, metrics, columns, text })
    }

    /// The mapping's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The TOML that it was read from, before metrics were chosen or segments split.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// One sentence.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// The column whose date says in which window a row lies.
    #[must_use]
    pub fn time(&self) -> &str {
        &self.time
    }

    /// The columns that rows are grouped by.
    #[must_use]
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// Columns without whose value a row is left out, beside the time and the segments.
    #[must_use]
    pub fn required(&self) -> &[String] {
        &self.required
    }

    /// What takes the place of a segment column's missing values; `None` where a row without one is left out.
    #[must_use]
    pub fn instead_of(&self, segment: &str) -> Option<&Instead> {
        self.instead.get(segment)
    }

    /// Columns by which the cause of a change is looked for.
    #[must_use]
    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    /// The metrics.
    #[must_use]
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// Where the metric of that name stands among [`Mapping::metrics`].
    #[must_use]
    pub fn position(&self, metric: &str) -> Option<usize> {
        self.metrics.iter().position(|known| known.name == metric)
    }

    /// The columns that have to be read, the time first and then the segments.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The same mapping with some of its metrics, in its own order, without strata unless they are wanted.
    ///
    /// # Errors
    /// [`Error::Option`] naming `metric` for one that the mapping does not have.
    pub fn only(&self, metrics: &[&str], with_strata: bool) -> Result<Self> {
        if let Some(unknown) = metrics.iter().find(|name| self.position(name).is_none()) {
            let names: Vec<&str> = self.metrics.iter().map(|metric| metric.name.as_str()).collect();
            let problem = format!("the mapping {:?} has the metrics {}", self.name, names.join(", "));
            return Err(Error::option("metric", unknown, problem));
        }
        let mut kept: Vec<Metric> =
            self.metrics.iter().filter(|metric| metrics.contains(&metric.name.as_str())).cloned().collect();
        if !with_strata {
            kept.iter_mut().for_each(|metric| metric.strata = None);
        }
        let is_kept = |name: &String| metrics.contains(&name.as_str());
        for metric in &mut kept {
            metric.carried_by = metric.carried_by.take().filter(is_kept);
            metric.money = metric.money.take().filter(is_kept);
        }
        self.with(self.segments.clone(), kept)
    }

    /// The same metrics of finer segments: those of one more column.
    ///
    /// # Errors
    /// [`Error::Option`] naming `by` for a column that cannot be added.
    pub fn split_by(&self, column: &str) -> Result<Self> {
        let mut segments = self.segments.clone();
        segments.push(column.to_owned());
        let mut seen = HashSet::new();
        if segments.len() > MAX_SEGMENT_COLUMNS || !segments.iter().all(|column| seen.insert(column)) {
            let problem = format!("at most {MAX_SEGMENT_COLUMNS} different columns make a segment");
            return Err(Error::option("by", column, problem));
        }
        let mut metrics = self.metrics.clone();
        metrics.iter_mut().for_each(|metric| metric.strata = None);
        self.with(segments, metrics)
    }

    /// The same mapping of rows that have a value in some columns more.
    ///
    /// # Errors
    /// [`Error::Input`] when a column cannot be read as that.
    pub fn requiring(&self, columns: &[&str]) -> Result<Self> {
        let mut required = self.required.clone();
        required.extend(columns.iter().map(|&column| column.to_owned()));
        required.sort();
        required.dedup();
        Self { required, ..self.clone() }.with(self.segments.clone(), self.metrics.clone())
    }

    fn with(&self, segments: Vec<String>, metrics: Vec<Metric>) -> Result<Self> {
        let columns = columns(&self.time, &segments, &self.instead, &self.required, &metrics)
            .map_err(|problem| Error::input(&self.name, problem))?;
        Ok(Self { segments, metrics, columns, ..self.clone() })
    }
}

/// Only segment columns have something instead, and it is not empty as what it stands for.
fn checked_instead(
    raw: BTreeMap<String, RawInstead>,
    segments: &[String],
) -> Result<BTreeMap<String, Instead>, String> {
    let checked = raw.into_iter().map(|(segment, RawInstead { column, value })| {
        if !segments.contains(&segment) {
            return Err(format!("instead: {segment:?} is no segment column"));
        }
        if value.is_empty() {
            return Err(format!("instead.{segment}: the value is empty"));
        }
        if column.as_ref() == Some(&segment) {
            return Err(format!("instead.{segment}: the column is the one it stands in for"));
        }
        Ok((segment, Instead { column, value }))
    });
    checked.collect()
}

/// A metric names others only where they are of the kind that it needs.
fn check_references(metric: &Metric, metrics: &[Metric]) -> Result<(), String> {
    let kind_of =
        |name: &str| metrics.iter().find(|known| known.name == name).map(|known| known.measure.kind());
    for (key, named, wanted) in
        [("carried_by", &metric.carried_by, "mix"), ("money", &metric.money, "amount")]
    {
        let Some(named) = named else { continue };
        if kind_of(named) != Some(wanted) {
            return Err(format!("metric {:?}: {key}: there is no {wanted} metric {named:?}", metric.name));
        }
    }
    Ok(())
}

/// The columns to read, each with what it is read as.
fn columns(
    time: &str,
    segments: &[String],
    instead: &BTreeMap<String, Instead>,
    required: &[String],
    metrics: &[Metric],
) -> Result<Columns, String> {
    let mut columns = Columns::new(time);
    let mut add = |place: &str, name: &str, kind: ColumnKind| {
        columns.add(name, kind).map_err(|problem| format!("{place}: {problem}"))
    };
    for segment in segments {
        add("segments", segment, ColumnKind::Text)?;
    }
    for column in segments.iter().filter_map(|segment| instead.get(segment)?.column.as_ref()) {
        add("instead", column, ColumnKind::Text)?;
    }
    for metric in metrics {
        let place = format!("metric {:?}", metric.name);
        for column in metric.among.columns().chain(metric.strata.as_deref()) {
            add(&place, column, ColumnKind::Text)?;
        }
        match &metric.measure {
            Measure::Rate { hit } => {
                hit.columns().try_for_each(|column| add(&place, column, ColumnKind::Text))?;
            }
            Measure::Days { from, to } => {
                add(&place, from, ColumnKind::Day)?;
                add(&place, to, ColumnKind::Day)?;
            }
            Measure::Amount { column, decimals } => {
                add(&place, column, ColumnKind::Number { decimals: *decimals })?;
            }
            Measure::Mix { column } => add(&place, column, ColumnKind::Text)?,
            Measure::Volume | Measure::NullRate { .. } => {}
        }
    }
    // Whether there is a value can be told of a column of any kind, so these take what the others made of it.
    let presences = metrics.iter().filter_map(|metric| match &metric.measure {
        Measure::NullRate { column } => Some(column),
        _ => None,
    });
    let conditions = metrics.iter().flat_map(|metric| &metric.present);
    presences.chain(conditions).chain(required).for_each(|column| columns.add_presence(column));
    let always_there = segments.iter().filter(|segment| !instead.contains_key(*segment));
    columns.require(always_there.chain(required).map(String::as_str));
    Ok(columns)
}

fn metric(raw: RawMetric) -> Result<Metric, String> {
    let place = format!("metric {:?}", raw.name);
    if raw.name.is_empty() || !raw.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(format!("{place}: a name has letters a to z, digits and _"));
    }
    measured(raw).map_err(|problem| format!("{place}: {problem}"))
}

fn measured(raw: RawMetric) -> Result<Metric, String> {
    let kind = raw.kind;
    let allowed = |key: &'static str, is_there: bool, kinds: &[RawKind]| {
        let is_wanted = kinds.contains(&kind);
        match (is_there, is_wanted) {
            (true, false) => Err(format!("{key}: a metric of this kind has none")),
            (false, true) => Err(format!("{key} is missing")),
            _ => Ok(()),
        }
    };
    allowed("column", raw.column.is_some(), &[RawKind::NullRate, RawKind::Amount, RawKind::Mix])?;
    allowed("hit", raw.hit.is_some(), &[RawKind::Rate])?;
    allowed("from", raw.from.is_some(), &[RawKind::Days])?;
    allowed("to", raw.to.is_some(), &[RawKind::Days])?;
    if raw.decimals.is_some() && kind != RawKind::Amount {
        return Err("decimals: only an amount has them".to_owned());
    }
    let decimals = raw.decimals.unwrap_or(2);
    if decimals > MAX_DECIMALS {
        return Err(format!("decimals {decimals}: at most {MAX_DECIMALS} are allowed"));
    }
    if raw.pending && kind != RawKind::Days {
        return Err("pending: only days can be still running".to_owned());
    }
    if raw.carried_by.is_some() && kind != RawKind::Rate {
        return Err("carried_by: only the hits of a rate fall into categories".to_owned());
    }
    if raw.strata.is_some() && matches!(kind, RawKind::Mix | RawKind::Volume | RawKind::NullRate) {
        return Err("strata: only a rate, days or an amount can have them".to_owned());
    }
    let column = raw.column.clone().unwrap_or_default();
    let measure = match kind {
        RawKind::Rate => Measure::Rate { hit: filter("hit", raw.hit.clone())? },
        RawKind::Volume => Measure::Volume,
        RawKind::NullRate => Measure::NullRate { column },
        RawKind::Days => Measure::Days {
            from: raw.from.clone().unwrap_or_default(),
            to: raw.to.clone().unwrap_or_default(),
        },
        RawKind::Amount => Measure::Amount { column, decimals },
        RawKind::Mix => Measure::Mix { column },
    };
    let among = filter("among", raw.among.clone())?;
    let RawMetric { name, about, present, strata, carried_by, money, pending: has_pending, .. } = raw;
    Ok(Metric { name, about, among, present, measure, strata, carried_by, money, has_pending })
}

/// A table of conditions, or an array of such tables, of which one has to hold.
fn filter(key: &str, raw: Option<Value>) -> Result<Filter, String> {
    let alternatives = match raw {
        None => Vec::new(),
        Some(Value::Array(tables)) if !tables.is_empty() => tables,
        Some(table @ Value::Table(_)) => vec![table],
        Some(other) => return Err(format!("{key}: a {} is no table of conditions", other.type_str())),
    };
    let alternatives = alternatives.into_iter().map(|table| match table {
        Value::Table(table) if !table.is_empty() => table
            .into_iter()
            .map(|(column, value)| {
                let condition = condition(value).map_err(|problem| format!("{key}.{column}: {problem}"))?;
                Ok((column, condition))
            })
            .collect::<Result<BTreeMap<_, _>, String>>(),
        other => Err(format!("{key}: a {} is no table of conditions", other.type_str())),
    });
    Ok(Filter::of(alternatives.collect::<Result<_, _>>()?))
}

fn condition(value: Value) -> Result<Condition, String> {
    const ALLOWED: &str = "a value, a list of values, or { contains = \"text\" }";
    match value {
        Value::Array(values) if !values.is_empty() => {
            Ok(Condition::OneOf(values.iter().map(scalar).collect::<Result<_, _>>()?))
        }
        Value::Table(table) => match (table.len(), table.get("contains")) {
            (1, Some(Value::String(part))) if !part.is_empty() => {
                Ok(Condition::Contains(part.to_lowercase()))
            }
            _ => Err(format!("expected {ALLOWED}")),
        },
        Value::Array(_) => Err(format!("an empty list; expected {ALLOWED}")),
        other => scalar(&other).map(|text| Condition::OneOf(vec![text])),
    }
}

fn scalar(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Boolean(flag) => Ok(flag.to_string()),
        Value::Integer(number) => Ok(number.to_string()),
        other => Err(format!("a {} is no text, whole number, true or false", other.type_str())),
    }
}
