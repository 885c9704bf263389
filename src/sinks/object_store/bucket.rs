//! A connection to an object store, whose calls block.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use object_store::multipart::PartId;
use object_store::path::Path as Key;
use object_store::{ObjectStoreExt, PutMode, PutPayload, RetryConfig, UpdateVersion};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::problem::translate;
use super::scheme::Store;
use super::{Address, FinishedUpload, Upload};
use crate::{Error, Result};

/// Threads that send and receive. They hash and encrypt as well, which one thread does at several hundred
/// megabytes a second.
const NETWORK_THREADS: usize = 2;

/// How often a wait for the network looks whether the user wants to end the run.
const LOOK: Duration = Duration::from_millis(50);

/// How often the first request is tried again: a wrong address should be told in a second, not in minutes.
const FIRST_RETRIES: usize = 2;

/// For calls that clean up behind a run that was stopped.
static NEVER: AtomicBool = AtomicBool::new(false);

/// A place for objects.
#[derive(Clone)]
pub struct Bucket {
    address: Address,
    store: Arc<dyn Store>,
    runtime: Arc<Runtime>,
    stop: &'static AtomicBool,
}

/// An object that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its name below the bucket's prefix.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The store's own mark of the content, where it gives one: an ETag, a generation (Google), or both.
    pub version: Option<UpdateVersion>,
}

/// What a store says of the content that an object has now.
pub(super) fn version_of(e_tag: Option<String>, version: Option<String>) -> Option<UpdateVersion> {
    (e_tag.is_some() || version.is_some()).then_some(UpdateVersion { e_tag, version })
}

impl Bucket {
    /// Connects, and asks for one name to see whether the store answers. Calls end early, with an error, once
    /// `stop` is raised.
    ///
    /// # Errors
    /// Missing credentials or settings, a bucket that is not there, a store that does not answer.
    pub fn connect(address: &Address, stop: &'static AtomicBool) -> Result<Self> {
        let refused = |problem| Error::input(address.to_string(), problem);
        let few = RetryConfig { max_retries: FIRST_RETRIES, ..RetryConfig::default() };
        let first = address.scheme.connect(&address.bucket, few).map_err(refused)?;
        let bucket = Self::over(address, first, stop)?;
        bucket.list_folder("")?;
        let store = address.scheme.connect(&address.bucket, RetryConfig::default()).map_err(refused)?;
        Ok(Self { store, ..bucket })
    }

    /// A bucket over a store that is there already, whatever its address says.
    ///
    /// # Errors
    /// Threads that the operating system refuses.
    pub fn over(address: &Address, store: Arc<dyn Store>, stop: &'static AtomicBool) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(NETWORK_THREADS)
            .thread_name("object-store")
            .enable_all()
            .build()
            .map_err(|error| Error::io(address.to_string(), "start the network threads", error))?;
        Ok(Self { address: address.clone(), store, runtime: Arc::new(runtime), stop })
    }

    /// The same bucket, for calls that are to be done even when the user wants to end the run.
    #[must_use]
    pub fn patient(&self) -> Self {
        Self { stop: &NEVER, ..self.clone() }
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    pub(super) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    pub(super) fn runtime(&self) -> &tokio::runtime::Handle {
        self.runtime.handle()
    }

    /// Waits for an answer, or for the user's wish to end the run.
    pub(super) fn wait<T>(&self, answer: impl Future<Output = object_store::Result<T>>) -> io::Result<T> {
        self.runtime.block_on(async {
            let mut answer = pin!(answer);
            loop {
                match timeout(LOOK, answer.as_mut()).await {
                    Ok(answered) => return answered.map_err(|error| translate(&error)),
                    Err(_) if self.stop.load(Ordering::Relaxed) => {
                        return Err(io::Error::other("interrupted"));
                    }
                    Err(_) => {}
                }
            }
        })
    }

    /// Waits for an answer whether or not the user wants to end the run: for cleaning up.
    pub(super) fn wait_to_the_end<T>(
        &self,
        answer: impl Future<Output = object_store::Result<T>>,
    ) -> io::Result<T> {
        self.runtime.block_on(answer).map_err(|error| translate(&error))
    }

    pub(super) fn key(&self, name: &str) -> Result<Key> {
        self.address
            .key(name)
            .map_err(|_| Error::input(self.address.of(name), "no object can have this name"))
    }

    pub(super) fn failed(&self, name: &str, action: &'static str, error: io::Error) -> Error {
        if self.stop.load(Ordering::Relaxed) {
            return Error::Interrupted;
        }
        Error::io(self.address.of(name), action, error)
    }

    /// Begins an object, which appears when the upload is published.
    ///
    /// # Errors
    /// The store's refusal.
    pub fn begin(&self, name: &str) -> Result<Upload> {
        let key = self.key(name)?;
        let id = self
            .wait(self.store.create_multipart(&key))
            .map_err(|error| self.failed(name, "begin the upload", error))?;
        Ok(Upload::new(self.clone(), name, key, id))
    }

    /// Lets an object appear, in place of any that has its name.
    ///
    /// # Errors
    /// The store's refusal; an upload that the store has dropped in the meantime.
    pub fn publish(&self, upload: &FinishedUpload) -> Result<()> {
        let key = self.key(&upload.name)?;
        let parts: Vec<PartId> =
            upload.parts.iter().map(|part| PartId { content_id: part.clone() }).collect();
        let completed = self.wait(self.store.complete_multipart(&key, &upload.upload_id, parts));
        match completed {
            Ok(_) => Ok(()),
            // An answer that was lost on its way back: the upload is gone because it is complete.
            Err(error) if error.kind() == io::ErrorKind::NotFound => match self.verify(upload) {
                Ok(true) => Ok(()),
                _ => Err(self.failed(&upload.name, "let the finished object appear", error)),
            },
            Err(error) => Err(self.failed(&upload.name, "let the finished object appear", error)),
        }
    }

    /// Takes back an upload that was begun and not published. Whatever goes wrong, the caller can do nothing
    /// more about it: the store's own rules for unfinished uploads will.
    pub fn abandon(&self, name: &str, upload_id: &str) {
        let Ok(key) = self.key(name) else { return };
        let id = upload_id.to_owned();
        let _ = self.wait_to_the_end(self.store.abort_multipart(&key, &id));
    }

    /// Whether the object that is there has the bytes of this upload.
    ///
    /// # Errors
    /// The store's refusal.
    pub fn verify(&self, upload: &FinishedUpload) -> Result<bool> {
        let Some(found) = self.find(&upload.name)? else { return Ok(false) };
        if found.bytes != upload.bytes {
            return Ok(false);
        }
        Ok(self.digest(&upload.name)? == upload.digest)
    }

    /// The object of this name, if there is one.
    ///
    /// # Errors
    /// The store's refusal.
    pub fn find(&self, name: &str) -> Result<Option<StoredObject>> {
        let key = self.key(name)?;
        match self.wait(self.store.head(&key)) {
            Ok(found) => {
                let version = version_of(found.e_tag, found.version);
                Ok(Some(StoredObject { name: name.to_owned(), bytes: found.size, version }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(name, "look for the object", error)),
        }
    }

    /// Writes a small object at once. With a version, only in place of the object that has it; with `Some(None)`, only
    /// where none is. Returns the version that the object has then.
    ///
    /// # Errors
    /// The store's refusal; an object that is not the expected one.
    pub fn put(
        &self,
        name: &str,
        content: Vec<u8>,
        replaces: Option<Option<UpdateVersion>>,
    ) -> Result<Option<UpdateVersion>> {
        let mode = match replaces {
            None => PutMode::Overwrite,
            Some(None) => PutMode::Create,
            Some(Some(version)) => PutMode::Update(version),
        };
        let key = self.key(name)?;
        let payload = PutPayload::from(Bytes::from(content));
        let put = self.wait(self.store.put_opts(&key, payload, mode.into()));
        put.map(|done| version_of(done.e_tag, done.version))
            .map_err(|error| self.failed(name, "write the object", error))
    }

    /// Removes an object; one that is gone already is no error.
    ///
    /// # Errors
    /// The store's refusal.
    pub fn remove(&self, name: &str) -> Result<()> {
        let key = self.key(name)?;
        match self.wait_to_the_end(self.store.delete(&key)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.failed(name, "remove the object", error))
            }
            _ => Ok(()),
        }
    }
}
