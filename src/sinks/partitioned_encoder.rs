//! A chunk as one piece for each folder that its rows go to.

use std::collections::BTreeMap;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_select::take::take_record_batch;

use super::file_output::CountedChunk;
use super::output::{Chunk, Encoded, Encoder};
use super::partitioning::Partitioning;
use crate::{Error, Result};

/// Hands the rows of each folder to the format's encoder, folder by folder at the end of the chunk: in memory are
/// the chunk's batches as they came, and one folder's rows once more.
pub(super) struct PartitionedEncoder<'a> {
    encoder: Box<dyn Encoder + 'a>,
    partitioning: &'a Partitioning,
    /// The table's name, for messages.
    table: &'a str,
    batches: Vec<RecordBatch>,
    /// By the names of the folders.
    folders: BTreeMap<String, FolderRows>,
}

/// The rows of a chunk that go to one folder.
struct FolderRows {
    values: Vec<Option<String>>,
    /// The number of a batch, and rows of it.
    rows: Vec<(usize, Vec<u32>)>,
}

/// The piece of a chunk that goes to one folder.
pub(super) struct Piece {
    pub folder: String,
    pub values: Vec<Option<String>>,
    pub counted: CountedChunk,
}

impl<'a> PartitionedEncoder<'a> {
    pub(super) fn new(
        encoder: Box<dyn Encoder + 'a>,
        partitioning: &'a Partitioning,
        table: &'a str,
    ) -> Self {
        Self { encoder, partitioning, table, batches: Vec::new(), folders: BTreeMap::new() }
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), String> {
        let assigned = self.partitioning.assign(batch)?;
        let number = self.batches.len();
        self.batches.push(self.partitioning.kept(batch)?);
        let mut names = Vec::with_capacity(assigned.folders.len());
        let mut distinct: BTreeMap<String, usize> = BTreeMap::new();
        for values in &assigned.folders {
            let next = distinct.len();
            names.push(*distinct.entry(self.partitioning.folder(values)).or_insert(next));
        }
        let mut rows = vec![Vec::new(); distinct.len()];
        for (row, folder) in assigned.rows.iter().enumerate() {
            rows[names[*folder as usize]].push(row as u32);
        }
        for values in assigned.folders {
            let name = self.partitioning.folder(&values);
            let rows = std::mem::take(&mut rows[distinct[&name]]);
            if !rows.is_empty() {
                let folder =
                    self.folders.entry(name).or_insert_with(|| FolderRows { values, rows: Vec::new() });
                folder.rows.push((number, rows));
            }
        }
        Ok(())
    }
}

impl Encoder for PartitionedEncoder<'_> {
    fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.add(batch).map_err(|problem| Error::input(self.table, problem))
    }

    fn end(&mut self, chunk: &Chunk) -> Result<Encoded> {
        let batches = std::mem::take(&mut self.batches);
        let mut pieces = Vec::with_capacity(self.folders.len());
        for (folder, FolderRows { values, rows }) in std::mem::take(&mut self.folders) {
            let mut count = 0;
            for (number, rows) in rows {
                let batch = &batches[number];
                count += rows.len() as u64;
                if rows.len() == batch.num_rows() {
                    self.encoder.push(batch)?;
                    continue;
                }
                let taken = take_record_batch(batch, &UInt32Array::from(rows));
                self.encoder.push(&taken.map_err(|error| Error::input(self.table, error.to_string()))?)?;
            }
            let encoded = self.encoder.end(chunk)?;
            pieces.push(Piece { folder, values, counted: CountedChunk { rows: count, encoded } });
        }
        Ok(Box::new(pieces))
    }
}
