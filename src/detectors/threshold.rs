//! The payer drift rule: fixed thresholds on the denial rate and on the median decision time.
//!
//! The arithmetic keeps the order of the floating-point operations of the product it comes from, so that
//! results are equal to the last bit. Comparisons include the threshold and know no tolerance: 0.15 − 0.10
//! is 0.04999999999999999 and does not reach 0.05.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::event::{DriftEvent, SegmentName};
use super::{Detection, Detector, DetectorAbout, Settings};
use crate::mappings::Mapping;
use crate::summaries::{Grid, Keep, Plan, SegmentView, Summaries, WindowPair};
use crate::{Error, Result};

pub(super) const ABOUT: DetectorAbout = DetectorAbout {
    name: "threshold",
    about: "denial rate and median decision time, each against an absolute and a relative threshold",
    data: "the metrics denial_rate and decision_time",
    reference: "the weekly payer drift rule of a claims monitoring product, arithmetic kept bit for bit",
};

/// The constants of the rule. The defaults are those of the original.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThresholdOptions {
    /// Paid and denied claims that a segment needs in each window; at least 1.
    pub min_volume: u64,
    /// A denial rate has drifted when it differs by at least this much, as a share from 0 to 1.
    pub rate_threshold: f64,
    /// Either metric has drifted when it differs by at least this share of a baseline above 0.
    pub relative_threshold: f64,
    /// A median decision time has drifted when it differs by at least this many days.
    pub days_threshold: f64,
    /// Severity of a denial rate drift per unit of rate; the severity is cut at 1.
    pub rate_severity_factor: f64,
    /// Days of difference at which a decision time drift has severity 1.
    pub days_severity_scale: f64,
    /// Both windows together reach confidence 1 at this multiple of the minimum volume.
    pub confidence_factor: u64,
}

impl Default for ThresholdOptions {
    fn default() -> Self {
        Self {
            min_volume: 30,
            rate_threshold: 0.05,
            relative_threshold: 0.5,
            days_threshold: 3.0,
            rate_severity_factor: 2.0,
            days_severity_scale: 10.0,
            confidence_factor: 4,
        }
    }
}

/// The payer drift rule.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Threshold {
    options: ThresholdOptions,
}

impl Threshold {
    /// The rule with the given constants.
    ///
    /// # Errors
    /// [`Error::Option`] for a minimum volume or a confidence factor of 0, by which the confidence would be
    /// divided (the original fails on it as soon as there is an event), and for a threshold, factor or scale
    /// that is negative, not finite, or 0 where it divides.
    pub fn new(options: ThresholdOptions) -> Result<Self> {
        let whole = [("min-volume", options.min_volume), ("confidence-factor", options.confidence_factor)];
        for (option, value) in whole {
            if value == 0 || value > MAX_WHOLE {
                return Err(Error::option(option, value, format!("a whole number from 1 to {MAX_WHOLE}")));
            }
        }
        let real = [
            ("rate-threshold", options.rate_threshold),
            ("relative-threshold", options.relative_threshold),
            ("days-threshold", options.days_threshold),
            ("rate-severity-factor", options.rate_severity_factor),
            ("days-severity-scale", options.days_severity_scale),
        ];
        for (option, value) in real {
            if !value.is_finite() || value < 0.0 {
                return Err(Error::option(option, value, "a finite number, 0 or above"));
            }
        }
        if options.days_severity_scale == 0.0 {
            return Err(Error::option("days-severity-scale", 0, "above 0: days are divided by it"));
        }
        Ok(Self { options })
    }

    /// The rule with what the settings say of it.
    ///
    /// # Errors
    /// As [`Threshold::new`], and for a parameter that the rule does not have.
    pub fn of(settings: &Settings) -> Result<Self> {
        let names = [
            "rate_threshold",
            "relative_threshold",
            "days_threshold",
            "rate_severity_factor",
            "days_severity_scale",
        ];
        settings.refuse_others(&names)?;
        let defaults = ThresholdOptions::default();
        let number = |name, default| Ok::<f64, Error>(settings.number(name)?.unwrap_or(default));
        Self::new(ThresholdOptions {
            min_volume: settings.min_volume.unwrap_or(defaults.min_volume),
            rate_threshold: number("rate_threshold", defaults.rate_threshold)?,
            relative_threshold: number("relative_threshold", defaults.relative_threshold)?,
            days_threshold: number("days_threshold", defaults.days_threshold)?,
            rate_severity_factor: number("rate_severity_factor", defaults.rate_severity_factor)?,
            days_severity_scale: number("days_severity_scale", defaults.days_severity_scale)?,
            confidence_factor: defaults.confidence_factor,
        })
    }

    /// The constants in use.
    #[must_use]
    pub fn options(&self) -> &ThresholdOptions {
        &self.options
    }

    /// Whether a difference reaches the absolute threshold, or the relative one of a baseline above 0.
    fn has_drifted(&self, baseline: f64, delta: f64, absolute_threshold: f64) -> bool {
        delta.abs() >= absolute_threshold
            || (baseline > 0.0 && (delta / baseline).abs() >= self.options.relative_threshold)
    }

    /// Whether both windows hold the claims that a comparison needs.
    fn is_comparable(&self, windows: &Compared) -> bool {
        windows.baseline.n.min(windows.current.n) >= self.options.min_volume
    }

    /// The events of one segment, whose windows are comparable.
    fn events(&self, segment: &SegmentName, windows: &Compared, pair: WindowPair) -> Vec<DriftEvent> {
        let (baseline_n, current_n) = (windows.baseline.n, windows.current.n);
        let ceiling = (self.options.min_volume * self.options.confidence_factor) as f64;
        let confidence = ((baseline_n + current_n) as f64 / ceiling).min(1.0);
        let event = |(drift_type, change): (&str, Change)| DriftEvent {
            baseline_value: Some(change.baseline),
            current_value: Some(change.current),
            delta_value: change.delta,
            severity: change.severity,
            confidence,
            baseline_n,
            current_n,
            ..DriftEvent::new(segment.clone(), drift_type.to_uppercase(), pair)
        };
        let found = [
            self.decision_time(windows).map(|change| (DECISION_TIME, change)),
            self.denial_rate(windows).map(|change| (DENIAL_RATE, change)),
        ];
        found.into_iter().flatten().map(event).collect()
    }

    fn denial_rate(&self, windows: &Compared) -> Option<Change> {
        let (baseline, current) = (windows.baseline.denial_rate()?, windows.current.denial_rate()?);
        let delta = current - baseline;
        let severity = (delta.abs() * self.options.rate_severity_factor).min(1.0);
        self.has_drifted(baseline, delta, self.options.rate_threshold).then_some(Change {
            baseline,
            current,
            delta,
            severity,
        })
    }

    fn decision_time(&self, windows: &Compared) -> Option<Change> {
        let (baseline, current) = (windows.baseline.median_days?, windows.current.median_days?);
        let delta = current - baseline;
        let severity = (delta.abs() / self.options.days_severity_scale).min(1.0);
        self.has_drifted(baseline, delta, self.options.days_threshold).then_some(Change {
            baseline,
            current,
            delta,
            severity,
        })
    }
}

/// The largest minimum volume and confidence factor: their product stays an exact `f64`.
const MAX_WHOLE: u64 = 1 << 26;

/// A metric in two windows.
struct Change {
    baseline: f64,
    current: f64,
    delta: f64,
    severity: f64,
}

/// The metrics of the mapping that the rule looks at.
const DENIAL_RATE: &str = "denial_rate";
const DECISION_TIME: &str = "decision_time";

/// What the rule needs of one window: paid and denied claims only.
struct Window {
    denied: u64,
    n: u64,
    median_days: Option<f64>,
}

impl Window {
    fn of(view: &SegmentView, places: Places, window: usize) -> Option<Self> {
        let tally = view.tally(places.denial_rate, window)?;
        let median_days = view.histogram(places.decision_time, window)?.median();
        Some(Self { denied: tally.hits, n: tally.trials, median_days })
    }

    fn denial_rate(&self) -> Option<f64> {
        (self.n > 0).then(|| self.denied as f64 / self.n as f64)
    }
}

/// Where the rule's metrics stand among those of the summaries.
#[derive(Clone, Copy)]
struct Places {
    denial_rate: usize,
    decision_time: usize,
}

impl Places {
    fn of(mapping: &Mapping) -> Option<Self> {
        let decision_time = mapping.position(DECISION_TIME)?;
        Some(Self { denial_rate: mapping.position(DENIAL_RATE)?, decision_time })
    }
}

/// Two windows of a segment.
struct Compared {
    baseline: Window,
    current: Window,
}

impl Compared {
    fn of(view: &SegmentView, places: Places) -> Option<Self> {
        let baseline = Window::of(view, places, Grid::BASELINE)?;
        Some(Self { baseline, current: Window::of(view, places, Grid::CURRENT)? })
    }
}

impl Detector for Threshold {
    fn about(&self) -> DetectorAbout {
        ABOUT
    }

    fn plan(&self, mapping: &Arc<Mapping>, windows: WindowPair) -> Result<Plan> {
        // The original reads claims that are decided, and knows how.
        let mapping = mapping.only(&[DENIAL_RATE, DECISION_TIME], false)?;
        let mapping = Arc::new(mapping.requiring(&["decided_date", "outcome"])?);
        let keep = Keep { histograms: true, ..Keep::default() };
        Ok(Plan { mapping, grid: Grid::of_windows(windows), keep })
    }

    fn detect(&self, summaries: &Summaries) -> Result<Detection> {
        let plan = summaries.plan();
        let problem = "two windows are needed, a baseline and a current, of denial_rate and decision_time";
        let pair = plan.grid.window_pair().ok_or_else(|| Error::input("summaries", problem))?;
        let places = Places::of(&plan.mapping).ok_or_else(|| Error::input("summaries", problem))?;
        let mut detection = Detection::default();
        for view in summaries.views() {
            let windows = Compared::of(&view, places).filter(|both| both.baseline.n + both.current.n > 0);
            let Some(windows) = windows else { continue };
            detection.groups_considered += 1;
            if !self.is_comparable(&windows) {
                continue;
            }
            detection.groups_compared += 1;
            let segment = SegmentName::new(plan.mapping.segments(), &view.segment.0);
            detection.events.extend(self.events(&segment, &windows, pair));
        }
        Ok(detection)
    }

    fn parameters(&self) -> Map<String, Value> {
        let options = &self.options;
        let parameters: [(&str, Value); 7] = [
            ("min_volume", options.min_volume.into()),
            ("rate_threshold", options.rate_threshold.into()),
            ("relative_threshold", options.relative_threshold.into()),
            ("days_threshold", options.days_threshold.into()),
            ("rate_severity_factor", options.rate_severity_factor.into()),
            ("days_severity_scale", options.days_severity_scale.into()),
            ("confidence_factor", options.confidence_factor.into()),
        ];
        parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summaries::{Day, Histogram, Segment, Tally};

    /// Summaries of one segment: (paid, denied) per window, all decided after the given days.
    fn summaries(baseline: (u64, u64, i64), current: (u64, u64, i64)) -> Summaries {
        let pair = WindowPair::before(Day(20_000), 90, 14).unwrap();
        let plan = Threshold::default().plan(&Mapping::claims(), pair).unwrap();
        let mut summaries = Summaries::empty(plan);
        let summary = summaries.segment_mut(&Segment(vec!["Aetna".into(), "Imaging".into()]));
        for (window, (paid, denied, days)) in [baseline, current].into_iter().enumerate() {
            summary.tallies_mut(0, "", 2)[window] += Tally { hits: denied, trials: paid + denied };
            summary.histograms_mut(1, "", 2)[window] = Histogram::from_counts(vec![(days, paid + denied)]);
        }
        summaries
    }

    fn types(summaries: &Summaries) -> Vec<String> {
        let detection = Threshold::default().detect(summaries).unwrap();
        detection.events.into_iter().map(|event| event.drift_type).collect()
    }

    #[test]
    fn the_rate_threshold_is_compared_without_tolerance() {
        // 0.15 - 0.10 = 0.04999999999999999 in IEEE 754 doubles; the relative arm needs 0.5 and fires, so
        // a larger baseline shows the absolute arm alone: 0.35 - 0.30 = 0.04999999999999999 too.
        assert!(types(&summaries((70, 30, 5), (65, 35, 5))).is_empty());
        // 0.25 - 0.20 = 0.04999999999999999, 0.30 - 0.25 = 0.04999999999999999, 0.80 - 0.75 = 0.050000000000000044.
        assert_eq!(types(&summaries((25, 75, 5), (20, 80, 5))), ["DENIAL_RATE"]);
    }

    #[test]
    fn both_directions_count_and_severity_is_cut() {
        let detection = Threshold::default().detect(&summaries((10, 90, 20), (90, 10, 4))).unwrap();
        let [time, rate] = detection.events.as_slice() else { panic!("{detection:?}") };
        assert_eq!(
            (time.drift_type.as_str(), time.delta_value, time.severity),
            ("DECISION_TIME", -16.0, 1.0)
        );
        assert_eq!(
            (rate.drift_type.as_str(), rate.delta_value, rate.severity),
            ("DENIAL_RATE", 0.1 - 0.9, 1.0)
        );
        assert_eq!((rate.baseline_n, rate.current_n, rate.confidence), (100, 100, 1.0));
    }

    #[test]
    fn a_baseline_of_zero_has_no_relative_change() {
        assert!(types(&summaries((100, 0, 0), (96, 4, 2))).is_empty());
        assert_eq!(types(&summaries((100, 0, 0), (94, 6, 3))), ["DECISION_TIME", "DENIAL_RATE"]);
    }

    #[test]
    fn small_segments_are_considered_and_not_judged() {
        let detection = Threshold::default().detect(&summaries((10, 19, 5), (100, 0, 50))).unwrap();
        assert_eq!((detection.groups_considered, detection.groups_compared), (1, 0));
        assert!(detection.events.is_empty());
        // The smaller window decides, whichever it is.
        let detection = Threshold::default().detect(&summaries((100, 0, 50), (10, 19, 5))).unwrap();
        assert_eq!((detection.groups_considered, detection.groups_compared), (1, 0));
        let detection = Threshold::default().detect(&summaries((10, 20, 5), (100, 0, 50))).unwrap();
        assert_eq!((detection.groups_compared, detection.events.len()), (1, 2));
    }

    #[test]
    fn options_that_divide_by_zero_are_refused() {
        let defaults = ThresholdOptions::default();
        let refused = |options| Threshold::new(options).unwrap_err().to_string();
        assert!(refused(ThresholdOptions { min_volume: 0, ..defaults }).starts_with("--min-volume 0:"));
        assert!(refused(ThresholdOptions { days_severity_scale: 0.0, ..defaults }).contains("above 0"));
        assert!(
            refused(ThresholdOptions { rate_threshold: f64::NAN, ..defaults }).contains("--rate-threshold")
        );
        assert!(Threshold::new(defaults).is_ok());
    }

    #[test]
    fn events_serialize_with_iso_dates() {
        let detection = Threshold::default().detect(&summaries((95, 5, 5), (60, 40, 5))).unwrap();
        let json = serde_json::to_value(&detection.events[0]).unwrap();
        assert_eq!(json["drift_type"], "DENIAL_RATE");
        // Python 3: date(1970, 1, 1) + timedelta(20000) = 2024-10-04.
        assert_eq!(json["current_end"], "2024-10-04");
        assert_eq!((&json["payer"], &json["cpt_group"]), (&"Aetna".into(), &"Imaging".into()));
        assert!(json.get("p_value").is_none(), "a rule without a test has no probability");
    }
}
