//! The data of two windows, checked.

use std::fmt;

use super::moments::Numbers;

/// More rows than this in a window are refused; products of two counts then fit 128 bits.
const MOST_ROWS: u64 = i64::MAX as u64;

/// The kinds of data that methods compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Data {
    /// Hits among trials.
    Rates,
    /// Counts of the same categories.
    Categories,
    /// Counts, sums and sums of squares of a number.
    Numbers,
    /// Counts of each value of a number.
    Histograms,
}

impl Data {
    /// The name in lists and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rates => "rates",
            Self::Categories => "categories",
            Self::Numbers => "numbers",
            Self::Histograms => "histograms",
        }
    }
}

/// Two windows of one of the kinds.
#[derive(Debug, Clone, Copy)]
pub enum Windows<'a> {
    /// See [`Data::Rates`].
    Rates(Rates),
    /// See [`Data::Categories`].
    Categories(Categories<'a>),
    /// See [`Data::Numbers`].
    Numbers(Numbers),
    /// See [`Data::Histograms`].
    Histograms(Histograms<'a>),
}

impl Windows<'_> {
    /// Their kind.
    #[must_use]
    pub fn data(&self) -> Data {
        match self {
            Self::Rates(_) => Data::Rates,
            Self::Categories(_) => Data::Categories,
            Self::Numbers(_) => Data::Numbers,
            Self::Histograms(_) => Data::Histograms,
        }
    }
}

/// Hits among trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Rows that have what is counted.
    pub hits: u64,
    /// All rows.
    pub trials: u64,
}

impl Share {
    /// Hits / trials.
    pub(super) fn rate(self) -> f64 {
        self.hits as f64 / self.trials as f64
    }

    /// 1 − hits / trials, however close to 0.
    pub(super) fn miss_rate(self) -> f64 {
        (self.trials - self.hits) as f64 / self.trials as f64
    }
}

/// A share in each of two windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    baseline: Share,
    current: Share,
}

impl Rates {
    /// # Errors
    /// When there are more hits than trials, or more than 2⁶³ − 1 trials.
    pub fn new(baseline: Share, current: Share) -> Result<Self, InvalidWindows> {
        for (window, share) in [("baseline", baseline), ("current", current)] {
            if share.hits > share.trials {
                let Share { hits, trials } = share;
                return Err(InvalidWindows(format!("{window} window: {hits} hits among {trials} trials")));
            }
            check_rows(window, u128::from(share.trials))?;
        }
        Ok(Self { baseline, current })
    }

    /// The baseline window.
    #[must_use]
    pub fn baseline(&self) -> Share {
        self.baseline
    }

    /// The current window.
    #[must_use]
    pub fn current(&self) -> Share {
        self.current
    }

    /// Hits and misses of both windows, as categories.
    pub(super) fn table(&self) -> ([u64; 2], [u64; 2]) {
        let cells = |share: Share| [share.hits, share.trials - share.hits];
        (cells(self.baseline), cells(self.current))
    }

    /// current hits · baseline trials − baseline hits · current trials: the difference of the rates, over the
    /// product of the trials.
    pub(super) fn cross_difference(&self) -> i128 {
        cross(self.current.hits, self.baseline.trials) - cross(self.baseline.hits, self.current.trials)
    }
}

/// Calls `method` with the windows as counts of categories; rates are hits and misses.
pub(super) fn with_categories<T>(
    windows: &Windows<'_>,
    method: impl FnOnce(&Categories<'_>) -> Option<T>,
) -> Option<T> {
    match windows {
        Windows::Categories(categories) => method(categories),
        Windows::Rates(rates) => {
            let (baseline, current) = rates.table();
            let totals = (rates.baseline.trials, rates.current.trials);
            method(&Categories { baseline: &baseline, current: &current, totals })
        }
        Windows::Numbers(_) | Windows::Histograms(_) => None,
    }
}

/// Counts of the same categories in two windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Categories<'a> {
    baseline: &'a [u64],
    current: &'a [u64],
    totals: (u64, u64),
}

impl<'a> Categories<'a> {
    /// # Errors
    /// When the windows list different numbers of categories, or more than 2⁶³ − 1 rows.
    pub fn new(baseline: &'a [u64], current: &'a [u64]) -> Result<Self, InvalidWindows> {
        if baseline.len() != current.len() {
            let (b, c) = (baseline.len(), current.len());
            return Err(InvalidWindows(format!(
                "{b} categories in the baseline window, {c} in the current one: both must list the same"
            )));
        }
        let totals = (total("baseline", baseline)?, total("current", current)?);
        Ok(Self { baseline, current, totals })
    }

    /// Rows of the baseline and the current window.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        self.totals
    }

    /// (baseline, current) counts of each category.
    pub fn counts(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.baseline.iter().copied().zip(self.current.iter().copied())
    }

    /// Categories with a row in any window.
    pub(super) fn occupied(&self) -> usize {
        self.counts().filter(|&(b, c)| b + c > 0).count()
    }

    /// The totals, when both windows have rows and there are two categories that could differ.
    pub(super) fn comparable(&self) -> Option<(u64, u64)> {
        let (n, m) = self.totals;
        (n > 0 && m > 0 && self.occupied() > 1).then_some((n, m))
    }
}

/// Counts of each value in two windows. The histogram of the exact values is as good as the values
/// themselves; for binned values see [`super::error_bounds`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Histograms<'a> {
    values: &'a [f64],
    counts: Categories<'a>,
}

/// A bin of two histograms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bin {
    /// Rows in the bin.
    pub baseline: u64,
    pub current: u64,
    /// Rows below the bin.
    pub baseline_below: u64,
    pub current_below: u64,
}

impl Bin {
    /// n·m (G − F), with F and G the baseline's and the current window's share of rows up to and with the
    /// bin.
    pub fn cross_difference_after(&self, n: u64, m: u64) -> i128 {
        cross(self.current_below + self.current, n) - cross(self.baseline_below + self.baseline, m)
    }
}

impl<'a> Histograms<'a> {
    /// `values` rise strictly; `baseline[i]` and `current[i]` count the rows with `values[i]`.
    ///
    /// # Errors
    /// When lengths differ, values do not rise or are not finite, or there are more than 2⁶³ − 1 rows.
    pub fn new(values: &'a [f64], baseline: &'a [u64], current: &'a [u64]) -> Result<Self, InvalidWindows> {
        let counts = Categories::new(baseline, current)?;
        if values.len() != baseline.len() {
            return Err(InvalidWindows(format!("{} values but {} counts", values.len(), baseline.len())));
        }
        if let Some(bin) = values.iter().position(|value| !value.is_finite()) {
            return Err(InvalidWindows(format!("bin {bin}: {} is not a finite value", values[bin])));
        }
        if let Some(bin) = values.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(InvalidWindows(format!(
                "bin {}: {} does not rise above {} before it",
                bin + 1,
                values[bin + 1],
                values[bin]
            )));
        }
        Ok(Self { values, counts })
    }

    /// The value of each bin.
    #[must_use]
    pub fn values(&self) -> &'a [f64] {
        self.values
    }

    /// Rows of the baseline and the current window.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        self.counts.totals
    }

    /// (baseline, current) counts of each bin.
    pub fn counts(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.counts.counts()
    }

    /// The totals, when both windows have rows.
    pub(super) fn both_occupied(&self) -> Option<(u64, u64)> {
        let (n, m) = self.totals();
        (n > 0 && m > 0).then_some((n, m))
    }

    /// The bins that have rows, in rising order.
    pub(super) fn bins(&self) -> impl Iterator<Item = Bin> + '_ {
        let (mut baseline_below, mut current_below) = (0, 0);
        self.counts().filter(|&(b, c)| b + c > 0).map(move |(baseline, current)| {
            let bin = Bin { baseline, current, baseline_below, current_below };
            baseline_below += baseline;
            current_below += current;
            bin
        })
    }

    /// (gap to the next value, n·m (G − F) on it) from each occupied value to the next.
    pub(super) fn steps(&self) -> impl Iterator<Item = (f64, i128)> + '_ {
        let (n, m) = self.totals();
        let mut difference: i128 = 0;
        self.values.windows(2).zip(self.counts()).map(move |(pair, (b, c))| {
            difference += cross(c, n) - cross(b, m);
            (pair[1] - pair[0], difference)
        })
    }
}

/// The product of two counts.
pub(super) fn cross(a: u64, b: u64) -> i128 {
    i128::from(a) * i128::from(b)
}

fn total(window: &str, counts: &[u64]) -> Result<u64, InvalidWindows> {
    check_rows(window, counts.iter().map(|&count| u128::from(count)).sum())
}

fn check_rows(window: &str, rows: u128) -> Result<u64, InvalidWindows> {
    u64::try_from(rows).ok().filter(|&rows| rows <= MOST_ROWS).ok_or_else(|| {
        InvalidWindows(format!("{window} window: {rows} rows, at most {MOST_ROWS} can be compared"))
    })
}

/// What is wrong with the data of two windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidWindows(pub(super) String);

impl fmt::Display for InvalidWindows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidWindows {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal<T: fmt::Debug>(answer: Result<T, InvalidWindows>) -> String {
        answer.unwrap_err().to_string()
    }

    #[test]
    fn bad_windows_are_refused_by_place() {
        let share = |hits, trials| Share { hits, trials };
        assert_eq!(refusal(Rates::new(share(3, 2), share(0, 0))), "baseline window: 3 hits among 2 trials");
        let most = share(1, u64::MAX);
        assert!(
            refusal(Rates::new(share(1, 2), most)).starts_with("current window: 18446744073709551615 rows")
        );
        assert!(refusal(Categories::new(&[1], &[1, 2])).contains("must list the same"));
        assert!(refusal(Categories::new(&[u64::MAX, 1], &[1, 2])).starts_with("baseline window"));
        assert_eq!(refusal(Histograms::new(&[1.0], &[1, 2], &[1, 2])), "1 values but 2 counts");
        let refused = Histograms::new(&[1.0, f64::NAN], &[1, 2], &[1, 2]);
        assert_eq!(refusal(refused), "bin 1: NaN is not a finite value");
        let refused = Histograms::new(&[1.0, 1.0], &[1, 2], &[1, 2]);
        assert_eq!(refusal(refused), "bin 1: 1 does not rise above 1 before it");
    }
}
