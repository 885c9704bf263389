//! CSV and JSON Lines: the records of a file against those that are made again, byte by byte.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::atomic::Ordering;

use flate2::read::MultiGzDecoder;

use super::difference::{Difference, shortened};
use super::record::{Records, fields_differ};
use super::unit::{Compared, FileTask};
use super::{Finding, Problem, Task};
use crate::sinks::{Rows, TextRows};
use crate::{Error, Result};

/// Bytes that are read at a time.
const READ_BYTES: usize = 1 << 18;

/// The longest record that is shown where it differs; what is behind is left out.
const LONGEST_RECORD_BYTES: usize = 1 << 20;

/// A file of records.
pub(super) struct TextUnit<'a> {
    pub file: FileTask<'a>,
    /// `csv` or `jsonl`.
    pub format: &'a str,
}

type Input = BufReader<Box<dyn Read>>;

impl TextUnit<'_> {
    pub(super) fn compare(&self, task: &Task) -> Result<Compared> {
        let name = &self.file.file.name;
        let mut rows = 0;
        let problem = match self.walk(task, &mut rows) {
            Ok(problem) => problem,
            Err(Failure::File(error)) => Some(Problem::Unreadable(format!("cannot be read: {error}"))),
            Err(Failure::Run(error)) => return Err(error),
        };
        Ok(Compared { rows, finding: problem.map(|problem| Finding::new(name, problem)) })
    }

    /// The first difference; `compared` counts the rows.
    fn walk(&self, task: &Task, compared: &mut u64) -> Result<Option<Problem>, Failure> {
        let file = &self.file;
        let schema = file.rows.schema();
        let unencodable = |problem| Error::input(task.place.locate(&file.file.name), problem);
        let mut text = TextRows::open(self.format, &schema).map_err(unencodable)?;
        let mut input = self.input(task)?;
        let mut found = Vec::new();
        read_up_to(&mut input, text.header().len(), &mut found).map_err(Failure::File)?;
        if found != text.header() {
            let shown = shortened(String::from_utf8_lossy(&found).trim_end());
            return Ok(Some(Problem::Columns(format!("the header is {shown}"))));
        }
        // A record's place is only known where each place has one.
        let is_sample = task.sample.is_some() && file.has_a_row_for_each_place();
        let chosen = if is_sample {
            file.chosen(task, file.places())
        } else {
            super::sample::blocks(file.places()).collect()
        };
        let records = Records::of(self.format);
        let mut row = 0;
        for places in chosen {
            if task.stop.load(Ordering::Relaxed) {
                return Err(Error::Interrupted.into());
            }
            if is_sample {
                let skipped = places.start - file.file.first_place - row;
                row += records.skip(&mut input, skipped).map_err(Failure::File)?;
                if row < places.start - file.file.first_place {
                    return Ok(Some(Problem::RowsMissing { row: row + 1 }));
                }
            }
            let batch = file.rows.batch(places.clone());
            let expected = text.encode(&batch).map_err(unencodable)?;
            found.clear();
            read_up_to(&mut input, expected.len(), &mut found).map_err(Failure::File)?;
            if found != expected {
                return self.difference(records, row, expected, found, &mut input).map(Some);
            }
            row += batch.num_rows() as u64;
            *compared += batch.num_rows() as u64;
            task.progress.places_written(places.end - places.start);
        }
        if is_sample || input.fill_buf().map_err(Failure::File)?.is_empty() {
            Ok(None)
        } else {
            Ok(Some(Problem::RowsExtra { row: row + 1 }))
        }
    }

    /// The file's text, without its compression.
    fn input(&self, task: &Task) -> Result<Input, Failure> {
        let file = task.place.file(&self.file.file.name)?;
        let compression = self.file.compression.split('(').next().unwrap_or_default();
        let text: Box<dyn Read> = match compression {
            "gzip" => Box::new(MultiGzDecoder::new(BufReader::with_capacity(READ_BYTES, file))),
            "zstd" => Box::new(zstd::stream::read::Decoder::new(file).map_err(Failure::File)?),
            _ => Box::new(file),
        };
        Ok(BufReader::with_capacity(READ_BYTES, text))
    }

    /// The first record that differs, and the first of its fields that does. `row` is the first of the records in
    /// `expected`.
    fn difference(
        &self,
        records: Records,
        row: u64,
        expected: &[u8],
        mut found: Vec<u8>,
        input: &mut Input,
    ) -> Result<Problem, Failure> {
        let equal = expected.iter().zip(&found).take_while(|(left, right)| left == right).count();
        let (before, start) = records.last_start(expected, equal);
        let row = row + before;
        if start == found.len() {
            return Ok(Problem::RowsMissing { row: row + 1 });
        }
        let expected = records.first(&expected[start..]);
        let mut rest = found.split_off(start);
        records.complete(&mut rest, input, LONGEST_RECORD_BYTES).map_err(Failure::File)?;
        let found = records.first(&rest);
        let names: Vec<String> =
            self.file.rows.schema().fields().iter().map(|field| field.name().clone()).collect();
        let (column, expected, found) = fields_differ(self.format, &names, expected, found);
        Ok(Problem::Value(Difference {
            row,
            column,
            expected: shortened(&expected),
            found: shortened(&found),
        }))
    }
}

/// What ends a comparison before its time.
enum Failure {
    /// Something about the file: the finding.
    File(io::Error),
    /// Something about the run.
    Run(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Run(error)
    }
}

/// Reads so many bytes, or to the end.
fn read_up_to(input: &mut Input, bytes: usize, found: &mut Vec<u8>) -> io::Result<()> {
    input.take(bytes as u64).read_to_end(found).map(drop)
}
