//! Which folder each row of a table goes to.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, PrimitiveArray, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, Schema, SchemaRef, TimeUnit};
use arrow_select::filter::filter_record_batch;
use chrono::{Datelike, NaiveDate, TimeDelta};

use super::manifest::PartitionValue;
use super::partition_by::{DateUnit, PartitionBy, PartitionColumn};
use crate::hive;
use crate::{Error, Result};

/// The option that all of this is about.
const OPTION: &str = "partition-by";

const SECONDS_PER_DAY: i64 = 86_400;

/// How the rows of one table go to folders.
#[derive(Debug, Clone)]
pub(crate) struct Partitioning {
    columns: Vec<Source>,
    /// The columns that the files have.
    kept: Vec<usize>,
    schema: SchemaRef,
}

/// A column that folders are made of.
#[derive(Debug, Clone)]
struct Source {
    index: usize,
    unit: Option<DateUnit>,
    folder_column: String,
}

/// The rows of a batch by their folders.
pub(crate) struct Assigned {
    /// The folder of each row, as a position in `folders`.
    pub rows: Vec<u32>,
    /// The values that each folder stands for, in the order of the columns.
    pub folders: Vec<Vec<Option<String>>>,
}

impl Partitioning {
    /// How rows of this schema go to folders; `None` for a table that lacks one of the columns, whose files go to
    /// none.
    ///
    /// # Errors
    /// A column whose type does not suit, or no column left for the files.
    pub(crate) fn of(by: &PartitionBy, schema: &SchemaRef, table: &str) -> Result<Option<Self>> {
        let index = |column: &PartitionColumn| schema.index_of(&column.column).ok();
        if by.is_empty() || by.columns().iter().any(|column| index(column).is_none()) {
            return Ok(None);
        }
        let refused = |column: &dyn ToString, problem: String| {
            Err(Error::option(OPTION, column.to_string(), format!("{problem} (table {table})")))
        };
        let mut columns = Vec::new();
        for column in by.columns() {
            let Some(index) = index(column) else { return Ok(None) };
            if let Err(problem) = suits(schema.field(index).data_type(), column) {
                return refused(column, problem);
            }
            let folder_column = column.folder_column();
            if column.unit.is_some() && schema.index_of(&folder_column).is_ok() {
                return refused(
                    column,
                    format!("its folders would be called like the column {folder_column}"),
                );
            }
            columns.push(Source { index, unit: column.unit, folder_column });
        }
        let is_dropped =
            |index: &usize| columns.iter().any(|source| source.unit.is_none() && source.index == *index);
        let kept: Vec<usize> = (0..schema.fields().len()).filter(|index| !is_dropped(index)).collect();
        if kept.is_empty() {
            return refused(by, "no column is left for the files".to_owned());
        }
        let fields: Vec<_> = kept.iter().map(|index| Arc::clone(&schema.fields()[*index])).collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        Ok(Some(Self { columns, kept, schema }))
    }

    /// The schema of the files.
    pub(crate) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The columns of the files.
    pub(crate) fn kept(&self, batch: &RecordBatch) -> Result<RecordBatch, String> {
        batch.project(&self.kept).map_err(|error| error.to_string())
    }

    /// The folder of each row.
    pub(crate) fn assign(&self, batch: &RecordBatch) -> Result<Assigned, String> {
        let mut assigned = Assigned { rows: vec![0; batch.num_rows()], folders: vec![Vec::new()] };
        for source in &self.columns {
            let column = batch.column(source.index);
            let (codes, texts) = match source.unit {
                None => text_codes(column),
                Some(unit) => date_codes(column, unit),
            }
            .map_err(|problem| format!("column {}: {problem}", batch.schema().field(source.index).name()))?;
            assigned = assigned.and(&codes, &texts);
        }
        Ok(assigned)
    }

    /// The rows of a batch that go to the folder of these values, as its file has them.
    ///
    /// # Panics
    /// A batch of another schema.
    pub(crate) fn rows_of(&self, batch: &RecordBatch, values: &[PartitionValue]) -> RecordBatch {
        let filtered = self.assign(batch).and_then(|assigned| {
            let is_wanted: Vec<bool> =
                assigned.folders.iter().map(|folder| self.named(folder) == values).collect();
            let rows = assigned.rows.iter().map(|folder| is_wanted[*folder as usize]);
            let rows = BooleanArray::from_iter(rows.map(Some));
            filter_record_batch(&self.kept(batch)?, &rows).map_err(|error| error.to_string())
        });
        filtered.unwrap_or_else(|problem| panic!("rows that were written before: {problem}"))
    }

    /// The values of a folder with the names of their columns.
    pub(crate) fn named(&self, values: &[Option<String>]) -> Vec<PartitionValue> {
        let named = self.columns.iter().zip(values);
        named
            .map(|(source, value)| PartitionValue {
                column: source.folder_column.clone(),
                value: value.clone(),
            })
            .collect()
    }

    /// The folder's name, with `/` between those inside each other.
    pub(crate) fn folder(&self, values: &[Option<String>]) -> String {
        let named = self.columns.iter().zip(values);
        let names = named.map(|(source, value)| hive::folder_name(&source.folder_column, value.as_deref()));
        names.collect::<Vec<_>>().join("/")
    }

    /// The folder's name with a star for each value.
    pub(crate) fn pattern(&self) -> String {
        let names =
            self.columns.iter().map(|source| hive::folder_name(&source.folder_column, Some("")) + "*");
        names.collect::<Vec<_>>().join("/")
    }
}

impl Assigned {
    /// Cuts further by the values of another column.
    fn and(self, codes: &[u32], texts: &[Option<String>]) -> Self {
        let mut numbers: HashMap<(u32, u32), u32> = HashMap::new();
        let mut folders: Vec<Vec<Option<String>>> = Vec::new();
        let mut number_of = |pair: (u32, u32)| match numbers.entry(pair) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(vacant) => {
                let mut values = self.folders[pair.0 as usize].clone();
                values.push(texts[pair.1 as usize].clone());
                folders.push(values);
                *vacant.insert(folders.len() as u32 - 1)
            }
        };
        // Rows beside each other are often of one folder.
        let mut last = None;
        let pairs = self.rows.iter().copied().zip(codes.iter().copied());
        let rows = pairs.map(|pair| match last {
            Some((before, number)) if before == pair => number,
            _ => {
                let number = number_of(pair);
                last = Some((pair, number));
                number
            }
        });
        let rows = rows.collect();
        Self { rows, folders }
    }
}

/// Whether a column of this type can name folders as it was asked to.
fn suits(data_type: &DataType, column: &PartitionColumn) -> Result<(), String> {
    let plain = match data_type {
        DataType::Dictionary(_, values) => values,
        plain => plain,
    };
    match (plain, column.unit) {
        (DataType::Utf8, None) | (DataType::Date32 | DataType::Timestamp(..), Some(_)) => Ok(()),
        (DataType::Utf8, Some(unit)) => {
            Err(format!("{} is text, which has no {}: leave the unit out", column.column, unit.name()))
        }
        (DataType::Date32 | DataType::Timestamp(..), None) => {
            Err(format!("a date needs a unit: {0}:year, {0}:month or {0}:day", column.column))
        }
        (other, _) => {
            Err(format!("a column of type {other} names no folders: text does, and dates with a unit"))
        }
    }
}

/// Texts as codes, and what each code stands for.
fn text_codes(column: &ArrayRef) -> Result<(Vec<u32>, Vec<Option<String>>), String> {
    let coded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let column = cast(column, &coded).map_err(|error| error.to_string())?;
    let dictionary = column.as_dictionary::<Int32Type>();
    let values = dictionary.values().as_string::<i32>();
    // Null is the last code; a value that stands in the dictionary twice is two codes of one text here, and one folder
    // further on.
    let null = values.len() as u32;
    let codes = dictionary.keys().iter().map(|key| key.map_or(null, |key| key as u32)).collect();
    let texts = values.iter().map(|text| text.map(str::to_owned)).chain([None]).collect();
    Ok((codes, texts))
}

/// Dates by their stretch of the calendar as codes, and what each code stands for.
fn date_codes(column: &ArrayRef, unit: DateUnit) -> Result<(Vec<u32>, Vec<Option<String>>), String> {
    let days = days(column)?;
    let mut codes = Vec::with_capacity(days.len());
    let mut texts = vec![None];
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut known: HashMap<i32, u32> = HashMap::new();
    let mut last = None;
    for day in &days {
        let code = match (day, last) {
            (None, _) => 0,
            (Some(day), Some((before, code))) if before == day => code,
            (Some(day), _) => {
                let code = match known.entry(day) {
                    Entry::Occupied(code) => *code.get(),
                    Entry::Vacant(vacant) => {
                        let text = stretch(day, unit)?;
                        let next = texts.len() as u32;
                        let code = *numbers.entry(text.clone()).or_insert(next);
                        texts.extend((code == next).then_some(Some(text)));
                        *vacant.insert(code)
                    }
                };
                last = Some((day, code));
                code
            }
        };
        codes.push(code);
    }
    Ok((codes, texts))
}

/// Dates and instants as days since 1970-01-01, in UTC: an instant with a zone counts UTC too (Arrow columnar format,
/// `Timestamp`).
fn days(column: &ArrayRef) -> Result<PrimitiveArray<Date32Type>, String> {
    let units_per_second = match column.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => 1,
        DataType::Timestamp(TimeUnit::Millisecond, _) => 1_000,
        DataType::Timestamp(TimeUnit::Microsecond, _) => 1_000_000,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => 1_000_000_000,
        _ => {
            let days = cast(column, &DataType::Date32).map_err(|error| error.to_string())?;
            return Ok(days.as_primitive::<Date32Type>().clone());
        }
    };
    let instants = cast(column, &DataType::Int64).map_err(|error| error.to_string())?;
    let day = |instant: i64| {
        let day = instant.div_euclid(units_per_second * SECONDS_PER_DAY);
        i32::try_from(day).map_err(|_| format!("the instant {instant} lies on no day that can be counted"))
    };
    instants.as_primitive::<Int64Type>().try_unary(day)
}

/// The stretch of the calendar in which a day lies, counted from 1970-01-01.
fn stretch(day: i32, unit: DateUnit) -> Result<String, String> {
    let date = NaiveDate::from_ymd_opt(1970, 1, 1)
        .and_then(|first| first.checked_add_signed(TimeDelta::days(day.into())))
        .filter(|date| (0..=9_999).contains(&date.year()));
    date.map(|date| date.format(unit.format()).to_string())
        .ok_or_else(|| format!("day {day} since 1970-01-01 is outside of the years 0 to 9999"))
}

#[cfg(test)]
mod tests {
    use arrow_array::{Date32Array, DictionaryArray, Int8Array, StringArray, TimestampMicrosecondArray};

    use super::*;

    fn batch() -> RecordBatch {
        let payers = DictionaryArray::new(
            Int8Array::from(vec![Some(1), None, Some(0), Some(1)]),
            Arc::new(StringArray::from(vec!["A/B", "C"])),
        );
        // The days of 2024-12-31, 2025-01-01 and 2025-02-01.
        let days = Date32Array::from(vec![Some(20_088), Some(20_089), None, Some(20_120)]);
        // The last instant of 1969 and the first of 1970: time before the epoch counts downwards.
        let instants = TimestampMicrosecondArray::from(vec![-1, 0, 0, 0]).with_timezone("UTC");
        let columns: [(&str, ArrayRef); 3] =
            [("payer", Arc::new(payers)), ("day", Arc::new(days)), ("at", Arc::new(instants))];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
    }

    fn of(by: &str, schema: &SchemaRef) -> Result<Option<Partitioning>> {
        Partitioning::of(&by.parse().unwrap(), schema, "claims")
    }

    fn folders(by: &str) -> Vec<String> {
        let batch = batch();
        let partitioning = of(by, &batch.schema()).unwrap().unwrap();
        let assigned = partitioning.assign(&batch).unwrap();
        assigned.rows.iter().map(|row| partitioning.folder(&assigned.folders[*row as usize])).collect()
    }

    #[test]
    fn each_row_has_the_folder_of_its_values() {
        let null = "__HIVE_DEFAULT_PARTITION__";
        assert_eq!(
            folders("payer"),
            ["payer=C", &format!("payer={null}"), "payer=A%2FB", "payer=C"].map(String::from)
        );
        let months = ["2024-12", "2025-01", null, "2025-02"];
        assert_eq!(folders("day:month"), months.map(|month| format!("day_month={month}")));
        assert_eq!(folders("at:day")[..2], ["at_day=1969-12-31", "at_day=1970-01-01"].map(String::from));
        assert_eq!(folders("day:year,payer")[3], "day_year=2025/payer=C");
    }

    #[test]
    fn texts_leave_the_files_and_dates_stay() {
        let batch = batch();
        let partitioning = of("payer,day:day", &batch.schema()).unwrap().unwrap();
        let kept = partitioning.kept(&batch).unwrap();
        assert_eq!(kept.schema(), partitioning.schema());
        assert_eq!(kept.columns(), &batch.columns()[1..]);
        assert!(of("payer,nothing", &batch.schema()).unwrap().is_none());
    }

    #[test]
    fn what_names_no_folders_is_refused() {
        let schema = batch().schema();
        let cases = [("payer:year", "leave the unit out"), ("day", "day:month"), ("at", "at:day")];
        for (by, part) in cases {
            let problem = of(by, &schema).unwrap_err().to_string();
            assert!(problem.contains(part) && problem.contains("claims"), "{by}: {problem}");
        }
        let numbers: ArrayRef = Arc::new(Int8Array::from(vec![1]));
        let text: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
        let date: ArrayRef = Arc::new(Date32Array::from(vec![1]));
        let others = RecordBatch::try_from_iter([("n", numbers), ("d", date), ("d_day", text)]).unwrap();
        for by in ["n", "n:day"] {
            assert!(of(by, &others.schema()).unwrap_err().to_string().contains("Int8"));
        }
        assert!(of("d:day", &others.schema()).unwrap_err().to_string().contains("d_day"));
        let alone = others.project(&[2]).unwrap();
        assert!(of("d_day", &alone.schema()).unwrap_err().to_string().contains("no column is left"));
    }
}
