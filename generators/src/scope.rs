//! What a column being built may know: the dataset, and the columns before it.

use crate::batch::BatchSoFar;
use crate::calendar::Calendar;
use crate::columns::Column;
use crate::error::{Result, SpecError, listed};
use crate::rng::Stream;
use crate::spec::{ConditionSpec, Value};
use crate::tables::{Distribution, QuantileTable, QuantileTables};
use arrow_array::{Array, StringArray};
use arrow_schema::DataType;
use std::sync::Arc;

/// A column that is built, under its name.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) column: Box<dyn Column>,
    /// Whether any row can be null.
    pub(crate) nullable: bool,
}

/// The dataset as far as it is built.
#[derive(Debug)]
pub struct Scope {
    /// The dataset's name.
    pub dataset: String,
    /// The seed of every stream.
    pub seed: u64,
    /// The tenant.
    pub customer: u32,
    /// Rows of the whole dataset.
    pub records: u64,
    /// When the rows fall.
    pub calendar: Arc<Calendar>,
    pub(crate) columns: Vec<Named>,
    pub(crate) quantiles: QuantileTables,
    /// The name of the column being built.
    pub(crate) current: String,
}

impl Scope {
    /// The random words of the column being built.
    #[must_use]
    pub fn stream(&self) -> Stream {
        self.stream_of(&self.current)
    }

    /// The random words of a purpose with a name of its own.
    #[must_use]
    pub(crate) fn stream_of(&self, name: &str) -> Stream {
        Stream::of_column(self.seed, &self.dataset, name).lane(u64::from(self.customer))
    }

    /// The table of a distribution.
    ///
    /// # Errors
    /// When its parameter is out of range.
    pub fn quantile_table(&mut self, distribution: Distribution) -> Result<Arc<QuantileTable>> {
        Ok(self.quantiles.of(distribution.check()?))
    }

    /// The index of a column before this one.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn index(&self, name: &str) -> Result<usize> {
        self.columns.iter().position(|known| known.name == name).ok_or_else(|| {
            let before = listed(self.columns.iter().map(|known| known.name.as_str()));
            SpecError::at("", format!("there is no column {name:?} before this one; there are {before}"))
        })
    }

    /// The column at an index.
    pub(crate) fn column(&self, index: usize) -> &dyn Column {
        self.columns[index].column.as_ref()
    }

    /// Whether the column at an index can be null.
    pub(crate) fn is_nullable(&self, index: usize) -> bool {
        self.columns[index].nullable
    }

    /// The index of a column before this one with the given type, which `wanted` names.
    ///
    /// # Errors
    /// When there is none, or it has another type.
    pub fn typed(&self, name: &str, data_type: &DataType, wanted: &str) -> Result<usize> {
        let index = self.index(name)?;
        if self.column(index).data_type() == *data_type {
            return Ok(index);
        }
        Err(SpecError::at("", format!("column {name:?} is no {wanted} column")))
    }

    /// The index and values of a category column before this one.
    ///
    /// # Errors
    /// When there is none, or it has no categories.
    pub fn category(&self, name: &str) -> Result<(usize, Arc<StringArray>)> {
        let index = self.index(name)?;
        let categories = self.column(index).categories().cloned();
        let categories =
            categories.ok_or_else(|| SpecError::at("", format!("column {name:?} has no categories")))?;
        Ok((index, categories))
    }
}

/// The code of `value` among `categories`.
pub(crate) fn code_of(column: &str, categories: &StringArray, value: &str) -> Result<usize> {
    categories.iter().position(|known| known == Some(value)).ok_or_else(|| {
        let known = listed(categories.iter().flatten());
        SpecError::at("", format!("column {column:?} has no value {value:?}; it has {known}"))
    })
}

/// A checked condition on columns before this one: each named column holds one of its values.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    clauses: Vec<Clause>,
}

#[derive(Debug, Clone)]
enum Clause {
    Codes { column: usize, allowed: Vec<bool> },
    Flag { column: usize, allowed: bool },
}

impl Condition {
    /// Checks a condition against the columns before this one.
    ///
    /// # Errors
    /// When a column is not there, is no category or boolean, or lacks a value.
    pub fn new(scope: &Scope, spec: &ConditionSpec) -> Result<Self> {
        let clause =
            |(name, values): (&String, &crate::spec::OneOrMany)| clause(scope, name, values.values());
        let clauses = spec.iter().map(clause).collect::<Result<Vec<_>>>()?;
        Ok(Self { clauses })
    }

    /// For each row whether it holds. A null never satisfies a condition.
    #[must_use]
    pub fn mask(&self, batch: &BatchSoFar, row_count: usize) -> Vec<bool> {
        let mut mask = vec![true; row_count];
        for clause in &self.clauses {
            clause.narrow(batch, &mut mask);
        }
        mask
    }

    /// The columns it reads.
    pub fn reads(&self) -> impl Iterator<Item = usize> + '_ {
        self.clauses.iter().map(|clause| match clause {
            Clause::Codes { column, .. } | Clause::Flag { column, .. } => *column,
        })
    }

    /// The codes of a category column that it allows, if it speaks of that column.
    pub(crate) fn codes(&self, wanted: usize) -> Option<&[bool]> {
        self.clauses.iter().find_map(|clause| match clause {
            Clause::Codes { column, allowed } if *column == wanted => Some(allowed.as_slice()),
            _ => None,
        })
    }

    /// Whether it holds where the columns have the given codes; never, where it speaks of flags.
    pub(crate) fn holds(&self, code_of: &dyn Fn(usize) -> usize) -> bool {
        self.clauses.iter().all(|clause| match clause {
            Clause::Codes { column, allowed } => allowed[code_of(*column)],
            Clause::Flag { .. } => false,
        })
    }

    /// Whether it speaks of categories only.
    pub(crate) fn only_categories(&self) -> bool {
        self.clauses.iter().all(|clause| matches!(clause, Clause::Codes { .. }))
    }
}

impl Clause {
    fn narrow(&self, batch: &BatchSoFar, mask: &mut [bool]) {
        use crate::batch::Codes;
        let column = match self {
            Self::Codes { column, allowed } => {
                match batch.codes(*column) {
                    Codes::Narrow(codes) => {
                        let mut table = [false; 256];
                        table[..allowed.len()].copy_from_slice(allowed);
                        mask.iter_mut()
                            .zip(codes)
                            .for_each(|(kept, code)| *kept &= table[usize::from(*code)]);
                    }
                    Codes::Wide(codes) => {
                        mask.iter_mut()
                            .zip(codes)
                            .for_each(|(kept, code)| *kept &= allowed[usize::from(*code)]);
                    }
                }
                *column
            }
            Self::Flag { column, allowed } => {
                let flags = batch.flags(*column).iter();
                mask.iter_mut().zip(flags).for_each(|(kept, flag)| *kept &= flag == *allowed);
                *column
            }
        };
        if let Some(nulls) = batch.nulls(column) {
            mask.iter_mut().zip(nulls.iter()).for_each(|(kept, valid)| *kept &= valid);
        }
    }
}

fn clause(scope: &Scope, name: &str, values: &[Value]) -> Result<Clause> {
    if values.is_empty() {
        return Err(SpecError::at("", format!("the condition on {name:?} names no value")));
    }
    if let [Value::Flag(allowed)] = values {
        return Ok(Clause::Flag {
            column: scope.typed(name, &DataType::Boolean, "boolean")?,
            allowed: *allowed,
        });
    }
    let (column, categories) = scope.category(name)?;
    let mut allowed = vec![false; categories.len()];
    for value in values {
        match value {
            Value::Text(value) => allowed[code_of(name, &categories, value)?] = true,
            Value::Flag(flag) => {
                return Err(SpecError::at(
                    "",
                    format!("the condition on {name:?} mixes {flag} with other values"),
                ));
            }
        }
    }
    Ok(Clause::Codes { column, allowed })
}
