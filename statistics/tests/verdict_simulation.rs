//! The verdict on simulated panels whose drift is known: calibrated without drift, near the oracle with drift, and the
//! same whatever the order of the segments.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use driftforge_statistics::verdict::{
    Metric, Options, Outcome, Panel, Parts, RateStratum, Scale, TrueDrift, TrueEffect, Truth, ValueCount,
    ValueStratum, judge, oracle,
};

const DAYS: usize = 200;
const SPLIT: usize = 186;
const RECENT: usize = SPLIT - 28;

/// SplitMix64 (Steele, Lea and Flood 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0, exclusive, to 1.
    fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }
}

/// Nine rows a day of `payers` × `groups` segments: a rate and log-normal days. Every fifteenth segment drifts in one of
/// them from the split on, if `drifting`.
fn simulated(seed: u64, (payers, groups): (u32, u32), drifting: bool) -> (Panel, Vec<TrueDrift>) {
    let mut random = SplitMix(seed);
    let periods: Vec<usize> = (0..RECENT).step_by(14).chain(RECENT..DAYS).collect();
    let (mut keys, mut drifts) = (Vec::new(), Vec::new());
    let (mut rates, mut values) = (Vec::new(), Vec::new());
    for segment in 0..(payers * groups) as usize {
        let (payer, group) = (segment as u32 / groups, segment as u32 % groups);
        keys.push(vec![payer, group]);
        let rate = 0.06 + 0.004 * f64::from(payer % 7) + 0.005 * f64::from(group % 5);
        let median = 14.0 + f64::from(payer % 5) + 2.0 * f64::from(group % 4);
        let (mut points, mut days_added) = (0.0, 0.0);
        if drifting && segment % 15 == 7 {
            let size = [1.0, 2.0][segment / 30 % 2];
            let (metric, added) = if segment % 30 == 7 { (0, 0.06 * size) } else { (1, 2.5 * size) };
            if metric == 0 {
                points = added
            } else {
                days_added = added
            }
            let effect = TrueEffect::Addition(added);
            let strengths = vec![1.0; DAYS - SPLIT];
            drifts.push(TrueDrift { metric, segment, effect, first_day: SPLIT, strengths, gradual: false });
        }
        let (mut tallies, mut counts) = (Vec::new(), Vec::new());
        for day in 0..DAYS {
            let now = f64::from(u8::from(day >= SPLIT));
            let hits = (0..9).filter(|_| random.uniform() < rate + now * points).count();
            tallies.push((hits as u32, 9));
            let period = periods.partition_point(|&start| start <= day) as u32 - 1;
            for _ in 0..9 {
                let days = median * (0.6 * random.normal()).exp() + now * days_added;
                counts.push(ValueCount { period, value: (days.round() as i32).max(1), rows: 1 });
            }
        }
        rates.push(vec![RateStratum { stratum: 0, days: tallies }]);
        values.push(vec![ValueStratum { stratum: 0, counts }]);
    }
    let value = Metric::Value { scale: Scale::Days, segments: values, pending: Vec::new() };
    let parts = Parts {
        days: DAYS,
        split: SPLIT,
        periods,
        segments: keys,
        metrics: vec![Metric::Rate(rates), value],
    };
    (Panel::new(parts).unwrap(), drifts)
}

fn f1(reported: &BTreeSet<(usize, usize)>, drifts: &[TrueDrift]) -> f64 {
    let hits = drifts.iter().filter(|drift| reported.contains(&(drift.metric, drift.segment))).count();
    2.0 * hits as f64 / (reported.len() + drifts.len()) as f64
}

fn reported(panel: &Panel) -> BTreeSet<(usize, usize)> {
    let verdict = judge(panel, &Options::default());
    verdict.drifts().iter().map(|cell| (cell.metric, cell.segment)).collect()
}

/// The two-proportion z test and Welch's test on the logarithms, Benjamini-Hochberg at 0.05.
fn tests_with_benjamini_hochberg(panel: &Panel) -> BTreeSet<(usize, usize)> {
    use driftforge_statistics::special::normal;
    let mut p_values = Vec::new();
    for (place, metric) in panel.parts().metrics.iter().enumerate() {
        for segment in 0..panel.parts().segments.len() {
            let z = match metric {
                Metric::Rate(rates) => {
                    let sum = |days: &[(u32, u32)]| {
                        days.iter()
                            .fold((0.0, 0.0), |sum, day| (sum.0 + f64::from(day.0), sum.1 + f64::from(day.1)))
                    };
                    let days = &rates[segment][0].days;
                    let (before, after) = (sum(&days[..SPLIT]), sum(&days[SPLIT..]));
                    let rate = (before.0 + after.0) / (before.1 + after.1);
                    let error = (rate * (1.0 - rate) * (1.0 / before.1 + 1.0 / after.1)).sqrt();
                    (after.0 / after.1 - before.0 / before.1) / error
                }
                Metric::Value { segments, .. } => {
                    let moments = |current: bool| {
                        let days = |count: &&ValueCount| {
                            (panel.parts().periods[count.period as usize] >= SPLIT) == current
                        };
                        let counts = segments[segment][0].counts.iter().filter(days);
                        let logs: Vec<f64> = counts.map(|count| f64::from(count.value).ln()).collect();
                        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
                        let squares = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>();
                        (mean, squares / (logs.len() as f64).powi(2))
                    };
                    let (before, after) = (moments(false), moments(true));
                    (after.0 - before.0) / (before.1 + after.1).sqrt()
                }
                _ => 0.0,
            };
            p_values.push((normal::two_sided(z.abs()), place, segment));
        }
    }
    p_values.sort_by(|one, other| one.0.total_cmp(&other.0));
    let count = p_values.len() as f64;
    let last = (0..p_values.len()).rev().find(|&rank| p_values[rank].0 <= 0.05 * (rank + 1) as f64 / count);
    p_values[..last.map_or(0, |last| last + 1)].iter().map(|test| (test.1, test.2)).collect()
}

#[test]
fn it_comes_near_the_oracle_and_beats_tests_with_benjamini_hochberg() {
    let (mut verdicts, mut bounds, mut tests) = (0.0, 0.0, 0.0);
    for seed in 1..=4 {
        let (panel, drifts) = simulated(seed, (20, 15), true);
        let truth = Truth { reference: &panel, drifts: drifts.clone() };
        let bound = oracle(&panel, &truth, 0.05).unwrap().into_iter().collect();
        verdicts += f1(&reported(&panel), &drifts);
        bounds += f1(&bound, &drifts);
        tests += f1(&tests_with_benjamini_hochberg(&panel), &drifts);
    }
    println!("verdict {verdicts}, oracle {bounds}, tests {tests}");
    assert!(verdicts >= 0.93 * bounds, "verdict {verdicts}, oracle {bounds}");
    assert!(verdicts > tests, "verdict {verdicts}, tests {tests}");
}

#[test]
fn without_drift_it_is_silent_but_for_the_stated_level() {
    // 1,000 segments × 2 metrics: reports are all false here, so no more than one panel in twenty should have any.
    let reports: usize = (10..13).map(|seed| reported(&simulated(seed, (40, 25), false).0).len()).sum();
    assert!(reports <= 1, "{reports} false alarms in 6,000 cells");
}

#[test]
fn the_order_of_segments_does_not_matter() {
    let (panel, _) = simulated(5, (10, 9), true);
    let mut parts = panel.parts().clone();
    parts.segments.reverse();
    for metric in &mut parts.metrics {
        match metric {
            Metric::Rate(segments) => segments.reverse(),
            Metric::Value { segments, .. } => segments.reverse(),
            _ => {}
        }
    }
    let last = panel.parts().segments.len() - 1;
    let turned = reported(&Panel::new(parts).unwrap());
    let turned: BTreeSet<(usize, usize)> =
        turned.into_iter().map(|(metric, segment)| (metric, last - segment)).collect();
    assert_eq!(reported(&panel), turned);
}

#[test]
fn a_cell_tells_when_by_how_much_and_what_it_could_have_shown() {
    let (panel, drifts) = simulated(5, (20, 15), true);
    let verdict = judge(&panel, &Options::default());
    let segments = panel.parts().segments.len();
    assert_eq!(verdict.cells.len(), 2 * segments);
    let large = drifts.iter().find(|drift| drift.effect == TrueEffect::Addition(5.0)).unwrap();
    let cell = &verdict.cells[large.metric * segments + large.segment];
    let change = cell.change.unwrap();
    assert_eq!((cell.outcome, change.first_day), (Outcome::Drift, SPLIT), "{cell:?}");
    assert!((change.effect - 5.0).abs() < 2.5 && cell.local_fdr < 0.01, "{cell:?}");
    assert_eq!((cell.rows_before, cell.rows_current), (9 * RECENT as u64, 9 * 14));

    // 126 rows of a rate near 0.1: half of them shows, a twentieth does not.
    let smallest = verdict.cells[0].smallest_detectable.unwrap();
    assert!((0.05..0.25).contains(&smallest), "{smallest}");
    let mut strict = Options::default();
    strict.must_show.rate = smallest * 0.9;
    assert_eq!(judge(&panel, &strict).cells[0].outcome, Outcome::NotEnoughData);
}

#[test]
fn panels_without_rows_or_segments_are_judged() {
    let empty = |segments: usize| {
        let parts = Parts {
            days: 40,
            split: 30,
            periods: [0].into_iter().chain(2..40).collect(),
            segments: vec![vec![0]; segments],
            metrics: vec![
                Metric::Rate(vec![Vec::new(); segments]),
                Metric::Mix(vec![Vec::new(); segments]),
                Metric::Volume(vec![vec![0; 40]; segments]),
                Metric::Value {
                    scale: Scale::Logarithm { codes_per_octave: 64 },
                    segments: vec![Vec::new(); segments],
                    pending: Vec::new(),
                },
            ],
        };
        judge(&Panel::new(parts).unwrap(), &Options::default())
    };
    assert!(empty(0).cells.is_empty());
    let verdict = empty(3);
    assert_eq!(verdict.cells.len(), 12);
    for cell in &verdict.cells {
        assert_eq!(cell.outcome, Outcome::NotEnoughData, "{cell:?}");
        assert!((0.0..=1.0).contains(&cell.local_fdr), "{cell:?}");
    }
}
