//! How pages are compressed, as the user says it.

use std::fmt;
use std::str::FromStr;

/// A general-purpose compressor for the pages that gain by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// None.
    None,
    /// Snappy.
    Snappy,
    /// LZ4 blocks (`LZ4_RAW`).
    Lz4,
    /// Zstandard at a level from 1 to 22.
    Zstd(u8),
}

impl Compression {
    /// The levels of Zstandard that Parquet writers agree on.
    const ZSTD_LEVELS: std::ops::RangeInclusive<u8> = 1..=22;

    /// What can be given, for help texts and messages.
    pub const ALLOWED: &'static str = "none, snappy, lz4, zstd or zstd(LEVEL) with a level from 1 to 22";
}

impl Default for Compression {
    /// Zstandard at level 1: higher levels take several times as long and save little on packed bits.
    fn default() -> Self {
        Self::Zstd(*Self::ZSTD_LEVELS.start())
    }
}

impl FromStr for Compression {
    type Err = String;

    /// # Errors
    /// Says what is allowed.
    fn from_str(text: &str) -> Result<Self, String> {
        let level = text.strip_prefix("zstd(").and_then(|rest| rest.strip_suffix(')'));
        match (text, level.map(str::parse)) {
            ("none", _) => Ok(Self::None),
            ("snappy", _) => Ok(Self::Snappy),
            ("lz4", _) => Ok(Self::Lz4),
            ("zstd", _) => Ok(Self::default()),
            (_, Some(Ok(level))) if Self::ZSTD_LEVELS.contains(&level) => Ok(Self::Zstd(level)),
            _ => Err(Self::ALLOWED.to_owned()),
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("none"),
            Self::Snappy => formatter.write_str("snappy"),
            Self::Lz4 => formatter.write_str("lz4"),
            Self::Zstd(level) => write!(formatter, "zstd({level})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_reads_back() {
        for text in ["none", "snappy", "lz4", "zstd(1)", "zstd(22)"] {
            assert_eq!(text.parse::<Compression>().unwrap().to_string(), text);
        }
        assert_eq!("zstd".parse(), Ok(Compression::Zstd(1)));
    }

    #[test]
    fn other_spellings_are_told_what_is_allowed() {
        for text in ["", "gzip", "zstd(0)", "zstd(23)", "zstd(", "zstd(1", "zstd(-1)", "ZSTD", "zstd(999)"] {
            assert_eq!(text.parse::<Compression>(), Err(Compression::ALLOWED.to_owned()), "{text}");
        }
    }
}
