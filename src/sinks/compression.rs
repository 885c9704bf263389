//! How pages are compressed, as the user says it.

use std::fmt;
use std::str::FromStr;

/// A general-purpose compressor, for whole files or for the pages that gain by one. Each format takes some of them.
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
    /// Gzip at a level from 1 to 9.
    Gzip(u8),
}

impl Compression {
    /// The levels of Zstandard that Parquet writers agree on.
    const ZSTD_LEVELS: std::ops::RangeInclusive<u8> = 1..=22;
    /// The levels of gzip.
    const GZIP_LEVELS: std::ops::RangeInclusive<u8> = 1..=9;
    /// The level of gzip unless said otherwise: that of the program of this name.
    const DEFAULT_GZIP_LEVEL: u8 = 6;

    /// What can be given, for help texts and messages.
    pub const ALLOWED: &'static str =
        "none, snappy, lz4, zstd or zstd(LEVEL) with a level from 1 to 22, gzip or gzip(LEVEL) from 1 to 9";

    /// Its name, without a level.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd(_) => "zstd",
            Self::Gzip(_) => "gzip",
        }
    }

    /// What the name of a file that is compressed as a whole ends with, with the dot.
    #[must_use]
    pub fn file_suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Snappy => ".sz",
            Self::Lz4 => ".lz4",
            Self::Zstd(_) => ".zst",
            Self::Gzip(_) => ".gz",
        }
    }

    fn level(self) -> Option<u8> {
        match self {
            Self::None | Self::Snappy | Self::Lz4 => None,
            Self::Zstd(level) | Self::Gzip(level) => Some(level),
        }
    }
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
        let (name, level) = match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
            Some((name, level)) => (name, Some(level.parse().map_err(|_| Self::ALLOWED.to_owned())?)),
            None => (text, None),
        };
        match (name, level) {
            ("none", None) => Ok(Self::None),
            ("snappy", None) => Ok(Self::Snappy),
            ("lz4", None) => Ok(Self::Lz4),
            ("zstd", None) => Ok(Self::default()),
            ("gzip", None) => Ok(Self::Gzip(Self::DEFAULT_GZIP_LEVEL)),
            ("zstd", Some(level)) if Self::ZSTD_LEVELS.contains(&level) => Ok(Self::Zstd(level)),
            ("gzip", Some(level)) if Self::GZIP_LEVELS.contains(&level) => Ok(Self::Gzip(level)),
            _ => Err(Self::ALLOWED.to_owned()),
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())?;
        self.level().map_or(Ok(()), |level| write!(formatter, "({level})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_reads_back() {
        for text in ["none", "snappy", "lz4", "zstd(1)", "zstd(22)", "gzip(1)", "gzip(9)"] {
            assert_eq!(text.parse::<Compression>().unwrap().to_string(), text);
        }
        assert_eq!("zstd".parse(), Ok(Compression::Zstd(1)));
        assert_eq!("gzip".parse(), Ok(Compression::Gzip(6)));
    }

    #[test]
    fn other_spellings_are_told_what_is_allowed() {
        for text in [
            "", "zip", "gzip(0)", "gzip(10)", "zstd(0)", "zstd(23)", "zstd(", "zstd(1", "zstd(-1)", "ZSTD",
            "none(1)",
        ] {
            assert_eq!(text.parse::<Compression>(), Err(Compression::ALLOWED.to_owned()), "{text}");
        }
    }
}
