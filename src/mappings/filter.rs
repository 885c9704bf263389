//! Which rows a metric counts.

use std::collections::BTreeMap;

/// What a column's value must be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Condition {
    /// One of these texts.
    OneOf(Vec<String>),
    /// A text that contains this one, whatever the case of its letters; lower case here.
    Contains(String),
}

impl Condition {
    /// Whether a value fulfils the condition; a null never does.
    #[must_use]
    pub fn holds(&self, value: Option<&str>) -> bool {
        let Some(value) = value else { return false };
        match self {
            Self::OneOf(values) => values.iter().any(|known| known == value),
            Self::Contains(part) => value.to_lowercase().contains(part),
        }
    }
}

/// Alternatives, each a condition per column: a row passes when all conditions of one alternative hold.
///
/// Without alternatives every row passes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    alternatives: Vec<BTreeMap<String, Condition>>,
}

impl Filter {
    /// A filter of these alternatives.
    #[must_use]
    pub fn of(alternatives: Vec<BTreeMap<String, Condition>>) -> Self {
        Self { alternatives }
    }

    /// The alternatives; none when every row passes.
    #[must_use]
    pub fn alternatives(&self) -> &[BTreeMap<String, Condition>] {
        &self.alternatives
    }

    /// The columns that are looked at.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.alternatives.iter().flat_map(BTreeMap::keys).map(String::as_str)
    }

    /// Whether a row passes, or would with some value in the place of each null.
    pub fn may_pass<'v>(&self, value_of: impl Fn(&str) -> Option<&'v str>) -> bool {
        let may_hold = |(column, condition): (&String, &Condition)| {
            value_of(column).is_none_or(|value| condition.holds(Some(value)))
        };
        self.alternatives.is_empty()
            || self.alternatives.iter().any(|conditions| conditions.iter().all(may_hold))
    }

    /// Whether a row passes whose columns `value_of` tells.
    pub fn passes<'v>(&self, value_of: impl Fn(&str) -> Option<&'v str>) -> bool {
        self.alternatives.is_empty()
            || self.alternatives.iter().any(|conditions| {
                conditions.iter().all(|(column, condition)| condition.holds(value_of(column)))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(column: &str, condition: Condition) -> BTreeMap<String, Condition> {
        BTreeMap::from([(column.to_owned(), condition)])
    }

    #[test]
    fn one_alternative_is_enough_and_nulls_never_are() {
        let filter = Filter::of(vec![
            one("code", Condition::Contains("auth".into())),
            one("text", Condition::OneOf(vec!["No authorization".into()])),
        ]);
        let passes = |code: Option<&'static str>, text: Option<&'static str>| {
            filter.passes(|column| if column == "code" { code } else { text })
        };
        assert!(passes(Some("NO-AUTH"), None) && passes(None, Some("No authorization")));
        assert!(!passes(Some("CO-45"), Some("no authorization")) && !passes(None, None));
        assert!(Filter::default().passes(|_| None));
        let may_pass = |code: Option<&'static str>, text: Option<&'static str>| {
            filter.may_pass(|column| if column == "code" { code } else { text })
        };
        assert!(may_pass(None, Some("other")) && may_pass(Some("no-auth"), Some("other")));
        assert!(!may_pass(Some("CO-45"), Some("other")) && Filter::default().may_pass(|_| None));
    }
}
