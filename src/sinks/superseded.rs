//! What stands in a job's way: files that it would replace, or that a reader of the folder would take for
//! part of it.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::parts::part_count;
use super::{Job, Manifest};
use crate::{Error, Result};

/// What the name of a manifest begins and ends with.
const MANIFEST: (&str, &str) = ("_manifest", ".json");

/// Files of earlier runs that give way to a job.
#[derive(Debug, Default)]
pub(super) struct Superseded {
    /// Manifests, the one that the job will replace among them: none of them is true once the first of the
    /// new files has its name.
    pub manifests: Vec<PathBuf>,
    /// Data that the job does not replace by files of the same name.
    pub data: Vec<PathBuf>,
}

/// How a name that is there relates to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// The job writes a file of this name.
    Same,
    /// It speaks of the same dataset cut in another way.
    OtherCut,
    /// It is the manifest of another part of the same cut, written alone as the job's own.
    Sibling,
    /// None of the job's business.
    Unrelated,
}

impl Relation {
    /// How a name relates to a job, if it is one of a manifest.
    pub(super) fn of_manifest(name: &str, job: &Job) -> Self {
        let is_alone = job.parts.only().is_some() && job.parts.count() > 1;
        match part_count(name, MANIFEST.0, MANIFEST.1) {
            None => Self::Unrelated,
            Some(_) if name == job.parts.manifest_name() => Self::Same,
            Some(count) if is_alone && count == job.parts.count() => Self::Sibling,
            Some(_) => Self::OtherCut,
        }
    }
}

/// An entry of a folder.
pub(super) struct Entry {
    /// Its name.
    pub name: String,
    /// Whether it is a folder itself; a link to one is not.
    pub is_folder: bool,
}

/// The entries of a folder, sorted by name. Names that are not UTF-8 are none of ours.
///
/// # Errors
/// The operating system's refusal.
pub(super) fn entries(folder: &Path) -> Result<Vec<Entry>> {
    let read = || -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            // A file that is gone between the two calls is in nobody's way.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            entries.extend(entry.file_name().into_string().ok().map(|name| Entry { name, is_folder }));
        }
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(entries)
    };
    read().map_err(|error| Error::io(folder, "read the folder", error))
}

impl Superseded {
    /// Looks through the job's folder, and changes nothing.
    ///
    /// # Errors
    /// The manifest of another dataset; a folder that has one of the names; any file in the way, unless the
    /// job may overwrite.
    pub(super) fn find(job: &Job, extension: &str) -> Result<Self> {
        let entries = entries(job.folder)?;
        refuse_other_dataset(job, &entries)?;
        let ours: HashSet<String> = written_names(job, extension).collect();
        let ending = format!(".{extension}");
        let mut found = Self::default();
        for Entry { name, is_folder } in entries {
            let manifest = Relation::of_manifest(&name, job);
            let cut = part_count(&name, job.stem, &ending);
            let is_ours = manifest == Relation::Same || ours.contains(&name);
            let is_of_another_cut =
                manifest == Relation::OtherCut || cut.is_some_and(|count| count != job.parts.count());
            if !is_ours && !is_of_another_cut {
                continue;
            }
            let path = job.folder.join(name);
            if is_folder {
                return Err(Error::input(&path, "a folder has the name of a file: choose another --out"));
            }
            if !job.options.overwrite {
                return Err(in_the_way(&path, is_ours));
            }
            if manifest != Relation::Unrelated {
                found.manifests.push(path);
            } else if !is_ours {
                found.data.push(path);
            }
        }
        Ok(found)
    }
}

/// The names of the data and of the small files that the job writes.
pub(super) fn written_names(job: &Job, extension: &str) -> impl Iterator<Item = String> {
    let data = job.parts.ranges(0).map(move |part| part.file_name(job.stem, extension));
    data.chain(job.sidecars_to_write().iter().map(|sidecar| sidecar.name.clone()))
}

/// Refuses a folder that holds another dataset, which nobody means to overwrite, or other parts of another run,
/// which readers of the folder would mix with these. A manifest that cannot be read protects nothing.
fn refuse_other_dataset(job: &Job, entries: &[Entry]) -> Result<()> {
    for Entry { name, .. } in entries {
        let relation = Relation::of_manifest(name, job);
        if relation == Relation::Unrelated {
            continue;
        }
        let path = job.folder.join(name);
        let Ok(manifest) = Manifest::read(&path) else { continue };
        let dataset = &manifest.context.dataset;
        if *dataset != job.context.dataset {
            let dataset = dataset.escape_debug();
            let problem = format!("the folder holds the dataset {dataset}: choose another --out");
            return Err(Error::input(&path, problem));
        }
        if let (Relation::Sibling, Some(difference)) = (relation, manifest.context.difference(job.context)) {
            let problem = format!("a part of another run is here, with {difference}: choose another --out");
            return Err(Error::input(&path, problem));
        }
    }
    Ok(())
}

fn in_the_way(path: &Path, is_ours: bool) -> Error {
    let problem = if is_ours {
        "the file is already there: choose another --out, or replace it with --overwrite"
    } else {
        "the file is of an earlier run that cut the rows into other parts, and readers of the folder would count \
         them too: choose another --out, or remove it with --overwrite"
    };
    Error::input(path, problem)
}
