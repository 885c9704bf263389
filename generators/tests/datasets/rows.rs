//! Rows of a table as plain Rust values.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_cast::cast;
use arrow_schema::DataType;

/// Some rows, their columns by name.
pub struct Rows(StructArray);

impl Rows {
    pub fn new(batch: RecordBatch) -> Self {
        Self(batch.into())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn column(&self, name: &str) -> &ArrayRef {
        self.0.column_by_name(name).unwrap_or_else(|| panic!("there is no column {name:?}"))
    }

    /// The fields of a struct column, as if they were columns.
    pub fn inner(&self, name: &str) -> Self {
        Self(self.column(name).as_struct().clone())
    }

    /// The entries of a list of structs in one row; `None` where there is no list.
    pub fn entries(&self, name: &str, row: usize) -> Option<Self> {
        let lists = self.column(name).as_list::<i32>();
        lists.is_valid(row).then(|| Self(lists.value(row).as_struct().clone()))
    }

    /// The values of a column of any simple type, as text.
    pub fn texts(&self, name: &str) -> Vec<Option<String>> {
        let texts = cast(self.column(name), &DataType::Utf8).unwrap();
        texts.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
    }

    /// The values of a column without nulls, as text.
    pub fn all_texts(&self, name: &str) -> Vec<String> {
        self.texts(name).into_iter().map(Option::unwrap).collect()
    }

    /// The values of a number or flag column.
    pub fn numbers(&self, name: &str) -> Vec<Option<f64>> {
        cast(self.column(name), &DataType::Float64).unwrap().as_primitive::<Float64Type>().iter().collect()
    }

    /// The values of a number or flag column without nulls.
    pub fn all_numbers(&self, name: &str) -> Vec<f64> {
        self.numbers(name).into_iter().map(Option::unwrap).collect()
    }

    /// Microseconds since 1970-01-01, UTC.
    pub fn instants(&self, name: &str) -> Vec<Option<i64>> {
        cast(self.column(name), &DataType::Int64).unwrap().as_primitive::<Int64Type>().iter().collect()
    }

    /// The text of a key of several columns, of the rows where none of them is null.
    pub fn keys(&self, columns: &[String]) -> Vec<String> {
        let columns: Vec<Vec<Option<String>>> = columns.iter().map(|name| self.texts(name)).collect();
        let key = |row: usize| {
            let parts: Option<Vec<&str>> = columns.iter().map(|column| column[row].as_deref()).collect();
            parts.map(|parts| parts.join("\u{1f}"))
        };
        (0..self.len()).filter_map(key).collect()
    }
}
