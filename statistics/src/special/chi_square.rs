//! The chi-square distribution.

use super::{gamma, normal};

/// P(X > `x`) with `degrees_of_freedom` > 0.
#[must_use]
pub fn sf(x: f64, degrees_of_freedom: f64) -> f64 {
    if degrees_of_freedom == 1.0 {
        return normal::two_sided(libm::sqrt(x.max(0.0)));
    }
    gamma::upper(0.5 * degrees_of_freedom, 0.5 * x)
}
