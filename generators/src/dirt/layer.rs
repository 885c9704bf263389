//! The active dirt of a table.

use super::choice::Choice;
use super::copies::Copying;
use super::emission::Emission;
use super::target::{Replacement, Target};
use super::{Build, Cell, DirtKind, Fault, Site, kind};
use crate::batch::{BatchSoFar, RowNumbers};
use crate::error::{Result, SpecError, ensure, listed};
use crate::plan::Needed;
use crate::scope::Scope;
use crate::spec::DirtSpec;
use arrow_array::ArrayRef;
use arrow_schema::DataType;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The most entries of a table.
const MAX_ENTRIES: usize = 256;

/// The active dirt of a table, in the order in which it is applied.
#[derive(Debug)]
pub(crate) struct Dirt {
    pub(super) entries: Vec<Entry>,
    /// The columns that it changes, by index.
    pub(super) targets: BTreeMap<usize, Target>,
}

/// One `[[dirt]]` entry.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) kind: &'static DirtKind,
    pub(super) choice: Choice,
    pub(super) action: Action,
}

/// What an entry does to the rows that it hits.
#[derive(Debug)]
pub(super) enum Action {
    Value { column: usize, fault: Box<dyn Fault> },
    Copies(Copying),
}

/// A value that was replaced.
#[derive(Debug)]
pub(super) struct Edit {
    /// Where its row stands among the rows.
    pub(super) offset: usize,
    pub(super) entry: usize,
    pub(super) column: usize,
    pub(super) before: Cell,
    pub(super) after: Cell,
}

/// The columns of some rows, and what was done to them.
#[derive(Debug)]
pub(super) struct Damaged {
    /// By index, where they were made.
    pub(super) columns: Vec<Option<ArrayRef>>,
    /// By faults of values, in the order of the entries.
    pub(super) edits: Vec<Edit>,
    /// Of copies that differ from their source.
    pub(super) changes: Vec<Edit>,
}

impl Dirt {
    /// Checks all entries of a table whose shown columns are `shown`, and keeps the active ones: those
    /// marked `always`, and with `all` every one. `None` where none is.
    pub(crate) fn new(
        scope: &mut Scope,
        shown: &[usize],
        tables: &[toml::Table],
        all: bool,
    ) -> Result<Option<Self>> {
        let mut dirt = Self { entries: Vec::new(), targets: BTreeMap::new() };
        let mut seen = BTreeSet::new();
        let problem = format!("{} entries are more than {MAX_ENTRIES}", tables.len());
        ensure(tables.len() <= MAX_ENTRIES, "dirt", problem)?;
        for (position, table) in tables.iter().enumerate() {
            let spec = DirtSpec::from_table(position, table.clone())?;
            let place = format!("dirt {:?}", spec.id);
            ensure(!spec.id.is_empty(), &place, "an id is not empty")?;
            ensure(seen.insert(spec.id.clone()), &place, "is there twice")?;
            let before = (!all && !spec.always).then(|| dirt.targets.clone());
            let entry = dirt.entry(scope, shown, spec).map_err(|error| error.within(&place))?;
            match before {
                Some(targets) => dirt.targets = targets,
                None => dirt.entries.push(entry),
            }
        }
        Ok((!dirt.entries.is_empty()).then_some(dirt))
    }

    /// Builds an entry, and takes into the targets what it can make of their values.
    fn entry(&mut self, scope: &mut Scope, shown: &[usize], mut spec: DirtSpec) -> Result<Entry> {
        let kind = kind(&spec.kind)?;
        let stream = scope.stream_of("dirt").keyed(&spec.id);
        let choice = Choice::new(scope, &spec, stream)?;
        let within = |error: SpecError| error.within(format!("kind {:?}", kind.name));
        let action = match kind.build {
            Build::Value(build) => {
                let column = column(scope, shown, spec.params.remove("column"))?;
                let target = self.targets.entry(column).or_insert_with(|| Target::new(scope, column));
                target.check_type()?;
                let fault = build(scope, target, stream.keyed("values"), spec.params).map_err(within)?;
                Action::Value { column, fault }
            }
            Build::Copies(build) => {
                let copying = build(scope, shown, stream.keyed("values"), spec.params).map_err(within)?;
                for column in copying.changed() {
                    self.targets.entry(column).or_insert_with(|| Target::new(scope, column));
                }
                Action::Copies(copying)
            }
        };
        Ok(Entry { id: spec.id, kind, choice, action })
    }

    /// The type of a column's dirty arrays, and whether dirt makes nulls in it.
    pub(crate) fn field(&self, column: usize) -> Option<(DataType, bool)> {
        self.targets.get(&column).map(|target| (target.data_type.clone(), target.nullable))
    }

    /// Whether any row can be there more than once.
    pub(crate) fn has_duplicates(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry.action, Action::Copies(_)))
    }

    /// The columns in which values can be damaged, copies apart.
    pub(crate) fn damaged_columns(&self) -> BTreeSet<usize> {
        let column = |entry: &Entry| match &entry.action {
            Action::Value { column, .. } => Some(*column),
            Action::Copies(_) => None,
        };
        self.entries.iter().filter_map(column).collect()
    }

    /// The columns that must be made beside `shown` to damage those.
    pub(crate) fn reads(&self, shown: &[usize]) -> Vec<usize> {
        let mut reads = Vec::new();
        for entry in &self.entries {
            if let Action::Value { column, fault } = &entry.action
                && shown.contains(column)
            {
                reads.extend(entry.choice.condition.reads().chain(fault.reads()));
            }
        }
        reads
    }

    /// The rows at some places, copies among them: the columns `shown`, in that order, and how many rows.
    pub(crate) fn batch(
        &self,
        scope: &Scope,
        places: Range<u64>,
        needed: &Needed,
        shown: &[usize],
    ) -> (Vec<ArrayRef>, usize) {
        let (emission, clean) = if self.has_duplicates() {
            let emission = self.emission(scope, places);
            let clean = scope.make_rows(&emission.rows, needed);
            (emission, clean)
        } else {
            let made = scope.make(RowNumbers::Range(places), needed);
            (Emission { rows: made.rows, copies: Vec::new() }, made.columns)
        };
        let columns = self.damage(&emission, clean, shown).columns;
        let shown = shown.iter().filter_map(|index| columns[*index].clone()).collect();
        (shown, emission.rows.len())
    }

    /// The rows of some numbers, damaged as they are in the table; copies apart.
    pub(crate) fn rows(
        &self,
        scope: &Scope,
        rows: RowNumbers,
        needed: &Needed,
        shown: &[usize],
    ) -> Vec<ArrayRef> {
        let clean = scope.make_rows(&rows, needed);
        let columns = self.damage(&Emission { rows, copies: Vec::new() }, clean, shown).columns;
        shown.iter().filter_map(|index| columns[*index].clone()).collect()
    }

    /// Damages the clean columns of some rows; only those in `shown`.
    pub(super) fn damage(
        &self,
        emission: &Emission,
        clean: Vec<Option<ArrayRef>>,
        shown: &[usize],
    ) -> Damaged {
        let clean = BatchSoFar::of(clean);
        let edits = self.edits(&emission.rows, &clean, shown);
        let mut columns = clean.into_columns();
        self.patch(&mut columns, shown, &edits);
        let changes = self.changes(emission, &columns, shown);
        if !changes.is_empty() {
            self.patch(&mut columns, shown, &changes);
        }
        Damaged { columns, edits, changes }
    }

    fn edits(&self, rows: &RowNumbers, clean: &BatchSoFar, shown: &[usize]) -> Vec<Edit> {
        let mut edits: Vec<Edit> = Vec::new();
        let mut latest: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let Action::Value { column, fault } = &entry.action else { continue };
            if !shown.contains(column) {
                continue;
            }
            for offset in entry.choice.offsets(rows, clean) {
                let original = Cell::read(clean.array(*column), offset);
                let known = latest.get(&(*column, offset)).map(|edit| edits[*edit].after.clone());
                let value = known.as_ref().unwrap_or(&original);
                let site = Site { value, clean: &original, row: rows.row(offset), offset, batch: clean };
                let after = if *value == Cell::Null { None } else { fault.damage(&site) };
                let Some(after) = after.filter(|after| after != value) else { continue };
                let before = value.clone();
                latest.insert((*column, offset), edits.len());
                edits.push(Edit { offset, entry: index, column: *column, before, after });
            }
        }
        edits
    }

    /// In what copies differ from their sources.
    fn changes(&self, emission: &Emission, columns: &[Option<ArrayRef>], shown: &[usize]) -> Vec<Edit> {
        let mut changes = Vec::new();
        for copy in &emission.copies {
            let Action::Copies(copying) = &self.entries[copy.entry].action else { continue };
            for column in copying.changed().filter(|column| shown.contains(column)) {
                let Some(array) = &columns[column] else { continue };
                let before = Cell::read(array, copy.offset);
                let own = copy.own.map(|own| Cell::read(array, own));
                let after = copying.value(column, &before, own.as_ref(), copy.place);
                let Some(after) = after.filter(|after| *after != before) else { continue };
                changes.push(Edit { offset: copy.offset, entry: copy.entry, column, before, after });
            }
        }
        changes
    }

    /// Gives the shown columns their dirty types and values.
    fn patch(&self, columns: &mut [Option<ArrayRef>], shown: &[usize], edits: &[Edit]) {
        for (index, target) in self.targets.iter().filter(|(index, _)| shown.contains(index)) {
            let Some(array) = &columns[*index] else { continue };
            let of_column = edits.iter().filter(|edit| edit.column == *index);
            // Of several edits of one value the last one counts.
            let last: BTreeMap<usize, &Cell> = of_column.map(|edit| (edit.offset, &edit.after)).collect();
            let replacements: Vec<Replacement> = last.into_iter().collect();
            columns[*index] = Some(target.patch(array, &replacements));
        }
    }
}

/// The shown column that an entry names.
fn column(scope: &Scope, shown: &[usize], name: Option<toml::Value>) -> Result<usize> {
    let known = || listed(shown.iter().map(|column| scope.columns[*column].name.as_str()));
    match &name {
        Some(toml::Value::String(name)) => {
            let found = shown.iter().find(|column| scope.columns[**column].name == *name).copied();
            let problem = || format!("the table has no column {name:?}; it has {}", known());
            found.ok_or_else(|| SpecError::at("column", problem()))
        }
        _ => Err(SpecError::at("column", format!("name the column to damage: {}", known()))),
    }
}
