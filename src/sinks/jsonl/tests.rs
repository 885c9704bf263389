//! What is written reads back equal: by the arrow-json crate with the types of the batch, and by serde_json.

use std::io::Read;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use proptest::prelude::*;
use serde_json::Value;

use crate::sinks::Compression;
use crate::sinks::any_batch::{Cut, any_batch, file, plain, plain_schema};

fn jsonl(batch: &RecordBatch, cut: Cut) -> String {
    String::from_utf8(file("jsonl", batch, cut).unwrap()).unwrap()
}

fn read(file: &str, batch: &RecordBatch) -> RecordBatch {
    let schema = Arc::new(plain_schema(&batch.schema()));
    let reader = arrow_json::ReaderBuilder::new(schema.clone()).build(file.as_bytes()).unwrap();
    let batches: Vec<RecordBatch> = reader.map(|batch| batch.unwrap()).collect();
    arrow_select::concat::concat_batches(&schema, &batches).unwrap()
}

proptest! {
    #[test]
    fn rows_read_back(batch in any_batch()) {
        let file = jsonl(&batch, Cut::WHOLE);
        prop_assert_eq!(file.lines().count(), batch.num_rows());
        prop_assert_eq!(read(&file, &batch), plain(&batch));
    }

    #[test]
    fn every_line_is_an_object_with_every_column_in_order(batch in any_batch()) {
        for line in jsonl(&batch, Cut::WHOLE).lines() {
            let Value::Object(row) = serde_json::from_str(line).unwrap() else { panic!("{line} is no object") };
            let names: Vec<String> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
            prop_assert_eq!(row.keys().cloned().collect::<Vec<_>>(), names);
        }
    }

    #[test]
    fn text_is_the_same_however_it_is_cut(batch in any_batch(), chunk_rows in 1..50_usize, batch_rows in 1..50_usize) {
        let whole = jsonl(&batch, Cut::WHOLE);
        let cut = Cut { chunk_rows, batch_rows, compression: Compression::None };
        prop_assert_eq!(jsonl(&batch, cut), &*whole);
        let compressed = file("jsonl", &batch, Cut { compression: Compression::Gzip(6), ..cut }).unwrap();
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(&*compressed).read_to_string(&mut text).unwrap();
        prop_assert_eq!(text, whole);
    }
}

#[test]
fn whole_numbers_and_amounts_keep_their_digits() {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(i64::MAX), None]));
    let batch = RecordBatch::try_from_iter([("a \"number\"", numbers)]).unwrap();
    let expected = "{\"a \\\"number\\\"\":9223372036854775807}\n{\"a \\\"number\\\"\":null}\n";
    assert_eq!(jsonl(&batch, Cut::WHOLE), expected);
}

/// A compressed file has to be one even if nothing is in it.
#[test]
fn a_table_without_rows_is_an_empty_text() {
    let batch =
        RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![0; 0])) as ArrayRef)]).unwrap();
    assert_eq!(jsonl(&batch, Cut::WHOLE), "");
    let gzip = file("jsonl", &batch, Cut { compression: Compression::Gzip(6), ..Cut::WHOLE }).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*gzip).read_to_string(&mut text).unwrap();
    assert_eq!(text, "");
    let zstd = file("jsonl", &batch, Cut { compression: Compression::Zstd(1), ..Cut::WHOLE }).unwrap();
    assert_eq!(zstd::stream::decode_all(&*zstd).unwrap(), b"");
}
