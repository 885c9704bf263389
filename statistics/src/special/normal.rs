//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// ln √(2π).
pub(crate) const LN_SQRT_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// P(Z > z).
#[must_use]
pub fn sf(z: f64) -> f64 {
    0.5 * libm::erfc(z * FRAC_1_SQRT_2)
}

/// P(Z ≤ z).
#[must_use]
pub fn cdf(z: f64) -> f64 {
    sf(-z)
}

/// P(|Z| > |z|).
#[must_use]
pub fn two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() * FRAC_1_SQRT_2)
}

/// ln P(Z > z), also where the probability itself is too small for a number.
#[must_use]
pub fn log_sf(z: f64) -> f64 {
    if z < -1.0 {
        return libm::log1p(-cdf(z));
    }
    if z < 30.0 {
        return libm::log(sf(z));
    }
    // The asymptotic series of Mills' ratio (Abramowitz and Stegun 26.2.12): its terms fall by 1/900 and
    // more.
    let inverse = 1.0 / (z * z);
    let series = -inverse * (1.0 - inverse * (3.0 - inverse * (15.0 - inverse * (105.0 - inverse * 945.0))));
    -0.5 * z * z - libm::log(z) - LN_SQRT_TWO_PI + libm::log1p(series)
}

/// The z with P(Z ≤ z) = `p`; infinite at 0 and 1, `None` outside.
#[must_use]
pub fn quantile(p: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    // 1 − p is exact from a half upwards.
    Some(if p > 0.5 { upper_quantile(1.0 - p) } else { -upper_quantile(p) })
}

/// The z ≥ 0 with P(Z > z) = `tail` ≤ ½.
fn upper_quantile(tail: f64) -> f64 {
    if tail == 0.0 {
        return f64::INFINITY;
    }
    // Within 4.5e-4 (Abramowitz and Stegun 26.2.23); Newton with the second-order term then triples the
    // digits.
    let t = libm::sqrt(-2.0 * libm::log(tail));
    let mut z = t
        - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    for _ in 0..3 {
        // Below a quarter the middle is counted from zero, or the difference would lose its digits.
        let excess = if tail > 0.25 { (0.5 - tail) - 0.5 * libm::erf(z / SQRT_2) } else { sf(z) - tail };
        let step = excess * libm::exp(0.5 * z * z + LN_SQRT_TWO_PI);
        z += step / (1.0 - 0.5 * z * step);
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_found_again_by_their_tail() {
        for exponent in 1..=300 {
            let tail = 0.5 * libm::pow(10.0, -f64::from(exponent));
            let z = upper_quantile(tail);
            assert!((sf(z) / tail - 1.0).abs() < 2e-12, "{tail}: {z}");
        }
        assert_eq!(quantile(0.5), Some(0.0));
        assert_eq!(quantile(1.0), Some(f64::INFINITY));
        assert_eq!(quantile(0.0), Some(f64::NEG_INFINITY));
        assert_eq!(quantile(1.5), None);
        assert_eq!(quantile(f64::NAN), None);
    }

    #[test]
    fn the_logarithm_of_the_tail_has_no_steps() {
        for edge in [-1.0, 30.0] {
            let (below, above) = (log_sf(edge - 1e-9), log_sf(edge + 1e-9));
            assert!((below / above - 1.0).abs() < 1e-8, "{below} {above}");
        }
        // mpmath 1.4.1: log(erfc(100 / sqrt(2)) / 2).
        assert!((log_sf(100.0) / -5_005.524_208_694_205 - 1.0).abs() < 1e-14);
    }
}
