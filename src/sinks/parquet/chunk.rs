//! The pages of one column chunk, and their assembly into the bytes of the file.
//!
//! # What is compressed
//! The codec belongs to a whole chunk, so it is chosen once, on the first data page, and the choice
//! depends on the data alone. Index pages and packed differences are never compressed ([`Worth::Never`]):
//! they are close to their entropy (zstd-1 on all of them makes a file of claims 5 % smaller), and readers
//! decode uncompressed index pages 2.8 times as fast. Text pages ([`Worth::IfSmaller`]) are compressed when that
//! makes the first page at least a tenth smaller; pages of long text ([`Worth::IfQuicklySmaller`]) likewise, at
//! zstd's quick level -5 where level 1 is asked for: twice the speed, for a third of the bytes instead of a fifth.

use std::mem::take;
use std::sync::Arc;

use arrow_buffer::Buffer;
use bytes::Bytes;
use parquet::basic::{Compression as ParquetCompression, Encoding, PageType};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, PageEncodingStats};
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

use super::Result;
use super::codec::Codec;
use super::page_header::{PageSize, write_data_page_header, write_dictionary_page_header};

/// More than a page header takes.
const MOST_HEADER_BYTES: usize = 64;

/// Whether the pages of a column are worth a try at compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    /// Packed bits: close to their entropy, and read often.
    Never,
    /// Text: compressed when the first page becomes at least a tenth smaller.
    IfSmaller,
    /// Long text, which a quick search finds the repetitions of: the same, in the codec's quickest way.
    IfQuicklySmaller,
}

/// One data page before compression: levels, then values.
pub(super) struct DataPage {
    /// The bytes of the page, or the first of them.
    pub body: Vec<u8>,
    /// The others: long text goes from its arrays to the file without a stop.
    pub rest: Vec<Buffer>,
    /// The number of levels, or of values in a column without levels: nulls count.
    pub value_count: usize,
    /// The encoding of the values.
    pub encoding: Encoding,
    /// Whether compression is worth a try.
    pub worth: Worth,
}

impl DataPage {
    /// A page all of whose bytes are in one place.
    pub(super) fn new(body: Vec<u8>, value_count: usize, encoding: Encoding, worth: Worth) -> Self {
        Self { body, rest: Vec::new(), value_count, encoding, worth }
    }

    /// The size of the page in bytes.
    fn len(&self) -> usize {
        self.body.len() + self.rest.iter().map(Buffer::len).sum::<usize>()
    }
}

/// The values that a chunk's index pages refer to.
pub(super) struct DictionaryPage {
    /// The values in PLAIN encoding.
    pub plain: Vec<u8>,
    /// Their number.
    pub entries: usize,
}

/// What an encoder knows only once it has seen the last row of a chunk.
pub(super) struct ChunkEnd {
    /// The data pages that were not complete before.
    pub pages: Vec<DataPage>,
    /// The dictionary page, when the data pages are indices.
    pub dictionary: Option<DictionaryPage>,
    /// Bounds and nulls.
    pub statistics: Statistics,
}

impl ChunkEnd {
    /// The end of a chunk without a dictionary, whose pages are all out.
    pub(super) fn of_plain(statistics: Statistics) -> Self {
        Self { pages: Vec::new(), dictionary: None, statistics }
    }
}

/// A column chunk as it goes into the file: dictionary page, data pages, and what the footer says of them.
pub(super) struct EncodedColumn {
    /// The pages with their headers.
    pub bytes: Bytes,
    /// Sizes, encodings and statistics; offsets count from the start of `bytes`.
    pub close: ColumnCloseResult,
}

/// Collects the pages of one column chunk.
#[derive(Default)]
pub(super) struct Pages {
    compression: Option<ParquetCompression>,
    /// The data pages with their headers.
    bytes: Vec<u8>,
    uncompressed_bytes: usize,
    value_count: usize,
    stats: Vec<PageEncodingStats>,
}

impl Pages {
    /// Adds a data page. The first one decides whether the chunk is compressed.
    pub(super) fn add_data(&mut self, page: DataPage, codec: &mut Codec) -> Result<()> {
        let uncompressed = page.len();
        let compressed = match self.compression {
            Some(ParquetCompression::UNCOMPRESSED) => None,
            Some(_) => Some(codec.compress(&page.body, &page.rest, page.worth)?),
            None => {
                let smaller = codec.compress_if_worth(&page.body, &page.rest, page.worth)?;
                let compression = smaller.as_ref().map_or(ParquetCompression::UNCOMPRESSED, |found| found.0);
                self.compression = Some(compression);
                smaller.map(|found| found.1)
            }
        };
        let size = PageSize { uncompressed, compressed: compressed.map_or(uncompressed, <[u8]>::len) };
        check_size(size)?;
        let start = self.bytes.len();
        write_data_page_header(size, page.value_count, page.encoding, &mut self.bytes);
        self.uncompressed_bytes += self.bytes.len() - start + uncompressed;
        match compressed {
            Some(compressed) => self.bytes.extend_from_slice(compressed),
            None => {
                self.bytes.reserve(uncompressed);
                self.bytes.extend_from_slice(&page.body);
                page.rest.iter().for_each(|part| self.bytes.extend_from_slice(part));
            }
        }
        self.value_count += page.value_count;
        self.count(PageType::DATA_PAGE, page.encoding);
        Ok(())
    }

    /// The dictionary page with its header. It goes before the data pages, but is made after the first of
    /// them, which decides on compression.
    fn dictionary(&mut self, page: &DictionaryPage, codec: &mut Codec) -> Result<Vec<u8>> {
        let plain = match self.compression {
            None | Some(ParquetCompression::UNCOMPRESSED) => &page.plain,
            Some(_) => codec.compress(&page.plain, &[], Worth::IfSmaller)?,
        };
        let size = PageSize { uncompressed: page.plain.len(), compressed: plain.len() };
        check_size(size)?;
        let mut bytes = Vec::with_capacity(plain.len() + MOST_HEADER_BYTES + self.bytes.len());
        write_dictionary_page_header(size, page.entries, &mut bytes);
        self.uncompressed_bytes += bytes.len() + size.uncompressed;
        bytes.extend_from_slice(plain);
        Ok(bytes)
    }

    fn count(&mut self, page_type: PageType, encoding: Encoding) {
        match self.stats.iter_mut().find(|stat| (stat.page_type, stat.encoding) == (page_type, encoding)) {
            Some(stat) => stat.count += 1,
            None => self.stats.push(PageEncodingStats { page_type, encoding, count: 1 }),
        }
    }

    /// Adds what `end` holds back and completes a chunk of `rows` rows.
    pub(super) fn assemble(
        mut self,
        end: ChunkEnd,
        rows: usize,
        column: &ColumnDescPtr,
        codec: &mut Codec,
    ) -> Result<EncodedColumn> {
        for page in end.pages {
            self.add_data(page, codec)?;
        }
        let (mut bytes, mut stats, mut data_offset) = (take(&mut self.bytes), Vec::new(), 0);
        if let Some(dictionary) = &end.dictionary {
            let mut before = self.dictionary(dictionary, codec)?;
            data_offset = before.len() as i64;
            before.extend_from_slice(&bytes);
            bytes = before;
            let (page_type, encoding) = (PageType::DICTIONARY_PAGE, Encoding::PLAIN);
            stats.push(PageEncodingStats { page_type, encoding, count: 1 });
        }
        stats.append(&mut self.stats);
        let metadata = ColumnChunkMetaData::builder(Arc::clone(column))
            .set_compression(self.compression.unwrap_or(ParquetCompression::UNCOMPRESSED))
            .set_encodings(stats.iter().map(|stat| stat.encoding).chain([Encoding::RLE]).collect())
            .set_page_encoding_stats(stats)
            .set_num_values(self.value_count as i64)
            .set_total_compressed_size(bytes.len() as i64)
            .set_total_uncompressed_size(self.uncompressed_bytes as i64)
            .set_dictionary_page_offset(end.dictionary.map(|_| 0))
            .set_data_page_offset(data_offset)
            .set_statistics(end.statistics);
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok(EncodedColumn { bytes: Bytes::from(bytes), close })
    }
}

/// Sizes are signed 32-bit numbers in the file.
fn check_size(size: PageSize) -> Result<()> {
    match i32::try_from(size.uncompressed.max(size.compressed)) {
        Ok(_) => Ok(()),
        Err(_) => Err(ParquetError::General(format!(
            "{} bytes in one page, at most {}",
            size.uncompressed,
            i32::MAX
        ))),
    }
}

#[cfg(test)]
mod tests {
    use parquet::basic::Type as PhysicalType;
    use parquet::column::page::Page;
    use parquet::file::serialized_reader::SerializedPageReader;
    use parquet::schema::types::{ColumnDescriptor, ColumnPath, Type};

    use super::*;
    use crate::sinks::Compression;
    use crate::sinks::parquet::statistics;

    fn data(body: Vec<u8>) -> DataPage {
        DataPage::new(body, 1, Encoding::PLAIN, Worth::IfSmaller)
    }

    /// Bytes that no compressor makes smaller.
    fn noise(bytes: u64) -> impl Iterator<Item = u8> {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        (1..=bytes).map(|byte| {
            let word = byte.wrapping_mul(ODD);
            ((word ^ (word >> 29)).wrapping_mul(ODD) >> 56) as u8
        })
    }

    /// The chunk's pages as the parquet crate finds them.
    fn pages_of(
        pages: Pages,
        dictionary: DictionaryPage,
        codec: &mut Codec,
    ) -> (ParquetCompression, usize, Vec<Page>) {
        let field = Type::primitive_type_builder("bytes", PhysicalType::INT32).build().unwrap();
        let path = ColumnPath::new(vec!["bytes".to_owned()]);
        let column = Arc::new(ColumnDescriptor::new(Arc::new(field), 0, 0, path));
        let statistics = statistics::int32(None, 0);
        let end = ChunkEnd { pages: Vec::new(), dictionary: Some(dictionary), statistics };
        let EncodedColumn { bytes, close } = pages.assemble(end, 2, &column, codec).unwrap();
        let footer = &close.metadata;
        let size = bytes.len();
        let reader = SerializedPageReader::new(Arc::new(bytes), footer, 2, None).unwrap();
        (footer.compression(), size, reader.map(|page| page.unwrap()).collect())
    }

    #[test]
    fn the_first_page_decides_for_all_and_for_the_dictionary() {
        let dictionary = || DictionaryPage { plain: vec![9; 1_000], entries: 250 };
        let (zeros, noise): (Vec<u8>, Vec<u8>) = (vec![7; 1_000], noise(1_000).collect());
        for (first, second, is_compressed) in [(&zeros, &noise, true), (&noise, &zeros, false)] {
            let mut codec = Codec::new(Compression::Zstd(1)).unwrap();
            let mut pages = Pages::default();
            pages.add_data(data(first.clone()), &mut codec).unwrap();
            pages.add_data(data(second.clone()), &mut codec).unwrap();
            let (compression, size, found) = pages_of(pages, dictionary(), &mut codec);
            assert_eq!(compression != ParquetCompression::UNCOMPRESSED, is_compressed);
            assert_eq!(size < 2_000, is_compressed, "{size}");
            let found: Vec<&[u8]> = found.iter().map(|page| page.buffer().as_ref()).collect();
            assert_eq!(found, [&[9; 1_000], &**first, &**second]);
        }
    }

    #[test]
    fn a_page_in_parts_is_stored_as_one() {
        for compression in [Compression::None, Compression::Lz4, Compression::Zstd(1), Compression::Zstd(3)] {
            let mut codec = Codec::new(compression).unwrap();
            let (mut whole, mut parts) = (Pages::default(), Pages::default());
            let bytes: Vec<u8> = (0..3_000u32).map(|byte| (byte % 700) as u8).collect();
            for worth in [Worth::IfQuicklySmaller, Worth::IfSmaller, Worth::Never] {
                whole.add_data(DataPage { worth, ..data(bytes.clone()) }, &mut codec).unwrap();
                let rest = vec![Buffer::from(&bytes[10..900]), Buffer::from(&bytes[900..])];
                let page = DataPage { worth, rest, ..data(bytes[..10].to_vec()) };
                parts.add_data(page, &mut codec).unwrap();
            }
            assert!(whole.bytes == parts.bytes);
        }
    }

    #[test]
    fn a_tenth_must_be_saved() {
        let mut codec = Codec::new(Compression::Zstd(1)).unwrap();
        let page = |zeros: u64| noise(10_000).chain((0..zeros).map(|_| 0)).collect::<Vec<u8>>();
        assert!(codec.compress(&page(500), &[], Worth::IfSmaller).unwrap().len() < 10_500);
        assert!(codec.compress_if_worth(&page(500), &[], Worth::IfSmaller).unwrap().is_none());
        assert!(codec.compress_if_worth(&page(2_000), &[], Worth::IfSmaller).unwrap().is_some());
        assert!(codec.compress_if_worth(&page(2_000), &[], Worth::Never).unwrap().is_none());
    }
}
