//! Tests and distances of two windows: a baseline and a current sample.
//!
//! All methods read mergeable summaries of the windows, never rows: counts, contingency tables, exact
//! moments, or histograms of exact values. Their time is that of the number of categories or of distinct
//! values, whatever the number of rows, and differences of counts are taken between whole numbers, so that
//! nothing cancels for huge windows. Everything signed is current less baseline: positive means that the
//! metric rose.

mod anderson_darling;
mod brunner_munzel;
mod chi_square;
mod cramer_von_mises;
mod cramers_v;
pub mod effects;
mod energy_distance;
pub mod error_bounds;
mod fisher_exact;
mod g_test;
mod hellinger;
pub mod intervals;
mod jensen_shannon;
mod kolmogorov_smirnov;
mod kullback_leibler;
mod levene;
mod mann_whitney;
mod moments;
mod psi;
mod quantile_bins;
mod shares;
mod total_variation;
mod two_proportion_z;
mod wasserstein;
mod welch_t;
mod wide;
mod windows;

use std::fmt;

pub use anderson_darling::{anderson_darling, tabulated_p_value};
pub use brunner_munzel::brunner_munzel;
pub use chi_square::{chi_square, chi_square_yates};
pub use cramer_von_mises::{cramer_von_mises, cramer_von_mises_compat};
pub use cramers_v::cramers_v;
pub use effects::{Effect, EffectSize};
pub use energy_distance::energy_distance;
pub use fisher_exact::fisher_exact;
pub use g_test::g_test;
pub use hellinger::hellinger;
pub use jensen_shannon::jensen_shannon;
pub use kolmogorov_smirnov::{kolmogorov_smirnov, kolmogorov_smirnov_exact};
pub use kullback_leibler::kullback_leibler;
pub use levene::levene;
pub use mann_whitney::mann_whitney;
pub use moments::{Moments, Numbers};
pub use psi::{psi, psi_floor};
pub use quantile_bins::quantile_bins;
pub use total_variation::total_variation;
pub use two_proportion_z::{two_proportion_z, two_proportion_z_compat};
pub use wasserstein::wasserstein;
pub use welch_t::{WelchT, welch_t, welch_t_of_histograms};
pub use windows::{Categories, Data, Histograms, InvalidWindows, Rates, Share, Windows};

/// What a method says of two windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The test statistic or the distance, as the method's reference defines it.
    pub statistic: f64,
    /// The probability of a statistic at least as extreme without drift; `None` for distances.
    pub p_value: Option<f64>,
    /// How large the difference is, independent of the sample sizes; `None` where that is undefined.
    pub effect: Option<Effect>,
}

/// A method that can be asked for by name.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// The registry name.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// The kinds of data that it compares.
    pub data: &'static [Data],
    /// Whether it gives a p-value.
    pub has_p_value: bool,
    /// Its constants: name and value.
    pub parameters: &'static [(&'static str, f64)],
    /// Where it comes from, and what its numbers are held against.
    pub reference: &'static str,
    compare: fn(&Windows<'_>) -> Option<Comparison>,
}

impl About {
    /// Compares two windows. `None` where the method is undefined for them (an empty window, no variance, …).
    ///
    /// # Errors
    /// [`Refused::WrongData`] when the method does not compare this kind of data.
    pub fn compare(&self, windows: &Windows<'_>) -> Result<Option<Comparison>, Refused> {
        if !self.data.contains(&windows.data()) {
            return Err(Refused::WrongData { method: self.name, given: windows.data(), allowed: self.data });
        }
        Ok((self.compare)(windows))
    }
}

/// The methods there are, by name.
pub const TWO_WINDOWS: &[About] = &[
    anderson_darling::ABOUT,
    brunner_munzel::ABOUT,
    chi_square::ABOUT,
    chi_square::ABOUT_YATES,
    cramer_von_mises::ABOUT,
    cramer_von_mises::ABOUT_COMPAT,
    cramers_v::ABOUT,
    energy_distance::ABOUT,
    fisher_exact::ABOUT,
    g_test::ABOUT,
    hellinger::ABOUT,
    jensen_shannon::ABOUT,
    kolmogorov_smirnov::ABOUT,
    kolmogorov_smirnov::ABOUT_EXACT,
    kullback_leibler::ABOUT,
    levene::ABOUT,
    mann_whitney::ABOUT,
    psi::ABOUT,
    psi::ABOUT_FLOOR,
    total_variation::ABOUT,
    two_proportion_z::ABOUT,
    two_proportion_z::ABOUT_COMPAT,
    wasserstein::ABOUT,
    welch_t::ABOUT,
];

/// The method of that name.
///
/// # Errors
/// [`Refused::UnknownMethod`], which names the nearest ones.
pub fn find(name: &str) -> Result<&'static About, Refused> {
    TWO_WINDOWS.iter().find(|method| method.name == name).ok_or_else(|| Refused::unknown(name))
}

/// Compares two windows by the method of that name. `None` where it is undefined for them.
///
/// # Errors
/// As [`find`] and [`About::compare`].
pub fn compare(name: &str, windows: &Windows<'_>) -> Result<Option<Comparison>, Refused> {
    find(name)?.compare(windows)
}

/// Why two windows are not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// No method has that name.
    UnknownMethod {
        /// The name asked for.
        name: String,
        /// The most similar names, the best first; none when nothing is similar.
        nearest: Vec<&'static str>,
    },
    /// The method compares other kinds of data.
    WrongData {
        /// The method.
        method: &'static str,
        /// The kind of the windows.
        given: Data,
        /// What it compares.
        allowed: &'static [Data],
    },
}

impl Refused {
    fn unknown(name: &str) -> Self {
        let mut ranked: Vec<(usize, &'static str)> =
            TWO_WINDOWS.iter().map(|method| (edit_distance(name, method.name), method.name)).collect();
        ranked.sort_unstable();
        let best = ranked.first().map_or(0, |&(distance, _)| distance);
        let similar = |&(distance, known): &(usize, &str)| {
            let few_letters = distance <= 1 + name.len().max(known.len()) / 3 && distance <= best + 1;
            few_letters || (name.len() > 2 && known.contains(name))
        };
        let nearest = ranked.into_iter().filter(similar).map(|(_, known)| known).take(3).collect();
        Self::UnknownMethod { name: name.to_owned(), nearest }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownMethod { name, nearest } if nearest.is_empty() => {
                let known: Vec<&str> = TWO_WINDOWS.iter().map(|method| method.name).collect();
                write!(f, "there is no method `{name}` for two windows; the methods are {}", known.join(", "))
            }
            Self::UnknownMethod { name, nearest } => {
                write!(
                    f,
                    "there is no method `{name}` for two windows; did you mean {}?",
                    nearest.join(" or ")
                )
            }
            Self::WrongData { method, given, allowed } => {
                let allowed: Vec<&str> = allowed.iter().map(|data| data.name()).collect();
                write!(f, "`{method}` compares {}, not {}", allowed.join(" or "), given.name())
            }
        }
    }
}

impl std::error::Error for Refused {}

/// Insertions, deletions and replacements of letters that make one text the other (Levenshtein).
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
