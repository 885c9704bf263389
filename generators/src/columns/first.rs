//! The first value that is there.

use super::{Column, ColumnKind, arrays, choice, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, SpecError, ensure};
use crate::scope::Scope;
use arrow_array::{Array, ArrayRef, BooleanArray, StringArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "first",
    about: "the value of the first of some columns that is not null; together with `null_unless` it chooses between them",
    keys: "of = [COLUMN, ...], all of one type",
    drifts: &[],
    build: |scope, params| First::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

/// The most columns to choose from.
const MAX_COLUMNS: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    of: Vec<String>,
}

#[derive(Debug)]
struct First {
    of: Vec<usize>,
    data_type: DataType,
    /// Of categories: the names of all columns, and the code here of each code of each column.
    merged: Option<Merged>,
    nullable: bool,
    is_calendar: bool,
}

#[derive(Debug)]
struct Merged {
    values: Arc<StringArray>,
    codes: Vec<Vec<u16>>,
}

impl First {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { of: names } = keys(params)?;
        let problem = format!("{} columns are named: use 1 to {MAX_COLUMNS}", names.len());
        ensure((1..=MAX_COLUMNS).contains(&names.len()), "of", problem)?;
        let of = names.iter().map(|name| scope.index(name)).collect::<Result<Vec<_>>>();
        let of = of.map_err(|error| error.within("of"))?;
        let categories: Option<Vec<_>> = of.iter().map(|index| scope.column(*index).categories()).collect();
        let merged = categories.map(|categories| Merged::new(&categories)).transpose()?;
        let data_type = match &merged {
            Some(merged) => arrays::dictionary_type(merged.values.len(), &DataType::Utf8),
            None => scope.column(of[0]).data_type(),
        };
        for (name, index) in names.iter().zip(&of) {
            let found = scope.column(*index).data_type();
            let problem = format!("column {name:?} is of type {found}, {:?} of type {data_type}", names[0]);
            ensure(merged.is_some() || found == data_type, "of", problem)?;
        }
        Ok(Self {
            nullable: of.iter().all(|index| scope.is_nullable(*index)),
            is_calendar: of.iter().all(|index| scope.column(*index).is_calendar()),
            of,
            data_type,
            merged,
        })
    }

    /// For each row which of the columns has the value; the last where none has.
    fn chosen(&self, batch: &BatchSoFar, count: usize) -> Vec<usize> {
        let last = self.of.len() - 1;
        let mut chosen = vec![last; count];
        for (place, index) in self.of.iter().enumerate().rev() {
            let nulls = batch.nulls(*index);
            let has = |offset: usize| nulls.is_none_or(|nulls| nulls.is_valid(offset));
            chosen
                .iter_mut()
                .enumerate()
                .filter(|(offset, _)| has(*offset))
                .for_each(|(_, slot)| *slot = place);
        }
        chosen
    }
}

impl Merged {
    fn new(categories: &[&Arc<StringArray>]) -> Result<Self> {
        let mut names: Vec<&str> = Vec::new();
        let mut codes = Vec::with_capacity(categories.len());
        for values in categories {
            let mut own = Vec::with_capacity(values.len());
            for value in values.iter().flatten() {
                let known = names.iter().position(|name| *name == value).unwrap_or_else(|| {
                    names.push(value);
                    names.len() - 1
                });
                own.push(known as u16);
            }
            codes.push(own);
        }
        let count = names.len();
        if count > 1 << 16 {
            return Err(SpecError::at("of", format!("{count} values together, 65536 are allowed")));
        }
        Ok(Self { values: arrays::names(names), codes })
    }
}

impl Column for First {
    fn data_type(&self) -> DataType {
        self.data_type.clone()
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let chosen = self.chosen(batch, span.len());
        let Some(merged) = &self.merged else {
            let columns: Vec<&dyn Array> = self.of.iter().map(|index| batch.array(*index).as_ref()).collect();
            let places: Vec<(usize, usize)> =
                chosen.iter().enumerate().map(|(offset, place)| (*place, offset)).collect();
            let values = choice::chosen(&columns, &places);
            let Some(nulls) = span.nulls else { return values };
            let absent = BooleanArray::new(!nulls.inner(), None);
            return arrow_select::nullif::nullif(&values, &absent).expect("there is a value for each row");
        };
        let sources: Vec<_> = self.of.iter().map(|index| batch.codes(*index)).collect();
        let code = |(offset, place): (usize, &usize)| merged.codes[*place][sources[*place].get(offset)];
        let codes: Vec<u16> = chosen.iter().enumerate().map(code).collect();
        let there = BooleanBuffer::collect_bool(span.len(), |offset| {
            let nulls = batch.nulls(self.of[chosen[offset]]);
            span.is_valid(offset) && nulls.is_none_or(|nulls| nulls.is_valid(offset))
        });
        let nulls = (self.nullable || span.nulls.is_some()).then(|| NullBuffer::new(there));
        let values: ArrayRef = merged.values.clone();
        arrays::dictionary(&codes, nulls, &values)
    }

    fn reads(&self) -> Vec<usize> {
        self.of.clone()
    }

    fn makes_nulls(&self) -> bool {
        self.nullable
    }

    fn categories(&self) -> Option<&Arc<StringArray>> {
        self.merged.as_ref().map(|merged| &merged.values)
    }

    fn is_calendar(&self) -> bool {
        self.is_calendar
    }
}
