//! Files by their names: which source reads them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::{Columns, Parquet, Placed, Source};
use crate::places::Place;
use crate::places::data_file::{DataFile, Kind};
use crate::{Error, Result};

/// Reading ends with the process: nothing has to be put back.
static NEVER: AtomicBool = AtomicBool::new(false);

/// Opens files and folders of one dataset: names, patterns such as `claims-*.csv`, and addresses of object stores such as
/// `s3://bucket/prefix`. Parquet files of this machine are read by [`Parquet`], everything else by [`Placed`].
///
/// # Errors
/// A pattern that matches nothing or is none, and those of the sources.
pub fn open_files(paths: &[PathBuf], columns: &Arc<Columns>) -> Result<Box<dyn Source>> {
    let mut expanded = Vec::new();
    for path in paths {
        expanded.extend(matching(path)?);
    }
    if expanded.iter().all(|path| is_local_parquet(path)) {
        return Ok(Box::new(Parquet::open(&expanded, columns)?));
    }
    let places: Vec<Place> = expanded.iter().map(|path| place(path)).collect::<Result<_>>()?;
    Ok(Box::new(Placed::open(&places, columns)?))
}

fn is_address(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains("://"))
}

/// The file itself, or the files that a pattern matches, sorted.
fn matching(path: &Path) -> Result<Vec<PathBuf>> {
    let text = path.to_string_lossy();
    if is_address(path) || !text.contains(['*', '?', '[']) || fs::symlink_metadata(path).is_ok() {
        return Ok(vec![path.to_owned()]);
    }
    let refused = |problem: String| Error::input(path, problem);
    let found = glob::glob(&text).map_err(|error| refused(format!("no pattern: {error}")))?;
    let found: Vec<PathBuf> = found.collect::<Result<_, _>>().map_err(|error| refused(error.to_string()))?;
    if found.is_empty() {
        return Err(refused("nothing matches this pattern".to_owned()));
    }
    Ok(found)
}

/// Whether a path is left to the source of Parquet: so is what has no other known name, for the sake of its messages.
fn is_local_parquet(path: &Path) -> bool {
    if is_address(path) {
        return false;
    }
    let place = Place::Folder(path.to_owned());
    let Ok(found) = place.files() else { return true };
    let mut kinds =
        found.iter().filter_map(|file| DataFile::of(file, &place)).map(|file| file.kind).peekable();
    kinds.peek().is_none() || kinds.any(|kind| kind == Kind::Parquet)
}

fn place(path: &Path) -> Result<Place> {
    match path.to_str().filter(|_| is_address(path)) {
        Some(address) => Place::open(address, &NEVER),
        None => Ok(Place::Folder(path.to_owned())),
    }
}
