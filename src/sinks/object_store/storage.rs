//! A bucket as a storage for files.
//!
//! A file is an upload until it is published, and nobody sees it. Beside the upload stands a small object with its
//! id, [`MARK`], so that what a killed run began can be taken back by the next one.
//!
//! A store has no locks that end with a process. The journal is written with a condition, "in place of the one that
//! I wrote last": a run that finds the journal of an equal run takes it over, and the other, if it still lives,
//! ends at its next file.

use std::collections::BTreeMap;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Seek, Write};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use object_store::UpdateVersion;
use serde::{Deserialize, Serialize};

use super::super::storage::{Claimed, Closed, Entry, Found, JournalFile, Storage, StoredFile, Turn};
use super::{Bucket, FinishedUpload, Upload};
use crate::{Error, Result};

/// What the name of an upload's mark ends with, behind the file's name.
const MARK: &str = ".upload";

/// What is gathered of one of many objects before its file takes it.
const SPOOL_BUFFER_BYTES: usize = 1 << 15;

/// A bucket in which files appear whole.
#[derive(Clone)]
pub(in crate::sinks) struct ObjectStorage {
    bucket: Bucket,
    /// The ids of this run's uploads, by the file's name.
    begun: Arc<Mutex<BTreeMap<String, String>>>,
}

/// What the store wants to be told when an upload is published.
#[derive(Serialize, Deserialize)]
struct Ticket {
    upload_id: String,
    parts: Vec<String>,
}

impl Ticket {
    fn of(closed: &Closed) -> Option<Self> {
        serde_json::from_str(closed.ticket.as_deref()?).ok()
    }
}

impl ObjectStorage {
    pub(in crate::sinks) fn new(bucket: Bucket) -> Self {
        Self { bucket, begun: Arc::default() }
    }

    /// Takes back the upload that a run left which was killed.
    fn take_back_marked(&self, name: &str) -> Result<()> {
        if let Some(id) = self.bucket.read(&mark(name))? {
            self.bucket.abandon(name, &String::from_utf8_lossy(&id));
        }
        Ok(())
    }

    /// Begins an upload, and marks it.
    fn begin(&self, name: &str) -> Result<Upload> {
        self.take_back_marked(name)?;
        let upload = self.bucket.begin(name)?;
        self.begun().insert(name.to_owned(), upload.id().to_owned());
        // When this fails the upload is taken back as one of this run's own.
        self.bucket.put(&mark(name), upload.id().as_bytes().to_vec(), None)?;
        Ok(upload)
    }

    /// Takes back this run's own upload. A mark of another run, which has taken this one over, stays.
    fn take_back_own(&self, name: &str, closed: Option<&Closed>) -> Result<()> {
        let begun = self.begun().remove(name);
        let Some(id) = closed.and_then(Ticket::of).map(|ticket| ticket.upload_id).or(begun) else {
            return Ok(());
        };
        let bucket = self.bucket.patient();
        bucket.abandon(name, &id);
        let is_own = bucket.read(&mark(name))?.is_some_and(|marked| marked == id.as_bytes());
        if is_own { bucket.remove(&mark(name)) } else { Ok(()) }
    }

    fn begun(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the object of this name has the bytes of the closed file.
    fn is_published(&self, name: &str, closed: &Closed) -> Result<bool> {
        let Some(found) = self.bucket.find(name)? else { return Ok(false) };
        Ok(found.bytes == closed.bytes && self.bucket.digest(name)? == closed.xxh3_128)
    }
}

impl Storage for ObjectStorage {
    fn locate(&self, name: &str) -> PathBuf {
        PathBuf::from(self.bucket.address().of(name))
    }

    /// A prefix is there as soon as its bucket is, which the connection has shown.
    fn exists(&self) -> Result<bool> {
        Ok(true)
    }

    fn prepare(&self) -> Result<()> {
        Ok(())
    }

    /// Nobody can be alone in a bucket: the condition on the journal stands in for turns.
    fn turn(&self, _stop: &AtomicBool) -> Result<Box<dyn Turn + '_>> {
        Ok(Box::new(NoTurn))
    }

    fn claim(&self, name: &str) -> Result<Claimed> {
        let found = self.bucket.find(name)?;
        let mut content = self.bucket.read(name)?.unwrap_or_default();
        // What stands behind the last line is the other run's own sign.
        content.truncate(content.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1));
        let version = found.and_then(|found| found.version);
        let mut journal = ObjectJournal {
            bucket: self.bucket.clone(),
            name: name.to_owned(),
            content: Vec::new(),
            sign: format!("{:016x}", RandomState::new().hash_one(std::process::id())),
            version,
            is_lost: false,
        };
        journal.restart(&content)?;
        Ok(Claimed { content, journal: Box::new(journal) })
    }

    /// Whether a run still lives cannot be told from its journal.
    fn is_claimed(&self, _name: &str) -> Result<bool> {
        Ok(false)
    }

    fn entries(&self, folder: &str) -> Result<Vec<Entry>> {
        let (objects, folders) = self.bucket.list_level(folder)?;
        let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let objects = objects.iter().map(|object| Entry { name: last(&object.name), is_folder: false });
        let folders = folders.iter().map(|folder| Entry { name: last(folder), is_folder: true });
        let mut entries: Vec<Entry> = objects.chain(folders).collect();
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(entries)
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.bucket.read(name)
    }

    fn create(&self, name: &str) -> Result<Box<dyn StoredFile>> {
        Ok(Box::new(ObjectFile(self.begin(name)?)))
    }

    fn create_among_many(&self, name: &str) -> Result<Box<dyn StoredFile>> {
        let file = tempfile::tempfile()
            .map_err(|error| Error::io(std::env::temp_dir(), "create a temporary file", error))?;
        let out = BufWriter::with_capacity(SPOOL_BUFFER_BYTES, file);
        Ok(Box::new(SpooledFile { storage: self.clone(), name: name.to_owned(), out }))
    }

    /// An upload whose mark is there is vouched for by the store: it checks the parts when it is published.
    fn find(&self, name: &str, closed: &Closed) -> Result<Found> {
        let marked = match Ticket::of(closed) {
            Some(ticket) => self.bucket.read(&mark(name))?.filter(|id| id == ticket.upload_id.as_bytes()),
            None => None,
        };
        if self.is_published(name, closed)? {
            // A run that was killed just after the object had appeared left the mark.
            if marked.is_some() {
                self.bucket.remove(&mark(name))?;
            }
            return Ok(Found::Published);
        }
        Ok(if marked.is_some() { Found::Pending } else { Found::Nowhere })
    }

    fn publish(&self, name: &str, closed: &Closed) -> Result<()> {
        let lost = "the store has dropped the upload in the meantime: run the same command again";
        let Some(Ticket { upload_id, parts }) = Ticket::of(closed) else {
            return Err(Error::input(self.locate(name), lost));
        };
        let (bytes, digest) = (closed.bytes, closed.xxh3_128.clone());
        let upload = FinishedUpload { name: name.to_owned(), upload_id, parts, bytes, digest };
        let patient = self.bucket.patient();
        patient.publish(&upload).map_err(|error| match error {
            Error::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Error::io(self.locate(name), "let the object appear", io::Error::other(lost))
            }
            error => error,
        })?;
        patient.remove(&mark(name))
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.bucket.remove(name)
    }

    fn discard(&self, name: &str, closed: Option<&Closed>) {
        let _ = self.take_back_own(name, closed);
    }
}

/// The name of the object that tells of a file's upload.
fn mark(name: &str) -> String {
    format!("{name}{MARK}")
}

/// A turn that excludes nobody.
struct NoTurn;

impl Turn for NoTurn {
    fn sync(&self) -> Result<()> {
        Ok(())
    }
}

/// An object in the making.
struct ObjectFile(Upload);

impl Write for ObjectFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl StoredFile for ObjectFile {
    fn close(self: Box<Self>) -> io::Result<Closed> {
        let FinishedUpload { upload_id, parts, bytes, digest, .. } = self.0.finish()?;
        let ticket = serde_json::to_string(&Ticket { upload_id, parts })?;
        Ok(Closed { bytes, xxh3_128: digest, ticket: Some(ticket) })
    }
}

/// One of many objects in the making. An upload holds several megabytes in memory, so that its bytes wait in a file
/// without a name until they are all there; the system removes that file however the run ends.
struct SpooledFile {
    storage: ObjectStorage,
    name: String,
    out: BufWriter<File>,
}

impl Write for SpooledFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl StoredFile for SpooledFile {
    fn close(mut self: Box<Self>) -> io::Result<Closed> {
        self.out.flush()?;
        let file = self.out.get_mut();
        file.rewind()?;
        let mut upload = ObjectFile(self.storage.begin(&self.name).map_err(io::Error::other)?);
        io::copy(file, &mut upload)?;
        Box::new(upload).close()
    }
}

/// A journal that is written anew, as a whole, under the condition that nobody else has.
struct ObjectJournal {
    bucket: Bucket,
    name: String,
    content: Vec<u8>,
    /// Stands behind the last line and is no line: without it, the journals of two equal runs would be equal, and each
    /// would take the other's for its own.
    sign: String,
    version: Option<UpdateVersion>,
    /// Whether another run has written the journal since.
    is_lost: bool,
}

impl ObjectJournal {
    fn write(&mut self) -> Result<()> {
        let signed = [&self.content, self.sign.as_bytes()].concat();
        let written = self.bucket.put(&self.name, signed.clone(), Some(self.version.clone()));
        self.version = match written {
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
                // A write whose answer was lost is tried again, and then meets itself.
                if self.bucket.read(&self.name)?.as_ref() != Some(&signed) {
                    self.is_lost = true;
                    let problem = "another run is writing here: wait for it, or choose another --out";
                    return Err(Error::input(self.bucket.address().of(&self.name), problem));
                }
                self.bucket.find(&self.name)?.and_then(|found| found.version)
            }
            written => written?,
        };
        Ok(())
    }
}

impl JournalFile for ObjectJournal {
    fn restart(&mut self, content: &[u8]) -> Result<()> {
        self.content = content.to_vec();
        self.write()
    }

    fn append(&mut self, line: &[u8]) -> Result<()> {
        self.content.extend_from_slice(line);
        self.write()
    }

    fn leave(self: Box<Self>) {}

    fn remove(self: Box<Self>) {
        if !self.is_lost {
            // The run has ended either way; a journal that stays makes the next run look again.
            let _ = self.bucket.remove(&self.name);
        }
    }
}
