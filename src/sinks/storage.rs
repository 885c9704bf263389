//! Where files go: a place in which a file appears whole.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use super::whole_file::{self, WholeFile};
use crate::{Error, Result};

/// A place for files. Names are relative to it, with `/` between folders.
///
/// A file is made by [`Storage::create`] and [`StoredFile::close`]; it has its final name from
/// [`Storage::publish`] on, or, where a place cannot rename, from `close` on.
pub(super) trait Storage: Sync {
    /// Where a file is or will be, as messages and summaries show it.
    fn locate(&self, name: &str) -> PathBuf;

    /// Begins a file. What an interrupted run left in its place is overwritten.
    ///
    /// # Errors
    /// The place's refusal.
    fn create(&self, name: &str) -> Result<Box<dyn StoredFile>>;

    /// Gives a closed file its final name, in place of any file that has it.
    ///
    /// # Errors
    /// The place's refusal.
    fn publish(&self, name: &str) -> Result<()>;

    /// Removes a file that is not published, whether or not it is closed. An error changes nothing for the
    /// caller, who has one already.
    fn discard(&self, name: &str);
}

/// A file that is being written to a [`Storage`].
pub(super) trait StoredFile: Write + Send {
    /// Makes every byte safe. A file that is dropped instead never appears.
    ///
    /// # Errors
    /// The place's refusal.
    fn close(self: Box<Self>) -> io::Result<Closed>;
}

/// A file whose bytes are safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Closed {
    /// Its size.
    pub bytes: u64,
    /// XXH3-128 of its bytes, as 32 hexadecimal digits.
    pub digest: String,
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
        Closed { bytes: self.bytes, digest: format!("{:032x}", self.digest.digest128()) }
    }
}

/// A folder of this machine.
pub(super) struct LocalFolder {
    folder: PathBuf,
}

impl LocalFolder {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }
}

impl Storage for LocalFolder {
    fn locate(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn create(&self, name: &str) -> Result<Box<dyn StoredFile>> {
        let path = self.locate(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| Error::io(parent, "create the folder", error))?;
        }
        Ok(Box::new(WholeFile::create(&path)?))
    }

    fn publish(&self, name: &str) -> Result<()> {
        whole_file::publish(&self.locate(name))
    }

    fn discard(&self, name: &str) {
        WholeFile::remove_unfinished(&self.locate(name));
    }
}
