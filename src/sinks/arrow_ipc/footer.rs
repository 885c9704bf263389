//! The footer of an IPC file: where each dictionary and each batch begins.

use arrow_ipc::convert::IpcSchemaEncoder;
use arrow_ipc::writer::DictionaryTracker;
use arrow_ipc::{Block, FooterBuilder, MetadataVersion};
use arrow_schema::Schema;

use super::message::Message;

/// What an IPC file begins and ends with.
pub(super) const MAGIC: &[u8; 6] = b"ARROW1";

/// The messages of a file, by where they begin.
#[derive(Default)]
pub(super) struct Blocks {
    dictionaries: Vec<Block>,
    batches: Vec<Block>,
}

impl Blocks {
    /// Takes note of a dictionary that begins at this byte of the file.
    pub(super) fn add_dictionary(&mut self, start: usize, message: &Message) {
        self.dictionaries.push(block(start, message));
    }

    /// Takes note of a record batch that begins at this byte of the file.
    pub(super) fn add_batch(&mut self, start: usize, message: &Message) {
        self.batches.push(block(start, message));
    }

    /// The footer, its length and the magic that a file ends with.
    pub(super) fn footer(&self, schema: &Schema) -> Vec<u8> {
        // The tracker numbers the dictionaries as it did for the messages.
        let mut tracker = DictionaryTracker::new(false);
        // A builder, whose crate is arrow-ipc's dependency and none of ours; emptied of the schema it came with.
        let mut builder = IpcSchemaEncoder::new().schema_to_fb(&Schema::empty());
        builder.reset();
        let dictionaries = builder.create_vector(&self.dictionaries);
        let batches = builder.create_vector(&self.batches);
        let mut encoder = IpcSchemaEncoder::new().with_dictionary_tracker(&mut tracker);
        let schema = encoder.schema_to_fb_offset(&mut builder, schema);
        let mut footer = FooterBuilder::new(&mut builder);
        footer.add_version(MetadataVersion::V5);
        footer.add_schema(schema);
        footer.add_dictionaries(dictionaries);
        footer.add_recordBatches(batches);
        let footer = footer.finish();
        builder.finish(footer, None);
        let bytes = builder.finished_data();
        [bytes, &(bytes.len() as u32).to_le_bytes(), MAGIC].concat()
    }
}

fn block(start: usize, message: &Message) -> Block {
    Block::new(start as i64, message.head_bytes as i32, message.body_bytes as i64)
}
