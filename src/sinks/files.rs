//! A job that leaves files: nothing in the way, every part written, all of them named at once.

use std::fs;
use std::path::{Path, PathBuf};

use super::manifest::{self, Manifest};
use super::ordered::{self, Work};
use super::parts::{Part, part_count};
use super::whole_file::{PendingFile, WholeFile, write_pending};
use super::{Job, Sink, Written, WrittenFile};
use crate::{Error, Result};

/// What the name of a manifest begins and ends with.
const MANIFEST: (&str, &str) = ("_manifest", ".json");

/// Writes the job's parts, each through the sink that `sink_of` makes for its path.
///
/// # Errors
/// Files in the way, the sink's own errors, or the operating system's refusals.
pub(super) fn write<S: Sink<Done = PendingFile>>(
    job: &Job,
    extension: &str,
    sink_of: impl Fn(PathBuf) -> Result<S>,
) -> Result<Written> {
    let stale = clear_the_way(job, extension)?;
    fs::create_dir_all(job.folder).map_err(|error| Error::io(job.folder, "create the folder", error))?;
    let mut pending = Vec::new();
    let published = write_parts(job, extension, sink_of, &mut pending)
        .and_then(|(written, manifest)| publish(&pending, &stale, &manifest).map(|()| written))
        .inspect_err(|_| pending.iter().for_each(|file| WholeFile::remove_unfinished(&file.path)))?;
    sync_folder(job.folder)?;
    Ok(published)
}

/// Writes every part and the manifest, each under its unfinished name.
fn write_parts<S: Sink<Done = PendingFile>>(
    job: &Job,
    extension: &str,
    sink_of: impl Fn(PathBuf) -> Result<S>,
    pending: &mut Vec<PendingFile>,
) -> Result<(Written, PendingFile)> {
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
    let path = job.folder.join(job.parts.manifest_name());
    let manifest = manifest::write(&path, &Manifest::new(job, &files))?;
    let rows = files.iter().map(|file| file.rows).sum();
    Ok((Written { rows, files, sidecars, manifest: Some(path) }, manifest))
}

/// Gives the files their names, removes those of an earlier run, and lets the manifest appear last. All
/// bytes are on disk by now, so that a full disk is met before anything has its name.
fn publish(files: &[PendingFile], stale: &[PathBuf], manifest: &PendingFile) -> Result<()> {
    let rename = || {
        files.iter().try_for_each(PendingFile::publish)?;
        for path in stale {
            fs::remove_file(path)
                .map_err(|error| Error::io(path, "remove the file of an earlier run", error))?;
        }
        manifest.publish()
    };
    rename().inspect_err(|_| WholeFile::remove_unfinished(&manifest.path))
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

/// Looks for files that the job would replace, or that a reader of the folder would take for part of it:
/// the same dataset cut into another number of parts. Returns the latter, to be removed at the end.
///
/// # Errors
/// Such a file, unless the job may overwrite.
fn clear_the_way(job: &Job, extension: &str) -> Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(job.folder) else { return Ok(Vec::new()) };
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    let mut ours: Vec<String> = job.parts.ranges(0).map(|part| part.file_name(job.stem, extension)).collect();
    ours.push(job.parts.manifest_name());
    ours.extend(job.sidecars_to_write().iter().map(|sidecar| sidecar.name.clone()));
    let ending = format!(".{extension}");
    let mut stale = Vec::new();
    for name in names {
        let count =
            part_count(&name, job.stem, &ending).or_else(|| part_count(&name, MANIFEST.0, MANIFEST.1));
        let is_of_another_cut = count.is_some_and(|count| count != job.parts.count());
        let is_ours = ours.contains(&name);
        if !is_ours && !is_of_another_cut {
            continue;
        }
        let path = job.folder.join(name);
        if !job.options.overwrite {
            return Err(in_the_way(&path, is_ours));
        }
        if !is_ours {
            stale.push(path);
        }
    }
    Ok(stale)
}

fn in_the_way(path: &Path, is_ours: bool) -> Error {
    let problem = if is_ours {
        "the file is already there: choose another --out, or replace it with --overwrite"
    } else {
        "the file is of an earlier run with another number of parts, and readers of the folder would count its \
         rows too: choose another --out, or remove it with --overwrite"
    };
    Error::input(path, problem)
}

/// Makes the new names safe, too. Only Unix lets a folder be opened for that.
fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| Error::io(folder, "write the folder", error))?;
    }
    Ok(())
}
