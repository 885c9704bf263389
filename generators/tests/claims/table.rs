//! Rows of a plan as plain Rust values.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Date32Type, Decimal64Type, Float64Type, Int16Type, UInt8Type, UInt16Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::DataType;
use driftforge_generators::Plan;

/// Some columns of all rows of a plan.
pub struct Table(RecordBatch);

/// A column of texts: the distinct ones, and which of them each row has.
pub struct Texts {
    pub values: Vec<String>,
    pub codes: Vec<Option<u16>>,
}

impl Texts {
    pub fn get(&self, row: usize) -> Option<&str> {
        self.codes[row].map(|code| self.values[usize::from(code)].as_str())
    }

    /// The texts that rows have, in alphabetical order.
    pub fn used(&self) -> Vec<&str> {
        let mut used = vec![false; self.values.len()];
        self.codes.iter().flatten().for_each(|code| used[usize::from(*code)] = true);
        let values = self.values.iter().zip(used).filter(|(_, used)| *used);
        let mut values: Vec<&str> = values.map(|(value, _)| value.as_str()).collect();
        values.sort_unstable();
        values
    }
}

impl Table {
    /// All columns.
    pub fn of(plan: &Plan) -> Self {
        Self(plan.batch(0..plan.row_count()))
    }

    /// Only the named columns.
    pub fn projected<'a>(plan: &Plan, names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        Self::of(&plan.project(&names).unwrap_or_else(|error| panic!("{error}")))
    }

    pub fn row_count(&self) -> usize {
        self.0.num_rows()
    }

    pub fn column(&self, name: &str) -> &ArrayRef {
        self.0.column_by_name(name).unwrap_or_else(|| panic!("there is no column {name:?}"))
    }

    pub fn names(&self) -> Vec<String> {
        self.0.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    pub fn is_nullable(&self, name: &str) -> bool {
        self.0.schema().field_with_name(name).is_ok_and(|field| field.is_nullable())
    }

    pub fn texts(&self, name: &str) -> Texts {
        texts(self.column(name))
    }

    /// A text column that is no dictionary.
    pub fn strings(&self, name: &str) -> &StringArray {
        self.column(name).as_string()
    }

    /// Days since 1970-01-01.
    pub fn days(&self, name: &str) -> Vec<Option<i32>> {
        self.column(name).as_primitive::<Date32Type>().iter().collect()
    }

    pub fn cents(&self, name: &str) -> Vec<Option<i64>> {
        self.column(name).as_primitive::<Decimal64Type>().iter().collect()
    }

    pub fn counts(&self, name: &str) -> Vec<Option<i16>> {
        self.column(name).as_primitive::<Int16Type>().iter().collect()
    }

    pub fn flags(&self, name: &str) -> Vec<Option<bool>> {
        self.column(name).as_boolean().iter().collect()
    }

    /// The texts of a list column, and for each row the codes of its entries.
    pub fn lists(&self, name: &str) -> (Texts, Vec<Vec<u16>>) {
        let lists = self.column(name).as_list::<i32>();
        let entries = texts(lists.values());
        let of_row = |ends: &[i32]| {
            (ends[0] as usize..ends[1] as usize).filter_map(|entry| entries.codes[entry]).collect()
        };
        let rows = lists.offsets().windows(2).map(of_row).collect();
        (entries, rows)
    }

    /// The distinct scores of a score column.
    pub fn scores(&self, name: &str) -> Vec<f64> {
        let scores = self.column(name).as_dictionary::<UInt8Type>();
        scores.values().as_primitive::<Float64Type>().values().to_vec()
    }
}

fn texts(column: &ArrayRef) -> Texts {
    match column.data_type() {
        DataType::Dictionary(key, _) if **key == DataType::UInt8 => keyed::<UInt8Type>(column, u16::from),
        _ => keyed::<UInt16Type>(column, u16::from),
    }
}

fn keyed<K: ArrowDictionaryKeyType>(column: &ArrayRef, code: fn(K::Native) -> u16) -> Texts {
    let dictionary = column.as_dictionary::<K>();
    let values = dictionary.values().as_string::<i32>().iter().flatten().map(str::to_owned).collect();
    Texts { values, codes: dictionary.keys().iter().map(|key| key.map(code)).collect() }
}
