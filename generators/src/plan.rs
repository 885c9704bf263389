//! The checked form of a spec: the only thing that generates.

use crate::batch::BatchSoFar;
use crate::calendar::{Calendar, day_number};
use crate::columns::{self, ColumnKind, Drift, Nulls};
use crate::drift::{Effect, VolumePlan, What};
use crate::error::{Result, SpecError, ensure, listed};
use crate::scope::{Named, Scope};
use crate::spec::{ColumnSpec, DriftSpec, Spec};
use crate::tables::QuantileTables;
use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// The most rows of a dataset; the numbers of all of them are exact as floating-point numbers.
pub const MAX_RECORDS: u64 = 1 << 50;

/// What a run chooses beside the spec.
#[derive(Debug, Clone)]
pub struct Run {
    /// Rows of the whole dataset.
    pub records: u64,
    /// The seed of every value.
    pub seed: u64,
    /// The tenant.
    pub customer: u32,
    /// The day from which the data is seen; the spec's own when absent.
    pub as_of: Option<NaiveDate>,
    /// Whether the spec's drift is injected.
    pub drift: bool,
}

/// A dataset that can be generated, whole or in any part, in any order, on any thread.
#[derive(Debug, Clone)]
pub struct Plan {
    dataset: Arc<Dataset>,
    /// The columns of the table, by index.
    shown: Vec<usize>,
    /// Which columns are made, be it because another reads them.
    needed: Vec<bool>,
    schema: SchemaRef,
}

#[derive(Debug)]
pub(crate) struct Dataset {
    pub(crate) scope: Scope,
    pub(crate) traits: Vec<ColumnTraits>,
    pub(crate) drifts: Vec<DriftSpec>,
    /// The calendar without volume drift.
    pub(crate) undrifted: Calendar,
    pub(crate) as_of: NaiveDate,
    pub(crate) baseline_days: u32,
    pub(crate) current_days: u32,
    about: String,
}

/// What is known of a column beside its values.
#[derive(Debug)]
pub(crate) struct ColumnTraits {
    kind: &'static ColumnKind,
    about: String,
    pub(crate) nulls: Nulls,
    reads: BTreeSet<usize>,
}

/// A column of the table, for documents.
#[derive(Debug, Clone, Copy)]
pub struct ColumnInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its kind in the spec.
    pub kind: &'a str,
    /// What it means.
    pub about: &'a str,
}

impl Plan {
    /// Checks a spec for a run.
    ///
    /// # Errors
    /// When any part of the spec cannot be used, with its place.
    pub fn new(spec: &Spec, run: &Run) -> Result<Self> {
        ensure(
            (1..=MAX_RECORDS).contains(&run.records),
            "records",
            format!("{} is not within 1 to {MAX_RECORDS}", run.records),
        )?;
        let columns = column_specs(spec)?;
        let builder = Builder { spec, run, columns };
        let drifts: &[DriftSpec] = if run.drift { &spec.drifts } else { &[] };
        check_drift_names(drifts)?;
        let volumes: Vec<&DriftSpec> = drifts.iter().filter(|drift| drift.what == What::Volume).collect();
        let mut dataset = builder.build(&[], VolumeShift::default(), QuantileTables::default())?;
        if !drifts.is_empty() {
            let shift = builder.volume_shift(&dataset.scope, &volumes)?;
            dataset = builder.build(drifts, shift, dataset.scope.quantiles)?;
        }
        let names = builder.table_order()?;
        Self::showing(Arc::new(dataset), &names)
    }

    /// The same plan with only some columns of the table, in the given order.
    ///
    /// # Errors
    /// When a column is not in the table.
    pub fn project(&self, names: &[&str]) -> Result<Self> {
        let known: Vec<&str> = self.columns().map(|column| column.name).collect();
        for name in names {
            ensure(
                known.contains(name),
                "projection",
                format!("there is no column {name:?}; there are {}", listed(known.iter().copied())),
            )?;
        }
        Self::showing(Arc::clone(&self.dataset), names)
    }

    fn showing(dataset: Arc<Dataset>, names: &[&str]) -> Result<Self> {
        let shown = names.iter().map(|name| dataset.scope.index(name)).collect::<Result<Vec<_>>>()?;
        let field = |index: &usize| {
            let (column, traits) = (dataset.scope.column(*index), &dataset.traits[*index]);
            let nullable = traits.nulls.any() || column.makes_nulls();
            Field::new(&dataset.scope.columns[*index].name, column.data_type(), nullable)
        };
        let schema = Arc::new(Schema::new(shown.iter().map(field).collect::<Vec<_>>()));
        let mut needed = vec![false; dataset.traits.len()];
        shown.iter().for_each(|index| needed[*index] = true);
        for index in (0..needed.len()).rev() {
            if needed[index] {
                dataset.traits[index].reads.iter().for_each(|read| needed[*read] = true);
            }
        }
        Ok(Self { dataset, shown, needed, schema })
    }

    /// The columns with their in-memory types.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Rows of the whole dataset.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.dataset.scope.records
    }

    /// The dataset's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.dataset.scope.dataset
    }

    /// What the dataset is, in one sentence.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.dataset.about
    }

    /// The day from which the data is seen.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.dataset.as_of
    }

    /// The columns of the table, for documents.
    pub fn columns(&self) -> impl Iterator<Item = ColumnInfo<'_>> {
        self.shown.iter().map(|index| {
            let traits = &self.dataset.traits[*index];
            ColumnInfo {
                name: &self.dataset.scope.columns[*index].name,
                kind: traits.kind.name,
                about: &traits.about,
            }
        })
    }

    pub(crate) fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// The rows in `rows`, which must lie within the dataset.
    ///
    /// # Panics
    /// When the range ends behind the dataset's last row.
    #[must_use]
    pub fn batch(&self, rows: Range<u64>) -> RecordBatch {
        assert!(
            rows.start <= rows.end && rows.end <= self.row_count(),
            "rows {rows:?} of {}",
            self.row_count()
        );
        let mut batch = BatchSoFar::default();
        for (index, needed) in self.needed.iter().enumerate() {
            let filled = needed.then(|| {
                let span = self.dataset.traits[index].nulls.span(rows.clone(), &batch);
                self.dataset.scope.column(index).fill(span, &batch)
            });
            batch.push(filled);
        }
        let columns = batch.into_columns();
        let shown = self.shown.iter().filter_map(|index| columns[*index].clone()).collect();
        RecordBatch::try_new(self.schema(), shown)
            .expect("columns make arrays of the type and length they declare")
    }
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
    tilts: Vec<(usize, crate::drift::Tilt)>,
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
    fn table_order(&self) -> Result<Vec<&str>> {
        let visible: Vec<&str> =
            self.columns.iter().filter(|column| !column.hidden).map(|column| column.name.as_str()).collect();
        let Some(order) = &self.spec.dataset.columns else {
            return Ok(visible);
        };
        let named: BTreeSet<&str> = order.iter().map(String::as_str).collect();
        let same = named == visible.iter().copied().collect() && named.len() == order.len();
        ensure(
            same,
            "dataset: columns",
            format!("it must name each shown column once: {}", listed(visible)),
        )?;
        Ok(order.iter().map(String::as_str).collect())
    }

    fn calendar(&self, daily: &[f64]) -> Result<Calendar> {
        let mut volumes = Calendar::volumes(&self.spec.calendar, self.as_of())?;
        volumes.iter_mut().zip(daily).for_each(|(volume, factor)| *volume *= factor);
        Calendar::new(day_number(self.as_of()) - volumes.len() as i32, &volumes)
    }

    fn volume_shift(&self, scope: &Scope, volumes: &[&DriftSpec]) -> Result<VolumeShift> {
        let mut shift = VolumeShift::default();
        for drift in volumes {
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
        scope.columns.push(Named { name: spec.name.clone(), column });
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
