//! Values chosen from several arrays of one type, with dictionaries in which no value is there twice.

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowDictionaryKeyType, UInt8Type, UInt16Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, ListArray, PrimitiveArray, StringArray, StructArray};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, FieldRef};
use std::sync::Arc;

/// For each of `places`, (array, row), the value that stands there.
///
/// `interleave` puts whole dictionaries one behind the other where it does not see that they are the same. Readers
/// that look values up by their text, pyarrow among them, take such columns for damaged, so fields of structs and
/// entries of lists are chosen one by one.
pub(super) fn chosen(arrays: &[&dyn Array], places: &[(usize, usize)]) -> ArrayRef {
    match arrays[0].data_type() {
        DataType::Struct(fields) if !fields.is_empty() => {
            let columns = (0..fields.len()).map(|field| {
                let own: Vec<&dyn Array> =
                    arrays.iter().map(|array| array.as_struct().column(field).as_ref()).collect();
                chosen(&own, places)
            });
            let columns = columns.collect();
            Arc::new(StructArray::new(fields.clone(), columns, nulls(arrays, places)))
        }
        DataType::List(entry) => list(entry, arrays, places),
        DataType::Dictionary(key, value) if **value == DataType::Utf8 => match key.as_ref() {
            DataType::UInt8 => dictionary::<UInt8Type>(arrays, places),
            DataType::UInt16 => dictionary::<UInt16Type>(arrays, places),
            _ => interleaved(arrays, places),
        },
        _ => interleaved(arrays, places),
    }
}

fn interleaved(arrays: &[&dyn Array], places: &[(usize, usize)]) -> ArrayRef {
    arrow_select::interleave::interleave(arrays, places)
        .expect("the arrays are of one type and have a value at each place")
}

fn list(entry: &FieldRef, arrays: &[&dyn Array], places: &[(usize, usize)]) -> ArrayRef {
    let lists: Vec<_> = arrays.iter().map(|array| array.as_list::<i32>()).collect();
    let mut entries: Vec<(usize, usize)> = Vec::new();
    let lengths = places.iter().map(|(array, row)| {
        let bounds = &lists[*array].value_offsets()[*row..*row + 2];
        let there = if lists[*array].is_valid(*row) { bounds[0] as usize..bounds[1] as usize } else { 0..0 };
        entries.extend(there.clone().map(|entry| (*array, entry)));
        there.len()
    });
    let offsets = OffsetBuffer::from_lengths(lengths);
    let values: Vec<&dyn Array> = lists.iter().map(|list| list.values().as_ref()).collect();
    let values = chosen(&values, &entries);
    Arc::new(ListArray::new(Arc::clone(entry), offsets, values, nulls(arrays, places)))
}

fn nulls(arrays: &[&dyn Array], places: &[(usize, usize)]) -> Option<NullBuffer> {
    let valid = |place: usize| {
        let (array, row) = places[place];
        arrays[array].is_valid(row)
    };
    let any = arrays.iter().any(|array| array.nulls().is_some());
    any.then(|| NullBuffer::new(BooleanBuffer::collect_bool(places.len(), valid)))
}

/// The values of all dictionaries in their order, each of them once, so that the codes do not depend on the rows.
fn dictionary<K: ArrowDictionaryKeyType>(arrays: &[&dyn Array], places: &[(usize, usize)]) -> ArrayRef {
    let sources: Vec<_> = arrays.iter().map(|array| array.as_dictionary::<K>()).collect();
    let mut names: Vec<&str> = Vec::new();
    let mut codes: Vec<Vec<usize>> = Vec::with_capacity(sources.len());
    for source in &sources {
        let own = source.values().as_string::<i32>().iter().map(|value| {
            let value = value.unwrap_or_default();
            names.iter().position(|name| *name == value).unwrap_or_else(|| {
                names.push(value);
                names.len() - 1
            })
        });
        codes.push(own.collect());
    }
    let keys = places.iter().map(|(array, row)| {
        let key = sources[*array].key(*row)?;
        Some(K::Native::from_usize(codes[*array][key]).expect("the values of all fit into their key type"))
    });
    let keys: PrimitiveArray<K> = keys.collect();
    Arc::new(DictionaryArray::new(keys, Arc::new(StringArray::from_iter_values(names))))
}
