//! Messages, the pieces of an IPC stream.

use std::io::{self, Write};

use arrow_buffer::Buffer;
use arrow_ipc::{MessageHeader, root_as_message};

/// What stands before a message: the continuation marker and the length of the metadata (Columnar Format,
/// "Encapsulated message format").
const PREFIX_BYTES: usize = 8;

/// A message, framed, as buffers that follow one another; buffers of a batch are not copied.
pub(super) struct Message {
    pub kind: MessageHeader,
    buffers: Vec<Buffer>,
    /// Bytes of the prefix and the metadata, padding included.
    pub head_bytes: usize,
    /// Bytes of the body, padding included.
    pub body_bytes: usize,
}

impl Message {
    /// Splits a stream into its messages.
    ///
    /// # Errors
    /// Bytes that are no stream of messages.
    pub(super) fn split(stream: Vec<Buffer>) -> Result<Vec<Self>, String> {
        let mut rest = Rest { buffers: stream.into_iter(), first: None };
        let mut messages = Vec::new();
        while let Some(message) = Self::next(&mut rest)? {
            messages.push(message);
        }
        Ok(messages)
    }

    fn next(rest: &mut Rest) -> Result<Option<Self>, String> {
        let mut buffers = Vec::new();
        let prefix = rest.take(PREFIX_BYTES, &mut buffers);
        if prefix.is_empty() {
            return Ok(None);
        }
        let length: Option<[u8; 4]> = prefix.get(4..PREFIX_BYTES).and_then(|bytes| bytes.try_into().ok());
        let length = length.ok_or("a message that is cut off")?;
        let metadata = rest.take(u32::from_le_bytes(length) as usize, &mut buffers);
        let message = root_as_message(&metadata).map_err(|error| error.to_string())?;
        let kind = message.header_type();
        let body_bytes = usize::try_from(message.bodyLength()).map_err(|error| error.to_string())?;
        rest.skip(body_bytes, &mut buffers);
        Ok(Some(Self { kind, buffers, head_bytes: PREFIX_BYTES + metadata.len(), body_bytes }))
    }

    /// Writes the message.
    ///
    /// # Errors
    /// The refusal of bytes.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.buffers.iter().try_for_each(|buffer| out.write_all(buffer))
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.buffers.iter().flat_map(|buffer| buffer.as_slice()).copied().collect()
    }
}

/// What is left of a stream.
struct Rest {
    buffers: std::vec::IntoIter<Buffer>,
    /// What is left of the buffer in progress.
    first: Option<Buffer>,
}

impl Rest {
    /// Moves `bytes` bytes, or as many as there are, to `taken`, and returns a copy of them.
    fn take(&mut self, bytes: usize, taken: &mut Vec<Buffer>) -> Vec<u8> {
        let from = taken.len();
        self.skip(bytes, taken);
        taken[from..].iter().flat_map(|buffer| buffer.as_slice()).copied().collect()
    }

    /// Moves `bytes` bytes, or as many as there are, to `taken`.
    fn skip(&mut self, mut bytes: usize, taken: &mut Vec<Buffer>) {
        while bytes > 0 {
            let Some(buffer) = self.first.take().or_else(|| self.buffers.next()) else { return };
            let cut = bytes.min(buffer.len());
            if cut < buffer.len() {
                self.first = Some(buffer.slice(cut));
            }
            taken.push(buffer.slice_with_length(0, cut));
            bytes -= cut;
        }
    }
}
