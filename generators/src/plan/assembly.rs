//! Columns in order, each checked against those before it, with their drift.

use crate::columns::{self, ColumnKind, Drift, Nulls};
use crate::drift::{Effect, Tilt, What};
use crate::error::{Result, SpecError, ensure, listed};
use crate::scope::{Named, Scope};
use crate::spec::{ColumnSpec, DriftSpec};
use crate::tally::can_count;
use std::collections::BTreeSet;

/// The columns of a table, or of the entries of a list, as a spec has them.
#[derive(Debug)]
pub(crate) struct Assembly<'a> {
    pub(crate) columns: &'a [ColumnSpec],
    pub(crate) drifts: &'a [DriftSpec],
    /// By column: what volume drifts do to it.
    pub(crate) tilts: &'a [(usize, Tilt)],
}

/// Reads the columns of a table or list.
pub(crate) fn column_specs(tables: &[toml::Table]) -> Result<Vec<ColumnSpec>> {
    let mut columns: Vec<ColumnSpec> = Vec::new();
    for (position, table) in tables.iter().enumerate() {
        let column = ColumnSpec::from_table(position, table.clone())?;
        check_column_name(&column.name).map_err(|error| error.within(format!("column {}", position + 1)))?;
        let twice = columns.iter().any(|known| known.name == column.name);
        ensure(!twice, format!("column {:?}", column.name), "is there twice")?;
        columns.push(column);
    }
    Ok(columns)
}

/// Checks the name of a dataset: it is part of file names.
pub(super) fn check_name(name: &str) -> Result<()> {
    let plain = begins_and_goes_on(name, |byte| byte.is_ascii_lowercase());
    let rule = "use a lower-case letter, then lower-case letters, digits, - and _";
    ensure(plain, "", format!("{name:?} is no name: {rule}"))
}

/// Checks the name of a column, which may be the one that a message has on the wire.
fn check_column_name(name: &str) -> Result<()> {
    let plain = begins_and_goes_on(name, |byte| byte.is_ascii_alphabetic());
    let rule = "use a lower-case letter, then letters, digits, - and _";
    ensure(plain, "", format!("{name:?} is no name: {rule}"))
}

fn begins_and_goes_on(name: &str, is_letter: impl Fn(u8) -> bool) -> bool {
    let goes_on = |byte: u8| is_letter(byte) || byte.is_ascii_digit() || b"-_".contains(&byte);
    name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase()) && name.bytes().all(goes_on)
}

impl Assembly<'_> {
    /// Adds the columns to a scope that has none.
    pub(crate) fn build(&self, scope: &mut Scope) -> Result<()> {
        self.check_drifts()?;
        for column in self.columns {
            let place = format!("column {:?}", column.name);
            self.add_column(scope, column).map_err(|error| error.within(place))?;
            self.add_drift(scope)?;
        }
        Ok(())
    }

    fn check_drifts(&self) -> Result<()> {
        for drift in self.drifts {
            let name = drift.column.split_once('.').map_or(drift.column.as_str(), |(list, _)| list);
            let known = self.columns.iter().any(|column| column.name == name);
            let names = listed(self.columns.iter().map(|column| column.name.as_str()));
            let problem = format!("there is no column {name:?}; there are {names}");
            ensure(known, format!("drift {:?}", drift.id), problem)?;
        }
        Ok(())
    }

    /// The drift of the entries of a list.
    fn entry_drifts(&self, list: &str) -> Vec<DriftSpec> {
        let of_entries = |drift: &DriftSpec| {
            let (name, field) = drift.column.split_once('.')?;
            (name == list).then(|| DriftSpec { column: field.to_owned(), ..drift.clone() })
        };
        self.drifts.iter().filter_map(of_entries).collect()
    }

    fn add_column(&self, scope: &mut Scope, spec: &ColumnSpec) -> Result<()> {
        scope.current.clone_from(&spec.name);
        if spec.kind == "calendar" {
            let problem = "only the root table is laid out by the calendar: copy its date, with kind = \"parent\" or one that reads such a copy";
            ensure(scope.parent.is_none(), "", problem)?;
            let second = (0..scope.columns.len()).any(|column| scope.column(column).is_calendar());
            ensure(!second, "", "a dataset has one calendar column")?;
        }
        let nulls = Nulls::new(scope, spec)?;
        scope.entry_drifts = self.entry_drifts(&spec.name);
        let (kind, column) = columns::build(scope, &spec.kind, spec.params.clone())?;
        if spec.ledger {
            let in_list = scope.parent.is_some() && scope.link.is_none();
            ensure(
                !spec.hidden && !in_list,
                "ledger",
                "it counts only the values of columns that a table shows",
            )?;
            let problem = "it counts only categories, flags, dates and small whole numbers";
            ensure(can_count(&column.data_type()), "ledger", problem)?;
        }
        if let Some(drift) = scope.entry_drifts.pop() {
            return Err(SpecError::at(
                format!("drift {:?}", drift.id),
                "only a column of kind \"items\" has columns of its own",
            ));
        }
        scope.columns.push(Named {
            name: spec.name.clone(),
            kind,
            about: spec.about.clone(),
            column,
            nulls,
            nullable: true,
            reads: BTreeSet::new(),
            ledger: spec.ledger,
        });
        Ok(())
    }

    /// Gives the column that was built last its drift.
    fn add_drift(&self, scope: &mut Scope) -> Result<()> {
        let index = scope.columns.len() - 1;
        let tilts = self.tilts.iter().filter(|(column, _)| *column == index).map(|(_, tilt)| tilt.clone());
        let mut drift = Drift { tilts: tilts.collect(), effects: Vec::new() };
        for spec in self.drifts.iter().filter(|spec| spec.column == scope.current) {
            let place = format!("drift {:?}", spec.id);
            check_target(spec, scope.columns[index].kind).map_err(|error| error.within(&place))?;
            if spec.what == What::Volume {
                continue;
            }
            let effect = scope
                .time_column(spec.time.as_deref(), index)
                .and_then(|time_column| Effect::new(scope, spec, time_column))
                .map_err(|error| error.within(&place))?;
            match spec.what {
                What::NullRate => scope.columns[index].nulls.effects.push(effect),
                _ => drift.effects.push(effect),
            }
        }
        let named = &mut scope.columns[index];
        named.column.set_drift(drift);
        named.nullable = named.nulls.any() || named.column.makes_nulls();
        named.reads = named.column.reads().into_iter().chain(named.nulls.reads()).collect();
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
