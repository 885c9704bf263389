//! Distribution functions and their tails.
//!
//! Every tail is computed as itself, never as one minus the other side, so it stays accurate relative to its
//! own size down to the smallest normal number. Measured against mpmath: the crates `statrs` 0.19 and
//! `puruspe` 0.4 lose up to eight digits or all of them for the parameters of large samples (degrees of
//! freedom of 10⁶ and more), so only `libm` is used, and the incomplete gamma and beta functions are our own.

pub mod beta;
pub mod binomial;
pub mod chi_square;
pub mod density;
pub mod gamma;
pub mod hypergeometric;
pub mod kolmogorov;
pub mod lattice_paths;
pub mod normal;
pub mod quadratic_forms;
pub mod student_t;

/// ∫ exp(`log_ratio`(w)) dw over w from 0 to infinity, where `log_ratio` is 0 at 0 and falls at least as fast
/// as a straight line or a parabola; `scale` is about the w at which it reaches −1.
///
/// The double exponential formula of Takahasi and Mori (1974) for integrands that decay exponentially, which
/// converges to full precision whatever the integrand's shape on that scale.
fn tail_integral(scale: f64, log_ratio: impl Fn(f64) -> f64) -> f64 {
    const STEP: f64 = 1.0 / 20.0;
    const FIRST: i32 = -74;
    const LAST: i32 = 86;
    let mut sum = 0.0;
    for index in FIRST..=LAST {
        let t = f64::from(index) * STEP;
        let shrink = libm::exp(-t);
        let w = scale * libm::exp(t - shrink);
        let term = libm::exp(log_ratio(w)) * w * (1.0 + shrink);
        sum += term;
        if t > 1.0 && term < sum * 1e-18 {
            break;
        }
    }
    sum * STEP
}

/// ln(1 + v) − v without cancellation, for v > −1.
pub(crate) fn log1p_minus(v: f64) -> f64 {
    if v.abs() > 0.1 {
        return libm::log1p(v) - v;
    }
    // ln(1 + v) = 2 artanh(r) with r = v / (2 + v); the leading terms 2r − v are −r·v exactly.
    let r = v / (2.0 + v);
    let square = r * r;
    let (mut power, mut sum, mut odd) = (2.0 * r * square, 0.0, 3.0);
    while odd < 40.0 {
        let term = power / odd;
        sum += term;
        if term.abs() <= 1e-18 * (r * v).abs() {
            break;
        }
        power *= square;
        odd += 2.0;
    }
    sum - r * v
}

/// a·b − c·d, rounded once or twice instead of losing what the products have in common (Kahan).
fn difference_of_products(a: f64, b: f64, c: f64, d: f64) -> f64 {
    let product = c * d;
    let error = libm::fma(-c, d, product);
    libm::fma(a, b, -product) + error
}

/// The value of the continued fraction b₀ + a₁/(b₁ + a₂/(b₂ + …)), by the modified Lentz method (Thompson and
/// Barnett 1986). `terms(i)` gives (aᵢ, bᵢ) for i from 1.
fn continued_fraction(b0: f64, terms: impl Fn(f64) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-300;
    const MOST_TERMS: u32 = 200_000;
    let nonzero = |x: f64| if x == 0.0 { TINY } else { x };
    let mut value = nonzero(b0);
    let (mut c, mut d) = (value, 0.0);
    for i in 1..=MOST_TERMS {
        let (a, b) = terms(f64::from(i));
        d = 1.0 / nonzero(b + a * d);
        c = nonzero(b + a / c);
        let change = c * d;
        value *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_of_exponentials_and_normals_integrate_to_their_closed_forms() {
        let exponential = tail_integral(1.0, |w| -w);
        assert!((exponential - 1.0).abs() < 1e-14, "{exponential}");
        let normal = tail_integral(1.0, |w| -w * w);
        assert!((normal / (std::f64::consts::PI.sqrt() / 2.0) - 1.0).abs() < 1e-14, "{normal}");
        let rescaled = tail_integral(3.0, |w| -w);
        assert!((rescaled - 1.0).abs() < 1e-13, "{rescaled}");
    }

    #[test]
    fn log1p_minus_is_accurate_on_both_sides_of_its_switch() {
        // mpmath 1.4.1, 40 digits: log1p(v) - v of the number itself.
        let expected = [
            (1e-6, -4.999_996_666_669_166e-13),
            (0.0999, -0.004_680_733_419_066_091),
            (0.2, -0.017_678_443_206_045_376),
        ];
        for (v, value) in expected {
            assert!((log1p_minus(v) / value - 1.0).abs() < 1e-14, "{v}");
        }
        assert!((log1p_minus(0.099_999_999) / log1p_minus(0.100_000_001) - 1.0).abs() < 1e-7);
        assert_eq!(log1p_minus(0.0), 0.0);
    }
}
