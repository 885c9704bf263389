//! A folder of this machine.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::folder_lock::{FolderLock, try_lock};
use super::whole_file::{BUFFER_BYTES, SMALL_BUFFER_BYTES, WholeFile, unfinished};
use super::{Claimed, Closed, Entry, Found, JournalFile, Storage, StoredFile, Tally, Turn};
use crate::{Error, Result};

/// Bytes that are read at a time for a digest.
const READ_BYTES: usize = 1 << 20;

/// A folder of this machine: files have another name until they are published. A journal is claimed by a lock,
/// which the operating system drops with the process: what a killed run left is free.
pub(in crate::sinks) struct LocalFolder {
    folder: PathBuf,
}

impl LocalFolder {
    pub(in crate::sinks) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }
}

impl Storage for LocalFolder {
    fn locate(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.folder.clone() } else { self.folder.join(name) }
    }

    fn exists(&self) -> Result<bool> {
        match fs::metadata(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::io(&self.folder, "read the folder", error)),
            Ok(found) if found.is_dir() => Ok(true),
            Ok(_) => Err(Error::input(&self.folder, "not a folder: choose another --out")),
        }
    }

    fn prepare(&self) -> Result<()> {
        fs::create_dir_all(&self.folder).map_err(|error| Error::io(&self.folder, "create the folder", error))
    }

    fn turn(&self, stop: &AtomicBool) -> Result<Box<dyn Turn + '_>> {
        Ok(Box::new(FolderLock::wait(&self.folder, stop)?))
    }

    fn claim(&self, name: &str) -> Result<Claimed> {
        let path = self.locate(name);
        let failed = |action| {
            let path = path.clone();
            move |error| Error::io(path, action, error)
        };
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = opened.map_err(failed("create the file"))?;
        if !try_lock(&file).map_err(failed("lock the file"))? {
            return Err(busy(&path));
        }
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(failed("read the file"))?;
        Ok(Claimed { content, journal: Box::new(LocalJournal { path, file }) })
    }

    fn is_claimed(&self, name: &str) -> Result<bool> {
        let path = self.locate(name);
        // With both rights, since some file systems lock through the one and some through the other.
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => {
                opened.map_err(|error| Error::io(&path, "look whether another run writes the file", error))?
            }
        };
        Ok(!try_lock(&file).map_err(|error| Error::io(&path, "lock the file", error))?)
    }

    fn entries(&self, folder: &str) -> Result<Vec<Entry>> {
        let path = self.locate(folder);
        match entries(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            found => found.map_err(|error| Error::io(&path, "read the folder", error)),
        }
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = self.locate(name);
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(|error| Error::io(&path, "read the file", error)),
        }
    }

    fn create(&self, name: &str) -> Result<Box<dyn StoredFile>> {
        self.begin(name, BUFFER_BYTES)
    }

    fn create_among_many(&self, name: &str) -> Result<Box<dyn StoredFile>> {
        self.begin(name, SMALL_BUFFER_BYTES)
    }

    fn find(&self, name: &str, closed: &Closed) -> Result<Found> {
        let path = self.locate(name);
        if has_bytes(&unfinished(&path), closed)? {
            Ok(Found::Pending)
        } else if has_bytes(&path, closed)? {
            Ok(Found::Published)
        } else {
            Ok(Found::Nowhere)
        }
    }

    fn publish(&self, name: &str, _closed: &Closed) -> Result<()> {
        let path = self.locate(name);
        fs::rename(unfinished(&path), &path)
            .map_err(|error| Error::io(&path, "give the finished file its name", error))?;
        // The names in the place itself are synced once for all files, with the turn.
        let folders = path.ancestors().skip(1).take(name.matches('/').count());
        for folder in folders.filter(|_| cfg!(unix)) {
            let synced = File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(|error| Error::io(folder, "write the folder", error))?;
        }
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<()> {
        let path = self.locate(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => {
                removed.map_err(|error| Error::io(&path, "remove the file of an earlier run", error))?;
                self.remove_empty_folders(name);
                Ok(())
            }
        }
    }

    fn discard(&self, name: &str, _closed: Option<&Closed>) {
        let _ = fs::remove_file(unfinished(&self.locate(name)));
        self.remove_empty_folders(name);
    }
}

impl LocalFolder {
    fn begin(&self, name: &str, buffer_bytes: usize) -> Result<Box<dyn StoredFile>> {
        let path = self.locate(name);
        if let Some(parent) = path.parent().filter(|_| name.contains('/')) {
            fs::create_dir_all(parent).map_err(|error| Error::io(parent, "create the folder", error))?;
        }
        Ok(Box::new(WholeFile::create(&path, buffer_bytes)?))
    }

    /// Removes the folders of a file that is gone, from the innermost on, while they are empty. One that
    /// stays is in nobody's way.
    fn remove_empty_folders(&self, name: &str) {
        let mut folder = name;
        while let Some((parent, _)) = folder.rsplit_once('/') {
            if fs::remove_dir(self.locate(parent)).is_err() {
                return;
            }
            folder = parent;
        }
    }
}

fn entries(folder: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A file that is gone between the two calls is in nobody's way.
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        entries.extend(entry.file_name().into_string().ok().map(|name| Entry { name, is_folder }));
    }
    entries.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(entries)
}

/// Whether the file has the size and the digest of the closed one.
///
/// # Errors
/// The operating system's refusal, other than that there is no file.
fn has_bytes(path: &Path, closed: &Closed) -> Result<bool> {
    let read = || -> io::Result<bool> {
        let mut file = File::open(path)?;
        if file.metadata()?.len() != closed.bytes {
            return Ok(false);
        }
        let (mut tally, mut buffer) = (Tally::new(), vec![0; READ_BYTES]);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(tally.closed().xxh3_128 == closed.xxh3_128),
                read => tally.add(&buffer[..read]),
            }
        }
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        read => read.map_err(|error| Error::io(path, "read the file", error)),
    }
}

fn busy(path: &Path) -> Error {
    Error::input(path, "another run is writing here: wait for it, or choose another --out")
}

/// A journal, locked through its open file.
struct LocalJournal {
    path: PathBuf,
    file: File,
}

impl LocalJournal {
    fn failed(&self, error: io::Error) -> Error {
        Error::io(&self.path, "write the file", error)
    }
}

impl JournalFile for LocalJournal {
    fn restart(&mut self, content: &[u8]) -> Result<()> {
        let restarted = self.file.set_len(0).and_then(|()| self.file.rewind());
        restarted.and_then(|()| self.file.write_all(content)).map_err(|error| self.failed(error))
    }

    fn append(&mut self, line: &[u8]) -> Result<()> {
        self.file.write_all(line).and_then(|()| self.file.sync_data()).map_err(|error| self.failed(error))
    }

    fn leave(self: Box<Self>) {}

    fn remove(self: Box<Self>) {
        let _ = fs::remove_file(&self.path);
    }
}
