//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Writes the file `path`, replacing what was there.
///
/// The content is written beside it as `<name>.inprogress`, synchronised and then renamed, so that under `path` there is a
/// whole file at any time.
///
/// # Errors
/// [`Error::Input`] when `path` names something other than a regular file, [`Error::Io`] when the system
/// refuses to create, write or rename; the unfinished file is then removed.
pub(crate) fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let path = &regular_file(path)?;
    let unfinished = unfinished(path);
    let saved = write_synchronised(&unfinished, content).and_then(|()| {
        fs::rename(&unfinished, path).map_err(|error| Error::io(path, "replace the file", error))
    });
    if saved.is_err() {
        // The error to report is the first one; that a leftover stays as well would only hide it.
        let _ = fs::remove_file(&unfinished);
    }
    saved
}

/// Finds out whether a file can be written under `path`, before the work whose results it is to keep: an unfinished
/// file is created beside it and removed. What is there stays as it is.
///
/// # Errors
/// Those of [`write`], as far as they show without writing.
pub(crate) fn check_destination(path: &Path) -> Result<PathBuf> {
    let file = regular_file(path)?;
    let unfinished = unfinished(&file);
    File::create(&unfinished).map_err(|error| Error::io(path, "create a file beside it", error))?;
    fs::remove_file(&unfinished).map_err(|error| Error::io(unfinished, "remove the file", error))?;
    Ok(file)
}

fn write_synchronised(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let file = File::create(path).map_err(|error| Error::io(path, "create the file", error))?;
    let mut out = BufWriter::new(file);
    content(&mut out)
        .and_then(|()| out.flush())
        .and_then(|()| out.get_ref().sync_all())
        .map_err(|error| Error::io(path, "write the file", error))
}

/// Where a file is written before it gets the name `path`.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".inprogress");
    path.with_file_name(name)
}

/// The file to write for `path`: itself, or what a link to a file points to.
fn regular_file(path: &Path) -> Result<PathBuf> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => {
            fs::canonicalize(path).map_err(|error| Error::io(path, "resolve the path", error))
        }
        Ok(_) => Err(Error::input(path, "not a regular file; name a file to write")),
        Err(_) if path.file_name().is_none() => Err(Error::input(path, "no file name; name a file to write")),
        Err(_) => Ok(path.to_owned()),
    }
}
