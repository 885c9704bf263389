//! Rows as text: what CSV and JSON Lines share.
//!
//! A batch is made ready column by column and written row by row. What can be rendered once is: the values of a
//! dictionary, flags and nulls lie ready with all that stands before them (a comma, a key), so that such a
//! cell costs one copy of fixed size; dates come from a table of days. Only numbers and plain text are touched per
//! row, and a batch of text without a character that needs an escape is found out once and then copied.
//!
//! One file per kind of column, and one line of [`cells`] each. Values are written alike wherever they stand; how
//! text, dates and nulls are told apart is the [`Style`]'s matter.

mod dates;
mod decimals;
mod dictionary;
mod digits;
mod encoder;
mod file;
mod flags;
mod floats;
mod frame;
mod integers;
mod lists;
mod members;
mod rows;
mod slot;
mod strings;
mod structs;
mod style;
mod timestamps;

#[cfg(test)]
mod tests;

use arrow_array::ArrayRef;
use arrow_array::types::{
    Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_schema::{DataType, TimeUnit};

use self::encoder::RowEncoder;
pub(super) use self::encoder::RowLayout;
pub(super) use self::file::TextFormat;
pub(crate) use self::rows::TextRows;
pub(super) use self::structs::key;
pub(super) use self::style::Style;

/// Rows in a chunk unless said otherwise. A row can take kilobytes where columns are nested, and a chunk that the
/// cache holds is written while it is there; it decides on nothing in the file but where compression begins anew.
pub(super) const CHUNK_ROWS: u64 = 8_192;

/// The cells of one column: what stands before the value, and the value.
trait Cells {
    /// Takes the column's rows of the next batch.
    ///
    /// # Errors
    /// What is wrong with the rows: another type than the column's, or a value that text has no form for.
    fn load(&mut self, array: &ArrayRef) -> Result<(), String>;

    /// Appends the cell of a row of the batch that was loaded.
    fn write(&self, row: usize, out: &mut Vec<u8>);
}

/// The cells of a column of this type, each with `before` before it.
///
/// # Errors
/// A type that has no form as text; the message says which have.
fn cells(data_type: &DataType, style: Style, before: &[u8]) -> Result<Box<dyn Cells>, String> {
    use DataType as Type;
    Ok(match data_type {
        Type::Boolean => Box::new(flags::Flags::new(style, before)),
        Type::Int8 => Box::new(integers::Integers::<Int8Type>::new(style, before)),
        Type::Int16 => Box::new(integers::Integers::<Int16Type>::new(style, before)),
        Type::Int32 => Box::new(integers::Integers::<Int32Type>::new(style, before)),
        Type::Int64 => Box::new(integers::Integers::<Int64Type>::new(style, before)),
        Type::UInt8 => Box::new(integers::Integers::<UInt8Type>::new(style, before)),
        Type::UInt16 => Box::new(integers::Integers::<UInt16Type>::new(style, before)),
        Type::UInt32 => Box::new(integers::Integers::<UInt32Type>::new(style, before)),
        Type::UInt64 => Box::new(integers::Integers::<UInt64Type>::new(style, before)),
        Type::Float64 => Box::new(floats::Floats::new(style, before)),
        Type::Decimal64(_, scale @ 0..=18) => Box::new(decimals::Decimals::new(*scale, style, before)),
        Type::Date32 => Box::new(dates::Dates::new(style, before)),
        Type::Timestamp(TimeUnit::Microsecond, Some(zone)) if timestamps::is_utc(zone) => {
            Box::new(timestamps::Timestamps::new(style, before))
        }
        Type::Utf8 => Box::new(strings::Strings::new(style, before)),
        Type::Dictionary(key, values) => dictionary::cells(key, values, style, before)?,
        Type::List(entry) => Box::new(lists::Lists::new(entry.data_type(), style, before)?),
        Type::Struct(fields) => Box::new(structs::Structs::new(fields, style, before)?),
        other => {
            return Err(format!(
                "values of type {other} have no form as text here; these have: whole numbers, Float64, Decimal64, \
                 Boolean, Date32, Timestamp(µs, UTC), Utf8, and dictionaries, lists and structs of them"
            ));
        }
    })
}

fn type_mismatch(array: &ArrayRef, expected: &str) -> String {
    format!("values of type {}, expected {expected}", array.data_type())
}
