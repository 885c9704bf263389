//! The binomial distribution.

use super::beta;
use super::density;

/// P(X = `k`) in `n` trials of probability `p`.
#[must_use]
pub fn pmf(k: u64, n: u64, p: f64) -> f64 {
    if k > n { 0.0 } else { density::binomial(k as f64, n as f64, p, 1.0 - p) }
}

/// P(X ≤ `k`).
#[must_use]
pub fn cdf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n { 1.0 } else { beta::lower((n - k) as f64, k as f64 + 1.0, 1.0 - p, p) }
}

/// P(X > `k`).
#[must_use]
pub fn sf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n { 0.0 } else { beta::lower(k as f64 + 1.0, (n - k) as f64, p, 1.0 - p) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_sums_of_the_densities() {
        let below: f64 = (0..=17).map(|k| pmf(k, 50, 0.4)).sum();
        let above: f64 = (18..=50).map(|k| pmf(k, 50, 0.4)).sum();
        assert!((cdf(17, 50, 0.4) / below - 1.0).abs() < 1e-12);
        assert!((sf(17, 50, 0.4) / above - 1.0).abs() < 1e-12);
        assert_eq!((cdf(50, 50, 0.4), sf(50, 50, 0.4)), (1.0, 0.0));
    }
}
