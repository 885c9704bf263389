//! By what tables are cut into folders, as a person says it.

use std::fmt;
use std::str::FromStr;

/// The columns whose values name the folders that files go to, the outermost first; none: no such folders.
///
/// A date or a timestamp is cut by a unit, and stays in the files. A text stands in the folder's name alone, as
/// Hive, Spark and DuckDB write it: readers add it to the rows, and pyarrow refuses files that have it too in
/// another type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartitionBy {
    columns: Vec<PartitionColumn>,
}

/// One of the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionColumn {
    /// The column's name.
    pub column: String,
    /// What its dates are cut by; `None` for text.
    pub unit: Option<DateUnit>,
}

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateUnit {
    /// `2025`.
    Year,
    /// `2025-03`.
    Month,
    /// `2025-03-14`.
    Day,
}

impl DateUnit {
    const ALL: [Self; 3] = [Self::Year, Self::Month, Self::Day];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
        }
    }

    /// How chrono writes a date's stretch.
    pub(super) fn format(self) -> &'static str {
        match self {
            Self::Year => "%Y",
            Self::Month => "%Y-%m",
            Self::Day => "%Y-%m-%d",
        }
    }
}

impl PartitionBy {
    /// The columns, the outermost first.
    #[must_use]
    pub fn columns(&self) -> &[PartitionColumn] {
        &self.columns
    }

    /// Whether there are no folders.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }
}

impl PartitionColumn {
    /// What the folders call it: a text's own name, `submitted_date_month` for the months of `submitted_date`.
    #[must_use]
    pub fn folder_column(&self) -> String {
        match self.unit {
            None => self.column.clone(),
            Some(unit) => format!("{}_{}", self.column, unit.name()),
        }
    }
}

impl FromStr for PartitionBy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let columns: Vec<PartitionColumn> = text.split(',').map(column).collect::<Result<_, _>>()?;
        for (index, column) in columns.iter().enumerate() {
            if columns[..index].iter().any(|before| before.folder_column() == column.folder_column()) {
                return Err(format!("{column} is there twice"));
            }
        }
        Ok(Self { columns })
    }
}

fn column(text: &str) -> Result<PartitionColumn, String> {
    let (column, unit) = match text.rsplit_once(':') {
        None => (text, None),
        Some((column, name)) => match DateUnit::ALL.into_iter().find(|unit| unit.name() == name) {
            Some(unit) => (column, Some(unit)),
            None => return Err(format!("{name:?} is no unit of dates: year, month or day")),
        },
    };
    if column.is_empty() {
        return Err("columns with commas between them, such as payer,submitted_date:month".to_owned());
    }
    Ok(PartitionColumn { column: column.to_owned(), unit })
}

impl fmt::Display for PartitionColumn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            None => formatter.write_str(&self.column),
            Some(unit) => write!(formatter, "{}:{}", self.column, unit.name()),
        }
    }
}

impl fmt::Display for PartitionBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, column) in self.columns.iter().enumerate() {
            formatter.write_str(if index == 0 { "" } else { "," })?;
            column.fmt(formatter)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_read_and_printed_alike() {
        let by: PartitionBy = "payer,submitted_date:month".parse().unwrap();
        assert_eq!(by.to_string(), "payer,submitted_date:month");
        let names: Vec<String> = by.columns().iter().map(PartitionColumn::folder_column).collect();
        assert_eq!(names, ["payer", "submitted_date_month"]);
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, part) in [
            ("", "columns with commas"),
            ("a,,b", "columns with commas"),
            (":month", "columns with commas"),
            ("a:week", "year, month or day"),
            ("a,b,a", "twice"),
        ] {
            let problem = text.parse::<PartitionBy>().unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }
}
