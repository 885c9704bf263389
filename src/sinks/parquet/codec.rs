//! The block compressors of Parquet pages.
//!
//! The parquet crate keeps its own codecs private, so these are called directly; the formats are those of
//! the Parquet format's `Compression.md`. What they write is read back through the parquet crate in the tests.

use parquet::basic::{Compression as ParquetCompression, ZstdLevel};
use parquet::errors::ParquetError;

use super::Result;
use crate::sinks::Compression;

/// Compresses pages; owned by one thread, because setting a compressor up costs more than a page.
pub(super) enum Codec {
    None,
    /// Boxed for its hash table of 2 KiB.
    Snappy(Box<snap::raw::Encoder>),
    Lz4,
    Zstd {
        compressor: zstd::bulk::Compressor<'static>,
        level: i32,
    },
}

impl Codec {
    /// The compressor that the user asked for.
    pub(super) fn new(compression: Compression) -> Result<Self> {
        Ok(match compression {
            Compression::None => Self::None,
            Compression::Snappy => Self::Snappy(Box::new(snap::raw::Encoder::new())),
            Compression::Lz4 => Self::Lz4,
            Compression::Zstd(level) => {
                let level = level.into();
                Self::Zstd { compressor: zstd::bulk::Compressor::new(level)?, level }
            }
            Compression::Gzip(_) => return Err(ParquetError::General("no gzip here: take zstd".to_owned())),
        })
    }

    /// What the footer calls the codec.
    pub(super) fn parquet(&self) -> ParquetCompression {
        match self {
            Self::None => ParquetCompression::UNCOMPRESSED,
            Self::Snappy(_) => ParquetCompression::SNAPPY,
            Self::Lz4 => ParquetCompression::LZ4_RAW,
            Self::Zstd { level, .. } => {
                ParquetCompression::ZSTD(ZstdLevel::try_new(*level).unwrap_or_default())
            }
        }
    }

    /// The compressed form of `page`.
    pub(super) fn compress(&mut self, page: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::None => Ok(page.to_vec()),
            Self::Snappy(encoder) => {
                encoder.compress_vec(page).map_err(|error| ParquetError::External(Box::new(error)))
            }
            Self::Lz4 => Ok(lz4_flex::block::compress(page)),
            Self::Zstd { compressor, .. } => Ok(compressor.compress(page)?),
        }
    }

    /// The compressed form of `page` where it is at least a tenth smaller.
    pub(super) fn compress_if_worth(&mut self, page: &[u8]) -> Result<Option<Vec<u8>>> {
        if matches!(self, Self::None) {
            return Ok(None);
        }
        let compressed = self.compress(page)?;
        Ok((compressed.len() + page.len() / 10 <= page.len()).then_some(compressed))
    }
}
