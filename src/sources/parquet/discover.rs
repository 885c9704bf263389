//! Which files a list of paths means.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The files that `paths` name, and the Parquet files in and below the directories that they name.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        let kind = fs::metadata(path).map_err(|error| Error::io(path, "open it", error))?;
        if !kind.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        walk(path, &mut found)?;
        if found.len() == before {
            let problem = "the directory holds no *.parquet file (names that start with _ or . are left out)";
            return Err(Error::input(path, problem));
        }
    }
    Ok(found)
}

/// Adds the Parquet files below `directory`, sorted by name so that a run can be repeated.
fn walk(directory: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let refused = |error| Error::io(directory, "list the directory", error);
    let mut entries: Vec<fs::DirEntry> =
        fs::read_dir(directory).map_err(refused)?.collect::<Result<_, _>>().map_err(refused)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(['_', '.']) {
            continue;
        }
        // A link to a directory is not followed: it may lead back here.
        if entry.file_type().map_err(refused)?.is_dir() {
            walk(&entry.path(), found)?;
        } else if name.ends_with(".parquet") {
            found.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_searched_and_hidden_names_left_out() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for name in ["b.parquet", "a.parquet", "_m.parquet", ".h.parquet", "x.csv", "a.parquet.inprogress"] {
            fs::write(root.join(name), "").unwrap();
        }
        fs::create_dir_all(root.join("year=2026")).unwrap();
        fs::create_dir_all(root.join("_temporary")).unwrap();
        fs::write(root.join("year=2026/c.parquet"), "").unwrap();
        fs::write(root.join("_temporary/d.parquet"), "").unwrap();
        let expected = ["a.parquet", "b.parquet", "year=2026/c.parquet"].map(|name| root.join(name));
        assert_eq!(files(&[root.to_owned()]).unwrap(), expected);
        assert_eq!(files(&[root.join("x.csv")]).unwrap(), [root.join("x.csv")]);
    }

    #[test]
    fn nothing_to_read_is_bad_input() {
        let directory = tempfile::tempdir().unwrap();
        let empty = files(&[directory.path().to_owned()]).unwrap_err();
        assert!(empty.to_string().contains("no *.parquet file"), "{empty}");
        assert_eq!(empty.exit_code(), crate::ExitCode::BadInput);
        let missing = files(&[directory.path().join("gone.parquet")]).unwrap_err();
        assert_eq!(missing.exit_code(), crate::ExitCode::BadInput);
    }
}
