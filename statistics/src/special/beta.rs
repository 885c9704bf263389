//! The regularised incomplete beta functions and their inverse.

use super::{continued_fraction, density, difference_of_products, log1p_minus, tail_integral};

/// Where both parameters are larger the tail is integrated: the continued fraction needs about √parameter
/// terms.
const LARGE_PARAMETER: f64 = 1e4;

/// I_x(a, b) for a, b > 0; `y` is 1 − `x`, given apart since either may be tiny.
#[must_use]
pub fn lower(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    // On the far side of the mode it is the other tail that is computed.
    if (a + b + 2.0) * x <= a + 1.0 { tail(a, b, x, y) } else { 1.0 - tail(b, a, y, x) }
}

/// 1 − I_x(a, b).
#[must_use]
pub fn upper(a: f64, b: f64, x: f64, y: f64) -> f64 {
    lower(b, a, y, x)
}

/// I_x(a, b) for x up to about the mode.
fn tail(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let power = density::beta_power(a, b, x, y);
    if power == 0.0 {
        return 0.0;
    }
    if a.min(b) > LARGE_PARAMETER {
        return power / (x * y) * integrated_tail(a, b, x, y);
    }
    // DiDonato and Morris, "Significant digit computation of the incomplete beta function ratios" (1992), eq.
    // 9 and 10.
    let excess = difference_of_products(a, y, b, x) + 1.0;
    let partial = |n: f64| {
        let before = a + 2.0 * n - 1.0;
        n + n * (b - n) * x / before + (a + n) * (excess + n * (1.0 + y)) / (before + 2.0)
    };
    let fraction = continued_fraction(a * excess / (a + 1.0), |n| {
        let before = a + 2.0 * n - 1.0;
        (((a + n - 1.0) / before) * ((a + b + n - 1.0) / before) * n * (b - n) * x * x, partial(n))
    });
    power / fraction
}

/// ∫ of the density from x down to 0, over the density at x.
fn integrated_tail(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let slope = difference_of_products(a - 1.0, y, b - 1.0, x) / (x * y);
    let scale = 1.0 / (slope.max(0.0) + libm::sqrt(a / (x * x) + b / (y * y)));
    tail_integral(scale, |w| {
        if w >= x {
            return f64::NEG_INFINITY;
        }
        (a - 1.0) * log1p_minus(-w / x) + (b - 1.0) * log1p_minus(w / y) - slope * w
    })
}

/// The x with I_x(`a`, `b`) = `p`, to about 1e-14 relative; `None` when p is outside 0 to 1.
///
/// Newton steps in ln(x / (1 − x)) on the logarithm of the smaller tail, kept inside a bracket that is halved
/// where a step would leave it.
#[must_use]
pub fn quantile(a: f64, b: f64, p: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    if p == 0.0 || p == 1.0 {
        return Some(p);
    }
    let (mut low, mut high) = (-745.0, 745.0);
    let mut logit = libm::log(a / b);
    for _ in 0..200 {
        let (x, y) = (1.0 / (1.0 + libm::exp(-logit)), 1.0 / (1.0 + libm::exp(logit)));
        let (below, above) = (lower(a, b, x, y), upper(a, b, x, y));
        let power = density::beta_power(a, b, x, y);
        let (rises, step) = if p < 0.5 {
            (below < p, libm::log(p / below) * below / power)
        } else {
            (above > 1.0 - p, libm::log(above / (1.0 - p)) * above / power)
        };
        if rises {
            low = logit
        } else {
            high = logit
        }
        let next = logit + step;
        // Not so for a step that is no number, where both tails or the density have vanished.
        let inside = next > low && next < high;
        let next = if inside { next } else { 0.5 * (low + high) };
        let done = (next - logit).abs() <= 1e-15 * (1.0 + logit.abs());
        logit = next;
        if done {
            break;
        }
    }
    Some(1.0 / (1.0 + libm::exp(-logit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_found_again_by_their_probability() {
        for (a, b) in [(1.0, 1.0), (0.5, 40.0), (3.0, 9.0), (1e6, 3.0), (2.5e5, 7.5e5), (5e11, 5e11)] {
            for p in [1e-12, 0.025, 0.3, 0.5, 0.8, 0.975] {
                let x = quantile(a, b, p).unwrap();
                let again = lower(a, b, x, 1.0 - x);
                assert!((again / p - 1.0).abs() < 2e-9, "{a} {b} {p}: {x} {again}");
            }
        }
        assert_eq!(quantile(1.0, 1.0, 0.0), Some(0.0));
        assert_eq!(quantile(1.0, 1.0, 1.5), None);
    }
}
