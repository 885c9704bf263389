//! The built-in datasets, and their rows as text.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use driftforge_generators::{Collection, Run, Spec};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../schemas/datasets")
}

/// A dataset by its name.
pub fn spec(name: &str) -> Spec {
    let path = folder().join(format!("{name}.toml"));
    Spec::parse(&fs::read_to_string(path).unwrap(), name).unwrap()
}

/// Every dataset with its name and all its dirt.
pub fn dirty_collections(records: u64) -> Vec<(String, Collection)> {
    let run = Run { records, seed: 42, customer: 7, as_of: None, drift: true, dirt: true };
    names().into_iter().map(|name| (name.clone(), planned(&name, &run))).collect()
}

/// Every dataset with its name, clean but for what its sources have by nature.
pub fn collections(records: u64) -> Vec<(String, Collection)> {
    names().into_iter().map(|name| (name.clone(), collection(&name, records))).collect()
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = entries
        .filter_map(|path| Some(path.file_name()?.to_str()?.strip_suffix(".toml")?.to_owned()))
        .collect();
    names.sort();
    assert!(names.contains(&"claims".to_owned()));
    names
}

/// One dataset.
pub fn collection(name: &str, records: u64) -> Collection {
    collection_of(name, records, 7)
}

/// One dataset of a customer.
pub fn collection_of(name: &str, records: u64, customer: u32) -> Collection {
    planned(name, &Run { records, seed: 42, customer, as_of: None, drift: true, dirt: false })
}

fn planned(name: &str, run: &Run) -> Collection {
    let spec = spec(name).including(&|name| Ok(self::spec(name))).unwrap();
    Collection::new(&spec, run).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The values that are more than once in a dictionary somewhere in a column.
pub fn repeated_in_dictionaries(array: &ArrayRef) -> Vec<String> {
    match array.data_type() {
        DataType::Struct(_) => {
            array.as_struct().columns().iter().flat_map(repeated_in_dictionaries).collect()
        }
        DataType::List(_) => repeated_in_dictionaries(array.as_list::<i32>().values()),
        DataType::Dictionary(..) => {
            let mut seen = BTreeSet::new();
            let values = of_array(array.as_any_dictionary().values()).into_iter().flatten();
            values.filter(|value| !seen.insert(value.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// Rows as text, so that batches compare by value whatever their buffers look like.
pub fn rows_of(batch: &RecordBatch) -> Vec<String> {
    let columns: Vec<Vec<Option<String>>> = batch.columns().iter().map(of_array).collect();
    (0..batch.num_rows())
        .map(|row| columns.iter().map(|column| format!("{:?}|", column[row])).collect())
        .collect()
}

/// The values of a column as text, `None` where they are null.
pub fn texts(batch: &RecordBatch, column: &str) -> Vec<Option<String>> {
    of_array(batch.column_by_name(column).unwrap_or_else(|| panic!("no column {column}")))
}

fn of_array(array: &ArrayRef) -> Vec<Option<String>> {
    match array.data_type() {
        DataType::Struct(_) => nested(array, |row| {
            let columns = array.as_struct().columns().iter();
            columns.map(|column| format!("{:?};", of_array(&column.slice(row, 1)))).collect()
        }),
        DataType::List(_) => {
            nested(array, |row| format!("{:?}", of_array(&array.as_list::<i32>().value(row))))
        }
        // Microseconds sort as the instants do; text of a time zone needs a database of zones.
        DataType::Timestamp(..) => of_array(&arrow_cast::cast(array, &DataType::Int64).unwrap()),
        _ => {
            let cast = arrow_cast::cast(array, &DataType::Utf8).unwrap();
            cast.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
        }
    }
}

fn nested(array: &ArrayRef, text: impl Fn(usize) -> String) -> Vec<Option<String>> {
    (0..array.len()).map(|row| array.is_valid(row).then(|| text(row))).collect()
}
