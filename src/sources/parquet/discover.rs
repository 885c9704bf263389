//! Which files a list of paths means.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The files that `paths` name, and the Parquet files in and below the directories that they name.
///
/// A file that is reached in several ways, by links too, is taken once, where it is met first. What is to
/// be read must be a regular file, in a directory too: leaving it out in silence would change the answer.
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
            let problem = "the directory holds no *.parquet file, nor *.csv, *.jsonl or *.arrow (names that start with _ or . \
                           are left out)";
            return Err(Error::input(path, problem));
        }
    }
    without_repeats(found)
}

/// The first path to each file, all of them regular files.
fn without_repeats(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    let mut met = HashSet::new();
    let mut kept = Vec::with_capacity(paths.len());
    for path in paths {
        // Asked before anything is opened: opening a pipe that nobody writes to waits for ever.
        let kind = fs::metadata(&path).map_err(|error| Error::io(&path, "open it", error))?;
        if !kind.is_file() {
            let problem = "not a regular file; Parquet is read from its end, so pipes, devices, sockets and \
                           links to directories cannot be used: name a file or a directory of files";
            return Err(Error::input(path, problem));
        }
        let target = fs::canonicalize(&path).map_err(|error| Error::io(&path, "resolve the path", error))?;
        if met.insert(target) {
            kept.push(path);
        }
    }
    Ok(kept)
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

    #[test]
    fn a_file_reached_twice_is_read_once() {
        let directory = tempfile::tempdir().unwrap();
        let (root, claims) = (directory.path(), directory.path().join("b.parquet"));
        for name in ["a.parquet", "b.parquet"] {
            fs::write(root.join(name), "").unwrap();
        }
        fs::create_dir(root.join("below")).unwrap();
        let roundabout = root.join("below").join("..").join("b.parquet");
        let named = [claims.clone(), root.to_owned(), roundabout, root.to_owned()];
        assert_eq!(files(&named).unwrap(), [claims, root.join("a.parquet")]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_the_file_that_it_leads_to() {
        let directory = tempfile::tempdir().unwrap();
        let (claims, link) = (directory.path().join("a.parquet"), directory.path().join("b.parquet"));
        fs::write(&claims, "").unwrap();
        std::os::unix::fs::symlink(&claims, &link).unwrap();
        assert_eq!(files(&[directory.path().to_owned()]).unwrap(), [claims]);
        assert_eq!(files(std::slice::from_ref(&link)).unwrap(), [link]);
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_read() {
        let directory = tempfile::tempdir().unwrap();
        let (pipe, link) = (directory.path().join("pipe.parquet"), directory.path().join("link.parquet"));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success(), "mkfifo failed");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for path in [&pipe, &link, &PathBuf::from("/dev/null"), &directory.path().to_owned()] {
            let refused = files(std::slice::from_ref(path)).unwrap_err();
            assert!(refused.to_string().contains("not a regular file"), "{refused}");
            assert_eq!(refused.exit_code(), crate::ExitCode::BadInput);
        }
    }
}
