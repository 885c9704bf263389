//! Nested values as JSON text (RFC 8259).

use super::Cell;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use std::fmt::Write;

/// Appends the value of `array` at `offset`.
pub(super) fn write(array: &ArrayRef, offset: usize, out: &mut String) {
    if array.is_null(offset) {
        out.push_str("null");
        return;
    }
    match array.data_type() {
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(offset);
            out.push('[');
            for item in 0..items.len() {
                out.push_str(if item == 0 { "" } else { "," });
                write(&items, item, out);
            }
            out.push(']');
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            out.push('{');
            for (position, (field, column)) in fields.iter().zip(columns).enumerate() {
                out.push_str(if position == 0 { "" } else { "," });
                string(field.name(), out);
                out.push(':');
                write(column, offset, out);
            }
            out.push('}');
        }
        DataType::Dictionary(_, _) => {
            if let Cell::Code(code) = Cell::read(array, offset) {
                write(array.as_any_dictionary().values(), usize::from(code), out);
            }
        }
        data_type => scalar(&Cell::read(array, offset), data_type, out),
    }
}

/// Numbers and flags stand as they are; everything else is a string.
fn scalar(cell: &Cell, data_type: &DataType, out: &mut String) {
    let text = cell.text(data_type, None).unwrap_or_default();
    let bare = data_type.is_numeric() || *data_type == DataType::Boolean;
    if bare { out.push_str(&text) } else { string(&text, out) }
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            letter if letter < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", letter as u32);
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, ListArray, StringArray, StructArray};
    use arrow_buffer::OffsetBuffer;
    use arrow_schema::Field;
    use std::sync::Arc;

    #[test]
    fn nested_values_are_json() {
        let names: ArrayRef = Arc::new(StringArray::from(vec![Some("a\"b\n"), None, Some("\u{1}")]));
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, -2, 3]));
        let entries = StructArray::from(vec![
            (Arc::new(Field::new("name", DataType::Utf8, true)), names),
            (Arc::new(Field::new("n", DataType::Int64, false)), numbers),
        ]);
        let field = Arc::new(Field::new_list_field(entries.data_type().clone(), false));
        let lists = ListArray::new(field, OffsetBuffer::new(vec![0, 2, 3].into()), Arc::new(entries), None);
        let lists: ArrayRef = Arc::new(lists);
        let text = |offset| {
            let mut out = String::new();
            write(&lists, offset, &mut out);
            serde_json::from_str::<serde_json::Value>(&out).unwrap()
        };
        assert_eq!(text(0), serde_json::json!([{ "name": "a\"b\n", "n": 1 }, { "name": null, "n": -2 }]));
        assert_eq!(text(1), serde_json::json!([{ "name": "\u{1}", "n": 3 }]));
    }
}
