//! Real series with the changes that people marked in them: the form of the Turing Change Point Dataset.
//!
//! The form is that of van den Burg and Williams, "An evaluation of change point detection algorithms"
//! (arXiv:2003.06222): a folder with `annotations.json`, which names for each series what each annotator marked, and
//! for each series `NAME.json`, beside it, in a folder of its name, or in `datasets/` as the public repository has it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use driftforge_statistics::change_points::annotations::{MARGIN, agreement, covering};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::over_seeds::OverSeeds;
use crate::{Error, Result};

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// The most series of a folder.
const MAX_SERIES: usize = 10_000;
/// The most values of a series, over all its dimensions.
const MAX_VALUES: usize = 4_000_000;

/// The file with what annotators marked.
const ANNOTATIONS: &str = "annotations.json";

/// A series of a folder, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledSeries {
    /// Its name, which is that of its file.
    pub name: String,
    /// What it is.
    pub long_name: String,
    /// The values of each dimension, all equally many; `None` where one is missing.
    pub dimensions: Vec<Vec<Option<f64>>>,
    /// For each annotator the first values after the changes, counted from 0, in rising order.
    pub marked: Vec<Vec<usize>>,
}

/// The series of a folder.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledFolder {
    /// The series that are there, in the order of their names.
    pub series: Vec<LabelledSeries>,
    /// Names of annotated series without a file: some of the published ones may not be passed on.
    pub left_out: Vec<String>,
}

/// How found changes agree with what annotators marked in one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesScore {
    /// The series.
    pub series: String,
    /// F1 with a margin of 5 values.
    pub f1: f64,
    /// Covering.
    pub covering: f64,
}

/// A series' file as written. The published ones have more keys; what is not needed is not looked at.
#[derive(Debug, Deserialize)]
struct RawSeries {
    name: String,
    #[serde(default)]
    longname: String,
    n_obs: usize,
    n_dim: usize,
    series: Vec<RawDimension>,
}

#[derive(Debug, Deserialize)]
struct RawDimension {
    raw: Vec<Option<f64>>,
}

impl LabelledFolder {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`Error::Io`] when a file cannot be read, [`Error::Input`] with the file and the place in it when it is no
    /// JSON of this form, too large, or contradicts itself; and when no annotated series is there at all.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(ANNOTATIONS);
        let marked: BTreeMap<String, BTreeMap<String, Vec<usize>>> = read_json(&path)?;
        if marked.len() > MAX_SERIES {
            let problem = format!("{} series are annotated: at most {MAX_SERIES} are read", marked.len());
            return Err(Error::input(&path, problem));
        }
        let mut found = Self { series: Vec::new(), left_out: Vec::new() };
        for (name, annotators) in marked {
            match file_of(folder, &path, &name)? {
                Some(file) => found.series.push(LabelledSeries::read(&file, &path, name, annotators)?),
                None => found.left_out.push(name),
            }
        }
        if found.series.is_empty() {
            let problem = format!(
                "no annotated series has its file here: NAME.json, NAME/NAME.json or {}",
                "datasets/NAME/NAME.json"
            );
            return Err(Error::input(folder, problem));
        }
        Ok(found)
    }
}

/// Where the file of a series is, if it is there.
fn file_of(folder: &Path, annotations: &Path, name: &str) -> Result<Option<PathBuf>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || !name.chars().all(plain) {
        let problem =
            format!("{:?} is no name of a series: letters, digits, _ and -", name.escape_debug().to_string());
        return Err(Error::input(annotations, problem));
    }
    let file = format!("{name}.json");
    let places =
        [folder.join(&file), folder.join(name).join(&file), folder.join("datasets").join(name).join(&file)];
    Ok(places.into_iter().find(|path| path.is_file()))
}

impl LabelledSeries {
    fn read(
        path: &Path,
        annotations: &Path,
        name: String,
        annotators: BTreeMap<String, Vec<usize>>,
    ) -> Result<Self> {
        let raw: RawSeries = read_json(path)?;
        let refused = |problem: String| Err(Error::input(path, problem));
        if raw.name != name {
            return refused(format!(
                "name is {:?}: the file's name and the annotations say {name:?}",
                raw.name
            ));
        }
        if raw.n_dim == 0 || raw.series.len() != raw.n_dim {
            return refused(format!("n_dim is {}, and there are {} series", raw.n_dim, raw.series.len()));
        }
        if raw.n_obs == 0 || raw.n_obs.saturating_mul(raw.n_dim) > MAX_VALUES {
            return refused(format!(
                "n_obs is {}: 1 to {MAX_VALUES} values over all dimensions are read",
                raw.n_obs
            ));
        }
        if let Some(place) = raw.series.iter().position(|dimension| dimension.raw.len() != raw.n_obs) {
            let found = raw.series[place].raw.len();
            return refused(format!(
                "series {}: n_obs is {}, and raw has {found} values",
                place + 1,
                raw.n_obs
            ));
        }
        let mut marked = Vec::with_capacity(annotators.len());
        for (annotator, mut changes) in annotators {
            changes.sort_unstable();
            changes.dedup();
            if let Some(beyond) = changes.iter().find(|change| **change >= raw.n_obs) {
                let problem = format!(
                    "{name}, annotator {annotator:?}: {beyond} is behind the last of {} values",
                    raw.n_obs
                );
                return Err(Error::input(annotations, problem));
            }
            marked.push(changes);
        }
        if marked.is_empty() {
            return Err(Error::input(annotations, format!("{name} has no annotator")));
        }
        let dimensions = raw.series.into_iter().map(|dimension| dimension.raw).collect();
        Ok(Self { name, long_name: raw.longname, dimensions, marked })
    }

    /// How many values each dimension has.
    #[must_use]
    pub fn length(&self) -> usize {
        self.dimensions.first().map_or(0, Vec::len)
    }

    /// The values of a series of one dimension without missing ones; `None` for any other.
    #[must_use]
    pub fn univariate(&self) -> Option<Vec<f64>> {
        match self.dimensions.as_slice() {
            [values] => values.iter().copied().collect(),
            _ => None,
        }
    }

    /// Scores changes that a method found, given as the first values after them, counted from 0. Without any it is the
    /// zero baseline.
    #[must_use]
    pub fn score(&self, found: &[usize]) -> SeriesScore {
        // A checked series has annotators and values, so that both scores are defined.
        SeriesScore {
            series: self.name.clone(),
            f1: agreement(&self.marked, found, MARGIN).map_or(0.0, |agreement| agreement.f1),
            covering: covering(&self.marked, found, self.length()).unwrap_or(0.0),
        }
    }
}

impl SeriesScore {
    /// The means of F1 and covering over series, with intervals; `None` without series.
    #[must_use]
    pub fn means(scores: &[Self]) -> Option<(OverSeeds, OverSeeds)> {
        let f1 = OverSeeds::of(scores.iter().map(|score| Some(score.f1)))?;
        Some((f1, OverSeeds::of(scores.iter().map(|score| Some(score.covering)))?))
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let file = File::open(path).map_err(|error| Error::io(path, "open the file", error))?;
    let mut bytes = Vec::new();
    let mut limited = file.take(MAX_FILE_BYTES + 1);
    limited.read_to_end(&mut bytes).map_err(|error| Error::io(path, "read the file", error))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Error::input(path, format!("a file has at most {MAX_FILE_BYTES} bytes")));
    }
    serde_json::from_slice(&bytes).map_err(|error| Error::input(path, error.to_string()))
}
