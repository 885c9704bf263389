//! Columns that hold numbers, whatever their type.

use crate::batch::BatchSoFar;
use crate::error::{Result, SpecError};
use crate::scope::Scope;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int16Type, Int32Type, Int64Type};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

/// A column before this one, read as numbers: whole numbers, numbers, amounts (in currency units) and scores.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Numbers {
    column: usize,
    nullable: bool,
}

impl Numbers {
    /// The column of that name.
    ///
    /// # Errors
    /// When it is not there, or holds no numbers.
    pub(super) fn new(scope: &Scope, name: &str) -> Result<Self> {
        let column = scope.index(name)?;
        let data_type = scope.column(column).data_type();
        let fits = match &data_type {
            DataType::Dictionary(_, values) => **values == DataType::Float64,
            DataType::Int16 | DataType::Int32 | DataType::Int64 => true,
            other => matches!(other, DataType::Float64 | DataType::Decimal64(..)),
        };
        if !fits {
            return Err(SpecError::at("", format!("column {name:?} holds no numbers")));
        }
        Ok(Self { column, nullable: scope.is_nullable(column) })
    }

    pub(super) fn column(&self) -> usize {
        self.column
    }

    pub(super) fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// The numbers of a batch; anything where there is a null.
    pub(super) fn values(&self, batch: &BatchSoFar) -> Vec<f64> {
        let array = batch.array(self.column);
        match array.data_type() {
            DataType::Int16 => each(array.as_primitive::<Int16Type>().values(), f64::from),
            DataType::Int32 => each(array.as_primitive::<Int32Type>().values(), f64::from),
            DataType::Int64 => each(array.as_primitive::<Int64Type>().values(), |value| value as f64),
            DataType::Float64 => array.as_primitive::<Float64Type>().values().to_vec(),
            DataType::Dictionary(..) => {
                let values = array.as_any_dictionary().values().as_primitive::<Float64Type>();
                let codes = batch.codes(self.column);
                (0..array.len()).map(|offset| values.value(codes.get(offset))).collect()
            }
            _ => each(batch.cents(self.column), |cents| cents as f64 / 100.0),
        }
    }

    /// Which rows of a batch have no number.
    pub(super) fn nulls<'a>(&self, batch: &'a BatchSoFar) -> Option<&'a NullBuffer> {
        batch.nulls(self.column)
    }
}

fn each<T: Copy>(values: &[T], number: impl Fn(T) -> f64) -> Vec<f64> {
    values.iter().map(|value| number(*value)).collect()
}
