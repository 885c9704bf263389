//! Where files are read from: a folder of this machine, or a prefix of an object store.
//!
//! Names are relative to the place, with `/` between folders, as in a manifest.

pub(crate) mod data_file;
mod file;

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use xxhash_rust::xxh3::Xxh3;

use crate::sinks::object_store::{Bucket, Destination};
use crate::{Error, Result};

pub use self::file::PlacedFile;

/// The deepest folder that is looked into: beyond it, links go round in circles.
const DEEPEST: usize = 16;

/// Bytes that are read at a time for a digest.
const READ_BYTES: usize = 1 << 20;

/// A place with files.
#[derive(Clone)]
pub enum Place {
    /// A folder, or a single file, of this machine.
    Folder(PathBuf),
    /// A prefix in an object store, or a single object.
    Objects(Bucket),
}

/// A file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Its name in the place.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

impl Place {
    /// The place that was typed. An object store is connected to; it gives up once `stop` is raised.
    ///
    /// # Errors
    /// What is no address, a folder that is not there, a store that does not answer.
    pub fn open(text: &str, stop: &'static AtomicBool) -> Result<Self> {
        match Destination::parse(text).map_err(|problem| Error::input("address", problem))? {
            Destination::Objects(address) => Ok(Self::Objects(Bucket::connect(&address, stop)?)),
            Destination::Folder(folder) => {
                fs::metadata(&folder).map_err(|error| Error::io(&folder, "read the folder", error))?;
                Ok(Self::Folder(folder))
            }
        }
    }

    /// Where a file is, for messages; `""` is the place itself.
    #[must_use]
    pub fn locate(&self, name: &str) -> PathBuf {
        match self {
            Self::Folder(folder) if name.is_empty() => folder.clone(),
            Self::Folder(folder) => folder.join(name),
            Self::Objects(bucket) => PathBuf::from(bucket.address().of(name)),
        }
    }

    /// All files, those in folders below among them, sorted by name. Names that are not UTF-8 are none of
    /// ours.
    ///
    /// # Errors
    /// The place's refusal.
    pub fn files(&self) -> Result<Vec<FoundFile>> {
        let mut found = match self {
            Self::Folder(folder) => {
                let mut found = Vec::new();
                walk(folder, "", 0, &mut found)
                    .map_err(|error| Error::io(folder, "read the folder", error))?;
                found
            }
            Self::Objects(bucket) => {
                let file = |object: crate::sinks::object_store::StoredObject| FoundFile {
                    name: object.name,
                    bytes: object.bytes,
                };
                let mut objects = bucket.list()?;
                // What was typed may be an object's whole name.
                if objects.is_empty() && bucket.address().has_prefix() {
                    objects.extend(bucket.find("")?);
                }
                objects.into_iter().map(file).collect()
            }
        };
        found.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(found)
    }

    /// The bytes of a small file.
    ///
    /// # Errors
    /// The place's refusal; a file that is not there.
    pub fn read(&self, name: &str) -> Result<Vec<u8>> {
        let mut content = Vec::new();
        let read = self.file(name)?.read_to_end(&mut content);
        read.map_err(|error| Error::io(self.locate(name), "read the file", error))?;
        Ok(content)
    }

    /// Opens a file.
    ///
    /// # Errors
    /// The place's refusal; a file that is not there.
    pub fn file(&self, name: &str) -> Result<PlacedFile> {
        match self {
            Self::Folder(_) => PlacedFile::local(&self.locate(name)),
            Self::Objects(bucket) => PlacedFile::object(bucket, name),
        }
    }

    /// XXH3-128 of a file's bytes, as 32 hexadecimal digits.
    ///
    /// # Errors
    /// The place's refusal; a file that is not there.
    pub fn digest(&self, name: &str) -> Result<String> {
        let mut file = self.file(name)?;
        let mut digest = Xxh3::new();
        let mut buffer = vec![0; READ_BYTES];
        loop {
            let read = file.read(&mut buffer);
            match read.map_err(|error| Error::io(self.locate(name), "read the file", error))? {
                0 => return Ok(format!("{:032x}", digest.digest128())),
                read => digest.update(&buffer[..read]),
            }
        }
    }
}

/// The files below a folder, or the file itself.
fn walk(path: &Path, name: &str, depth: usize, found: &mut Vec<FoundFile>) -> io::Result<()> {
    let metadata = match fs::metadata(path) {
        // A file that is gone between two looks, or a link to nowhere.
        Err(error) if error.kind() == io::ErrorKind::NotFound && depth > 0 => return Ok(()),
        metadata => metadata?,
    };
    if !metadata.is_dir() {
        found.push(FoundFile { name: name.to_owned(), bytes: metadata.len() });
        return Ok(());
    }
    if depth > DEEPEST {
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let Ok(last) = entry.file_name().into_string() else { continue };
        let inner = if name.is_empty() { last } else { format!("{name}/{last}") };
        walk(&entry.path(), &inner, depth + 1, found)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_in_folders_and_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        for name in ["x.csv", "a/y.csv", "a/b/z.csv"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let place = Place::Folder(folder.path().to_owned());
        let names: Vec<String> = place.files().unwrap().into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["a/b/z.csv", "a/y.csv", "x.csv"]);
        assert_eq!(place.read("a/b/z.csv").unwrap(), b"a/b/z.csv");
        let digest = format!("{:032x}", xxhash_rust::xxh3::xxh3_128(b"x.csv"));
        assert_eq!(place.digest("x.csv").unwrap(), digest);
        let alone = Place::Folder(folder.path().join("x.csv"));
        assert_eq!(alone.files().unwrap(), [FoundFile { name: String::new(), bytes: 5 }]);
        assert_eq!(alone.read("").unwrap(), b"x.csv");
        assert!(place.read("none").unwrap_err().to_string().contains("none"));
    }
}
