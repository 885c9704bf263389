//! A scenario's claims as Parquet in a folder that is removed afterwards.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tempfile::TempDir;

use crate::datasets::PlannedDataset;
use crate::sinks::{self, FORMATS, Job, Options, Parts, Progress, Table, Target};
use crate::sources::{Columns, Parquet};
use crate::{Error, Result};

/// A bar for each of hundreds of datasets would tell nothing.
struct Silent;

impl Progress for Silent {
    fn places_written(&self, _: u64) {}
}

/// Claims on disk.
pub(super) struct Claims {
    folder: TempDir,
}

impl Claims {
    /// Writes the dataset's main table.
    pub(super) fn write(planned: &PlannedDataset, threads: usize, stop: &AtomicBool) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("driftforge-").tempdir();
        let folder =
            folder.map_err(|error| Error::io(std::env::temp_dir(), "create a temporary folder", error))?;
        let format = &FORMATS[0];
        let targets = [Target::folder(folder.path(), format, format.default_compression())?];
        let (plan, metadata) = (planned.plan(), planned.metadata());
        let job = Job {
            tables: &[Table { name: plan.table(), rows: plan, metadata: &metadata, is_ledger: false }],
            targets: &targets,
            parts: Parts::WHOLE,
            options: Options::with_threads(threads),
            context: &planned.context(),
            sidecars: &[],
            progress: &Silent,
            stop,
        };
        sinks::write(&job)?;
        Ok(Self { folder })
    }

    /// Opens the columns.
    pub(super) fn open(&self, columns: &Columns) -> Result<Parquet> {
        Parquet::open(&[self.folder.path().to_owned()], &Arc::new(columns.clone()))
    }

    /// Removes the folder.
    pub(super) fn close(self) -> Result<()> {
        let path = self.folder.path().to_owned();
        self.folder.close().map_err(|error| Error::io(path, "remove the temporary folder", error))
    }
}
