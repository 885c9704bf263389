//! DelayGuard: payers that take longer to decide.
//!
//! By payer, the 14 days of submissions before the end against the 60 before them, 10 decided claims in each. One
//! signal for each payer whose mean time has grown, unless its grade is low and the growth is below two days. The
//! grade takes growth and confidence together: (10 days, 0.75) is critical, (7, 0.65) high, (4, 0.55) medium.
//! Confidence is 0.7 for rows and 0.3 for completeness, which is the mean over the current days of the share of claims
//! that have been decided.
//!
//! The order of the floating-point operations is kept: with 20 claims and nothing missing 0.5·0.7 + 0.3 is
//! 0.6499999999999999, which is below 0.65, so twelve days more are medium and not high. The dollars at risk are the
//! current days' mean of allowed dollars times the days of growth, rounded half to even to cents, in exact
//! arithmetic; the product rounded the daily mean to 28 digits first, which can matter only where the exact value
//! ends in half a cent.
//!
//! Put right without a detector of its own, because it is in no number: a warning belongs to the payer that it is
//! about (the product's signals also carried those of the payers before), and repeated signals, which the product
//! deleted before it looked for them, are left to who keeps the events. A mean that has grown from 0 days or less
//! has no relative growth, where the product stored 0 %. The grade's number is ours.

use std::sync::Arc;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::labels::Grade;
use super::{Needs, min_volume, parameters};
use crate::detectors::event::{DriftEvent, Evidence, SegmentName};
use crate::detectors::{Detection, Detector, DetectorAbout, Settings};
use crate::mappings::Mapping;
use crate::summaries::{DayRange, Grid, Moments, Plan, SegmentView, Summaries, Tally, WindowPair};
use crate::{Error, Result};

pub(in crate::detectors) const ABOUT: DetectorAbout = DetectorAbout {
    name: "delayguard",
    about: "payers whose mean time to a decision has grown, graded by days and confidence",
    data: "claims with the columns of the mapping delayguard",
    reference: "the DelayGuard signal of a claims monitoring product, arithmetic kept bit for bit",
};

const NEEDS: Needs = Needs {
    mapping: "delayguard",
    metrics: &["decided_date_missing", "decision_time", "allowed_amount"],
    baseline_days: 60,
    current_days: 14,
};

const DRIFT_TYPE: &str = "PAYMENT_DELAY_DRIFT";
/// Decided claims that a payer needs in each window.
const MIN_SAMPLE: u64 = 10;
/// Below this completeness there is a warning, and confidence is lost.
const COMPLETE: f64 = 0.8;
/// A low grade counts from this growth on.
const LEAST_DAYS: f64 = 2.0;
/// A low grade alerts from this confidence on.
const ALERT_CONFIDENCE: f64 = 0.5;
/// The largest customer number.
const MOST_CUSTOMERS: f64 = 4_294_967_295.0;

/// The signal of payers that take longer.
#[derive(Debug, Clone, Copy)]
pub struct DelayGuard {
    min_sample: u64,
    customer: u32,
}

impl DelayGuard {
    /// The product with the settings' minimum volume and the parameter `customer`, a number that the fingerprints are made
    /// with; 1 unless it is given.
    ///
    /// # Errors
    /// [`Error::Option`] for a minimum volume of 0, a customer that is no whole number, and other parameters.
    pub fn of(settings: &Settings) -> Result<Self> {
        settings.refuse_others(&["customer"])?;
        let customer = settings.number("customer")?.unwrap_or(1.0);
        if customer.fract() != 0.0 || !(0.0..=MOST_CUSTOMERS).contains(&customer) {
            let problem = format!("a whole number from 0 to {MOST_CUSTOMERS}");
            return Err(Error::option("set", format!("customer={customer}"), problem));
        }
        Ok(Self { min_sample: min_volume(settings, MIN_SAMPLE)?, customer: customer as u32 })
    }

    fn event(&self, payer: &Payer, segment: SegmentName, windows: WindowPair) -> Option<DriftEvent> {
        let [baseline, current] = [payer.baseline.mean()?, payer.current.mean()?];
        let delta = current - baseline;
        if delta <= 0.0 {
            return None;
        }
        let percent = if baseline > 0.0 { delta / baseline * 100.0 } else { 0.0 };
        let confidence = self.confidence(payer);
        let grade = grade(delta, confidence);
        if grade == Grade::Low && delta < LEAST_DAYS {
            return None;
        }
        let mut note =
            format!("{current:.1} days to a decision, {delta:+.1} from {baseline:.1} ({percent:+.1} %)");
        if payer.completeness < COMPLETE {
            note += &format!("; Low date completeness ({:.1}%)", payer.completeness * 100.0);
        }
        Some(DriftEvent {
            baseline_value: Some(baseline),
            current_value: Some(current),
            delta_value: delta,
            severity: grade.severity(),
            confidence,
            baseline_n: payer.baseline.n,
            current_n: payer.current.n,
            evidence: Evidence {
                effect_size: (baseline > 0.0).then(|| delta / baseline),
                impact_dollars: dollars_at_risk(payer.allowed_cents, payer.current_days, delta),
                severity_label: Some(grade.name()),
                is_alert: Some(grade != Grade::Low || confidence >= ALERT_CONFIDENCE),
                fingerprint: Some(self.fingerprint(&segment, windows.current)),
                note: Some(note),
                ..Evidence::default()
            },
            ..DriftEvent::new(segment, DRIFT_TYPE.to_owned(), windows)
        })
    }

    fn confidence(&self, payer: &Payer) -> f64 {
        let rows = (payer.current.n + payer.baseline.n) as f64;
        let by_rows = (rows / (4 * self.min_sample) as f64).min(1.0);
        0.7 * by_rows + 0.3 * (payer.completeness / COMPLETE).min(1.0)
    }

    /// The first half of the SHA-256 of what makes the signal unique, in hexadecimal digits.
    fn fingerprint(&self, segment: &SegmentName, current: DayRange) -> String {
        let (customer, DayRange { start, end }) = (self.customer, current);
        let key = format!("{customer}:{segment}:{start}:{end}:{}", DRIFT_TYPE.to_lowercase());
        Sha256::digest(key).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

fn grade(delta_days: f64, confidence: f64) -> Grade {
    let grades = [(10.0, 0.75, Grade::Critical), (7.0, 0.65, Grade::High), (4.0, 0.55, Grade::Medium)];
    let reached = |&(days, least, _): &(f64, f64, Grade)| delta_days >= days && confidence >= least;
    grades.into_iter().find(reached).map_or(Grade::Low, |(.., grade)| grade)
}

/// Cents over days times a growth in days, in dollars with half a cent to even; the growth as the shortest decimal that is
/// that `f64`, which is what Python's `Decimal(str(growth))` takes it for. `None` beyond 38 digits.
fn dollars_at_risk(cents: i128, days: u64, growth: f64) -> Option<f64> {
    let text = growth.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let digits: i128 = format!("{whole}{decimals}").parse().ok()?;
    let power = 10_i128.checked_pow(decimals.len().try_into().ok()?)?;
    let (numerator, denominator) = (cents.checked_mul(digits)?, power.checked_mul(days.into())?);
    let (quotient, rest) =
        (numerator.checked_div_euclid(denominator)?, numerator.checked_rem_euclid(denominator)?);
    let is_up = match (rest * 2).cmp(&denominator) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => quotient % 2 != 0,
        std::cmp::Ordering::Less => false,
    };
    Some((quotient + i128::from(is_up)) as f64 / 100.0)
}

/// What is known of one payer.
struct Payer {
    baseline: Moments,
    current: Moments,
    /// The mean over the current days of the share of claims that have been decided.
    completeness: f64,
    allowed_cents: i128,
    /// Current days with a claim.
    current_days: u64,
}

impl Payer {
    fn of(view: &SegmentView) -> Option<Self> {
        let place = |name: &str| view.metrics().iter().position(|metric| metric.name == name);
        let [missing, time, allowed] = NEEDS.metrics else { return None };
        let (missing, time, allowed) = (place(missing)?, place(time)?, place(allowed)?);
        let (mut days, mut shares) = (0_u64, 0.0);
        let missing_dates = view.tallies(missing)?;
        for bucket in view.grid().buckets_of(Grid::CURRENT) {
            let mut day = Tally::default();
            missing_dates.values().for_each(|tallies| day += tallies[bucket]);
            if day.trials > 0 {
                days += 1;
                shares += (day.trials - day.hits) as f64 / day.trials as f64;
            }
        }
        Some(Self {
            baseline: view.moments(time, Grid::BASELINE)?,
            current: view.moments(time, Grid::CURRENT)?,
            completeness: if days > 0 { shares / days as f64 } else { 0.0 },
            allowed_cents: view.moments(allowed, Grid::CURRENT)?.sum,
            current_days: days,
        })
    }
}

impl Detector for DelayGuard {
    fn about(&self) -> DetectorAbout {
        ABOUT
    }

    fn plan(&self, mapping: &Arc<Mapping>, windows: WindowPair) -> Result<Plan> {
        let plan = NEEDS.plan(mapping, windows.current.end)?;
        let grid = plan.grid.with_daily_history(NEEDS.baseline_days + NEEDS.current_days)?;
        Ok(Plan { grid, ..plan })
    }

    fn detect(&self, summaries: &Summaries) -> Result<Detection> {
        let windows = NEEDS.windows(summaries)?;
        let columns = summaries.plan().mapping.segments();
        let mut detection = Detection::default();
        for view in summaries.views() {
            detection.groups_considered += 1;
            let payer = Payer::of(&view);
            let compared = payer.filter(|payer| payer.baseline.n.min(payer.current.n) >= self.min_sample);
            let Some(payer) = compared else { continue };
            detection.groups_compared += 1;
            detection.events.extend(self.event(&payer, SegmentName::new(columns, &view.segment.0), windows));
        }
        Ok(detection)
    }

    fn parameters(&self) -> Map<String, Value> {
        let mut parameters = parameters(self.min_sample, &NEEDS);
        parameters.insert("customer".to_owned(), self.customer.into());
        parameters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payer(baseline: (u64, i64), current: (u64, i64)) -> Payer {
        let moments = |(rows, days)| {
            let mut moments = Moments::default();
            moments.add(days, rows);
            moments
        };
        Payer {
            baseline: moments(baseline),
            current: moments(current),
            completeness: 1.0,
            allowed_cents: 100_000,
            current_days: 14,
        }
    }

    fn event(payer: &Payer) -> Option<DriftEvent> {
        let windows = WindowPair::before("2026-11-20".parse().unwrap(), 60, 14).unwrap();
        let segment = SegmentName::new(&["payer".to_owned()], &["Aetna".to_owned()]);
        DelayGuard::of(&Settings::default()).unwrap().event(payer, segment, windows)
    }

    fn label(payer: &Payer) -> Option<&'static str> {
        event(payer)?.evidence.severity_label
    }

    #[test]
    fn twelve_days_of_twenty_claims_are_medium_by_the_last_bit() {
        let found = event(&payer((10, 5), (10, 17))).unwrap();
        assert_eq!(
            (found.confidence, found.evidence.severity_label),
            (0.649_999_999_999_999_9, Some("medium"))
        );
        assert_eq!(label(&payer((11, 5), (11, 17))), Some("high"));
        assert_eq!(label(&payer((15, 5), (15, 17))), Some("critical"));
    }

    #[test]
    fn growth_counts_from_two_days_on() {
        assert_eq!(label(&payer((10, 5), (10, 7))), Some("low"));
        assert_eq!(label(&payer((10, 5), (10, 6))), None);
        assert_eq!(label(&payer((10, 9), (10, 5))), None);
        assert_eq!(label(&payer((100, 5), (10, 9))), Some("medium"));
    }

    #[test]
    fn missing_dates_cost_confidence_and_are_told() {
        let found = event(&Payer { completeness: 0.4, ..payer((10, 5), (10, 7)) }).unwrap();
        assert_eq!(found.confidence, 0.7 * 0.5 + 0.3 * 0.5);
        assert!(found.evidence.note.unwrap().ends_with("; Low date completeness (40.0%)"));
        let found = event(&Payer { completeness: 0.1, ..payer((10, 5), (10, 7)) }).unwrap();
        assert_eq!(found.evidence.is_alert, Some(false));
    }

    #[test]
    fn fingerprints_match_python() {
        // Python 3.11: sha256(b"1:Aetna:2026-11-06:2026-11-20:payment_delay_drift").hexdigest()[:32].
        let found = event(&payer((10, 5), (10, 17))).unwrap();
        assert_eq!(found.evidence.fingerprint.as_deref(), Some("760a6ae9fcc0aeb9eb1d2b458fbde3c0"));
    }

    #[test]
    fn dollars_round_half_to_even() {
        // Python 3.11: (Decimal(cents) / 100 / days * Decimal(str(growth))).quantize(Decimal("0.01")).
        assert_eq!(dollars_at_risk(100_000, 14, 12.0), Some(857.14));
        assert_eq!(dollars_at_risk(101, 2, 1.0), Some(0.5));
        assert_eq!(dollars_at_risk(103, 2, 1.0), Some(0.52));
        assert_eq!(dollars_at_risk(123_456_789, 13, 2.333_333_333_333_333_5), Some(221_589.11));
        assert_eq!(dollars_at_risk(0, 14, 2.0), Some(0.0));
        assert_eq!(dollars_at_risk(i128::MAX, 14, 2.0), None);
    }

    #[test]
    fn customers_are_whole_numbers() {
        let with = |typed: &str| {
            let parameters = vec![("customer".to_owned(), typed.to_owned())];
            DelayGuard::of(&Settings { parameters, ..Settings::default() })
        };
        assert_eq!(with("7").unwrap().customer, 7);
        assert!(with("1.5").unwrap_err().to_string().starts_with("--set customer=1.5"));
        assert!(DelayGuard::of(&Settings { min_volume: Some(0), ..Settings::default() }).is_err());
    }
}
