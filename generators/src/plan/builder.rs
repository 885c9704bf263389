//! From a spec to a dataset: columns in order, each checked against those before it, then their drift.

use super::{ColumnTraits, Dataset, Run};
use crate::calendar::{Calendar, day_number};
use crate::columns::{self, ColumnKind, Drift, Nulls};
use crate::drift::{Effect, Tilt, VolumePlan, What};
use crate::error::{Result, SpecError, ensure, listed};
use crate::scope::{Named, Scope};
use crate::spec::{ColumnSpec, DriftSpec, Spec};
use crate::tables::QuantileTables;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Builds a dataset, and the names of its table's columns in order.
///
/// A volume drift needs to know how often the values of its segment occur, so with drift the columns are
/// built twice: without any, then with all of it.
pub(super) fn build(spec: &Spec, run: &Run) -> Result<(Dataset, Vec<String>)> {
    let builder = Builder { spec, run, columns: column_specs(spec)? };
    for (key, days) in
        [("baseline_days", spec.dataset.baseline_days), ("current_days", spec.dataset.current_days)]
    {
        let problem = format!("{key} = {days} is not within 1 to 36500");
        ensure((1..=36_500).contains(&days), "dataset", problem)?;
    }
    let drifts: &[DriftSpec] = if run.drift { &spec.drifts } else { &[] };
    check_drift_names(drifts)?;
    let mut dataset = builder.build(&[], VolumeShift::default(), QuantileTables::default())?;
    if !drifts.is_empty() {
        let shift = builder.volume_shift(&dataset.scope, drifts)?;
        dataset = builder.build(drifts, shift, dataset.scope.quantiles)?;
    }
    Ok((dataset, builder.table_order()?))
}

fn column_specs(spec: &Spec) -> Result<Vec<ColumnSpec>> {
    let name = &spec.dataset.name;
    let plain = |name: &str| {
        let mut bytes = name.bytes();
        let first = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase());
        first && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
    };
    let rule = "use a lower-case letter, then lower-case letters, digits, - and _";
    ensure(plain(name), "dataset", format!("{name:?} is no name: {rule}"))?;
    ensure(!spec.columns.is_empty(), "column", "a dataset needs at least one [[column]]")?;
    let mut columns: Vec<ColumnSpec> = Vec::new();
    for (position, table) in spec.columns.iter().enumerate() {
        let column = ColumnSpec::from_table(position, table.clone())?;
        ensure(
            plain(&column.name),
            format!("column {}", position + 1),
            format!("{:?} is no name: {rule}", column.name),
        )?;
        let twice = columns.iter().any(|known| known.name == column.name);
        ensure(!twice, format!("column {:?}", column.name), "is there twice")?;
        columns.push(column);
    }
    Ok(columns)
}

fn check_drift_names(drifts: &[DriftSpec]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for drift in drifts {
        ensure(seen.insert(&drift.id), format!("drift {:?}", drift.id), "is there twice")?;
    }
    Ok(())
}

/// What volume drifts do to a dataset.
#[derive(Debug, Default)]
struct VolumeShift {
    /// Multiplies the volume of each day; empty when nothing does.
    daily: Vec<f64>,
    tilts: Vec<(usize, Tilt)>,
}

struct Builder<'a> {
    spec: &'a Spec,
    run: &'a Run,
    columns: Vec<ColumnSpec>,
}

impl Builder<'_> {
    fn as_of(&self) -> NaiveDate {
        self.run.as_of.unwrap_or(self.spec.dataset.as_of)
    }

    fn time_column(&self) -> Option<usize> {
        self.columns.iter().position(|column| column.kind == "calendar")
    }

    /// The names of the table's columns in its order.
    fn table_order(&self) -> Result<Vec<String>> {
        let visible: Vec<&str> =
            self.columns.iter().filter(|column| !column.hidden).map(|column| column.name.as_str()).collect();
        let Some(order) = &self.spec.dataset.columns else {
            return Ok(visible.into_iter().map(str::to_owned).collect());
        };
        let named: BTreeSet<&str> = order.iter().map(String::as_str).collect();
        let same = named == visible.iter().copied().collect() && named.len() == order.len();
        ensure(
            same,
            "dataset: columns",
            format!("it must name each shown column once: {}", listed(visible)),
        )?;
        Ok(order.clone())
    }

    fn calendar(&self, daily: &[f64]) -> Result<Calendar> {
        let mut volumes = Calendar::volumes(&self.spec.calendar, self.as_of())?;
        volumes.iter_mut().zip(daily).for_each(|(volume, factor)| *volume *= factor);
        Calendar::new(day_number(self.as_of()) - volumes.len() as i32, &volumes)
    }

    fn volume_shift(&self, scope: &Scope, drifts: &[DriftSpec]) -> Result<VolumeShift> {
        let mut shift = VolumeShift::default();
        for drift in drifts.iter().filter(|drift| drift.what == What::Volume) {
            let place = format!("drift {:?}", drift.id);
            let time_column = self.time_column().unwrap_or_default();
            let plan = VolumePlan::new(scope, drift, time_column).map_err(|error| error.within(&place))?;
            let early = plan.tilts.iter().find(|(column, _)| *column < time_column);
            ensure(
                early.is_none(),
                &place,
                "the calendar column must come before the columns of the segment",
            )?;
            shift.daily.resize(plan.daily.len(), 1.0);
            shift.daily.iter_mut().zip(&plan.daily).for_each(|(factor, more)| *factor *= more);
            shift.tilts.extend(plan.tilts);
        }
        Ok(shift)
    }

    fn build(&self, drifts: &[DriftSpec], shift: VolumeShift, quantiles: QuantileTables) -> Result<Dataset> {
        let scope = Scope {
            dataset: self.spec.dataset.name.clone(),
            seed: self.run.seed,
            customer: self.run.customer,
            records: self.run.records,
            calendar: Arc::new(self.calendar(&shift.daily)?),
            columns: Vec::new(),
            quantiles,
            current: String::new(),
        };
        let mut dataset = Dataset {
            scope,
            traits: Vec::new(),
            drifts: drifts.to_vec(),
            undrifted: self.calendar(&[])?,
            as_of: self.as_of(),
            baseline_days: self.spec.dataset.baseline_days,
            current_days: self.spec.dataset.current_days,
            about: self.spec.dataset.about.clone(),
        };
        for drift in drifts {
            let known = self.columns.iter().any(|column| column.name == drift.column);
            let names = listed(self.columns.iter().map(|column| column.name.as_str()));
            let problem = format!("there is no column {:?}; there are {names}", drift.column);
            ensure(known, format!("drift {:?}", drift.id), problem)?;
        }
        for column in &self.columns {
            let place = format!("column {:?}", column.name);
            self.add_column(&mut dataset, column).map_err(|error| error.within(place))?;
            self.add_drift(&mut dataset, &shift)?;
        }
        Ok(dataset)
    }

    fn add_column(&self, dataset: &mut Dataset, spec: &ColumnSpec) -> Result<()> {
        let scope = &mut dataset.scope;
        scope.current.clone_from(&spec.name);
        let second = spec.kind == "calendar" && self.time_column() != Some(scope.columns.len());
        ensure(!second, "", "a dataset has one calendar column")?;
        let nulls = Nulls::new(scope, spec)?;
        let (kind, column) = columns::build(scope, &spec.kind, spec.params.clone())?;
        scope.columns.push(Named { name: spec.name.clone(), column, nullable: true });
        dataset.traits.push(ColumnTraits { kind, about: spec.about.clone(), nulls, reads: BTreeSet::new() });
        Ok(())
    }

    /// Gives the column that was built last its drift.
    fn add_drift(&self, dataset: &mut Dataset, shift: &VolumeShift) -> Result<()> {
        let index = dataset.scope.columns.len() - 1;
        let tilts = shift.tilts.iter().filter(|(column, _)| *column == index).map(|(_, tilt)| tilt.clone());
        let mut drift = Drift { tilts: tilts.collect(), effects: Vec::new() };
        for spec in dataset.drifts.iter().filter(|spec| spec.column == dataset.scope.current) {
            let place = format!("drift {:?}", spec.id);
            check_target(spec, dataset.traits[index].kind).map_err(|error| error.within(&place))?;
            if spec.what == What::Volume {
                continue;
            }
            let time_column = self.time_column().filter(|time| *time < index);
            let late = || SpecError::at(&place, "only columns behind a calendar column can drift");
            let effect = Effect::new(&dataset.scope, spec, time_column.ok_or_else(late)?);
            let effect = effect.map_err(|error| error.within(&place))?;
            match spec.what {
                What::NullRate => dataset.traits[index].nulls.effects.push(effect),
                _ => drift.effects.push(effect),
            }
        }
        dataset.scope.columns[index].column.set_drift(drift);
        let traits = &mut dataset.traits[index];
        dataset.scope.columns[index].nullable =
            traits.nulls.any() || dataset.scope.column(index).makes_nulls();
        traits.reads = dataset.scope.column(index).reads().into_iter().chain(traits.nulls.reads()).collect();
        Ok(())
    }
}

fn check_target(spec: &DriftSpec, kind: &ColumnKind) -> Result<()> {
    let fits = spec.what == What::NullRate || kind.drifts.contains(&spec.what);
    let allowed = kind.drifts.iter().map(|what| what.name()).chain([What::NullRate.name()]);
    let problem = format!(
        "column {:?} (kind {}) has no {}; it can drift in: {}",
        spec.column,
        kind.name,
        spec.what.name(),
        listed(allowed)
    );
    ensure(fits, "what", problem)
}
