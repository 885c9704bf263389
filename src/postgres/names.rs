//! Names and texts as they stand in SQL.

use std::fmt;

use crate::{Error, Result};

/// The longest name in bytes; the server cuts longer ones without a word (PostgreSQL, `NAMEDATALEN` − 1).
pub(crate) const LONGEST_NAME_BYTES: usize = 63;

/// A name in double quotes, whatever is in it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Names in double quotes, with commas between.
pub(crate) fn quoted_list<Name: AsRef<str>>(names: &[Name]) -> String {
    names.iter().map(|name| quoted(name.as_ref())).collect::<Vec<_>>().join(", ")
}

/// A text as a literal; sessions have `standard_conforming_strings` on.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name made of several, cut so that the server does not have to.
pub(crate) fn derived_name(base: &str, rest: &str) -> String {
    let mut most = LONGEST_NAME_BYTES.saturating_sub(rest.len()).min(base.len());
    while !base.is_char_boundary(most) {
        most -= 1;
    }
    format!("{}{rest}", &base[..most])
}

/// A table, with the schema that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    /// The schema's name.
    pub schema: String,
    /// The table's own name.
    pub table: String,
}

impl TableName {
    /// Checks both names, as they came from `--schema` and `--table`.
    ///
    /// # Errors
    /// [`Error::Option`] for a name that the server would not take as it is.
    pub fn new(schema: &str, table: &str) -> Result<Self> {
        check("schema", schema)?;
        check("table", table)?;
        Ok(Self { schema: schema.to_owned(), table: table.to_owned() })
    }

    /// A table beside this one, named after it.
    pub(crate) fn beside(&self, suffix: &str) -> Self {
        Self { schema: self.schema.clone(), table: derived_name(&self.table, suffix) }
    }
}

impl fmt::Display for TableName {
    /// As it stands in SQL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", quoted(&self.schema), quoted(&self.table))
    }
}

fn check(option: &'static str, name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::option(option, "\"\"", "a name has at least one character"));
    }
    if name.contains('\0') {
        return Err(Error::option(option, name.escape_debug(), "a name has no NUL characters"));
    }
    if name.len() > LONGEST_NAME_BYTES {
        let problem = format!("{} bytes; PostgreSQL's names have at most {LONGEST_NAME_BYTES}", name.len());
        return Err(Error::option(option, name, problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_within_are_doubled() {
        let name = TableName::new("odd \"schema\"", "it's").unwrap();
        assert_eq!(name.to_string(), r#""odd ""schema"""."it's""#);
        assert_eq!(literal("it's"), "'it''s'");
    }

    #[test]
    fn names_that_the_server_would_change_are_refused() {
        for name in ["", "a\0b", &"x".repeat(64), &"é".repeat(32)] {
            assert_eq!(TableName::new("public", name).unwrap_err().exit_code(), crate::ExitCode::BadInput);
        }
        assert!(TableName::new(&"x".repeat(63), "t").is_ok());
    }

    #[test]
    fn derived_names_are_cut_at_a_character() {
        assert_eq!(derived_name("claims", "_pkey"), "claims_pkey");
        let cut = derived_name(&"é".repeat(31), "_pkey");
        assert_eq!(cut, format!("{}_pkey", "é".repeat(29)));
        assert!(cut.len() <= LONGEST_NAME_BYTES);
    }
}
