//! A list of entries with columns of their own.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, ParentRows, RowSpan};
use crate::error::{Result, ensure};
use crate::plan::{Assembly, child_rows, column_specs};
use crate::scope::{Entries, Scope};
use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, Fields};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "items",
    about: "a list of entries, each a struct of columns of its own, [[column.item]]; `count` says how many",
    keys: "count = a whole-number COLUMN before this one; [[column.item]] with the keys of a column, where kind = \"parent\" copies a column of the row",
    drifts: &[],
    build: |scope, params| Items::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    count: String,
    item: Vec<toml::Table>,
}

/// The entries are rows of a child table that only exists inside its parent.
#[derive(Debug)]
struct Items {
    table: Scope,
    fields: Fields,
    /// The columns of `table` that the entries show, and all that are made.
    shown: Vec<usize>,
    needed: Vec<bool>,
    entries: Arc<Entries>,
}

impl Items {
    fn new(scope: &mut Scope, params: toml::Table) -> Result<Self> {
        let Params { count, item } = keys(params)?;
        let count = scope.whole_number(&count).map_err(|error| error.within("count"))?;
        let columns = column_specs(&item).map_err(|error| error.within("item"))?;
        let drifts = std::mem::take(&mut scope.entry_drifts);
        let stream_name = format!("{}.{}", scope.stream_name, scope.current);
        let mut table = scope.like(stream_name, scope.as_parent(Some(count)), None);
        Assembly { columns: &columns, drifts: &drifts, tilts: &[] }
            .build(&mut table)
            .map_err(|error| error.within("item"))?;
        let shown: Vec<usize> = (0..columns.len()).filter(|column| !columns[*column].hidden).collect();
        ensure(!shown.is_empty(), "item", "at least one column of the entries must be shown")?;
        let known = table.as_parent(None).columns;
        let columns: Vec<_> = shown.iter().map(|column| known[*column].clone()).collect();
        let field = |index: &usize| {
            let named = &table.columns[*index];
            Field::new(&named.name, named.column.data_type(), named.nullable)
        };
        Ok(Self {
            fields: shown.iter().map(field).collect(),
            needed: table.closure(shown.iter().copied()),
            entries: Arc::new(Entries { count, columns }),
            shown,
            table,
        })
    }

    fn entry(&self) -> Arc<Field> {
        Arc::new(Field::new_list_field(DataType::Struct(self.fields.clone()), false))
    }
}

impl Column for Items {
    fn data_type(&self) -> DataType {
        DataType::List(self.entry())
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let mut counts = batch.counts(self.entries.count);
        if let Some(nulls) = &span.nulls {
            counts.iter_mut().zip(nulls).filter(|(_, valid)| !valid).for_each(|(count, _)| *count = 0);
        }
        let (rows, parents, lengths) = child_rows(&span.rows, &counts);
        let above = ParentRows { batch, offsets: Some(&parents) };
        let columns = self.table.fill(&rows, &self.needed, Some(above));
        let shown = self.shown.iter().filter_map(|index| columns[*index].clone()).collect();
        let entries = StructArray::new(self.fields.clone(), shown, None);
        let ends = OffsetBuffer::from_lengths(lengths);
        Arc::new(ListArray::new(self.entry(), ends, Arc::new(entries), span.nulls))
    }

    fn reads(&self) -> Vec<usize> {
        let made = self.table.columns.iter().zip(&self.needed).filter(|(_, needed)| **needed);
        let read: BTreeSet<usize> = made.flat_map(|(named, _)| named.column.reads_parent()).collect();
        read.into_iter().chain([self.entries.count]).collect()
    }

    fn entries(&self) -> Option<&Arc<Entries>> {
        Some(&self.entries)
    }
}
