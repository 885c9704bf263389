//! What is told of data: the report, in figures and text.

use chrono::{DateTime, Days, NaiveDate};
use serde::Serialize;

use super::column::{ColumnState, Scale};
use super::quantiles::number_of;
use super::table::TableState;

/// The shares whose quantiles are told.
pub(super) const SHARES: [f64; 5] = [0.01, 0.25, 0.5, 0.75, 0.99];

/// What is told of a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// Where the data are.
    pub place: String,
    /// The dataset's name, where the files or loads say it; the names of several with commas between.
    pub dataset: Option<String>,
    /// The tables, by name.
    pub tables: Vec<TableProfile>,
    /// The drift in the data, by what its writer said of it; `None` where nobody did.
    pub drifts: Option<Vec<DriftLine>>,
}

/// What is told of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableProfile {
    /// Its name: that of its folder, or of its files.
    pub name: String,
    /// The number of its files; 0 for a table of a database.
    pub files: usize,
    /// Their size, or the table's without indexes, in bytes.
    pub bytes: u64,
    /// The number of its rows.
    pub rows: u64,
    /// Its columns. Fields of structs are called `column.field`, the entries of lists `column[]`.
    pub columns: Vec<ColumnProfile>,
}

/// What is told of a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnProfile {
    /// Its path.
    pub name: String,
    /// Its type, as Arrow calls it.
    pub data_type: String,
    /// Rows (or entries, or structs that are there) that could have a value.
    pub rows: u64,
    /// The share of them without one; `None` when there are none.
    pub null_rate: Option<f64>,
    /// How many different values there are.
    pub distinct: Count,
    /// The least value; of lists, the least number of entries.
    pub min: Option<String>,
    /// The greatest value.
    pub max: Option<String>,
    /// Values at shares of the rows that have one, in rising order; `None` for a type without an order that
    /// means something.
    pub quantiles: Option<Quantiles>,
    /// The most frequent values, the first of them first. Of a column with too many values, those that are surely
    /// frequent.
    pub top: Vec<TopValue>,
}

/// A number, and whether it is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The number.
    pub number: u64,
    /// Whether it is exact; otherwise its standard error is 1.6 %.
    pub is_exact: bool,
}

/// Quantiles, and whether they are exact.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quantiles {
    /// Whether they are exact; otherwise each is the middle of one of up to 4,096 classes.
    pub is_exact: bool,
    /// Shares with the value at each.
    pub values: Vec<(f64, String)>,
}

/// A frequent value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopValue {
    /// The value, cut when it is long.
    pub value: String,
    /// How often it occurs, at least.
    pub count: u64,
    /// How often it occurs at most: the same where counts are exact.
    pub count_at_most: u64,
    /// The share of `count` in all rows that have a value.
    pub share: f64,
}

/// A drift, in one line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DriftLine {
    /// Its name in the spec.
    pub id: String,
    /// What drifts where, when and how much.
    pub text: String,
}

impl TableProfile {
    pub(super) fn new(
        name: String,
        files: usize,
        bytes: u64,
        state: &TableState,
        most_values: usize,
    ) -> Self {
        let column = |(path, column): &(String, ColumnState)| ColumnProfile::new(path, column, most_values);
        let columns = state.columns.iter().map(column).collect();
        Self { name, files, bytes, rows: state.rows, columns }
    }
}

impl ColumnProfile {
    fn new(path: &str, column: &ColumnState, most_values: usize) -> Self {
        let (number, is_exact) = column.counter.distinct();
        let values = column.rows - column.nulls;
        let text = |number: i64| shown(column.scale, number);
        let bounds = column.quantiles.bounds();
        let quantile = |share: f64| Some((share, text(column.quantiles.quantile(share)?)));
        let quantiles: Option<Vec<_>> = SHARES.into_iter().map(quantile).collect();
        let error = column.counter.error();
        let top = column.counter.top(most_values).into_iter().map(|value| TopValue {
            value: value.text,
            count: value.count,
            count_at_most: (value.count + error).min(values),
            share: value.count as f64 / values as f64,
        });
        Self {
            name: path.to_owned(),
            data_type: type_name(&column.data_type),
            rows: column.rows,
            null_rate: (column.rows > 0).then(|| column.nulls as f64 / column.rows as f64),
            distinct: Count { number, is_exact },
            min: bounds.map(|(least, _)| text(least)),
            max: bounds.map(|(_, greatest)| text(greatest)),
            quantiles: quantiles.map(|values| Quantiles { is_exact: column.quantiles.is_exact(), values }),
            top: top.collect(),
        }
    }
}

/// A type as a person reads it: the type of a dictionary's values, a list without the name of its entries.
fn type_name(data_type: &arrow_schema::DataType) -> String {
    use arrow_schema::DataType as Type;
    match data_type {
        Type::Dictionary(_, values) => type_name(values),
        Type::List(entry) | Type::LargeList(entry) | Type::FixedSizeList(entry, _) => {
            format!("List of {}", type_name(entry.data_type()))
        }
        Type::Struct(_) => "Struct".to_owned(),
        other => other.to_string(),
    }
}

/// A number of a sketch as the value that it stands for.
fn shown(scale: Scale, number: i64) -> String {
    match scale {
        Scale::Number | Scale::None => decimal(number_of(number)),
        Scale::Day => day(number),
        Scale::Instant => DateTime::from_timestamp_micros(number)
            .map_or_else(|| number.to_string(), |instant| instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
    }
}

fn day(number: i64) -> String {
    let epoch = NaiveDate::default();
    let days = Days::new(number.unsigned_abs());
    let day = if number < 0 { epoch.checked_sub_days(days) } else { epoch.checked_add_days(days) };
    day.map_or_else(|| number.to_string(), |day| day.to_string())
}

/// A number with as many digits as people compare.
fn decimal(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.0}") } else { significant(number) }
}

/// Six significant digits.
fn significant(number: f64) -> String {
    if !number.is_finite() || number == 0.0 {
        return number.to_string();
    }
    let magnitude = number.abs().log10().floor() as i32;
    let decimals = usize::try_from((5 - magnitude).max(0)).unwrap_or(0);
    if decimals > 12 || magnitude > 15 { format!("{number:.5e}") } else { format!("{number:.decimals$}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_dates_and_instants_read_as_such() {
        assert_eq!([1.0, 0.5, 1234.5678, 1e-20].map(decimal), ["1", "0.500000", "1234.57", "1.00000e-20"]);
        assert_eq!(
            (day(0), day(-1), day(20_454)),
            ("1970-01-01".into(), "1969-12-31".into(), "2026-01-01".into())
        );
        assert_eq!(shown(Scale::Instant, 1_500_000), "1970-01-01T00:00:01Z");
    }
}
