//! The compressed forms of text: every chunk on its own, so that threads compress at the same time.
//!
//! Both formats say that pieces which follow one another are their texts one after the other: gzip in RFC 1952,
//! section 2.2 (members), Zstandard in RFC 8878, section 3 (frames). Neither form holds a time or a name, so
//! equal text gives equal bytes.

use std::io::{self, Write};

use flate2::write::GzEncoder;

use crate::sinks::Compression;

/// Compresses chunks; owned by one thread, because setting a compressor up costs time.
pub(super) enum Compressor {
    /// Text stays what it is.
    None,
    /// At a level from 1 to 9.
    Gzip(flate2::Compression),
    /// At the level it was made with.
    Zstd(zstd::bulk::Compressor<'static>),
}

impl Compressor {
    /// # Errors
    /// A compression that text files do not take, or one that the system gives no memory for.
    pub(super) fn new(compression: Compression) -> io::Result<Self> {
        match compression {
            Compression::None => Ok(Self::None),
            Compression::Gzip(level) => Ok(Self::Gzip(flate2::Compression::new(level.into()))),
            Compression::Zstd(level) => Ok(Self::Zstd(zstd::bulk::Compressor::new(level.into())?)),
            Compression::Snappy | Compression::Lz4 => {
                Err(io::Error::other("text files are compressed with gzip or zstd"))
            }
        }
    }

    /// Appends a member (frame) that holds the text; an empty text has one too.
    ///
    /// # Errors
    /// What the compressor refuses.
    pub(super) fn compress(&mut self, text: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::None => out.extend_from_slice(text),
            Self::Gzip(level) => {
                let mut encoder = GzEncoder::new(out, *level);
                encoder.write_all(text)?;
                encoder.finish()?;
            }
            Self::Zstd(compressor) => out.extend_from_slice(&compressor.compress(text)?),
        }
        Ok(())
    }

    /// Whether text stays what it is.
    pub(super) fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}
