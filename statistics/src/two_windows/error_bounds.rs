//! How far statistics of binned values can be from those of the values themselves.
//!
//! A histogram of exact values has no such error. Where a bin stands for a range of values, these bounds hold
//! for every way the values can lie in their bins. There is none of this kind for Anderson–Darling and
//! Cramér–von Mises, nor for p-values.

use super::windows::{Histograms, InvalidWindows};

/// The exact D is at least the binned one, and at most this much larger: the largest share of rows that a bin
/// has in a window. `None` for an empty window.
#[must_use]
pub fn kolmogorov_smirnov(histograms: &Histograms<'_>) -> Option<f64> {
    let (n, m) = histograms.both_occupied()?;
    let share = |(b, c): (u64, u64)| (b as f64 / n as f64).max(c as f64 / m as f64);
    histograms.counts().map(share).reduce(f64::max)
}

/// The exact Cliff's delta, and so U over half the number of pairs, differs by at most this: the share of
/// pairs within a bin, which count as ties. `None` for an empty window.
#[must_use]
pub fn cliffs_delta(histograms: &Histograms<'_>) -> Option<f64> {
    let (n, m) = histograms.both_occupied()?;
    Some(histograms.counts().map(|(b, c)| (b as f64 / n as f64) * (c as f64 / m as f64)).sum())
}

/// The exact Wasserstein distance differs by at most this, in the unit of the values: no row moves farther
/// than from its bin's value to the farther end of the bin. `ends[i]` and `ends[i + 1]` are the ends of bin
/// i.
///
/// `None` for an empty window.
///
/// # Errors
/// When there is not one end more than bins, or a bin's value is not between its ends.
pub fn wasserstein(histograms: &Histograms<'_>, ends: &[f64]) -> Result<Option<f64>, InvalidWindows> {
    let values = histograms.values();
    if ends.len() != values.len() + 1 {
        return Err(InvalidWindows(format!(
            "{} ends for {} bins: there must be one more",
            ends.len(),
            values.len()
        )));
    }
    let within = |bin: usize| ends[bin] <= values[bin] && values[bin] <= ends[bin + 1];
    if let Some(bin) = (0..values.len()).find(|&bin| !within(bin)) {
        let (low, high) = (ends[bin], ends[bin + 1]);
        return Err(InvalidWindows(format!(
            "bin {bin}: {} is not between its ends {low} and {high}",
            values[bin]
        )));
    }
    let Some((n, m)) = histograms.both_occupied() else { return Ok(None) };
    let farthest = |bin: usize| (values[bin] - ends[bin]).max(ends[bin + 1] - values[bin]);
    let moved =
        |(bin, (b, c)): (usize, (u64, u64))| (b as f64 / n as f64 + c as f64 / m as f64) * farthest(bin);
    Ok(Some(histograms.counts().enumerate().map(moved).sum()))
}

/// The square of the exact energy distance, 2 ∫ (F − G)², differs by at most this. A difference of squares is the
/// difference times the sum: ∫ of the one is within the bound of [`wasserstein`], and the other is at most the
/// binned D and the exact D together.
///
/// `None` for an empty window.
///
/// # Errors
/// As [`wasserstein`].
pub fn squared_energy_distance(
    histograms: &Histograms<'_>,
    ends: &[f64],
) -> Result<Option<f64>, InvalidWindows> {
    let Some(moved) = wasserstein(histograms, ends)? else { return Ok(None) };
    let binned = super::kolmogorov_smirnov(histograms).map_or(1.0, |test| test.statistic);
    let exact = kolmogorov_smirnov(histograms).map_or(1.0, |added| (binned + added).min(1.0));
    Ok(Some(2.0 * moved * (binned + exact)))
}

#[cfg(test)]
mod tests {
    use super::super::{effects, energy_distance};
    use super::*;
    use proptest::prelude::*;

    const WIDTH: f64 = 10.0;
    const BINS: usize = 6;

    fn rows() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec(0u64..4, BINS * WIDTH as usize)
            .prop_filter("rows", |counts| counts.iter().any(|&c| c > 0))
    }

    fn binned(counts: &[u64]) -> Vec<u64> {
        counts.chunks(WIDTH as usize).map(|bin| bin.iter().sum()).collect()
    }

    proptest! {
        #[test]
        fn exact_statistics_are_within_the_bounds_of_the_binned(b in rows(), c in rows()) {
            let values: Vec<f64> = (0..b.len()).map(|value| value as f64).collect();
            let exact = Histograms::new(&values, &b, &c).unwrap();
            let middles: Vec<f64> = (0..BINS).map(|bin| (bin as f64 + 0.5) * WIDTH).collect();
            let ends: Vec<f64> = (0..=BINS).map(|bin| bin as f64 * WIDTH).collect();
            let (b, c) = (binned(&b), binned(&c));
            let coarse = Histograms::new(&middles, &b, &c).unwrap();
            let slack = 1e-12;

            let d = |h| super::super::kolmogorov_smirnov(h).unwrap().statistic;
            prop_assert!(d(&exact) >= d(&coarse) - slack);
            prop_assert!(d(&exact) <= d(&coarse) + super::kolmogorov_smirnov(&coarse).unwrap() + slack);
            let delta = |h| effects::cliffs_delta(h).unwrap();
            prop_assert!((delta(&exact) - delta(&coarse)).abs() <= super::cliffs_delta(&coarse).unwrap() + slack);
            let moved = |h| super::super::wasserstein(h).unwrap().statistic;
            let bound = super::wasserstein(&coarse, &ends).unwrap().unwrap();
            prop_assert!((moved(&exact) - moved(&coarse)).abs() <= bound + slack);
            let energy = |h| energy_distance(h).unwrap().statistic.powi(2);
            let bound = squared_energy_distance(&coarse, &ends).unwrap().unwrap();
            prop_assert!((energy(&exact) - energy(&coarse)).abs() <= bound + slack);
        }
    }

    #[test]
    fn ends_must_hold_the_values() {
        let histograms = Histograms::new(&[1.0, 2.0], &[1, 1], &[1, 1]).unwrap();
        assert!(super::wasserstein(&histograms, &[0.0, 1.5]).unwrap_err().to_string().contains("one more"));
        let message = super::wasserstein(&histograms, &[0.0, 0.5, 3.0]).unwrap_err().to_string();
        assert_eq!(message, "bin 0: 1 is not between its ends 0 and 0.5");
    }

    /// One bin from 0 to 10 with every baseline row at 0 and every current one at 10.
    #[test]
    fn the_bounds_are_reached() {
        let binned = Histograms::new(&[5.0], &[3], &[4]).unwrap();
        let exact = Histograms::new(&[0.0, 10.0], &[3, 0], &[0, 4]).unwrap();
        let ends = [0.0, 10.0];
        assert_eq!(super::kolmogorov_smirnov(&binned), Some(1.0));
        assert_eq!(super::cliffs_delta(&binned), effects::cliffs_delta(&exact));
        let statistic = |comparison: Option<super::super::Comparison>| comparison.map(|test| test.statistic);
        let moved = super::wasserstein(&binned, &ends).unwrap();
        assert_eq!(moved, statistic(super::super::wasserstein(&exact)));
        let energy = statistic(energy_distance(&exact)).map(|root| root * root);
        assert!((squared_energy_distance(&binned, &ends).unwrap().unwrap() - energy.unwrap()).abs() < 1e-12);
    }
}
