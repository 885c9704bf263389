//! Whole numbers of any width, in decimal digits.

use std::fmt::Debug;

use arrow_array::cast::AsArray;
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::ScalarBuffer;

use super::digits::Backwards;
use super::frame::Frame;
use super::{Cells, Style, type_mismatch};

pub(super) struct Integers<T: ArrowPrimitiveType> {
    frame: Frame,
    values: ScalarBuffer<T::Native>,
}

impl<T: ArrowPrimitiveType> Integers<T> {
    pub(super) fn new(style: Style, before: &[u8]) -> Self {
        Self { frame: Frame::bare(style, before), values: ScalarBuffer::default() }
    }
}

impl<T> Cells for Integers<T>
where
    T: ArrowPrimitiveType,
    T::Native: Into<i128> + Debug,
{
    fn load(&mut self, array: &ArrayRef) -> Result<(), String> {
        let expected = || type_mismatch(array, &T::DATA_TYPE.to_string());
        let numbers = array.as_primitive_opt::<T>().ok_or_else(expected)?;
        self.frame.load(numbers.nulls());
        self.values = numbers.values().clone();
        Ok(())
    }

    #[inline]
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        self.frame.write(row, out, |out| write_integer(self.values[row].into(), out));
    }
}

/// Appends a number of at most 64 bits and its sign.
#[inline]
fn write_integer(value: i128, out: &mut Vec<u8>) {
    let mut text = Backwards::new();
    text.put_number(value.unsigned_abs() as u64);
    if value < 0 {
        text.put(b'-');
    }
    text.append_to(out);
}
