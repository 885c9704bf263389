//! Samples of files: FLAC, WAV, MP3, AAC, ALAC-free MP4 and Ogg Vorbis, block by block.
//!
//! Whatever a file says of itself is doubted: headers that ask for what no recording has are refused, and a stream
//! that does not go on ends in an error.

use std::io::{Read, Seek};

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as DecoderError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;

/// The most channels that are read.
const MAX_CHANNELS: usize = 8;

/// Damaged packets in a row after which the rest of a stream is given up.
const MAX_BAD_PACKETS: usize = 64;

/// Why a file has no samples, or no more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodingError {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is none of the formats that can be read.
    #[error("no known format: {0}")]
    UnknownFormat(String),
    /// It says of itself what no recording has.
    #[error("{what} is {value}; {allowed} are allowed")]
    Unusual {
        /// Which property.
        what: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// It is damaged, or cut off.
    #[error("damaged after {frames} frames: {problem}")]
    Damaged {
        /// Frames that could be read.
        frames: u64,
        /// What the decoder says.
        problem: String,
    },
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

impl DecodingError {
    /// A short name for counting.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnknownFormat(_) => "unknown_format",
            Self::Unusual { .. } => "unusual",
            Self::Damaged { .. } => "damaged",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

/// A file's bytes, and how many there are.
struct Bytes<R> {
    input: R,
    length: u64,
}

impl<R: Read> Read for Bytes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.input.read(buffer)
    }
}

impl<R: Seek> Seek for Bytes<R> {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.input.seek(to)
    }
}

impl<R: Read + Seek + Send + Sync> MediaSource for Bytes<R> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

/// Reads a file's samples.
pub struct Decoder {
    reader: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    sample_rate: u32,
    channels: usize,
    expected_frames: Option<u64>,
    frames: u64,
    bad_packets: usize,
    is_over: bool,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { sample_rate, channels, frames, .. } = self;
        write!(f, "Decoder {{ {sample_rate} Hz, {channels} channels, {frames} frames read }}")
    }
}

impl Decoder {
    /// Opens a file of `length` bytes. Its name is not asked: the bytes say which format it is.
    ///
    /// # Errors
    /// [`DecodingError`] for anything but a file with an audio track.
    pub fn open(input: impl Read + Seek + Send + Sync + 'static, length: u64) -> Result<Self, DecodingError> {
        guarded(0, || Self::opened(input, length))
    }

    fn opened(input: impl Read + Seek + Send + Sync + 'static, length: u64) -> Result<Self, DecodingError> {
        if length == 0 {
            return Err(DecodingError::Empty);
        }
        let stream = MediaSourceStream::new(Box::new(Bytes { input, length }), Default::default());
        let (format, metadata) = (FormatOptions::default(), MetadataOptions::default());
        let reader = symphonia::default::get_probe()
            .probe(&Hint::new(), stream, format, metadata)
            .map_err(|error| DecodingError::UnknownFormat(error.to_string()))?;
        let unknown = |problem: &str| DecodingError::UnknownFormat(problem.to_owned());
        let track = reader.default_track(TrackType::Audio).ok_or_else(|| unknown("no audio track"))?;
        let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
        let parameters = parameters.ok_or_else(|| unknown("no parameters of the audio track"))?;
        let sample_rate = parameters.sample_rate.unwrap_or(0);
        if !(8_000..=192_000).contains(&sample_rate) {
            return Err(unusual("sample rate", sample_rate, "8000 to 192000 Hz"));
        }
        let channels = parameters.channels.as_ref().map_or(0, |channels| channels.count());
        if channels > MAX_CHANNELS {
            return Err(unusual("number of channels", channels, "1 to 8"));
        }
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(|error| DecodingError::UnknownFormat(error.to_string()))?;
        let (track, expected_frames) = (track.id, track.num_frames);
        let (frames, bad_packets, is_over) = (0, 0, false);
        Ok(Self {
            reader,
            decoder,
            track,
            sample_rate,
            channels,
            expected_frames,
            frames,
            bad_packets,
            is_over,
        })
    }

    /// Samples a second of each channel.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// Channels; 0 until the first block where the file's head does not say.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Frames read so far.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Sets `samples` to the next block's, all channels by turns, from −1 to 1. Empty at the end.
    ///
    /// # Errors
    /// [`DecodingError::Damaged`] when the stream breaks off or does not go on.
    pub fn next_block(&mut self, samples: &mut Vec<f32>) -> Result<(), DecodingError> {
        let outcome = guarded(self.frames, || self.read_block(samples));
        self.is_over |= outcome.is_err();
        outcome
    }

    fn read_block(&mut self, samples: &mut Vec<f32>) -> Result<(), DecodingError> {
        samples.clear();
        while !self.is_over && samples.is_empty() {
            let packet = match self.reader.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return self.end(),
                Err(error) => return Err(self.damaged(&error)),
            };
            if packet.track_id != self.track {
                self.count_bad("packets of other tracks")?;
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(block) => {
                    let channels = block.spec().channels().count();
                    if channels == 0
                        || channels > MAX_CHANNELS
                        || (self.channels != 0 && channels != self.channels)
                    {
                        return Err(unusual("number of channels", channels, "1 to 8, the same everywhere,"));
                    }
                    self.channels = channels;
                    block.copy_to_vec_interleaved(samples);
                    self.frames += (samples.len() / channels) as u64;
                    self.bad_packets = if samples.is_empty() { self.bad_packets + 1 } else { 0 };
                    if self.bad_packets > MAX_BAD_PACKETS {
                        self.count_bad("packets without samples")?;
                    }
                }
                Err(DecoderError::DecodeError(problem)) => self.count_bad(problem)?,
                Err(error) => return Err(self.damaged(&error)),
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), DecodingError> {
        self.is_over = true;
        // A little may be missing where encoders pad; a file cut off lacks more.
        let missing = self.expected_frames.map_or(0, |expected| expected.saturating_sub(self.frames));
        if self.frames == 0 || missing > u64::from(self.sample_rate) / 10 {
            let problem = format!("{missing} frames less than its head says");
            return Err(DecodingError::Damaged { frames: self.frames, problem });
        }
        Ok(())
    }

    fn count_bad(&mut self, problem: &str) -> Result<(), DecodingError> {
        self.bad_packets += 1;
        if self.bad_packets > MAX_BAD_PACKETS {
            self.is_over = true;
            return Err(DecodingError::Damaged { frames: self.frames, problem: problem.to_owned() });
        }
        Ok(())
    }

    fn damaged(&mut self, error: &DecoderError) -> DecodingError {
        self.is_over = true;
        DecodingError::Damaged { frames: self.frames, problem: error.to_string() }
    }
}

/// What `read` gives; an error where the decoder panics, as some do on damaged heads.
fn guarded<T>(frames: u64, read: impl FnOnce() -> Result<T, DecodingError>) -> Result<T, DecodingError> {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
    let problem = || "the decoder gave up on it".to_owned();
    outcome.unwrap_or_else(|_| Err(DecodingError::Damaged { frames, problem: problem() }))
}

fn unusual(what: &'static str, value: impl ToString, allowed: &'static str) -> DecodingError {
    DecodingError::Unusual { what, value: value.to_string(), allowed }
}

#[cfg(test)]
mod tests;
