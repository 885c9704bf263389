//! From a spec to the tables of a dataset.

use super::assembly::{Assembly, check_name, column_specs};
use super::relations::{KeySpecs, Relations};
use super::{Dataset, Link, Plan, Run};
use crate::calendar::{Calendar, day_number};
use crate::dirt::Dirt;
use crate::drift::{Tilt, VolumePlan, What};
use crate::error::{Result, SpecError, ensure, listed};
use crate::hours::Hours;
use crate::loads::Loads;
use crate::rng::Stream;
use crate::scope::{Condition, Scope};
use crate::spec::{ColumnSpec, DriftSpec, Spec, TableSpec};
use crate::tables::QuantileTables;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The largest row number that may occur, so that numbers from 1 are 64-bit integers with room to spare.
const MAX_ROW: u64 = 1 << 61;

/// Builds the root table.
///
/// A volume drift needs to know how often the values of its segment occur, so with drift the columns are
/// built twice: without any, then with all of it.
pub(super) fn root(spec: &Spec, run: &Run, earlier: &[u64]) -> Result<Plan> {
    check_name(&spec.dataset.name).map_err(|error| error.within("dataset"))?;
    ensure(!spec.columns.is_empty(), "column", "a dataset needs at least one [[column]]")?;
    for (key, days) in
        [("baseline_days", spec.dataset.baseline_days), ("current_days", spec.dataset.current_days)]
    {
        let problem = format!("{key} = {days} is not within 1 to 36500");
        ensure((1..=36_500).contains(&days), "dataset", problem)?;
    }
    let drifts: &[DriftSpec] = if run.drift { &spec.drifts } else { &[] };
    check_drift_names(drifts)?;
    let loads = Loads::new(earlier, run.records)?;
    let builder = Root { spec, run, loads, columns: column_specs(&spec.columns)? };
    let mut dataset = builder.build(&[], VolumeShift::default(), QuantileTables::default())?;
    if !drifts.is_empty() {
        let shift = builder.volume_shift(&dataset.scope, drifts)?;
        dataset = builder.build(drifts, shift, dataset.scope.quantiles)?;
    }
    let order = table_order(&builder.columns, spec.dataset.columns.as_ref())
        .map_err(|error| error.within("dataset: columns"))?;
    dataset.soil(&order, &spec.dirts, run).map_err(|error| builder.in_table(error))?;
    Plan::showing(Arc::new(dataset), &order)
}

/// Builds a child table of `tables`, the first of which is the root.
pub(super) fn child(spec: &TableSpec, position: usize, tables: &[Plan], run: &Run) -> Result<Plan> {
    let Some(name) = &spec.name else {
        return Err(SpecError::at(format!("table {}", position + 1), "it has no `name`"));
    };
    let place = format!("table {name:?}");
    child_table(spec, name, tables, run).map_err(|error| error.within(place))
}

fn child_table(spec: &TableSpec, name: &str, tables: &[Plan], run: &Run) -> Result<Plan> {
    let twice = tables.iter().any(|known| known.table() == name);
    ensure(!twice, "", "there are two tables of this name")?;
    ensure(!spec.columns.is_empty(), "column", "a table needs at least one [[table.column]]")?;
    let parent = parent_of(spec, tables)?;
    let link = link(spec, parent)?;
    let columns = column_specs(&spec.columns)?;
    let drifts: &[DriftSpec] = if run.drift { &spec.drifts } else { &[] };
    let volume = drifts.iter().find(|drift| drift.what == What::Volume);
    if let Some(drift) = volume {
        let problem = "the volume of a child table follows from its parent's: let the parent's volume drift, or the column that counts";
        return Err(SpecError::at(format!("drift {:?}", drift.id), problem));
    }
    let above = &parent.dataset;
    let stream_name = format!("{}/{name}", above.scope.dataset);
    let mut scope = above.scope.like(stream_name, above.scope.as_parent(link.count), Some(link));
    ensure(scope.row_limit() <= MAX_ROW, "parent", too_deep(scope.records))?;
    Assembly { columns: &columns, drifts, tilts: &[] }.build(&mut scope)?;
    let keys =
        KeySpecs { primary_key: &spec.primary_key, foreign_keys: &spec.foreign_keys, indexes: &spec.indexes };
    let mut dataset = Dataset {
        scope,
        relations: Relations::new(name, &keys)?,
        drifts: drifts.to_vec(),
        dirt: None,
        undrifted: above.undrifted.clone(),
        as_of: above.as_of,
        baseline_days: above.baseline_days,
        current_days: above.current_days,
        about: spec.about.clone().unwrap_or_default(),
    };
    let order = table_order(&columns, spec.order.as_ref()).map_err(|error| error.within("columns"))?;
    dataset.soil(&order, &spec.dirts, run)?;
    Plan::showing(Arc::new(dataset), &order)
}

fn too_deep(records: u64) -> String {
    format!(
        "with {records} rows of the root, the numbers of its rows are too large: use fewer records, or fewer tables between the two that have a `count`"
    )
}

fn parent_of<'a>(spec: &TableSpec, tables: &'a [Plan]) -> Result<&'a Plan> {
    let Some(name) = &spec.parent else { return Ok(&tables[0]) };
    tables.iter().find(|table| table.table() == name).ok_or_else(|| {
        let names = listed(tables.iter().map(Plan::table));
        SpecError::at("parent", format!("there is no table {name:?} before this one; there are {names}"))
    })
}

fn link(spec: &TableSpec, parent: &Plan) -> Result<Link> {
    let scope = &parent.dataset.scope;
    let count = |name: &String| scope.whole_number(name);
    let when = spec.when.as_ref().map(|when| Condition::new(scope, when));
    Ok(Link {
        dataset: Arc::clone(&parent.dataset),
        count: spec.count.as_ref().map(count).transpose().map_err(|error| error.within("count"))?,
        when: when.transpose().map_err(|error| error.within("when"))?,
    })
}

pub(super) fn check_drift_names<'a>(drifts: impl IntoIterator<Item = &'a DriftSpec>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for drift in drifts {
        ensure(seen.insert(&drift.id), format!("drift {:?}", drift.id), "is there twice")?;
    }
    Ok(())
}

/// The names of a table's columns in its order.
fn table_order(columns: &[ColumnSpec], order: Option<&Vec<String>>) -> Result<Vec<String>> {
    let visible: Vec<&str> =
        columns.iter().filter(|column| !column.hidden).map(|column| column.name.as_str()).collect();
    let Some(order) = order else {
        return Ok(visible.into_iter().map(str::to_owned).collect());
    };
    let named: BTreeSet<&str> = order.iter().map(String::as_str).collect();
    let same = named == visible.iter().copied().collect() && named.len() == order.len();
    ensure(same, "", format!("it must name each shown column once: {}", listed(visible)))?;
    Ok(order.clone())
}

impl Dataset {
    /// Checks the dirt of the table with the columns `order`, and takes in what is active.
    fn soil(&mut self, order: &[String], dirts: &[toml::Table], run: &Run) -> Result<()> {
        let shown = order.iter().map(|name| self.scope.index(name)).collect::<Result<Vec<_>>>()?;
        self.dirt = Dirt::new(&mut self.scope, &shown, dirts, run.dirt)?;
        Ok(())
    }
}

/// What volume drifts do to a dataset.
#[derive(Debug, Default)]
struct VolumeShift {
    /// Multiplies the volume of each day; empty when nothing does.
    daily: Vec<f64>,
    tilts: Vec<(usize, Tilt)>,
}

struct Root<'a> {
    spec: &'a Spec,
    run: &'a Run,
    loads: Loads,
    columns: Vec<ColumnSpec>,
}

impl Root<'_> {
    fn as_of(&self) -> NaiveDate {
        self.run.as_of.unwrap_or(self.spec.dataset.as_of)
    }

    fn calendar(&self, daily: &[f64]) -> Result<Calendar> {
        let missing = || SpecError::at("calendar", "a dataset needs a [calendar]");
        let calendar = self.spec.calendar.as_ref().ok_or_else(missing)?;
        let mut volumes = Calendar::volumes(calendar, self.as_of())?;
        volumes.iter_mut().zip(daily).for_each(|(volume, factor)| *volume *= factor);
        let stream = Stream::of_column(self.run.seed, &self.spec.dataset.name, "calendar");
        let storms = stream.keyed("storms").lane(u64::from(self.run.customer));
        let hours = Hours::new(calendar, storms)?;
        Calendar::new(day_number(self.as_of()) - volumes.len() as i32, &volumes, hours)
    }

    fn table(&self) -> String {
        let spec = &self.spec.dataset;
        spec.table.clone().unwrap_or_else(|| spec.name.replace('-', "_"))
    }

    /// Names the table where there are others that may have a column of the same name.
    fn in_table(&self, error: SpecError) -> SpecError {
        if self.spec.tables.is_empty() { error } else { error.within(format!("table {:?}", self.table())) }
    }

    fn volume_shift(&self, scope: &Scope, drifts: &[DriftSpec]) -> Result<VolumeShift> {
        let mut shift = VolumeShift::default();
        for drift in drifts.iter().filter(|drift| drift.what == What::Volume) {
            let place = format!("drift {:?}", drift.id);
            let time_column = scope.time_column(None, scope.columns.len()).unwrap_or_default();
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
        let spec = &self.spec.dataset;
        let mut scope = Scope {
            dataset: spec.name.clone(),
            stream_name: spec.name.clone(),
            seed: self.run.seed,
            customer: self.run.customer,
            records: self.run.records,
            loads: self.loads.clone(),
            calendar: Arc::new(self.calendar(&shift.daily)?),
            columns: Vec::new(),
            quantiles,
            current: String::new(),
            entry_drifts: Vec::new(),
            parent: None,
            link: None,
        };
        let assembly = Assembly { columns: &self.columns, drifts, tilts: &shift.tilts };
        assembly.build(&mut scope).map_err(|error| self.in_table(error))?;
        let keys = KeySpecs {
            primary_key: &spec.primary_key,
            foreign_keys: &spec.foreign_keys,
            indexes: &spec.indexes,
        };
        Ok(Dataset {
            scope,
            relations: Relations::new(&self.table(), &keys).map_err(|error| error.within("dataset"))?,
            drifts: drifts.to_vec(),
            dirt: None,
            undrifted: self.calendar(&[])?,
            as_of: self.as_of(),
            baseline_days: spec.baseline_days,
            current_days: spec.current_days,
            about: spec.about.clone(),
        })
    }
}
