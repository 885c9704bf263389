//! A job's claim on its names: no other run writes them at the same time.
//!
//! The claim is the lock on the job's unfinished manifest, which is there from the start of the work to its
//! end. One lock stands for all of the job's files, so that the number of parts is not bounded by the number
//! of open files. The operating system drops it with the process: what a killed run left is not locked, and
//! the next run takes it over.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::folder_lock::{FolderLock, try_lock};
use super::job::Job;
use super::superseded::{self, Relation, Superseded};
use super::whole_file::{UNFINISHED, WholeFile, unfinished};
use crate::{Error, Result};

/// The claim of a running job.
pub(super) struct Claim {
    manifest: PathBuf,
    lock: File,
}

impl Claim {
    /// Claims the job's names in its folder, which is there.
    ///
    /// # Errors
    /// Whatever [`look`] finds, or the operating system's refusal; nothing is left then.
    pub(super) fn new(job: &Job, extension: &str) -> Result<Self> {
        let _turn = FolderLock::wait(job)?;
        look(job, extension)?;
        let manifest = job.folder.join(job.parts.manifest_name());
        let path = unfinished(&manifest);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io(&path, "remove what an interrupted run left", error));
            }
            _ => {}
        }
        let created = OpenOptions::new().write(true).create_new(true).open(&path);
        let lock = created.map_err(|error| Error::io(&path, "create the file", error))?;
        let locked = try_lock(&lock).map_err(|error| Error::io(&path, "lock the file", error))?;
        if locked { Ok(Self { manifest, lock }) } else { Err(busy(&path)) }
    }

    /// The manifest in the making, through the handle that holds the lock: on some systems no other may write.
    ///
    /// # Errors
    /// The operating system's refusal.
    pub(super) fn manifest(&self) -> Result<WholeFile> {
        let file =
            self.lock.try_clone().map_err(|error| Error::io(&self.manifest, "open the file", error))?;
        Ok(WholeFile::over(file))
    }

    /// Ends the claim of a job that failed. Its other unfinished files have to be gone: from here on the names
    /// are free.
    pub(super) fn abandon(self) {
        WholeFile::remove_unfinished(&self.manifest);
    }
}

/// Looks whether the job could begin now, and changes nothing: no file in the way, no other run at work.
/// Returns what the job would replace. The caller has the folder to itself.
///
/// # Errors
/// A file in the way, or another run that writes some of the job's names.
fn look(job: &Job, extension: &str) -> Result<Superseded> {
    for entry in superseded::entries(job.folder)? {
        let Some(manifest) = entry.name.strip_suffix(UNFINISHED) else { continue };
        if matches!(Relation::of_manifest(manifest, job), Relation::Same | Relation::OtherCut) {
            refuse_live(&job.folder.join(&entry.name))?;
        }
    }
    Superseded::find(job, extension)
}

/// [`look`] from outside of a run, where the folder need not be there yet.
///
/// # Errors
/// Those of [`look`].
pub(super) fn check(job: &Job, extension: &str) -> Result<()> {
    match fs::metadata(job.folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(job.folder, "read the folder", error)),
        Ok(found) if !found.is_dir() => {
            return Err(Error::input(job.folder, "not a folder: choose another --out"));
        }
        Ok(_) => {}
    }
    let _turn = FolderLock::wait(job)?;
    look(job, extension).map(drop)
}

/// Refuses a file that a run holds.
fn refuse_live(path: &Path) -> Result<()> {
    // With both rights, since some file systems lock through the one and some through the other.
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => {
            opened.map_err(|error| Error::io(path, "look whether another run writes the file", error))?
        }
    };
    let free = try_lock(&file).map_err(|error| Error::io(path, "lock the file", error))?;
    if free { Ok(()) } else { Err(busy(path)) }
}

fn busy(path: &Path) -> Error {
    Error::input(path, "another run is writing this file: wait for it, or choose another --out")
}
