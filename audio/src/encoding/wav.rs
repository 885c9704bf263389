//! RIFF WAVE with integer samples (Microsoft and IBM 1991, "Multimedia Programming Interface and Data Specifications").

use std::io;

use super::{Encoder, Format, Tags, refused};
use crate::music::Recording;

pub(super) const FORMAT: Format = Format {
    name: "wav",
    about: "RIFF WAVE: samples as they are, tags in an INFO list",
    most_bytes: |samples, bits| samples * u64::from(bits) / 8 + 4_096,
    start: |recording, tags| Ok(Box::new(Wav::new(recording, tags)?)),
};

struct Wav {
    sample_rate: u32,
    channels: u16,
    bits: u16,
    info: Vec<u8>,
    data_bytes: u32,
}

/// Four letters of an INFO list for the tags that have some.
const INFO: &[(&str, &[u8; 4])] = &[
    ("title", b"INAM"),
    ("artist", b"IART"),
    ("album", b"IPRD"),
    ("genre", b"IGNR"),
    ("date", b"ICRD"),
    ("comment", b"ICMT"),
    ("track", b"ITRK"),
];

impl Wav {
    fn new(recording: &Recording, tags: &Tags) -> io::Result<Self> {
        let request = recording.request();
        let bytes = recording.frames() * u64::from(request.channels) * u64::from(request.bits / 8);
        // Sizes have 32 bits, and the whole file's has to hold the header too.
        if bytes > u64::from(u32::MAX) - 65_536 {
            return Err(refused(format!("wav: {bytes} bytes of samples; a WAVE file holds 4 GiB")));
        }
        let (sample_rate, channels, bits) = (request.sample_rate, request.channels, request.bits);
        Ok(Self { sample_rate, channels, bits, info: info(tags), data_bytes: 0 })
    }
}

/// The INFO list of the tags that it has a place for.
fn info(tags: &Tags) -> Vec<u8> {
    let mut list = b"INFO".to_vec();
    for (name, text) in tags {
        let Some((_, id)) = INFO.iter().find(|(known, _)| known == name) else { continue };
        let mut text = text.as_bytes().to_vec();
        text.push(0);
        list.extend_from_slice(*id);
        list.extend_from_slice(&(text.len() as u32).to_le_bytes());
        list.append(&mut text);
        // Chunks begin at even places.
        if list.len() % 2 == 1 {
            list.push(0);
        }
    }
    list
}

impl Encoder for Wav {
    fn encode(&mut self, samples: &[i32]) -> io::Result<Vec<u8>> {
        let width = usize::from(self.bits / 8);
        let mut bytes = Vec::with_capacity(samples.len() * width);
        samples.iter().for_each(|sample| bytes.extend_from_slice(&sample.to_le_bytes()[..width]));
        self.data_bytes += bytes.len() as u32;
        Ok(bytes)
    }

    fn header(&mut self) -> io::Result<Vec<u8>> {
        let frame_bytes = self.channels * self.bits / 8;
        let mut header = b"RIFF".to_vec();
        let list_bytes = self.info.len() as u32;
        let whole = 4 + 24 + 8 + list_bytes + 8 + self.data_bytes + self.data_bytes % 2;
        header.extend_from_slice(&whole.to_le_bytes());
        header.extend_from_slice(b"WAVEfmt ");
        header.extend_from_slice(&16_u32.to_le_bytes());
        header.extend_from_slice(&1_u16.to_le_bytes());
        header.extend_from_slice(&self.channels.to_le_bytes());
        header.extend_from_slice(&self.sample_rate.to_le_bytes());
        header.extend_from_slice(&(self.sample_rate * u32::from(frame_bytes)).to_le_bytes());
        header.extend_from_slice(&frame_bytes.to_le_bytes());
        header.extend_from_slice(&self.bits.to_le_bytes());
        header.extend_from_slice(b"LIST");
        header.extend_from_slice(&list_bytes.to_le_bytes());
        header.extend_from_slice(&self.info);
        header.extend_from_slice(b"data");
        header.extend_from_slice(&self.data_bytes.to_le_bytes());
        Ok(header)
    }

    fn trailer(&mut self) -> io::Result<Vec<u8>> {
        Ok(vec![0; (self.data_bytes % 2) as usize])
    }
}
