//! Kolmogorov's and Smirnov's distributions: of the largest distance between an empirical distribution
//! function of n values and the true one.
//!
//! The finite-n law follows Simard and L'Ecuyer ("Computing the two-sided Kolmogorov–Smirnov distribution",
//! 2011) with the regions of scipy.stats.kstwo (1.17), so that p-values are those of
//! scipy.stats.ks_2samp(method="asymp"). Where those take twice the one-sided tail (n·D² ≥ 4, or ≥ 2.2 for n
//! > 140) that is an upper bound, too large by less than 2e-6 of itself.

use std::f64::consts::PI;

use super::density;

/// √(2π).
const SQRT_TWO_PI: f64 = 2.506_628_274_631_000_7;
/// Up to here the exact law is used at all distances.
const SMALL_N: u64 = 140;
/// From here on, at small distances, the expansion is within 2e-10 of the exact law.
const EXPANSION_FROM: u64 = 5_000;
/// The expansion is within a tenth of distribution functions as small as this, which 1 hides.
const HIDDEN: f64 = 1e-9;
/// From here on the one-sided sum is taken at `SPARSE_NODES` places: within 1e-13 of the whole sum.
const SPARSE_FROM: u64 = 500;
const SPARSE_NODES: u32 = 128;

/// P(√n·Dₙ > `t`) as n grows: scipy.special.kolmogorov, scipy.stats.kstwobign.sf.
#[must_use]
pub fn limit_sf(t: f64) -> f64 {
    if t <= 0.04 {
        return 1.0;
    }
    if t < 1.0 {
        return 1.0 - limit_cdf(t);
    }
    let mut sum = 0.0;
    for k in 1..=6 {
        let k = f64::from(k);
        let term = libm::exp(-2.0 * k * k * t * t);
        sum += if k as u32 % 2 == 1 { term } else { -term };
    }
    2.0 * sum
}

fn limit_cdf(t: f64) -> f64 {
    let mut sum = 0.0;
    for k in 0..6 {
        let odd = f64::from(2 * k + 1);
        sum += libm::exp(-odd * odd * PI * PI / (8.0 * t * t));
    }
    SQRT_TWO_PI / t * sum
}

/// P(Dₙ ≥ `d`) for the two-sided statistic of `n` ≥ 1 values; 1 for no values, NaN for NaN.
#[must_use]
pub fn two_sided_sf(n: u64, d: f64) -> f64 {
    if d.is_nan() {
        return d;
    }
    let count = n as f64;
    let t = count * d;
    if t <= 0.5 {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    let square = t * d;
    if t <= 1.0 {
        return 1.0 - near_lattice_cdf(count, t);
    }
    let one_sided = t >= count - 1.0 || d >= 0.5 || if n <= SMALL_N { square > 4.0 } else { square >= 2.2 };
    if one_sided {
        return (2.0 * one_sided_sf(n, d)).min(1.0);
    }
    let exact = n <= SMALL_N || (n < EXPANSION_FROM && t * libm::sqrt(d) <= 1.4);
    let expansion = if n <= SMALL_N { 1.0 } else { pelz_good_cdf(count, libm::sqrt(square)) };
    let cdf = if exact && expansion > HIDDEN { band_cdf(n, t) } else { expansion };
    (1.0 - cdf).clamp(0.0, 1.0)
}

/// P(Dₙ < d) for ½ < t = n·d ≤ 1: n!/nⁿ (2t − 1)ⁿ (Ruben and Gambino 1982).
fn near_lattice_cdf(n: f64, t: f64) -> f64 {
    libm::exp(n * libm::log(2.0 * t - 1.0) - n) / density::poisson(n, n)
}

/// P(Dₙ⁺ ≥ `d`) of the one-sided statistic, 0 < d < 1: the sum of Birnbaum and Tingey (1951),
/// Σ d/p · Binomial(j; n, p) with p = d + j/n over j from 0 to n(1 − d). scipy.special.smirnov.
///
/// The terms are a smooth function of j/n that vanishes with all its derivatives at both ends (once n is
/// large and d not near 1), so for large n a sum over evenly spaced, fractional j is the same sum to full
/// precision.
#[must_use]
pub fn one_sided_sf(n: u64, d: f64) -> f64 {
    let count = n as f64;
    let term = |j: f64| {
        let p = d + j / count;
        let q = ((count - j) - count * d) / count;
        if q <= 0.0 { 0.0 } else { d / p * density::binomial(j, count, p, q) }
    };
    let last = count * (1.0 - d);
    if n < SPARSE_FROM {
        let mut sum = 0.0;
        let mut j = 0.0;
        while j <= last {
            sum += term(j);
            j += 1.0;
        }
        return sum;
    }
    let stride = last / f64::from(SPARSE_NODES);
    (0..SPARSE_NODES).map(|node| term((f64::from(node) + 0.5) * stride)).sum::<f64>() * stride
}

/// P(Dₙ < t/n): a Poisson process of rate 1 on (0, n), given its n events, stays within t of the diagonal.
///
/// Pomeranz's recursion (1974) in the form of Simard and L'Ecuyer: the band's edges meet whole counts only at
/// times k + f and k + 1 − f, where f is the fraction of t. Between two of them the counts' probabilities are
/// spread by a Poisson law; at each of them what is outside the band is dropped. All terms are positive.
fn band_cdf(n: u64, t: f64) -> f64 {
    let whole = t as i64;
    let fraction = t - whole as f64;
    let (doubled_down, doubled_up) = if fraction == 0.0 {
        (0, 0)
    } else if fraction <= 0.5 {
        (-1, 1)
    } else {
        (-2, 2)
    };
    // From a point to the next: within a unit of time, and over the whole number between two units.
    let edge = fraction.min(1.0 - fraction);
    let (first_step, inner, outer) =
        (StepLaw::new(edge), StepLaw::new(1.0 - 2.0 * edge), StepLaw::new(2.0 * edge));
    let mut band = Band::at_zero(whole);
    for k in 0..n as i64 {
        let after = (k - whole + 1, k + whole + doubled_up - 1);
        let before = (k + 2 - whole + doubled_down, k + whole);
        let (first, second) = if fraction <= 0.5 { (after, before) } else { (before, after) };
        band.advance(if k == 0 { &first_step } else { &outer }, first);
        band.advance(&inner, second);
    }
    band.advance(&first_step, (n as i64, n as i64));
    band.only() / density::poisson(n as f64, n as f64)
}

/// The probabilities of 0, 1, 2, … events in a step of time, the last first, down to the negligible.
struct StepLaw {
    reversed: Vec<f64>,
}

impl StepLaw {
    fn new(length: f64) -> Self {
        let mut probability = libm::exp(-length);
        let mut reversed = Vec::with_capacity(20);
        while probability > 1e-17 {
            reversed.push(probability);
            probability *= length / reversed.len() as f64;
        }
        reversed.reverse();
        Self { reversed }
    }
}

/// Outputs that are summed side by side.
const LANES: usize = 4;
/// Zeros before and after the probabilities: more than events in a step, and lanes beyond the band.
const MARGIN: usize = 32;

/// The probabilities of the counts from `low` on, with a margin of zeros on both sides.
struct Band {
    low: i64,
    width: usize,
    padded: Vec<f64>,
    next: Vec<f64>,
}

impl Band {
    fn at_zero(half_width: i64) -> Self {
        let len = 2 * half_width as usize + 4 + 2 * MARGIN;
        let mut padded = vec![0.0; len];
        padded[MARGIN] = 1.0;
        Self { low: 0, width: 1, padded, next: vec![0.0; len] }
    }

    /// Spreads the counts by one step and keeps those from `kept.0` to `kept.1`.
    fn advance(&mut self, step: &StepLaw, kept: (i64, i64)) {
        let low = kept.0.max(0);
        let width = (kept.1 - low + 1) as usize;
        // The count `low` comes from those up to as many below it as a step has events.
        let first = MARGIN + (low - self.low) as usize + 1 - step.reversed.len();
        for offset in (0..width).step_by(LANES) {
            let mut sums = [0.0; LANES];
            let from = &self.padded[first + offset..];
            for (weight, probabilities) in step.reversed.iter().zip(from.windows(LANES)) {
                for (sum, probability) in sums.iter_mut().zip(probabilities) {
                    *sum += weight * probability;
                }
            }
            self.next[MARGIN + offset..MARGIN + offset + LANES].copy_from_slice(&sums);
        }
        self.next[MARGIN + width..MARGIN + width + 2 * LANES].fill(0.0);
        (self.low, self.width) = (low, width);
        std::mem::swap(&mut self.padded, &mut self.next);
    }

    /// The probability of the only count that is left.
    fn only(&self) -> f64 {
        self.padded[MARGIN]
    }
}

/// The expansion of Pelz and Good (1976) in powers of 1/√n, as Simard and L'Ecuyer print it.
fn pelz_good_cdf(n: f64, z: f64) -> f64 {
    let (z2, pi2) = (z * z, PI * PI);
    let (z4, z6) = (z2 * z2, z2 * z2 * z2);
    let (mut k0, mut k1, mut k2, mut k3) = (0.0, 0.0, 0.0, 0.0);
    for k in 0..20 {
        let half = f64::from(k) + 0.5;
        let h = pi2 * half * half;
        let weight = 2.0 * libm::exp(-h / (2.0 * z2));
        if weight < 1e-30 * k0 {
            break;
        }
        k0 += weight;
        k1 += weight * (h - z2);
        k2 += weight * (6.0 * z6 + 2.0 * z4 + h * (2.0 * z4 - 5.0 * z2) + h * h * (1.0 - 2.0 * z2));
        k3 += weight
            * (h * h * h * (5.0 - 30.0 * z2)
                + h * h * (212.0 * z4 - 60.0 * z2)
                + h * (135.0 * z4 - 96.0 * z6)
                - 30.0 * z6
                - 90.0 * z6 * z2);
    }
    let (mut whole2, mut whole3) = (0.0, 0.0);
    for k in 1..20 {
        let h = pi2 * f64::from(k * k);
        let weight = 2.0 * libm::exp(-h / (2.0 * z2));
        if weight < 1e-30 {
            break;
        }
        whole2 += weight * h;
        whole3 += weight * (3.0 * h * z2 - h * h);
    }
    let root = SQRT_TWO_PI / 2.0;
    let k0 = root / z * k0;
    let k1 = root / (6.0 * z4) * k1;
    let k2 = root * (k2 / (72.0 * z6 * z) - whole2 / (36.0 * z2 * z));
    let k3 = root * (k3 / (6480.0 * z4 * z6) + whole3 / (216.0 * z6));
    let inverse = 1.0 / libm::sqrt(n);
    k0 + inverse * (k1 + inverse * (k2 + inverse * k3))
}
