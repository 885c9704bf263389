//! CSV by RFC 4180: a header, commas, CRLF at the end of every line, quotes where a field needs them.
//!
//! What the RFC leaves open: null is nothing and empty text is `""`, so that readers can tell them apart;
//! dates are `2026-01-31` and instants `2026-01-31T08:05:00.000250Z`; lists and structs are JSON text in one
//! quoted field. A row of a table of one column, null, is an empty line, and readers differ on those.

use arrow_schema::Schema;

use super::Content;
use super::output::FileFormat;
use super::text::{RowLayout, Style, TextFormat};
use crate::Result;

/// Section 2, rules 1 and 2.
const LINE_END: &[u8] = b"\r\n";

/// The format for files of this content.
///
/// # Errors
/// A column whose type has no form as text.
pub(super) fn open(content: &Content) -> Result<Box<dyn FileFormat>> {
    TextFormat::open(content, header(&content.schema), layout(&content.schema))
}

/// How rows of this schema are written.
pub(super) fn layout(schema: &Schema) -> RowLayout {
    let before = (0..schema.fields().len()).map(|index| before(index).to_vec()).collect();
    RowLayout { style: Style::Csv, before, end: LINE_END }
}

/// The names of the columns.
pub(super) fn header(schema: &Schema) -> Vec<u8> {
    let mut header = Vec::new();
    for (index, field) in schema.fields().iter().enumerate() {
        header.extend_from_slice(before(index));
        Style::Csv.write_text(field.name().as_bytes(), &mut header);
    }
    header.extend_from_slice(LINE_END);
    header
}

fn before(index: usize) -> &'static [u8] {
    if index == 0 { b"" } else { b"," }
}

#[cfg(test)]
mod tests;
