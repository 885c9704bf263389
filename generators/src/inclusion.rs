//! Datasets made of others: the tables of one become child tables of another, or one extends another.

use crate::error::{Result, SpecError, ensure, listed};
use crate::spec::{DatasetSpec, ForeignKeySpec, Spec, TableSpec};

/// How deep datasets may stand inside one another.
const MAX_DEPTH: usize = 4;

impl Spec {
    /// Puts the tables of other datasets in the place of every `[[table]]` that names one with `dataset`.
    /// `find` gives a dataset's spec by its name.
    ///
    /// The root table of the other dataset becomes the child table; its own child tables follow. A
    /// `[[table.column]]` replaces the other dataset's column of the same name, where that stands; columns
    /// of other names come before all. The calendar's column must so be replaced, because a child's dates
    /// follow from its parent's. Keys, indexes and `columns` are the other dataset's where none are given.
    /// Its dirt comes with it. Its drift does not: what drifts is for the including dataset to say.
    ///
    /// A dataset that `extends` another has all of it: columns of the same name replace the other's in their
    /// place, and columns of other names follow them; drift, dirt and tables are added.
    ///
    /// # Errors
    /// When `find` does, or datasets include each other more than 4 deep.
    pub fn including(self, find: &dyn Fn(&str) -> Result<Self>) -> Result<Self> {
        self.including_within(find, 0)
    }

    fn including_within(mut self, find: &dyn Fn(&str) -> Result<Self>, depth: usize) -> Result<Self> {
        let mut tables = Vec::new();
        for (position, table) in std::mem::take(&mut self.tables).into_iter().enumerate() {
            let Some(dataset) = table.dataset.clone() else {
                tables.push(table);
                continue;
            };
            let place = format!("table {}: dataset", position + 1);
            let problem = format!("{dataset:?} is included more than {MAX_DEPTH} deep");
            ensure(depth < MAX_DEPTH, &place, problem)?;
            let included = find(&dataset)
                .and_then(|spec| spec.including_within(find, depth + 1))
                .map_err(|error| error.within(&place))?;
            tables.extend(included_tables(table, included)?);
        }
        self.tables = tables;
        let Some(name) = self.dataset.extends.take() else { return Ok(self) };
        let place = "dataset: extends";
        ensure(depth < MAX_DEPTH, place, format!("{name:?} is extended more than {MAX_DEPTH} deep"))?;
        let base = find(&name).and_then(|spec| spec.including_within(find, depth + 1));
        Ok(self.extending(base.map_err(|error| error.within(place))?))
    }

    /// This dataset with all of `base`.
    fn extending(self, base: Self) -> Self {
        let (own, other) = (self.dataset, base.dataset);
        let is_new = |column: &&toml::Table| {
            !base.columns.iter().any(|known| name_of(known) == name_of(column)) && !is_hidden(column)
        };
        let new = self.columns.iter().filter(is_new).filter_map(name_of).map(str::to_owned);
        let order = other.columns.map(|order| order.into_iter().chain(new).collect());
        let (mut columns, mut added) = (base.columns, Vec::new());
        for column in self.columns {
            match columns.iter_mut().find(|known| name_of(known) == name_of(&column)) {
                Some(known) => *known = column,
                None => added.push(column),
            }
        }
        let dataset = DatasetSpec {
            table: own.table.or(other.table).or_else(|| Some(other.name.replace('-', "_"))),
            columns: own.columns.or(order),
            primary_key: or_else(own.primary_key, other.primary_key),
            foreign_keys: or_else(own.foreign_keys, other.foreign_keys),
            indexes: or_else(own.indexes, other.indexes),
            ..own
        };
        Self {
            dataset,
            calendar: self.calendar.or(base.calendar),
            columns: columns.into_iter().chain(added).collect(),
            drifts: base.drifts.into_iter().chain(self.drifts).collect(),
            dirts: base.dirts.into_iter().chain(self.dirts).collect(),
            tables: base.tables.into_iter().chain(self.tables).collect(),
        }
    }
}

/// The tables of `included` as children, the first in the place of `table`.
fn included_tables(table: TableSpec, included: Spec) -> Result<Vec<TableSpec>> {
    let root = included.dataset;
    let old_name = root.table.unwrap_or_else(|| root.name.replace('-', "_"));
    let name = table.name.unwrap_or_else(|| old_name.clone());
    let renamed = |known: String| if known == old_name { name.clone() } else { known };
    let renamed_keys = |keys: Vec<ForeignKeySpec>| -> Vec<ForeignKeySpec> {
        keys.into_iter().map(|key| ForeignKeySpec { table: renamed(key.table), ..key }).collect()
    };
    let order = table.order.or_else(|| root.columns.map(|order| extended(order, &table.columns)));
    let columns =
        replaced(included.columns, table.columns).map_err(|error| error.within(format!("table {name:?}")))?;
    let first = TableSpec {
        name: Some(name.clone()),
        about: table.about.or(Some(root.about)),
        dataset: None,
        parent: table.parent,
        count: table.count,
        when: table.when,
        order: order.map(|order| shown(order, &columns)),
        primary_key: or_else(table.primary_key, root.primary_key),
        foreign_keys: or_else(table.foreign_keys, renamed_keys(root.foreign_keys)),
        indexes: or_else(table.indexes, root.indexes),
        columns,
        drifts: table.drifts,
        dirts: included.dirts.into_iter().chain(table.dirts).collect(),
    };
    let others = included.tables.into_iter().map(|child| TableSpec {
        parent: Some(child.parent.map_or_else(|| name.clone(), renamed)),
        foreign_keys: renamed_keys(child.foreign_keys),
        drifts: Vec::new(),
        ..child
    });
    Ok(std::iter::once(first).chain(others).collect())
}

fn or_else<T>(given: Vec<T>, otherwise: Vec<T>) -> Vec<T> {
    if given.is_empty() { otherwise } else { given }
}

fn name_of(column: &toml::Table) -> Option<&str> {
    column.get("name").and_then(toml::Value::as_str)
}

fn is_hidden(column: &toml::Table) -> bool {
    column.get("hidden").and_then(toml::Value::as_bool).unwrap_or(false)
}

/// `columns` with those of `given` that have the same name in their place, and the others before them.
fn replaced(columns: Vec<toml::Table>, given: Vec<toml::Table>) -> Result<Vec<toml::Table>> {
    let named = |name: Option<&str>| columns.iter().position(|column| name_of(column) == name);
    let (in_place, before): (Vec<_>, Vec<_>) =
        given.into_iter().partition(|column| named(name_of(column)).is_some());
    let calendar = columns
        .iter()
        .find(|column| column.get("kind").is_some_and(|kind| kind.as_str() == Some("calendar")));
    if let Some(calendar) = calendar.and_then(name_of) {
        let problem = "it is laid out by its own calendar: replace it with a [[table.column]] of this name that makes the date from the parent's";
        ensure(
            in_place.iter().any(|column| name_of(column) == Some(calendar)),
            format!("column {calendar:?}"),
            problem,
        )?;
    }
    let mut merged = before;
    let first = merged.len();
    merged.extend(columns);
    for column in in_place {
        let position = merged[first..].iter().position(|known| name_of(known) == name_of(&column));
        if let Some(position) = position {
            merged[first + position] = column;
        }
    }
    Ok(merged)
}

/// An order of columns with the columns behind it that it does not name.
fn extended(mut order: Vec<String>, columns: &[toml::Table]) -> Vec<String> {
    for name in columns.iter().filter_map(name_of) {
        if !order.iter().any(|known| known == name) {
            order.push(name.to_owned());
        }
    }
    order
}

/// An order of columns without those that are hidden.
fn shown(mut order: Vec<String>, columns: &[toml::Table]) -> Vec<String> {
    let hidden = |name: &String| {
        columns.iter().any(|column| name_of(column) == Some(name.as_str()) && is_hidden(column))
    };
    order.retain(|name| !hidden(name));
    order
}

/// Refuses tables of other datasets that were not put in their place.
pub(crate) fn check_included(spec: &Spec) -> Result<()> {
    let left: Vec<&str> = spec.tables.iter().filter_map(|table| table.dataset.as_deref()).collect();
    let problem = || format!("the specs of {} are not at hand", listed(left.iter().copied()));
    if left.is_empty() { Ok(()) } else { Err(SpecError::at("table: dataset", problem())) }
}
