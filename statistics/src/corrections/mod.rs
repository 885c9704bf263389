//! Corrections of p-values for the number of tests.
//!
//! A family is a slice of p-values, `None` where a test had no answer; those stay `None` and do not count.
//! The adjusted p-values are in the order of the family, and a hypothesis is rejected at level α when its
//! adjusted p-value is at most α.

mod benjamini;
mod bonferroni;
mod combine;
mod hommel;
mod step;

use std::fmt;

pub use combine::{Combined, fisher, stouffer};

/// How p-values are adjusted for their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Correction {
    /// Benjamini and Hochberg (1995): false discovery rate of independent or positively dependent tests.
    #[default]
    BenjaminiHochberg,
    /// Benjamini and Yekutieli (2001): false discovery rate whatever the dependence.
    BenjaminiYekutieli,
    /// Holm (1979): probability of any false rejection, whatever the dependence.
    Holm,
    /// Bonferroni: the same, more simply and more strictly.
    Bonferroni,
    /// Hochberg (1988): the same for independent or positively dependent tests.
    Hochberg,
    /// Hommel (1988): the same, the sharpest of these.
    Hommel,
    /// p-values as they are.
    None,
}

/// What the user is told of a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AboutCorrection {
    /// The name.
    pub name: &'static str,
    /// The correction.
    pub correction: Correction,
    /// What its numbers are held against.
    pub reference: &'static str,
}

/// The corrections there are; the first is the default.
pub const CORRECTIONS: &[AboutCorrection] = &[
    about("benjamini-hochberg", Correction::BenjaminiHochberg, "statsmodels multipletests \"fdr_bh\", 0.15"),
    about(
        "benjamini-yekutieli",
        Correction::BenjaminiYekutieli,
        "statsmodels multipletests \"fdr_by\", 0.15",
    ),
    about("holm", Correction::Holm, "statsmodels multipletests \"holm\", 0.15"),
    about("bonferroni", Correction::Bonferroni, "statsmodels multipletests \"bonferroni\", 0.15"),
    about("hochberg", Correction::Hochberg, "statsmodels multipletests \"simes-hochberg\", 0.15"),
    about("hommel", Correction::Hommel, "statsmodels multipletests \"hommel\", 0.15"),
    about("none", Correction::None, "p-values as they are"),
];

const fn about(name: &'static str, correction: Correction, reference: &'static str) -> AboutCorrection {
    AboutCorrection { name, correction, reference }
}

impl Correction {
    /// The correction of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        CORRECTIONS.iter().find(|about| about.name == name).map(|about| about.correction)
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        CORRECTIONS.iter().find(|about| about.correction == self).map_or("", |about| about.name)
    }

    /// The adjusted p-values, in the order of the family.
    ///
    /// # Errors
    /// [`InvalidPValue`] for one that is not between 0 and 1.
    pub fn adjust(self, p_values: &[Option<f64>]) -> Result<Vec<Option<f64>>, InvalidPValue> {
        let ranked = Ranked::new(p_values)?;
        let adjusted = match self {
            Self::BenjaminiHochberg => benjamini::hochberg(&ranked.sorted),
            Self::BenjaminiYekutieli => benjamini::yekutieli(&ranked.sorted),
            Self::Holm => step::holm(&ranked.sorted),
            Self::Bonferroni => bonferroni::bonferroni(&ranked.sorted),
            Self::Hochberg => step::hochberg(&ranked.sorted),
            Self::Hommel => hommel::hommel(&ranked.sorted),
            Self::None => ranked.sorted.clone(),
        };
        Ok(ranked.put_back(&adjusted, p_values.len()))
    }
}

impl fmt::Display for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A p-value that is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InvalidPValue {
    /// Its place in the family, from 0.
    pub index: usize,
    /// What stands there.
    pub value: f64,
}

impl fmt::Display for InvalidPValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p-value {} of the family is {}: it must be between 0 and 1", self.index, self.value)
    }
}

impl std::error::Error for InvalidPValue {}

/// The p-values that are there, rising, and where each came from.
struct Ranked {
    sorted: Vec<f64>,
    places: Vec<usize>,
}

impl Ranked {
    fn new(p_values: &[Option<f64>]) -> Result<Self, InvalidPValue> {
        let mut ranked = Vec::with_capacity(p_values.len());
        for (index, value) in p_values.iter().enumerate() {
            if let Some(value) = *value {
                if !(0.0..=1.0).contains(&value) {
                    return Err(InvalidPValue { index, value });
                }
                ranked.push((value, index));
            }
        }
        ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (sorted, places) = ranked.into_iter().unzip();
        Ok(Self { sorted, places })
    }

    fn put_back(&self, adjusted: &[f64], len: usize) -> Vec<Option<f64>> {
        let mut all = vec![None; len];
        for (&place, &p) in self.places.iter().zip(adjusted) {
            all[place] = Some(p);
        }
        all
    }
}

/// Makes adjusted p-values rise with the p-values: each becomes the smallest of those from it on, at most 1.
fn smallest_from_the_right(adjusted: &mut [f64]) {
    let mut smallest = 1.0_f64;
    for p in adjusted.iter_mut().rev() {
        smallest = smallest.min(*p);
        *p = smallest;
    }
}

#[cfg(test)]
mod tests;
