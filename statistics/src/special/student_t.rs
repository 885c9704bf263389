//! Student's t distribution.

use super::beta;

/// P(T > `t`) with `degrees_of_freedom` > 0, not necessarily whole.
#[must_use]
pub fn sf(t: f64, degrees_of_freedom: f64) -> f64 {
    let half = 0.5 * two_sided(t, degrees_of_freedom);
    if t < 0.0 { 1.0 - half } else { half }
}

/// P(|T| > |`t`|).
#[must_use]
pub fn two_sided(t: f64, degrees_of_freedom: f64) -> f64 {
    let square = t * t;
    if square.is_infinite() {
        return 0.0;
    }
    let total = degrees_of_freedom + square;
    beta::lower(0.5 * degrees_of_freedom, 0.5, degrees_of_freedom / total, square / total)
}
