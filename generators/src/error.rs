//! What is wrong with a spec, and where in it.

use crate::location::line_of;
use std::fmt::Display;

/// A dataset spec that cannot be planned: the file, the place in it, and what is allowed there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{}{problem}", prefix(.origin), line_prefix(.line), prefix(.place))]
pub struct SpecError {
    origin: String,
    /// The line of the place in the file, where it is known.
    line: Option<usize>,
    place: String,
    problem: String,
}

/// The result of checking a part of a spec.
pub type Result<T, E = SpecError> = std::result::Result<T, E>;

fn prefix(part: &str) -> String {
    if part.is_empty() { String::new() } else { format!("{part}: ") }
}

fn line_prefix(line: &Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!("line {line}: "))
}

impl SpecError {
    /// A problem at `place` (such as `column "payer"`); the file is added by [`SpecError::in_file`].
    pub fn at(place: impl Display, problem: impl Display) -> Self {
        Self { origin: String::new(), line: None, place: place.to_string(), problem: problem.to_string() }
    }

    /// A value that serde refuses, by its key.
    pub(crate) fn of_value(error: &toml::de::Error) -> Self {
        // The keys are in what it displays, and nowhere else.
        let told = error.to_string();
        let key = told.lines().find_map(|line| line.strip_prefix("in `")?.strip_suffix('`'));
        Self::at(key.unwrap_or_default(), error.message())
    }

    /// Names the file that the spec came from, and the line of `text`, what the file says, that the place is in.
    #[must_use]
    pub fn in_text(self, origin: &str, text: &str) -> Self {
        let unknown = self.problem.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        let line = line_of(text, &self.place, unknown);
        Self { origin: origin.to_owned(), line: self.line.or(line), ..self }
    }

    /// Names the file that the spec came from.
    #[must_use]
    pub fn in_file(self, origin: &str) -> Self {
        Self { origin: origin.to_owned(), ..self }
    }

    /// Puts a hint behind the problem.
    pub(crate) fn adding(mut self, hint: &str) -> Self {
        self.problem.push_str(hint);
        self
    }

    /// Puts `outer` before the place, as the path from the file to the problem grows outwards.
    #[must_use]
    pub fn within(self, outer: impl Display) -> Self {
        let place =
            if self.place.is_empty() { outer.to_string() } else { format!("{outer}: {}", self.place) };
        Self { place, ..self }
    }
}

/// Checks `condition`, or says what is wrong at `place`.
pub(crate) fn ensure(condition: bool, place: impl Display, problem: impl Display) -> Result<()> {
    if condition { Ok(()) } else { Err(SpecError::at(place, problem)) }
}

/// Joins names for a message: `"a", "b", "c"`, cut after a screenful.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 24;
    let names: Vec<&str> = names.into_iter().collect();
    let mut text = names.iter().take(SHOWN).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text += &format!(" and {} more", names.len() - SHOWN);
    }
    text
}
