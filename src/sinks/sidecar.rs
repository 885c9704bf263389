//! Small files beside the data.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::Result;

/// A small file that stands beside the data. Its bytes are made once, and only when something is written.
pub struct Sidecar<'a> {
    /// Its name in the folder.
    pub name: String,
    /// Whether it is the dataset's ledger: manifests name it, and a database keeps it with its loads.
    pub is_ledger: bool,
    make: Box<dyn Fn() -> Result<Vec<u8>> + Sync + 'a>,
    made: Mutex<Option<Vec<u8>>>,
}

impl<'a> Sidecar<'a> {
    /// A file of this name with the bytes that `make` gives.
    pub fn new(name: String, make: impl Fn() -> Result<Vec<u8>> + Sync + 'a) -> Self {
        Self { name, is_ledger: false, make: Box::new(make), made: Mutex::new(None) }
    }

    /// The same file, as the dataset's ledger.
    #[must_use]
    pub fn that_is_the_ledger(self) -> Self {
        Self { is_ledger: true, ..self }
    }

    /// Its bytes.
    ///
    /// # Errors
    /// Whatever keeps them from being made.
    pub(super) fn content(&self) -> Result<Vec<u8>> {
        // A panic of another thread leaves it as it was: made or not.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        match &*made {
            Some(content) => Ok(content.clone()),
            None => Ok(made.insert((self.make)()?).clone()),
        }
    }
}

impl fmt::Debug for Sidecar<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sidecar").field("name", &self.name).finish_non_exhaustive()
    }
}
