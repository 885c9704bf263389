//! Text columns under construction, and the text of other columns' values.

use super::arrays;
use super::date_format::DateFormat;
use super::digits::{push_padded, push_signed};
use crate::batch::{BatchSoFar, Codes};
use crate::error::{Result, SpecError};
use crate::scope::Scope;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use std::io::Write;
use std::sync::Arc;

/// The texts of a column, row after row in one buffer.
pub(super) struct Texts {
    pub(super) bytes: Vec<u8>,
    ends: Vec<i32>,
}

impl Texts {
    pub(super) fn with_capacity(row_count: usize, bytes_per_row: usize) -> Self {
        let mut ends = Vec::with_capacity(row_count + 1);
        ends.push(0);
        Self { bytes: Vec::with_capacity(row_count * bytes_per_row), ends }
    }

    /// Ends the text of a row.
    #[inline]
    pub(super) fn end_row(&mut self) {
        self.ends.push(self.bytes.len() as i32);
    }

    pub(super) fn finish(self, nulls: Option<NullBuffer>) -> ArrayRef {
        assert!(self.bytes.len() <= i32::MAX as usize, "2 GiB of text in one batch: ask for fewer rows");
        let ends = OffsetBuffer::new(ScalarBuffer::from(self.ends));
        Arc::new(StringArray::new(ends, self.bytes.into(), nulls))
    }
}

/// A column before this one whose values are written as text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Source {
    pub(super) column: usize,
    /// Whether any value of the column can be null.
    pub(super) nullable: bool,
    form: Form,
}

/// How a value is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// A whole number with leading zeros.
    Padded(usize),
    Date(DateFormat),
    /// With the letters a to z in upper case.
    Upper,
    /// With the letters A to Z in lower case.
    Lower,
}

/// Whether a column of a type has texts as values.
pub(super) fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => **values == DataType::Utf8,
        other => *other == DataType::Utf8,
    }
}

impl Source {
    /// A column and its format: a width for whole numbers, a [`DateFormat`] for dates and instants.
    ///
    /// # Errors
    /// When there is no such column before this one, its values are no text, or the format does not fit.
    pub(super) fn new(scope: &Scope, name: &str, format: Option<&str>) -> Result<Self> {
        let column = scope.index(name)?;
        let data_type = scope.column(column).data_type();
        let form = match (&data_type, format) {
            (DataType::List(_) | DataType::Struct(_), _) => {
                return Err(SpecError::at("", format!("column {name:?} is nested: it has no text")));
            }
            (DataType::Date32, None) => Form::Date(DateFormat::iso_date()),
            (DataType::Date32, Some(format)) => Form::Date(DateFormat::parse(format, false)?),
            (DataType::Timestamp(..), None) => Form::Date(DateFormat::iso_instant()),
            (DataType::Timestamp(..), Some(format)) => Form::Date(DateFormat::parse(format, true)?),
            (DataType::Int16 | DataType::Int32 | DataType::Int64, Some(width)) => {
                Form::Padded(parse_width(width)?)
            }
            (_, None) => Form::Plain,
            (_, Some(format)) => {
                let problem = format!("column {name:?} takes no format, such as {format:?}");
                return Err(SpecError::at("", problem));
            }
        };
        Ok(Self { column, nullable: scope.is_nullable(column), form })
    }

    /// A text column whose letters change their case.
    ///
    /// # Errors
    /// When there is no such column before this one, or it has no text.
    pub(super) fn cased(scope: &Scope, name: &str, form: Form) -> Result<Self> {
        let column = scope.index(name)?;
        if !is_text(&scope.column(column).data_type()) {
            return Err(SpecError::at("", format!("column {name:?} is no text column")));
        }
        Ok(Self { column, nullable: scope.is_nullable(column), form })
    }

    /// The most bytes that its text has; what other columns made of text is not counted.
    pub(super) fn most_bytes(&self, scope: &Scope) -> usize {
        match (&self.form, scope.column(self.column).categories()) {
            (Form::Date(format), _) => format.most_bytes(),
            (_, Some(values)) => values.iter().flatten().map(str::len).max().unwrap_or(0),
            (Form::Padded(width), _) => (*width).max(20),
            _ => 20,
        }
    }

    /// Its values in a batch.
    pub(super) fn values<'a>(&'a self, batch: &'a BatchSoFar) -> Values<'a> {
        let array = batch.array(self.column);
        let width = if let Form::Padded(width) = self.form { width } else { 1 };
        let kind = match (array.data_type(), &self.form) {
            (DataType::Utf8, _) => ValueKind::Text(array.as_string()),
            (DataType::Dictionary(_, values), _) if **values == DataType::Utf8 => {
                let values = array.as_any_dictionary().values().as_string().clone();
                ValueKind::Coded(batch.codes(self.column), values)
            }
            (DataType::Dictionary(..), _) => {
                let values = array.as_any_dictionary().values().as_primitive::<Float64Type>();
                let texts = values.values().iter().map(ToString::to_string);
                ValueKind::Coded(batch.codes(self.column), StringArray::from_iter_values(texts))
            }
            (DataType::Boolean, _) => ValueKind::Flag(array.as_boolean().values()),
            (DataType::Int16, _) => ValueKind::Small(array.as_primitive::<Int16Type>().values(), width),
            (DataType::Int32, _) => ValueKind::Number(array.as_primitive::<Int32Type>().values(), width),
            (DataType::Int64, _) => ValueKind::Large(array.as_primitive::<Int64Type>().values(), width),
            (DataType::Float64, _) => ValueKind::Real(array.as_primitive::<Float64Type>().values()),
            (DataType::Date32, Form::Date(format)) => ValueKind::Date(batch.days(self.column), format),
            (DataType::Timestamp(..), Form::Date(format)) => {
                ValueKind::Instant(array.as_primitive::<TimestampMicrosecondType>().values(), format)
            }
            _ => ValueKind::Cents(batch.cents(self.column)),
        };
        Values { kind, form: &self.form }
    }
}

/// Reads the width of a number, 1 to 18; a leading 0 says nothing more, as all padding is with zeros.
pub(super) fn parse_width(text: &str) -> Result<usize> {
    match text.parse::<usize>() {
        Ok(width @ 1..=18) => Ok(width),
        _ => Err(SpecError::at("", format!("{text:?}: the width is not within 1 to 18"))),
    }
}

/// The values of a column in a batch, as texts.
pub(super) struct Values<'a> {
    kind: ValueKind<'a>,
    form: &'a Form,
}

enum ValueKind<'a> {
    Text(&'a StringArray),
    Coded(Codes<'a>, StringArray),
    Flag(&'a BooleanBuffer),
    Small(&'a [i16], usize),
    Number(&'a [i32], usize),
    Large(&'a [i64], usize),
    Cents(&'a [i64]),
    Real(&'a [f64]),
    Date(&'a [i32], &'a DateFormat),
    Instant(&'a [i64], &'a DateFormat),
}

impl Values<'_> {
    /// Writes the text of the value at `offset`, which must not be null.
    #[inline]
    pub(super) fn push(&self, offset: usize, text: &mut Vec<u8>) {
        let start = text.len();
        match &self.kind {
            ValueKind::Text(values) => text.extend_from_slice(values.value(offset).as_bytes()),
            ValueKind::Coded(codes, values) => {
                text.extend_from_slice(values.value(codes.get(offset)).as_bytes());
            }
            ValueKind::Flag(flags) => {
                text.extend_from_slice(if flags.value(offset) { b"true" } else { b"false" });
            }
            ValueKind::Small(numbers, width) => push_signed(numbers[offset].into(), *width, text),
            ValueKind::Number(numbers, width) => push_signed(numbers[offset].into(), *width, text),
            ValueKind::Large(numbers, width) => push_signed(numbers[offset], *width, text),
            ValueKind::Cents(cents) => push_cents(cents[offset], text),
            // The shortest digits that read back as the same number; writing to a vector cannot fail.
            ValueKind::Real(numbers) => write!(text, "{}", numbers[offset]).unwrap_or_default(),
            ValueKind::Date(days, format) => format.push_date(days[offset], text),
            ValueKind::Instant(micros, format) => format.push_instant(micros[offset], text),
        }
        match self.form {
            Form::Upper => text[start..].make_ascii_uppercase(),
            Form::Lower => text[start..].make_ascii_lowercase(),
            _ => {}
        }
    }
}

fn push_cents(cents: i64, text: &mut Vec<u8>) {
    const ONE: u64 = 10u64.pow(arrays::AMOUNT.1 as u32);
    if cents < 0 {
        text.push(b'-');
    }
    push_padded(cents.unsigned_abs() / ONE, 1, text);
    text.push(b'.');
    push_padded(cents.unsigned_abs() % ONE, 2, text);
}
