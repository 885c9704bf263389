//! The regularised incomplete gamma functions.

use super::{continued_fraction, density, log1p_minus, tail_integral};

/// From this shape on the tail is integrated: the series and the continued fraction need about √shape terms.
const LARGE_SHAPE: f64 = 1e4;

/// Q(a, x) = Γ(a, x) / Γ(a) for a > 0 and x ≥ 0.
#[must_use]
pub fn upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    if x <= a { 1.0 - left_tail(a, x) } else { right_tail(a, x) }
}

/// P(a, x) = 1 − Q(a, x).
#[must_use]
pub fn lower(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x.is_infinite() {
        return 1.0;
    }
    if x <= a { left_tail(a, x) } else { 1.0 - right_tail(a, x) }
}

/// P(a, x) for x up to about a: the series of DLMF 8.7.1.
fn left_tail(a: f64, x: f64) -> f64 {
    let density = density::poisson(a, x);
    if a > LARGE_SHAPE {
        // ln((x − w)/x)·(a − 1) + w, its straight part taken apart.
        let slope = (a - 1.0 - x) / x;
        let scale = 1.0 / (slope + libm::sqrt(a) / x);
        let log_ratio = |w: f64| {
            if w >= x { f64::NEG_INFINITY } else { (a - 1.0) * log1p_minus(-w / x) - slope * w }
        };
        return density * a / x * tail_integral(scale, log_ratio);
    }
    let (mut term, mut sum, mut k) = (1.0, 1.0, a);
    while term > sum * 1e-17 {
        k += 1.0;
        term *= x / k;
        sum += term;
    }
    density * sum
}

/// Q(a, x) for x > a: the continued fraction of DLMF 8.9.2.
fn right_tail(a: f64, x: f64) -> f64 {
    let density = density::poisson(a, x);
    if a > LARGE_SHAPE {
        let slope = (x - (a - 1.0)) / x;
        let scale = 1.0 / (slope + libm::sqrt(a) / x);
        let log_ratio = |w: f64| (a - 1.0) * log1p_minus(w / x) - slope * w;
        return density * a / x * tail_integral(scale, log_ratio);
    }
    if x < a + 1.0 && a < 1.0 {
        // Here the continued fraction is slow, and the two sides are of like size.
        return 1.0 - left_tail(a, x);
    }
    density * a / continued_fraction(x + 1.0 - a, |i| (-i * (i - a), x + 2.0 * i + 1.0 - a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_certain() {
        for a in [0.5, 3.0, 1e6] {
            assert_eq!((upper(a, 0.0), lower(a, 0.0)), (1.0, 0.0));
            assert_eq!((upper(a, f64::INFINITY), lower(a, f64::INFINITY)), (0.0, 1.0));
        }
    }

    #[test]
    fn series_fraction_and_integral_meet() {
        for a in [LARGE_SHAPE * 0.999_999_9, LARGE_SHAPE * 1.000_000_1] {
            for x in [0.95 * a, a, 1.05 * a] {
                assert!((upper(a, x) + lower(a, x) - 1.0).abs() < 1e-12);
            }
        }
        let (below, above) =
            (upper(LARGE_SHAPE * 0.999_999_999, 1.03e4), upper(LARGE_SHAPE * 1.000_000_001, 1.03e4));
        assert!((below / above - 1.0).abs() < 1e-5, "{below} {above}");
    }
}
