//! From the types in memory to the types in the file, and the encoder of each.
//!
//! Three types are stored under another name than they have in memory, with the same bytes:
//! `Decimal64` is announced as `Decimal128`, because pyarrow has no sums for the former; dictionaries of
//! numbers, and all dictionaries inside lists and structs, are announced as what they hold; and the entries
//! of a list are announced under the format's own name for them, `element`.

use std::sync::Arc;

use arrow_array::types::{
    Date32Type, Decimal64Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, UInt8Type, UInt16Type,
};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowSchemaConverter;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::schema::types::SchemaDescPtr;

use super::Result;
use super::boolean::BooleanColumn;
use super::column::{LeafColumn, ValueEncoder};
use super::delta::DeltaColumn;
use super::dictionary::DictionaryColumn;
use super::float::FloatColumn;
use super::levels::{ColumnLevels, HighestLevels};
use super::nesting::{Inside, NestedField, Node};
use super::range::RangeColumn;
use super::stock::StockColumn;
use super::text::TextColumn;

/// Decimals of this precision and up to 18 are stored as INT64 (`LogicalTypes.md`, "DECIMAL").
const SMALLEST_INT64_PRECISION: u8 = 10;

/// What a file of some in-memory schema looks like.
pub(super) struct Layout {
    memory: SchemaRef,
    /// The Arrow schema that readers are told of.
    pub stored: SchemaRef,
    /// The Parquet schema.
    pub parquet: SchemaDescPtr,
}

/// The encoder of one field.
pub(super) enum FieldEncoder {
    /// One of our own.
    Own(NestedField),
    /// The parquet crate's, for all columns of the field.
    Stock(Box<StockColumn>),
}

impl Layout {
    /// The layout of files whose batches have the schema `memory`.
    ///
    /// # Errors
    /// A type that Parquet cannot store.
    pub(super) fn new(memory: SchemaRef) -> Result<Self> {
        let fields: Vec<Field> = memory.fields().iter().map(stored_field).collect();
        let stored = Arc::new(Schema::new(fields));
        let parquet = Arc::new(ArrowSchemaConverter::new().convert(&stored)?);
        Ok(Self { memory, stored, parquet })
    }

    /// The name of a field.
    pub(super) fn name(&self, field: usize) -> &str {
        self.memory.field(field).name()
    }

    /// One encoder per field.
    pub(super) fn encoders(&self, properties: &WriterPropertiesPtr) -> Result<Vec<FieldEncoder>> {
        self.memory
            .fields()
            .iter()
            .map(|field| match own_encoder(field) {
                Some(encoder) => Ok(FieldEncoder::Own(encoder)),
                None => Ok(FieldEncoder::Stock(Box::new(StockColumn::new(field, properties)?))),
            })
            .collect()
    }
}

/// How the field is announced in the file.
fn stored_field(field: &FieldRef) -> Field {
    let stored = match (field.data_type(), own_encoder(field)) {
        (DataType::Dictionary(_, values), Some(_)) if **values == DataType::Utf8 => field.data_type().clone(),
        (data_type, Some(_)) => plain_type(data_type),
        (DataType::Decimal64(precision, scale), None) => DataType::Decimal128(*precision, *scale),
        (data_type, None) => data_type.clone(),
    };
    field.as_ref().clone().with_data_type(stored)
}

/// The type without dictionaries, as it is announced inside lists and structs.
fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Decimal64(precision, scale) => DataType::Decimal128(*precision, *scale),
        DataType::Dictionary(_, values) => values.as_ref().clone(),
        DataType::List(entry) => {
            let plain = Field::new("element", plain_type(entry.data_type()), entry.is_nullable());
            DataType::List(Arc::new(plain))
        }
        DataType::Struct(fields) => {
            let plain =
                |field: &FieldRef| field.as_ref().clone().with_data_type(plain_type(field.data_type()));
            DataType::Struct(fields.iter().map(plain).collect())
        }
        other => other.clone(),
    }
}

/// Our own encoder of the field; `None` when it has a column that we have none for.
fn own_encoder(field: &FieldRef) -> Option<NestedField> {
    let mut columns = Vec::new();
    let root = node(field, field.name(), HighestLevels::default(), &mut columns)?;
    Some(NestedField { root, columns })
}

/// The tree below the field, with its columns appended to `columns`.
fn node(field: &FieldRef, path: &str, above: HighestLevels, columns: &mut Vec<LeafColumn>) -> Option<Node> {
    let nullable = field.is_nullable();
    let mut levels = HighestLevels { definition: above.definition + u8::from(nullable), ..above };
    let inside = match field.data_type() {
        DataType::Struct(fields) if !fields.is_empty() => {
            let below = |field: &FieldRef| node(field, &format!("{path}.{}", field.name()), levels, columns);
            Inside::Fields(fields.iter().map(below).collect::<Option<_>>()?)
        }
        DataType::List(entry) => {
            levels = HighestLevels { repetition: above.repetition + 1, definition: levels.definition + 1 };
            Inside::Entries(Box::new(node(entry, path, levels, columns)?), levels.repetition)
        }
        data_type => {
            columns.push(LeafColumn::new(ColumnLevels::new(levels), values(data_type)?));
            Inside::Column(columns.len() - 1)
        }
    };
    Some(Node { path: path.to_owned(), data_type: field.data_type().clone(), nullable, inside })
}

/// The encoder of a column's values.
fn values(data_type: &DataType) -> Option<Box<dyn ValueEncoder>> {
    Some(match data_type {
        DataType::Boolean => Box::new(BooleanColumn::new()),
        DataType::Date32 => Box::new(RangeColumn::<Date32Type>::new()),
        DataType::Int32 => Box::new(RangeColumn::<Int32Type>::new()),
        DataType::Int16 => Box::new(RangeColumn::<Int16Type>::new()),
        DataType::UInt8 => Box::new(RangeColumn::<UInt8Type>::new()),
        DataType::Int64 => Box::new(DeltaColumn::<Int64Type>::new()),
        DataType::Decimal64(SMALLEST_INT64_PRECISION.., _) => Box::new(DeltaColumn::<Decimal64Type>::new()),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            Box::new(DeltaColumn::<TimestampMillisecondType>::new())
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Box::new(DeltaColumn::<TimestampMicrosecondType>::new())
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            Box::new(DeltaColumn::<TimestampNanosecondType>::new())
        }
        DataType::Float64 => Box::new(FloatColumn::default()),
        DataType::Utf8 => Box::new(TextColumn::new()),
        DataType::Dictionary(key, values) if matches!(**values, DataType::Utf8 | DataType::Float64) => {
            match **key {
                DataType::UInt8 => Box::new(DictionaryColumn::<UInt8Type>::new(values)),
                DataType::UInt16 => Box::new(DictionaryColumn::<UInt16Type>::new(values)),
                _ => return None,
            }
        }
        _ => return None,
    })
}
