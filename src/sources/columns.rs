//! The columns that drift detection reads: names, and what each is read as.

use std::path::Path;

use arrow_schema::{DataType, Schema};

use crate::{Error, Result};

/// What a column is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// Categories: text, or whole numbers and flags as text.
    Text,
    /// Days: dates, or instants as the UTC day that they are in.
    Day,
    /// Numbers, in units of their last decimal.
    Number {
        /// Decimals that count.
        decimals: u8,
    },
    /// Whether there is a value, of whatever type.
    Presence,
}

impl ColumnKind {
    fn accepts(self, data_type: &DataType) -> bool {
        match self {
            Self::Text => match data_type {
                DataType::Dictionary(_, values) => is_text(values),
                DataType::Boolean => true,
                plain => is_text(plain) || plain.is_integer(),
            },
            Self::Day => matches!(data_type, DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, _)),
            Self::Number { .. } => {
                data_type.is_integer()
                    || matches!(data_type, DataType::Float32 | DataType::Float64)
                    || matches!(
                        data_type,
                        DataType::Decimal32(_, _) | DataType::Decimal64(_, _) | DataType::Decimal128(_, _)
                    )
            }
            Self::Presence => true,
        }
    }

    fn allowed_types(self) -> &'static str {
        match self {
            Self::Text => {
                "text (Utf8, LargeUtf8, Utf8View), dictionary-encoded or not, whole numbers or flags"
            }
            Self::Day => "a date (Date32, Date64) or a timestamp of any unit",
            Self::Number { .. } => "a number: integer, float or decimal of up to 128 bits",
            Self::Presence => "anything",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "a category",
            Self::Day => "a date",
            Self::Number { .. } => "a number",
            Self::Presence => "anything",
        }
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// One column to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it is read as.
    pub kind: ColumnKind,
    /// Whether rows without a value in it are left out.
    pub is_required: bool,
}

/// The columns to read; the first is the time, which every row must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    columns: Vec<Column>,
}

impl Columns {
    /// The place of the time.
    pub const TIME: usize = 0;

    /// The time alone.
    #[must_use]
    pub fn new(time: &str) -> Self {
        let time = Column { name: time.to_owned(), kind: ColumnKind::Day, is_required: true };
        Self { columns: vec![time] }
    }

    /// Adds a column, unless it is there as the same kind already.
    ///
    /// # Errors
    /// The problem, when it is there as another kind.
    pub fn add(&mut self, name: &str, kind: ColumnKind) -> Result<(), String> {
        match self.position(name).map(|position| &self.columns[position]) {
            Some(known) if known.kind == kind => Ok(()),
            Some(known) if known.kind.name() == kind.name() => {
                Err(format!("column {name:?} is a number of different decimals elsewhere"))
            }
            Some(known) => {
                Err(format!("column {name:?} cannot be both {} and {}", known.kind.name(), kind.name()))
            }
            None => {
                self.columns.push(Column { name: name.to_owned(), kind, is_required: false });
                Ok(())
            }
        }
    }

    /// Adds a column of which only the nulls matter, unless it is there as anything.
    pub fn add_presence(&mut self, name: &str) {
        if self.position(name).is_none() {
            let kind = ColumnKind::Presence;
            self.columns.push(Column { name: name.to_owned(), kind, is_required: false });
        }
    }

    /// Leaves out the rows without a value in these columns; names that are not there are passed over.
    pub fn require<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        for name in names {
            if let Some(column) = self.columns.iter_mut().find(|column| column.name == name) {
                column.is_required = true;
            }
        }
    }

    /// The columns in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Column> {
        self.columns.iter()
    }

    /// The column at a place.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn at(&self, position: usize) -> &Column {
        &self.columns[position]
    }

    /// The number of columns, at least 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there always is the time")]
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Where the column of that name stands.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Where each column stands in `schema`, the types checked. `place` is named in errors.
    ///
    /// # Errors
    /// [`Error::Input`] for a column that is missing (with the nearest name and all names there are), that
    /// is there more than once, or whose type cannot be used (with what is allowed).
    pub(crate) fn resolve(&self, schema: &Schema, place: &Path) -> Result<Vec<usize>> {
        Self::resolve_some(&self.columns, schema, place)
    }

    /// The same for some columns.
    ///
    /// # Errors
    /// As [`Columns::resolve`].
    pub(super) fn resolve_some<'c>(
        columns: impl IntoIterator<Item = &'c Column>,
        schema: &Schema,
        place: &Path,
    ) -> Result<Vec<usize>> {
        columns.into_iter().map(|column| position_of(column, schema, place)).collect()
    }
}

fn position_of(column: &Column, schema: &Schema, place: &Path) -> Result<usize> {
    let name = &column.name;
    let (position, field) =
        schema.column_with_name(name).ok_or_else(|| Error::input(place, missing_in(name, schema)))?;
    let count = schema.fields().iter().filter(|field| field.name() == name).count();
    if count > 1 {
        let problem = format!(
            "{count} columns are called {name:?}, and which one is meant cannot be known; \
             rename or remove all but one"
        );
        return Err(Error::input(place, problem));
    }
    if !column.kind.accepts(field.data_type()) {
        let (found, allowed) = (field.data_type(), column.kind.allowed_types());
        let problem = format!("column {name:?} has type {found}, and must be {allowed}");
        return Err(Error::input(place, problem));
    }
    Ok(position)
}

fn missing_in(wanted: &str, schema: &Schema) -> String {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    missing(wanted, &names)
}

/// The message for a column that is not among `names`.
pub(super) fn missing(wanted: &str, names: &[&str]) -> String {
    const SHOWN: usize = 40;
    let nearest =
        nearest_name(wanted, names).map(|name| format!(" (did you mean {name:?}?)")).unwrap_or_default();
    let mut listed = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        listed += &format!(" and {} more", names.len() - SHOWN);
    }
    if listed.is_empty() {
        listed += "none";
    }
    format!("no column {wanted:?}{nearest}; its columns are: {listed}")
}

/// The name that differs from `wanted` least, if it differs in at most a third of the letters.
pub(crate) fn nearest_name<'a>(wanted: &str, names: &[&'a str]) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    let tolerated = wanted.chars().count().div_ceil(3);
    names
        .iter()
        .map(|name| (edit_distance(&wanted, &name.to_lowercase()), *name))
        .min()
        .filter(|&(distance, _)| distance <= tolerated)
        .map(|(_, name)| name)
}

/// How many letters must be inserted, deleted or replaced to turn `from` into `to` (Levenshtein 1966).
fn edit_distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (i, letter) in from.chars().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in to.iter().enumerate() {
            let replaced = above[j] + usize::from(letter != *other);
            row.push(replaced.min(above[j + 1] + 1).min(row[j] + 1));
        }
        above = row;
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use arrow_schema::Field;

    use super::*;

    fn schema_of(fields: &[(&str, DataType)]) -> Schema {
        Schema::new(
            fields.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>(),
        )
    }

    fn claims() -> Columns {
        let mut columns = Columns::new("submitted_date");
        for name in ["payer", "cpt_group", "outcome"] {
            columns.add(name, ColumnKind::Text).unwrap();
        }
        columns.add("decided_date", ColumnKind::Day).unwrap();
        columns
    }

    #[test]
    fn a_missing_column_is_named_with_the_nearest_there_is() {
        let schema = schema_of(&[("Submitted_date", DataType::Utf8), ("group", DataType::Utf8)]);
        let problem = claims().resolve(&schema, Path::new("a.parquet")).unwrap_err().to_string();
        let expected = r#"a.parquet: no column "submitted_date" (did you mean "Submitted_date"?); its columns are: Submitted_date, group"#;
        assert_eq!(problem, expected);
    }

    #[test]
    fn a_wrong_type_is_named_with_what_is_allowed() {
        let schema = schema_of(&[("submitted_date", DataType::Date32), ("payer", DataType::Float64)]);
        let problem = claims().resolve(&schema, Path::new("a.parquet")).unwrap_err().to_string();
        assert!(problem.contains("column \"payer\" has type Float64"), "{problem}");
        assert!(problem.contains("must be text"), "{problem}");
    }

    #[test]
    fn a_needed_name_that_is_there_twice_is_refused() {
        let needed = claims();
        let text = |name| (name, DataType::Utf8);
        let date = |name| (name, DataType::Date32);
        let mut fields = vec![text("payer"), text("cpt_group"), text("outcome"), text("note"), text("note")];
        fields.extend([date("submitted_date"), date("decided_date")]);
        assert_eq!(needed.resolve(&schema_of(&fields), Path::new("a.parquet")).unwrap(), [5, 0, 1, 2, 6]);
        fields.push(text("outcome"));
        let refused = needed.resolve(&schema_of(&fields), Path::new("a.parquet")).unwrap_err().to_string();
        assert!(refused.starts_with("a.parquet: 2 columns are called \"outcome\""), "{refused}");
    }

    #[test]
    fn far_names_are_not_suggested() {
        assert_eq!(nearest_name("payer", &["outcome", "cpt"]), None);
        assert_eq!(
            nearest_name("submited_date", &["decided_date", "submitted_date"]),
            Some("submitted_date")
        );
        assert_eq!(nearest_name("payer", &[]), None);
    }

    #[test]
    fn distances_match_the_textbook() {
        // Kitten to sitting is the usual example: two replacements and one insertion.
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("abc", ""), 3);
    }
}
