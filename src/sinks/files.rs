//! A job that leaves files: nothing in the way, every part written, all of them named at once.

use std::fs;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use super::claim::Claim;
use super::file_output::FileOutput;
use super::folder_lock::FolderLock;
use super::manifest::{self, Manifest};
use super::ordered::{self, Work};
use super::output::FileFormat;
use super::storage::{LocalFolder, Storage};
use super::superseded::{Superseded, written_names};
use super::{Job, Written, whole_file};
use crate::{Error, Result};

/// Writes the job's parts in the format.
///
/// # Errors
/// Files in the way, another run at work on them, the format's own errors, or the operating system's refusals.
pub(super) fn write(job: &Job, extension: &str, format: &dyn FileFormat) -> Result<Written> {
    fs::create_dir_all(job.folder).map_err(|error| Error::io(job.folder, "create the folder", error))?;
    let claim = Claim::new(job, extension)?;
    let storage = LocalFolder::new(job.folder);
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        let output = FileOutput { format, storage: &storage, stem: job.stem, extension };
        let delivered = ordered::write(&[&output], &Work::new(job))?.remove(0);
        let sidecars = job.sidecars_to_write().iter();
        let sidecars = sidecars.map(|sidecar| write_small(&storage, &sidecar.name, &sidecar.content));
        let sidecars = sidecars.collect::<Result<Vec<_>>>()?;
        let path = job.folder.join(job.parts.manifest_name());
        manifest::write(claim.manifest()?, &path, &Manifest::new(job, &delivered.files))?;
        publish(job, extension, &storage)?;
        Ok(Written { rows: delivered.rows, files: delivered.files, sidecars, manifest: Some(path) })
    }));
    if !matches!(outcome, Ok(Ok(_))) {
        written_names(job, extension).for_each(|name| storage.discard(&name));
        claim.abandon();
    }
    outcome.unwrap_or_else(|panic| panic::resume_unwind(panic))
}

/// Writes a small file, which gets its name when it is published.
fn write_small(storage: &dyn Storage, name: &str, content: &[u8]) -> Result<std::path::PathBuf> {
    let path = storage.locate(name);
    let mut file = storage.create(name)?;
    let closed = file.write_all(content).and_then(|()| file.close());
    closed.map_err(|error| Error::io(&path, "write the file", error))?;
    Ok(path)
}

/// Removes the manifests of earlier runs, gives the files their names, removes the data of earlier runs, and
/// lets the manifest appear last: whenever that ends, no manifest stands beside data of another run. All
/// bytes are on disk by now, so that a full disk is met before anything has its name.
fn publish(job: &Job, extension: &str, storage: &dyn Storage) -> Result<()> {
    let turn = FolderLock::wait(job)?;
    // Hours may have passed since the first look.
    let superseded = Superseded::find(job, extension)?;
    remove(&superseded.manifests)?;
    if !superseded.manifests.is_empty() {
        turn.sync(job.folder)?;
    }
    written_names(job, extension).try_for_each(|name| storage.publish(&name))?;
    remove(&superseded.data)?;
    whole_file::publish(&job.folder.join(job.parts.manifest_name()))?;
    turn.sync(job.folder)
}

fn remove(paths: &[impl AsRef<Path>]) -> Result<()> {
    paths.iter().try_for_each(|path| {
        fs::remove_file(path).map_err(|error| Error::io(path, "remove the file of an earlier run", error))
    })
}
