//! The claims that the runs read, made or opened before the clock starts.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use driftforge_generators::{Plan, Run, Truth};
use rayon::prelude::*;
use tempfile::TempDir;

use super::super::interrupt;
use super::super::progress::RowsBar;
use super::options::{BenchOptions, Data};
use crate::datasets::{BUILT_IN, Dataset as DatasetSpec, PlannedDataset, Provenance};
use crate::measure::{Dataset, Origin, PeakMemory, Setup};
use crate::sinks::{self, FORMATS, Job, Options, Parts, Progress, Receipt, Table, Target};
use crate::sources::{Columns, Memory, Parquet, Source, open_files};
use crate::summaries::{Day, WindowPair};
use crate::{Error, Result};

/// Rows of a batch that is kept in memory.
const BATCH_ROWS: u64 = 65_536;

/// What one case reads.
pub(super) struct Prepared {
    pub(super) source: Box<dyn Source>,
    pub(super) dataset: Dataset,
    pub(super) setup: Setup,
    /// The day that the current window ends before.
    pub(super) as_of: Day,
    pub(super) truth: Option<Truth>,
    /// Removed with everything in it when the case is over.
    pub(super) folder: Option<TempDir>,
}

/// Makes or opens the data of a case.
pub(super) fn prepare(data: &Data, options: &BenchOptions, stop: &AtomicBool) -> Result<Prepared> {
    let started = Instant::now();
    let memory = PeakMemory::start();
    let mut prepared = match data {
        Data::Input(paths) => input(paths, options)?,
        Data::Generated { run, in_memory: false } => generated_parquet(run, options, stop)?,
        Data::Generated { run, in_memory: true } => generated_in_memory(run, options, stop)?,
    };
    prepared.setup.seconds = started.elapsed().as_secs_f64();
    prepared.setup.peak_rss_bytes = memory.finish().map(|peak| peak.rss_bytes);
    Ok(prepared)
}

/// The columns that the detector needs; which days it looks at does not matter to them.
fn columns(options: &BenchOptions) -> Result<Arc<Columns>> {
    let windows = WindowPair::before(Day(0), options.baseline_days, options.current_days)?;
    let plan = options.detector.plan(&options.mapping, windows)?;
    Ok(Arc::new(plan.mapping.columns().clone()))
}

fn input(paths: &[PathBuf], options: &BenchOptions) -> Result<Prepared> {
    let source = open_files(paths, &columns(options)?)?;
    let provenance = Provenance::from_metadata(source.metadata());
    let as_of = match (options.as_of, &provenance) {
        (Some(date), _) => Day::from(date),
        (None, Some(provenance)) => provenance.as_of,
        (None, None) => source.end()?,
    };
    let origin = Origin::Input { paths: paths.iter().map(|path| path.display().to_string()).collect() };
    let dataset = Dataset {
        name: provenance.as_ref().map_or_else(|| "claims".to_owned(), |known| known.dataset.clone()),
        records: source.row_count(),
        digest: provenance.as_ref().map(|known| known.digest.clone()),
        origin,
    };
    let truth = provenance.map(|known| known.truth);
    Ok(Prepared { source, dataset, setup: Setup::default(), as_of, truth, folder: None })
}

fn planned(run: &Run) -> Result<PlannedDataset> {
    DatasetSpec::built_in(BUILT_IN[0].name)?.plan(run)
}

fn generated(planned: &PlannedDataset, source: Box<dyn Source>, origin: Origin) -> Prepared {
    let plan = planned.plan();
    Prepared {
        source,
        dataset: Dataset {
            name: plan.name().to_owned(),
            records: plan.row_count(),
            digest: Some(planned.digest()),
            origin,
        },
        setup: Setup::default(),
        as_of: Day::from(plan.as_of()),
        truth: Some(plan.truth()),
        folder: None,
    }
}

fn generated_parquet(run: &Run, options: &BenchOptions, stop: &AtomicBool) -> Result<Prepared> {
    let planned = planned(run)?;
    let folder = tempfile::Builder::new().prefix("driftforge-").tempdir();
    let folder =
        folder.map_err(|error| Error::io(std::env::temp_dir(), "create a temporary folder", error))?;
    let bar = RowsBar::new(run.records, "making claims", options.quiet);
    let format = &FORMATS[0];
    let targets = [Target::folder(folder.path(), format, format.default_compression())?];
    let plan = planned.plan();
    let metadata = planned.metadata();
    let job = Job {
        tables: &[Table { name: plan.table(), rows: plan, metadata: &metadata, is_ledger: false }],
        targets: &targets,
        parts: Parts::WHOLE,
        options: Options::with_threads(options.threads),
        context: &planned.context(),
        sidecars: &[],
        progress: &bar,
        stop,
    };
    let written = sinks::write(&job);
    bar.clear();
    let written = written?;
    let source = Parquet::open(&[folder.path().to_owned()], &columns(options)?)?;
    let mut prepared = generated(&planned, Box::new(source), Origin::GeneratedParquet {});
    prepared.setup.bytes = Some(written.iter().map(Receipt::bytes).sum());
    prepared.folder = Some(folder);
    Ok(prepared)
}

fn generated_in_memory(run: &Run, options: &BenchOptions, stop: &AtomicBool) -> Result<Prepared> {
    let planned = planned(run)?;
    let columns = columns(options)?;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let needed = planned.plan().project(&names)?;
    let bar = RowsBar::new(run.records, "making claims", options.quiet);
    let batches = batches(&needed, &bar, options.threads, stop);
    bar.clear();
    let batches = batches?;
    let bytes = batches.iter().map(|batch| batch.get_array_memory_size() as u64).sum();
    let source = Memory::new(planned.plan().name(), &batches, &columns)?;
    let mut prepared = generated(&planned, Box::new(source), Origin::GeneratedInMemory {});
    prepared.setup.bytes = Some(bytes);
    Ok(prepared)
}

fn batches(
    plan: &Plan,
    bar: &RowsBar,
    threads: usize,
    stop: &AtomicBool,
) -> Result<Vec<arrow_array::RecordBatch>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| Error::option("threads", threads, error.to_string()))?;
    let records = plan.row_count();
    let make = |index: u64| {
        interrupt::check(stop)?;
        let rows = index * BATCH_ROWS..records.min((index + 1) * BATCH_ROWS);
        bar.places_written(rows.end - rows.start);
        Ok(plan.batch(rows))
    };
    pool.install(|| (0..records.div_ceil(BATCH_ROWS)).into_par_iter().map(make).collect())
}
