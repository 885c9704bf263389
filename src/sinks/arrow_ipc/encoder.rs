//! A chunk as one record batch.

use arrow_array::{Array, RecordBatch};
use arrow_ipc::MessageHeader;
use arrow_ipc::writer::{IpcWriteOptions, StreamEncoder};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;

use super::message::Message;
use crate::sinks::output::{Chunk, Encoded, Encoder};
use crate::{Error, Result};

/// Bytes that a column's text or entries can have in one record batch: their offsets have 32 bits and a sign.
const MOST_COLUMN_BYTES: usize = i32::MAX as usize;

/// A chunk, encoded: the dictionaries that its batch needs, and the batch.
pub(super) struct EncodedBatch {
    pub dictionaries: Vec<Message>,
    /// `None`: the chunk has no rows.
    pub batch: Option<Message>,
}

/// Encodes chunks.
pub(super) struct BatchEncoder<'a> {
    table: &'a str,
    schema: &'a SchemaRef,
    options: &'a IpcWriteOptions,
    batches: Vec<RecordBatch>,
    /// Bytes that the batches take, by column.
    column_bytes: Vec<usize>,
}

impl<'a> BatchEncoder<'a> {
    pub(super) fn new(table: &'a str, schema: &'a SchemaRef, options: &'a IpcWriteOptions) -> Self {
        Self { table, schema, options, batches: Vec::new(), column_bytes: vec![0; schema.fields().len()] }
    }

    fn unusable(&self, problem: impl ToString) -> Error {
        Error::input(self.table, problem.to_string())
    }

    fn add_bytes(&mut self, batch: &RecordBatch) -> Result<(), String> {
        for (index, column) in batch.columns().iter().enumerate() {
            let bytes = column.to_data().get_slice_memory_size().map_err(|error| error.to_string())?;
            self.column_bytes[index] += bytes;
            if self.column_bytes[index] > MOST_COLUMN_BYTES {
                return Err(format!(
                    "column {}: more than {MOST_COLUMN_BYTES} bytes in a record batch; take fewer --row-group-rows",
                    self.schema.field(index).name()
                ));
            }
        }
        Ok(())
    }

    /// All rows in one batch whose buffers hold nothing else, so that the same rows give the same bytes
    /// however they came.
    fn merge(&mut self) -> Result<RecordBatch, String> {
        // A single batch would be taken as it lies, a slice of something larger; next to an empty one it is copied.
        self.batches.extend(self.batches.first().map(|batch| batch.slice(0, 0)));
        let merged = concat_batches(self.schema, &self.batches).map_err(|error| error.to_string());
        self.batches.clear();
        self.column_bytes.fill(0);
        merged
    }

    /// Ends the chunk in progress.
    pub(super) fn encode(&mut self) -> Result<EncodedBatch, String> {
        let mut encoded = EncodedBatch { dictionaries: Vec::new(), batch: None };
        if self.batches.is_empty() {
            return Ok(encoded);
        }
        let batch = self.merge()?;
        // One for each chunk, so that each brings its dictionaries: any chunk may be the first of a file.
        let stream = StreamEncoder::try_new_with_options(self.schema, self.options.clone());
        let stream =
            stream.and_then(|mut stream| stream.encode(&batch)).map_err(|error| error.to_string())?;
        for message in Message::split(stream)? {
            match message.kind {
                MessageHeader::DictionaryBatch => encoded.dictionaries.push(message),
                MessageHeader::RecordBatch => encoded.batch = Some(message),
                _ => {}
            }
        }
        Ok(encoded)
    }
}

impl Encoder for BatchEncoder<'_> {
    fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_columns() != self.column_bytes.len() {
            let (given, expected) = (batch.num_columns(), self.column_bytes.len());
            return Err(self.unusable(format!("a batch of {given} columns, expected {expected}")));
        }
        if batch.num_rows() > 0 {
            self.add_bytes(batch).map_err(|problem| self.unusable(problem))?;
            self.batches.push(batch.clone());
        }
        Ok(())
    }

    fn end(&mut self, _chunk: &Chunk) -> Result<Encoded> {
        let encoded = self.encode().map_err(|problem| self.unusable(problem))?;
        Ok(Box::new(encoded))
    }
}
