//! What stands around the values of a column, and in place of those that are missing.

use arrow_buffer::NullBuffer;

use super::Style;
use super::slot::Slot;

/// The text around a column's values.
pub(super) struct Frame {
    null: Slot,
    before: Slot,
    after: &'static [u8],
    nulls: Option<NullBuffer>,
}

impl Frame {
    /// For values that are written bare in every style: numbers and flags.
    pub(super) fn bare(style: Style, before: &[u8]) -> Self {
        Self::around(style, before, b"")
    }

    /// For values that are text in JSON.
    pub(super) fn quoted(style: Style, before: &[u8]) -> Self {
        Self::around(style, before, style.quote())
    }

    /// For lists and structs.
    pub(super) fn nested(style: Style, before: &[u8]) -> Self {
        Self::around(style, before, style.around_nested())
    }

    fn around(style: Style, before: &[u8], quote: &'static [u8]) -> Self {
        Self {
            null: Slot::new(&[before, style.null()].concat()),
            before: Slot::new(&[before, quote].concat()),
            after: quote,
            nulls: None,
        }
    }

    /// Takes the nulls of the next batch.
    pub(super) fn load(&mut self, nulls: Option<&NullBuffer>) {
        self.nulls = nulls.filter(|nulls| nulls.null_count() > 0).cloned();
    }

    #[inline]
    pub(super) fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// Appends the cell of a row that is null.
    #[inline]
    pub(super) fn write_null(&self, out: &mut Vec<u8>) {
        self.null.append_to(out);
    }

    /// Appends the row's cell: null, or what `write` appends with the frame around it.
    #[inline]
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        if self.is_null(row) {
            return self.write_null(out);
        }
        self.before.append_to(out);
        write(out);
        if !self.after.is_empty() {
            out.extend_from_slice(self.after);
        }
    }
}
