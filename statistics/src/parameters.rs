//! Parameters of detectors: declared once, given by name, checked before anything is built from them.

use std::error::Error;
use std::fmt;
use std::ops::{Bound, RangeBounds};

/// A parameter as its method declares it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// The name it is given by.
    pub name: &'static str,
    /// What it does, with its unit where it has one.
    pub about: &'static str,
    /// What it may be.
    pub allowed: Allowed,
    /// What it is when it is not given.
    pub default: Preset,
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Allowed {
    /// Numbers between two bounds, never infinite.
    Real(Bound<f64>, Bound<f64>),
    /// Whole numbers from the first to the second, both included.
    Whole(u32, u32),
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// What a parameter is when it is not given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Preset {
    /// A number.
    Number(f64),
    /// A word.
    Word(&'static str),
    /// Nothing: the method then finds the value itself or does without, as `about` says.
    Absent,
}

/// The value given for a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
}

impl Value {
    /// What is meant by a typed text: a number if it reads as one, else a word.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        text.trim().parse().map_or_else(|_| Self::Word(text.to_owned()), Self::Number)
    }
}

/// A parameter's name and the value given for it, unchecked.
pub type Given<'a> = (&'a str, Value);

/// Numbers below 1 and above 0, such as levels of significance.
pub(crate) const OPEN_UNIT: Allowed = Allowed::Real(Bound::Excluded(0.0), Bound::Excluded(1.0));
/// Numbers above 0.
pub(crate) const POSITIVE: Allowed = Allowed::Real(Bound::Excluded(0.0), Bound::Unbounded);
/// Numbers from 0.
pub(crate) const NOT_NEGATIVE: Allowed = Allowed::Real(Bound::Included(0.0), Bound::Unbounded);

impl Parameter {
    pub(crate) const fn number(
        name: &'static str,
        default: f64,
        allowed: Allowed,
        about: &'static str,
    ) -> Self {
        Self { name, about, allowed, default: Preset::Number(default) }
    }

    pub(crate) const fn word(
        name: &'static str,
        default: &'static str,
        words: &'static [&'static str],
        about: &'static str,
    ) -> Self {
        Self { name, about, allowed: Allowed::Choice(words), default: Preset::Word(default) }
    }

    pub(crate) const fn absent(name: &'static str, allowed: Allowed, about: &'static str) -> Self {
        Self { name, about, allowed, default: Preset::Absent }
    }
}

impl Allowed {
    fn allows(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Real(low, high), Value::Number(number)) => {
                number.is_finite() && (*low, *high).contains(number)
            }
            (Self::Whole(least, most), Value::Number(number)) => {
                number.fract() == 0.0 && (f64::from(*least)..=f64::from(*most)).contains(number)
            }
            (Self::Choice(words), Value::Word(word)) => words.contains(&word.as_str()),
            _ => false,
        }
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real(Bound::Unbounded, Bound::Unbounded) => write!(text, "any finite number"),
            Self::Real(low, high) => {
                write!(text, "a number")?;
                match low {
                    Bound::Included(low) => write!(text, " of at least {low}")?,
                    Bound::Excluded(low) => write!(text, " above {low}")?,
                    Bound::Unbounded => (),
                }
                let and = if matches!(low, Bound::Unbounded) { "" } else { " and" };
                match high {
                    Bound::Included(high) => write!(text, "{and} at most {high}"),
                    Bound::Excluded(high) => write!(text, "{and} below {high}"),
                    Bound::Unbounded => Ok(()),
                }
            }
            Self::Whole(least, most) => write!(text, "a whole number from {least} to {most}"),
            Self::Choice(words) => write!(text, "one of {}", words.join(", ")),
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(text, "{number}"),
            Self::Word(word) => write!(text, "{word}"),
            Self::Absent => write!(text, "none"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(text, "{number}"),
            Self::Word(word) => write!(text, "{word:?}"),
        }
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(word: &str) -> Self {
        Self::Word(word.to_owned())
    }
}

/// A parameter that cannot be used: the method, the parameter, what is wrong and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterError {
    method: &'static str,
    parameter: String,
    problem: String,
}

impl ParameterError {
    pub(crate) fn new(method: &'static str, parameter: &str, problem: String) -> Self {
        Self { method, parameter: parameter.to_owned(), problem }
    }
}

impl fmt::Display for ParameterError {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(text, "{}: parameter {:?}: {}", self.method, self.parameter, self.problem)
    }
}

impl Error for ParameterError {}

/// The parameters of a method, each with a value that is allowed for it.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    method: &'static str,
    values: Vec<(&'static str, Option<Value>)>,
}

impl Checked {
    /// Checks what is given against what `method` declares, and takes the defaults for the rest.
    pub(crate) fn of(
        method: &'static str,
        declared: &[Parameter],
        given: &[Given<'_>],
    ) -> Result<Self, ParameterError> {
        for (position, (name, value)) in given.iter().enumerate() {
            let refuse = |problem| Err(ParameterError::new(method, name, problem));
            let Some(parameter) = declared.iter().find(|parameter| parameter.name == *name) else {
                let names: Vec<_> = declared.iter().map(|parameter| parameter.name).collect();
                return refuse(format!("there is none of this name; there are {}", names.join(", ")));
            };
            if given.iter().take(position).any(|(earlier, _)| earlier == name) {
                return refuse("it is given twice".to_owned());
            }
            if !parameter.allowed.allows(value) {
                return refuse(format!("{value} is not {}", parameter.allowed));
            }
        }
        let value = |parameter: &Parameter| match given.iter().find(|(name, _)| *name == parameter.name) {
            Some((_, value)) => Some(value.clone()),
            None => match parameter.default {
                Preset::Number(number) => Some(Value::Number(number)),
                Preset::Word(word) => Some(Value::Word(word.to_owned())),
                Preset::Absent => None,
            },
        };
        let values = declared.iter().map(|parameter| (parameter.name, value(parameter))).collect();
        Ok(Self { method, values })
    }

    fn value(&self, name: &str) -> Option<&Value> {
        let declared = self.values.iter().find(|(declared, _)| *declared == name);
        declared.expect("methods read only what they declare").1.as_ref()
    }

    /// A number that may be absent.
    pub(crate) fn optional(&self, name: &str) -> Option<f64> {
        match self.value(name)? {
            Value::Number(number) => Some(*number),
            Value::Word(word) => panic!("{}: {name} is declared as a number, not {word}", self.method),
        }
    }

    /// A number that is given or has a default.
    pub(crate) fn number(&self, name: &str) -> f64 {
        self.optional(name).expect("the parameter has a default")
    }

    /// A whole number that is given or has a default.
    pub(crate) fn whole(&self, name: &str) -> u32 {
        self.number(name) as u32
    }

    /// A whole number that counts things in memory.
    pub(crate) fn size(&self, name: &str) -> usize {
        self.number(name) as usize
    }

    /// A word that is given or has a default.
    pub(crate) fn word(&self, name: &str) -> &str {
        match self.value(name) {
            Some(Value::Word(word)) => word,
            other => panic!("{}: {name} is declared as a word, not {other:?}", self.method),
        }
    }

    /// Refuses a value that is allowed by itself but not beside the others.
    pub(crate) fn refuse(&self, name: &str, problem: impl fmt::Display) -> ParameterError {
        ParameterError::new(self.method, name, problem.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECLARED: [Parameter; 4] = [
        Parameter::number("delta", 0.002, OPEN_UNIT, "significance"),
        Parameter::number("clock", 32.0, Allowed::Whole(1, 1_000), "values between two checks"),
        Parameter::word("mode", "both", &["up", "down", "both"], "direction"),
        Parameter::absent("mean", NOT_NEGATIVE, "known mean"),
    ];

    fn check(given: &[Given<'_>]) -> Result<Checked, String> {
        Checked::of("method", &DECLARED, given).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_given_has_its_default() {
        let checked = check(&[("clock", Value::from(1.0)), ("mode", Value::from("up"))]).unwrap();
        assert_eq!((checked.number("delta"), checked.whole("clock"), checked.word("mode")), (0.002, 1, "up"));
        assert_eq!(checked.optional("mean"), None);
    }

    #[test]
    fn refusals_say_what_is_allowed() {
        let message = |name: &'static str, value: Value| check(&[(name, value)]).unwrap_err();
        assert_eq!(
            message("delta", Value::from(1.0)),
            "method: parameter \"delta\": 1 is not a number above 0 and below 1"
        );
        assert_eq!(
            message("clock", Value::from(1.5)),
            "method: parameter \"clock\": 1.5 is not a whole number from 1 to 1000"
        );
        assert_eq!(
            message("mode", Value::from("sideways")),
            "method: parameter \"mode\": \"sideways\" is not one of up, down, both"
        );
        assert_eq!(
            message("clocks", Value::from(1.0)),
            "method: parameter \"clocks\": there is none of this name; there are delta, clock, mode, mean"
        );
        assert_eq!(
            message("mean", Value::from(f64::NAN)),
            "method: parameter \"mean\": NaN is not a number of at least 0"
        );
        let twice = check(&[("clock", Value::from(1.0)), ("clock", Value::from(2.0))]).unwrap_err();
        assert_eq!(twice, "method: parameter \"clock\": it is given twice");
    }

    #[test]
    fn typed_texts_are_numbers_or_words() {
        assert_eq!(Value::typed("0.05"), Value::Number(0.05));
        assert_eq!(Value::typed("both"), Value::from("both"));
        // "nan" and "inf" read as numbers, which no parameter allows.
        assert!(
            check(&[("delta", Value::typed("inf"))]).unwrap_err().contains("inf is not a number above 0")
        );
    }

    #[test]
    fn a_word_is_no_number() {
        assert!(check(&[("delta", Value::from("small"))]).is_err());
        assert!(check(&[("mode", Value::from(1.0))]).is_err());
    }
}
