//! Structs and lists, however they are nested, read back as what the parquet crate's own writer stores.

use arrow_array::types::{TimestampMicrosecondType, UInt8Type, UInt16Type};
use arrow_array::*;
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use proptest::prelude::*;

use super::*;

/// The type of a field, without whether it is nullable.
#[derive(Debug, Clone)]
enum Kind {
    Leaf(usize),
    Struct(Vec<(Kind, bool)>),
    List(Box<(Kind, bool)>),
}

/// Makes an array of words and validity.
type Make = fn(&[u64], Option<NullBuffer>) -> ArrayRef;

/// The types of columns, and how words become values of each.
const LEAVES: [Make; 11] = [
    |words, nulls| {
        let flags: Vec<bool> = words.iter().map(|word| word % 3 == 0).collect();
        Arc::new(BooleanArray::new(flags.into(), nulls))
    },
    |words, nulls| Arc::new(Date32Array::new(words.iter().map(|word| (word % 900) as i32).collect(), nulls)),
    |words, nulls| Arc::new(Int32Array::new(words.iter().map(|word| *word as i32).collect(), nulls)),
    |words, nulls| Arc::new(Int64Array::new(words.iter().map(|word| *word as i64).collect(), nulls)),
    |words, nulls| {
        let numbers = words.iter().map(|word| (word % 9_000) as f64 / 8.0 - 7.0).collect();
        Arc::new(Float64Array::new(numbers, nulls))
    },
    |words, nulls| {
        let micros = words.iter().map(|word| (word >> 12) as i64).collect();
        Arc::new(PrimitiveArray::<TimestampMicrosecondType>::new(micros, nulls).with_timezone("UTC"))
    },
    |words, nulls| {
        let cents = words.iter().map(|word| (word % 1_000_000_000) as i64).collect();
        let cents = Decimal64Array::new(cents, nulls).with_precision_and_scale(12, 2);
        Arc::new(cents.unwrap())
    },
    |words, nulls| text(words, nulls, |word| format!("{word:016x}")),
    |words, nulls| text(words, nulls, |word| "long ".repeat((word % 60) as usize)),
    |words, nulls| {
        let keys = UInt8Array::new(words.iter().map(|word| (word % 5) as u8).collect(), nulls);
        Arc::new(DictionaryArray::<UInt8Type>::new(keys, names(5)))
    },
    |words, nulls| {
        let keys = UInt16Array::new(words.iter().map(|word| (word % 300) as u16).collect(), nulls);
        Arc::new(DictionaryArray::<UInt16Type>::new(keys, names(300)))
    },
];

fn names(count: usize) -> ArrayRef {
    Arc::new(StringArray::from_iter_values((0..count).map(|name| format!("name {}", name * 7 % count))))
}

/// Text of which the nulls span bytes too, as they may.
fn text(words: &[u64], nulls: Option<NullBuffer>, value: impl Fn(u64) -> String) -> ArrayRef {
    let (offsets, values, _) =
        StringArray::from_iter_values(words.iter().map(|word| value(*word))).into_parts();
    Arc::new(StringArray::new(offsets, values, nulls))
}

/// A stream of pseudo-random words: SplitMix64 (Steele et al., OOPSLA 2014).
struct Words(u64);

impl Words {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ word >> 31
    }

    fn take(&mut self, count: usize) -> Vec<u64> {
        (0..count).map(|_| self.next()).collect()
    }

    /// Validity with few, many or only nulls, or none.
    fn nulls(&mut self, rows: usize, nullable: bool) -> Option<NullBuffer> {
        let in_64 = [0, 5, 32, 60, 64][(self.next() % 5) as usize];
        nullable.then(|| self.take(rows).iter().map(|word| word % 64 >= in_64).collect::<Vec<_>>().into())
    }

    /// Rows of this type. What is null has values below it all the same: they must not be written.
    fn array(&mut self, (kind, nullable): &(Kind, bool), rows: usize) -> ArrayRef {
        let nulls = self.nulls(rows, *nullable);
        match kind {
            Kind::Leaf(leaf) => LEAVES[*leaf](&self.take(rows), nulls),
            Kind::Struct(children) => {
                let arrays: Vec<ArrayRef> = children.iter().map(|child| self.array(child, rows)).collect();
                let fields =
                    arrays.iter().zip(children).enumerate().map(|(index, (array, (_, nullable)))| {
                        Field::new(format!("field{index}"), array.data_type().clone(), *nullable)
                    });
                Arc::new(StructArray::new(fields.collect::<Fields>(), arrays, nulls))
            }
            Kind::List(entry) => {
                let lengths = self.take(rows).into_iter().map(|word| (word % 8).saturating_sub(3) as usize);
                let offsets = OffsetBuffer::from_lengths(lengths);
                let entries = self.array(entry, *offsets.last().unwrap() as usize);
                let field = Field::new("item", entries.data_type().clone(), entry.1);
                Arc::new(ListArray::new(Arc::new(field), offsets, entries, nulls))
            }
        }
    }
}

fn kinds() -> impl Strategy<Value = (Kind, bool)> {
    let leaf = (0..LEAVES.len()).prop_map(Kind::Leaf);
    let kind = leaf.prop_recursive(4, 12, 3, |inner| {
        let field = (inner, any::<bool>());
        prop_oneof![
            2 => prop::collection::vec(field.clone(), 1..4).prop_map(Kind::Struct),
            1 => field.prop_map(|entry| Kind::List(Box::new(entry))),
        ]
    });
    (kind, any::<bool>())
}

/// The batch with the types that the file announces.
fn as_stored(batch: &RecordBatch) -> RecordBatch {
    let (layout, _) = file_layout(batch.schema(), Compression::None, &[]).unwrap();
    let cast = |(array, field): (&ArrayRef, &Arc<Field>)| arrow_cast::cast(array, field.data_type()).unwrap();
    let arrays = batch.columns().iter().zip(layout.stored.fields()).map(cast).collect();
    RecordBatch::try_new(Arc::clone(&layout.stored), arrays).unwrap()
}

fn of_fields(fields: &[(Kind, bool)], rows: usize, seed: u64) -> RecordBatch {
    let arrays: Vec<ArrayRef> = fields.iter().map(|field| Words(seed).array(field, rows)).collect();
    let fields = arrays.iter().zip(fields).enumerate().map(|(index, (array, (_, nullable)))| {
        Field::new(format!("column{index}"), array.data_type().clone(), *nullable)
    });
    RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Fields>())), arrays).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn whatever_is_nested_reads_back(
        fields in prop::collection::vec(kinds(), 1..4),
        rows in 1usize..300,
        skip in 0usize..20,
        seed in any::<u64>(),
        cut in cuts(),
    ) {
        let batch = of_fields(&fields, rows + skip, seed).slice(skip, rows);
        let file = encode(&batch, cut).unwrap();
        let stored = as_stored(&batch);
        let stock = stock(&stored, cut);
        let (ours, theirs) = (read(&file), read(&stock));
        let (found, announced) = (ours.schema(), stored.schema());
        prop_assert_eq!(found.fields(), announced.fields());
        for (given, (ours, theirs)) in stored.columns().iter().zip(ours.columns().iter().zip(theirs.columns())) {
            prop_assert_eq!(ours, given);
            prop_assert_eq!(ours, theirs);
        }
        let at_once = encode(&batch, Cut { batch_rows: 1 << 20, ..cut }).unwrap();
        prop_assert!(at_once == file, "the batch size shows");
        let (ours, theirs) = (metadata(&file), metadata(&stock));
        for (ours, theirs) in ours.row_groups().iter().zip(theirs.row_groups()) {
            for (ours, theirs) in ours.columns().iter().zip(theirs.columns()) {
                prop_assert_eq!(ours.num_values(), theirs.num_values());
                // "hash": text, which need not have bounds.
                let is_text = ours.column_type() == parquet::basic::Type::BYTE_ARRAY;
                let name = if is_text { "hash" } else { "other" };
                compare_statistics(name, ours.statistics(), theirs.statistics());
            }
        }
    }
}

#[test]
fn every_nested_type_has_an_encoder_of_our_own() {
    for leaf in 0..LEAVES.len() {
        let entry = (Kind::Struct(vec![(Kind::Leaf(leaf), true)]), true);
        let batch = of_fields(&[(Kind::List(Box::new(entry)), true)], 3, 1);
        let (layout, properties) = file_layout(batch.schema(), Compression::None, &[]).unwrap();
        let encoders = layout.encoders(&properties).unwrap();
        assert!(matches!(encoders[0], schema::FieldEncoder::Own(_)), "{:?}", batch.schema());
    }
}

#[test]
fn batches_without_rows_change_nothing() {
    let fields = [(Kind::Struct(vec![(Kind::List(Box::new((Kind::Leaf(7), true))), true)]), true)];
    let batch = of_fields(&fields, 40, 3);
    let (layout, properties) = file_layout(batch.schema(), Compression::None, &[]).unwrap();
    let mut encoder = RowGroupEncoder::new(&layout, &properties, Compression::None).unwrap();
    let mut file = file_writer(Vec::new(), &layout, &properties).unwrap();
    for batch in [batch.slice(0, 0), batch.slice(0, 7), batch.slice(7, 0), batch.slice(7, 33)] {
        encoder.push(&batch).unwrap();
    }
    encoder.end().unwrap().append_to(&mut file).unwrap();
    let file: Bytes = file.into_inner().unwrap().into();
    assert!(file == encode(&batch, Cut { compression: Compression::None, ..Cut::WHOLE }).unwrap());
}

/// Found by the property above: whether a batch has any entry decided on the dictionary page.
#[test]
fn lists_that_are_all_null_keep_their_dictionary_whatever_the_batches() {
    let keys = UInt8Array::from(vec![1, 0]);
    let entries: ArrayRef = Arc::new(DictionaryArray::<UInt8Type>::new(keys, names(2)));
    let field = Arc::new(Field::new("item", entries.data_type().clone(), false));
    let offsets = OffsetBuffer::from_lengths([0, 2]);
    let list = ListArray::new(field, offsets, entries, Some(NullBuffer::new_null(2)));
    let batch = one("codes", Arc::new(list), true);
    let file = encode(&batch, Cut::WHOLE).unwrap();
    assert!(file == encode(&batch, Cut { batch_rows: 1, ..Cut::WHOLE }).unwrap());
    assert_eq!(read(&file).column(0).null_count(), 2);
}

#[test]
fn nulls_below_a_null_need_no_permission() {
    let numbers = Int64Array::from(vec![Some(1), None, Some(3)]);
    let nulls = NullBuffer::from(vec![true, false, true]);
    let fields = Fields::from(vec![Field::new("number", DataType::Int64, false)]);
    let array = StructArray::new(fields, vec![Arc::new(numbers)], Some(nulls));
    let batch = one("data", Arc::new(array), true);
    assert_eq!(read(&encode(&batch, Cut::WHOLE).unwrap()).columns(), batch.columns());
}

#[test]
fn a_null_where_none_may_be_is_refused_by_name() {
    let announce = |nullable| {
        let number = Field::new("number", DataType::Int64, nullable);
        Arc::new(Schema::new(vec![Field::new_struct("data", vec![number], false)]))
    };
    let (layout, properties) = file_layout(announce(false), Compression::None, &[]).unwrap();
    let mut encoder = RowGroupEncoder::new(&layout, &properties, Compression::None).unwrap();
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
    let fields = Fields::from(vec![Field::new("number", DataType::Int64, true)]);
    let array = StructArray::new(fields, vec![numbers], None);
    let batch = RecordBatch::try_new(announce(true), vec![Arc::new(array)]).unwrap();
    let error = encoder.push(&batch).unwrap_err().to_string();
    assert!(error.contains("data.number") && error.contains("without nulls"), "{error}");
}

#[test]
fn pages_of_long_text_end_early_whatever_the_batches() {
    let rows = 3 * column::STEP_ROWS + 17;
    let long = StringArray::from_iter_values(
        Words(1)
            .take(rows)
            .iter()
            .map(|word| format!("{word:0300x}"))
            .map(|text| text.chars().rev().collect::<String>()),
    );
    let batch = one("address", Arc::new(long), false);
    let file = encode(&batch, Cut { batch_rows: column::STEP_ROWS, ..Cut::WHOLE }).unwrap();
    assert_eq!(read(&file).columns(), batch.columns());
    assert!(file == encode(&batch, Cut { batch_rows: 1_000, ..Cut::WHOLE }).unwrap());
    let footer = metadata(&file);
    let reader = parquet::file::serialized_reader::SerializedPageReader::new(
        Arc::new(file),
        footer.row_group(0).column(0),
        rows,
        None,
    );
    let values: Vec<u32> = reader.unwrap().map(|page| page.unwrap().num_values()).collect();
    assert_eq!(values, [column::STEP_ROWS as u32, column::STEP_ROWS as u32, column::STEP_ROWS as u32, 17]);
}

#[test]
fn instants_and_numbers_keep_their_types() {
    let fields = [(Kind::Leaf(5), false), (Kind::Leaf(4), true)];
    let schema = read(&encode(&of_fields(&fields, 9, 4), Cut::WHOLE).unwrap()).schema();
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    assert_eq!(
        schema.fields().iter().map(|field| field.data_type()).collect::<Vec<_>>(),
        [&instant, &DataType::Float64]
    );
}
