//! What is in a bucket: names, and bytes of objects.

use std::io;

use object_store::ObjectStoreExt;
use xxhash_rust::xxh3::Xxh3;

use super::bucket::version_of;
use super::{Bucket, StoredObject};
use crate::Result;

/// Bytes that are asked for at a time.
const RANGE_BYTES: u64 = 8 << 20;

impl Bucket {
    /// The objects directly in a folder below the prefix (`""` for the prefix itself), sorted by name.
    ///
    /// # Errors
    /// The store's refusal.
    pub fn list_folder(&self, folder: &str) -> Result<Vec<StoredObject>> {
        Ok(self.list_level(folder)?.0)
    }

    /// All objects below the prefix, sorted by name.
    ///
    /// # Errors
    /// The store's refusal.
    pub fn list(&self) -> Result<Vec<StoredObject>> {
        let mut found = Vec::new();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let (objects, deeper) = self.list_level(&folder)?;
            found.extend(objects);
            folders.extend(deeper);
        }
        found.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(found)
    }

    /// The objects and the folders of a folder, by their names below the prefix.
    pub(super) fn list_level(&self, folder: &str) -> Result<(Vec<StoredObject>, Vec<String>)> {
        let key = self.key(folder)?;
        let prefix = (!key.as_ref().is_empty()).then_some(&key);
        let store = self.store();
        let listed = self
            .wait(store.list_with_delimiter(prefix))
            .map_err(|error| self.failed(folder, "list the objects", error))?;
        let name = |key: &object_store::path::Path| {
            let below = key.as_ref().strip_prefix(self.address().prefix.as_ref());
            below.map(|rest| rest.trim_start_matches('/').to_owned())
        };
        let object = |found: &object_store::ObjectMeta| {
            let name = name(&found.location).filter(|name| !name.is_empty())?;
            let version = version_of(found.e_tag.clone(), found.version.clone());
            Some(StoredObject { name, bytes: found.size, version })
        };
        let mut objects: Vec<StoredObject> = listed.objects.iter().filter_map(object).collect();
        objects.sort_by(|left, right| left.name.cmp(&right.name));
        Ok((objects, listed.common_prefixes.iter().filter_map(name).collect()))
    }

    /// A whole small object; `None` when there is none.
    ///
    /// # Errors
    /// The store's refusal.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let (key, store) = (self.key(name)?, self.store());
        let read = self.wait(async { store.get(&key).await?.bytes().await });
        match read {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(name, "read the object", error)),
        }
    }

    /// A range of an object's bytes. An empty one has none, and nothing is asked of the store: no HTTP range is
    /// empty (RFC 9110, section 14.1.1).
    ///
    /// # Errors
    /// The store's refusal; an object that is not there or shorter.
    pub fn read_range(&self, name: &str, range: std::ops::Range<u64>) -> Result<bytes::Bytes> {
        if range.is_empty() {
            return Ok(bytes::Bytes::new());
        }
        let (key, store) = (self.key(name)?, self.store());
        let read = self.wait(store.get_range(&key, range));
        read.map_err(|error| self.failed(name, "read the object", error))
    }

    /// XXH3-128 of an object's bytes, as 32 hexadecimal digits.
    ///
    /// # Errors
    /// The store's refusal; an object that is not there.
    pub fn digest(&self, name: &str) -> Result<String> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        let size = self.find(name)?.ok_or_else(|| self.failed(name, "read the object", missing()))?.bytes;
        let mut digest = Xxh3::new();
        let mut start = 0;
        while start < size {
            let end = (start + RANGE_BYTES).min(size);
            digest.update(&self.read_range(name, start..end)?);
            start = end;
        }
        Ok(format!("{:032x}", digest.digest128()))
    }
}
