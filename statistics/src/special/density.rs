//! Binomial, Poisson and beta densities by the saddle-point form of Loader ("Fast and accurate computation of
//! binomial probabilities", 2000): what would cancel between logarithms of factorials is computed as a
//! deviance instead.

use super::{log1p_minus, normal::LN_SQRT_TWO_PI};

/// ln Γ(x + 1) less Stirling's (x + ½) ln x − x + ln √(2π), for x > 0.
#[must_use]
pub fn stirling_error(x: f64) -> f64 {
    if x < 15.0 {
        return libm::lgamma(x + 1.0) - (x + 0.5) * libm::log(x) + x - LN_SQRT_TWO_PI;
    }
    // The Stirling series (DLMF 5.11.1) with Bernoulli numbers B₂ to B₁₂; the first term left out is below
    // 1e-17.
    const COEFFICIENTS: [f64; 6] =
        [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0];
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    COEFFICIENTS.iter().rev().fold(0.0, |sum, coefficient| sum * square + coefficient) * inverse
}

/// x ln(x / m) + m − x with m = `n`·`p`, for x > 0 and m > 0. The product is taken with its rounding error,
/// which counts where n is huge.
#[must_use]
pub fn deviance(x: f64, n: f64, p: f64) -> f64 {
    let mean = n * p;
    let error = libm::fma(n, p, -mean);
    let excess = (mean - x) + error;
    let ratio = excess / x;
    if ratio.abs() < 0.5 { -x * log1p_minus(ratio) } else { x * libm::log(x / mean) + excess }
}

/// P(X = `k`) of a binomial with `n` trials, for real 0 ≤ k ≤ n; `q` is 1 − `p`, given apart since either may
/// be tiny.
#[must_use]
pub fn binomial(k: f64, n: f64, p: f64, q: f64) -> f64 {
    if k <= 0.0 {
        return if n <= 0.0 { 1.0 } else { log_power(q, p, n) };
    }
    if k >= n {
        return log_power(p, q, n);
    }
    if p <= 0.0 || q <= 0.0 {
        return 0.0;
    }
    let rest = n - k;
    let exponent = stirling_error(n)
        - stirling_error(k)
        - stirling_error(rest)
        - deviance(k, n, p)
        - deviance(rest, n, q);
    libm::exp(exponent - LN_SQRT_TWO_PI) * libm::sqrt(n / (k * rest))
}

/// `base`ⁿ, where `complement` = 1 − base is the more accurate of the two when it is small.
fn log_power(base: f64, complement: f64, n: f64) -> f64 {
    let log = if complement < 0.5 { libm::log1p(-complement) } else { libm::log(base) };
    libm::exp(n * log)
}

/// e^−m mˣ / Γ(x + 1) for real x > 0 and m > 0.
#[must_use]
pub fn poisson(x: f64, m: f64) -> f64 {
    libm::exp(-stirling_error(x) - deviance(x, m, 1.0) - LN_SQRT_TWO_PI) / libm::sqrt(x)
}

/// xᵃ yᵇ / B(a, b) for a, b > 0 and y = 1 − x.
#[must_use]
pub fn beta_power(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    binomial(a, n, x, y) * (a / n) * b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stirling_series_joins_the_logarithm_of_gamma() {
        let exact = libm::lgamma(16.0) - 15.5 * libm::log(15.0) + 15.0 - LN_SQRT_TWO_PI;
        assert!((stirling_error(15.0) - exact).abs() < 2e-14);
    }

    #[test]
    fn densities_sum_to_one() {
        let sum: f64 = (0..=200).map(|k| binomial(f64::from(k), 200.0, 0.3, 0.7)).sum();
        assert!((sum - 1.0).abs() < 1e-13, "{sum}");
        let sum: f64 = (1..=200).map(|k| poisson(f64::from(k), 40.0)).sum();
        assert!((sum + libm::exp(-40.0) - 1.0).abs() < 1e-13, "{sum}");
        assert_eq!(binomial(0.0, 10.0, 0.0, 1.0), 1.0);
        assert_eq!(binomial(10.0, 10.0, 1.0, 0.0), 1.0);
        assert_eq!(binomial(3.0, 10.0, 0.0, 1.0), 0.0);
    }

    #[test]
    fn deviances_keep_their_digits_for_huge_counts() {
        // mpmath 1.4.1, 50 digits, of the numbers as they are stored.
        let expected = [
            (333333334333333.0, 1e15, 1.0 / 3.0, 0.0014999990540113014),
            (12345.0, 3e04, 0.4, 4.912519297864336),
            (100.0, 1e03, 0.9, 580.2775422663781),
        ];
        for (x, n, p, value) in expected {
            assert!((deviance(x, n, p) / value - 1.0).abs() < 1e-13, "{x} {n} {p}: {}", deviance(x, n, p));
        }
    }
}
