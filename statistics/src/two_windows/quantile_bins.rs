//! Categories made of numbers, for the distances that compare categories.

use super::windows::Histograms;

/// Counts of both windows in about `bins` bins that hold equal parts of the baseline: bin k ends with the
/// first value up to which the baseline has at least k/bins of its rows. Values that are more common than
/// that fill a bin alone, so there may be fewer bins; below and above the baseline's values the first and the
/// last bin go on.
///
/// Returns the baseline's and the current window's counts; empty for an empty baseline or no bins.
#[must_use]
pub fn quantile_bins(histograms: &Histograms<'_>, bins: u64) -> (Vec<u64>, Vec<u64>) {
    let (n, _) = histograms.totals();
    let (mut baseline, mut current) = (Vec::new(), Vec::new());
    if n == 0 || bins == 0 {
        return (baseline, current);
    }
    let (mut b_open, mut c_open, mut below) = (0, 0, 0_u64);
    let mut reached = 0_u128;
    for (b, c) in histograms.counts() {
        b_open += b;
        c_open += c;
        below += b;
        let part = u128::from(below) * u128::from(bins) / u128::from(n);
        if part > reached && below < n {
            baseline.push(std::mem::take(&mut b_open));
            current.push(std::mem::take(&mut c_open));
            reached = part;
        }
    }
    baseline.push(b_open);
    current.push(c_open);
    (baseline, current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_equal_parts_of_the_baseline() {
        let values: Vec<f64> = (0..12).map(f64::from).collect();
        let baseline = [0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0];
        let current = [5, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 7];
        let histograms = Histograms::new(&values, &baseline, &current).unwrap();
        assert_eq!(quantile_bins(&histograms, 4), (vec![2, 2, 2, 2], vec![5, 1, 2, 10]));
        assert_eq!(quantile_bins(&histograms, 1), (vec![8], vec![18]));
        assert_eq!(quantile_bins(&histograms, 0), (vec![], vec![]));
        // Half of the rows have one value: it fills two of the four parts.
        let histograms = Histograms::new(&values[..3], &[4, 2, 2], &[1, 1, 1]).unwrap();
        assert_eq!(quantile_bins(&histograms, 4), (vec![4, 2, 2], vec![1, 1, 1]));
    }
}
