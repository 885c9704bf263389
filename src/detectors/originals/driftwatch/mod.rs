//! DriftWatch: six signals that a payer got worse, never that it got better.
//!
//! By payer and CPT group, the 14 days of decisions before the end against the 76 before them (the product reads 90
//! days in all), 20 claims in each. All outcomes are in the denominators of rates.
//!
//! | signal | fires from | severity grows with |
//! |---|---|---|
//! | `DENIAL_RATE` | +0.05 | the difference |
//! | `APPROVAL_RATE` | −0.05 | the difference |
//! | `AUTH_FAILURE_RATE` | +0.10, of claims that need an authorization | the difference |
//! | `PAYMENT_AMOUNT` | −5 % of the mean allowed on paid claims | the share |
//! | `PROCESSING_DELAY` | +7 days from submission to payment, on average | the days |
//! | `DECISION_TIME` | +5 days from submission to decision, on average | the days |
//!
//! `driftwatch-compat` is the product as it was:
//! - severity by a knee at a threshold that is not the one that fires: the *baseline rate* for `DENIAL_RATE`, 6 days
//!   for both times. A denial rate from zero divides by zero, which ended the product's run, and is refused here;
//! - p-values of rates as 2·(1 − Φ(z)) literally; confidence in means by whether a standard deviation is below 10,
//!   be it days or dollars; urgency by the difference in whatever unit it has;
//! - the payment amount's difference is positive when it falls; the authorization's impact counts all failures;
//! - the days to payment are those of any outcome, while their number is that of paid claims.
//!
//! `driftwatch` puts these right: severity is 0.5 at the threshold that fires and 1 at three times of it;
//! p-values are tails themselves, for means Welch's; confidence is that of the product's unused base class, half by
//! rows and half by the statistic; differences are current − baseline; impacts count what the change adds; delays are
//! those of paid claims.
//!
//! Kept in neither: that an impact multiplied decimals with floats, which raised an error on the first event; root causes,
//! which were constant lists; the trend, which always was "degrading". Standard deviations come from exact sums, not
//! from a sum in the order of the rows, and may differ from the product's in the last digits.

mod original;
mod signals;

use std::sync::Arc;

use serde_json::{Map, Value};

use super::labels::{severity_label, urgency};
use super::{Manner, Needs};
use crate::Result;
use crate::detectors::event::{DriftEvent, Evidence, SegmentName};
use crate::detectors::{Detection, Detector, DetectorAbout, Settings};
use crate::mappings::Mapping;
use crate::summaries::{Plan, Summaries, WindowPair};
use signals::{Reader, Signal};

pub(in crate::detectors) const SOUND: DetectorAbout = DetectorAbout {
    name: "driftwatch",
    about: "six signals of a payer that got worse: denials, approvals, authorizations, payments, times",
    data: "claims with the columns of the mapping driftwatch",
    reference: "the DriftWatch signals of a claims monitoring product, with their faults put right",
};

pub(in crate::detectors) const COMPAT: DetectorAbout = DetectorAbout {
    name: "driftwatch-compat",
    about: "the six signals with the severities and p-values that the product had",
    data: "claims with the columns of the mapping driftwatch",
    reference: "the DriftWatch signals of a claims monitoring product, arithmetic kept",
};

/// The metrics that are read.
const NEEDS: Needs = Needs {
    mapping: "driftwatch",
    metrics: &[
        "denial_rate",
        "approval_rate",
        "auth_failure_rate",
        "auth_allowed_amount",
        "allowed_amount",
        "payment_amount",
        "paid_amount",
        "payment_date_missing",
        "payment_delay",
        "paid_payment_delay",
        "decision_time",
    ],
    baseline_days: 76,
    current_days: 14,
};

/// Claims that a segment needs in each window.
const MIN_SAMPLE: u64 = 20;

/// The six signals.
#[derive(Debug, Clone, Copy)]
pub struct DriftWatch {
    manner: Manner,
    min_sample: u64,
}

impl DriftWatch {
    /// The product in a manner, with the settings' minimum volume.
    ///
    /// # Errors
    /// [`crate::Error::Option`] for a minimum volume of 0, and for parameters, of which it has none.
    pub fn of(manner: Manner, settings: &Settings) -> Result<Self> {
        settings.refuse_others(&[])?;
        Ok(Self { manner, min_sample: super::min_volume(settings, MIN_SAMPLE)? })
    }

    fn event(&self, signal: &Signal, segment: &SegmentName, windows: WindowPair) -> DriftEvent {
        // A rate's difference is a size without unit; days and dollars are none.
        let size = if self.manner == Manner::Original || signal.is_rate { signal.delta } else { 0.0 };
        DriftEvent {
            baseline_value: Some(signal.values[0]),
            current_value: Some(signal.values[1]),
            delta_value: signal.delta,
            severity: signal.severity,
            confidence: signal.confidence,
            baseline_n: signal.rows[0],
            current_n: signal.rows[1],
            evidence: Evidence {
                statistic: signal.statistic,
                p_value: signal.p_value,
                impact_dollars: signal.impact_dollars,
                baseline_deviation: signal.baseline_deviation,
                severity_label: Some(severity_label(signal.severity)),
                urgency: Some(urgency(signal.severity, size)),
                ..Evidence::default()
            },
            ..DriftEvent::new(segment.clone(), signal.drift_type.to_owned(), windows)
        }
    }
}

impl Detector for DriftWatch {
    fn about(&self) -> DetectorAbout {
        match self.manner {
            Manner::Original => COMPAT,
            Manner::Sound => SOUND,
        }
    }

    fn plan(&self, mapping: &Arc<Mapping>, windows: WindowPair) -> Result<Plan> {
        NEEDS.plan(mapping, windows.current.end)
    }

    fn detect(&self, summaries: &Summaries) -> Result<Detection> {
        let windows = NEEDS.windows(summaries)?;
        let columns = summaries.plan().mapping.segments();
        let mut detection = Detection::default();
        for view in summaries.views() {
            detection.groups_considered += 1;
            let reader = Reader { view, manner: self.manner, min_sample: self.min_sample };
            detection.groups_compared += u64::from(reader.is_comparable());
            let segment = SegmentName::new(columns, &view.segment.0);
            let signals = reader.signals()?;
            detection.events.extend(signals.iter().map(|signal| self.event(signal, &segment, windows)));
        }
        Ok(detection)
    }

    fn parameters(&self) -> Map<String, Value> {
        super::parameters(self.min_sample, &NEEDS)
    }
}

#[cfg(test)]
mod tests;
