//! The block compressors of Parquet pages.
//!
//! The parquet crate keeps its own codecs private, so these are called directly; the formats are those of
//! the Parquet format's `Compression.md`. What they write is read back through the parquet crate in the tests.

use arrow_buffer::Buffer;
use parquet::basic::{Compression as ParquetCompression, ZstdLevel};
use parquet::errors::ParquetError;

use super::Result;
use super::chunk::Worth;
use crate::sinks::Compression;

/// What quick compression means to zstd: on addresses of 300 characters, twice the speed of level 1 for a third
/// of the bytes instead of a fifth.
const QUICK_ZSTD_LEVEL: i32 = -5;

/// Compresses pages; owned by one thread, because setting a compressor up costs more than a page.
pub(super) struct Codec {
    algorithm: Algorithm,
    /// The page at hand, where it comes in parts.
    joined: Vec<u8>,
    compressed: Vec<u8>,
}

enum Algorithm {
    None,
    /// Boxed for its hash table of 2 KiB.
    Snappy(Box<snap::raw::Encoder>),
    Lz4,
    Zstd {
        compressor: zstd::bulk::Compressor<'static>,
        /// For [`Worth::IfQuicklySmaller`]; only the lowest level has another one.
        quick: zstd::bulk::Compressor<'static>,
        level: i32,
    },
}

impl Codec {
    /// The compressor that the user asked for.
    pub(super) fn new(compression: Compression) -> Result<Self> {
        let algorithm = match compression {
            Compression::Snappy => Algorithm::Snappy(Box::new(snap::raw::Encoder::new())),
            Compression::Lz4 => Algorithm::Lz4,
            Compression::Zstd(level) => {
                let level = level.into();
                let compressor = zstd::bulk::Compressor::new(level)?;
                let quick = zstd::bulk::Compressor::new(if level == 1 { QUICK_ZSTD_LEVEL } else { level })?;
                Algorithm::Zstd { compressor, quick, level }
            }
            Compression::None => Algorithm::None,
            Compression::Gzip(_) => return Err(ParquetError::General("no gzip here: take zstd".to_owned())),
        };
        Ok(Self { algorithm, joined: Vec::new(), compressed: Vec::new() })
    }

    /// What the footer calls the codec.
    pub(super) fn parquet(&self) -> ParquetCompression {
        match &self.algorithm {
            Algorithm::None => ParquetCompression::UNCOMPRESSED,
            Algorithm::Snappy(_) => ParquetCompression::SNAPPY,
            Algorithm::Lz4 => ParquetCompression::LZ4_RAW,
            Algorithm::Zstd { level, .. } => {
                ParquetCompression::ZSTD(ZstdLevel::try_new(*level).unwrap_or_default())
            }
        }
    }

    /// The compressed form of the page that is `first` and then `rest`.
    pub(super) fn compress(&mut self, first: &[u8], rest: &[Buffer], worth: Worth) -> Result<&[u8]> {
        let page = if rest.is_empty() {
            first
        } else {
            self.joined.clear();
            self.joined.extend_from_slice(first);
            rest.iter().for_each(|part| self.joined.extend_from_slice(part));
            &self.joined
        };
        match &mut self.algorithm {
            Algorithm::None => page.clone_into(&mut self.compressed),
            Algorithm::Snappy(encoder) => {
                let compressed = encoder.compress_vec(page);
                self.compressed = compressed.map_err(|error| ParquetError::External(Box::new(error)))?;
            }
            Algorithm::Lz4 => self.compressed = lz4_flex::block::compress(page),
            Algorithm::Zstd { compressor, quick, .. } => {
                let compressor = if worth == Worth::IfQuicklySmaller { quick } else { compressor };
                self.compressed.clear();
                self.compressed.reserve(zstd::zstd_safe::compress_bound(page.len()));
                compressor.compress_to_buffer(page, &mut self.compressed)?;
            }
        }
        Ok(&self.compressed)
    }

    /// The codec and the compressed form of the page where that is at least a tenth smaller.
    pub(super) fn compress_if_worth(
        &mut self,
        first: &[u8],
        rest: &[Buffer],
        worth: Worth,
    ) -> Result<Option<(ParquetCompression, &[u8])>> {
        if matches!(self.algorithm, Algorithm::None) || worth == Worth::Never {
            return Ok(None);
        }
        let codec = self.parquet();
        let bytes = first.len() + rest.iter().map(Buffer::len).sum::<usize>();
        let compressed = self.compress(first, rest, worth)?;
        Ok((compressed.len() + bytes / 10 <= bytes).then_some((codec, compressed)))
    }
}
