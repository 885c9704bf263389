//! What is gathered of one table, in any number of pieces.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_cast::cast;
use arrow_schema::{DataType, Schema};

use super::column::ColumnState;

/// What stands behind the path of a list for its entries.
const ENTRIES: &str = "[]";

/// What is gathered of a table's columns, by path, in the order of the schema.
#[derive(Debug, Clone, Default)]
pub(super) struct TableState {
    pub rows: u64,
    pub columns: Vec<(String, ColumnState)>,
}

impl TableState {
    /// Nothing yet, of all columns: a table without rows has them as well.
    pub(super) fn new(schema: &Schema) -> Self {
        let mut state = Self::default();
        for field in schema.fields() {
            state.declare(field.name(), field.data_type());
        }
        state
    }

    fn declare(&mut self, path: &str, data_type: &DataType) {
        match data_type {
            DataType::Struct(fields) => {
                for field in fields {
                    self.declare(&format!("{path}.{}", field.name()), field.data_type());
                }
            }
            DataType::List(entry) | DataType::LargeList(entry) | DataType::FixedSizeList(entry, _) => {
                self.columns.push((path.to_owned(), ColumnState::new(data_type)));
                self.declare(&format!("{path}{ENTRIES}"), entry.data_type());
            }
            _ => self.columns.push((path.to_owned(), ColumnState::new(data_type))),
        }
    }

    /// The column at a path; a new one when there is none.
    pub(super) fn column(&mut self, path: &str, data_type: &DataType) -> &mut ColumnState {
        let known = self.columns.iter().position(|(known, _)| known == path);
        let position = known.unwrap_or_else(|| {
            self.columns.push((path.to_owned(), ColumnState::new(data_type)));
            self.columns.len() - 1
        });
        &mut self.columns[position].1
    }

    /// Adds a batch.
    ///
    /// # Errors
    /// Names the column that cannot be read.
    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<(), String> {
        self.rows += batch.num_rows() as u64;
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            self.add_array(field.name(), array, None)?;
        }
        Ok(())
    }

    /// Adds an array at a path; rows that are not in `present` have no place for a value.
    fn add_array(
        &mut self,
        path: &str,
        array: &ArrayRef,
        present: Option<&NullBuffer>,
    ) -> Result<(), String> {
        match array.data_type() {
            DataType::Struct(_) => {
                let fields = array.as_struct();
                let present = NullBuffer::union(present, fields.nulls());
                for (field, child) in fields.fields().iter().zip(fields.columns()) {
                    self.add_array(&format!("{path}.{}", field.name()), child, present.as_ref())?;
                }
                Ok(())
            }
            DataType::List(_) => self.add_list(path, array, present),
            DataType::LargeList(entry) | DataType::FixedSizeList(entry, _) => {
                let lists = cast(array, &DataType::List(entry.clone()));
                let lists = lists.map_err(|error| format!("column {path}: {error}"))?;
                self.add_list(path, &lists, present)
            }
            data_type => {
                let column = self.column(path, data_type);
                column.add(array, present).map_err(|problem| format!("column {path}: {problem}"))
            }
        }
    }

    /// Adds the lengths of lists, and their entries one level deeper.
    fn add_list(&mut self, path: &str, array: &ArrayRef, present: Option<&NullBuffer>) -> Result<(), String> {
        let lists = array.as_list::<i32>();
        let is_there = |row: usize| present.is_none_or(|present| present.is_valid(row));
        let lengths = (0..lists.len())
            .filter(|row| is_there(*row))
            .map(|row| lists.is_valid(row).then(|| lists.value_length(row) as u64));
        self.column(path, array.data_type()).add_lengths(lengths);
        let entries = format!("{path}{ENTRIES}");
        let counted = || (0..lists.len()).filter(|row| is_there(*row) && lists.value_length(*row) > 0);
        let counted = || counted().filter(|row| lists.is_valid(*row));
        let offsets = lists.value_offsets();
        let (first, last) = (offsets[0] as usize, offsets[lists.len()] as usize);
        // As a rule nothing stands between the lists that count, and all entries are one stretch.
        if counted().map(|row| lists.value_length(row) as usize).sum::<usize>() == last - first {
            return self.add_array(&entries, &lists.values().slice(first, last - first), None);
        }
        for row in counted() {
            self.add_array(&entries, &lists.value(row), None)?;
        }
        Ok(())
    }

    /// Adds all that another piece of the table has.
    pub(super) fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        for (path, column) in other.columns {
            match self.columns.iter_mut().find(|(known, _)| *known == path) {
                Some((_, own)) => own.merge(column),
                None => self.columns.push((path, column)),
            }
        }
    }
}
