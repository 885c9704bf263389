//! JSON Lines: one JSON object (RFC 8259) a row, with all columns in order, those that are null as `null`.
//!
//! Numbers are JSON numbers: whole ones with all their digits, also beyond the 2^53 that some readers keep
//! exactly; amounts with the digits of their type behind the point. Dates and instants are text, as in CSV; lists and
//! structs are arrays and objects.

use arrow_schema::Schema;

use super::Content;
use super::output::FileFormat;
use super::text::{RowLayout, Style, TextFormat, key};
use crate::Result;

/// The format for files of this content.
///
/// # Errors
/// A column whose type has no form as text.
pub(super) fn open(content: &Content) -> Result<Box<dyn FileFormat>> {
    TextFormat::open(content, Vec::new(), layout(&content.schema))
}

/// How rows of this schema are written.
pub(super) fn layout(schema: &Schema) -> RowLayout {
    let before = schema.fields().iter().enumerate().map(|(index, field)| {
        let mut before = if index == 0 { b"{".to_vec() } else { Vec::new() };
        before.extend(key(index, field.name(), Style::Json));
        before
    });
    let before: Vec<_> = before.collect();
    RowLayout { style: Style::Json, end: if before.is_empty() { b"{}\n" } else { b"}\n" }, before }
}

#[cfg(test)]
mod tests;
