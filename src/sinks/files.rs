//! A job that leaves files: nothing in the way, every part written, all of them named at once.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use super::claim::Claim;
use super::folder_lock::FolderLock;
use super::manifest::{self, Manifest};
use super::ordered::{self, Work};
use super::parts::Part;
use super::superseded::Superseded;
use super::whole_file::{PendingFile, WholeFile, write_pending};
use super::{Job, Sink, Written, WrittenFile};
use crate::{Error, Result};

/// Writes the job's parts, each through the sink that `sink_of` makes for its path.
///
/// # Errors
/// Files in the way, another run at work on them, the sink's own errors, or the operating system's refusals.
pub(super) fn write<S: Sink<Done = PendingFile>>(
    job: &Job,
    extension: &str,
    sink_of: impl Fn(PathBuf) -> Result<S>,
) -> Result<Written> {
    fs::create_dir_all(job.folder).map_err(|error| Error::io(job.folder, "create the folder", error))?;
    let claim = Claim::new(job, extension)?;
    let mut pending = Vec::new();
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        let written = write_parts(job, extension, sink_of, &mut pending)?;
        let manifest = manifest::write(claim.manifest()?, &Manifest::new(job, &written.files))?;
        publish(job, extension, &pending, &manifest)?;
        Ok(Written { manifest: Some(manifest.path), ..written })
    }));
    if !matches!(outcome, Ok(Ok(_))) {
        pending.iter().for_each(|file| WholeFile::remove_unfinished(&file.path));
        claim.abandon();
    }
    outcome.unwrap_or_else(|panic| panic::resume_unwind(panic))
}

/// Writes every part and the small files, each under its unfinished name.
fn write_parts<S: Sink<Done = PendingFile>>(
    job: &Job,
    extension: &str,
    sink_of: impl Fn(PathBuf) -> Result<S>,
    pending: &mut Vec<PendingFile>,
) -> Result<Written> {
    let mut files = Vec::new();
    for part in job.parts.ranges(job.rows.row_count()) {
        let sink = sink_of(job.folder.join(part.file_name(job.stem, extension)))?;
        let file = ordered::write(&sink, &Work::new(job, &part))?;
        files.push(written_file(&part, &file));
        pending.push(file);
    }
    let mut sidecars = Vec::new();
    for sidecar in job.sidecars_to_write() {
        let path = job.folder.join(&sidecar.name);
        pending.push(write_pending(&path, &sidecar.content)?);
        sidecars.push(path);
    }
    let rows = files.iter().map(|file| file.rows).sum();
    Ok(Written { rows, files, sidecars, manifest: None })
}

/// Removes the manifests of earlier runs, gives the files their names, removes the data of earlier runs, and
/// lets the manifest appear last: whenever that ends, no manifest stands beside data of another run. All
/// bytes are on disk by now, so that a full disk is met before anything has its name.
fn publish(job: &Job, extension: &str, files: &[PendingFile], manifest: &PendingFile) -> Result<()> {
    let turn = FolderLock::wait(job)?;
    // Hours may have passed since the first look.
    let superseded = Superseded::find(job, extension)?;
    remove(&superseded.manifests)?;
    if !superseded.manifests.is_empty() {
        turn.sync(job.folder)?;
    }
    files.iter().try_for_each(PendingFile::publish)?;
    remove(&superseded.data)?;
    manifest.publish()?;
    turn.sync(job.folder)
}

fn remove(paths: &[impl AsRef<Path>]) -> Result<()> {
    paths.iter().try_for_each(|path| {
        fs::remove_file(path).map_err(|error| Error::io(path, "remove the file of an earlier run", error))
    })
}

fn written_file(part: &Part, file: &PendingFile) -> WrittenFile {
    WrittenFile {
        path: file.path.clone(),
        first_row: part.rows.start,
        rows: part.rows.end - part.rows.start,
        bytes: file.bytes,
        digest: file.digest.clone(),
    }
}
