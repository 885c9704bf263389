//! Structs, as JSON objects with all their fields, also those that are null.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::Fields;

use super::frame::Frame;
use super::{Cells, Style, type_mismatch};

pub(super) struct Structs {
    frame: Frame,
    fields: Vec<Box<dyn Cells>>,
}

impl Structs {
    pub(super) fn new(fields: &Fields, style: Style, before: &[u8]) -> Result<Self, String> {
        let fields = fields.iter().enumerate().map(|(index, field)| {
            let key = key(index, field.name(), style.inside_nested());
            super::cells(field.data_type(), style.inside_nested(), &key)
                .map_err(|problem| format!("field {}: {problem}", field.name()))
        });
        Ok(Self { frame: Frame::nested(style, before), fields: fields.collect::<Result<_, _>>()? })
    }
}

/// What stands before the value of an object's member: a comma unless it is the first, and its name.
pub(in crate::sinks) fn key(index: usize, name: &str, style: Style) -> Vec<u8> {
    let mut key = Vec::new();
    if index > 0 {
        key.push(b',');
    }
    style.write_text(name.as_bytes(), &mut key);
    key.push(b':');
    key
}

impl Cells for Structs {
    fn load(&mut self, array: &ArrayRef) -> Result<(), String> {
        let structs = array.as_struct_opt().filter(|structs| structs.num_columns() == self.fields.len());
        let structs = structs
            .ok_or_else(|| type_mismatch(array, &format!("a struct of {} fields", self.fields.len())))?;
        self.frame.load(structs.nulls());
        let columns = self.fields.iter_mut().zip(structs.columns()).zip(structs.column_names());
        for ((field, column), name) in columns {
            field.load(column).map_err(|problem| format!("field {name}: {problem}"))?;
        }
        Ok(())
    }

    fn write(&self, row: usize, out: &mut Vec<u8>) {
        self.frame.write(row, out, |out| {
            out.push(b'{');
            self.fields.iter().for_each(|field| field.write(row, out));
            out.push(b'}');
        });
    }
}
