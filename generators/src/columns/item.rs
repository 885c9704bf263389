//! A field of the entry that a row stands for.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, SpecError, listed};
use crate::plan::MAX_CHILDREN;
use crate::scope::{ParentColumn, Scope};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StringArray, UInt32Array};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "item",
    about: "in a child table with the `count` of its parent's items column: a field of the entry that the row stands for",
    keys: "of = an items COLUMN of the parent, field",
    drifts: &[],
    build: |scope, params| Item::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    of: String,
    field: String,
}

#[derive(Debug)]
struct Item {
    list: usize,
    field: usize,
    of: ParentColumn,
    /// Whether rows are counted within their parent; one that is not stands for the first entry.
    is_counted: bool,
    /// Whether there may be rows without an entry.
    may_lack_entry: bool,
}

impl Item {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { of, field } = keys(params)?;
        let (list, column) = scope.parent_column(&of).map_err(|error| error.within("of"))?;
        let Some(entries) = &column.entries else {
            return Err(SpecError::at("of", format!("column {of:?} of the parent is of no kind \"items\"")));
        };
        let known = || listed(entries.columns.iter().map(|column| column.name.as_str()));
        let found = entries.columns.iter().position(|column| column.name == field);
        let field = found.ok_or_else(|| {
            SpecError::at("field", format!("the entries of {of:?} have no {field:?}; they have {}", known()))
        })?;
        let count = scope.parent.as_ref().and_then(|parent| parent.count);
        Ok(Self {
            list,
            field,
            of: entries.columns[field].clone(),
            is_counted: count.is_some(),
            may_lack_entry: column.nullable || count != Some(entries.count),
        })
    }
}

impl Column for Item {
    fn data_type(&self) -> DataType {
        self.of.data_type.clone()
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let lists = batch.parent_array(self.list).as_list::<i32>();
        let values = lists.values().as_struct().column(self.field);
        let ends = lists.value_offsets();
        let mut picks: Vec<Option<u32>> = Vec::with_capacity(span.len());
        span.rows.each(|offset, row| {
            let parent = batch.parent_offset(offset);
            let place = if self.is_counted { row % MAX_CHILDREN } else { 0 };
            let pick = ends[parent] as u64 + place;
            let there = pick < ends[parent + 1] as u64 && span.is_valid(offset);
            picks.push(there.then_some(pick as u32));
        });
        // The rows of whole parents stand for entries in a row, whose values need no copying.
        let first = picks.first().copied().flatten().unwrap_or(0);
        if (first..).zip(&picks).all(|(next, pick)| *pick == Some(next)) {
            return values.slice(first as usize, picks.len());
        }
        let picks = UInt32Array::from(picks);
        arrow_select::take::take(values, &picks, None).expect("picks lie within the entries")
    }

    fn reads_parent(&self) -> Vec<usize> {
        vec![self.list]
    }

    fn is_calendar(&self) -> bool {
        self.of.is_calendar && !self.of.nullable && !self.may_lack_entry
    }

    fn makes_nulls(&self) -> bool {
        self.of.nullable || self.may_lack_entry
    }

    fn categories(&self) -> Option<&Arc<StringArray>> {
        self.of.categories.as_ref()
    }
}
