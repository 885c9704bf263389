//! What the manifests say is there, and what is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Problem, Task};
use crate::datasets::{Dataset, PlannedDataset};
use crate::places::{FoundFile, Place};
use crate::sinks::{self, Manifest, ManifestFile, ManifestTable, PartitionBy};
use crate::{Error, Result};

/// What the names of manifests begin and end with.
const MANIFEST: (&str, &str) = ("_manifest", ".json");

/// The manifests of a place, and its files.
pub(super) struct Inventory {
    /// One, or one for each part that was written alone. All are of one dataset.
    manifests: Vec<Manifest>,
    found: BTreeMap<String, u64>,
    /// The names of the manifests' files, in their order.
    positions: BTreeMap<String, usize>,
}

impl Inventory {
    /// Reads the manifests and lists the files.
    pub(super) fn take(place: &Place) -> Result<Self> {
        let files = place.files()?;
        let is_manifest =
            |name: &str| !name.contains('/') && name.starts_with(MANIFEST.0) && name.ends_with(MANIFEST.1);
        let names: Vec<&str> =
            files.iter().map(|file| file.name.as_str()).filter(|name| is_manifest(name)).collect();
        if names.is_empty() {
            return Err(Error::input(place.locate(""), no_manifest(&files)));
        }
        let mut manifests: Vec<Manifest> = Vec::new();
        for name in names {
            let manifest = Manifest::parse(&place.locate(name), &place.read(name)?)?;
            if manifests.first().is_some_and(|first| first.context != manifest.context) {
                let problem = "the manifests here are of different runs: remove the files of one of them";
                return Err(Error::input(place.locate(name), problem));
            }
            manifests.push(manifest);
        }
        let names = manifests.iter().flat_map(Manifest::files).map(|file| file.name.clone());
        let positions = names.enumerate().map(|(position, name)| (name, position)).collect();
        let found = files.into_iter().map(|file| (file.name, file.bytes)).collect();
        Ok(Self { manifests, found, positions })
    }

    /// The dataset, as it was planned when the files were written.
    pub(super) fn planned(&self) -> Result<PlannedDataset> {
        Dataset::of_context(&self.manifests[0].context)
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &ManifestTable> {
        self.manifests[0].tables.iter()
    }

    /// All files, each with its table.
    pub(super) fn files(&self) -> impl Iterator<Item = (&ManifestTable, &ManifestFile)> {
        let tables = self.manifests.iter().flat_map(|manifest| &manifest.tables);
        tables.flat_map(|table| table.files.iter().map(move |file| (table, file)))
    }

    /// The files' format and compression.
    pub(super) fn format(&self) -> (&str, &str) {
        (&self.manifests[0].format, &self.manifests[0].compression)
    }

    /// The columns whose values name folders.
    pub(super) fn partition_by(&self, task: &Task) -> Result<PartitionBy> {
        let Some(text) = &self.manifests[0].partition_by else { return Ok(PartitionBy::default()) };
        let unknown = |problem| format!("the manifest has partition_by {:?}: {problem}", text.escape_debug());
        text.parse().map_err(|problem: String| Error::input(task.place.locate(""), unknown(problem)))
    }

    /// Where a file stands in the manifests; others come last.
    pub(super) fn position(&self, name: &str) -> usize {
        self.positions.get(name).copied().unwrap_or(usize::MAX)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.found.contains_key(name)
    }

    /// What is wrong from outside. Digests are told of whole verifications: to know them, all bytes are read.
    pub(super) fn findings(&self, task: &Task) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for (name, bytes, digest) in self.manifests.iter().flat_map(Manifest::named_files) {
            let problem = match self.found.get(name) {
                None => Some(Problem::Missing),
                Some(&found) if found != bytes => Some(Problem::Size { expected: bytes, found }),
                Some(_) if task.sample.is_none() && task.place.digest(name)? != digest => {
                    Some(Problem::Digest)
                }
                Some(_) => None,
            };
            findings.extend(problem.map(|problem| Finding::new(name, problem)));
        }
        findings.extend(self.extra_files().map(|name| Finding::new(name, Problem::Extra)));
        Ok(findings)
    }

    /// Files that a reader of the place would take for data of the dataset.
    fn extra_files(&self) -> impl Iterator<Item = &String> {
        let (format, _) = self.format();
        let ending = sinks::format(format).and_then(|format| format.extension).unwrap_or_default();
        let folders: BTreeSet<&str> = self.positions.keys().map(|name| folder(name)).collect();
        self.found.keys().filter(move |name| {
            let file = name.rsplit('/').next().unwrap_or(name);
            let is_data = file.split('.').skip(1).any(|part| part == ending);
            let is_near = folders
                .iter()
                .any(|known| *known == folder(name) || folder(name).starts_with(&format!("{known}/")));
            // A file in the making is nobody's data yet.
            let is_whole = !file.ends_with(".inprogress") && !file.ends_with(".upload");
            is_data && is_near && is_whole && !self.positions.contains_key(*name)
        })
    }
}

fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn no_manifest(files: &[FoundFile]) -> &'static str {
    if files.iter().any(|file| file.name.ends_with(".json.journal")) {
        "a run was interrupted here: end it by its own command, then verify"
    } else {
        "no _manifest.json is here: give the folder or prefix that datagen wrote to"
    }
}
