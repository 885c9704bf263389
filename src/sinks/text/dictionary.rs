//! Dictionaries: every value is rendered once, and a row is a copy of its value's text.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, UInt8Type, UInt16Type, UInt32Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{ArrowNativeType, ScalarBuffer};
use arrow_schema::DataType;

use super::frame::Frame;
use super::slot::Slot;
use super::{Cells, Style, type_mismatch};

/// The cells of a dictionary with keys of this type.
///
/// # Errors
/// A type of value that has no form as text.
pub(super) fn cells(
    key: &DataType,
    values: &DataType,
    style: Style,
    before: &[u8],
) -> Result<Box<dyn Cells>, String> {
    let frame = Frame::bare(style, before);
    let values = super::cells(values, style, before)?;
    Ok(match key {
        DataType::Int8 => Box::new(Dictionary::<Int8Type>::new(frame, values)),
        DataType::Int16 => Box::new(Dictionary::<Int16Type>::new(frame, values)),
        DataType::Int32 => Box::new(Dictionary::<Int32Type>::new(frame, values)),
        DataType::UInt8 => Box::new(Dictionary::<UInt8Type>::new(frame, values)),
        DataType::UInt16 => Box::new(Dictionary::<UInt16Type>::new(frame, values)),
        DataType::UInt32 => Box::new(Dictionary::<UInt32Type>::new(frame, values)),
        other => return Err(format!("dictionary keys of type {other}: they have 8, 16 or 32 bits")),
    })
}

struct Dictionary<K: ArrowDictionaryKeyType> {
    frame: Frame,
    /// Renders the values.
    values: Box<dyn Cells>,
    /// The values that `slots` were rendered from; a generator hands out the same ones with each batch.
    rendered: Option<ArrayRef>,
    slots: Vec<Slot>,
    keys: ScalarBuffer<K::Native>,
}

impl<K: ArrowDictionaryKeyType> Dictionary<K> {
    fn new(frame: Frame, values: Box<dyn Cells>) -> Self {
        Self { frame, values, rendered: None, slots: Vec::new(), keys: ScalarBuffer::default() }
    }

    fn render(&mut self, values: &ArrayRef) -> Result<(), String> {
        let is_same = |rendered: &ArrayRef| {
            Arc::ptr_eq(rendered, values) || rendered.to_data().ptr_eq(&values.to_data())
        };
        if self.rendered.as_ref().is_some_and(is_same) {
            return Ok(());
        }
        self.values.load(values)?;
        let mut text = Vec::new();
        self.slots = (0..values.len())
            .map(|value| {
                text.clear();
                self.values.write(value, &mut text);
                Slot::new(&text)
            })
            .collect();
        self.rendered = Some(Arc::clone(values));
        Ok(())
    }
}

impl<K: ArrowDictionaryKeyType> Cells for Dictionary<K> {
    fn load(&mut self, array: &ArrayRef) -> Result<(), String> {
        let expected = || type_mismatch(array, &format!("a dictionary with keys of type {}", K::DATA_TYPE));
        let dictionary = array.as_dictionary_opt::<K>().ok_or_else(expected)?;
        self.render(dictionary.values())?;
        self.frame.load(dictionary.keys().nulls());
        self.keys = dictionary.keys().values().clone();
        Ok(())
    }

    #[inline]
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        if self.frame.is_null(row) {
            return self.frame.write_null(out);
        }
        self.slots[self.keys[row].as_usize()].append_to(out);
    }
}
