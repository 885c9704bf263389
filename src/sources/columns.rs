//! The columns that drift detection reads, by role and by name.

use std::path::Path;

use arrow_schema::{DataType, Schema};

use crate::{Error, Result};

/// What a column means to drift detection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Who pays: text.
    Payer,
    /// The group of the procedure code: text.
    CptGroup,
    /// When the claim was submitted: a date. Claims belong to windows by it.
    SubmittedDate,
    /// When the claim was decided: a date.
    DecidedDate,
    /// How it was decided: text, `PAID`, `DENIED` or anything else.
    Outcome,
}

impl Column {
    /// All columns, in the order in which sources handle them.
    pub const ALL: [Self; 5] =
        [Self::Payer, Self::CptGroup, Self::SubmittedDate, Self::DecidedDate, Self::Outcome];

    /// Whether the column holds dates; the others hold text.
    #[must_use]
    pub fn is_date(self) -> bool {
        matches!(self, Self::SubmittedDate | Self::DecidedDate)
    }

    /// The column's place in [`Column::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    fn accepts(self, data_type: &DataType) -> bool {
        if self.is_date() {
            return matches!(data_type, DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, _));
        }
        match data_type {
            DataType::Dictionary(_, values) => is_text(values),
            plain => is_text(plain),
        }
    }

    fn allowed_types(self) -> &'static str {
        if self.is_date() {
            "a date (Date32, Date64) or a timestamp of any unit"
        } else {
            "text (Utf8, LargeUtf8, Utf8View), dictionary-encoded or not"
        }
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// The names of the needed columns. The default is what the claims dataset calls them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnNames {
    /// Name of [`Column::Payer`].
    pub payer: String,
    /// Name of [`Column::CptGroup`].
    pub cpt_group: String,
    /// Name of [`Column::SubmittedDate`].
    pub submitted_date: String,
    /// Name of [`Column::DecidedDate`].
    pub decided_date: String,
    /// Name of [`Column::Outcome`].
    pub outcome: String,
}

impl Default for ColumnNames {
    fn default() -> Self {
        Self {
            payer: "payer".into(),
            cpt_group: "cpt_group".into(),
            submitted_date: "submitted_date".into(),
            decided_date: "decided_date".into(),
            outcome: "outcome".into(),
        }
    }
}

impl ColumnNames {
    /// The name of one column.
    #[must_use]
    pub fn of(&self, column: Column) -> &str {
        match column {
            Column::Payer => &self.payer,
            Column::CptGroup => &self.cpt_group,
            Column::SubmittedDate => &self.submitted_date,
            Column::DecidedDate => &self.decided_date,
            Column::Outcome => &self.outcome,
        }
    }

    /// Where each of [`Column::ALL`] stands in `schema`, the types checked. `place` is named in errors.
    ///
    /// # Errors
    /// [`Error::Input`] for a column that is missing (with the nearest name and all names there are), that
    /// is there more than once, or whose type cannot be used (with what is allowed).
    pub(crate) fn resolve(&self, schema: &Schema, place: &Path) -> Result<[usize; 5]> {
        let mut positions = [0; 5];
        for column in Column::ALL {
            let name = self.of(column);
            let (position, field) =
                schema.column_with_name(name).ok_or_else(|| Error::input(place, missing(name, schema)))?;
            let count = schema.fields().iter().filter(|field| field.name() == name).count();
            if count > 1 {
                let problem = format!(
                    "{count} columns are called {name:?}, and which one is meant cannot be known; \
                     rename or remove all but one"
                );
                return Err(Error::input(place, problem));
            }
            if !column.accepts(field.data_type()) {
                let found = field.data_type();
                let problem =
                    format!("column {name:?} has type {found}, and must be {}", column.allowed_types());
                return Err(Error::input(place, problem));
            }
            positions[column.index()] = position;
        }
        Ok(positions)
    }
}

/// The message for a column that is not there.
fn missing(wanted: &str, schema: &Schema) -> String {
    const SHOWN: usize = 40;
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let nearest =
        nearest_name(wanted, &names).map(|name| format!(" (did you mean {name:?}?)")).unwrap_or_default();
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
fn nearest_name<'a>(wanted: &str, names: &[&'a str]) -> Option<&'a str> {
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

    #[test]
    fn a_missing_column_is_named_with_the_nearest_there_is() {
        let schema = schema_of(&[("Payer", DataType::Utf8), ("group", DataType::Utf8)]);
        let problem =
            ColumnNames::default().resolve(&schema, Path::new("a.parquet")).unwrap_err().to_string();
        let expected =
            r#"a.parquet: no column "payer" (did you mean "Payer"?); its columns are: Payer, group"#;
        assert_eq!(problem, expected);
    }

    #[test]
    fn a_wrong_type_is_named_with_what_is_allowed() {
        let schema = schema_of(&[("payer", DataType::Int64)]);
        let problem =
            ColumnNames::default().resolve(&schema, Path::new("a.parquet")).unwrap_err().to_string();
        assert!(problem.contains("column \"payer\" has type Int64"), "{problem}");
        assert!(problem.contains("must be text"), "{problem}");
    }

    #[test]
    fn a_needed_name_that_is_there_twice_is_refused() {
        let needed = ColumnNames::default();
        let text = |name| (name, DataType::Utf8);
        let date = |name| (name, DataType::Date32);
        let mut fields = vec![text("payer"), text("cpt_group"), text("outcome"), text("note"), text("note")];
        fields.extend([date("submitted_date"), date("decided_date")]);
        assert_eq!(needed.resolve(&schema_of(&fields), Path::new("a.parquet")).unwrap(), [0, 1, 5, 6, 2]);
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
