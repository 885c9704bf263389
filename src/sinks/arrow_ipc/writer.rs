//! Encoded chunks into a file or a pipe.

use std::io::{self, Write};

use arrow_ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteOptions, write_message};
use arrow_schema::Schema;

use super::encoder::EncodedBatch;
use super::footer::{Blocks, MAGIC};
use super::message::Message;
use crate::sinks::output::{Encoded, FileWriter, unpack};
use crate::sinks::storage::StoredFile;

/// What a stream ends with: a continuation marker and no metadata.
const END_OF_STREAM: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// Bytes before the first message of a file: the magic, padded so that all bodies are as aligned as they can be.
const FILE_HEAD_BYTES: usize = 64;

/// What is around the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// The magic before them and a footer after them.
    File,
    /// Nothing.
    Stream,
}

/// Appends chunks.
pub(super) struct IpcWriter<'a> {
    schema: &'a Schema,
    framing: Framing,
    out: Box<dyn StoredFile>,
    /// Bytes written.
    end: usize,
    blocks: Blocks,
    /// The dictionaries as written, once there are any.
    dictionaries: Option<Vec<Vec<u8>>>,
}

impl<'a> IpcWriter<'a> {
    /// Begins a file.
    ///
    /// # Errors
    /// The file's refusal of bytes.
    pub(super) fn begin(
        schema: &'a Schema,
        options: &IpcWriteOptions,
        framing: Framing,
        mut out: Box<dyn StoredFile>,
    ) -> io::Result<Self> {
        let mut head = Vec::new();
        if framing == Framing::File {
            head.extend_from_slice(MAGIC);
            head.resize(FILE_HEAD_BYTES, 0);
        }
        let mut tracker = DictionaryTracker::new(false);
        let message = IpcDataGenerator::default().schema_to_bytes_with_dictionary_tracker(
            schema,
            &mut tracker,
            options,
        );
        write_message(&mut head, message, options).map_err(io::Error::other)?;
        out.write_all(&head)?;
        Ok(Self { schema, framing, out, end: head.len(), blocks: Blocks::default(), dictionaries: None })
    }

    fn write(&mut self, message: &Message) -> io::Result<()> {
        message.write(&mut self.out)?;
        self.end += message.head_bytes + message.body_bytes;
        Ok(())
    }

    /// Writes the dictionaries of the first chunk, and holds those of the others against them.
    fn add_dictionaries(&mut self, dictionaries: &[Message]) -> io::Result<()> {
        let bytes: Vec<_> = dictionaries.iter().map(Message::bytes).collect();
        match &self.dictionaries {
            Some(written) if *written == bytes => Ok(()),
            Some(_) => Err(io::Error::other(
                "a column's dictionary is not the same in all batches, and an Arrow file has one for all",
            )),
            None => {
                for dictionary in dictionaries {
                    self.blocks.add_dictionary(self.end, dictionary);
                    self.write(dictionary)?;
                }
                self.dictionaries = Some(bytes);
                Ok(())
            }
        }
    }
}

impl FileWriter for IpcWriter<'_> {
    fn append(&mut self, encoded: Encoded) -> io::Result<()> {
        let EncodedBatch { dictionaries, batch } = unpack(encoded);
        let Some(batch) = batch else { return Ok(()) };
        self.add_dictionaries(&dictionaries)?;
        self.blocks.add_batch(self.end, &batch);
        self.write(&batch)
    }

    fn finish(mut self: Box<Self>) -> io::Result<Box<dyn StoredFile>> {
        self.out.write_all(&END_OF_STREAM)?;
        if self.framing == Framing::File {
            self.out.write_all(&self.blocks.footer(self.schema))?;
        }
        Ok(self.out)
    }
}
