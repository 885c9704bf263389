//! A number computed from other columns.

mod expression;
pub(super) mod numbers;
mod parse;

use self::expression::Expression;
use super::{Column, ColumnKind, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, ensure};
use crate::scope::Scope;
use arrow_array::ArrayRef;
use arrow_schema::DataType;
use serde::Deserialize;

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
        arrays::number_type(self.digits)
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let values = self.expression.values(batch, span.len());
        arrays::numbers(&values, self.digits, span.nulls)
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
