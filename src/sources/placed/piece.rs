//! One file, and what its pieces hold.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::parsing::parsed;
use crate::places::Place;
use crate::places::data_file::{DataFile, Kind};
use crate::sources::Batches;
use crate::sources::batch::{Batch, Reading};
use crate::sources::columns::{ColumnKind, Columns};
use crate::summaries::{Day, DayRange};
use crate::{Error, Result};

/// Rows of a piece, and the days that they span.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extent {
    pub(super) rows: u64,
    /// First and last day; none without a row that has a time.
    pub(super) days: Option<(Day, Day)>,
    has_undated: bool,
}

impl Extent {
    pub(super) fn may_hold(&self, wanted: DayRange) -> bool {
        self.has_undated || self.days.is_some_and(|(first, last)| wanted.overlaps(first, last))
    }

    fn add(&mut self, batch: &Batch) {
        self.rows += (batch.len() + batch.incomplete.len()) as u64;
        self.has_undated |= batch.incomplete.contains(&None);
        let (first, last) = (batch.time.iter().min(), batch.time.iter().max());
        let new = first.zip(last).map(|(&first, &last)| (Day(first), Day(last)));
        self.days = match (self.days, new) {
            (Some(known), Some(new)) => Some((known.0.min(new.0), known.1.max(new.1))),
            (known, new) => known.or(new),
        };
    }
}

/// A file with the columns that are needed.
pub(super) struct PlacedTable {
    place: Place,
    file: DataFile,
    location: PathBuf,
    columns: Arc<Columns>,
    schema: SchemaRef,
    /// Where each needed column comes from.
    origins: Vec<Origin>,
}

/// Where a column comes from.
#[derive(Debug, Clone, PartialEq)]
enum Origin {
    /// The file's column at this place.
    File(usize),
    /// A folder's name, which has one value.
    Folder(Option<String>),
    /// Nowhere: text of JSON leaves out what is null.
    Nowhere,
}

impl std::fmt::Debug for PlacedTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PlacedTable({})", self.location.display())
    }
}

impl PlacedTable {
    pub(super) fn open(place: &Place, file: DataFile, columns: &Arc<Columns>) -> Result<Self> {
        let location = place.locate(&file.name);
        let schema = file.columns(place).map_err(|problem| Error::input(&location, problem))?;
        let origins = origins(&file, &schema, columns, &location)?;
        let (place, columns) = (place.clone(), Arc::clone(columns));
        Ok(Self { place, file, location, columns, schema, origins })
    }

    pub(super) fn location(&self) -> &Path {
        &self.location
    }

    pub(super) fn columns(&self) -> &Arc<Columns> {
        &self.columns
    }

    /// Pieces that can be read apart: row groups of Parquet; every other file is one.
    pub(super) fn pieces(&self) -> Result<usize> {
        self.file.pieces(&self.place).map_err(|problem| Error::input(&self.location, problem))
    }

    /// What a piece holds, from the times of its rows.
    pub(super) fn extent(&self, piece: usize) -> Result<Extent> {
        let times = Arc::new(Columns::new(&self.columns.at(Columns::TIME).name));
        let origins = &self.origins[..1];
        let mut extent = Extent::default();
        for batch in self.batches(piece, times, origins)? {
            extent.add(&batch?);
        }
        Ok(extent)
    }

    /// The batches of a piece.
    pub(super) fn read(&self, piece: usize) -> Result<Batches<'_>> {
        self.batches(piece, Arc::clone(&self.columns), &self.origins)
    }

    fn batches<'t>(
        &'t self,
        piece: usize,
        columns: Arc<Columns>,
        origins: &'t [Origin],
    ) -> Result<Batches<'t>> {
        let refused = |problem: String| Error::input(&self.location, problem);
        let mut wanted: Vec<usize> = origins.iter().filter_map(Origin::place).collect();
        wanted.sort_unstable();
        let batches = self.file.some_columns(&self.place, (&self.schema, &wanted), piece);
        let batches = batches.map_err(refused)?;
        let mut first_row = 0_u64;
        let mut is_over = false;
        Ok(Box::new(batches.map_while(move |batch| {
            if is_over {
                return None;
            }
            let made = batch.map_err(|problem| self.told(problem)).and_then(|batch| {
                let made = self.made(&batch, &columns, (origins, &wanted), first_row);
                first_row += batch.num_rows() as u64;
                made
            });
            is_over = made.is_err();
            Some(made)
        })))
    }

    /// What a reader says, which may name a row of its own.
    fn told(&self, problem: String) -> Error {
        Error::input(&self.location, format!("damaged or of another form: {problem}"))
    }

    /// A batch of the needed columns.
    fn made(
        &self,
        batch: &RecordBatch,
        columns: &Arc<Columns>,
        (origins, wanted): (&[Origin], &[usize]),
        first_row: u64,
    ) -> Result<Batch> {
        let reading = Reading { place: &self.location, columns };
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(origins.len());
        for (place, origin) in origins.iter().enumerate() {
            let kind = columns.at(place).kind;
            let is_text = !matches!((self.file.kind, origin), (Kind::Parquet | Kind::Arrow, Origin::File(_)));
            let array = origin.array(batch, wanted);
            arrays.push(match is_text {
                true => parsed(&array, kind).map_err(|bad| {
                    let row = first_row + bad.row as u64 + 1;
                    reading.error(place, &format!("row {row}: {}", bad.problem))
                })?,
                false => array,
            });
        }
        let fields = arrays
            .iter()
            .enumerate()
            .map(|(place, array)| Field::new(&columns.at(place).name, array.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let made = RecordBatch::try_new(schema, arrays);
        let made = made.map_err(|error| Error::input(&self.location, error.to_string()))?;
        let positions: Vec<usize> = (0..origins.len()).collect();
        Batch::from_record_batch(&made, &positions, &reading)
    }
}

impl Origin {
    fn place(&self) -> Option<usize> {
        match self {
            Self::File(place) => Some(*place),
            Self::Folder(_) | Self::Nowhere => None,
        }
    }

    /// The values, given the batch of the file's columns at the places `wanted`.
    fn array(&self, batch: &RecordBatch, wanted: &[usize]) -> ArrayRef {
        let constant = |value: Option<&str>| -> ArrayRef {
            Arc::new((0..batch.num_rows()).map(|_| value).collect::<StringArray>())
        };
        match self {
            Self::File(place) => match wanted.binary_search(place) {
                Ok(position) => Arc::clone(batch.column(position)),
                Err(_) => constant(None),
            },
            Self::Folder(value) => constant(value.as_deref()),
            Self::Nowhere => constant(None),
        }
    }
}

/// Where each column comes from.
fn origins(file: &DataFile, schema: &SchemaRef, columns: &Columns, location: &Path) -> Result<Vec<Origin>> {
    let folder = |name: &str| file.partitions.iter().find(|(column, _)| column == name);
    let is_nowhere = |column: &crate::sources::Column| {
        file.kind == Kind::JsonLines && !column.is_required && schema.column_with_name(&column.name).is_none()
    };
    let in_file = |column: &&crate::sources::Column| folder(&column.name).is_none() && !is_nowhere(column);
    let asked: Vec<&crate::sources::Column> = columns.iter().filter(in_file).collect();
    let places = Columns::resolve_some(asked, &readable(file, schema, columns), location)?;
    let mut places = places.into_iter();
    let origin = |column: &crate::sources::Column| match folder(&column.name) {
        Some((_, value)) => Origin::Folder(value.clone()),
        None if is_nowhere(column) => Origin::Nowhere,
        None => places.next().map_or(Origin::Nowhere, Origin::File),
    };
    Ok(columns.iter().map(origin).collect())
}

/// The schema as far as types are checked before values are: a text may hold anything.
fn readable(file: &DataFile, schema: &SchemaRef, columns: &Columns) -> Schema {
    if matches!(file.kind, Kind::Parquet | Kind::Arrow) {
        return schema.as_ref().clone();
    }
    let fields = schema.fields().iter().map(|field| {
        let kind = columns.position(field.name()).map(|place| columns.at(place).kind);
        let data_type = match kind {
            Some(ColumnKind::Day) => DataType::Date32,
            Some(ColumnKind::Number { .. }) => DataType::Int64,
            _ => DataType::Utf8,
        };
        Field::new(field.name(), data_type, true)
    });
    Schema::new(fields.collect::<Vec<_>>())
}
