//! The pages of one column chunk, and their assembly into the bytes of the file.
//!
//! # What is compressed
//! The codec belongs to a whole chunk, so it is chosen once, on the first data page, and the choice
//! depends on the data alone. Index pages and packed differences are never compressed ([`Worth::Never`]):
//! they are close to their entropy (zstd-1 on all of them makes a file of claims 5 % smaller), and readers
//! decode uncompressed index pages 2.8 times as fast. Text pages ([`Worth::IfSmaller`]) are compressed when that
//! makes the first page at least a tenth smaller.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression as ParquetCompression, Encoding, PageType};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, PageEncodingStats};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::Result;
use super::codec::Codec;

/// Whether the pages of a column are worth a try at compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    /// Packed bits: close to their entropy, and read often.
    Never,
    /// Text: compressed when the first page becomes at least a tenth smaller.
    IfSmaller,
}

/// One data page before compression: levels, then values.
pub(super) struct DataPage {
    /// The bytes of the page.
    pub body: Vec<u8>,
    /// The number of levels, or of values in a column without levels: nulls count.
    pub value_count: usize,
    /// The encoding of the values.
    pub encoding: Encoding,
    /// Whether compression is worth a try.
    pub worth: Worth,
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
    dictionary: Option<CompressedPage>,
    data: Vec<CompressedPage>,
    value_count: usize,
    bytes: usize,
}

impl Pages {
    /// Adds a data page. The first one decides whether the chunk is compressed.
    pub(super) fn add_data(&mut self, page: DataPage, codec: &mut Codec) -> Result<()> {
        let uncompressed_bytes = page.body.len();
        let buf = match self.compression {
            Some(ParquetCompression::UNCOMPRESSED) => page.body,
            Some(_) => codec.compress(&page.body)?,
            None => self.decide(page.body, page.worth, codec)?,
        };
        self.bytes += buf.len();
        self.value_count += page.value_count;
        let page = Page::DataPage {
            buf: Bytes::from(buf),
            num_values: page.value_count as u32,
            encoding: page.encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        self.data.push(CompressedPage::new(page, uncompressed_bytes));
        Ok(())
    }

    fn decide(&mut self, body: Vec<u8>, worth: Worth, codec: &mut Codec) -> Result<Vec<u8>> {
        let smaller = match worth {
            Worth::Never => None,
            Worth::IfSmaller => codec.compress_if_worth(&body)?,
        };
        let compression = smaller.as_ref().map_or(ParquetCompression::UNCOMPRESSED, |_| codec.parquet());
        self.compression = Some(compression);
        Ok(smaller.unwrap_or(body))
    }

    /// Sets the dictionary page. It goes before the data pages, but is set after the first of them, which
    /// decides on compression.
    fn set_dictionary(&mut self, page: DictionaryPage, codec: &mut Codec) -> Result<()> {
        let uncompressed_bytes = page.plain.len();
        let buf = match self.compression {
            None | Some(ParquetCompression::UNCOMPRESSED) => page.plain,
            Some(_) => codec.compress(&page.plain)?,
        };
        self.bytes += buf.len();
        let page = Page::DictionaryPage {
            buf: Bytes::from(buf),
            num_values: page.entries as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        self.dictionary = Some(CompressedPage::new(page, uncompressed_bytes));
        Ok(())
    }

    /// Adds what `end` holds back and serializes the pages of a chunk of `rows` rows.
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
        if let Some(dictionary) = end.dictionary {
            self.set_dictionary(dictionary, codec)?;
        }
        let statistics = end.statistics;
        let stats = self.encoding_stats();
        let has_dictionary = self.dictionary.is_some();
        let header_room = 64 * (self.data.len() + 1);
        let mut out = TrackedWrite::new(Vec::with_capacity(self.bytes + header_room));
        let mut writer = SerializedPageWriter::new(&mut out);
        let (mut uncompressed_bytes, mut data_offset) = (0, None);
        for page in self.dictionary.into_iter().chain(self.data) {
            let spec = writer.write_page(page)?;
            uncompressed_bytes += spec.uncompressed_size;
            if spec.page_type == PageType::DATA_PAGE {
                data_offset.get_or_insert(spec.offset);
            }
        }
        writer.close()?;
        let bytes = Bytes::from(out.into_inner()?);
        let metadata = ColumnChunkMetaData::builder(Arc::clone(column))
            .set_compression(self.compression.unwrap_or(ParquetCompression::UNCOMPRESSED))
            .set_encodings(stats.iter().map(|stat| stat.encoding).chain([Encoding::RLE]).collect())
            .set_page_encoding_stats(stats)
            .set_num_values(self.value_count as i64)
            .set_total_compressed_size(bytes.len() as i64)
            .set_total_uncompressed_size(uncompressed_bytes as i64)
            .set_dictionary_page_offset(has_dictionary.then_some(0))
            .set_data_page_offset(data_offset.ok_or_else(empty_chunk)? as i64)
            .set_statistics(statistics);
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok(EncodedColumn { bytes, close })
    }

    fn encoding_stats(&self) -> Vec<PageEncodingStats> {
        let mut stats: Vec<PageEncodingStats> = Vec::new();
        for page in self.dictionary.iter().chain(&self.data) {
            let (page_type, encoding) = (page.page_type(), page.encoding());
            match stats.iter_mut().find(|stat| (stat.page_type, stat.encoding) == (page_type, encoding)) {
                Some(stat) => stat.count += 1,
                None => stats.push(PageEncodingStats { page_type, encoding, count: 1 }),
            }
        }
        stats
    }
}

fn empty_chunk() -> ParquetError {
    ParquetError::General("a column chunk without rows".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinks::Compression;

    fn data(body: Vec<u8>) -> DataPage {
        DataPage { body, value_count: 1, encoding: Encoding::PLAIN, worth: Worth::IfSmaller }
    }

    /// Bytes that no compressor makes smaller.
    fn noise(bytes: u64) -> impl Iterator<Item = u8> {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        (1..=bytes).map(|byte| {
            let word = byte.wrapping_mul(ODD);
            ((word ^ (word >> 29)).wrapping_mul(ODD) >> 56) as u8
        })
    }

    #[test]
    fn the_first_page_decides_for_all_and_for_the_dictionary() {
        let mut codec = Codec::new(Compression::Zstd(1)).unwrap();
        let mut pages = Pages::default();
        pages.add_data(data(vec![7; 1_000]), &mut codec).unwrap();
        pages.add_data(data(noise(1_000).collect()), &mut codec).unwrap();
        pages.set_dictionary(DictionaryPage { plain: vec![9; 1_000], entries: 250 }, &mut codec).unwrap();
        for page in pages.data.iter().chain(&pages.dictionary) {
            assert_eq!(zstd::bulk::decompress(page.data(), 2_000).unwrap().len(), 1_000);
        }
        let mut pages = Pages::default();
        pages.add_data(data(noise(1_000).collect()), &mut codec).unwrap();
        pages.add_data(data(vec![7; 1_000]), &mut codec).unwrap();
        assert!(pages.data.iter().all(|page| page.data().len() == 1_000));
    }

    #[test]
    fn a_tenth_must_be_saved() {
        let mut codec = Codec::new(Compression::Zstd(1)).unwrap();
        let page = |zeros: u64| noise(10_000).chain((0..zeros).map(|_| 0)).collect::<Vec<u8>>();
        assert!(codec.compress(&page(500)).unwrap().len() < 10_500);
        assert!(codec.compress_if_worth(&page(500)).unwrap().is_none());
        assert!(codec.compress_if_worth(&page(2_000)).unwrap().is_some());
    }
}
