//! Lists, as JSON arrays.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::ScalarBuffer;
use arrow_schema::DataType;

use super::frame::Frame;
use super::{Cells, Style, type_mismatch};

pub(super) struct Lists {
    frame: Frame,
    entries: Box<dyn Cells>,
    ends: ScalarBuffer<i32>,
}

impl Lists {
    pub(super) fn new(entry: &DataType, style: Style, before: &[u8]) -> Result<Self, String> {
        let entries = super::cells(entry, style.inside_nested(), b"")?;
        Ok(Self { frame: Frame::nested(style, before), entries, ends: ScalarBuffer::default() })
    }

    #[inline]
    fn write_entries(&self, row: usize, out: &mut Vec<u8>) {
        let (start, end) = (self.ends[row] as usize, self.ends[row + 1] as usize);
        out.push(b'[');
        for entry in start..end {
            if entry > start {
                out.push(b',');
            }
            self.entries.write(entry, out);
        }
        out.push(b']');
    }
}

impl Cells for Lists {
    fn load(&mut self, array: &ArrayRef) -> Result<(), String> {
        let lists = array.as_list_opt::<i32>().ok_or_else(|| type_mismatch(array, "List"))?;
        self.frame.load(lists.nulls());
        self.ends = lists.offsets().inner().clone();
        self.entries.load(lists.values())
    }

    fn write(&self, row: usize, out: &mut Vec<u8>) {
        self.frame.write(row, out, |out| self.write_entries(row, out));
    }
}
