//! Whether a detector's alarm rate without drift is at the level that it states.

use serde::{Deserialize, Serialize};

/// How improbable at the stated level as many alarms may be before it counts as missed.
const LEAST_PROBABILITY: f64 = 0.01;

/// What a detector's level counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LevelOf {
    /// Each test of a segment and metric: the share of tests that raise an alarm.
    Test,
    /// A whole run: the share of runs that raise any alarm, as a correction for all tests promises.
    Run,
}

/// Alarms where nothing drifts, beside what the detector states.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NullLevel {
    /// What is counted.
    pub of: LevelOf,
    /// The stated probability of an alarm.
    pub stated: f64,
    /// Tests, or runs.
    pub trials: u64,
    /// Those with an alarm.
    pub alarms: u64,
}

impl NullLevel {
    /// The share of trials with an alarm; `None` without trials.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        (self.trials > 0).then(|| self.alarms as f64 / self.trials as f64)
    }

    /// Whether the level is kept: as many alarms or more are not improbable (probability at least 0.01) when trials
    /// raise an alarm independently with the stated probability. Fewer alarms than stated keep it as well. `None`
    /// without trials, or where the stated level is no probability.
    #[must_use]
    pub fn is_kept(&self) -> Option<bool> {
        if self.trials == 0 || self.alarms > self.trials || !(0.0..=1.0).contains(&self.stated) {
            return None;
        }
        Some(binomial_upper_tail(self.alarms, self.trials, self.stated) >= LEAST_PROBABILITY)
    }
}

/// P(X ≥ `least`) for X of the binomial distribution: the terms from `least` on, each from the one before.
fn binomial_upper_tail(least: u64, trials: u64, probability: f64) -> f64 {
    if least == 0 || probability >= 1.0 {
        return 1.0;
    }
    if probability <= 0.0 {
        return 0.0;
    }
    let (n, k) = (trials as f64, least as f64);
    let log_choices = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    let mut term = libm::exp(log_choices + k * libm::log(probability) + (n - k) * libm::log1p(-probability));
    let odds = probability / (1.0 - probability);
    let mut tail = 0.0;
    for hits in least..=trials {
        tail += term;
        term *= (trials - hits) as f64 / (hits + 1) as f64 * odds;
        // Behind the mode the terms fall at least geometrically.
        if hits as f64 > n * probability && term < tail * 1e-17 {
            break;
        }
    }
    tail.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_scipy_s() {
        // scipy 1.17.1: stats.binom.sf(least - 1, trials, probability).
        let cases = [
            (5, 20, 0.05, 0.0025739403346522792),
            (70, 1_050, 0.05, 0.010209029858760023),
            (0, 10, 0.5, 1.0),
            (8_400, 8_400, 0.999, 0.0002239242345139931),
            (400, 8_400, 0.05, 0.8477378202580129),
        ];
        for (least, trials, probability, expected) in cases {
            let tail = binomial_upper_tail(least, trials, probability);
            assert!((tail / expected - 1.0).abs() < 1e-9, "{least} of {trials}: {tail}, {expected}");
        }
    }

    #[test]
    fn a_level_is_kept_by_chance_but_not_by_far() {
        let level = |alarms, trials| NullLevel { of: LevelOf::Test, stated: 0.05, trials, alarms };
        assert_eq!(level(54, 1_050).is_kept(), Some(true));
        assert_eq!(level(0, 1_050).is_kept(), Some(true));
        assert_eq!(level(87, 600).is_kept(), Some(false));
        assert_eq!((level(0, 0).is_kept(), level(0, 0).rate()), (None, None));
        assert_eq!(NullLevel { stated: f64::NAN, ..level(1, 2) }.is_kept(), None);
        assert_eq!(NullLevel { stated: 0.0, ..level(1, 2) }.is_kept(), Some(false));
    }
}
