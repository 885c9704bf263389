//! The category of a number's size.

use super::formula::numbers;
use super::{Column, ColumnKind, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, ensure};
use crate::scope::Scope;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::DataType;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "band",
    about: "the category of a number: the first name below the first limit, the second from there to the second limit, and so on",
    keys: "of = a COLUMN of numbers, limits = [...] ascending, names = [...], one more than limits",
    drifts: &[],
    build: |scope, params| Band::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    of: String,
    limits: Vec<f64>,
    names: Vec<String>,
}

#[derive(Debug)]
struct Band {
    of: usize,
    nullable: bool,
    limits: Vec<f64>,
    values: Arc<StringArray>,
}

impl Band {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { of: name, limits, names } = keys(params)?;
        let of = scope.index(&name).map_err(|error| error.within("of"))?;
        let data_type = scope.column(of).data_type();
        let problem = format!("column {name:?} of type {data_type} has no number");
        ensure(numbers::reads_type(&data_type), "of", problem)?;
        let ascending = limits.windows(2).all(|pair| pair[0] < pair[1]);
        ensure(ascending && limits.iter().all(|limit| limit.is_finite()), "limits", "they must ascend")?;
        let problem = format!("{} names for {} limits: one more is needed", names.len(), limits.len());
        ensure(names.len() == limits.len() + 1 && names.len() <= 256, "names", problem)?;
        let different: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        ensure(different.len() == names.len(), "names", "a name is there twice")?;
        let values = arrays::names(names.iter().map(String::as_str));
        Ok(Self { of, nullable: scope.is_nullable(of), limits, values })
    }
}

impl Column for Band {
    fn data_type(&self) -> DataType {
        arrays::dictionary_type(self.values.len(), &DataType::Utf8)
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let numbers = numbers::values(batch, self.of);
        let code = |number: &f64| self.limits.partition_point(|limit| limit <= number) as u16;
        let codes: Vec<u16> = numbers.iter().map(code).collect();
        let nulls = (self.nullable || span.nulls.is_some()).then(|| {
            let valid = |row: usize| span.is_valid(row) && !numbers[row].is_nan();
            NullBuffer::new(BooleanBuffer::collect_bool(span.len(), valid))
        });
        let values: ArrayRef = self.values.clone();
        arrays::dictionary(&codes, nulls, &values)
    }

    fn reads(&self) -> Vec<usize> {
        vec![self.of]
    }

    fn makes_nulls(&self) -> bool {
        self.nullable
    }

    fn categories(&self) -> Option<&Arc<StringArray>> {
        Some(&self.values)
    }
}
