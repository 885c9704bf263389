//! Files of samples. To add a format: its file, and its entry in [`FORMATS`].

mod flac;
mod hashing;
mod wav;

use std::io::{self, Seek, Write};

use crate::music::Recording;
use crate::synthesis::Synthesizer;

pub use hashing::{Digests, Hashing};

/// A format that files are written in.
#[derive(Debug)]
pub struct Format {
    /// The registry name, which is the file's extension too.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// The most bytes that so many samples (frames × channels) of so many bits take.
    pub most_bytes: fn(samples: u64, bits: u16) -> u64,
    start: fn(&Recording, &Tags) -> io::Result<Box<dyn Encoder>>,
}

/// Every format.
pub const FORMATS: &[Format] = &[flac::FORMAT, wav::FORMAT];

/// Tags: names such as `title` with their texts.
pub type Tags = Vec<(String, String)>;

/// Makes a file's bytes of samples.
trait Encoder {
    /// The bytes of the next samples, all channels by turns.
    fn encode(&mut self, samples: &[i32]) -> io::Result<Vec<u8>>;

    /// The bytes that a file begins with, once all samples are known; as long as those before any was.
    fn header(&mut self) -> io::Result<Vec<u8>>;

    /// The bytes that a file ends with.
    fn trailer(&mut self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

impl Format {
    /// The format of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// Writes a recording, and says how many bytes that took. The header is written again at the end, since it tells
    /// what only the end does.
    ///
    /// # Errors
    /// Those of `out`, and [`io::ErrorKind::InvalidInput`] for what the format cannot hold.
    pub fn write(
        &self,
        recording: &Recording,
        tags: &Tags,
        out: &mut (impl Write + Seek),
    ) -> io::Result<u64> {
        let mut encoder = (self.start)(recording, tags)?;
        out.write_all(&encoder.header()?)?;
        let mut synthesizer = Synthesizer::new(recording);
        let mut samples = Vec::new();
        loop {
            synthesizer.next_block(&mut samples);
            if samples.is_empty() {
                break;
            }
            out.write_all(&encoder.encode(&samples)?)?;
        }
        out.write_all(&encoder.trailer()?)?;
        let bytes = out.stream_position()?;
        out.rewind()?;
        out.write_all(&encoder.header()?)?;
        out.flush()?;
        Ok(bytes)
    }
}

fn refused(problem: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, problem)
}

#[cfg(test)]
mod tests;
