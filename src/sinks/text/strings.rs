//! Plain text, each value of its own.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{Buffer, ScalarBuffer};

use super::frame::Frame;
use super::slot::append_part;
use super::{Cells, Style, type_mismatch};

pub(super) struct Strings {
    style: Style,
    frame: Frame,
    ends: ScalarBuffer<i32>,
    text: Buffer,
    /// Whether no value of the batch needs a quote or an escape, but for empty ones in CSV.
    is_plain: bool,
}

impl Strings {
    pub(super) fn new(style: Style, before: &[u8]) -> Self {
        Self {
            style,
            frame: Frame::bare(style, before),
            ends: ScalarBuffer::default(),
            text: Buffer::default(),
            is_plain: false,
        }
    }

    #[inline]
    fn write_text(&self, row: usize, out: &mut Vec<u8>) {
        let (start, end) = (self.ends[row] as usize, self.ends[row + 1] as usize);
        if self.is_plain && start < end {
            out.extend_from_slice(self.style.quote());
            append_part(&self.text, start, end, out);
            out.extend_from_slice(self.style.quote());
        } else {
            self.style.write_text(&self.text[start..end], out);
        }
    }
}

impl Cells for Strings {
    fn load(&mut self, array: &ArrayRef) -> Result<(), String> {
        let texts = array.as_string_opt::<i32>().ok_or_else(|| type_mismatch(array, "Utf8"))?;
        self.frame.load(texts.nulls());
        self.ends = texts.offsets().inner().clone();
        self.text = texts.values().clone();
        let (start, end) = (self.ends[0] as usize, self.ends[texts.len()] as usize);
        self.is_plain = self.style.is_plain(&self.text[start..end]);
        Ok(())
    }

    #[inline]
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        self.frame.write(row, out, |out| self.write_text(row, out));
    }
}
