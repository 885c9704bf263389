//! A short turn alone in the folder.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::Turn;
use crate::{Error, Result};

/// How long a job waits for its turn. Others hold the folder while they look at its names or rename finished
/// files; whoever takes longer is not one of us.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a job waits before it asks again.
const PAUSE: Duration = Duration::from_millis(10);

/// The sole right to take and give names in a folder, among the jobs that ask for it. It ends when the value
/// goes, or the process does.
pub(super) struct FolderLock {
    path: PathBuf,
    /// `None` where a folder cannot be opened as a file: there, only the creation of each file is exclusive.
    folder: Option<File>,
}

impl FolderLock {
    /// Waits for a turn in a folder, which is there.
    ///
    /// # Errors
    /// [`Error::Interrupted`], a folder that another program keeps locked, or the operating system's refusal.
    pub(super) fn wait(path: &Path, stop: &AtomicBool) -> Result<Self> {
        if !cfg!(unix) {
            return Ok(Self { path: path.to_owned(), folder: None });
        }
        let refused = |error| Error::io(path, "lock the folder", error);
        let folder = File::open(path).map_err(refused)?;
        let started = Instant::now();
        while !try_lock(&folder).map_err(refused)? {
            if stop.load(Ordering::Relaxed) {
                return Err(Error::Interrupted);
            }
            if started.elapsed() > PATIENCE {
                let problem = "another program keeps the folder locked: end it, or choose another --out";
                return Err(Error::input(path, problem));
            }
            thread::sleep(PAUSE);
        }
        Ok(Self { path: path.to_owned(), folder: Some(folder) })
    }
}

impl Turn for FolderLock {
    fn sync(&self) -> Result<()> {
        let synced = self.folder.as_ref().map_or(Ok(()), File::sync_all);
        synced.map_err(|error| Error::io(&self.path, "write the folder", error))
    }
}

/// Locks a file unless another handle has locked it; says whether it did. A file system without locks grants
/// all of them: writing there is worth more than the protection from a second run.
///
/// # Errors
/// The operating system's refusal.
pub(super) fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
