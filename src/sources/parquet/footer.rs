//! One Parquet file: its footer, read once, and what follows from it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::Array;
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

use super::{arrow_reader, coded_reader};
use crate::sources::batch::Reading;
use crate::sources::columns::{ColumnKind, Columns};
use crate::sources::conversion::days_of;
use crate::sources::{Batches, DataFile};
use crate::summaries::{Day, DayRange};
use crate::{Error, Result, hive};

/// What every Parquet file starts and ends with (Parquet format specification, "File format").
const MAGIC: &[u8; 4] = b"PAR1";
/// What a file with an encrypted footer ends with (Parquet Modular Encryption).
const ENCRYPTED_MAGIC: &[u8; 4] = b"PARE";

/// A Parquet file with the needed columns.
#[derive(Debug)]
pub(super) struct TableFile {
    path: PathBuf,
    columns: Arc<Columns>,
    footer: ArrowReaderMetadata,
    /// Where each needed column stands among the file's columns, and those of its folders behind them.
    positions: Vec<usize>,
    /// Columns that the file lacks and its folders stand for (`payer=Name`, as Hive does), with their one value.
    constants: Vec<(String, Option<String>)>,
    row_groups: Vec<RowGroup>,
}

/// What a row group's statistics say.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowGroup {
    pub(super) rows: u64,
    /// First and last day, where the file says.
    days: Option<(Day, Day)>,
    /// Whether a row may lack its time.
    may_be_undated: bool,
}

impl RowGroup {
    /// The first day, where the file says.
    pub(super) fn first_day(&self) -> Option<Day> {
        self.days.map(|(first, _)| first)
    }

    /// Whether the group may hold a row of `days`, or one without a time.
    pub(super) fn may_hold(&self, days: DayRange) -> bool {
        let may_overlap = self.days.is_none_or(|(first, last)| days.overlaps(first, last));
        self.rows > 0 && (may_overlap || self.may_be_undated)
    }
}

impl TableFile {
    /// Opens `path` and checks that its columns can be used.
    pub(super) fn open(path: &Path, columns: &Arc<Columns>) -> Result<Self> {
        let mut file = File::open(path).map_err(|error| Error::io(path, "open the file", error))?;
        check_magic(path, &mut file)?;
        guarded(path, || {
            let metadata = ParquetMetaDataReader::new().parse_and_finish(&file);
            let metadata = Arc::new(metadata.map_err(|error| damaged(path, &error))?);
            let footer = ArrowReaderMetadata::try_new(metadata, ArrowReaderOptions::new());
            let footer = footer.map_err(|error| damaged(path, &error))?;
            let constants = constants(path, footer.schema());
            let positions = columns.resolve(&with_constants(footer.schema(), &constants), path)?;
            let footer = with_coded_text(footer, &positions, columns);
            let row_groups = row_groups(&footer, positions[Columns::TIME], path)?;
            Ok(Self {
                path: path.to_owned(),
                columns: Arc::clone(columns),
                footer,
                positions,
                constants,
                row_groups,
            })
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn row_groups(&self) -> &[RowGroup] {
        &self.row_groups
    }

    pub(super) fn footer(&self) -> &ArrowReaderMetadata {
        &self.footer
    }

    pub(super) fn reading(&self) -> Reading<'_> {
        Reading { place: &self.path, columns: &self.columns }
    }

    /// The needed columns.
    pub(super) fn columns(&self) -> &Arc<Columns> {
        &self.columns
    }

    /// The value of a needed column that the file's folders stand for; `None` for a column of the file.
    pub(super) fn constant(&self, place: usize) -> Option<Option<&str>> {
        let behind = self.positions[place].checked_sub(self.footer.schema().fields().len())?;
        self.constants.get(behind).map(|(_, value)| value.as_deref())
    }

    /// The file, and the needed columns that its folders stand for.
    pub(super) fn data_file(&self) -> DataFile<'_> {
        let places = 0..self.columns.len();
        let constants =
            places.filter_map(|place| Some((self.columns.at(place).name.as_str(), self.constant(place)?)));
        DataFile { path: self.path.clone(), constants: constants.collect() }
    }

    /// The position of a needed column among the file's columns, and those of its folders behind them.
    pub(super) fn position(&self, place: usize) -> usize {
        self.positions[place]
    }

    /// The places of the needed columns that the file has itself.
    pub(super) fn own_places(&self) -> impl Iterator<Item = usize> {
        (0..self.columns.len()).filter(|&place| self.constant(place).is_none())
    }

    /// The file's key-value metadata.
    pub(super) fn metadata(&self) -> BTreeMap<String, String> {
        let entries = self.footer.metadata().file_metadata().key_value_metadata();
        let entries = entries.into_iter().flatten();
        entries.filter_map(|entry| Some((entry.key.clone(), entry.value.clone()?))).collect()
    }

    /// The latest day, from statistics where there are, from the column itself elsewhere.
    pub(super) fn last_day(&self) -> Result<Option<Day>> {
        let known = self.row_groups.iter().filter_map(|group| group.days).map(|(_, last)| last).max();
        let silent =
            self.row_groups.iter().enumerate().filter(|(_, group)| group.rows > 0 && group.days.is_none());
        let silent: Vec<usize> = silent.map(|(index, _)| index).collect();
        if silent.is_empty() {
            return Ok(known);
        }
        Ok(known.max(arrow_reader::last_day(self, silent)?))
    }

    /// The batches of one row group.
    pub(super) fn read(&self, row_group: usize) -> Result<Batches<'_>> {
        coded_reader::read(self, row_group)
    }
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is in a read whose panics become errors; a panic hook need not report those.
#[must_use]
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Runs `work`, whose panics its caller turns into errors; a panic hook need not report those.
pub(crate) fn silently<T>(work: impl FnOnce() -> T) -> T {
    let outer = GUARDED.replace(true);
    let done = work();
    GUARDED.set(outer);
    done
}

/// Runs `work`, turning a panic into an error: the Parquet reader panics on some damaged pages.
pub(super) fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let outer = GUARDED.replace(true);
    // Nothing that `work` touches is used after a panic, so a broken state cannot be seen.
    let ended = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    ended.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        Err(Error::input(path, format!("the Parquet data are damaged: the reader gave up: {text}")))
    })
}

/// The error for contents that the Parquet reader refuses, and for reads that the system refuses.
pub(super) fn damaged(path: &Path, error: &ParquetError) -> Error {
    Error::input(path, format!("the Parquet data are damaged or of a kind that cannot be read: {error}"))
}

/// Tells a file that is no Parquet, one that was cut short and an encrypted one apart.
fn check_magic(path: &Path, file: &mut File) -> Result<()> {
    let refused = |error| Error::io(path, "read the file", error);
    let mut head = [0; 4];
    let mut tail = [0; 4];
    let length = file.seek(SeekFrom::End(0)).map_err(refused)?;
    if length < 12 {
        return Err(Error::input(path, format!("not a Parquet file: it has only {length} bytes")));
    }
    file.seek(SeekFrom::Start(0)).and_then(|_| file.read_exact(&mut head)).map_err(refused)?;
    file.seek(SeekFrom::End(-4)).and_then(|_| file.read_exact(&mut tail)).map_err(refused)?;
    let problem = match (&head, &tail) {
        (MAGIC, MAGIC) => return Ok(()),
        (_, ENCRYPTED_MAGIC) => "the Parquet file is encrypted, which is not supported",
        (MAGIC, _) => "the Parquet file is truncated: it does not end with PAR1; copy or write it again",
        _ => "not a Parquet file: it does not start with PAR1",
    };
    Err(Error::input(path, problem))
}

/// The columns that the folders of a path stand for and the file lacks; of two of a name the inner one.
fn constants(path: &Path, schema: &Schema) -> Vec<(String, Option<String>)> {
    let folders = path.ancestors().skip(1).filter_map(|folder| hive::parse(folder.file_name()?.to_str()?));
    let mut constants: Vec<(String, Option<String>)> = Vec::new();
    for (column, value) in folders {
        if schema.index_of(&column).is_err() && constants.iter().all(|(known, _)| *known != column) {
            constants.push((column, value));
        }
    }
    constants
}

/// The columns of a file and those of its folders.
fn with_constants(schema: &Schema, constants: &[(String, Option<String>)]) -> Schema {
    let more = constants.iter().map(|(name, _)| Arc::new(Field::new(name, DataType::Utf8, true)));
    Schema::new(schema.fields().iter().cloned().chain(more).collect::<Vec<FieldRef>>())
}

/// Asks the reader for dictionary codes instead of strings, so that no text is copied per row.
fn with_coded_text(
    footer: ArrowReaderMetadata,
    positions: &[usize],
    columns: &Columns,
) -> ArrowReaderMetadata {
    let coded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let mut fields: Vec<FieldRef> = footer.schema().fields().to_vec();
    let texts = columns.iter().zip(positions).filter(|(column, _)| column.kind == ColumnKind::Text);
    for (_, &position) in texts {
        let field = fields.get_mut(position).filter(|field| is_plain_text(field.data_type()));
        if let Some(field) = field {
            *field = Arc::new(Field::clone(field).with_data_type(coded.clone()));
        }
    }
    let schema: SchemaRef = Arc::new(Schema::new_with_metadata(fields, footer.schema().metadata().clone()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    // A reader that cannot give codes gives strings, which are coded later: slower, with the same result.
    ArrowReaderMetadata::try_new(Arc::clone(footer.metadata()), options).unwrap_or(footer)
}

/// Whether the reader can give a column's text as codes; what has codes already keeps its own.
fn is_plain_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => **values == DataType::Utf8,
        plain => matches!(plain, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

/// What the footer says of each row group's rows and days.
fn row_groups(footer: &ArrowReaderMetadata, time: usize, path: &Path) -> Result<Vec<RowGroup>> {
    let metadata: &ParquetMetaData = footer.metadata();
    let name = footer.schema().field(time).name();
    let converter = StatisticsConverter::try_new(name, footer.schema(), footer.parquet_schema())
        .map_err(|error| damaged(path, &error))?
        .with_missing_null_counts_as_zero(false);
    let groups = || metadata.row_groups().iter();
    let bound = |array| days_of(&array).ok();
    let first = converter.row_group_mins(groups()).ok().and_then(bound);
    let last = converter.row_group_maxes(groups()).ok().and_then(bound);
    let nulls = converter.row_group_null_counts(groups()).ok();
    let is_nullable = footer.schema().field(time).is_nullable();
    groups()
        .enumerate()
        .map(|(index, group)| {
            let rows = u64::try_from(group.num_rows());
            let rows =
                rows.map_err(|_| Error::input(path, "the Parquet data are damaged: a negative row count"))?;
            let day = |days: &Option<arrow_array::Date32Array>| {
                days.as_ref().filter(|days| days.is_valid(index)).map(|days| Day(days.value(index)))
            };
            let has_no_nulls =
                nulls.as_ref().is_some_and(|nulls| nulls.is_valid(index) && nulls.value(index) == 0);
            let days = day(&first).zip(day(&last));
            Ok(RowGroup { rows, days, may_be_undated: is_nullable && !has_no_nulls })
        })
        .collect()
}
