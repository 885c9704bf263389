use super::*;
use crate::summaries::{Day, Moments, Segment, Tally};

/// One segment: the rates' hits and trials, and (rows, days or cents) of the means, in both windows.
#[derive(Default)]
struct Numbers {
    tallies: Vec<(&'static str, [(u64, u64); 2])>,
    moments: Vec<(&'static str, [(u64, i64); 2])>,
}

fn detect(manner: Manner, numbers: &Numbers) -> Result<Vec<DriftEvent>> {
    let watch = DriftWatch::of(manner, &Settings::default()).unwrap();
    let pair = WindowPair::before(Day(20_000), 90, 14).unwrap();
    let plan = watch.plan(&Mapping::claims(), pair).unwrap();
    let mapping = Arc::clone(&plan.mapping);
    let mut summaries = Summaries::empty(plan);
    let summary = summaries.segment_mut(&Segment(vec!["Aetna".into(), "Imaging".into()]));
    for (metric, windows) in &numbers.tallies {
        let metric = mapping.position(metric).unwrap();
        for (window, &(hits, trials)) in windows.iter().enumerate() {
            summary.tallies_mut(metric, "", 2)[window] += Tally { hits, trials };
        }
    }
    for (metric, windows) in &numbers.moments {
        let metric = mapping.position(metric).unwrap();
        for (window, &(rows, number)) in windows.iter().enumerate() {
            let mut moments = Moments::default();
            // Two numbers about the middle, so that there is a spread.
            moments.add(number - 1, rows / 2);
            moments.add(number + 1, rows / 2);
            summary.value_mut(metric).moments[window] += moments;
        }
    }
    watch.detect(&summaries).map(|detection| detection.events)
}

fn only(manner: Manner, numbers: &Numbers) -> DriftEvent {
    let events = detect(manner, numbers).unwrap();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    event.clone()
}

#[test]
fn windows_are_the_products_own() {
    let watch = DriftWatch::of(Manner::Sound, &Settings::default()).unwrap();
    let asked = WindowPair::before(Day(20_000), 90, 14).unwrap();
    let plan = watch.plan(&Mapping::claims(), asked).unwrap();
    let windows = plan.grid.window_pair().unwrap();
    assert_eq!((windows.baseline.len_days(), windows.current), (76, asked.current));
    assert_eq!(plan.mapping.time(), "decided_date");
}

#[test]
fn the_baseline_rate_is_the_originals_severity() {
    // The rates of the literal p-value: 98 of 822 and 27 of 128.
    let rates = Numbers {
        tallies: vec![("denial_rate", [(98, 822), (27, 128)])],
        moments: vec![("allowed_amount", [(800, 10_000), (100, 20_000)])],
    };
    let event = only(Manner::Original, &rates);
    assert_eq!(event.evidence.p_value, Some(0.004_298_329_138_060_941));
    let delta = 27.0 / 128.0 - 98.0 / 822.0;
    assert_eq!((event.delta_value, event.severity), (delta, delta / (98.0 / 822.0) * 0.5));
    assert_eq!(event.evidence.impact_dollars, Some(delta * 128.0 * 200.0));
    assert_eq!(event.evidence.urgency, Some("Review This Week"));
    let event = only(Manner::Sound, &rates);
    assert_eq!(event.severity, 0.5 + 0.5 * ((delta - 0.05) / 0.05) / 2.0);
    // scipy 1.16: 2 * norm.sf(z) = 0.004298329138060834.
    assert!((event.evidence.p_value.unwrap() / 0.004_298_329_138_060_834 - 1.0).abs() < 1e-12);
}

#[test]
fn a_rate_from_zero_is_refused_by_the_original() {
    let rates = Numbers { tallies: vec![("denial_rate", [(0, 100), (10, 50)])], ..Numbers::default() };
    let refused = detect(Manner::Original, &rates).unwrap_err().to_string();
    assert!(refused.starts_with("DENIAL_RATE of Aetna / Imaging: the baseline rate is 0"), "{refused}");
    let event = only(Manner::Sound, &rates);
    assert_eq!(event.severity, 1.0, "0.2 is more than three times the threshold");
    assert_eq!(event.evidence.impact_dollars, None, "nothing is allowed on any claim");
}

#[test]
fn nothing_fires_for_the_better_or_of_few_claims() {
    let better = Numbers {
        tallies: vec![("denial_rate", [(50, 100), (10, 100)]), ("approval_rate", [(50, 100), (90, 100)])],
        moments: vec![("decision_time", [(100, 20), (100, 5)]), ("payment_amount", [(100, 100), (100, 900)])],
    };
    let few = Numbers {
        tallies: vec![("denial_rate", [(1, 100), (15, 19)])],
        moments: vec![("decision_time", [(100, 5), (18, 50)])],
    };
    for manner in [Manner::Original, Manner::Sound] {
        assert!(detect(manner, &better).unwrap().is_empty());
        assert!(detect(manner, &few).unwrap().is_empty());
    }
}

#[test]
fn payments_that_fall_are_positive_in_the_original() {
    let fallen =
        Numbers { moments: vec![("payment_amount", [(50, 10_000), (40, 9_000)])], ..Numbers::default() };
    let event = only(Manner::Original, &fallen);
    // Deviations of a cent are below 10 dollars: 0.9 by 90 rows, and 0.1.
    assert_eq!((event.delta_value, event.confidence), (10.0, 1.0));
    assert_eq!((event.severity, event.evidence.impact_dollars), (0.75, Some(400.0)));
    let event = only(Manner::Sound, &fallen);
    assert_eq!((event.drift_type.as_str(), event.delta_value), ("PAYMENT_AMOUNT", -10.0));
    assert!(event.evidence.p_value.unwrap() < 1e-9);
}

#[test]
fn delays_are_counted_by_paid_claims() {
    let delayed = Numbers {
        tallies: vec![("payment_date_missing", [(5, 105), (10, 50)])],
        moments: vec![
            ("payment_delay", [(120, 20), (60, 35)]),
            ("paid_payment_delay", [(100, 20), (40, 30)]),
            ("paid_amount", [(105, 10_000), (50, 36_500)]),
        ],
    };
    let event = only(Manner::Original, &delayed);
    assert_eq!((event.delta_value, event.baseline_n, event.current_n), (15.0, 100, 40));
    assert_eq!(event.evidence.impact_dollars, Some(15.0 / 365.0 * 365.0 * 40.0));
    assert_eq!(event.evidence.urgency, Some("Investigate Today"));
    let event = only(Manner::Sound, &delayed);
    assert_eq!((event.delta_value, event.evidence.severity_label), (10.0, Some("medium")));
    assert_eq!(event.evidence.urgency, Some("Review This Week"), "days are no share");
}
