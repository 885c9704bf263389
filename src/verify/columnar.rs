//! Parquet and Arrow files: batches as their own crates read them, against batches made again.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, FileReaderBuilder};
use arrow_schema::SchemaRef;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};

use super::unit::{Compared, FileTask, Opened};
use super::{Finding, Problem, Task, difference};
use crate::places::PlacedFile;
use crate::sinks::Rows;
use crate::{Error, Result};

/// Rows that a reader gives at a time.
const BATCH_ROWS: usize = 8_192;

/// A file whose footer was read.
pub(super) struct OpenFile {
    kind: Kind,
    schema: SchemaRef,
}

enum Kind {
    Parquet(ArrowReaderMetadata),
    Arrow { batches: usize },
}

/// A chunk of a file, or all of it where its chunks are not those of the manifest.
pub(super) struct Chunk<'a> {
    file: FileTask<'a>,
    open: Arc<OpenFile>,
    /// Which row group or record batch; `None`: all of them.
    group: Option<usize>,
    places: Range<u64>,
}

type Batches = Box<dyn Iterator<Item = std::result::Result<RecordBatch, String>>>;

impl OpenFile {
    /// Reads the footer and looks whether the columns are those of the table.
    pub(super) fn open(task: &Task, file: &FileTask, format: &str) -> Opened<Self> {
        let handle = task.place.file(&file.file.name).map_err(Err)?;
        let unreadable = |error: String| Ok(Problem::Unreadable(error));
        let opened = guarded(|| match format {
            "parquet" => {
                let metadata = ArrowReaderMetadata::load(&handle, ArrowReaderOptions::new());
                let metadata = metadata.map_err(|error| error.to_string())?;
                Ok(Self { schema: metadata.schema().clone(), kind: Kind::Parquet(metadata) })
            }
            _ => {
                let reader = FileReader::try_new(handle, None).map_err(|error| error.to_string())?;
                Ok(Self { schema: reader.schema(), kind: Kind::Arrow { batches: reader.num_batches() } })
            }
        });
        let open = opened.map_err(unreadable)?;
        match difference::of_columns(&file.rows.schema(), &open.schema) {
            Some(problem) => Err(Ok(Problem::Columns(problem))),
            None => Ok(open),
        }
    }

    fn groups(&self) -> usize {
        match &self.kind {
            Kind::Parquet(metadata) => metadata.metadata().num_row_groups(),
            Kind::Arrow { batches } => *batches,
        }
    }

    /// Rows of the groups before one; `None` where only reading them would tell.
    fn rows_before(&self, group: usize) -> Option<u64> {
        match &self.kind {
            Kind::Parquet(metadata) => {
                let groups = metadata.metadata().row_groups()[..group].iter();
                Some(groups.map(|group| u64::try_from(group.num_rows()).unwrap_or(0)).sum())
            }
            Kind::Arrow { .. } => None,
        }
    }

    /// The batches of a group, or of all; of the group's rows only those in `rows`, where that is said.
    fn read(
        &self,
        handle: PlacedFile,
        group: Option<usize>,
        rows: Option<&[Range<u64>]>,
    ) -> Result<Batches, String> {
        match &self.kind {
            Kind::Parquet(metadata) => {
                let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(handle, metadata.clone());
                let builder = builder.with_batch_size(BATCH_ROWS);
                let builder = match group {
                    Some(group) => builder.with_row_groups(vec![group]),
                    None => builder,
                };
                let builder = match rows {
                    Some(rows) => builder.with_row_selection(selection(rows)),
                    None => builder,
                };
                let reader = builder.build().map_err(|error| error.to_string())?;
                Ok(Box::new(reader.map(|batch| batch.map_err(|error| error.to_string()))))
            }
            Kind::Arrow { .. } => {
                let reader = FileReaderBuilder::new().build(handle).map_err(|error| error.to_string())?;
                read_arrow(reader, group, rows.map(<[Range<u64>]>::to_vec))
            }
        }
    }
}

fn read_arrow(
    mut reader: FileReader<PlacedFile>,
    group: Option<usize>,
    rows: Option<Vec<Range<u64>>>,
) -> Result<Batches, String> {
    let Some(group) = group else {
        return Ok(Box::new(reader.map(|batch| batch.map_err(|error| error.to_string()))));
    };
    reader.set_index(group).map_err(|error| error.to_string())?;
    let batch = reader.next().transpose().map_err(|error| error.to_string())?;
    let Some(batch) = batch else { return Ok(Box::new(std::iter::empty())) };
    let all = 0..batch.num_rows() as u64;
    let slices = rows.unwrap_or_else(|| vec![all.clone()]).into_iter().map(move |rows| {
        let (start, end) = (rows.start.min(all.end), rows.end.min(all.end));
        Ok(batch.slice(start as usize, (end - start) as usize))
    });
    Ok(Box::new(slices))
}

/// The rows to read of a row group, from ranges in order.
fn selection(rows: &[Range<u64>]) -> RowSelection {
    let mut selectors = Vec::new();
    let mut next = 0;
    for range in rows {
        selectors.push(RowSelector::skip((range.start - next) as usize));
        selectors.push(RowSelector::select((range.end - range.start) as usize));
        next = range.end;
    }
    selectors.into()
}

/// The chunks of a file, those without a sampled row left out.
pub(super) fn chunks<'a>(
    task: &Task,
    file: &FileTask<'a>,
    open: &Arc<OpenFile>,
) -> impl Iterator<Item = Chunk<'a>> {
    let places = file.places();
    let size = file.table.row_group_rows.max(1);
    let count = (places.end - places.start).div_ceil(size);
    let is_cut_alike = !file.rows.is_partition() && open.groups() as u64 == count;
    let chunk = |group: Option<usize>, places: Range<u64>| Chunk {
        file: file.clone(),
        open: Arc::clone(open),
        group,
        places,
    };
    let chunks: Vec<Chunk> = if is_cut_alike {
        let start = |index: u64| places.start + index * size;
        let range = |index: u64| start(index)..start(index + 1).min(places.end);
        (0..count).map(|index| chunk(Some(index as usize), range(index))).collect()
    } else {
        vec![chunk(None, places)]
    };
    let is_chosen =
        |chunk: &Chunk| task.sample.is_none() || !chunk.file.chosen(task, chunk.places.clone()).is_empty();
    chunks.into_iter().filter(is_chosen).collect::<Vec<_>>().into_iter()
}

impl Chunk<'_> {
    pub(super) fn compare(&self, task: &Task) -> Result<Compared> {
        // Without a row for each place, a place's rows are found only by reading those before them.
        let picks_rows =
            task.sample.is_some() && self.group.is_some() && self.file.has_a_row_for_each_place();
        let chosen = if picks_rows {
            self.file.chosen(task, self.places.clone())
        } else {
            super::sample::blocks(self.places.clone()).collect()
        };
        let offset = |range: &Range<u64>| range.start - self.places.start..range.end - self.places.start;
        let rows: Option<Vec<Range<u64>>> = picks_rows.then(|| chosen.iter().map(offset).collect());
        let handle = task.place.file(&self.file.file.name)?;
        let mut comparison = Comparison { task, chunk: self, chosen: &chosen, rows: 0 };
        let problem = guarded(|| {
            let found = self.open.read(handle, self.group, rows.as_deref())?;
            comparison.run(found)
        });
        let compared = comparison.rows;
        let finding = match problem {
            Ok(Ok(problem)) => problem,
            Ok(Err(error)) => return Err(error),
            Err(unreadable) => Some(Problem::Unreadable(unreadable)),
        };
        let finding = finding.map(|problem| Finding::new(&self.file.file.name, problem));
        Ok(Compared { rows: compared, finding })
    }

    /// The number of a row in the file, from its number among those that were compared.
    fn row_in_file(&self, task: &Task, compared: u64, chosen: &[Range<u64>]) -> u64 {
        let mut rest = compared;
        if self.file.has_a_row_for_each_place() {
            for range in chosen {
                if rest < range.end - range.start {
                    return range.start - self.file.file.first_place + rest;
                }
                rest -= range.end - range.start;
            }
            return self.file.file.rows + rest;
        }
        let before = self.group.map_or(Some(0), |group| self.open.rows_before(group));
        before.unwrap_or_else(|| self.rows_made_before(task)) + rest
    }

    /// Rows of the places of the file before this chunk.
    fn rows_made_before(&self, task: &Task) -> u64 {
        let before = super::sample::blocks(self.file.file.first_place..self.places.start);
        let before = before.take_while(|_| !task.stop.load(Ordering::Relaxed));
        before.map(|places| self.file.rows.batch(places).num_rows() as u64).sum()
    }
}

/// A walk through rows made again and rows read, side by side.
struct Comparison<'a> {
    task: &'a Task<'a>,
    chunk: &'a Chunk<'a>,
    chosen: &'a [Range<u64>],
    /// Rows compared so far.
    rows: u64,
}

impl Comparison<'_> {
    /// The first difference. The outer error is about the file, the inner one about the run.
    fn run(&mut self, found: Batches) -> Result<Result<Option<Problem>>, String> {
        let schema = self.chunk.file.rows.schema();
        let mut found = Rest { batches: found, batch: None, schema: &schema };
        for places in self.chosen {
            if self.task.stop.load(Ordering::Relaxed) {
                return Ok(Err(Error::Interrupted));
            }
            let expected = self.chunk.file.rows.batch(places.clone());
            let mut start = 0;
            while start < expected.num_rows() {
                let Some(piece) = found.take(expected.num_rows() - start)? else {
                    return Ok(Ok(Some(Problem::RowsMissing { row: self.row(self.rows) + 1 })));
                };
                if let Some(mut difference) =
                    difference::of_batches(&expected.slice(start, piece.num_rows()), &piece)
                {
                    difference.row = self.row(self.rows + difference.row);
                    return Ok(Ok(Some(Problem::Value(difference))));
                }
                start += piece.num_rows();
                self.rows += piece.num_rows() as u64;
            }
            self.task.progress.places_written(places.end - places.start);
        }
        let extra = found.take(1)?.map(|_| Problem::RowsExtra { row: self.row(self.rows) + 1 });
        Ok(Ok(extra))
    }

    fn row(&self, compared: u64) -> u64 {
        self.chunk.row_in_file(self.task, compared, self.chosen)
    }
}

/// What is still to come of the rows that are read.
struct Rest<'a> {
    batches: Batches,
    batch: Option<RecordBatch>,
    schema: &'a SchemaRef,
}

impl Rest<'_> {
    /// The next rows, at most so many, in the types of the table; `None` at the end.
    fn take(&mut self, most: usize) -> Result<Option<RecordBatch>, String> {
        let batch = loop {
            match self.batch.take().filter(|batch| batch.num_rows() > 0) {
                Some(batch) => break batch,
                None => match self.batches.next() {
                    None => return Ok(None),
                    Some(batch) => self.batch = Some(difference::typed(&batch?, self.schema)?),
                },
            }
        };
        let taken = batch.num_rows().min(most);
        self.batch = Some(batch.slice(taken, batch.num_rows() - taken));
        Ok(Some(batch.slice(0, taken)))
    }
}

/// Readers panic on some damaged files; that is a problem of the file.
fn guarded<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    crate::sources::silently(|| {
        // Nothing that `read` touches is used after a panic, so a broken state cannot be seen.
        catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("the data are damaged".to_owned()))
    })
}
