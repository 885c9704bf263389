//! Which files of a place are data, of which table, and their batches.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_cast::parse::Parser;
use arrow_csv::reader::{Format as CsvFormat, ReaderBuilder as CsvBuilder};
use arrow_ipc::reader::FileReader;
use arrow_json::reader::{ReaderBuilder as JsonBuilder, infer_json_schema};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use flate2::read::MultiGzDecoder;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use super::{FoundFile, Place, PlacedFile};
use crate::hive;

/// Rows that are read at a time.
const BATCH_ROWS: usize = 8_192;

/// Rows of JSON Lines that tell which columns there are.
const TOLD_ROWS: usize = 8_192;

/// Bytes of text that are read at a time.
const READ_BYTES: usize = 1 << 18;

/// The formats that can be read, by what names end with. An ending `.gz` or `.zst` may follow those of text.
const ENDINGS: [(&str, Kind); 7] = [
    ("parquet", Kind::Parquet),
    ("arrow", Kind::Arrow),
    ("feather", Kind::Arrow),
    ("csv", Kind::Csv),
    ("jsonl", Kind::JsonLines),
    ("ndjson", Kind::JsonLines),
    ("json", Kind::JsonLines),
];

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Parquet,
    Arrow,
    Csv,
    JsonLines,
}

/// How a text file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    None,
    Gzip,
    Zstd,
}

/// A file of data.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    packing: Packing,
    /// Columns that its folders' names stand for (`column=value`, as Hive does), with the value.
    pub(crate) partitions: Vec<(String, Option<String>)>,
    pub(crate) bytes: u64,
}

/// The batches of a file, read to its end.
pub(crate) type Batches = Box<dyn Iterator<Item = Result<RecordBatch, String>> + Send>;

impl DataFile {
    /// The file as data; `None` for another file. Names that begin with `_` or `.` are none of the data's, by the
    /// convention of Hive and its readers.
    pub(crate) fn of(found: &FoundFile, place: &Place) -> Option<Self> {
        let path =
            if found.name.is_empty() { place.locate("").display().to_string() } else { found.name.clone() };
        let is_hidden = |part: &str| part.starts_with(['_', '.']);
        if !found.name.is_empty() && found.name.split('/').any(is_hidden) {
            return None;
        }
        let file = path.rsplit('/').next().unwrap_or(&path);
        let (stem, packing) = match file.rsplit_once('.')? {
            (stem, "gz") => (stem, Packing::Gzip),
            (stem, "zst") => (stem, Packing::Zstd),
            _ => (file, Packing::None),
        };
        let (rest, ending) = stem.rsplit_once('.')?;
        let (_, kind) = ENDINGS.into_iter().find(|(known, _)| *known == ending)?;
        // A truth beside the data is a document, and so is any other `.json` with a dot in its name.
        if ending == "json" && rest.contains('.') {
            return None;
        }
        let partitions = found.name.split('/').rev().skip(1).filter_map(hive::parse).collect::<Vec<_>>();
        let partitions = partitions.into_iter().rev().collect();
        Some(Self { name: found.name.clone(), kind, packing, partitions, bytes: found.bytes })
    }

    /// The folder without those of partitions, `""` for the place itself.
    pub(crate) fn folder(&self) -> String {
        let folders = self.name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let kept: Vec<&str> = folders.split('/').filter(|folder| hive::parse(folder).is_none()).collect();
        kept.join("/")
    }

    /// The names of the columns and, where the format has them, their types; the columns of text are text. JSON Lines
    /// have those of their first [`TOLD_ROWS`] rows.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn columns(&self, place: &Place) -> Result<SchemaRef, String> {
        let as_text = |schema: &Schema| {
            let fields = schema.fields().iter().map(|field| Field::new(field.name(), DataType::Utf8, true));
            Arc::new(Schema::new(fields.collect::<Vec<_>>()))
        };
        let file = || place.file(&self.name).map_err(|error| error.to_string());
        match self.kind {
            Kind::Parquet | Kind::Arrow => Ok(self.schema(place)?.0),
            Kind::Csv => {
                let format = CsvFormat::default().with_header(true);
                let (schema, _) = format.infer_schema(self.text(file()?)?, Some(0)).map_err(told)?;
                Ok(as_text(&schema))
            }
            Kind::JsonLines => {
                let text = BufReader::new(self.text(file()?)?);
                let (schema, _) = infer_json_schema(text, Some(TOLD_ROWS)).map_err(told)?;
                Ok(as_text(&schema))
            }
        }
    }

    /// The batches of one piece with the columns at `wanted` of `schema`, which is that of [`DataFile::columns`].
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn some_columns(
        &self,
        place: &Place,
        (schema, wanted): (&SchemaRef, &[usize]),
        piece: usize,
    ) -> Result<Batches, String> {
        let file = place.file(&self.name).map_err(|error| error.to_string())?;
        let ascending = || {
            let mut ascending = wanted.to_vec();
            ascending.sort_unstable();
            ascending
        };
        Ok(match self.kind {
            Kind::Parquet => {
                let builder =
                    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
                let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
                let builder = builder.with_projection(mask).with_batch_size(BATCH_ROWS);
                let reader =
                    builder.with_row_groups(vec![piece]).build().map_err(|error| error.to_string())?;
                Box::new(reader.map(|batch| batch.map_err(told)))
            }
            Kind::Arrow => {
                let reader = FileReader::try_new(file, Some(ascending())).map_err(told)?;
                Box::new(reader.map(|batch| batch.map_err(told)))
            }
            Kind::Csv => {
                let builder =
                    CsvBuilder::new(Arc::clone(schema)).with_header(true).with_projection(ascending());
                let reader = builder.with_batch_size(BATCH_ROWS).build(self.text(file)?).map_err(told)?;
                Box::new(reader.map(|batch| batch.map_err(told)))
            }
            Kind::JsonLines => {
                let schema: SchemaRef = Arc::new(schema.project(&ascending()).map_err(told)?);
                let builder =
                    JsonBuilder::new(schema).with_coerce_primitive(true).with_batch_size(BATCH_ROWS);
                let reader = builder.build(BufReader::new(self.text(file)?)).map_err(told)?;
                Box::new(reader.map(|batch| batch.map_err(told)))
            }
        })
    }

    /// The columns, and what the file says of itself.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn schema(&self, place: &Place) -> Result<(SchemaRef, BTreeMap<String, String>), String> {
        let file = place.file(&self.name).map_err(|error| error.to_string())?;
        match self.kind {
            Kind::Parquet => {
                let metadata = footer(&file)?;
                let pairs = metadata.metadata().file_metadata().key_value_metadata().into_iter().flatten();
                let pairs = pairs.filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?))).collect();
                Ok((metadata.schema().clone(), pairs))
            }
            Kind::Arrow => {
                let reader = FileReader::try_new(file, None).map_err(told)?;
                let schema = reader.schema();
                let pairs = reader.custom_metadata().iter().chain(schema.metadata());
                let pairs = pairs.map(|(key, value)| (key.clone(), value.clone())).collect();
                Ok((Arc::clone(&schema), pairs))
            }
            // A text tells the types of its columns by all of its values.
            Kind::Csv => {
                let format = CsvFormat::default().with_header(true);
                let (schema, _) = format.infer_schema(self.text(file)?, None).map_err(told)?;
                Ok((Arc::new(schema), BTreeMap::new()))
            }
            Kind::JsonLines => {
                let (schema, _) = infer_json_schema(BufReader::new(self.text(file)?), None).map_err(told)?;
                Ok((self.dated(place, &schema)?, BTreeMap::new()))
            }
        }
    }

    /// The schema of JSON Lines with the columns as dates whose texts all are: JSON has no type of its own for
    /// them, and what was written as a date is to be described alike in every format.
    fn dated(&self, place: &Place, schema: &Schema) -> Result<SchemaRef, String> {
        let texts = schema.fields().iter().filter(|field| *field.data_type() == DataType::Utf8).cloned();
        let mut texts: Vec<FieldRef> = texts.collect();
        let read: SchemaRef = Arc::new(Schema::new(texts.clone()));
        if texts.is_empty() {
            return Ok(Arc::new(schema.clone()));
        }
        for batch in self.batches(place, &read, 0)? {
            let batch = batch?;
            texts.retain(|field| {
                let column = batch.column_by_name(field.name()).map(|column| column.as_string::<i32>());
                column.is_some_and(|column| column.iter().flatten().all(is_date))
            });
            if texts.is_empty() {
                break;
            }
        }
        let fields = schema.fields().iter().map(|field| {
            let is_dated = texts.iter().any(|dated| dated.name() == field.name());
            let data_type = if is_dated { &DataType::Date32 } else { field.data_type() };
            field.as_ref().clone().with_data_type(data_type.clone())
        });
        Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
    }

    /// The row groups of a Parquet file, which can be read apart.
    pub(crate) fn pieces(&self, place: &Place) -> Result<usize, String> {
        if self.kind != Kind::Parquet {
            return Ok(1);
        }
        let file = place.file(&self.name).map_err(|error| error.to_string())?;
        Ok(footer(&file)?.metadata().num_row_groups())
    }

    /// The batches of one piece.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn batches(&self, place: &Place, schema: &SchemaRef, piece: usize) -> Result<Batches, String> {
        let file = place.file(&self.name).map_err(|error| error.to_string())?;
        Ok(match self.kind {
            Kind::Parquet => {
                let builder =
                    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
                let builder = builder.with_batch_size(BATCH_ROWS).with_row_groups(vec![piece]);
                let reader = builder.build().map_err(|error| error.to_string())?;
                Box::new(reader.map(|batch| batch.map_err(told)))
            }
            Kind::Arrow => {
                let reader = FileReader::try_new(file, None).map_err(told)?;
                Box::new(reader.map(|batch| batch.map_err(told)))
            }
            Kind::Csv => {
                let builder =
                    CsvBuilder::new(Arc::clone(schema)).with_header(true).with_batch_size(BATCH_ROWS);
                let reader = builder.build(self.text(file)?).map_err(told)?;
                Box::new(reader.map(|batch| batch.map_err(told)))
            }
            Kind::JsonLines => {
                let builder = JsonBuilder::new(Arc::clone(schema)).with_batch_size(BATCH_ROWS);
                let reader = builder.build(BufReader::new(self.text(file)?)).map_err(told)?;
                Box::new(reader.map(|batch| batch.map_err(told)))
            }
        })
    }

    fn text(&self, file: PlacedFile) -> Result<Box<dyn Read + Send>, String> {
        let file = BufReader::with_capacity(READ_BYTES, file);
        Ok(match self.packing {
            Packing::None => Box::new(file),
            Packing::Gzip => Box::new(MultiGzDecoder::new(file)),
            Packing::Zstd => {
                Box::new(zstd::stream::read::Decoder::with_buffer(file).map_err(|error| error.to_string())?)
            }
        })
    }
}

fn footer(file: &PlacedFile) -> Result<ArrowReaderMetadata, String> {
    ArrowReaderMetadata::load(file, ArrowReaderOptions::new()).map_err(|error| error.to_string())
}

/// Whether a text is a day in the form `2025-03-01` (ISO 8601, extended).
fn is_date(text: &str) -> bool {
    let has_form = text.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    has_form && text.len() == "2025-03-01".len() && Date32Type::parse(text).is_some()
}

fn told(error: arrow_schema::ArrowError) -> String {
    error.to_string()
}

/// The names of the columns, by which files of one folder are told to be of one table.
pub(crate) fn names(schema: &Schema) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Option<DataFile> {
        DataFile::of(&FoundFile { name: name.to_owned(), bytes: 1 }, &Place::Folder("somewhere".into()))
    }

    #[test]
    fn data_is_told_from_documents_by_its_name() {
        for name in ["a.parquet", "t/a-00001-of-00002.csv.gz", "a.jsonl.zst", "p=1/b.arrow", "plain.json"] {
            assert!(of(name).is_some(), "{name}");
        }
        let others = [
            "_manifest.json",
            "claims.truth.json",
            "_ledger/a.parquet",
            ".a.csv",
            "a.txt",
            "a.parquet.inprogress",
            "gz",
        ];
        for name in others {
            assert!(of(name).is_none(), "{name}");
        }
    }

    #[test]
    fn folders_stand_for_columns() {
        let file = of("claims/payer=Blue%20Cross/month=2025-03/a.csv").unwrap();
        let expected = [("payer", Some("Blue Cross")), ("month", Some("2025-03"))];
        let expected = expected.map(|(column, value)| (column.to_owned(), value.map(str::to_owned)));
        assert_eq!(file.partitions, expected);
        assert_eq!(file.folder(), "claims");
        assert_eq!(of("p=__HIVE_DEFAULT_PARTITION__/a.csv").unwrap().partitions, [("p".to_owned(), None)]);
    }
}
