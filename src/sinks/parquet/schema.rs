//! From the types in memory to the types in the file, and the encoder of each.
//!
//! Three types are stored under another name than they have in memory, with the same bytes:
//! `Decimal64` is announced as `Decimal128`, because pyarrow has no sums for the former; dictionaries of
//! numbers are announced as plain numbers; and the entries of a list are announced as plain text under
//! the format's own name for them, `element`.

use std::sync::Arc;

use arrow_array::types::{Date32Type, Int16Type, Int32Type, UInt8Type, UInt16Type};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use parquet::arrow::ArrowSchemaConverter;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::schema::types::SchemaDescPtr;

use super::boolean::BooleanColumn;
use super::delta::{Decimal64Column, Int64Column};
use super::dictionary::DictionaryColumn;
use super::list::ListColumn;
use super::range::RangeColumn;
use super::stock::StockColumn;
use super::text::TextColumn;
use super::{ColumnEncoder, Result};

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
    /// One of our own, for one column.
    Own(Box<dyn ColumnEncoder>),
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
    let stored = match field.data_type() {
        DataType::Decimal64(precision, scale) => DataType::Decimal128(*precision, *scale),
        DataType::Dictionary(_, values) if **values == DataType::Float64 && own_encoder(field).is_some() => {
            DataType::Float64
        }
        DataType::List(entry) if own_encoder(field).is_some() => {
            DataType::List(Arc::new(Field::new("element", DataType::Utf8, entry.is_nullable())))
        }
        other => other.clone(),
    };
    field.as_ref().clone().with_data_type(stored)
}

fn own_encoder(field: &FieldRef) -> Option<Box<dyn ColumnEncoder>> {
    let nullable = field.is_nullable();
    Some(match field.data_type() {
        DataType::Boolean => Box::new(BooleanColumn::new(nullable)),
        DataType::Date32 => Box::new(RangeColumn::<Date32Type>::new(nullable)),
        DataType::Int32 => Box::new(RangeColumn::<Int32Type>::new(nullable)),
        DataType::Int16 => Box::new(RangeColumn::<Int16Type>::new(nullable)),
        DataType::UInt8 => Box::new(RangeColumn::<UInt8Type>::new(nullable)),
        DataType::Int64 => Box::new(Int64Column::new(nullable)),
        DataType::Decimal64(SMALLEST_INT64_PRECISION.., _) => Box::new(Decimal64Column::new(nullable)),
        DataType::Utf8 => Box::new(TextColumn::new(nullable)),
        DataType::Dictionary(key, values) if matches!(**values, DataType::Utf8 | DataType::Float64) => {
            match **key {
                DataType::UInt8 => Box::new(DictionaryColumn::<UInt8Type>::new(values, nullable)),
                DataType::UInt16 => Box::new(DictionaryColumn::<UInt16Type>::new(values, nullable)),
                _ => return None,
            }
        }
        DataType::List(entry) => match entry.data_type() {
            DataType::Dictionary(key, values) if **values == DataType::Utf8 => match **key {
                DataType::UInt8 => Box::new(ListColumn::<UInt8Type>::new(entry, values, nullable)),
                DataType::UInt16 => Box::new(ListColumn::<UInt16Type>::new(entry, values, nullable)),
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    })
}
