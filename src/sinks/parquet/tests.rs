//! What is written reads back equal through the parquet crate's own reader.

use arrow_array::builder::{ListBuilder, StringDictionaryBuilder};
use arrow_array::types::{UInt8Type, UInt16Type};
use arrow_array::*;
use arrow_schema::{Field, Schema};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression as ParquetCompression, Encoding};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use proptest::prelude::*;

use super::*;

mod nested;

/// Encodes the batch as a file: row groups of `row_group_rows`, handed over `batch_rows` at a time.
fn encode(batch: &RecordBatch, cut: Cut) -> Result<Bytes> {
    let (layout, properties) = file_layout(batch.schema(), cut.compression, &[])?;
    let mut encoder = RowGroupEncoder::new(&layout, &properties, cut.compression)?;
    let mut file = file_writer(Vec::new(), &layout, &properties)?;
    let slices = |from: usize, to: usize, step: usize| {
        (from..to).step_by(step).map(move |start| (start, step.min(to - start)))
    };
    for (start, rows) in slices(0, batch.num_rows(), cut.row_group_rows) {
        for (start, rows) in slices(start, start + rows, cut.batch_rows) {
            encoder.push(&batch.slice(start, rows))?;
        }
        encoder.end()?.append_to(&mut file)?;
    }
    Ok(file.into_inner()?.into())
}

#[derive(Debug, Clone, Copy)]
struct Cut {
    row_group_rows: usize,
    batch_rows: usize,
    compression: Compression,
}

impl Cut {
    const WHOLE: Self =
        Self { row_group_rows: 1 << 20, batch_rows: 1 << 20, compression: Compression::Zstd(1) };
}

fn metadata(file: &Bytes) -> ParquetMetaData {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file.clone()).unwrap();
    builder.metadata().as_ref().clone()
}

fn read(file: &Bytes) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file.clone()).unwrap().build().unwrap();
    let schema = reader.schema();
    let batches: Vec<_> = reader.map(|batch| batch.unwrap()).collect();
    arrow_select::concat::concat_batches(&schema, &batches).unwrap()
}

/// The array without dictionaries and in the widest type of its kind, so that values can be compared.
fn plain(array: &ArrayRef) -> ArrayRef {
    let target = match array.data_type() {
        DataType::Dictionary(_, values) => values.as_ref().clone(),
        DataType::Decimal64(precision, scale) => DataType::Decimal128(*precision, *scale),
        DataType::List(entry) => {
            DataType::List(Arc::new(Field::new("element", DataType::Utf8, entry.is_nullable())))
        }
        other => other.clone(),
    };
    arrow_cast::cast(array, &target).unwrap()
}

fn assert_reads_back(batch: &RecordBatch, file: &Bytes) {
    let back = read(file);
    assert_eq!(back.num_rows(), batch.num_rows());
    for (field, (given, found)) in
        batch.schema().fields().iter().zip(batch.columns().iter().zip(back.columns()))
    {
        assert_eq!(plain(given).as_ref(), plain(found).as_ref(), "{}", field.name());
    }
}

fn one(name: &str, array: ArrayRef, nullable: bool) -> RecordBatch {
    let field = Field::new(name, array.data_type().clone(), nullable);
    RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![array]).unwrap()
}

/// One cell of the random table: everything a row's columns are made from.
type Seed = (u64, [bool; 4], Vec<u8>);

fn seeds(rows: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<Seed>> {
    let nulls = prop::array::uniform4(prop::bool::weighted(0.7));
    prop::collection::vec((any::<u64>(), nulls, prop::collection::vec(any::<u8>(), 0..4)), rows)
}

fn lists<K: arrow_array::types::ArrowDictionaryKeyType>(seeds: &[Seed], nulls: bool) -> ArrayRef {
    let mut builder = ListBuilder::new(StringDictionaryBuilder::<K>::new());
    for (number, valid, entries) in seeds {
        for entry in entries {
            match nulls && entry % 5 == 0 {
                true => builder.values().append_null(),
                false => _ = builder.values().append(format!("E11.{}", entry % 90)).unwrap(),
            }
        }
        builder.append(!nulls || valid[1] || number % 7 == 0);
    }
    let list = builder.finish();
    // The builder declares entries nullable; say so only when some are.
    let (field, offsets, values, validity) = list.into_parts();
    let field = Arc::new(field.as_ref().clone().with_nullable(nulls));
    Arc::new(ListArray::new(field, offsets, values, validity))
}

/// Columns of every type; those that may have nulls have them where the seed says so.
fn columns(seeds: &[Seed], nullable: bool) -> Vec<(String, ArrayRef)> {
    let word = |index: usize| move |seed: &Seed| (seed.1[index] || !nullable).then_some(seed.0);
    let texts = |pattern: fn(u64) -> String| {
        Arc::new(seeds.iter().map(|seed| word(0)(seed).map(pattern)).collect::<StringArray>()) as ArrayRef
    };
    let codes8: UInt8Array = seeds.iter().map(|seed| word(1)(seed).map(|word| (word % 3) as u8)).collect();
    let codes16: UInt16Array =
        seeds.iter().map(|seed| word(2)(seed).map(|word| (word % 300) as u16)).collect();
    let names = StringArray::from_iter_values((0..300).map(|name| format!("name {}", name * 7 % 300)));
    let scores = Float64Array::from(vec![0.75, -1.0, 0.0]);
    let plain: Vec<(&str, ArrayRef)> = vec![
        ("text8", Arc::new(DictionaryArray::new(codes8.clone(), Arc::new(names.slice(0, 3))))),
        ("text16", Arc::new(DictionaryArray::new(codes16, Arc::new(names)))),
        ("score", Arc::new(DictionaryArray::new(codes8, Arc::new(scores)))),
        ("list8", lists::<UInt8Type>(seeds, nullable)),
        ("list16", lists::<UInt16Type>(seeds, nullable)),
        (
            "date",
            Arc::new(
                seeds.iter().map(|seed| word(3)(seed).map(|w| (w % 700) as i32 - 9)).collect::<Date32Array>(),
            ),
        ),
        ("int8", Arc::new(seeds.iter().map(|seed| word(0)(seed).map(|w| w as u8)).collect::<UInt8Array>())),
        ("int16", Arc::new(seeds.iter().map(|seed| word(1)(seed).map(|w| w as i16)).collect::<Int16Array>())),
        ("int32", Arc::new(seeds.iter().map(|seed| word(2)(seed).map(|w| w as i32)).collect::<Int32Array>())),
        ("int64", Arc::new(seeds.iter().map(|seed| word(3)(seed).map(|w| w as i64)).collect::<Int64Array>())),
        ("amount", Arc::new(amounts(seeds, word(1)))),
        (
            "flag",
            Arc::new(seeds.iter().map(|seed| word(2)(seed).map(|w| w % 5 == 0)).collect::<BooleanArray>()),
        ),
        ("id", texts(|word| format!("CLM-1-{:08}", word % 1_000))),
        ("hash", texts(|word| format!("{word:016x}"))),
        ("any", texts(|word| "x".repeat((word % 9) as usize))),
        (
            "wide",
            Arc::new(seeds.iter().map(|seed| word(1)(seed).map(i128::from)).collect::<Decimal128Array>()),
        ),
        ("small", Arc::new(small_decimals(seeds))),
    ];
    plain.into_iter().map(|(name, array)| (name.to_owned(), array)).collect()
}

fn amounts(seeds: &[Seed], word: impl Fn(&Seed) -> Option<u64>) -> Decimal64Array {
    let cents = seeds.iter().map(|seed| word(seed).map(|word| (word % 1_000_000_000) as i64 - 77));
    cents.collect::<Decimal64Array>().with_precision_and_scale(12, 2).unwrap()
}

fn small_decimals(seeds: &[Seed]) -> Decimal64Array {
    let cents = seeds.iter().map(|seed| (seed.0 % 1_000) as i64);
    Decimal64Array::from_iter_values(cents).with_precision_and_scale(5, 2).unwrap()
}

fn table(seeds: &[Seed], nullable: bool) -> RecordBatch {
    let (fields, arrays): (Vec<_>, Vec<_>) = columns(seeds, nullable)
        .into_iter()
        .map(|(name, array)| (Field::new(name, array.data_type().clone(), nullable), array))
        .unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn cuts() -> impl Strategy<Value = Cut> {
    let compressions = [
        Compression::None,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd(1),
        Compression::Zstd(3),
    ];
    (1usize..400, 1usize..400, prop::sample::select(compressions.to_vec()))
        .prop_map(|(row_group_rows, batch_rows, compression)| Cut { row_group_rows, batch_rows, compression })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_type_reads_back(seeds in seeds(1..300), nullable in any::<bool>(), skip in 0usize..30, cut in cuts()) {
        let batch = table(&seeds, nullable);
        let batch = batch.slice(skip.min(seeds.len() - 1), seeds.len() - skip.min(seeds.len() - 1));
        let file = encode(&batch, cut).unwrap();
        assert_reads_back(&batch, &file);
        let at_once = encode(&batch, Cut { batch_rows: 1 << 20, ..cut }).unwrap();
        prop_assert!(at_once == file, "the batch size shows");
    }

    #[test]
    fn statistics_are_those_of_the_stock_writer(seeds in seeds(1..300), nullable in any::<bool>(), cut in cuts()) {
        let batch = table(&seeds, nullable);
        let ours = metadata(&encode(&batch, cut).unwrap());
        let stock = metadata(&encode_with_stock_writer(&batch, cut));
        prop_assert_eq!(ours.num_row_groups(), stock.num_row_groups());
        for (ours, stock) in ours.row_groups().iter().zip(stock.row_groups()) {
            for (ours, stock) in ours.columns().iter().zip(stock.columns()) {
                compare_statistics(&ours.column_path().string(), ours.statistics(), stock.statistics());
            }
        }
    }
}

/// The same rows in the same row groups, through the parquet crate's writer.
fn encode_with_stock_writer(batch: &RecordBatch, cut: Cut) -> Bytes {
    let arrays: Vec<ArrayRef> = batch.columns().iter().map(plain).collect();
    let fields = batch
        .schema()
        .fields()
        .iter()
        .zip(&arrays)
        .map(|(field, array)| field.as_ref().clone().with_data_type(array.data_type().clone()))
        .collect::<Vec<_>>();
    stock(&RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap(), cut)
}

fn stock(batch: &RecordBatch, cut: Cut) -> Bytes {
    let properties =
        WriterProperties::builder().set_max_row_group_row_count(Some(cut.row_group_rows)).build();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap().into()
}

/// Plain text has bounds only when it ascends; where there are bounds, they are the stock writer's.
fn compare_statistics(name: &str, ours: Option<&Statistics>, stock: Option<&Statistics>) {
    let (ours, stock) = (ours.unwrap(), stock.unwrap());
    let bounds = |statistics: &Statistics| {
        let bytes = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
        bytes(statistics.min_bytes_opt()).zip(bytes(statistics.max_bytes_opt()))
    };
    assert_eq!(ours.null_count_opt(), stock.null_count_opt(), "{name}");
    if bounds(ours).is_some() || !["id", "hash", "any"].contains(&name) {
        assert_eq!(bounds(ours), bounds(stock), "{name}");
        assert_eq!(ours.min_is_exact() && ours.max_is_exact(), bounds(ours).is_some(), "{name}");
    }
}

#[test]
fn ranges_on_either_side_of_a_width_read_back() {
    for span in [0, 1, 254, 255, 256, 257, 65_534, 65_535, 65_536, 65_537] {
        // Every value of the range, from the far end on, so that the first page knows little of it.
        let values = (0..=70_000).map(|row| -40_000 + span - row % (span + 1));
        let batch = one("date", Arc::new(Date32Array::from_iter_values(values)), false);
        let file = encode(&batch, Cut::WHOLE).unwrap();
        assert_reads_back(&batch, &file);
        let footer = metadata(&file);
        let has_dictionary = footer.row_group(0).column(0).dictionary_page_offset().is_some();
        assert_eq!(has_dictionary, span <= 65_535, "{span}");
    }
}

#[test]
fn a_range_wider_than_its_values_are_many_has_no_dictionary() {
    let batch = one("date", Arc::new(Date32Array::from(vec![0, 3, 1])), false);
    let file = encode(&batch, Cut::WHOLE).unwrap();
    assert_reads_back(&batch, &file);
    assert!(metadata(&file).row_group(0).column(0).dictionary_page_offset().is_none());
}

#[test]
fn pages_end_where_they_should_whatever_the_batches() {
    let rows = PAGE_ROWS * 2 + 1_234;
    let seeds: Vec<Seed> = (0..rows as u64)
        .map(|row| {
            let word = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (
                word,
                [row % 3 > 0, row % 5 > 0, row > 70_000, row % 64 > 0],
                vec![row as u8; (word >> 60) as usize % 4],
            )
        })
        .collect();
    for nullable in [false, true] {
        let batch = table(&seeds, nullable);
        let file = encode(&batch, Cut { batch_rows: 8_192, ..Cut::WHOLE }).unwrap();
        assert_reads_back(&batch, &file);
        assert!(encode(&batch, Cut { batch_rows: 10_007, ..Cut::WHOLE }).unwrap() == file);
        let footer = metadata(&file);
        for column in
            footer.row_group(0).columns().iter().filter(|column| column.column_path().string() != "small")
        {
            let pages = column.page_encoding_stats_mask();
            assert!(pages.is_some(), "{}", column.column_path());
        }
    }
}

#[test]
fn text_bounds_are_those_of_the_values_in_use() {
    let names = Arc::new(StringArray::from(vec!["b", "zz", "c", "a"]));
    let dictionary = DictionaryArray::new(UInt8Array::from(vec![2, 0, 2]), names);
    let ids = StringArray::from(vec!["CLM-1-0001", "CLM-1-0002", "CLM-1-0010"]);
    let bounds = |array: ArrayRef| {
        let footer = metadata(&encode(&one("text", array, false), Cut::WHOLE).unwrap());
        let statistics = footer.row_group(0).column(0).statistics().unwrap().clone();
        let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
        text(statistics.min_bytes_opt()).zip(text(statistics.max_bytes_opt()))
    };
    let pair = |low: &str, high: &str| Some((low.to_owned(), high.to_owned()));
    assert_eq!(bounds(Arc::new(dictionary)), pair("b", "c"));
    assert_eq!(bounds(Arc::new(ids)), pair("CLM-1-0001", "CLM-1-0010"));
    let disordered = StringArray::from(vec!["CLM-1-0002", "CLM-1-0001", "CLM-1-0003"]);
    assert_eq!(bounds(Arc::new(disordered)), None);
    let long = "x".repeat(statistics::LONGEST_TEXT_BYTES + 1);
    let long = DictionaryArray::new(UInt8Array::from(vec![0]), Arc::new(StringArray::from(vec![long])));
    assert_eq!(bounds(Arc::new(long)), None);
}

#[test]
fn ids_have_the_bounds_of_their_own_row_group() {
    let ids = StringArray::from_iter_values((0..10).map(|row| format!("CLM-1-{row:08}")));
    let cut = Cut { row_group_rows: 4, ..Cut::WHOLE };
    let footer = metadata(&encode(&one("id", Arc::new(ids), false), cut).unwrap());
    let bounds = footer.row_groups().iter().map(|group| {
        let statistics = group.column(0).statistics().unwrap();
        let last_digit = |text: Option<&[u8]>| char::from(*text.unwrap().last().unwrap());
        (last_digit(statistics.min_bytes_opt()), last_digit(statistics.max_bytes_opt()))
    });
    assert_eq!(bounds.collect::<Vec<_>>(), [('0', '3'), ('4', '7'), ('8', '9')]);
}

#[test]
fn float_bounds_keep_both_zeros_and_a_nan_has_none() {
    let bounds = |values: Vec<f64>| {
        let keys = UInt8Array::from_iter_values(0..values.len() as u8);
        let array = DictionaryArray::new(keys, Arc::new(Float64Array::from(values)));
        let footer = metadata(&encode(&one("score", Arc::new(array), false), Cut::WHOLE).unwrap());
        match footer.row_group(0).column(0).statistics() {
            Some(Statistics::Double(found)) => found.min_opt().copied().zip(found.max_opt().copied()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(bounds(vec![0.5, -2.0, 1.5]), Some((-2.0, 1.5)));
    for zero in [0.0, -0.0] {
        let (low, high) = bounds(vec![zero]).unwrap();
        assert!(low.is_sign_negative() && high.is_sign_positive());
    }
    assert_eq!(bounds(vec![0.5, f64::NAN]), None);
}

/// How a column is stored: its encodings and whether it is compressed.
fn stored(array: ArrayRef) -> (Vec<Encoding>, ParquetCompression, i64) {
    let footer = metadata(&encode(&one("column", array, false), Cut::WHOLE).unwrap());
    let column = footer.row_group(0).column(0);
    let encodings = column.encodings().filter(|encoding| *encoding != Encoding::RLE).collect();
    (encodings, column.compression(), column.compressed_size())
}

#[test]
fn each_type_is_stored_as_the_module_says() {
    let rows = 10_000u64;
    let word = |row: u64| row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let sorted = Date32Array::from_iter_values((0..rows).map(|row| 19_000 + (row / 500) as i32));
    let wide = Int32Array::from_iter_values((0..rows).map(|row| word(row) as i32));
    let ids = StringArray::from_iter_values((0..rows).map(|row| format!("CLM-1-{row:08}")));
    let hashes = StringArray::from_iter_values((0..rows).map(|row| format!("{:016x}", word(row))));
    let indices = vec![Encoding::PLAIN, Encoding::RLE_DICTIONARY];
    let (encodings, compression, bytes) = stored(Arc::new(sorted));
    assert_eq!((encodings, compression), (indices, ParquetCompression::UNCOMPRESSED));
    assert!(bytes < 500, "{bytes}");
    assert_eq!(stored(Arc::new(wide)).0, [Encoding::DELTA_BINARY_PACKED]);
    let (encodings, compression, bytes) = stored(Arc::new(ids));
    assert_eq!(encodings, [Encoding::DELTA_BYTE_ARRAY]);
    assert!(matches!(compression, ParquetCompression::ZSTD(_)) && bytes < 10_000, "{bytes}");
    assert_eq!(stored(Arc::new(hashes)).0, [Encoding::DELTA_LENGTH_BYTE_ARRAY]);
}

#[test]
fn batches_may_bring_dictionaries_of_their_own() {
    let batch = |names: &[&str]| {
        let names: DictionaryArray<UInt8Type> = names.iter().copied().map(Some).collect();
        one("payer", Arc::new(names), false)
    };
    let groups = [
        vec![batch(&["A", "B", "A"]), batch(&["C", "B"]), batch(&["B", "D", "A"])],
        vec![batch(&["E", "C"])],
    ];
    let (layout, properties) = file_layout(groups[0][0].schema(), Compression::None, &[]).unwrap();
    let mut encoder = RowGroupEncoder::new(&layout, &properties, Compression::None).unwrap();
    let mut file = file_writer(Vec::new(), &layout, &properties).unwrap();
    for batches in groups {
        batches.iter().for_each(|batch| encoder.push(batch).unwrap());
        encoder.end().unwrap().append_to(&mut file).unwrap();
    }
    let back = plain(read(&file.into_inner().unwrap().into()).column(0));
    let expected = StringArray::from(vec!["A", "B", "A", "C", "B", "B", "D", "A", "E", "C"]);
    assert_eq!(back.as_ref(), &expected as &dyn Array);
}

#[test]
fn more_values_than_keys_are_refused() {
    let batch = |from: usize| {
        let names: Vec<String> = (from..from + 200).map(|name| name.to_string()).collect();
        let names: DictionaryArray<UInt8Type> = names.iter().map(|name| Some(name.as_str())).collect();
        one("payer", Arc::new(names), false)
    };
    let (layout, properties) = file_layout(batch(0).schema(), Compression::None, &[]).unwrap();
    let mut encoder = RowGroupEncoder::new(&layout, &properties, Compression::None).unwrap();
    let error = encoder.push(&batch(0)).and_then(|()| encoder.push(&batch(200))).unwrap_err().to_string();
    assert!(error.contains("payer") && error.contains("256"), "{error}");
}

#[test]
fn null_values_of_a_dictionary_are_nulls() {
    let names = Arc::new(StringArray::from(vec![Some("A"), None]));
    let array = DictionaryArray::new(UInt8Array::from(vec![Some(0), Some(1), None, Some(0)]), names);
    let batch = one("payer", Arc::new(array), true);
    let back = plain(read(&encode(&batch, Cut::WHOLE).unwrap()).column(0));
    assert_eq!(back.as_ref(), &StringArray::from(vec![Some("A"), None, None, Some("A")]) as &dyn Array);
}

#[test]
fn readers_are_given_the_types_of_the_dataset() {
    let seeds: Vec<Seed> = (0..50).map(|row| (row, [true; 4], vec![1, 2])).collect();
    let file = encode(&table(&seeds, false), Cut::WHOLE).unwrap();
    // Not the parquet crate's version: every update of it would change every file.
    assert_eq!(metadata(&file).file_metadata().created_by(), Some("driftforge"));
    let schema = read(&file).schema();
    let type_of = |name: &str| schema.field_with_name(name).unwrap().data_type().clone();
    let text = |key: DataType| DataType::Dictionary(Box::new(key), Box::new(DataType::Utf8));
    assert_eq!(type_of("text8"), text(DataType::UInt8));
    assert_eq!(type_of("text16"), text(DataType::UInt16));
    assert_eq!(type_of("score"), DataType::Float64);
    assert_eq!(type_of("amount"), DataType::Decimal128(12, 2));
    assert_eq!(type_of("small"), DataType::Decimal128(5, 2));
    assert_eq!(type_of("date"), DataType::Date32);
    assert_eq!(type_of("int8"), DataType::UInt8);
    assert_eq!(type_of("flag"), DataType::Boolean);
    let element = Field::new("element", DataType::Utf8, false);
    assert_eq!(type_of("list8"), DataType::List(Arc::new(element)));
}
