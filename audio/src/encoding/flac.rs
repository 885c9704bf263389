//! FLAC (RFC 9639), frame by frame: memory does not depend on the length.

use std::io;

use flacenc::bitsink::ByteSink;
use flacenc::component::{BitRepr, MetadataBlockData, StreamInfo};
use flacenc::config;
use flacenc::error::{Verified, Verify};
use flacenc::source::{Context, Fill, FrameBuf};

use super::{Encoder, Format, Tags, refused};
use crate::music::Recording;
use crate::synthesis::BLOCK_FRAMES;

pub(super) const FORMAT: Format = Format {
    name: "flac",
    about: "FLAC: lossless, tags as Vorbis comments",
    // A frame that cannot be compressed takes its samples and a few bytes.
    most_bytes: |samples, bits| samples * u64::from(bits) / 8 + samples / 256 + 8_192,
    start: |recording, tags| Ok(Box::new(Flac::new(recording, tags)?)),
};

/// The kind of a metadata block with Vorbis comments (RFC 9639, section 8.6).
const VORBIS_COMMENT: u8 = 4;

struct Flac {
    config: Verified<config::Encoder>,
    info: StreamInfo,
    context: Context,
    comments: MetadataBlockData,
    channels: usize,
    frames: usize,
}

impl Flac {
    fn new(recording: &Recording, tags: &Tags) -> io::Result<Self> {
        let request = recording.request();
        let (channels, bits) = (usize::from(request.channels), usize::from(request.bits));
        let mut config = config::Encoder::default();
        config.block_size = BLOCK_FRAMES;
        // Fixed predictors reckon in whole numbers, so files have the same bytes on every machine.
        config.subframe_coding.use_lpc = false;
        // The estimate of the entropy chooses predictors whose residuals take thousands of times the samples.
        config.subframe_coding.fixed.order_sel = config::OrderSel::BitCount;
        let config = config.into_verified().map_err(|(_, error)| refused(error.to_string()))?;
        let info = StreamInfo::new(request.sample_rate as usize, channels, bits);
        let mut info = info.map_err(|error| refused(format!("flac: {error}")))?;
        info.set_block_sizes(BLOCK_FRAMES, BLOCK_FRAMES).map_err(|error| refused(error.to_string()))?;
        let comments = MetadataBlockData::new_unknown(VORBIS_COMMENT, &comments(tags));
        let comments = comments.map_err(|error| refused(error.to_string()))?;
        Ok(Self { config, info, context: Context::new(bits, channels), comments, channels, frames: 0 })
    }
}

/// Vorbis comments of the tags.
fn comments(tags: &Tags) -> Vec<u8> {
    let mut block = Vec::new();
    let mut push = |text: &str| {
        block.extend_from_slice(&(text.len() as u32).to_le_bytes());
        block.extend_from_slice(text.as_bytes());
    };
    push("driftforge");
    let count = tags.len() as u32;
    let mut fields = Vec::new();
    for (name, text) in tags {
        let field = format!("{}={text}", name.to_uppercase());
        fields.extend_from_slice(&(field.len() as u32).to_le_bytes());
        fields.extend_from_slice(field.as_bytes());
    }
    block.extend_from_slice(&count.to_le_bytes());
    block.append(&mut fields);
    block
}

fn bytes_of(component: &impl BitRepr) -> io::Result<Vec<u8>> {
    let mut sink = ByteSink::new();
    component.write(&mut sink).map_err(|error| refused(format!("flac: {error}")))?;
    Ok(sink.into_inner())
}

impl Encoder for Flac {
    fn encode(&mut self, samples: &[i32]) -> io::Result<Vec<u8>> {
        let mut frame = FrameBuf::with_size(self.channels, samples.len() / self.channels)
            .map_err(|error| refused(format!("flac: {error}")))?;
        let filled = frame.fill_interleaved(samples).and_then(|()| self.context.fill_interleaved(samples));
        filled.map_err(|error| refused(format!("flac: {error}")))?;
        let frame = flacenc::encode_fixed_size_frame(&self.config, &frame, self.frames, &self.info)
            .map_err(|error| refused(format!("flac: {error}")))?;
        self.frames += 1;
        bytes_of(&frame)
    }

    fn header(&mut self) -> io::Result<Vec<u8>> {
        // No more of a stream than its sizes: those of frames stay unknown, which decoders allow for.
        self.info.set_total_samples(self.context.total_samples());
        self.info.set_md5_digest(&self.context.md5_digest());
        let mut header = b"fLaC".to_vec();
        let comments = bytes_of(&self.comments)?;
        let info = bytes_of(&self.info)?;
        for (kind, bytes) in [(0, info), (0x80 | VORBIS_COMMENT, comments)] {
            let length = u32::try_from(bytes.len()).ok().filter(|&length| length < 1 << 24);
            let length = length.ok_or_else(|| refused("flac: the tags take more than 16 MiB"))?;
            header.push(kind);
            header.extend_from_slice(&length.to_be_bytes()[1..]);
            header.extend_from_slice(&bytes);
        }
        Ok(header)
    }
}
