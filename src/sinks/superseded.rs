//! What stands in a job's way: files that it would replace, or that a reader of the folder would take for
//! part of it.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use super::layout::{Layout, in_folder};
use super::parts::{part_count, part_of};
use super::storage::{Entry, Storage};
use super::{Job, Manifest, Table};
use crate::{Error, Result, hive};

/// What the name of a manifest begins and ends with.
const MANIFEST: (&str, &str) = ("_manifest", ".json");

/// Files of earlier runs that give way to a job, by their names in the storage.
#[derive(Debug, Default)]
pub(super) struct Superseded {
    /// Manifests, the one that the job will replace among them: none of them is true once the first of the
    /// new files has its name.
    pub manifests: Vec<String>,
    /// Data that the job does not replace by files of the same name.
    pub data: Vec<String>,
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

/// A look through a job's place.
pub(super) struct Look<'a> {
    pub layout: Layout<'a>,
    pub storage: &'a dyn Storage,
    /// Names that an interrupted run of the same job has published: they are in nobody's way.
    pub resumed: HashSet<String>,
    /// Names of files in folders of values that the job has written: only its rows tell them.
    pub written: HashSet<String>,
}

impl Look<'_> {
    /// Finds what gives way to the job, and changes nothing.
    ///
    /// # Errors
    /// The manifest of another dataset; a folder that has one of the names; any file in the way, unless the
    /// job may overwrite.
    pub(super) fn find(&self) -> Result<Superseded> {
        let job = self.layout.job;
        let entries = self.storage.entries("")?;
        let mut found = Superseded::default();
        let old = self.manifests(&entries)?;
        let ours: HashSet<String> = self.layout.file_names().chain(self.written.iter().cloned()).collect();
        for entry in &entries {
            match Relation::of_manifest(&entry.name, job) {
                relation @ (Relation::Same | Relation::OtherCut) => {
                    self.may_replace(&entry.name, entry.is_folder, relation == Relation::Same)?;
                    found.manifests.push(entry.name.clone());
                }
                Relation::Sibling => {}
                // Small files; the tables' files follow, those in the place itself too.
                Relation::Unrelated if ours.contains(&entry.name) => {
                    self.may_replace(&entry.name, entry.is_folder, true)?;
                }
                Relation::Unrelated => {}
            }
        }
        for folder in self.folders() {
            let entries = if folder.is_empty() { entries.clone() } else { self.storage.entries(folder)? };
            for entry in entries {
                self.look_at(folder, folder, &entry, &ours, &mut found)?;
            }
        }
        self.add_of_manifests(&old, &ours, &mut found);
        Ok(found)
    }

    /// The folders of the job's tables.
    fn folders(&self) -> BTreeSet<&str> {
        self.layout.job.tables.iter().map(|table| self.layout.folder(table)).collect()
    }

    /// Looks at an entry of a table's folder, or of a folder of values in it.
    fn look_at(
        &self,
        tables: &str,
        folder: &str,
        entry: &Entry,
        ours: &HashSet<String>,
        found: &mut Superseded,
    ) -> Result<()> {
        let name = in_folder(folder, &entry.name);
        if entry.is_folder && hive::parse(&entry.name).is_some() {
            for entry in self.storage.entries(&name)? {
                self.look_at(tables, &name, &entry, ours, found)?;
            }
            return Ok(());
        }
        let is_ours = ours.contains(&name);
        if is_ours || self.is_in_the_way(tables, &entry.name) {
            self.may_replace(&name, entry.is_folder, is_ours)?;
            found.data.extend((!is_ours).then_some(name));
        }
        Ok(())
    }

    /// Whether a file that the job does not write belongs to one of the tables of this folder, and is of another cut
    /// or of a part that the job writes in another place.
    fn is_in_the_way(&self, folder: &str, name: &str) -> bool {
        let parts = self.layout.job.parts;
        let ending = format!(".{}", self.layout.extension());
        let part = |table: &Table| part_of(name, table.name, &ending);
        let mut tables = self.layout.job.tables.iter().filter(|table| self.layout.folder(table) == folder);
        tables.any(|table| {
            part(table).is_some_and(|(number, count)| {
                count != parts.count() || parts.only().is_none_or(|only| only == number)
            })
        })
    }

    /// Files that the manifests of earlier runs name, and the job does not write: whatever format and layout
    /// they had.
    fn add_of_manifests(&self, old: &[Manifest], ours: &HashSet<String>, found: &mut Superseded) {
        let known: HashSet<String> = found.data.iter().cloned().collect();
        let named = old.iter().flat_map(Manifest::named_files).map(|(name, ..)| name);
        let more = named.filter(|name| !ours.contains(*name) && !known.contains(*name) && is_inside(name));
        found.data.extend(more.map(str::to_owned));
    }

    fn may_replace(&self, name: &str, is_folder: bool, is_ours: bool) -> Result<()> {
        let path = self.storage.locate(name);
        if is_folder {
            return Err(Error::input(&path, "a folder has the name of a file: choose another --out"));
        }
        if self.layout.job.options.overwrite || self.resumed.contains(name) {
            return Ok(());
        }
        Err(in_the_way(path, is_ours))
    }

    /// The manifests that give way to the job. Refuses a folder that holds another dataset, which nobody means
    /// to overwrite, or other parts of another run, which readers of the folder would mix with these. A
    /// manifest that cannot be read protects nothing.
    fn manifests(&self, entries: &[Entry]) -> Result<Vec<Manifest>> {
        let job = self.layout.job;
        let mut old = Vec::new();
        for Entry { name, .. } in entries.iter().filter(|entry| !entry.is_folder) {
            let relation = Relation::of_manifest(name, job);
            if relation == Relation::Unrelated {
                continue;
            }
            let path = self.storage.locate(name);
            let Some(text) = self.storage.read(name)? else { continue };
            let Ok(manifest) = Manifest::parse(&path, &text) else { continue };
            let dataset = &manifest.context.dataset;
            if *dataset != job.context.dataset {
                let dataset = dataset.escape_debug();
                let problem = format!("the folder holds the dataset {dataset}: choose another --out");
                return Err(Error::input(&path, problem));
            }
            let differences = manifest.context.differences(job.context);
            if relation == Relation::Sibling && !differences.is_empty() {
                let differences = differences.join(", ");
                let problem =
                    format!("a part of another run is here, with {differences}: choose another --out");
                return Err(Error::input(&path, problem));
            }
            if relation == Relation::Same && !job.options.overwrite {
                refuse_other_run(path, &manifest.differences(&self.layout.manifest()))?;
            }
            old.extend((relation != Relation::Sibling).then_some(manifest));
        }
        Ok(old)
    }
}

/// Refuses a run that would make other files than those that are there.
fn refuse_other_run(path: PathBuf, differences: &[String]) -> Result<()> {
    if differences.is_empty() {
        return Ok(());
    }
    let differences = differences.join(", ");
    let problem = format!(
        "another run is complete here, with {differences}: choose another --out, or replace it with --overwrite"
    );
    Err(Error::input(path, problem))
}

/// Whether a name of a manifest stays inside the place: what others wrote there is not trusted.
fn is_inside(name: &str) -> bool {
    !name.starts_with('/') && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

fn in_the_way(path: PathBuf, is_ours: bool) -> Error {
    let problem = if is_ours {
        "the file is already there: choose another --out, or replace it with --overwrite"
    } else {
        "the file is of an earlier run that cut the rows into other parts, and readers of the folder would count \
         them too: choose another --out, or remove it with --overwrite"
    };
    Error::input(path, problem)
}
