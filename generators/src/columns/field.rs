//! One field of a struct, or of every entry of a list.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, SpecError, ensure, listed};
use crate::scope::Scope;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, ListArray, StringArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field as ArrowField, FieldRef, Fields};
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "field",
    about: "a field of an items column, as a list or as one joined text, or of a struct column",
    keys: "of = an items or struct COLUMN, field; join = a text to put between the texts of a list",
    drifts: &[],
    build: |scope, params| Field::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

/// The most bytes of a text that joins entries.
const MAX_JOIN_BYTES: usize = 16;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    of: String,
    field: String,
    join: Option<String>,
}

#[derive(Debug)]
struct Field {
    of: usize,
    of_nullable: bool,
    index: usize,
    field: FieldRef,
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// The value of a struct's field.
    Value,
    /// A list of the values of the entries.
    List,
    /// The texts of the entries with a text between them.
    Joined(String),
}

impl Field {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { of: name, field, join } = keys(params)?;
        let of = scope.index(&name).map_err(|error| error.within("of"))?;
        let (fields, is_list) = match scope.column(of).data_type() {
            DataType::Struct(fields) => (fields, false),
            DataType::List(entry) => match entry.data_type() {
                DataType::Struct(fields) => (fields.clone(), true),
                _ => return Err(without_fields(&name)),
            },
            _ => return Err(without_fields(&name)),
        };
        let index = position(&fields, &name, &field)?;
        let field = Arc::clone(&fields[index]);
        let form = match join {
            Some(between) => {
                ensure(is_list && is_text(field.data_type()), "join", "only the texts of a list are joined")?;
                let problem = format!("{between:?} has more than {MAX_JOIN_BYTES} bytes");
                ensure(between.len() <= MAX_JOIN_BYTES, "join", problem)?;
                Form::Joined(between)
            }
            None if is_list => Form::List,
            None => Form::Value,
        };
        Ok(Self { of, of_nullable: scope.is_nullable(of), index, field, form })
    }

    fn entry(&self) -> FieldRef {
        Arc::new(ArrowField::new_list_field(self.field.data_type().clone(), self.field.is_nullable()))
    }
}

fn without_fields(name: &str) -> SpecError {
    SpecError::at("of", format!("column {name:?} is of no kind \"items\" or \"struct\""))
}

fn position(fields: &Fields, of: &str, field: &str) -> Result<usize> {
    fields.iter().position(|known| known.name() == field).ok_or_else(|| {
        let known = listed(fields.iter().map(|field| field.name().as_str()));
        SpecError::at("field", format!("column {of:?} has no field {field:?}; it has {known}"))
    })
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => **values == DataType::Utf8,
        other => *other == DataType::Utf8,
    }
}

/// The texts of `values`, with `between` between those of one list. Entries without a text are left out.
fn joined(lists: &ListArray, values: &ArrayRef, between: &str, nulls: Option<NullBuffer>) -> ArrayRef {
    // An array without entries may have a dictionary without values, which has no codes.
    let codes = values.as_any_dictionary_opt().map(|dictionary| {
        if dictionary.values().is_empty() { vec![0; values.len()] } else { dictionary.normalized_keys() }
    });
    let texts = match values.as_any_dictionary_opt() {
        Some(dictionary) => dictionary.values().as_string::<i32>(),
        None => values.as_string::<i32>(),
    };
    let text = |entry: usize| texts.value(codes.as_ref().map_or(entry, |codes| codes[entry]));
    let mut bytes: Vec<u8> = Vec::with_capacity(values.len() * 16);
    let mut ends = Vec::with_capacity(lists.len() + 1);
    ends.push(0i32);
    for (row, bounds) in lists.value_offsets().windows(2).enumerate() {
        let there = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        let entries = if there { bounds[0] as usize..bounds[1] as usize } else { 0..0 };
        for (position, entry) in entries.filter(|entry| values.is_valid(*entry)).enumerate() {
            if position > 0 {
                bytes.extend_from_slice(between.as_bytes());
            }
            bytes.extend_from_slice(text(entry).as_bytes());
        }
        ends.push(bytes.len() as i32);
    }
    let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
    Arc::new(StringArray::new(ends, bytes.into(), nulls))
}

impl Column for Field {
    fn data_type(&self) -> DataType {
        match self.form {
            Form::Value => self.field.data_type().clone(),
            Form::List => DataType::List(self.entry()),
            Form::Joined(_) => DataType::Utf8,
        }
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let column = batch.array(self.of);
        let nulls = NullBuffer::union(span.nulls.as_ref(), column.nulls());
        if let Form::Value = self.form {
            let values = column.as_struct().column(self.index);
            let Some(nulls) = nulls else { return Arc::clone(values) };
            let absent = BooleanArray::new(!nulls.inner(), None);
            return arrow_select::nullif::nullif(values, &absent).expect("nulls of the struct's own length");
        }
        let lists = column.as_list::<i32>();
        let values = lists.values().as_struct().column(self.index);
        match &self.form {
            Form::Joined(between) => joined(lists, values, between, nulls),
            _ => Arc::new(ListArray::new(self.entry(), lists.offsets().clone(), Arc::clone(values), nulls)),
        }
    }

    fn reads(&self) -> Vec<usize> {
        vec![self.of]
    }

    fn makes_nulls(&self) -> bool {
        self.of_nullable || (matches!(self.form, Form::Value) && self.field.is_nullable())
    }
}
