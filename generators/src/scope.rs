//! What a column being built may know: the dataset, and the columns before it.

use crate::batch::BatchSoFar;
use crate::calendar::Calendar;
use crate::columns::{Column, ColumnKind, Nulls};
use crate::error::{Result, SpecError, ensure, listed};
use crate::loads::Loads;
use crate::plan::{Link, MAX_CHILDREN};
use crate::rng::Stream;
use crate::spec::{ConditionSpec, DriftSpec, Value};
use crate::tables::{Distribution, QuantileTable, QuantileTables};
use arrow_array::{Array, StringArray};
use arrow_schema::DataType;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A column that is built, under its name.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) kind: &'static ColumnKind,
    pub(crate) about: String,
    pub(crate) column: Box<dyn Column>,
    pub(crate) nulls: Nulls,
    /// Whether any row can be null.
    pub(crate) nullable: bool,
    /// The columns that it reads, by index.
    pub(crate) reads: BTreeSet<usize>,
    /// Whether the ledger counts its values.
    pub(crate) ledger: bool,
}

/// A column of the parent table, as the columns of a child know it.
#[derive(Debug, Clone)]
pub struct ParentColumn {
    pub(crate) name: String,
    pub(crate) data_type: DataType,
    pub(crate) categories: Option<Arc<StringArray>>,
    pub(crate) nullable: bool,
    pub(crate) is_calendar: bool,
    /// Of a list: what its entries hold.
    pub(crate) entries: Option<Arc<Entries>>,
}

/// What the entries of a list hold.
#[derive(Debug)]
pub struct Entries {
    /// The column that counts the entries of each row.
    pub(crate) count: usize,
    pub(crate) columns: Vec<ParentColumn>,
}

/// What the rows of a table belong to.
#[derive(Debug, Clone, Default)]
pub(crate) struct ParentScope {
    pub(crate) columns: Vec<ParentColumn>,
    /// The column that counts the rows of each parent row; one each when absent.
    pub(crate) count: Option<usize>,
}

/// The dataset as far as it is built.
#[derive(Debug)]
pub struct Scope {
    /// The dataset's name.
    pub dataset: String,
    /// What names the streams of this table apart from all others: the dataset's name, for a child table
    /// with the table's.
    pub(crate) stream_name: String,
    /// The seed of every stream.
    pub seed: u64,
    /// The tenant.
    pub customer: u32,
    /// Rows of the root table.
    pub records: u64,
    /// The loads that the rows of the root table come in.
    pub(crate) loads: Loads,
    /// When the rows fall.
    pub calendar: Arc<Calendar>,
    pub(crate) columns: Vec<Named>,
    pub(crate) quantiles: QuantileTables,
    /// The name of the column being built.
    pub(crate) current: String,
    /// The drift of the entries of the column being built; their columns without its name.
    pub(crate) entry_drifts: Vec<DriftSpec>,
    /// Of a child table, and of the entries of a list: the columns of the parent.
    pub(crate) parent: Option<ParentScope>,
    /// Of a child table: what makes the parent's rows.
    pub(crate) link: Option<Link>,
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
        Stream::of_column(self.seed, &self.stream_name, name).lane(u64::from(self.customer))
    }

    /// The table of a distribution.
    ///
    /// # Errors
    /// When its parameter is out of range.
    pub fn quantile_table(&mut self, distribution: Distribution) -> Result<Arc<QuantileTable>> {
        Ok(self.quantiles.of(distribution.check()?))
    }

    /// An empty scope of the same dataset.
    pub(crate) fn like(&self, stream_name: String, parent: ParentScope, link: Option<Link>) -> Self {
        Self {
            dataset: self.dataset.clone(),
            stream_name,
            seed: self.seed,
            customer: self.customer,
            records: self.records,
            loads: self.loads.clone(),
            calendar: Arc::clone(&self.calendar),
            columns: Vec::new(),
            quantiles: self.quantiles.clone(),
            current: String::new(),
            entry_drifts: Vec::new(),
            parent: Some(parent),
            link,
        }
    }

    /// All row numbers of this table are below it.
    pub(crate) fn row_limit(&self) -> u64 {
        let Some(link) = &self.link else { return self.records };
        let above = link.dataset.scope.row_limit();
        if link.count.is_some() { above.saturating_mul(MAX_CHILDREN) } else { above }
    }

    /// Whether the numbers of its rows are those of the places, one for one.
    pub(crate) fn is_dense(&self) -> bool {
        match &self.link {
            None => self.parent.is_none(),
            Some(link) => link.count.is_none() && link.when.is_none() && link.dataset.scope.is_dense(),
        }
    }

    /// Refuses tables whose rows are not numbered one after the other.
    pub(crate) fn check_dense(&self) -> Result<()> {
        let problem = "only a table with one row for each of the root's can refer to its other rows";
        ensure(self.is_dense(), "", problem)
    }

    /// The index of a column of the parent table, and what is known of it.
    ///
    /// # Errors
    /// When there is no parent table, or it has no such column.
    pub(crate) fn parent_column(&self, name: &str) -> Result<(usize, &ParentColumn)> {
        let Some(parent) = &self.parent else {
            return Err(SpecError::at("", "only a [[table]] with a parent has columns of this kind"));
        };
        let found = parent.columns.iter().enumerate().find(|(_, column)| column.name == name);
        found.ok_or_else(|| {
            let known = listed(parent.columns.iter().map(|column| column.name.as_str()));
            SpecError::at("", format!("the parent table has no column {name:?}; it has {known}"))
        })
    }

    /// The columns of this table as its children know them.
    pub(crate) fn as_parent(&self, count: Option<usize>) -> ParentScope {
        let column = |named: &Named| ParentColumn {
            name: named.name.clone(),
            data_type: named.column.data_type(),
            categories: named.column.categories().cloned(),
            nullable: named.nullable,
            is_calendar: named.column.is_calendar(),
            entries: named.column.entries().cloned(),
        };
        ParentScope { columns: self.columns.iter().map(column).collect(), count }
    }

    /// The column with the days of the calendar before the column at `index`: the one of that name, or the
    /// first.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn time_column(&self, name: Option<&str>, index: usize) -> Result<usize> {
        let is_calendar = |column: usize| column < index && self.column(column).is_calendar();
        if let Some(name) = name {
            let column = self.index(name).map_err(|error| error.within("time"))?;
            let problem = format!("{name:?} is no copy of the calendar's date that stands before the column");
            ensure(is_calendar(column), "time", problem)?;
            return Ok(column);
        }
        let found = (0..index).find(|column| is_calendar(*column));
        found.ok_or_else(|| SpecError::at("", "only columns behind a calendar column can drift"))
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

    /// The index of a column of whole numbers before this one.
    ///
    /// # Errors
    /// When there is none, or it has another type.
    pub fn whole_number(&self, name: &str) -> Result<usize> {
        let index = self.index(name)?;
        let data_type = self.column(index).data_type();
        let whole = matches!(data_type, DataType::Int16 | DataType::Int32 | DataType::Int64);
        ensure(whole, "", format!("column {name:?} holds no whole numbers")).map(|()| index)
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
