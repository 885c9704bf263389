//! Parameters that depend on other columns: one cell for each combination of their categories.

use crate::batch::{BatchSoFar, Codes};
use crate::error::{Result, SpecError, ensure};
use crate::scope::{Scope, code_of};
use arrow_array::Array;
use std::collections::BTreeMap;

/// The most cells that a column may have; every one holds a parameter.
const MAX_CELLS: usize = 1 << 20;

/// What a spec writes for parameters by category: column → value → number.
pub(crate) type FactorsSpec = BTreeMap<String, BTreeMap<String, f64>>;

/// The cells of a set of category columns, numbered with the last column changing fastest.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    axes: Vec<Axis>,
}

#[derive(Debug, Clone)]
struct Axis {
    column: usize,
    categories: usize,
}

impl Cells {
    /// The cells of the named columns.
    ///
    /// # Errors
    /// When a column is not there or has no categories, or there are more than 1,048,576 cells.
    pub fn new(scope: &Scope, columns: &[String]) -> Result<Self> {
        let axis = |name: &String| -> Result<Axis> {
            let (column, categories) = scope.category(name)?;
            Ok(Axis { column, categories: categories.len() })
        };
        let cells = Self { axes: columns.iter().map(axis).collect::<Result<_>>()? };
        let fits = cells.axes.iter().try_fold(1usize, |count, axis| count.checked_mul(axis.categories));
        ensure(
            fits.is_some_and(|count| count <= MAX_CELLS),
            "by",
            format!("{} columns make more than {MAX_CELLS} combinations", columns.len()),
        )?;
        Ok(cells)
    }

    /// Cells and their values from one number for each category of some columns, combined with `combine`;
    /// a category that is not named counts as `neutral`.
    ///
    /// # Errors
    /// As [`Cells::new`], and when a category is unknown or a number not finite.
    pub(crate) fn of_factors(
        scope: &Scope,
        factors: &FactorsSpec,
        neutral: f64,
        combine: fn(f64, f64) -> f64,
    ) -> Result<(Self, Vec<f64>)> {
        let names: Vec<String> = factors.keys().cloned().collect();
        let cells = Self::new(scope, &names)?;
        let mut tables = Vec::new();
        for (name, values) in factors {
            let (_, categories) = scope.category(name)?;
            let mut table = vec![neutral; categories.len()];
            for (value, number) in values {
                ensure(number.is_finite(), format!("{name}.{value}"), "is not a finite number")?;
                table[code_of(name, &categories, value)?] = *number;
            }
            tables.push(table);
        }
        let value = |cell: usize| {
            let codes = cells.codes(cell);
            tables.iter().zip(&codes).fold(neutral, |value, (table, code)| combine(value, table[*code]))
        };
        let values = (0..cells.count()).map(value).collect();
        Ok((cells, values))
    }

    /// A value for each cell, read from nested TOML tables: one level for each column, `*` for every other
    /// value.
    ///
    /// # Errors
    /// When a cell has no table, or `check` refuses what it says.
    pub(crate) fn tables<R: serde::de::DeserializeOwned, T>(
        &self,
        scope: &Scope,
        tables: &toml::Table,
        mut check: impl FnMut(R) -> Result<T>,
    ) -> Result<Vec<T>> {
        let columns: Vec<usize> = self.columns().collect();
        let mut read = |cell: usize| {
            let codes = self.codes(cell);
            let categories = columns.iter().map(|column| scope.column(*column).categories());
            let names = categories.zip(&codes).filter_map(|(values, code)| Some(values?.value(*code)));
            let path: Vec<&str> = names.collect();
            let place = || format!("tables.{}", path.join("."));
            let table = toml::Value::Table(nested(tables, &path)?.clone());
            let raw = table.try_into().map_err(|error| SpecError::of_value(&error).within(place()))?;
            check(raw).map_err(|error| error.within(place()))
        };
        (0..self.count()).map(&mut read).collect()
    }

    /// The number of cells; 1 when there is no column.
    #[must_use]
    pub fn count(&self) -> usize {
        self.axes.iter().map(|axis| axis.categories).product()
    }

    /// The columns, outermost first.
    pub fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.axes.iter().map(|axis| axis.column)
    }

    /// The category codes of a cell, one for each column.
    #[must_use]
    pub fn codes(&self, cell: usize) -> Vec<usize> {
        let mut rest = cell;
        let mut codes: Vec<usize> = self
            .axes
            .iter()
            .rev()
            .map(|axis| {
                let code = rest % axis.categories;
                rest /= axis.categories;
                code
            })
            .collect();
        codes.reverse();
        codes
    }

    /// The cell of category codes, one for each column.
    #[must_use]
    pub fn cell(&self, codes: impl IntoIterator<Item = usize>) -> usize {
        self.axes.iter().zip(codes).fold(0, |cell, (axis, code)| cell * axis.categories + code)
    }

    /// The cell of every row of a batch.
    #[must_use]
    pub fn of_rows(&self, batch: &BatchSoFar, row_count: usize) -> Vec<u32> {
        let mut cells = vec![0u32; row_count];
        for axis in &self.axes {
            let categories = axis.categories as u32;
            match batch.codes(axis.column) {
                Codes::Narrow(codes) => add_axis(&mut cells, categories, codes),
                Codes::Wide(codes) => add_axis(&mut cells, categories, codes),
            }
        }
        cells
    }
}

fn add_axis<T: Copy + Into<u32>>(cells: &mut [u32], categories: u32, codes: &[T]) {
    cells.iter_mut().zip(codes).for_each(|(cell, code)| *cell = *cell * categories + (*code).into());
}

/// Finds the table of a cell in nested TOML: one level for each column, `*` for every other value.
pub(crate) fn nested<'a>(tables: &'a toml::Table, path: &[&str]) -> Result<&'a toml::Table> {
    path.iter().try_fold(tables, |level, value| {
        let next = level.get(*value).or_else(|| level.get("*"));
        next.and_then(toml::Value::as_table).ok_or_else(|| {
            SpecError::at(
                "tables",
                format!("there is none for {:?} and no \"*\" for all others", path.join("\".\"")),
            )
        })
    })
}
