//! What a run has done so far, so that the same command can go on where it was killed.
//!
//! The journal stands beside the manifest's name. Its first line is the manifest without files, which says
//! what run it is; every further line is one part of one table (or the small files), written when all of its
//! files are closed. A line that was cut off is none.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::manifest::{Manifest, ManifestFile, PartitionValue};
use super::storage::{Closed, Found, JournalFile, Storage};
use super::{ManifestTable, WrittenFile};
use crate::{Error, Result};

/// What the name of a journal ends with, behind the manifest's name.
pub(super) const ENDING: &str = ".journal";

/// One part of one table, complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// `None`: the small files.
    pub table: Option<String>,
    pub part: u32,
    pub files: Vec<ClosedFile>,
}

/// A file of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ClosedFile {
    pub name: String,
    #[serde(default)]
    pub first_place: u64,
    #[serde(default)]
    pub places: u64,
    #[serde(default)]
    pub rows: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partition: Vec<PartitionValue>,
    #[serde(flatten)]
    pub closed: Closed,
}

impl ClosedFile {
    /// The file as it is told of when it is published.
    pub(super) fn written(&self, storage: &dyn Storage) -> WrittenFile {
        WrittenFile {
            path: storage.locate(&self.name),
            name: self.name.clone(),
            places: self.first_place..self.first_place + self.places,
            rows: self.rows,
            bytes: self.closed.bytes,
            digest: self.closed.xxh3_128.clone(),
            partition: self.partition.clone(),
        }
    }
}

/// The journal of a running job.
pub(super) struct Journal {
    file: Box<dyn JournalFile>,
    entries: Vec<Entry>,
    /// Where the entry of a part of a table is; there may be as many as files.
    positions: HashMap<(Option<String>, u32), usize>,
}

impl Journal {
    /// Begins a journal for the run, with the entries that hold from an interrupted one.
    ///
    /// # Errors
    /// The storage's refusal.
    pub(super) fn begin(mut file: Box<dyn JournalFile>, run: &Manifest, entries: Vec<Entry>) -> Result<Self> {
        let mut content = line(run)?;
        for entry in &entries {
            content.extend(line(entry)?);
        }
        file.restart(&content)?;
        let keys = entries.iter().map(|entry| (entry.table.clone(), entry.part));
        let positions = keys.zip(0..).collect();
        Ok(Self { file, entries, positions })
    }

    /// Takes note of a part whose files are closed.
    ///
    /// # Errors
    /// The storage's refusal.
    pub(super) fn add(&mut self, entry: Entry) -> Result<()> {
        self.file.append(&line(&entry)?)?;
        self.positions.insert((entry.table.clone(), entry.part), self.entries.len());
        self.entries.push(entry);
        Ok(())
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a part, if it is complete.
    pub(super) fn entry(&self, table: Option<&str>, part: u32) -> Option<&Entry> {
        self.positions.get(&(table.map(str::to_owned), part)).map(|position| &self.entries[*position])
    }

    /// The closed files, by their names.
    pub(super) fn files(&self) -> HashMap<&str, &Closed> {
        let files = self.entries.iter().flat_map(|entry| &entry.files);
        files.map(|file| (file.name.as_str(), &file.closed)).collect()
    }

    /// Ends the run; the journal stays for the next.
    pub(super) fn leave(self) {
        self.file.leave();
    }

    /// Ends the run, and the journal with it.
    pub(super) fn remove(self) {
        self.file.remove();
    }
}

fn line(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)
        .map_err(|error| Error::io(Path::new(ENDING), "write the journal", error.into()))?;
    line.push(b'\n');
    Ok(line)
}

/// A journal that a run left which did not end.
pub(super) struct Remains {
    /// What run it was; its tables have no files.
    pub run: Manifest,
    pub entries: Vec<Entry>,
}

impl Remains {
    /// Reads a journal; `None` when it says nothing that can be used.
    pub(super) fn parse(content: &[u8]) -> Option<Self> {
        let mut lines = content.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        let run = serde_json::from_slice(lines.next()?).ok()?;
        let entries = lines.map_while(|line| serde_json::from_slice(line).ok()).collect();
        Some(Self { run, entries })
    }

    /// Whether the same job left it.
    pub(super) fn is_of(&self, run: &Manifest) -> bool {
        self.run.context.dataset == run.context.dataset && self.run.differences(run).is_empty()
    }

    /// The names of files that are there as they were closed, under their final names.
    ///
    /// # Errors
    /// The storage's refusal.
    pub(super) fn published(&self, storage: &dyn Storage) -> Result<HashSet<String>> {
        let mut published = HashSet::new();
        for file in self.entries.iter().flat_map(|entry| &entry.files) {
            if storage.find(&file.name, &file.closed)? == Found::Published {
                published.insert(file.name.clone());
            }
        }
        Ok(published)
    }

    /// The entries all of whose files are still there as they were closed; the files of the others are
    /// discarded.
    ///
    /// # Errors
    /// The storage's refusal.
    pub(super) fn verified(self, storage: &dyn Storage) -> Result<Vec<Entry>> {
        let mut verified = Vec::new();
        for entry in self.entries {
            let mut is_whole = true;
            for file in &entry.files {
                is_whole = is_whole && storage.find(&file.name, &file.closed)? != Found::Nowhere;
            }
            if is_whole {
                verified.push(entry);
            } else {
                entry.files.iter().for_each(|file| storage.discard(&file.name, Some(&file.closed)));
            }
        }
        Ok(verified)
    }

    /// Takes back what the run left: its job is another one.
    pub(super) fn discard(self, storage: &dyn Storage) {
        for file in self.entries.iter().flat_map(|entry| &entry.files) {
            storage.discard(&file.name, Some(&file.closed));
        }
    }
}

/// A table of the manifest, from the files of its parts.
pub(super) fn manifest_table(empty: &ManifestTable, files: &[WrittenFile]) -> ManifestTable {
    let file = |file: &WrittenFile| ManifestFile {
        name: file.name.clone(),
        first_place: file.places.start,
        places: file.places.end - file.places.start,
        rows: file.rows,
        bytes: file.bytes,
        xxh3_128: file.digest.clone(),
        partition: file.partition.clone(),
    };
    ManifestTable {
        rows: files.iter().map(|file| file.rows).sum(),
        files: files.iter().map(file).collect(),
        ..empty.clone()
    }
}
