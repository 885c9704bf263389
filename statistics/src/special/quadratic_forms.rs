//! Limit laws of the Cramér–von Mises and Anderson–Darling statistics: sums of squared normals with weights.
//!
//! For weights 1/uⱼ, each once, Smirnov's formula (1937; Durbin and Knott, "Components of Cramér–von Mises
//! statistics", 1972) gives the upper tail as an alternating sum of integrals over (u₁, u₂), (u₃, u₄), …, of
//! which the first is nearly all in the tail. So it is accurate relative to its size, where 1 − the usual
//! series is not. The inverse roots at both ends of an interval vanish under v = middle + half · sin θ, and
//! the midpoint rule converges exponentially in θ.

use std::f64::consts::PI;

/// Terms below this share of the first are left out.
const NEGLIGIBLE: f64 = 1e-17;

/// P(∫ B² > `x`) for a Brownian bridge B: the limit of the Cramér–von Mises statistic.
///
/// Weights 1/(j²π²), Fredholm determinant sin √u / √u (Anderson and Darling 1952).
#[must_use]
pub fn cramer_von_mises_sf(x: f64) -> f64 {
    // Below this the probability differs from 1 by less than 1e-17.
    if x < 0.003 {
        return 1.0;
    }
    alternating_sum(x * PI * PI, |k, offset| {
        let v = PI * (2.0 * k - 0.5 + offset);
        let from_first = (v - PI) * (v + PI);
        (-0.5 * x * from_first, 2.0 * PI / libm::sqrt(v))
    }) * libm::exp(-0.5 * x * PI * PI)
}

/// P(∫ B² / (t(1 − t)) > `x`): the limit of the Anderson–Darling statistic A².
///
/// Weights 1/(j(j+1)), Fredholm determinant −cos(π √(1 + 4u) / 2) / (πu) (Anderson and Darling 1952).
#[must_use]
pub fn anderson_darling_sf(x: f64) -> f64 {
    // Below this the probability differs from 1 by less than 1e-17.
    if x < 0.03 {
        return 1.0;
    }
    alternating_sum(2.0 * x, |k, offset| {
        let w = 2.0 * k + offset;
        let u = w * w - 0.25;
        (-0.5 * x * (w * w - 2.25), 2.0 * w * libm::sqrt(PI / u))
    }) * libm::exp(-x)
}

/// (1/π) Σ (−1)^(k−1) ∫ exp(exponent) · factor / √cos(π · offset) d(offset) over offset from −½ to ½.
fn alternating_sum(steepness: f64, integrand: impl Fn(f64, f64) -> (f64, f64)) -> f64 {
    // The exponential falls within 1/steepness of the left end; nodes lie quadratically close there.
    let nodes = 32 + 4 * libm::sqrt(steepness) as u32;
    let mut sum = 0.0;
    for k in 1..=200_u32 {
        let mut integral = 0.0;
        for node in 0..nodes {
            let theta = PI * ((f64::from(node) + 0.5) / f64::from(nodes) - 0.5);
            // 1 − sin θ and 1 + sin θ without cancellation: the distances to the two ends.
            let (sine, cosine) = libm::sincos(theta);
            let offset = 0.5 * sine;
            let near = 0.5 * cosine * cosine / (1.0 + sine.abs());
            let (exponent, factor) = integrand(f64::from(k), offset);
            integral += libm::exp(exponent) * factor * cosine / libm::sqrt(libm::sin(PI * near));
        }
        let term = integral * 0.5 / f64::from(nodes);
        sum += if k % 2 == 1 { term } else { -term };
        if term < NEGLIGIBLE * sum.abs() {
            break;
        }
    }
    sum
}
