//! Object stores: a folder of files becomes a prefix of objects.
//!
//! [`Address`] is the checked form of `s3://bucket/prefix`; [`SCHEMES`] lists the kinds of store. A
//! [`Bucket`] is a connection to one of them whose calls block. A file is an [`Upload`]: parts go out while it is
//! written, a bounded number of bytes at a time, and the object appears, whole, when the upload is published.
//! Until then nothing is visible, so that what an earlier run left under the same name stays as it is.
//!
//! Credentials come from the environment alone, in the variables that each store's own tools use, and are in
//! no message.

mod address;
mod bucket;
mod problem;
mod reading;
mod scheme;
mod storage;
mod upload;

pub use self::address::{Address, Destination};
pub use self::bucket::{Bucket, StoredObject};
pub use self::scheme::{SCHEMES, Scheme, Store};
pub(super) use self::storage::ObjectStorage;
pub use self::upload::{FinishedUpload, Upload};

#[cfg(test)]
mod tests;
