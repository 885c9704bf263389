//! How many rows a table has, and how often each value and each fault occurs in it: counted from the rows
//! themselves, so exact.

use crate::dirt::DirtLedger;
use crate::error::Result;
use crate::plan::Plan;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int16Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// What some places of a table hold; those of different places add up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Rows, copies by dirt among them.
    pub rows: u64,
    /// For each column marked `ledger = true`: its values after all dirt.
    pub columns: BTreeMap<String, ValueCounts>,
    /// For each entry of active dirt: what it did.
    pub dirt: BTreeMap<String, FaultCounts>,
}

/// How often each value of a column occurs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueCounts {
    /// Rows without a value.
    pub nulls: u64,
    /// Value as text → rows; values that do not occur are left out.
    pub values: BTreeMap<String, u64>,
}

/// What an entry of dirt did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultCounts {
    /// The kind of dirt.
    pub kind: String,
    /// Rows that are there again.
    pub copies: u64,
    /// Values that were damaged.
    pub values: u64,
}

impl Tally {
    /// Adds what other places hold.
    pub fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        for (column, counts) in &other.columns {
            let sum = self.columns.entry(column.clone()).or_default();
            sum.nulls += counts.nulls;
            for (value, rows) in &counts.values {
                *sum.values.entry(value.clone()).or_default() += rows;
            }
        }
        for (id, counts) in &other.dirt {
            let sum = self.dirt.entry(id.clone()).or_default();
            sum.kind.clone_from(&counts.kind);
            sum.copies += counts.copies;
            sum.values += counts.values;
        }
    }
}

/// Counts what a table holds, making no more columns than it must.
#[derive(Debug, Clone)]
pub struct Tallier {
    counted: Plan,
    dirt: Option<DirtLedger>,
}

impl Tallier {
    /// Counts in the table of a plan, whatever columns that shows.
    ///
    /// # Errors
    /// When the plan does not show a column that is to be counted.
    pub fn new(plan: &Plan) -> Result<Self> {
        let columns = plan.dataset().scope.columns.iter();
        let counted: Vec<&str> =
            columns.filter(|named| named.ledger).map(|named| named.name.as_str()).collect();
        Ok(Self { counted: plan.project(&counted)?, dirt: plan.dirt_ledger() })
    }

    /// Whether there is nothing to count: the table has one row for each place, and nothing more is asked.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        !self.counted.is_child() && self.dirt.is_none() && self.counted.schema().fields().is_empty()
    }

    /// What `places` hold, which must lie within `0..row_count()` of the plan.
    ///
    /// # Panics
    /// When the range ends behind the last place, or is too long for a batch.
    #[must_use]
    pub fn tally(&self, places: Range<u64>) -> Tally {
        let batch = self.counted.batch(places.clone());
        let dirt = self.dirt.iter().flat_map(|ledger| ledger.counts(places.clone()));
        let faults = dirt.map(|count| {
            (count.id, FaultCounts { kind: count.kind, copies: count.copies, values: count.values })
        });
        Tally { rows: batch.num_rows() as u64, columns: counts(&batch), dirt: faults.collect() }
    }
}

fn counts(batch: &RecordBatch) -> BTreeMap<String, ValueCounts> {
    let schema = batch.schema();
    let names = schema.fields().iter().map(|field| field.name().clone());
    names.zip(batch.columns()).map(|(name, column)| (name, value_counts(column))).collect()
}

/// Whether values of a type can be counted: there must not be too many different ones.
pub(crate) fn can_count(data_type: &DataType) -> bool {
    match data_type {
        DataType::Boolean | DataType::Int16 | DataType::Date32 => true,
        DataType::Dictionary(_, values) => **values == DataType::Utf8,
        _ => false,
    }
}

fn value_counts(column: &ArrayRef) -> ValueCounts {
    let valid = |row: &usize| column.is_valid(*row);
    let rows = || (0..column.len()).filter(valid);
    let mut counts = ValueCounts { nulls: column.null_count() as u64, values: BTreeMap::new() };
    let mut count = |value: String, rows: u64| {
        if rows > 0 {
            *counts.values.entry(value).or_default() += rows;
        }
    };
    match column.data_type() {
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            // Arrays without rows may have a dictionary without values, which has no codes.
            if dictionary.values().is_empty() {
                return counts;
            }
            let codes = dictionary.normalized_keys();
            let mut by_code = vec![0u64; dictionary.values().len()];
            rows().for_each(|row| by_code[codes[row]] += 1);
            let texts = dictionary.values().as_string::<i32>();
            by_code.iter().enumerate().for_each(|(code, rows)| count(texts.value(code).to_owned(), *rows));
        }
        DataType::Boolean => {
            let flags = column.as_boolean();
            let holds = rows().filter(|row| flags.value(*row)).count() as u64;
            count("true".to_owned(), holds);
            count("false".to_owned(), rows().count() as u64 - holds);
        }
        DataType::Int16 => {
            let numbers = column.as_primitive::<Int16Type>().values();
            by_number(rows().map(|row| i32::from(numbers[row])))
                .into_iter()
                .for_each(|(number, rows)| count(number.to_string(), rows));
        }
        _ => {
            let days = column.as_primitive::<Date32Type>().values();
            by_number(rows().map(|row| days[row])).into_iter().for_each(|(day, rows)| {
                let date = NaiveDate::from_epoch_days(day);
                count(date.map_or_else(|| format!("day {day}"), |date| date.to_string()), rows);
            });
        }
    }
    counts
}

fn by_number(numbers: impl Iterator<Item = i32>) -> BTreeMap<i32, u64> {
    let mut counts = BTreeMap::new();
    numbers.for_each(|number| *counts.entry(number).or_default() += 1);
    counts
}
