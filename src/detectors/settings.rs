//! What detectors may be told.

use driftforge_statistics::corrections::{CORRECTIONS, Correction};

use crate::{Error, Result};

/// The settings that detectors share; each uses those that mean something to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The share of false alarms that is accepted: of all alarms under a false-discovery correction, above 0 and
    /// below 1.
    pub alpha: f64,
    /// How p-values are corrected for the number of tests.
    pub correction: Correction,
    /// The smallest change that is worth an event, as a share of the metric's full scale or of its baseline; a
    /// detector's own where it is `None`.
    pub min_effect: Option<f64>,
    /// Rows that a segment needs in each window; a detector's own where it is `None`.
    pub min_volume: Option<u64>,
    /// Parameters of one method by name, as typed.
    pub parameters: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            correction: Correction::default(),
            min_effect: None,
            min_volume: None,
            parameters: Vec::new(),
        }
    }
}

/// The correction of that name.
///
/// # Errors
/// [`Error::Option`] naming those there are.
pub fn correction(name: &str) -> Result<Correction> {
    Correction::named(name).ok_or_else(|| {
        let names: Vec<&str> = CORRECTIONS.iter().map(|known| known.name).collect();
        Error::option("correction", name, format!("there are: {}", names.join(", ")))
    })
}

impl Settings {
    /// The number given for a parameter, `None` when there is none.
    ///
    /// # Errors
    /// [`Error::Option`] naming `set` when what was typed is no finite number.
    pub fn number(&self, name: &str) -> Result<Option<f64>> {
        let Some((_, typed)) = self.parameters.iter().rev().find(|(known, _)| known == name) else {
            return Ok(None);
        };
        match typed.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(Error::option("set", format!("{name}={typed}"), "a finite number is needed")),
        }
    }

    /// Refuses parameters that are not among `known`.
    ///
    /// # Errors
    /// [`Error::Option`] naming `set` and the names there are.
    pub fn refuse_others(&self, known: &[&str]) -> Result<()> {
        match self.parameters.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) if known.is_empty() => {
                Err(Error::option("set", name, "this detector has no parameters"))
            }
            Some((name, _)) => {
                Err(Error::option("set", name, format!("the detector's parameters are {}", known.join(", "))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(name: &str, value: &str) -> Settings {
        Settings { parameters: vec![(name.to_owned(), value.to_owned())], ..Settings::default() }
    }

    #[test]
    fn parameters_are_numbers_with_known_names() {
        assert_eq!(typed("rate_threshold", "0.1").number("rate_threshold").unwrap(), Some(0.1));
        assert_eq!(typed("rate_threshold", "0.1").number("other").unwrap(), None);
        for value in ["", "x", "nan", "inf"] {
            let refused = typed("rate_threshold", value).number("rate_threshold").unwrap_err();
            assert!(refused.to_string().starts_with("--set rate_threshold="), "{refused}");
        }
        assert!(typed("a", "1").refuse_others(&["a"]).is_ok());
        assert!(typed("b", "1").refuse_others(&["a"]).unwrap_err().to_string().contains("are a"));
    }
}
