//! Booleans, as `true` and `false`.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::BooleanBuffer;

use super::frame::Frame;
use super::slot::Slot;
use super::{Cells, Style, type_mismatch};

pub(super) struct Flags {
    frame: Frame,
    /// False and true, with what stands before them.
    names: [Slot; 2],
    values: BooleanBuffer,
}

impl Flags {
    pub(super) fn new(style: Style, before: &[u8]) -> Self {
        let names = ["false", "true"].map(|name| Slot::new(&[before, name.as_bytes()].concat()));
        Self { frame: Frame::bare(style, before), names, values: BooleanBuffer::new_unset(0) }
    }
}

impl Cells for Flags {
    fn load(&mut self, array: &ArrayRef) -> Result<(), String> {
        let flags = array.as_boolean_opt().ok_or_else(|| type_mismatch(array, "Boolean"))?;
        self.frame.load(flags.nulls());
        self.values = flags.values().clone();
        Ok(())
    }

    #[inline]
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        if self.frame.is_null(row) {
            return self.frame.write_null(out);
        }
        self.names[usize::from(self.values.value(row))].append_to(out);
    }
}
