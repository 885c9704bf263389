//! Batches of every type that generators make, with arbitrary values, for the tests of the formats.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::{Arc, Mutex};

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::{UInt8Type, UInt16Type};
use arrow_array::*;
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Fields, Schema};
use proptest::prelude::*;

use super::output::{Chunk, FileFormat};
use super::storage::{Closed, StoredFile};
use super::{Compression, Content, Parts};

/// What one row is made from.
#[derive(Debug, Clone)]
struct RowSeed {
    /// A column is null where its bit is not set.
    valid: u64,
    word: u64,
    number: f64,
    day: i32,
    text: String,
    texts: Vec<Option<String>>,
}

/// The years that four digits can write, as days since 1970-01-01.
const FOUR_DIGIT_DAYS: Range<i32> = -719_528..2_932_897;

/// Characters that quoting, escaping and encoding have something to do with, among all others.
fn character() -> impl Strategy<Value = char> {
    let special = prop::sample::select(vec![
        '"', ',', '\n', '\r', '\\', '\t', '\0', '\u{1f}', '\u{7f}', '/', '.', 'é', '😀',
    ]);
    prop_oneof![3 => special, 2 => prop::char::range(' ', '~'), 1 => any::<char>()]
}

fn text(characters: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = String> {
    prop::collection::vec(character(), characters).prop_map(String::from_iter)
}

/// Numbers of few digits, and any.
fn number() -> impl Strategy<Value = f64> {
    let few = (any::<i32>(), 0..7_i32).prop_map(|(units, digits)| f64::from(units) / 10_f64.powi(digits));
    prop_oneof![
        few,
        any::<f64>().prop_filter("only finite numbers can be written", |number| number.is_finite())
    ]
}

fn row() -> impl Strategy<Value = RowSeed> {
    let valid = prop_oneof![3 => any::<u64>(), 1 => Just(u64::MAX), 1 => Just(0)];
    let texts = prop::collection::vec(prop::option::weighted(0.8, text(0..6)), 0..4);
    let texts = prop_oneof![4 => texts, 1 => Just(Vec::new())];
    let long = prop_oneof![4 => text(0..20), 1 => text(0..200)];
    (valid, any::<u64>(), number(), FOUR_DIGIT_DAYS, long, texts)
        .prop_map(|(valid, word, number, day, text, texts)| RowSeed { valid, word, number, day, text, texts })
}

/// A table of all types, every column with nulls and one without.
pub(super) fn any_batch() -> impl Strategy<Value = RecordBatch> {
    (prop::collection::vec(row(), 0..40), prop::collection::vec(text(0..60), 1..5))
        .prop_map(|(rows, names)| batch(&rows, &names))
}

fn batch(rows: &[RowSeed], names: &[String]) -> RecordBatch {
    let columns = [scalars(rows), dictionaries(rows, names), nested(rows, names)].concat();
    let field =
        |(name, array): &(&str, ArrayRef)| Field::new(*name, array.data_type().clone(), *name != "row");
    let fields: Vec<Field> = columns.iter().map(field).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).unwrap()
}

/// The values of a column, null where its bit says so.
fn column<'a, T: 'a>(
    rows: &'a [RowSeed],
    bit: u32,
    value: impl Fn(&'a RowSeed) -> T + 'a,
) -> impl Iterator<Item = Option<T>> + 'a {
    rows.iter().map(move |row| (row.valid >> bit & 1 == 1).then(|| value(row)))
}

fn nulls(rows: &[RowSeed], bit: u32) -> NullBuffer {
    column(rows, bit, |_| ()).map(|valid| valid.is_some()).collect()
}

/// The time zone is UTC by its offset: the readers that these tests use know no names of zones.
fn scalars(rows: &[RowSeed]) -> Vec<(&'static str, ArrayRef)> {
    let cents: Decimal64Array =
        column(rows, 0, |row| (row.word % 2_000_000_000_000) as i64 - 1_000_000_000_000 + 1).collect();
    let instants: TimestampMicrosecondArray =
        column(rows, 1, |row| i64::from(row.day) * 86_400_000_000 + (row.word % 86_400_000_000) as i64)
            .collect();
    vec![
        ("row", Arc::new(Int64Array::from_iter_values(0..rows.len() as i64))),
        ("int8", Arc::new(column(rows, 2, |row| row.word as i8).collect::<Int8Array>())),
        ("int16", Arc::new(column(rows, 3, |row| row.word as i16).collect::<Int16Array>())),
        ("int32", Arc::new(column(rows, 4, |row| row.word as i32).collect::<Int32Array>())),
        ("int64", Arc::new(column(rows, 5, |row| row.word as i64).collect::<Int64Array>())),
        ("uint8", Arc::new(column(rows, 6, |row| row.word as u8).collect::<UInt8Array>())),
        ("uint64", Arc::new(column(rows, 7, |row| row.word).collect::<UInt64Array>())),
        ("float", Arc::new(column(rows, 8, |row| row.number).collect::<Float64Array>())),
        ("amount", Arc::new(cents.with_data_type(DataType::Decimal64(12, 2)))),
        ("flag", Arc::new(column(rows, 9, |row| row.word % 3 == 0).collect::<BooleanArray>())),
        ("date", Arc::new(column(rows, 10, |row| row.day).collect::<Date32Array>())),
        ("instant", Arc::new(instants.with_timezone("+00:00"))),
        ("text", Arc::new(column(rows, 11, |row| row.text.as_str()).collect::<StringArray>())),
        ("id", Arc::new(column(rows, 12, |row| format!("{:x}", row.word)).collect::<StringArray>())),
    ]
}

fn names_of(names: &[String]) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(names))
}

fn dictionaries(rows: &[RowSeed], names: &[String]) -> Vec<(&'static str, ArrayRef)> {
    let key = |row: &RowSeed| row.word as usize % names.len();
    let narrow: UInt8Array = column(rows, 13, |row| key(row) as u8).collect();
    let wide: UInt16Array = column(rows, 14, |row| key(row) as u16).collect();
    let scores: Vec<f64> = (0..names.len()).map(|score| score as f64 * 0.25 - 0.5).collect();
    vec![
        ("narrow", Arc::new(DictionaryArray::<UInt8Type>::new(narrow.clone(), names_of(names)))),
        ("wide", Arc::new(DictionaryArray::<UInt16Type>::new(wide, names_of(names)))),
        ("score", Arc::new(DictionaryArray::<UInt8Type>::new(narrow, Arc::new(Float64Array::from(scores))))),
    ]
}

fn nested(rows: &[RowSeed], names: &[String]) -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("texts", Arc::new(list_of_text(rows))),
        ("codes", Arc::new(list_of_codes(rows, names))),
        ("object", Arc::new(object(rows, names, 17))),
        ("objects", Arc::new(list_of_objects(rows, names))),
    ]
}

fn list_of_text(rows: &[RowSeed]) -> ListArray {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for texts in column(rows, 15, |row| &row.texts) {
        texts.into_iter().flatten().for_each(|text| lists.values().append_option(text.as_ref()));
        lists.append(texts.is_some());
    }
    lists.finish()
}

fn list_of_codes(rows: &[RowSeed], names: &[String]) -> ListArray {
    let ends = OffsetBuffer::from_lengths(rows.iter().map(|row| row.texts.len()));
    let codes = rows
        .iter()
        .flat_map(|row| (0..row.texts.len()).map(|entry| (row.word as usize + entry) % names.len()));
    let codes = UInt8Array::from_iter_values(codes.map(|code| code as u8));
    let entries = DictionaryArray::<UInt8Type>::new(codes, names_of(names));
    let field = Field::new("item", entries.data_type().clone(), false);
    ListArray::new(Arc::new(field), ends, Arc::new(entries), Some(nulls(rows, 16)))
}

/// Structs with nulls inside, and another struct; null where `bit` says so.
fn object(rows: &[RowSeed], names: &[String], bit: u32) -> StructArray {
    let inner = StructArray::new(
        Fields::from(vec![Field::new("a \"quoted\" key", DataType::Utf8, true)]),
        vec![Arc::new(column(rows, 18, |row| row.text.as_str()).collect::<StringArray>())],
        Some(nulls(rows, 19)),
    );
    let keys: UInt8Array = column(rows, 20, |row| (row.word as usize % names.len()) as u8).collect();
    let amounts: Decimal64Array = column(rows, 21, |row| (row.word % 100_000) as i64).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("number", Arc::new(column(rows, 22, |row| row.word as i64).collect::<Int64Array>())),
        ("name", Arc::new(DictionaryArray::<UInt8Type>::new(keys, names_of(names)))),
        ("texts", Arc::new(list_of_text(rows))),
        ("date", Arc::new(column(rows, 23, |row| row.day).collect::<Date32Array>())),
        ("amount", Arc::new(amounts.with_data_type(DataType::Decimal64(12, 2)))),
        ("inner", Arc::new(inner)),
    ];
    let fields =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    StructArray::new(fields, columns.into_iter().map(|(_, array)| array).collect(), Some(nulls(rows, bit)))
}

/// Each row's list holds as many of the table's objects as it has texts, from its own on.
fn list_of_objects(rows: &[RowSeed], names: &[String]) -> ListArray {
    let taken: Vec<RowSeed> = (0..rows.len())
        .flat_map(|row| rows.iter().cycle().skip(row).take(rows[row].texts.len()).cloned())
        .collect();
    let entries = object(&taken, names, 24);
    let ends = OffsetBuffer::from_lengths(rows.iter().map(|row| row.texts.len()));
    let field = Field::new("item", entries.data_type().clone(), true);
    ListArray::new(Arc::new(field), ends, Arc::new(entries), Some(nulls(rows, 25)))
}

/// The type without dictionaries, as readers of text know it.
pub(super) fn plain_type(data_type: &DataType) -> DataType {
    let plain =
        |field: &Arc<Field>| Arc::new(field.as_ref().clone().with_data_type(plain_type(field.data_type())));
    match data_type {
        DataType::Dictionary(_, values) => plain_type(values),
        DataType::List(entry) => DataType::List(plain(entry)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(plain).collect()),
        other => other.clone(),
    }
}

/// The batch without dictionaries.
pub(super) fn plain(batch: &RecordBatch) -> RecordBatch {
    let schema = plain_schema(&batch.schema());
    let columns = batch.columns().iter().map(plain_array).collect();
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

/// The schema of [`plain`].
pub(super) fn plain_schema(schema: &Schema) -> Schema {
    let fields = schema.fields().iter();
    Schema::new(
        fields
            .map(|field| field.as_ref().clone().with_data_type(plain_type(field.data_type())))
            .collect::<Vec<_>>(),
    )
}

fn plain_array(array: &ArrayRef) -> ArrayRef {
    arrow_cast::cast(array, &plain_type(array.data_type())).unwrap()
}

/// How a table is handed over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub chunk_rows: usize,
    pub batch_rows: usize,
    pub compression: Compression,
}

impl Cut {
    pub(super) const WHOLE: Self =
        Self { chunk_rows: usize::MAX, batch_rows: usize::MAX, compression: Compression::None };
}

/// A file that stays in memory.
struct MemoryFile(Arc<Mutex<Vec<u8>>>);

impl Write for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl StoredFile for MemoryFile {
    fn close(self: Box<Self>) -> io::Result<Closed> {
        Ok(Closed { bytes: self.0.lock().unwrap().len() as u64, xxh3_128: String::new(), ticket: None })
    }
}

/// A file in memory.
pub(super) fn memory() -> Box<dyn StoredFile> {
    Box::new(MemoryFile(Arc::default()))
}

/// The file of a table in the format with this name.
pub(super) fn file(format: &str, batch: &RecordBatch, cut: Cut) -> crate::Result<Vec<u8>> {
    file_by(super::format(format).unwrap().open.unwrap(), batch, cut)
}

/// The file of a table by a format that is not registered under a name of its own.
pub(super) fn file_by(
    open: fn(&Content) -> crate::Result<Box<dyn FileFormat>>,
    batch: &RecordBatch,
    cut: Cut,
) -> crate::Result<Vec<u8>> {
    let metadata = [("dataset".to_owned(), "any".to_owned())];
    let content = Content {
        table: "any",
        schema: batch.schema(),
        compression: cut.compression,
        metadata: &metadata,
        is_stream: false,
    };
    let format = open(&content)?;
    let bytes = Arc::default();
    let mut writer = format.begin(Box::new(MemoryFile(Arc::clone(&bytes)))).unwrap();
    let mut encoder = format.encoder()?;
    let part = Parts::WHOLE.ranges(batch.num_rows() as u64).next().unwrap();
    for (index, places) in (0..).zip(cuts(0..batch.num_rows(), cut.chunk_rows)) {
        for rows in cuts(places.clone(), cut.batch_rows) {
            encoder.push(&batch.slice(rows.start, rows.len()))?;
        }
        let places = places.start as u64..places.end as u64;
        writer.append(encoder.end(&Chunk { index, part: part.clone(), places })?).unwrap();
    }
    writer.finish().unwrap().close().unwrap();
    Ok(std::mem::take(&mut *bytes.lock().unwrap()))
}

/// The range in pieces of at most `step`; without rows there are none.
fn cuts(rows: Range<usize>, step: usize) -> impl Iterator<Item = Range<usize>> {
    rows.clone().step_by(step).map(move |start| start..start.saturating_add(step).min(rows.end))
}
