//! A number computed from other columns.

mod expression;
pub(super) mod numbers;
mod parse;

use self::expression::Expression;
use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, ensure};
use crate::scope::Scope;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "formula",
    about: "a number computed from columns before this one, in double precision; null where a value that it needs \
            is, and where it is not finite",
    keys: "value = an expression with numbers, COLUMN, COLUMN = \"VALUE\", + - * / ( ) < <= > >= = !=, min, max, \
           round, floor, ceil, abs, coalesce(a, b), if(condition, a, b); digits behind the point (default 0: a \
           whole number)",
    drifts: &[],
    build: |scope, params| Formula::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

/// The most digits behind the point: beyond them, doubles have no more to say about the sizes used here.
const MAX_DIGITS: u32 = 9;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    value: String,
    #[serde(default)]
    digits: u32,
}

#[derive(Debug)]
struct Formula {
    expression: Expression,
    digits: u32,
}

impl Formula {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { value, digits } = keys(params)?;
        ensure(digits <= MAX_DIGITS, "digits", format!("{digits} is above {MAX_DIGITS}"))?;
        let expression = parse::parse(&value, scope).map_err(|error| error.within("value"))?;
        Ok(Self { expression, digits })
    }
}

impl Column for Formula {
    fn data_type(&self) -> DataType {
        if self.digits == 0 { DataType::Int64 } else { DataType::Float64 }
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let values = self.expression.values(batch, span.len());
        // Whole numbers are exact in a double up to 2^53; beyond them nothing can be promised.
        let limit = (1u64 << 53) as f64;
        let whole = self.digits == 0;
        let there = |value: f64| value.is_finite() && (!whole || value.abs() < limit);
        let valid = BooleanBuffer::collect_bool(span.len(), |row| span.is_valid(row) && there(values[row]));
        let nulls = (valid.count_set_bits() < span.len()).then(|| NullBuffer::new(valid));
        if whole {
            let values: Vec<i64> = values.into_iter().map(|value| value.round() as i64).collect();
            return Arc::new(PrimitiveArray::<Int64Type>::new(values.into(), nulls));
        }
        let scale = 10f64.powi(self.digits as i32);
        let rounded = |value: f64| if value.is_finite() { (value * scale).round() / scale } else { 0.0 };
        let values: Vec<f64> = values.into_iter().map(rounded).collect();
        Arc::new(PrimitiveArray::<Float64Type>::new(values.into(), nulls))
    }

    fn reads(&self) -> Vec<usize> {
        let mut columns = Vec::new();
        self.expression.reads(&mut columns);
        columns
    }

    fn makes_nulls(&self) -> bool {
        self.expression.may_be_null()
    }
}

#[cfg(test)]
mod tests;
