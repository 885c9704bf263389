//! The same value in every row.

use super::{Column, ColumnKind, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, SpecError};
use crate::scope::Scope;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, BooleanArray, PrimitiveArray, StringArray};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "constant",
    about: "the same text, whole number or flag in every row; `value = \"{customer}\"` is the customer's number",
    keys: "value",
    drifts: &[],
    build: |scope, params| Constant::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    value: toml::Value,
}

#[derive(Debug)]
enum Constant {
    Text(Arc<StringArray>),
    Number(i32),
    Flag(bool),
}

impl Constant {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { value } = keys(params)?;
        let number = |number: i64| {
            i32::try_from(number).map(Self::Number).map_err(|_| {
                SpecError::at("value", format!("{number} is not within {} to {}", i32::MIN, i32::MAX))
            })
        };
        match value {
            toml::Value::String(text) if text == "{customer}" => number(i64::from(scope.customer)),
            toml::Value::String(text) => Ok(Self::Text(arrays::names([text.as_str()]))),
            toml::Value::Integer(value) => number(value),
            toml::Value::Boolean(flag) => Ok(Self::Flag(flag)),
            other => {
                Err(SpecError::at("value", format!("{} is no text, whole number or flag", other.type_str())))
            }
        }
    }
}

impl Column for Constant {
    fn data_type(&self) -> DataType {
        match self {
            Self::Text(_) => arrays::dictionary_type(1, &DataType::Utf8),
            Self::Number(_) => DataType::Int32,
            Self::Flag(_) => DataType::Boolean,
        }
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        let count = span.len();
        match self {
            Self::Text(text) => {
                let values: ArrayRef = text.clone();
                arrays::dictionary(&vec![0; count], span.nulls, &values)
            }
            Self::Number(number) => {
                Arc::new(PrimitiveArray::<Int32Type>::new(vec![*number; count].into(), span.nulls))
            }
            Self::Flag(flag) => {
                let flags =
                    if *flag { BooleanBuffer::new_set(count) } else { BooleanBuffer::new_unset(count) };
                Arc::new(BooleanArray::new(flags, span.nulls))
            }
        }
    }

    fn categories(&self) -> Option<&Arc<StringArray>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) | Self::Flag(_) => None,
        }
    }
}
