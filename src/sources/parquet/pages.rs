//! One dictionary-encoded column chunk, page by page, as codes.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, Int64Array, StringArray};
use arrow_schema::DataType;
use bytes::{Buf, Bytes};
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use super::runs::{MAX_WIDTH, Runs};

/// Why codes cannot be read.
#[derive(Debug)]
pub(super) enum Stop {
    /// The pages are of a kind that only the general reader knows.
    Unsupported,
    /// The file is damaged or cannot be read.
    Damaged(String),
}

impl From<ParquetError> for Stop {
    fn from(error: ParquetError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<&'static str> for Stop {
    fn from(problem: &'static str) -> Self {
        Self::Damaged(problem.to_owned())
    }
}

/// Column chunks up to this many bytes are read whole: 32 MiB is a hundred times what codes of a usual row
/// group take.
const MAX_CHUNK_BYTES: u64 = 32 << 20;

/// A column of a row group as codes into its dictionary.
pub(super) struct CodedColumn {
    pages: SerializedPageReader<ChunkBytes>,
    is_nullable: bool,
    /// The dictionary: text as Utf8, dates as their Arrow type.
    pub(super) values: ArrayRef,
    page: DataPage,
}

/// The data page being read.
struct DataPage {
    rows_left: usize,
    /// Definition levels; `None` when no row of the page is null.
    levels: Option<Runs>,
    keys: Runs,
}

impl CodedColumn {
    /// Reads the chunk and its dictionary. `data_type` is the column's Arrow type, `rows` those of the row group.
    pub(super) fn open(
        file: &mut File,
        chunk: &ColumnChunkMetaData,
        data_type: &DataType,
        rows: usize,
    ) -> Result<Self, Stop> {
        if !may_be_coded(chunk, data_type) {
            return Err(Stop::Unsupported);
        }
        let bytes = Arc::new(ChunkBytes::read(file, chunk)?);
        let mut pages = SerializedPageReader::new(bytes, chunk, rows, None)?;
        let values = match pages.get_next_page()? {
            Some(Page::DictionaryPage { buf, num_values, encoding, .. }) if is_plain(encoding) => {
                dictionary(&buf, num_values as usize, chunk.column_type(), data_type)?
            }
            _ => return Err(Stop::Unsupported),
        };
        let is_nullable = chunk.column_descr().max_def_level() == 1;
        let page = DataPage { rows_left: 0, levels: None, keys: Runs::new(Bytes::new(), 0)? };
        Ok(Self { pages, is_nullable, values, page })
    }

    /// Appends the codes of the next `count` rows to `keys`, and says which of the rows have a value when not
    /// all do. A row without one has code 0.
    pub(super) fn read(&mut self, count: usize, keys: &mut Vec<u16>) -> Result<Option<Vec<bool>>, Stop> {
        let first = keys.len();
        let mut valid: Option<Vec<bool>> = None;
        while keys.len() - first < count {
            if self.page.rows_left == 0 {
                self.page = self.next_page()?;
                continue;
            }
            let rows = self.page.rows_left.min(count - (keys.len() - first));
            let before = keys.len();
            if let Some(present) = self.page.read(rows, keys)? {
                valid.get_or_insert_with(|| vec![true; before - first]).extend(present);
            } else if let Some(valid) = &mut valid {
                valid.resize(valid.len() + rows, true);
            }
        }
        let largest = keys[first..].iter().fold(0, |largest, &key| largest.max(key));
        // A chunk of nulls alone has an empty dictionary, and only codes 0 that nobody looks up.
        if usize::from(largest) >= self.values.len().max(1) {
            return Err("a code is outside of its dictionary".into());
        }
        if self.values.is_empty() && valid.as_ref().is_none_or(|valid| valid.contains(&true)) {
            return Err("a code is outside of its dictionary, which is empty".into());
        }
        Ok(valid)
    }

    fn next_page(&mut self) -> Result<DataPage, Stop> {
        match self.pages.get_next_page()? {
            Some(Page::DataPage { buf, num_values, encoding, def_level_encoding, .. })
                if is_coded(encoding) =>
            {
                let (levels, values) = if self.is_nullable {
                    if def_level_encoding != Encoding::RLE {
                        return Err(Stop::Unsupported);
                    }
                    let (levels, values) = split_levels(buf)?;
                    (Some(levels), values)
                } else {
                    (None, buf)
                };
                DataPage::new(num_values, levels, values)
            }
            Some(Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, num_nulls, .. })
                if is_coded(encoding) =>
            {
                let length = def_levels_byte_len as usize;
                if length > buf.len() {
                    return Err("the levels are longer than their page".into());
                }
                let levels = (self.is_nullable && num_nulls > 0).then(|| buf.slice(..length));
                DataPage::new(num_values, levels, buf.slice(length..))
            }
            Some(_) => Err(Stop::Unsupported),
            None => Err("a column has fewer values than the row group has rows".into()),
        }
    }
}

impl DataPage {
    /// A page of `values`, whose first byte is the width of a code.
    fn new(rows: u32, levels: Option<Bytes>, mut values: Bytes) -> Result<Self, Stop> {
        let rows_left = rows as usize;
        let mut levels = levels.map(|levels| Runs::new(levels, 1)).transpose()?;
        if let Some(runs) = &mut levels
            && rows_left > 0
            && runs.repeats(1, rows_left)?
        {
            levels = None;
        }
        // A page of nulls alone may have no values at all, not even their width.
        let width = if values.has_remaining() { values.get_u8() } else { 0 };
        if width > MAX_WIDTH {
            return Err(Stop::Unsupported);
        }
        Ok(Self { rows_left, levels, keys: Runs::new(values, width)? })
    }

    /// Appends the codes of `rows` rows; the answer is which of them have a value, `None` when all do.
    fn read(&mut self, rows: usize, keys: &mut Vec<u16>) -> Result<Option<Vec<bool>>, Stop> {
        self.rows_left -= rows;
        let Some(levels) = &mut self.levels else {
            self.keys.read(rows, keys)?;
            return Ok(None);
        };
        let mut present = Vec::with_capacity(rows);
        levels.read(rows, &mut present)?;
        let present: Vec<bool> = present.into_iter().map(|level| level == 1).collect();
        let mut stored = Vec::with_capacity(rows);
        self.keys.read(present.iter().filter(|&&is_present| is_present).count(), &mut stored)?;
        let mut stored = stored.into_iter();
        keys.extend(
            present.iter().map(|&is_present| if is_present { stored.next().unwrap_or(0) } else { 0 }),
        );
        Ok(Some(present))
    }
}

/// Whether a chunk's footer allows that all of its pages are codes.
fn may_be_coded(chunk: &ColumnChunkMetaData, data_type: &DataType) -> bool {
    let column = chunk.column_descr();
    let is_known_type = match chunk.column_type() {
        Type::BYTE_ARRAY => matches!(data_type, DataType::Dictionary(_, _)),
        Type::INT32 => *data_type == DataType::Date32 || is_small_integer(data_type),
        Type::INT64 => matches!(data_type, DataType::Timestamp(_, _) | DataType::Int64),
        _ => false,
    };
    // Where the footer tells the encodings of data pages, one that is no dictionary's settles it now.
    let is_only_coded = chunk.page_encoding_stats_mask().is_none_or(|mask| mask.encodings().all(is_coded));
    is_known_type
        && is_only_coded
        && column.max_rep_level() == 0
        && column.max_def_level() <= 1
        && chunk.dictionary_page_offset().is_some()
        && u64::try_from(chunk.compressed_size()).is_ok_and(|bytes| bytes <= MAX_CHUNK_BYTES)
}

/// Whether Parquet keeps the type as 32-bit integers that mean themselves.
fn is_small_integer(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16
    )
}

/// Old files call the encoding by another name.
fn is_coded(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY)
}

/// Dictionary pages of old files call their plain encoding by the name of the data pages' one.
fn is_plain(encoding: Encoding) -> bool {
    encoding == Encoding::PLAIN || is_coded(encoding)
}

/// Splits a version 1 page into levels, which have their length before them, and values.
fn split_levels(mut page: Bytes) -> Result<(Bytes, Bytes), Stop> {
    if page.len() < 4 {
        return Err("a page is shorter than the length of its levels".into());
    }
    let length = page.get_u32_le() as usize;
    if length > page.len() {
        return Err("the levels are longer than their page".into());
    }
    let levels = page.split_to(length);
    Ok((levels, page))
}

/// A dictionary page's values: PLAIN, that is, little-endian numbers, or texts with their lengths before them.
fn dictionary(page: &Bytes, count: usize, stored: Type, data_type: &DataType) -> Result<ArrayRef, Stop> {
    const SHORT: &str = "a dictionary page is shorter than its values";
    if stored == Type::BYTE_ARRAY {
        let mut rest = page.as_ref();
        let mut values = Vec::with_capacity(count.min(rest.len() / 4));
        for _ in 0..count {
            let (length, after) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
            let length = u32::from_le_bytes(*length) as usize;
            let value = after.get(..length).ok_or(SHORT)?;
            values.push(std::str::from_utf8(value).map_err(|_| "a dictionary holds text that is not UTF-8")?);
            rest = &after[length..];
        }
        return Ok(Arc::new(StringArray::from(values)));
    }
    let width = if stored == Type::INT32 { 4 } else { 8 };
    let bytes = count.checked_mul(width).and_then(|length| page.get(..length)).ok_or(SHORT)?;
    let numbers: ArrayRef = if stored == Type::INT32 {
        Arc::new(bytes.chunks_exact(4).map(|mut value| value.get_i32_le()).collect::<Int32Array>())
    } else {
        Arc::new(bytes.chunks_exact(8).map(|mut value| value.get_i64_le()).collect::<Int64Array>())
    };
    arrow_cast::cast(&numbers, data_type).map_err(|error| Stop::Damaged(error.to_string()))
}

/// The bytes of one column chunk, addressed as they are in the file.
struct ChunkBytes {
    start: u64,
    bytes: Bytes,
}

impl ChunkBytes {
    fn read(file: &mut File, chunk: &ColumnChunkMetaData) -> Result<Self, Stop> {
        let (start, length) = chunk.byte_range();
        let refused = |error: std::io::Error| Stop::Damaged(format!("cannot read the file: {error}"));
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| "a column chunk is larger than memory")?];
        file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut bytes)).map_err(refused)?;
        Ok(Self { start, bytes: bytes.into() })
    }

    fn from(&self, start: u64) -> parquet::errors::Result<Bytes> {
        let offset = start.checked_sub(self.start).and_then(|offset| usize::try_from(offset).ok());
        let offset = offset.filter(|&offset| offset <= self.bytes.len());
        offset
            .map(|offset| self.bytes.slice(offset..))
            .ok_or_else(|| ParquetError::EOF("a page lies outside of its column chunk".into()))
    }
}

impl Length for ChunkBytes {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for ChunkBytes {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let rest = self.from(start)?;
        if length > rest.len() {
            return Err(ParquetError::EOF("a page lies outside of its column chunk".into()));
        }
        Ok(rest.slice(..length))
    }
}
