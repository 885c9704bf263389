//! Files that appear whole: written under another name, synced, then renamed.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Closed, StoredFile, Tally};
use crate::{Error, Result};

/// What the name of a file ends with until it is complete.
pub(super) const UNFINISHED: &str = ".inprogress";

/// What is gathered before the operating system is asked to write it: a row group comes in a few calls.
pub(super) const BUFFER_BYTES: usize = 1 << 20;

/// The same for one of a thousand files that are written side by side.
pub(super) const SMALL_BUFFER_BYTES: usize = 1 << 15;

/// A file in the making. It has its final name only once it is published.
pub(super) struct WholeFile {
    out: BufWriter<File>,
    tally: Tally,
}

impl WholeFile {
    /// Begins a file that will be called `path`. What an interrupted run left in its place is overwritten.
    ///
    /// # Errors
    /// The operating system's refusal.
    pub(super) fn create(path: &Path, buffer_bytes: usize) -> Result<Self> {
        let unfinished = unfinished(path);
        let file =
            File::create(&unfinished).map_err(|error| Error::io(&unfinished, "create the file", error))?;
        Ok(Self { out: BufWriter::with_capacity(buffer_bytes, file), tally: Tally::new() })
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.tally.add(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl StoredFile for WholeFile {
    fn close(mut self: Box<Self>) -> io::Result<Closed> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        Ok(self.tally.closed())
    }
}

/// What a file is called until it is complete.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(UNFINISHED);
    name.into()
}
