//! A column as dirt leaves it: its type, its dictionary, and its arrays with some values replaced.

use super::Cell;
use crate::calendar::day_number;
use crate::error::{Result, SpecError, ensure};
use crate::scope::Scope;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Date32Type, Decimal64Type, Float64Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, UInt8Type, UInt16Type,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, ListArray, PrimitiveArray, StringArray,
    StructArray,
};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, TimeUnit};
use chrono::NaiveDate;
use std::sync::Arc;

/// The most values of a dictionary.
const MAX_VALUES: usize = 1 << 16;

/// Microseconds in a day.
pub(super) const DAY_MICROS: f64 = 86_400e6;

/// What takes the place of the value at an offset.
pub(super) type Replacement<'a> = (usize, &'a Cell);

/// A column that dirt changes.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(super) name: String,
    /// The type of the dirty arrays.
    pub(super) data_type: DataType,
    /// The dictionary of the dirty arrays, where they have one. It begins with the clean one.
    pub(super) values: Option<ArrayRef>,
    /// Whether dirt makes nulls.
    pub(super) nullable: bool,
}

impl Target {
    pub(super) fn new(scope: &Scope, column: usize) -> Self {
        Self {
            name: scope.columns[column].name.clone(),
            data_type: scope.column(column).data_type(),
            values: scope.column(column).dictionary(),
            nullable: false,
        }
    }

    /// Whether dirt can change the column's values; of nested ones it can only take them away.
    pub(super) fn check_type(&self) -> Result<()> {
        let known = match &self.data_type {
            DataType::Dictionary(_, _) => self.values.is_some(),
            data_type => {
                let numeric = matches!(data_type, DataType::Int16 | DataType::Int32 | DataType::Int64)
                    || matches!(data_type, DataType::Float64 | DataType::Decimal64(_, _));
                let plain = matches!(data_type, DataType::Boolean | DataType::Utf8 | DataType::Date32);
                numeric || plain || self.is_timestamp() || self.is_nested()
            }
        };
        if known { Ok(()) } else { Err(self.unfit("no dirt")) }
    }

    /// Whether it holds lists or structs.
    pub(super) fn is_nested(&self) -> bool {
        self.data_type.is_nested() && !matches!(self.data_type, DataType::Dictionary(_, _))
    }

    /// Whether it holds timestamps.
    pub(super) fn is_timestamp(&self) -> bool {
        matches!(self.data_type, DataType::Timestamp(TimeUnit::Microsecond, _))
    }

    /// A complaint that a kind of dirt does not fit the column's type.
    pub(super) fn unfit(&self, wanted: &str) -> SpecError {
        let problem = format!("{:?} has values of type {}: it takes {wanted}", self.name, self.data_type);
        SpecError::at("column", problem)
    }

    /// The values of a category column, as they stand.
    pub(super) fn texts(&self) -> Option<&StringArray> {
        self.values.as_ref()?.as_string_opt::<i32>()
    }

    /// The codes of texts in the dictionary, which takes in those that it does not have.
    pub(super) fn codes_of_texts(&mut self, wanted: &[String]) -> Result<Vec<u16>> {
        let mut texts: Vec<String> =
            self.texts().into_iter().flatten().map(|text| text.unwrap_or_default().to_owned()).collect();
        let codes = codes_of(&mut texts, wanted)?;
        self.set_values(Arc::new(StringArray::from(texts)))?;
        Ok(codes)
    }

    /// The codes of numbers in the dictionary, which takes in those that it does not have.
    pub(super) fn codes_of_numbers(&mut self, wanted: &[f64]) -> Result<Vec<u16>> {
        let mut numbers = self.numbers().to_vec();
        let codes = codes_of(&mut numbers, wanted)?;
        self.set_values(Arc::new(Float64Array::from(numbers)))?;
        Ok(codes)
    }

    /// The dictionary of a column of few numbers, as it stands.
    pub(super) fn numbers(&self) -> &[f64] {
        let numbers = self.values.as_ref().and_then(|values| values.as_primitive_opt::<Float64Type>());
        numbers.map_or(&[], |numbers| numbers.values())
    }

    fn set_values(&mut self, values: ArrayRef) -> Result<()> {
        if self.values.as_ref().is_some_and(|known| known.len() == values.len()) {
            return Ok(());
        }
        let problem = format!("{:?} would have more than {MAX_VALUES} values", self.name);
        ensure(values.len() <= MAX_VALUES, "column", problem)?;
        self.data_type = crate::columns::dictionary_type(values.len(), values.data_type());
        self.values = Some(values);
        Ok(())
    }

    /// The number that a value is measured by: cents, days and microseconds as such.
    pub(super) fn number(&self, cell: &Cell) -> Option<f64> {
        match cell {
            Cell::Int(number) => Some(*number as f64),
            Cell::Float(number) => Some(*number),
            Cell::Code(code) => self.numbers().get(usize::from(*code)).copied(),
            Cell::Null | Cell::Flag(_) | Cell::Text(_) => None,
        }
    }

    /// A value of the dirty column as text; `None` for no value.
    pub(super) fn text(&self, cell: &Cell) -> Option<String> {
        cell.text(&self.data_type, self.values.as_ref())
    }

    /// What a number or date of a spec measures; see [`Target::number`].
    pub(super) fn measure(&self, value: &toml::Value) -> Result<f64> {
        let date = |unit: f64| {
            let date = value.as_str().and_then(|text| text.parse::<NaiveDate>().ok());
            let problem =
                || SpecError::at("", format!("{} is no date such as \"2026-01-31\"", written(value)));
            date.map(|date| f64::from(day_number(date)) * unit).ok_or_else(problem)
        };
        let number = |unit: f64| {
            let number = value.as_float().or_else(|| value.as_integer().map(|number| number as f64));
            let problem = || SpecError::at("", format!("{} is no number", written(value)));
            number.filter(|number| number.is_finite()).map(|number| number * unit).ok_or_else(problem)
        };
        match &self.data_type {
            DataType::Date32 => date(1.0),
            DataType::Timestamp(_, _) => date(DAY_MICROS),
            DataType::Decimal64(_, _) => number(100.0),
            DataType::Int16 | DataType::Int32 | DataType::Int64 | DataType::Float64 => number(1.0),
            DataType::Dictionary(_, _) if !self.numbers().is_empty() => number(1.0),
            _ => Err(self.unfit("`values`, where it holds categories, texts or flags")),
        }
    }

    /// An array of the clean column with some values replaced, in the dirty type. The offsets of
    /// `replacements` rise.
    pub(super) fn patch(&self, array: &ArrayRef, replacements: &[Replacement]) -> ArrayRef {
        if replacements.is_empty() && self.holds_as_it_is(array) {
            return Arc::clone(array);
        }
        match &self.data_type {
            DataType::Dictionary(key, _) if **key == DataType::UInt8 => {
                self.keyed::<UInt8Type>(array, replacements, |code| code as u8)
            }
            DataType::Dictionary(_, _) => self.keyed::<UInt16Type>(array, replacements, |code| code),
            DataType::Int16 => whole::<Int16Type>(array, replacements, |number| number as i16),
            DataType::Int32 => whole::<Int32Type>(array, replacements, |number| number as i32),
            DataType::Date32 => whole::<Date32Type>(array, replacements, |number| number as i32),
            DataType::Int64 => whole::<Int64Type>(array, replacements, |number| number),
            DataType::Decimal64(_, _) => whole::<Decimal64Type>(array, replacements, |number| number),
            DataType::Timestamp(_, _) => {
                whole::<TimestampMicrosecondType>(array, replacements, |number| number)
            }
            DataType::Float64 => primitive::<Float64Type>(array, replacements, |cell| match cell {
                Cell::Float(number) => Some(*number),
                _ => None,
            }),
            DataType::Boolean => flags(array, replacements),
            DataType::Utf8 => texts(array, replacements),
            _ => without(array, replacements),
        }
    }

    /// Whether a clean array is a dirty one, too.
    fn holds_as_it_is(&self, array: &ArrayRef) -> bool {
        let same_values = match (&self.values, array.as_any_dictionary_opt()) {
            (Some(values), Some(dictionary)) => values.len() == dictionary.values().len(),
            _ => true,
        };
        same_values && *array.data_type() == self.data_type
    }

    fn keyed<K: ArrowDictionaryKeyType>(
        &self,
        array: &ArrayRef,
        replacements: &[Replacement],
        key: impl Fn(u16) -> K::Native,
    ) -> ArrayRef {
        let Some(values) = &self.values else { return Arc::clone(array) };
        let mut keys: Vec<K::Native> = match array.data_type() {
            DataType::Dictionary(narrow, _) if **narrow == DataType::UInt8 => {
                let codes = array.as_dictionary::<UInt8Type>().keys().values();
                codes.iter().map(|code| key(u16::from(*code))).collect()
            }
            _ => array.as_dictionary::<UInt16Type>().keys().values().iter().map(|code| key(*code)).collect(),
        };
        for (offset, cell) in replacements {
            if let Cell::Code(code) = cell {
                keys[*offset] = key(*code);
            }
        }
        let keys = PrimitiveArray::<K>::new(keys.into(), nulls(array, replacements));
        Arc::new(DictionaryArray::new(keys, Arc::clone(values)))
    }
}

/// The places of `wanted` in `known`, which takes in what it lacks.
fn codes_of<T: PartialEq + Clone>(known: &mut Vec<T>, wanted: &[T]) -> Result<Vec<u16>> {
    let code = |value: &T| {
        let code = known.iter().position(|known| known == value).unwrap_or_else(|| {
            known.push(value.clone());
            known.len() - 1
        });
        u16::try_from(code).map_err(|_| SpecError::at("", format!("more than {MAX_VALUES} values")))
    };
    wanted.iter().map(code).collect()
}

/// A value of a spec, as it is in a message.
fn written(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => format!("{text:?}"),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        other => format!("a value of type {}", other.type_str()),
    }
}

fn whole<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    replacements: &[Replacement],
    native: impl Fn(i64) -> T::Native,
) -> ArrayRef {
    primitive::<T>(array, replacements, |cell| match cell {
        Cell::Int(number) => Some(native(*number)),
        _ => None,
    })
}

fn primitive<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    replacements: &[Replacement],
    native: impl Fn(&Cell) -> Option<T::Native>,
) -> ArrayRef {
    let mut values = array.as_primitive::<T>().values().to_vec();
    for (offset, cell) in replacements {
        if let Some(value) = native(cell) {
            values[*offset] = value;
        }
    }
    let patched = PrimitiveArray::<T>::new(values.into(), nulls(array, replacements));
    Arc::new(patched.with_data_type(array.data_type().clone()))
}

fn flags(array: &ArrayRef, replacements: &[Replacement]) -> ArrayRef {
    let mut values = BooleanBufferBuilder::new(array.len());
    values.append_buffer(array.as_boolean().values());
    for (offset, cell) in replacements {
        if let Cell::Flag(flag) = cell {
            values.set_bit(*offset, *flag);
        }
    }
    Arc::new(BooleanArray::new(values.finish(), nulls(array, replacements)))
}

fn texts(array: &ArrayRef, replacements: &[Replacement]) -> ArrayRef {
    let clean = array.as_string::<i32>();
    let (starts, bytes) = (clean.value_offsets(), clean.value_data());
    let mut patched: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut ends: Vec<i32> = Vec::with_capacity(starts.len());
    ends.push(0);
    let mut next = 0;
    let mut copy_to = |until: usize, patched: &mut Vec<u8>, ends: &mut Vec<i32>| {
        let shift = patched.len() as i32 - starts[next];
        patched.extend_from_slice(&bytes[starts[next] as usize..starts[until] as usize]);
        ends.extend(starts[next + 1..=until].iter().map(|end| end + shift));
        next = until + 1;
    };
    for (offset, cell) in replacements {
        copy_to(*offset, &mut patched, &mut ends);
        if let Cell::Text(text) = cell {
            patched.extend_from_slice(text.as_bytes());
        }
        ends.push(patched.len() as i32);
    }
    copy_to(clean.len(), &mut patched, &mut ends);
    let offsets = OffsetBuffer::new(ends.into());
    Arc::new(StringArray::new(offsets, patched.into(), nulls(array, replacements)))
}

/// An array of any other type, which dirt can only take values out of.
fn without(array: &ArrayRef, replacements: &[Replacement]) -> ArrayRef {
    let nulls = nulls(array, replacements);
    match array.data_type() {
        DataType::List(field) => {
            let list = array.as_list::<i32>();
            let (offsets, values) = (list.offsets().clone(), Arc::clone(list.values()));
            Arc::new(ListArray::new(Arc::clone(field), offsets, values, nulls))
        }
        DataType::Struct(fields) => {
            Arc::new(StructArray::new(fields.clone(), array.as_struct().columns().to_vec(), nulls))
        }
        _ => Arc::clone(array),
    }
}

fn nulls(array: &ArrayRef, replacements: &[Replacement]) -> Option<NullBuffer> {
    let is_null = |(_, cell): &Replacement| **cell == Cell::Null;
    if array.nulls().is_none() && !replacements.iter().any(is_null) {
        return None;
    }
    let mut valid = BooleanBufferBuilder::new(array.len());
    match array.nulls() {
        Some(nulls) => valid.append_buffer(nulls.inner()),
        None => valid.append_n(array.len(), true),
    }
    replacements.iter().for_each(|replacement| valid.set_bit(replacement.0, !is_null(replacement)));
    Some(NullBuffer::new(valid.finish()))
}
