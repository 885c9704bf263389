//! Dictionary columns: the Arrow dictionary becomes the dictionary page, the keys become its indices.
//!
//! The stock writer looks every row's value up and interns it again (23–31 ns a row); here no value is
//! touched per row. Usually all batches share one dictionary and keys are indices as they stand. When a
//! batch brings another dictionary, its new values are added to the chunk's and its keys are translated.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, DictionaryArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use parquet::basic::Encoding;
use parquet::errors::ParquetError;
use parquet::file::statistics::Statistics;

use super::bitpack::{Code, CodeKey, width_of, write_hybrid};
use super::chunk::{ChunkEnd, DataPage, DictionaryPage, Worth};
use super::column::ValueEncoder;
use super::levels::compact;
use super::statistics::FloatExtremes;
use super::{Result, statistics, type_mismatch};

/// Encodes dictionary columns: the dictionary of the chunk and the codes of the page in progress.
pub(super) struct DictionaryColumn<K: CodeKey> {
    is_text: bool,
    /// The values of the latest batch, by which the same dictionary is recognised.
    latest: Option<ArrayRef>,
    /// The chunk's codes of the latest batch's keys; `None` while they are equal.
    translation: Option<Vec<K::Native>>,
    /// The chunk's values, as the bytes that PLAIN encoding stores.
    entries: Vec<Box<[u8]>>,
    used: Vec<bool>,
    codes: Vec<K::Native>,
}

impl<K: CodeKey> DictionaryColumn<K> {
    /// A dictionary of text, or of 64-bit floating point numbers.
    pub(super) fn new(value_type: &DataType) -> Self {
        Self {
            is_text: *value_type == DataType::Utf8,
            latest: None,
            translation: None,
            entries: Vec::new(),
            used: vec![false; K::Native::COUNT],
            codes: Vec::new(),
        }
    }

    /// The array as this dictionary's type, or what is wrong with it.
    fn downcast<'a>(&self, array: &'a dyn Array) -> Result<&'a DictionaryArray<K>> {
        let value_type = if self.is_text { DataType::Utf8 } else { DataType::Float64 };
        let expected = || DataType::Dictionary(Box::new(K::DATA_TYPE), Box::new(value_type.clone()));
        array
            .as_dictionary_opt::<K>()
            .filter(|keys| *keys.values().data_type() == value_type)
            .ok_or_else(|| type_mismatch(array, &expected()))
    }

    fn statistics(&self, nulls: usize) -> Statistics {
        let used =
            || self.entries.iter().zip(&self.used).filter(|(_, used)| **used).map(|(entry, _)| &**entry);
        if self.is_text {
            statistics::text(used().min().zip(used().max()), nulls)
        } else {
            let number = |bytes: &[u8]| bytes.try_into().map_or(f64::NAN, f64::from_le_bytes);
            let mut extremes = FloatExtremes::default();
            used().for_each(|entry| extremes.include(&[number(entry)]));
            statistics::double(extremes.take(), nulls)
        }
    }

    /// Makes the keys of arrays with these values translatable.
    fn adopt(&mut self, values: &ArrayRef) -> Result<()> {
        match &self.latest {
            Some(latest) if Arc::ptr_eq(latest, values) || latest == values => return Ok(()),
            Some(_) => self.translation = Some(self.merge(values)?),
            None => self.entries = (0..values.len()).map(|index| value_bytes(values, index)).collect(),
        }
        self.latest = Some(Arc::clone(values));
        Ok(())
    }

    /// Adds the values that are new to the chunk; returns the chunk's code of each.
    fn merge(&mut self, values: &ArrayRef) -> Result<Vec<K::Native>> {
        let mut known: HashMap<Box<[u8]>, usize> = HashMap::with_capacity(self.entries.len());
        for (code, entry) in self.entries.iter().enumerate() {
            known.entry(entry.clone()).or_insert(code);
        }
        let mut codes = Vec::with_capacity(values.len());
        for index in 0..values.len() {
            let bytes = value_bytes(values, index);
            let code = *known.entry(bytes).or_insert_with_key(|bytes| {
                self.entries.push(bytes.clone());
                self.entries.len() - 1
            });
            if code >= K::Native::COUNT {
                return Err(ParquetError::General(format!(
                    "more than {} values in one row group: too many for keys of type {}",
                    K::Native::COUNT,
                    K::DATA_TYPE
                )));
            }
            codes.push(K::Native::from_number(code));
        }
        Ok(codes)
    }
}

/// The value at `index` as PLAIN encoding stores it, without the length. A null value has no use, so
/// whatever lies in its place will do.
fn value_bytes(values: &ArrayRef, index: usize) -> Box<[u8]> {
    match values.as_string_opt::<i32>() {
        Some(texts) => texts.value(index).as_bytes().into(),
        None => values.as_primitive::<Float64Type>().value(index).to_le_bytes().into(),
    }
}

impl<K: CodeKey> ValueEncoder for DictionaryColumn<K> {
    fn push(&mut self, array: &dyn Array, present: Option<&NullBuffer>) -> Result<()> {
        let array = self.downcast(array)?;
        self.adopt(array.values())?;
        let start = self.codes.len();
        let keys = array.keys().values();
        match present.filter(|present| present.null_count() > 0) {
            Some(present) => compact(keys, present, &mut self.codes),
            None => self.codes.extend_from_slice(keys),
        }
        if let Some(translation) = &self.translation {
            for code in &mut self.codes[start..] {
                *code = translation[code.number()];
            }
        }
        Ok(())
    }

    fn end_page(&mut self, levels: Vec<u8>, value_count: usize) -> Option<DataPage> {
        let mut body = levels;
        for code in &self.codes {
            self.used[code.number()] = true;
        }
        let width = width_of(self.entries.len().saturating_sub(1));
        body.push(width);
        write_hybrid(&self.codes, width, &mut body);
        self.codes.clear();
        Some(DataPage::new(body, value_count, Encoding::RLE_DICTIONARY, Worth::Never))
    }

    fn end_chunk(&mut self, absent: usize) -> ChunkEnd {
        let statistics = self.statistics(absent);
        let mut plain = Vec::new();
        for entry in &self.entries {
            if self.is_text {
                plain.extend_from_slice(&(entry.len() as u32).to_le_bytes());
            }
            plain.extend_from_slice(entry);
        }
        let dictionary = Some(DictionaryPage { plain, entries: self.entries.len() });
        self.entries.clear();
        self.used.fill(false);
        (self.latest, self.translation) = (None, None);
        ChunkEnd { pages: Vec::new(), dictionary, statistics }
    }
}
