//! Files that appear whole: written under another name, synced, then renamed.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use crate::{Error, Result};

/// What the name of a file ends with until it is complete.
pub(super) const UNFINISHED: &str = ".inprogress";

/// What is gathered before the operating system is asked to write it: a row group comes in a few calls.
const BUFFER_BYTES: usize = 1 << 20;

/// A file in the making. It has its final name only after [`PendingFile::publish`].
pub(super) struct WholeFile {
    path: PathBuf,
    out: BufWriter<File>,
    digest: Xxh3,
    bytes: u64,
}

/// A complete file, safe on disk, that does not have its final name yet.
pub(super) struct PendingFile {
    /// The final name.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// XXH3-128 of its bytes, as 32 hexadecimal digits.
    pub digest: String,
}

impl WholeFile {
    /// Begins a file that will be called `path`. What an interrupted run left in its place is overwritten.
    ///
    /// # Errors
    /// The operating system's refusal.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let unfinished = unfinished(path);
        let file =
            File::create(&unfinished).map_err(|error| Error::io(&unfinished, "create the file", error))?;
        Ok(Self::over(path, file))
    }

    /// Begins a file that will be called `path` over its unfinished file, which is open and empty.
    pub(super) fn over(path: &Path, file: File) -> Self {
        let out = BufWriter::with_capacity(BUFFER_BYTES, file);
        Self { path: path.to_owned(), out, digest: Xxh3::new(), bytes: 0 }
    }

    /// The final name.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Brings every byte to disk.
    ///
    /// # Errors
    /// The operating system's refusal; the unfinished file is still there then.
    pub(super) fn finish(mut self) -> Result<PendingFile> {
        let synced = self.out.flush().and_then(|()| self.out.get_ref().sync_all());
        synced.map_err(|error| Error::io(&self.path, "write the file", error))?;
        let digest = format!("{:032x}", self.digest.digest128());
        Ok(PendingFile { path: self.path, bytes: self.bytes, digest })
    }

    /// Removes what [`WholeFile::create`] began. An error changes nothing for the caller, who has one already.
    pub(super) fn remove_unfinished(path: &Path) {
        let _ = fs::remove_file(unfinished(path));
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl PendingFile {
    /// Gives the file its final name, in place of any file that has it.
    ///
    /// # Errors
    /// The operating system's refusal.
    pub(super) fn publish(&self) -> Result<()> {
        fs::rename(unfinished(&self.path), &self.path)
            .map_err(|error| Error::io(&self.path, "give the finished file its name", error))
    }
}

/// Writes a small file, which gets its name when it is published.
///
/// # Errors
/// The operating system's refusal; nothing is left then.
pub(super) fn write_pending(path: &Path, content: &[u8]) -> Result<PendingFile> {
    let write = || {
        let mut file = WholeFile::create(path)?;
        file.write_all(content).map_err(|error| Error::io(path, "write the file", error))?;
        file.finish()
    };
    write().inspect_err(|_| WholeFile::remove_unfinished(path))
}

/// What a file is called until it is complete.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(UNFINISHED);
    name.into()
}
