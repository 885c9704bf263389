//! Rows in Parquet files, ours or anyone's.
//!
//! Row groups are the partitions. Only the needed columns are read, and only from row groups whose
//! statistics allow a row of the wanted days. Footers are read once, when the source is opened.

mod arrow_reader;
mod coded_reader;
mod discover;
mod footer;
mod pages;
mod runs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::columns::Columns;
use super::{Batches, FileFormat, Location, Partition, Source, SourceAbout};
use crate::summaries::{Day, DayRange};
use crate::{Error, Result};
use footer::TableFile;

pub use footer::is_guarded;
pub(crate) use footer::silently;

pub(super) const ABOUT: SourceAbout =
    SourceAbout { name: "parquet", about: "Parquet files, or directories of them" };

/// Parquet files with the columns that are needed.
#[derive(Debug)]
pub struct Parquet {
    files: Vec<TableFile>,
    /// Partition number to file and row group.
    row_groups: Vec<(usize, usize)>,
    row_count: u64,
    metadata: BTreeMap<String, String>,
}

impl Parquet {
    /// Opens files, and directories with all `*.parquet` files in and below them (names that start with
    /// `_` or `.` are left out), and reads their footers. A file that is reached in several ways, by links
    /// too, is read once; a link to a directory is not followed.
    ///
    /// # Errors
    /// [`Error::Io`] for a path that cannot be read; [`Error::Input`] for a directory without Parquet
    /// files, a path or a `*.parquet` entry of a directory that is no regular file (a pipe is not opened),
    /// a file that is no Parquet or a damaged one, a column that is missing, there twice or of a wrong
    /// type, and for no rows at all.
    pub fn open(paths: &[PathBuf], columns: &Arc<Columns>) -> Result<Self> {
        let paths = discover::files(paths)?;
        let files: Vec<TableFile> =
            paths.iter().map(|path| TableFile::open(path, columns)).collect::<Result<_>>()?;
        let numbered = files.iter().enumerate();
        let row_groups =
            numbered.flat_map(|(file, table)| (0..table.row_groups().len()).map(move |g| (file, g)));
        let row_groups = row_groups.collect();
        let row_count = files.iter().flat_map(TableFile::row_groups).map(|group| group.rows).sum();
        if row_count == 0 {
            let place = paths.first().map_or(Path::new("input"), PathBuf::as_path);
            return Err(Error::input(place, "the dataset has no rows; at least one is needed"));
        }
        let metadata = agreed_metadata(&files);
        Ok(Self { files, row_groups, row_count, metadata })
    }

    /// The files that are read, sorted within each directory.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(TableFile::path)
    }
}

impl Source for Parquet {
    fn row_count(&self) -> u64 {
        self.row_count
    }

    fn end(&self) -> Result<Day> {
        let mut end = None;
        for file in &self.files {
            if let Some(last) = file.last_day()? {
                end = end.max(Some(file.reading().day_after(last)?));
            }
        }
        let place = self.paths().next().unwrap_or(Path::new("input"));
        end.ok_or_else(|| Error::input(place, "no row has a time"))
    }

    fn first_day(&self) -> Option<Day> {
        let groups = self.files.iter().flat_map(TableFile::row_groups).filter(|group| group.rows > 0);
        groups.map(|group| group.first_day()).collect::<Option<Vec<Day>>>()?.into_iter().min()
    }

    fn partitions(&self, days: DayRange) -> Vec<Partition> {
        let numbered = self.row_groups.iter().enumerate();
        numbered
            .filter_map(|(index, &(file, group))| {
                let group = self.files[file].row_groups()[group];
                group.may_hold(days).then_some(Partition { index, rows: group.rows })
            })
            .collect()
    }

    fn read(&self, partition: &Partition) -> Result<Batches<'_>> {
        match self.row_groups.get(partition.index) {
            Some(&(file, group)) => self.files[file].read(group),
            None => Ok(Box::new(std::iter::empty())),
        }
    }

    fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    fn location(&self) -> Location<'_> {
        Location::Files(FileFormat::Parquet, self.files.iter().map(TableFile::data_file).collect())
    }
}

/// The metadata entries that every file has with the same value: the parts of one dataset agree.
fn agreed_metadata(files: &[TableFile]) -> BTreeMap<String, String> {
    let mut agreed = files.first().map(TableFile::metadata).unwrap_or_default();
    for file in files.iter().skip(1) {
        let metadata = file.metadata();
        agreed.retain(|key, value| metadata.get(key) == Some(value));
    }
    agreed
}
