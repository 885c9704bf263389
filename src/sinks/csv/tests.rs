//! What is written reads back equal: by a strict parser of RFC 4180 written here, and by the arrow-csv crate.

use std::io::Read;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use proptest::prelude::*;
use serde_json::Value;

use crate::sinks::Compression;
use crate::sinks::any_batch::{Cut, any_batch, file, plain, plain_schema};

/// A field: `None` when nothing stands there, not even quotes.
type Cell = Option<String>;

/// The lines of a CSV file, by the grammar of RFC 4180, section 2. Anything it does not allow is a panic.
fn parse(file: &str) -> Vec<Vec<Cell>> {
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    let mut rest = file;
    while !rest.is_empty() {
        let (cell, after) = parse_cell(rest);
        row.push(cell);
        rest = after.strip_prefix(',').unwrap_or_else(|| {
            rows.push(std::mem::take(&mut row));
            after.strip_prefix("\r\n").expect("a comma or CRLF after a field")
        });
    }
    assert!(row.is_empty(), "the last line ends as all others do");
    rows
}

fn parse_cell(text: &str) -> (Cell, &str) {
    let Some(mut rest) = text.strip_prefix('"') else {
        let (cell, after) = text.split_at(text.find([',', '\r']).unwrap());
        assert!(!cell.contains(['"', '\n']), "{cell:?} must be quoted");
        return ((!cell.is_empty()).then(|| cell.to_owned()), after);
    };
    let mut cell = String::new();
    loop {
        let (part, after) = rest.split_once('"').expect("a closing quote");
        cell.push_str(part);
        let Some(more) = after.strip_prefix('"') else { return (Some(cell), after) };
        cell.push('"');
        rest = more;
    }
}

fn csv(batch: &RecordBatch, cut: Cut) -> String {
    String::from_utf8(file("csv", batch, cut).unwrap()).unwrap()
}

/// The lines of the JSON form, which has its own proof in the tests of JSON Lines.
fn json(batch: &RecordBatch) -> Vec<Value> {
    let text = String::from_utf8(file("jsonl", batch, Cut::WHOLE).unwrap()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Whether the cell says what the array has in the row.
fn assert_cell(array: &ArrayRef, row: usize, cell: &Cell, json: &Value) {
    let Some(cell) = cell else { return assert!(array.is_null(row)) };
    assert!(array.is_valid(row), "{cell:?} where null is expected");
    match array.data_type() {
        DataType::Utf8 => assert_eq!(cell, array.as_string::<i32>().value(row)),
        DataType::List(_) | DataType::Struct(_) => {
            assert_eq!(&serde_json::from_str::<Value>(cell).unwrap(), json)
        }
        DataType::Float64 => {
            assert_eq!(cell.parse(), Ok(array.as_primitive::<arrow_array::types::Float64Type>().value(row)));
        }
        DataType::Timestamp(..) => {
            let instant = chrono::DateTime::parse_from_rfc3339(cell).unwrap().timestamp_micros();
            let expected = array.as_primitive::<arrow_array::types::TimestampMicrosecondType>().value(row);
            assert_eq!(instant, expected);
        }
        _ => {
            let text = arrow_cast::cast(array, &DataType::Utf8).unwrap();
            assert_eq!(cell, text.as_string::<i32>().value(row));
        }
    }
}

fn uncompressed(file: &[u8], compression: Compression) -> String {
    let mut text = String::new();
    match compression {
        Compression::Gzip(_) => flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap(),
        _ => zstd::stream::read::Decoder::new(file).unwrap().read_to_string(&mut text).unwrap(),
    };
    text
}

proptest! {
    #[test]
    fn rows_read_back_by_the_grammar(batch in any_batch()) {
        let rows = parse(&csv(&batch, Cut::WHOLE));
        let names: Vec<Cell> = batch.schema().fields().iter().map(|field| Some(field.name().clone())).collect();
        prop_assert_eq!(&rows[0], &names);
        prop_assert_eq!(rows.len() - 1, batch.num_rows());
        let (plain, json) = (plain(&batch), json(&batch));
        for (row, cells) in rows[1..].iter().enumerate() {
            prop_assert_eq!(cells.len(), batch.num_columns());
            for ((cell, array), field) in cells.iter().zip(plain.columns()).zip(batch.schema().fields()) {
                assert_cell(array, row, cell, &json[row][field.name()]);
            }
        }
    }

    /// Of the columns that arrow-csv has types for. It takes empty text for null, so there is none here.
    #[test]
    fn rows_read_back_by_another_reader(batch in any_batch()) {
        let fields = batch.schema();
        let flat: Vec<usize> = (0..fields.fields().len())
            .filter(|&index| !fields.field(index).data_type().is_nested())
            .filter(|&index| !matches!(fields.field(index).name().as_str(), "text" | "narrow" | "wide"))
            .collect();
        let batch = batch.project(&flat).unwrap();
        let file = csv(&batch, Cut::WHOLE);
        let schema = Arc::new(plain_schema(&batch.schema()));
        let reader = arrow_csv::ReaderBuilder::new(schema.clone()).with_header(true).build(file.as_bytes()).unwrap();
        let batches: Vec<RecordBatch> = reader.map(|batch| batch.unwrap()).collect();
        let back = arrow_select::concat::concat_batches(&schema, &batches).unwrap();
        prop_assert_eq!(back, plain(&batch));
    }

    #[test]
    fn text_is_the_same_however_it_is_cut(batch in any_batch(), chunk_rows in 1..50_usize, batch_rows in 1..50_usize) {
        let whole = csv(&batch, Cut::WHOLE);
        for compression in [Compression::Zstd(1), Compression::Gzip(1)] {
            let cut = Cut { chunk_rows, batch_rows, compression };
            let file = file("csv", &batch, cut).unwrap();
            prop_assert_eq!(uncompressed(&file, compression), &*whole);
            prop_assert_eq!(&file, &super::super::any_batch::file("csv", &batch, Cut { batch_rows: 1, ..cut }).unwrap());
        }
        let cut = Cut { chunk_rows, batch_rows, compression: Compression::None };
        prop_assert_eq!(csv(&batch, cut), whole);
    }
}

#[test]
fn names_are_quoted_like_values() {
    let columns: [(&str, ArrayRef); 3] = [
        ("a,b", Arc::new(Int64Array::from(vec![1]))),
        ("", Arc::new(Int64Array::from(vec![None]))),
        ("c", Arc::new(StringArray::from(vec![""]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    assert_eq!(csv(&batch, Cut::WHOLE), "\"a,b\",\"\",c\r\n1,,\"\"\r\n");
}

#[test]
fn a_table_without_rows_is_its_header_also_compressed() {
    let batch =
        RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![0; 0])) as ArrayRef)]).unwrap();
    assert_eq!(csv(&batch, Cut::WHOLE), "n\r\n");
    for compression in [Compression::Zstd(3), Compression::Gzip(9)] {
        let file = file("csv", &batch, Cut { compression, ..Cut::WHOLE }).unwrap();
        assert_eq!(uncompressed(&file, compression), "n\r\n");
    }
}
