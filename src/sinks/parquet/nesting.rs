//! One field of the batch: a tree of structs and lists with columns as its leaves.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use parquet::errors::ParquetError;

use super::codec::Codec;
use super::column::LeafColumn;
use super::place::Place;
use super::{Result, type_mismatch};

/// Encodes one field: a column, or several when it is nested.
pub(super) struct NestedField {
    /// How the columns hang together.
    pub root: Node,
    /// The columns, from left to right.
    pub columns: Vec<LeafColumn>,
}

/// An array inside a field.
pub(super) struct Node {
    /// Where it is: the names on the way to it, with dots between them.
    pub path: String,
    /// Its type in memory.
    pub data_type: DataType,
    /// Whether it may have nulls.
    pub nullable: bool,
    /// What is in it.
    pub inside: Inside,
}

/// What is inside an array.
pub(super) enum Inside {
    /// Values: the column with this index.
    Column(usize),
    /// The fields of a struct.
    Fields(Vec<Node>),
    /// The entries of a list, which is so many lists deep.
    Entries(Box<Node>, u8),
}

impl NestedField {
    /// Adds rows.
    ///
    /// # Errors
    /// An array of another type than the field's, or nulls where there may be none; the message names the column.
    pub(super) fn push(&mut self, array: &dyn Array) -> Result<()> {
        self.root.push(array, &Place::of_rows(array.len()), &mut self.columns)
    }

    /// Ends the pages in progress that are long.
    pub(super) fn end_long_pages(&mut self, codec: &mut Codec) -> Result<()> {
        self.columns.iter_mut().try_for_each(|column| column.end_long_page(codec))
    }

    /// Ends the pages in progress.
    pub(super) fn end_page(&mut self, codec: &mut Codec) -> Result<()> {
        self.columns.iter_mut().try_for_each(|column| column.end_page(codec))
    }
}

impl Node {
    fn push(&self, array: &dyn Array, place: &Place, columns: &mut [LeafColumn]) -> Result<()> {
        match &self.inside {
            Inside::Column(index) => columns[*index]
                .push(array, nulls_of(array).as_ref(), self.nullable, place)
                .map_err(|error| self.named(error)),
            Inside::Fields(fields) => {
                let structure = array.as_struct_opt().filter(|array| array.num_columns() == fields.len());
                let structure = structure.ok_or_else(|| self.named(type_mismatch(array, &self.data_type)))?;
                let place = self.within(array, place)?;
                fields
                    .iter()
                    .zip(structure.columns())
                    .try_for_each(|(field, array)| field.push(array, &place, columns))
            }
            Inside::Entries(entry, depth) => {
                let (place, entries) = self.entries(array, *depth, place)?;
                entry.push(&entries, &place, columns)
            }
        }
    }

    fn entries(&self, array: &dyn Array, depth: u8, place: &Place) -> Result<(Place, ArrayRef)> {
        let list = array.as_list_opt::<i32>();
        let list = list.ok_or_else(|| self.named(type_mismatch(array, &self.data_type)))?;
        self.within(array, place)?.of_entries(list, depth)
    }

    /// The place of what is inside the array's own validity.
    fn within(&self, array: &dyn Array, place: &Place) -> Result<Place> {
        let present = place.present_in(array.nulls(), self.nullable).map_err(|error| self.named(error))?;
        Ok(if self.nullable { place.inside_nullable(present) } else { place.clone() })
    }

    /// The error with the column's name before it.
    fn named(&self, error: ParquetError) -> ParquetError {
        match error {
            ParquetError::General(message) => {
                ParquetError::General(format!("column {}: {message}", self.path))
            }
            other => other,
        }
    }
}

/// The rows that are null by themselves or, in a dictionary, by their value.
fn nulls_of(array: &dyn Array) -> Option<NullBuffer> {
    match array.as_any_dictionary_opt() {
        Some(dictionary) if dictionary.values().null_count() > 0 => array.logical_nulls(),
        _ => array.nulls().cloned(),
    }
}
