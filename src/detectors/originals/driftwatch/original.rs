//! DriftWatch's formulas as they were, in the order of their floating-point operations.

use std::f64::consts::FRAC_1_SQRT_2;

use crate::summaries::Tally;

/// Half of δ / t up to the threshold t, from there on from 0.5 to 1 at three times the threshold; `None` where the
/// original divides by a threshold of zero.
pub(super) fn severity(delta: f64, threshold: f64) -> Option<f64> {
    if threshold == 0.0 {
        return None;
    }
    Some(if delta <= threshold {
        (delta / threshold * 0.5).max(0.0)
    } else {
        (0.5 + 0.5 * ((delta - threshold) / threshold).min(2.0) / 2.0).min(1.0)
    })
}

/// Φ(z) as the Cephes library has it (Moshier 1992): by erf near 0, by erfc beyond.
fn normal_cdf(z: f64) -> f64 {
    let scaled = z * FRAC_1_SQRT_2;
    if scaled.abs() < FRAC_1_SQRT_2 {
        return 0.5 + 0.5 * libm::erf(scaled);
    }
    let tail = 0.5 * libm::erfc(scaled.abs());
    if scaled > 0.0 { 1.0 - tail } else { tail }
}

/// Confidence and p-value of two shares by the pooled z test.
///
/// The p-value is 2·(1 − Φ(z)) literally, so that it is 0 from z ≈ 8.3 on. Without spread it is 1.
pub(super) fn shares([baseline, current]: [Tally; 2]) -> (f64, f64) {
    let (x1, n1) = (baseline.hits as f64, baseline.trials as f64);
    let (x2, n2) = (current.hits as f64, current.trials as f64);
    let pooled = (x1 + x2) / (n1 + n2);
    let error = (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)).sqrt();
    if error == 0.0 {
        return (0.5, 1.0);
    }
    let z = (x2 / n2 - x1 / n1).abs() / error;
    let p_value = 2.0 * (1.0 - normal_cdf(z));
    let by_size = ((n1 + n2) / 100.0).min(1.0);
    (if p_value < 0.05 { (by_size + 0.2).min(1.0) } else { by_size }, p_value)
}

/// Confidence in a difference of means: by the rows, and a little more for a standard deviation below 10, be it
/// days or dollars.
pub(super) fn means(rows: [u64; 2], deviations: [f64; 2]) -> f64 {
    let by_size = ((rows[0] + rows[1]) as f64 / 100.0).min(0.9);
    let [baseline, current] = deviations;
    if baseline != 0.0 && current != 0.0 && (baseline + current) / 2.0 < 10.0 {
        (by_size + 0.1).min(1.0)
    } else {
        by_size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_literal_p_value_is_not_the_tail() {
        // scipy 1.16: 2 * (1 - scipy.special.ndtr(z)); its norm.sf gives 0.004298329138060834.
        let (confidence, p_value) =
            shares([Tally { hits: 98, trials: 822 }, Tally { hits: 27, trials: 128 }]);
        assert_eq!((confidence, p_value), (1.0, 0.004_298_329_138_060_941));
        let far = shares([Tally { hits: 0, trials: 1_000 }, Tally { hits: 500, trials: 1_000 }]);
        assert_eq!(far, (1.0, 0.0));
        assert_eq!(shares([Tally { hits: 0, trials: 30 }, Tally { hits: 0, trials: 30 }]), (0.5, 1.0));
    }

    #[test]
    fn severity_has_a_knee_at_the_threshold() {
        let of = |delta| severity(delta, 0.1).unwrap();
        assert_eq!([-1.0, 0.0, 0.05, 0.1].map(of), [0.0, 0.0, 0.25, 0.5]);
        assert_eq!([0.3, 5.0].map(of), [1.0, 1.0]);
        // Half way from the threshold to three times the threshold.
        assert!((of(0.2) - 0.75).abs() < 1e-15);
        assert_eq!(severity(0.1, 0.0), None);
    }

    #[test]
    fn the_unit_decides_the_confidence_of_means() {
        assert_eq!(means([30, 30], [3.0, 3.0]), 0.7);
        assert_eq!(means([30, 30], [300.0, 300.0]), 0.6);
        assert_eq!(means([30, 30], [0.0, 3.0]), 0.6);
        assert_eq!(means([300, 30], [9.0, 10.9]), 1.0);
    }
}
