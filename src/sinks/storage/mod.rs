//! Where files go: a place in which a file appears whole.

mod folder_lock;
mod local;
mod whole_file;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

pub(super) use self::local::LocalFolder;
use crate::Result;

/// A place for files. Names are relative to it, with `/` between folders.
///
/// A file is made by [`Storage::create`] and [`StoredFile::close`], and nobody sees it before
/// [`Storage::publish`]: until then, a file of an earlier run under the same name stays what it is.
pub(super) trait Storage: Sync {
    /// Where a file is or will be, as messages and summaries show it; `""` is the place itself.
    fn locate(&self, name: &str) -> PathBuf;

    /// Whether the place is there, so that it can be looked through.
    ///
    /// # Errors
    /// Something that is no place for files.
    fn exists(&self) -> Result<bool>;

    /// Makes the place.
    ///
    /// # Errors
    /// The place's refusal.
    fn prepare(&self) -> Result<()>;

    /// Waits for a short turn alone in the place, for looking at its names and changing them. It ends with
    /// the value.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted), a turn that never comes, or the place's refusal.
    fn turn(&self, stop: &AtomicBool) -> Result<Box<dyn Turn + '_>>;

    /// Claims a name for a journal that a run keeps while it works. Called during a turn.
    ///
    /// # Errors
    /// Another run that holds it, or the place's refusal.
    fn claim(&self, name: &str) -> Result<Claimed>;

    /// Whether a run holds the journal of this name. Called during a turn.
    ///
    /// # Errors
    /// The place's refusal.
    fn is_claimed(&self, name: &str) -> Result<bool>;

    /// The entries of a folder of the place (`""` for the place itself), sorted by name; none when it is not
    /// there. Names that are not UTF-8 are none of ours.
    ///
    /// # Errors
    /// The place's refusal.
    fn entries(&self, folder: &str) -> Result<Vec<Entry>>;

    /// The bytes of a small published file; `None` when there is none.
    ///
    /// # Errors
    /// The place's refusal.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>>;

    /// Begins a file. What an interrupted run left in its place is overwritten.
    ///
    /// # Errors
    /// The place's refusal.
    fn create(&self, name: &str) -> Result<Box<dyn StoredFile>>;

    /// Begins a file that is one of many in the making: it takes little memory until it is closed.
    ///
    /// # Errors
    /// The place's refusal.
    fn create_among_many(&self, name: &str) -> Result<Box<dyn StoredFile>>;

    /// Where the bytes of a file that was closed are now. They are read, unless the place vouches for them.
    ///
    /// # Errors
    /// The place's refusal.
    fn find(&self, name: &str, closed: &Closed) -> Result<Found>;

    /// Gives a closed file its final name, in place of any file that has it.
    ///
    /// # Errors
    /// The place's refusal.
    fn publish(&self, name: &str, closed: &Closed) -> Result<()>;

    /// Removes a published file; one that is gone already is no error.
    ///
    /// # Errors
    /// The place's refusal.
    fn remove(&self, name: &str) -> Result<()>;

    /// Takes back a file that is not published; `closed` if it came so far. An error changes nothing for the
    /// caller, who has one already.
    fn discard(&self, name: &str, closed: Option<&Closed>);
}

/// A turn alone in a [`Storage`].
pub(super) trait Turn {
    /// Makes the names safe, so far as the place does not do that by itself.
    ///
    /// # Errors
    /// The place's refusal.
    fn sync(&self) -> Result<()>;
}

/// A claim that was granted.
pub(super) struct Claimed {
    /// The journal, empty or as a run that did not end left it.
    pub content: Vec<u8>,
    pub journal: Box<dyn JournalFile>,
}

/// A small file that only grows, under the claim of the run that keeps it.
pub(super) trait JournalFile: Send {
    /// Writes the content anew.
    ///
    /// # Errors
    /// The place's refusal.
    fn restart(&mut self, content: &[u8]) -> Result<()>;

    /// Adds a line, which is safe then.
    ///
    /// # Errors
    /// The place's refusal.
    fn append(&mut self, line: &[u8]) -> Result<()>;

    /// Ends the claim and leaves the journal to the next run.
    fn leave(self: Box<Self>);

    /// Ends the claim and removes the journal. Called during a turn, if there can be one.
    fn remove(self: Box<Self>);
}

/// A file that is being written to a [`Storage`].
pub(super) trait StoredFile: Write + Send {
    /// Makes every byte safe. A file that is dropped instead never appears.
    ///
    /// # Errors
    /// The place's refusal.
    fn close(self: Box<Self>) -> io::Result<Closed>;
}

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name in the folder.
    pub name: String,
    /// Whether it is a folder itself; a link to one is not.
    pub is_folder: bool,
}

/// A file whose bytes are safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Closed {
    /// Its size.
    pub bytes: u64,
    /// XXH3-128 of its bytes, as 32 hexadecimal digits.
    pub xxh3_128: String,
    /// What the place wants to be told when the file is published, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// Where the bytes of a closed file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Waiting to be published.
    Pending,
    /// Under the final name.
    Published,
    /// Nowhere, or changed.
    Nowhere,
}

/// The size and the digest of bytes that pass by.
pub(super) struct Tally {
    digest: Xxh3,
    bytes: u64,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self { digest: Xxh3::new(), bytes: 0 }
    }

    /// Takes note of bytes that were written.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    pub(super) fn closed(&self) -> Closed {
        Closed { bytes: self.bytes, xxh3_128: format!("{:032x}", self.digest.digest128()), ticket: None }
    }
}
