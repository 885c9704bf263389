//! The six signals of one segment.

use driftforge_statistics::two_windows::{self as methods, Comparison, Data};

use super::super::Manner;
use super::original;
use crate::detectors::samples::Sample;
use crate::summaries::{Grid, Moments, SegmentView, Tally};
use crate::{Error, Result};

/// Days at which the product's severity of both times has its knee: 0.2 of thirty.
const MONTH_DAYS: f64 = 30.0;
const MONTH_SHARE: f64 = 0.2;
const YEAR_DAYS: f64 = 365.0;
/// The z of a two-sided test at 0.05, as the product's base class rounds it.
const CLEAR_Z: f64 = 1.96;

/// A signal that has fired.
#[derive(Debug)]
pub(super) struct Signal {
    pub(super) drift_type: &'static str,
    pub(super) is_rate: bool,
    /// In the baseline and now.
    pub(super) values: [f64; 2],
    pub(super) delta: f64,
    pub(super) severity: f64,
    pub(super) confidence: f64,
    pub(super) rows: [u64; 2],
    pub(super) statistic: Option<f64>,
    pub(super) p_value: Option<f64>,
    pub(super) baseline_deviation: Option<f64>,
    pub(super) impact_dollars: Option<f64>,
}

/// A rate that gets worse in one direction.
struct RateRule {
    drift_type: &'static str,
    metric: &'static str,
    /// The least change that fires.
    least: f64,
    is_worse_when_falling: bool,
    /// The product's severity has its knee at the baseline rate.
    has_knee_at_baseline: bool,
    /// The amount that a row more costs.
    money: Option<&'static str>,
    /// The product's impact counts all hits, not those that were added.
    counts_all_hits: bool,
}

const DENIAL_RATE: RateRule = RateRule {
    drift_type: "DENIAL_RATE",
    metric: "denial_rate",
    least: 0.05,
    is_worse_when_falling: false,
    has_knee_at_baseline: true,
    money: Some("allowed_amount"),
    counts_all_hits: false,
};

const AUTH_FAILURE_RATE: RateRule = RateRule {
    drift_type: "AUTH_FAILURE_RATE",
    metric: "auth_failure_rate",
    least: 0.10,
    is_worse_when_falling: false,
    has_knee_at_baseline: false,
    money: Some("auth_allowed_amount"),
    counts_all_hits: true,
};

const APPROVAL_RATE: RateRule = RateRule {
    drift_type: "APPROVAL_RATE",
    metric: "approval_rate",
    least: 0.05,
    is_worse_when_falling: true,
    has_knee_at_baseline: false,
    money: None,
    counts_all_hits: false,
};

/// Means in both windows, in the metric's unit.
struct Means {
    rows: [u64; 2],
    values: [f64; 2],
    deviations: [f64; 2],
}

/// One segment's numbers, and how they are judged.
#[derive(Clone, Copy)]
pub(super) struct Reader<'s> {
    pub(super) view: SegmentView<'s>,
    pub(super) manner: Manner,
    pub(super) min_sample: u64,
}

impl Reader<'_> {
    /// Whether both windows have enough claims for the signals that look at all of them.
    pub(super) fn is_comparable(&self) -> bool {
        self.tallies(DENIAL_RATE.metric).is_some()
    }

    /// The signals that fire, by their names.
    ///
    /// # Errors
    /// [`Error::Input`] where the original divides by zero.
    pub(super) fn signals(&self) -> Result<Vec<Signal>> {
        let found = [
            self.rate(&APPROVAL_RATE)?,
            self.rate(&AUTH_FAILURE_RATE)?,
            self.decision_time(),
            self.rate(&DENIAL_RATE)?,
            self.payment_amount(),
            self.processing_delay(),
        ];
        Ok(found.into_iter().flatten().collect())
    }

    fn rate(&self, rule: &RateRule) -> Result<Option<Signal>> {
        let Some(tallies) = self.tallies(rule.metric) else { return Ok(None) };
        let [Some(baseline), Some(current)] = tallies.map(|tally| tally.rate()) else { return Ok(None) };
        let worse = if rule.is_worse_when_falling { baseline - current } else { current - baseline };
        if worse < rule.least {
            return Ok(None);
        }
        let is_original = self.manner == Manner::Original;
        let knee = if is_original && rule.has_knee_at_baseline { baseline } else { rule.least };
        let severity = original::severity(worse, knee).ok_or_else(|| self.division_by_zero(rule))?;
        let (confidence, statistic, p_value) = match self.manner {
            Manner::Original => {
                let (confidence, p_value) = original::shares(tallies);
                (confidence, None, Some(p_value))
            }
            Manner::Sound => self.tested("two-proportion-z", rule.metric, tallies.map(|tally| tally.trials)),
        };
        let [_, now] = tallies;
        let rows_added = match is_original && rule.counts_all_hits {
            true => now.hits as f64,
            false => worse * now.trials as f64,
        };
        let mean = rule.money.and_then(|money| self.current_mean(money));
        Ok(Some(Signal {
            drift_type: rule.drift_type,
            is_rate: true,
            values: [baseline, current],
            delta: if rule.is_worse_when_falling { -worse } else { worse },
            severity,
            confidence,
            rows: tallies.map(|tally| tally.trials),
            statistic,
            p_value,
            baseline_deviation: None,
            impact_dollars: mean.map(|mean| rows_added * mean),
        }))
    }

    fn division_by_zero(&self, rule: &RateRule) -> Error {
        let place = format!("{} of {}", rule.drift_type, self.view.segment);
        let problem = "the baseline rate is 0, by which the original divides and fails; \
                       the detector \"driftwatch\" does not";
        Error::input(place, problem)
    }

    fn payment_amount(&self) -> Option<Signal> {
        const LEAST: f64 = 0.05;
        let means = self.means("payment_amount")?;
        let [baseline, current] = means.values;
        let drop = baseline - current;
        let share = drop / baseline;
        if !self.has_enough(means.rows) || baseline == 0.0 || share < LEAST {
            return None;
        }
        let impact_dollars = share * baseline * means.rows[1] as f64;
        let delta = if self.manner == Manner::Original { drop } else { current - baseline };
        let severity = original::severity(share, LEAST)?;
        let signal = self.of_means("PAYMENT_AMOUNT", "payment_amount", &means, severity);
        Some(Signal { delta, impact_dollars: Some(impact_dollars), ..signal })
    }

    fn processing_delay(&self) -> Option<Signal> {
        const LEAST_DAYS: f64 = 7.0;
        let metric = match self.manner {
            Manner::Original => "payment_delay",
            Manner::Sound => "paid_payment_delay",
        };
        let dates = self.both_tallies("payment_date_missing")?;
        let paid = dates.map(|tally| tally.trials - tally.hits);
        let means = Means { rows: paid, ..self.means(metric)? };
        let delay = means.values[1] - means.values[0];
        if !self.has_enough(paid) || delay < LEAST_DAYS {
            return None;
        }
        let severity = self.severity_of_days(delay, LEAST_DAYS)?;
        let mean = self.current_mean("paid_amount");
        let impact_dollars = mean.map(|mean| delay / YEAR_DAYS * mean * paid[1] as f64);
        let signal = self.of_means("PROCESSING_DELAY", metric, &means, severity);
        Some(Signal { impact_dollars, ..signal })
    }

    fn decision_time(&self) -> Option<Signal> {
        const LEAST_DAYS: f64 = 5.0;
        let means = self.means("decision_time")?;
        let delay = means.values[1] - means.values[0];
        if !self.has_enough(means.rows) || delay < LEAST_DAYS {
            return None;
        }
        let severity = self.severity_of_days(delay, LEAST_DAYS)?;
        Some(self.of_means("DECISION_TIME", "decision_time", &means, severity))
    }

    fn severity_of_days(&self, delay: f64, least: f64) -> Option<f64> {
        match self.manner {
            Manner::Original => original::severity(delay / MONTH_DAYS, MONTH_SHARE),
            Manner::Sound => original::severity(delay, least),
        }
    }

    /// A signal of means; the difference is current − baseline.
    fn of_means(&self, drift_type: &'static str, metric: &str, means: &Means, severity: f64) -> Signal {
        let (confidence, statistic, p_value) = match self.manner {
            Manner::Original => (original::means(means.rows, means.deviations), None, None),
            Manner::Sound => self.tested("welch-t", metric, means.rows),
        };
        Signal {
            drift_type,
            is_rate: false,
            values: means.values,
            delta: means.values[1] - means.values[0],
            severity,
            confidence,
            rows: means.rows,
            statistic,
            p_value,
            baseline_deviation: Some(means.deviations[0]),
            impact_dollars: None,
        }
    }

    /// Confidence, statistic and p-value by a test: half of the confidence by the rows of the smaller window,
    /// up to twice the minimum, and half by the statistic, up to 1.96.
    fn tested(&self, test: &str, metric: &str, rows: [u64; 2]) -> (f64, Option<f64>, Option<f64>) {
        let comparison = self.comparison(test, metric);
        let statistic = comparison.map(|comparison| comparison.statistic);
        let by_rows = (rows[0].min(rows[1]) as f64 / (2 * self.min_sample) as f64).min(1.0);
        let by_statistic = statistic.map_or(0.0, |z| (z.abs() / CLEAR_Z).min(1.0));
        let p_value = comparison.and_then(|comparison| comparison.p_value);
        (by_rows * 0.5 + by_statistic * 0.5, statistic, p_value)
    }

    fn comparison(&self, test: &str, metric: &str) -> Option<Comparison> {
        let method = methods::find(test).ok()?;
        let kinds: &[Data] = &[Data::Rates, Data::Numbers];
        let sample = Sample::of(&self.view, self.place(metric)?, kinds, [0, 0])?;
        sample.with(|windows| method.compare(windows).ok().flatten())
    }

    fn place(&self, metric: &str) -> Option<usize> {
        self.view.metrics().iter().position(|known| known.name == metric)
    }

    fn has_enough(&self, rows: [u64; 2]) -> bool {
        rows[0].min(rows[1]) >= self.min_sample
    }

    /// Hits and trials in both windows.
    fn both_tallies(&self, metric: &str) -> Option<[Tally; 2]> {
        let metric = self.place(metric)?;
        Some([self.view.tally(metric, Grid::BASELINE)?, self.view.tally(metric, Grid::CURRENT)?])
    }

    /// The same, with the trials that a comparison needs.
    fn tallies(&self, metric: &str) -> Option<[Tally; 2]> {
        self.both_tallies(metric).filter(|tallies| self.has_enough(tallies.map(|tally| tally.trials)))
    }

    fn means(&self, metric: &str) -> Option<Means> {
        let metric = self.place(metric)?;
        let windows = [self.view.moments(metric, Grid::BASELINE)?, self.view.moments(metric, Grid::CURRENT)?];
        let scale = self.view.metrics()[metric].measure.scale();
        let [Some(baseline), Some(current)] = windows.map(|moments| mean(&moments, scale)) else {
            return None;
        };
        let deviation = |moments: Moments| moments.population_variance().unwrap_or(0.0).sqrt() / scale;
        Some(Means {
            rows: windows.map(|moments| moments.n),
            values: [baseline, current],
            deviations: windows.map(deviation),
        })
    }

    fn current_mean(&self, metric: &str) -> Option<f64> {
        let metric = self.place(metric)?;
        mean(&self.view.moments(metric, Grid::CURRENT)?, self.view.metrics()[metric].measure.scale())
    }
}

/// The mean in the metric's unit, by one division of whole numbers; `None` without rows.
fn mean(moments: &Moments, scale: f64) -> Option<f64> {
    (moments.n > 0).then(|| moments.sum as f64 / (moments.n as f64 * scale))
}
