//! The first difference between rows as they should be and rows as they were read.

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_cast::cast;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{Schema, SchemaRef};

/// The longest value that a message shows, in characters.
const LONGEST_SHOWN: usize = 200;

/// One value that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The row, counted from 0 in what was compared.
    pub row: u64,
    /// The column's name.
    pub column: String,
    /// The value as it is generated.
    pub expected: String,
    /// The value as it was read.
    pub found: String,
}

/// How the columns of a file differ from those of the table, if they do. Other types with the same values are no
/// difference: a reader without the Arrow schema gives text for codes.
pub(super) fn of_columns(expected: &Schema, found: &Schema) -> Option<String> {
    let names =
        |schema: &Schema| schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
    let (expected, found) = (names(expected), names(found));
    (expected != found)
        .then(|| format!("the columns are {}, expected {}", found.join(", "), expected.join(", ")))
}

/// The batch with the types of the table's columns.
///
/// # Errors
/// The column that cannot have its type.
pub(super) fn typed(found: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, String> {
    let columns = found.columns().iter().zip(schema.fields()).map(|(array, field)| {
        if array.data_type() == field.data_type() {
            return Ok(array.clone());
        }
        cast(array, field.data_type()).map_err(|_| {
            format!(
                "column {} has the type {}, expected {}",
                field.name(),
                array.data_type(),
                field.data_type()
            )
        })
    });
    let columns: Vec<ArrayRef> = columns.collect::<Result<_, String>>()?;
    // Without the fields' own claims: a null where none may be is a difference, not an error.
    let fields: Vec<_> =
        schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect();
    let schema = SchemaRef::new(Schema::new(fields));
    let options = RecordBatchOptions::new().with_row_count(Some(found.num_rows()));
    RecordBatch::try_new_with_options(schema, columns, &options).map_err(|error| error.to_string())
}

/// The first difference in two batches of the same columns and number of rows: of the first row that has
/// any, the first column.
pub(super) fn of_batches(expected: &RecordBatch, found: &RecordBatch) -> Option<Difference> {
    let schema = expected.schema();
    let columns = expected.columns().iter().zip(found.columns()).zip(schema.fields());
    let mut first: Option<(usize, Difference)> = None;
    for ((expected, found), field) in columns {
        let Some(row) = first_row(expected, found) else { continue };
        if first.as_ref().is_none_or(|(earlier, _)| row < *earlier) {
            let difference = Difference {
                row: row as u64,
                column: field.name().clone(),
                expected: shown(expected, row),
                found: shown(found, row),
            };
            first = Some((row, difference));
        }
    }
    first.map(|(_, difference)| difference)
}

/// The first row in which two arrays of one length differ, found by halving: equality of whole slices is fast.
fn first_row(expected: &ArrayRef, found: &ArrayRef) -> Option<usize> {
    if expected == found {
        return None;
    }
    let (mut start, mut length) = (0, expected.len());
    while length > 1 {
        let half = length / 2;
        if expected.slice(start, half) == found.slice(start, half) {
            start += half;
            length -= half;
        } else {
            length = half;
        }
    }
    Some(start)
}

/// A value for a message.
fn shown(array: &ArrayRef, row: usize) -> String {
    if array.is_null(row) {
        return "null".to_owned();
    }
    let options = FormatOptions::default().with_null("null");
    let text = ArrayFormatter::try_new(array.as_ref(), &options)
        .map_or_else(|error| error.to_string(), |formatter| formatter.value(row).to_string());
    shortened(&text)
}

/// A text for a message: on one line and not too long.
pub(super) fn shortened(text: &str) -> String {
    let line: String = text.chars().take(LONGEST_SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().count() > LONGEST_SHOWN { format!("{line}…") } else { line }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, StringArray};
    use arrow_schema::{DataType, Field};
    use proptest::prelude::*;

    use super::*;

    fn batch(numbers: Vec<Option<i64>>, texts: Vec<&str>) -> RecordBatch {
        let columns: [(&str, ArrayRef); 2] =
            [("number", Arc::new(Int64Array::from(numbers))), ("text", Arc::new(StringArray::from(texts)))];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap()
    }

    #[test]
    fn the_first_row_counts_before_the_first_column() {
        let expected = batch(vec![Some(1), Some(2), None], vec!["a", "b", "c"]);
        let found = batch(vec![Some(1), Some(2), Some(0)], vec!["a", "x", "c"]);
        let difference = of_batches(&expected, &found).unwrap();
        assert_eq!((difference.row, difference.column.as_str()), (1, "text"));
        assert_eq!((difference.expected.as_str(), difference.found.as_str()), ("b", "x"));
        let found = batch(vec![Some(1), Some(2), Some(0)], vec!["a", "b", "c"]);
        let difference = of_batches(&expected, &found).unwrap();
        assert_eq!((difference.expected.as_str(), difference.found.as_str()), ("null", "0"));
        assert_eq!(of_batches(&expected, &expected), None);
    }

    #[test]
    fn codes_and_text_of_the_same_values_are_equal() {
        let coded = DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::Utf8));
        let fields = vec![Field::new("number", DataType::Int64, true), Field::new("text", coded, true)];
        let schema = SchemaRef::new(Schema::new(fields));
        let text = batch(vec![Some(1), Some(2)], vec!["a", "b"]);
        let codes = typed(&text, &schema).unwrap();
        assert_ne!(codes.schema(), text.schema());
        assert_eq!(of_batches(&codes, &typed(&text, &schema).unwrap()), None);
        let wrong = Schema::new(vec![Field::new("n", DataType::Int64, true)]);
        assert!(of_columns(&schema, &wrong).unwrap().contains("expected number, text"));
    }

    proptest! {
        #[test]
        fn any_flipped_value_is_found(rows in 1usize..300, flipped in any::<proptest::sample::Index>()) {
            let flipped = flipped.index(rows);
            let numbers = |change: i64| -> Vec<Option<i64>> {
                let number = |row| row as i64 % 3 + if row == flipped { change } else { 0 };
                (0..rows).map(|row| Some(number(row))).collect()
            };
            let texts = vec!["a"; rows];
            let difference = of_batches(&batch(numbers(0), texts.clone()), &batch(numbers(5), texts)).unwrap();
            prop_assert_eq!(difference.row, flipped as u64);
        }
    }
}
