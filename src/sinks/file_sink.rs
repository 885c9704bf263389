//! The tables of a job as files: nothing in the way, every part written, all of them named at once.

use std::collections::{BTreeSet, HashSet};
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::file_output::FileOutput;
use super::journal::{self, ClosedFile, Journal, Remains};
use super::layout::Layout;
use super::output::{Delivered, Loading, Output, Sink};
use super::partition_by::PartitionBy;
use super::partitioning::Partitioning;
use super::storage::{Closed, Found, Storage};
use super::superseded::{Look, Relation};
use super::{Compression, Content, Format, Job, Manifest, ManifestSidecar, Receipt, Sidecar, Table};
use crate::{Error, Result};

/// Files of one format in one storage.
pub(super) struct FileSink {
    format: &'static Format,
    compression: Compression,
    storage: Box<dyn Storage + Send>,
    partition_by: PartitionBy,
}

impl FileSink {
    pub(super) fn new(
        format: &'static Format,
        compression: Compression,
        storage: Box<dyn Storage + Send>,
    ) -> Self {
        Self { format, compression, storage, partition_by: PartitionBy::default() }
    }

    fn layout<'a>(&'a self, job: &'a Job<'a>) -> Layout<'a> {
        let (format, compression) = (self.format, self.compression);
        Layout { job, format, compression, partition_by: &self.partition_by }
    }

    fn look<'a>(&'a self, job: &'a Job<'a>, resumed: HashSet<String>) -> Look<'a> {
        Look { layout: self.layout(job), storage: &*self.storage, resumed, written: HashSet::new() }
    }

    /// Whether the job is done already: its manifest is there, and so is every file of it.
    ///
    /// # Errors
    /// A file that is not as its manifest has it.
    fn complete(&self, job: &Job) -> Result<Option<Manifest>> {
        let layout = self.layout(job);
        let name = layout.manifest_name();
        let path = self.storage.locate(&name);
        if job.options.overwrite {
            return Ok(None);
        }
        let Some(text) = self.storage.read(&name)? else { return Ok(None) };
        let Ok(manifest) = Manifest::parse(&path, &text) else { return Ok(None) };
        if manifest.context.dataset != job.context.dataset
            || !manifest.differences(&layout.manifest()).is_empty()
        {
            return Ok(None);
        }
        for (name, bytes, digest) in manifest.named_files() {
            let closed = Closed { bytes, xxh3_128: digest.to_owned(), ticket: None };
            if self.storage.find(name, &closed)? != Found::Published {
                let problem = "the file is not what its manifest says: a complete run was changed. Choose another \
                               --out, or make all of it again with --overwrite";
                return Err(Error::input(self.storage.locate(name), problem));
            }
        }
        Ok(Some(manifest))
    }

    /// Refuses a place in which another run is at work. The caller has the place to itself.
    fn refuse_live(&self, job: &Job, own: &str) -> Result<()> {
        for entry in self.storage.entries("")? {
            let Some(manifest) = entry.name.strip_suffix(journal::ENDING) else { continue };
            let is_near = matches!(Relation::of_manifest(manifest, job), Relation::Same | Relation::OtherCut);
            if is_near && entry.name != own && self.storage.is_claimed(&entry.name)? {
                let problem = "another run is writing here: wait for it, or choose another --out";
                return Err(Error::input(self.storage.locate(&entry.name), problem));
            }
        }
        Ok(())
    }
}

impl Sink for FileSink {
    fn chunk_rows(&self) -> u64 {
        self.format.chunk_rows
    }

    fn partition(&mut self, by: PartitionBy) -> Result<()> {
        self.partition_by = by;
        Ok(())
    }

    fn check(&self, job: &Job) -> Result<()> {
        self.format.check(job)?;
        self.layout(job).check_partitions()?;
        if !self.storage.exists()? {
            return Ok(());
        }
        let _turn = self.storage.turn(job.stop)?;
        self.refuse_live(job, "")?;
        if self.complete(job)?.is_some() {
            return Ok(());
        }
        let journal = self.storage.read(&self.layout(job).journal_name())?;
        let run = self.layout(job).manifest();
        let remains = journal.as_deref().and_then(Remains::parse).filter(|remains| remains.is_of(&run));
        let resumed = remains.map(|remains| remains.published(&*self.storage)).transpose()?;
        self.look(job, resumed.unwrap_or_default()).find().map(drop)
    }

    fn planned_files(&self, job: &Job) -> Vec<(PathBuf, Range<u64>)> {
        let layout = self.layout(job);
        let files = job.tables.iter().flat_map(|table| {
            let parts = job.parts.ranges(table.rows.row_count());
            parts.map(move |part| (self.storage.locate(&layout.planned_name(table, &part)), part.places))
        });
        files.collect()
    }

    fn begin<'a>(&'a self, job: &'a Job<'a>) -> Result<Box<dyn Loading + 'a>> {
        let storage = &*self.storage;
        storage.prepare()?;
        let _turn = storage.turn(job.stop)?;
        let layout = self.layout(job);
        let journal_name = layout.journal_name();
        self.refuse_live(job, &journal_name)?;
        let claimed = storage.claim(&journal_name)?;
        let run = layout.manifest();
        let prepared = || {
            if let Some(complete) = self.complete(job)? {
                return Ok((Some(complete), Vec::new()));
            }
            let remains = Remains::parse(&claimed.content);
            let entries = match remains {
                Some(remains) if remains.is_of(&run) => remains.verified(storage)?,
                Some(remains) => {
                    // Before anything of it goes: a job that cannot begin changes nothing.
                    self.look(job, HashSet::new()).find()?;
                    remains.discard(storage);
                    Vec::new()
                }
                None => Vec::new(),
            };
            let resumed = entries.iter().flat_map(|entry| &entry.files).map(|file| file.name.clone());
            self.look(job, resumed.collect()).find()?;
            Ok((None, entries))
        };
        match prepared() {
            Ok((complete, entries)) => {
                let resumed_entries = entries.len();
                let journal = Mutex::new(Journal::begin(claimed.journal, &run, entries)?);
                let begun = Mutex::default();
                Ok(Box::new(FileLoading {
                    sink: self,
                    layout,
                    run,
                    complete,
                    resumed_entries,
                    journal,
                    begun,
                }))
            }
            Err(error) => {
                if claimed.content.is_empty() {
                    claimed.journal.remove()
                } else {
                    claimed.journal.leave()
                }
                Err(error)
            }
        }
    }
}

/// A job that is being written to files.
struct FileLoading<'a> {
    sink: &'a FileSink,
    layout: Layout<'a>,
    run: Manifest,
    /// The manifest, when everything was there.
    complete: Option<Manifest>,
    /// The entries of the journal that an interrupted run had made.
    resumed_entries: usize,
    journal: Mutex<Journal>,
    /// The names of files that this run began and the layout did not foresee.
    begun: Mutex<BTreeSet<String>>,
}

impl FileLoading<'_> {
    fn storage(&self) -> &dyn Storage {
        &*self.sink.storage
    }

    /// Another thread's panic leaves the journal as good as it was: an entry is there or not.
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the small files, unless an interrupted run has done so.
    fn write_sidecars(&self) -> Result<Vec<PathBuf>> {
        let sidecars = self.layout.job.sidecars_to_write();
        let paths = sidecars.iter().map(|sidecar| self.storage().locate(&sidecar.name)).collect();
        let files = sidecars.iter().map(|sidecar| self.write_small(sidecar)).collect::<Result<Vec<_>>>()?;
        let mut journal = self.journal();
        if journal.entry(None, 0).is_none() {
            journal.add(journal::Entry { table: None, part: 0, files })?;
        }
        Ok(paths)
    }

    fn write_small(&self, sidecar: &Sidecar) -> Result<ClosedFile> {
        if let Some(file) = self
            .journal()
            .entry(None, 0)
            .and_then(|entry| entry.files.iter().find(|file| file.name == sidecar.name))
        {
            return Ok(file.clone());
        }
        let closed = self.write_bytes(&sidecar.name, &sidecar.content()?)?;
        let name = sidecar.name.clone();
        Ok(ClosedFile { name, first_place: 0, places: 0, rows: 0, partition: Vec::new(), closed })
    }

    fn write_bytes(&self, name: &str, content: &[u8]) -> Result<Closed> {
        let mut file = self.storage().create(name)?;
        let closed = file.write_all(content).and_then(|()| file.close());
        closed.map_err(|error| Error::io(self.storage().locate(name), "write the file", error))
    }

    fn ledger(&self) -> Option<ManifestSidecar> {
        let sidecar = self.layout.job.sidecars_to_write().iter().find(|sidecar| sidecar.is_ledger)?;
        let journal = self.journal();
        let Closed { bytes, xxh3_128, .. } = (*journal.files().get(sidecar.name.as_str())?).clone();
        Some(ManifestSidecar { name: sidecar.name.clone(), bytes, xxh3_128 })
    }

    fn write_manifest(&self, delivered: &[Delivered]) -> Result<Closed> {
        let tables = self.run.tables.iter().zip(delivered);
        let tables =
            tables.map(|(table, delivered)| journal::manifest_table(table, &delivered.files)).collect();
        let manifest = Manifest { tables, ledger: self.ledger(), ..self.run.clone() };
        let path = self.storage().locate(&self.layout.manifest_name());
        let mut text = serde_json::to_vec_pretty(&manifest)
            .map_err(|error| Error::io(&path, "write the manifest", error.into()))?;
        text.push(b'\n');
        self.write_bytes(&self.layout.manifest_name(), &text)
    }

    /// Removes the manifests of earlier runs, gives the files their names, removes the data of earlier runs, and
    /// lets the manifest appear last: whenever that ends, no manifest stands beside data of another run. All
    /// bytes are safe by now, so that a full disk is met before anything has its name.
    fn publish(&self, manifest: &Closed) -> Result<()> {
        let (job, storage) = (self.layout.job, self.storage());
        let turn = storage.turn(job.stop)?;
        let (mut pending, mut published) = (Vec::new(), HashSet::new());
        for (index, entry) in self.journal().entries().iter().enumerate() {
            for file in &entry.files {
                // What was there before this run may have its name already.
                let is_new = index >= self.resumed_entries;
                if is_new || storage.find(&file.name, &file.closed)? == Found::Pending {
                    pending.push(file.clone());
                } else {
                    published.insert(file.name.clone());
                }
            }
        }
        // Hours may have passed since the first look.
        let written = pending.iter().map(|file| file.name.clone()).chain(published.iter().cloned()).collect();
        let superseded = Look { written, ..self.sink.look(job, published) }.find()?;
        superseded.manifests.iter().try_for_each(|name| storage.remove(name))?;
        if !superseded.manifests.is_empty() {
            turn.sync()?;
        }
        pending.iter().try_for_each(|file| storage.publish(&file.name, &file.closed))?;
        superseded.data.iter().try_for_each(|name| storage.remove(name))?;
        storage.publish(&self.layout.manifest_name(), manifest)?;
        turn.sync()
    }
}

impl Loading for FileLoading<'_> {
    fn is_complete(&self) -> bool {
        self.complete.is_some()
    }

    fn output<'a>(&'a self, table: &'a Table<'a>) -> Result<Box<dyn Output + 'a>> {
        let partitioning = self.layout.partitioning(table)?;
        let content = Content {
            table: table.name,
            schema: partitioning.as_ref().map_or_else(|| table.rows.schema(), Partitioning::schema),
            compression: self.sink.compression,
            metadata: table.metadata,
            is_stream: false,
        };
        let (format, storage) = (self.sink.format.open(&content)?, self.storage());
        let (layout, journal, begun) = (self.layout, &self.journal, &self.begun);
        Ok(Box::new(FileOutput { format, storage, layout, table, partitioning, journal, begun }))
    }

    fn finish(self: Box<Self>, delivered: Vec<Delivered>) -> Result<Receipt> {
        let finished = self.finish_files(delivered);
        match finished {
            Ok(receipt) => {
                self.remove_journal();
                Ok(receipt)
            }
            Err(error) => {
                self.abandon(Some(&error));
                Err(error)
            }
        }
    }

    fn abandon(self: Box<Self>, error: Option<&Error>) {
        let storage = self.storage();
        let journal = self.journal();
        let has_parts = journal.entries().iter().any(|entry| entry.table.is_some());
        let stays = matches!(error, Some(Error::Interrupted)) && has_parts && self.complete.is_none();
        let closed = journal.files();
        let mut names: BTreeSet<String> = self.layout.file_names().collect();
        names.extend(closed.keys().map(|name| (*name).to_owned()));
        names.extend(self.begun.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
        for name in names.into_iter().chain([self.layout.manifest_name()]) {
            match closed.get(name.as_str()) {
                Some(_) if stays => {}
                known => storage.discard(&name, known.copied()),
            }
        }
        drop(closed);
        drop(journal);
        if stays {
            self.into_journal().leave();
        } else {
            self.remove_journal();
        }
    }
}

impl FileLoading<'_> {
    fn finish_files(&self, delivered: Vec<Delivered>) -> Result<Receipt> {
        let storage = self.storage();
        let manifest = storage.locate(&self.layout.manifest_name());
        if let Some(complete) = &self.complete {
            let rows = self.layout.job.data_rows(complete.tables.iter().map(|table| table.rows));
            return Ok(Receipt { rows, manifest: Some(manifest), was_complete: true, ..Receipt::default() });
        }
        let sidecars = self.write_sidecars()?;
        let closed = self.write_manifest(&delivered)?;
        self.publish(&closed)?;
        let resumed =
            self.journal().entries()[..self.resumed_entries].iter().flat_map(|entry| &entry.files).count();
        Ok(Receipt {
            rows: self.layout.job.data_rows(delivered.iter().map(|table| table.rows)),
            files: delivered.into_iter().flat_map(|table| table.files).collect(),
            sidecars,
            manifest: Some(manifest),
            was_complete: false,
            resumed_files: resumed,
            loaded: Vec::new(),
            unpartitioned: self.unpartitioned(),
        })
    }

    fn unpartitioned(&self) -> Vec<String> {
        if self.layout.partition_by.is_empty() {
            return Vec::new();
        }
        let whole = self.layout.job.tables.iter().filter(|table| !self.layout.is_partitioned(table));
        whole.map(|table| table.name.to_owned()).collect()
    }

    fn into_journal(self: Box<Self>) -> Journal {
        self.journal.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The names are free from here on. Others look at them in turns; one that never comes changes nothing.
    fn remove_journal(self: Box<Self>) {
        let sink = self.sink;
        let _turn = sink.storage.turn(&AtomicBool::new(false));
        self.into_journal().remove();
    }
}
