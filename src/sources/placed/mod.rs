//! Rows in files that are read from start to end, CSV, JSON Lines and Arrow IPC, and in files of any format in an object
//! store.
//!
//! Opening reads the times of all rows: so the rows of each piece and the days that it spans are known, and pieces
//! without a wanted day are left out later, whatever their format.

mod parsing;
mod piece;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use super::batch::Reading;
use super::columns::Columns;
use super::{Batches, Location, Partition, Source, SourceAbout};
use crate::places::Place;
use crate::places::data_file::DataFile;
use crate::summaries::{Day, DayRange};
use crate::{Error, Result};
use piece::{Extent, PlacedTable};

pub(super) const ABOUT: SourceAbout = SourceAbout {
    name: "placed",
    about: "CSV, JSON Lines and Arrow IPC files, text with gzip or zstd too, and files of any format in an object store",
};

/// Files with the columns that are needed.
#[derive(Debug)]
pub struct Placed {
    tables: Vec<PlacedTable>,
    /// Partition number to file, piece of it, and what that holds.
    pieces: Vec<(usize, usize, Extent)>,
    metadata: BTreeMap<String, String>,
}

impl Placed {
    /// Opens the data files of places, and reads the times of their rows. Names that start with `_` or `.` are left out.
    ///
    /// # Errors
    /// The places' refusals; [`Error::Input`] for a place without data files, a damaged file, a column that is missing,
    /// there twice or of a wrong type, a time that is none, and for no rows at all.
    pub fn open(places: &[Place], columns: &Arc<Columns>) -> Result<Self> {
        let (mut tables, mut met) = (Vec::new(), HashSet::new());
        for place in places {
            let found = place.files()?;
            let files: Vec<DataFile> = found.iter().filter_map(|file| DataFile::of(file, place)).collect();
            if files.is_empty() {
                let problem = "there is no data file here: *.parquet, *.arrow, *.csv, *.jsonl, the last two also with .gz or .zst";
                return Err(Error::input(place.locate(""), problem));
            }
            for file in files {
                if is_new(place, &file, &mut met)? {
                    tables.push(PlacedTable::open(place, file, columns)?);
                }
            }
        }
        let mut pieces = Vec::new();
        for (number, table) in tables.iter().enumerate() {
            for piece in 0..table.pieces()? {
                pieces.push((number, piece, table.extent(piece)?));
            }
        }
        if pieces.iter().all(|(_, _, extent)| extent.rows == 0) {
            let place = places.first().map_or_else(|| PathBuf::from("input"), |place| place.locate(""));
            return Err(Error::input(place, "the dataset has no rows; at least one is needed"));
        }
        Ok(Self { tables, pieces, metadata: BTreeMap::new() })
    }

    fn extents(&self) -> impl Iterator<Item = (&PlacedTable, &Extent)> {
        self.pieces.iter().map(|(table, _, extent)| (&self.tables[*table], extent))
    }
}

/// Whether a file was not met before, in another way. A file of this machine has to be a regular one: opening a pipe that
/// nobody writes to waits for ever.
fn is_new(place: &Place, file: &DataFile, met: &mut HashSet<PathBuf>) -> Result<bool> {
    let location = place.locate(&file.name);
    if !matches!(place, Place::Folder(_)) {
        return Ok(met.insert(location));
    }
    let kind = fs::metadata(&location).map_err(|error| Error::io(&location, "open it", error))?;
    if !kind.is_file() {
        return Err(Error::input(location, "not a regular file; name a file or a folder of files"));
    }
    let target =
        fs::canonicalize(&location).map_err(|error| Error::io(&location, "resolve the path", error))?;
    Ok(met.insert(target))
}

impl Source for Placed {
    fn row_count(&self) -> u64 {
        self.extents().map(|(_, extent)| extent.rows).sum()
    }

    fn end(&self) -> Result<Day> {
        let last = self.extents().filter_map(|(table, extent)| Some((extent.days?.1, table)));
        match last.max_by_key(|(last, _)| *last) {
            Some((last, table)) => {
                Reading { place: table.location(), columns: table.columns() }.day_after(last)
            }
            None => Err(Error::input(self.tables[0].location(), "no row has a time")),
        }
    }

    fn first_day(&self) -> Option<Day> {
        self.extents().filter_map(|(_, extent)| extent.days).map(|(first, _)| first).min()
    }

    fn partitions(&self, days: DayRange) -> Vec<Partition> {
        let numbered = self.pieces.iter().enumerate();
        let wanted = numbered.filter(|(_, (_, _, extent))| extent.may_hold(days));
        wanted.map(|(index, (_, _, extent))| Partition { index, rows: extent.rows }).collect()
    }

    fn read(&self, partition: &Partition) -> Result<Batches<'_>> {
        match self.pieces.get(partition.index) {
            Some(&(table, piece, _)) => self.tables[table].read(piece),
            None => Ok(Box::new(std::iter::empty())),
        }
    }

    fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    fn location(&self) -> Location<'_> {
        Location::Stream
    }
}

#[cfg(test)]
mod tests;
