//! What is written reads back equal through the arrow-ipc crate's own readers.

use std::io::Cursor;

use arrow_array::types::UInt8Type;
use arrow_array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray, UInt8Array};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_select::concat::concat_batches;
use proptest::prelude::*;

use super::*;
use crate::sinks::any_batch::{Cut, any_batch, file, file_by};

/// The batches of a file.
fn read(file: Vec<u8>) -> (SchemaRef, Vec<RecordBatch>) {
    let reader = FileReader::try_new(Cursor::new(file), None).unwrap();
    (reader.schema(), reader.map(|batch| batch.unwrap()).collect())
}

fn read_stream(stream: Vec<u8>) -> (SchemaRef, Vec<RecordBatch>) {
    let reader = StreamReader::try_new(Cursor::new(stream), None).unwrap();
    (reader.schema(), reader.map(|batch| batch.unwrap()).collect())
}

fn compression() -> impl Strategy<Value = Compression> {
    prop::sample::select(vec![
        Compression::None,
        Compression::Lz4,
        Compression::Zstd(1),
        Compression::Zstd(5),
    ])
}

fn is_same(schema: &SchemaRef, batches: &[RecordBatch], expected: &RecordBatch) {
    assert_eq!(schema.fields(), expected.schema().fields());
    assert_eq!(schema.metadata()["dataset"], "any");
    assert_eq!(concat_batches(schema, batches).unwrap().columns(), expected.columns());
}

proptest! {
    #[test]
    fn files_and_streams_read_back(
        batch in any_batch(), compression in compression(), chunk_rows in 1..50_usize, batch_rows in 1..50_usize
    ) {
        let cut = Cut { chunk_rows, batch_rows, compression };
        let (schema, batches) = read(file("arrow", &batch, cut).unwrap());
        prop_assert_eq!(batches.len(), batch.num_rows().div_ceil(chunk_rows));
        is_same(&schema, &batches, &batch);
        let (schema, batches) = read_stream(file_by(open_stream, &batch, cut).unwrap());
        is_same(&schema, &batches, &batch);
    }

    #[test]
    fn bytes_are_the_same_for_any_batches(
        batch in any_batch(), compression in compression(), chunk_rows in 1..50_usize, batch_rows in 1..50_usize
    ) {
        let cut = Cut { chunk_rows, batch_rows, compression };
        let whole = file("arrow", &batch, Cut { batch_rows: usize::MAX, ..cut }).unwrap();
        prop_assert_eq!(whole, file("arrow", &batch, cut).unwrap());
    }
}

fn names(names: &[&str]) -> RecordBatch {
    let keys = UInt8Array::from_iter_values(0..names.len() as u8);
    let values = StringArray::from(names.to_vec());
    let names: ArrayRef = Arc::new(DictionaryArray::<UInt8Type>::new(keys, Arc::new(values)));
    RecordBatch::try_from_iter([("name", names)]).unwrap()
}

#[test]
fn a_table_without_rows_has_its_schema() {
    let batch = names(&[]);
    let (schema, batches) = read(file("arrow", &batch, Cut::WHOLE).unwrap());
    assert_eq!((schema.fields(), batches.len()), (batch.schema().fields(), 0));
    let (schema, batches) = read_stream(file_by(open_stream, &batch, Cut::WHOLE).unwrap());
    assert_eq!((schema.fields(), batches.len()), (batch.schema().fields(), 0));
}

/// The first of these dictionaries would be silently taken for both otherwise.
#[test]
fn a_dictionary_that_changes_is_refused() {
    let options = write_options(Compression::None).unwrap();
    let schema = names(&[]).schema();
    let encoded = |names: &[&[&str]]| {
        let mut encoder = BatchEncoder::new("any", &schema, &options);
        names.iter().for_each(|names| encoder.push(&self::names(names)).unwrap());
        encoder.encode().unwrap()
    };
    let mut writer =
        IpcWriter::begin(&schema, &options, Framing::File, crate::sinks::any_batch::memory()).unwrap();
    writer.append(Box::new(encoded(&[&["a", "b"]]))).unwrap();
    writer.append(Box::new(encoded(&[]))).unwrap();
    writer.append(Box::new(encoded(&[&["a", "b"]]))).unwrap();
    let problem = writer.append(Box::new(encoded(&[&["a", "c"]]))).unwrap_err();
    assert!(problem.to_string().contains("dictionary"), "{problem}");
}

#[test]
fn other_columns_and_compressions_are_refused() {
    let batch = names(&["a"]);
    let cut = Cut { compression: Compression::Gzip(6), ..Cut::WHOLE };
    assert!(matches!(file("arrow", &batch, cut), Err(Error::Option { option: "compression", .. })));
    let options = write_options(Compression::None).unwrap();
    let schema = batch.schema();
    let mut encoder = BatchEncoder::new("any", &schema, &options);
    let two: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let two = RecordBatch::try_from_iter([("a", two.clone()), ("b", two)]).unwrap();
    assert!(encoder.push(&two).unwrap_err().to_string().contains("expected 1"));
}

#[test]
fn messages_are_found_wherever_buffers_are_cut() {
    let options = write_options(Compression::None).unwrap();
    let batch = names(&["a", "b"]);
    let stream = arrow_ipc::writer::StreamEncoder::try_new_with_options(&batch.schema(), options);
    let stream: Vec<u8> =
        stream.unwrap().encode(&batch).unwrap().iter().flat_map(|part| part.to_vec()).collect();
    for step in [1, 3, 64, stream.len()] {
        let cut = stream.chunks(step).map(|part| arrow_buffer::Buffer::from(part.to_vec())).collect();
        let messages = message::Message::split(cut).unwrap();
        let bytes: Vec<u8> = messages.iter().flat_map(|message| message.bytes()).collect();
        assert_eq!((messages.len(), bytes.len()), (3, stream.len()));
        assert_eq!(bytes, stream);
    }
    let cut_off = vec![arrow_buffer::Buffer::from(stream[..6].to_vec())];
    assert!(message::Message::split(cut_off).is_err());
}
