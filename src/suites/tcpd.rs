//! Methods of change points on series that people annotated.

use std::io::{self, Write};
use std::path::Path;

use driftforge_statistics::change_points::{CHANGE_POINTS, Numbers, Series};
use serde::Serialize;

use crate::scores::{LabelledFolder, OverSeeds, SeriesScore, ZERO_BASELINE};
use crate::{Error, Result};

/// Every method on every series of a folder.
#[derive(Debug, Clone, Serialize)]
pub struct SeriesBoard {
    /// Series that were scored: those of one dimension without gaps.
    pub series: usize,
    /// Annotated series without a file, and those of several dimensions or with gaps.
    pub left_out: Vec<String>,
    /// The zero baseline first, then the methods.
    pub rows: Vec<SeriesRow>,
}

/// One method.
#[derive(Debug, Clone, Serialize)]
pub struct SeriesRow {
    /// Its name.
    pub method: String,
    /// Mean F1 with a margin of 5 values, with its interval.
    pub f1: OverSeeds,
    /// Mean covering, with its interval.
    pub covering: OverSeeds,
    /// Each series.
    pub scores: Vec<SeriesScore>,
}

/// Scores every method of change points, with its default parameters on standardised series, on the series in `folder`.
///
/// # Errors
/// [`Error::Input`] and [`Error::Io`] for a folder that has not the form, and when no series can be scored.
pub fn series_board(folder: &Path) -> Result<SeriesBoard> {
    let read = LabelledFolder::read(folder)?;
    let mut left_out = read.left_out.clone();
    let mut usable = Vec::new();
    for series in &read.series {
        match series.univariate().and_then(|values| Numbers::new(values).ok()) {
            Some(numbers) => usable.push((series, Series::Numbers(numbers.standardized()))),
            None => left_out.push(series.name.clone()),
        }
    }
    let row = |method: &str, found: &dyn Fn(&Series) -> Vec<usize>| {
        let scores: Vec<SeriesScore> =
            usable.iter().map(|(series, numbers)| series.score(&found(numbers))).collect();
        let (f1, covering) = SeriesScore::means(&scores)?;
        Some(SeriesRow { method: method.to_owned(), f1, covering, scores })
    };
    let mut rows = vec![row(ZERO_BASELINE, &|_| Vec::new())];
    for kind in CHANGE_POINTS {
        let method = kind.build(&[]).map_err(|problem| Error::input(kind.name, problem.to_string()))?;
        // A series that is too short for a method has no change that it could find.
        rows.push(row(kind.name, &|series| {
            method.find(series).map_or_else(|_| Vec::new(), |found| found.changes)
        }));
    }
    let rows: Option<Vec<SeriesRow>> = rows.into_iter().collect();
    let rows =
        rows.ok_or_else(|| Error::input(folder, "no annotated series of one dimension without gaps"))?;
    Ok(SeriesBoard { series: usable.len(), left_out, rows })
}

impl SeriesBoard {
    /// The table for people.
    ///
    /// # Errors
    /// Whatever `out` refuses.
    pub fn write_table(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{} series, {} left out", self.series, self.left_out.len())?;
        writeln!(out, "{:<22} {:>8} {:>9}", "method", "F1", "covering")?;
        for row in &self.rows {
            writeln!(out, "{:<22} {:>8.3} {:>9.3}", row.method, row.f1.mean, row.covering.mean)?;
        }
        Ok(())
    }
}
