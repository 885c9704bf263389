//! An object in the making: parts go out while it is written.

use std::io::{self, Write};

use bytes::Bytes;
use object_store::PutPayload;
use object_store::multipart::PartId;
use object_store::path::Path as Key;
use tokio::task::JoinSet;
use xxhash_rust::xxh3::Xxh3;

use super::Bucket;
use super::problem::translate;

/// The size of the first parts. Stores want at least 5 MiB (Amazon S3 user guide, "multipart upload limits").
const PART_BYTES: usize = 8 << 20;

/// After so many parts they become larger by [`PART_BYTES`]: a store takes at most 10,000 of them (same
/// source), which so hold 440 GB.
const PARTS_OF_ONE_SIZE: usize = 1_000;

/// Bytes that are on their way at a time. A writer that is faster than the network waits here.
const MOST_IN_FLIGHT_BYTES: usize = 4 * PART_BYTES;

/// An object in the making. It has to be ended by [`Upload::finish`] or [`Upload::abandon`].
pub struct Upload {
    bucket: Bucket,
    name: String,
    key: Key,
    id: String,
    buffer: Vec<u8>,
    sent: Sent,
    digest: Xxh3,
    bytes: u64,
}

/// An upload whose parts are all in the store, and which nobody sees yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedUpload {
    /// The object's name below the bucket's prefix.
    pub name: String,
    /// What the store calls the upload.
    pub upload_id: String,
    /// What the store calls its parts, in order.
    pub parts: Vec<String>,
    /// The object's size.
    pub bytes: u64,
    /// XXH3-128 of its bytes, as 32 hexadecimal digits.
    pub digest: String,
}

/// Parts that are on their way, or there.
#[derive(Default)]
struct Sent {
    tasks: JoinSet<(usize, usize, object_store::Result<PartId>)>,
    in_flight_bytes: usize,
    parts: Vec<Option<String>>,
}

impl Upload {
    pub(super) fn new(bucket: Bucket, name: &str, key: Key, id: String) -> Self {
        let (buffer, sent, digest) = (Vec::new(), Sent::default(), Xxh3::new());
        Self { bucket, name: name.to_owned(), key, id, buffer, sent, digest, bytes: 0 }
    }

    /// What the store calls the upload.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The object's name below the bucket's prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Brings every byte to the store.
    ///
    /// # Errors
    /// The store's refusal; the upload is abandoned then.
    pub fn finish(mut self) -> io::Result<FinishedUpload> {
        if let Err(error) = self.send_the_rest() {
            self.abandon();
            return Err(error);
        }
        let parts = self.sent.parts.into_iter().flatten().collect();
        let digest = format!("{:032x}", self.digest.digest128());
        Ok(FinishedUpload { name: self.name, upload_id: self.id, parts, bytes: self.bytes, digest })
    }

    /// Takes the upload back.
    pub fn abandon(mut self) {
        self.sent.tasks.abort_all();
        self.bucket.abandon(&self.name, &self.id);
    }

    fn send_the_rest(&mut self) -> io::Result<()> {
        // An object without bytes is one empty part.
        if !self.buffer.is_empty() || self.sent.parts.is_empty() {
            self.send_part()?;
        }
        while !self.sent.tasks.is_empty() {
            self.take_one()?;
        }
        Ok(())
    }

    fn part_bytes(&self) -> usize {
        PART_BYTES * (1 + self.sent.parts.len() / PARTS_OF_ONE_SIZE)
    }

    /// Sends the buffer, once there is room for it on the way.
    fn send_part(&mut self) -> io::Result<()> {
        let size = self.buffer.len();
        while self.sent.in_flight_bytes > 0 && self.sent.in_flight_bytes + size > MOST_IN_FLIGHT_BYTES {
            self.take_one()?;
        }
        let index = self.sent.parts.len();
        let payload = PutPayload::from(Bytes::from(std::mem::take(&mut self.buffer)));
        let (store, key, id) = (self.bucket.store(), self.key.clone(), self.id.clone());
        let send = async move { (index, size, store.put_part(&key, &id, index, payload).await) };
        self.sent.tasks.spawn_on(send, self.bucket.runtime());
        self.sent.parts.push(None);
        self.sent.in_flight_bytes += size;
        Ok(())
    }

    /// Waits until one of the parts is there.
    fn take_one(&mut self) -> io::Result<()> {
        let tasks = &mut self.sent.tasks;
        let joined = self.bucket.wait(async { Ok(tasks.join_next().await) })?;
        let Some(joined) = joined else { return Ok(()) };
        let (index, size, sent) = joined.map_err(io::Error::other)?;
        let part = sent.map_err(|error| translate(&error))?;
        self.sent.parts[index] = Some(part.content_id);
        self.sent.in_flight_bytes -= size;
        Ok(())
    }
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part_bytes = self.part_bytes();
        if self.buffer.capacity() == 0 && bytes.len() >= part_bytes / 8 {
            self.buffer.reserve_exact(part_bytes);
        }
        let taken = bytes.len().min(part_bytes - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        self.digest.update(&bytes[..taken]);
        self.bytes += taken as u64;
        if self.buffer.len() == part_bytes {
            self.send_part()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
