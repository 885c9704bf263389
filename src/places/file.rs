//! An open file of a place, for readers that jump.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use bytes::Bytes;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{ChunkReader, Length};

use crate::sinks::object_store::Bucket;
use crate::{Error, Result};

/// Bytes of an object that are asked for at a time.
const RANGE_BYTES: u64 = 1 << 20;

/// A file of this machine, or an object.
pub struct PlacedFile {
    source: Source,
    bytes: u64,
}

enum Source {
    Local(File),
    Object(Box<ObjectFile>),
}

/// An object, and the piece of it that was read last.
struct ObjectFile {
    bucket: Bucket,
    name: String,
    position: u64,
    piece_start: u64,
    piece: Bytes,
}

impl PlacedFile {
    pub(super) fn local(path: &Path) -> Result<Self> {
        let open = || {
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            if metadata.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            Ok(Self { source: Source::Local(file), bytes: metadata.len() })
        };
        open().map_err(|error| Error::io(path, "open the file", error))
    }

    pub(super) fn object(bucket: &Bucket, name: &str) -> Result<Self> {
        let missing =
            || Error::io(bucket.address().of(name), "open the object", io::ErrorKind::NotFound.into());
        let found = bucket.find(name)?.ok_or_else(missing)?;
        let object = ObjectFile {
            bucket: bucket.clone(),
            name: name.to_owned(),
            position: 0,
            piece_start: 0,
            piece: Bytes::new(),
        };
        Ok(Self { source: Source::Object(Box::new(object)), bytes: found.bytes })
    }

    /// The file's size.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Another handle with a position of its own.
    ///
    /// # Errors
    /// The operating system's refusal.
    pub fn reopened(&self) -> io::Result<Self> {
        let source = match &self.source {
            Source::Local(file) => Source::Local(file.try_clone()?),
            Source::Object(object) => Source::Object(Box::new(ObjectFile {
                bucket: object.bucket.clone(),
                name: object.name.clone(),
                position: 0,
                piece_start: 0,
                piece: Bytes::new(),
            })),
        };
        Ok(Self { source, bytes: self.bytes })
    }
}

impl Read for PlacedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.source {
            Source::Local(file) => file.read(buffer),
            Source::Object(object) => object.read(buffer, self.bytes),
        }
    }
}

impl ObjectFile {
    fn read(&mut self, buffer: &mut [u8], bytes: u64) -> io::Result<usize> {
        if self.position >= bytes || buffer.is_empty() {
            return Ok(0);
        }
        let piece_end = self.piece_start + self.piece.len() as u64;
        if !(self.piece_start..piece_end).contains(&self.position) {
            let end = (self.position + RANGE_BYTES).min(bytes);
            self.piece = self.range(self.position..end)?;
            self.piece_start = self.position;
        }
        let offset = (self.position - self.piece_start) as usize;
        let taken = buffer.len().min(self.piece.len() - offset);
        buffer[..taken].copy_from_slice(&self.piece[offset..offset + taken]);
        self.position += taken as u64;
        Ok(taken)
    }

    fn range(&self, range: std::ops::Range<u64>) -> io::Result<Bytes> {
        let piece = self.bucket.read_range(&self.name, range.clone()).map_err(io::Error::other)?;
        // An object that was replaced by a shorter one in the meantime.
        if (piece.len() as u64) < range.end - range.start {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(piece)
    }
}

impl Seek for PlacedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.source {
            Source::Local(file) => file.seek(to),
            Source::Object(object) => {
                let position = match to {
                    SeekFrom::Start(position) => Some(position),
                    SeekFrom::End(offset) => self.bytes.checked_add_signed(offset),
                    SeekFrom::Current(offset) => object.position.checked_add_signed(offset),
                };
                object.position = position.ok_or(io::ErrorKind::InvalidInput)?;
                Ok(object.position)
            }
        }
    }
}

impl Length for PlacedFile {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for PlacedFile {
    type T = BufReader<Self>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        let mut reader = self.reopened()?;
        reader.seek(SeekFrom::Start(start))?;
        Ok(BufReader::new(reader))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let end = start.saturating_add(length as u64);
        if end > self.bytes {
            return Err(ParquetError::EOF(format!(
                "bytes {start} to {end} of a file of {} bytes",
                self.bytes
            )));
        }
        match &self.source {
            Source::Local(file) => file.get_bytes(start, length),
            Source::Object(object) => Ok(object.range(start..end)?),
        }
    }
}
