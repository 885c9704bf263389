//! Scores of claims made by hand, and what holds for any claims.

use std::collections::BTreeMap;

use driftforge_generators::EffectSpec;
use proptest::prelude::*;

use super::*;
use crate::scenarios::{Direction, InjectedDrift};
use crate::summaries::Day;

const TOLERANCE: Tolerance = Tolerance { early_days: 0, max_delay_days: 200 };
const EXPOSURE: Exposure = Exposure { segments: 1, days: 2_500 };

fn segment(payer: &str, group: &str) -> Vec<(String, String)> {
    let columns = ["payer", "cpt_group"].map(str::to_owned);
    columns.into_iter().zip([payer, group].map(str::to_owned)).collect()
}

fn drift(metric: &str, payer: &str, group: &str, start: i32, end: i32) -> InjectedDrift {
    let segment = segment(payer, group).into_iter().map(|(column, value)| (column, vec![value]));
    InjectedDrift {
        id: format!("{metric}-{payer}-{group}-{start}"),
        metric: metric.to_owned(),
        segment: segment.collect::<BTreeMap<_, _>>(),
        start: Day(start),
        end: Day(end),
        direction: Some(Direction::Up),
        size: 0.1,
        effect: EffectSpec { points: Some(0.1), odds: None, factor: None, days: None, weights: None },
        strengths: vec![1.0; (end - start) as usize],
        mixes_rows: false,
        secondary: Vec::new(),
    }
}

fn alarm(metric: &str, payer: &str, group: &str, day: i32) -> Claimed {
    Claimed {
        segment: segment(payer, group),
        metric: metric.to_owned(),
        day: Some(Day(day)),
        score: 1.0,
        direction: Some(Direction::Up),
        is_alarm: true,
    }
}

fn quality(claims: &[Claimed], drifts: &[InjectedDrift]) -> Quality {
    Quality::of(&Matching::new(claims, drifts, TOLERANCE, EXPOSURE))
}

#[test]
fn scores_of_the_published_example() {
    // The example in the documentation of CapyMOA's EvaluateDriftDetector(max_delay=200), which gives F1 2/3, a mean
    // detection time of 150 and, divided by the largest delay, 0.75. A drift of one instant is one of a day here.
    let drifts = [drift("x", "A", "a", 1_000, 1_001), drift("x", "A", "a", 2_000, 2_001)];
    let claims = [500, 1_200, 1_250, 2_100].map(|day| alarm("x", "A", "a", day));
    let quality = quality(&claims, &drifts);
    assert_eq!((quality.found, quality.false_alarms, quality.alarms), (2, 2, 4));
    assert_eq!((quality.precision, quality.recall), (Some(0.5), Some(1.0)));
    assert_eq!(quality.f1, Some(0.666_666_666_666_666_6));
    let delay = quality.delay.unwrap();
    assert_eq!((delay.mean_days, delay.median_days, delay.normalised), (150.0, 150.0, Some(0.75)));
    assert!((delay.p90_days - 190.0).abs() < 1e-9);
    assert_eq!(quality.mean_days_between_false_alarms, Some(1_250.0));
    assert_eq!(quality.mean_time_ratio, Some(1_250.0 / 150.0));
    let rate = quality.false_alarms_per_1000_segment_months.unwrap();
    assert!((rate - 2_000.0 / (2_500.0 / 30.436_875)).abs() < 1e-9);
}

#[test]
fn time_segment_metric_and_direction_all_decide() {
    let drifts = [drift("x", "A", "a", 100, 114)];
    let relation = |claim: Claimed| {
        let tolerance = Tolerance { early_days: 2, max_delay_days: 5 };
        Matching::new(&[claim], &drifts, tolerance, EXPOSURE).relations.remove(0)
    };
    let about = Relation::Drifts(vec![0]);
    // The last day of the drift is 113.
    for (day, expected) in [(97, &Relation::Nothing), (98, &about), (118, &about), (119, &Relation::Nothing)]
    {
        assert_eq!(relation(alarm("x", "A", "a", day)), *expected, "{day}");
    }
    assert_eq!(relation(Claimed { day: None, ..alarm("x", "A", "a", 0) }), about);
    assert_eq!(relation(alarm("y", "A", "a", 105)), Relation::Nothing);
    assert_eq!(relation(alarm("x", "B", "a", 105)), Relation::Nothing);
    let down = Claimed { direction: Some(Direction::Down), ..alarm("x", "A", "a", 105) };
    assert_eq!(relation(down), Relation::Nothing);
    assert_eq!(relation(Claimed { direction: None, ..alarm("x", "A", "a", 105) }), about);
    // Part of the payer drifts: to report the payer is neither right nor wrong. Another payer does not drift.
    let whole =
        |payer: &str| Claimed { segment: segment(payer, "")[..1].to_vec(), ..alarm("x", "A", "a", 105) };
    assert_eq!([relation(whole("A")), relation(whole("B"))], [Relation::Neutral, Relation::Nothing]);
}

#[test]
fn what_moves_along_is_neither_right_nor_wrong() {
    let drifts = [InjectedDrift { secondary: vec!["y".to_owned()], ..drift("x", "A", "a", 100, 114) }];
    let quality = quality(&[alarm("y", "A", "a", 105), alarm("y", "B", "a", 105)], &drifts);
    assert_eq!((quality.found, quality.false_alarms, quality.alarms), (0, 1, 2));
}

#[test]
fn repeated_alarms_count_once_and_the_first_gives_the_delay() {
    let drifts = [drift("x", "A", "a", 100, 114)];
    let claims = [110, 103, 120].map(|day| alarm("x", "A", "a", day));
    let quality = quality(&claims, &drifts);
    assert_eq!((quality.found, quality.false_alarms, quality.precision), (1, 0, Some(1.0)));
    assert_eq!(quality.delay.unwrap().mean_days, 3.0);
}

#[test]
fn an_alarm_in_two_drifts_is_about_both() {
    let wide = InjectedDrift {
        segment: BTreeMap::from([("payer".to_owned(), vec!["A".to_owned()])]),
        ..drift("x", "A", "", 90, 114)
    };
    let quality = quality(&[alarm("x", "A", "a", 105)], &[wide, drift("x", "A", "a", 100, 114)]);
    assert_eq!((quality.found, quality.recall, quality.f1), (2, Some(1.0), Some(1.0)));
}

#[test]
fn what_is_undefined_is_absent() {
    let nothing = quality(&[], &[]);
    assert_eq!((nothing.precision, nothing.recall, nothing.f1), (None, None, None));
    assert_eq!((nothing.average_precision, nothing.delay, nothing.mean_time_ratio), (None, None, None));
    assert_eq!(nothing.false_alarms_per_1000_segment_months, Some(0.0));
    assert_eq!(nothing.mean_days_between_false_alarms, None);
    // Where there is nothing to find, F1 says nothing of an alarm.
    let alarmed = quality(&[alarm("x", "A", "a", 105)], &[]);
    assert_eq!((alarmed.precision, alarmed.recall, alarmed.f1), (Some(0.0), None, None));
    // The zero baseline: it has no precision, and an F1 of 0.
    let silent = quality(&[], &[drift("x", "A", "a", 100, 114)]);
    assert_eq!((silent.precision, silent.recall, silent.f1), (None, Some(0.0), Some(0.0)));
    assert_eq!(silent.average_precision, Some(0.0));
    let unwatched = Exposure { segments: 0, days: 14 };
    let unwatched = Quality::of(&Matching::new(&[], &[], TOLERANCE, unwatched));
    assert_eq!(unwatched.false_alarms_per_1000_segment_months, None);
}

#[test]
fn average_precision_is_scikit_learn_s() {
    // scikit-learn 1.9.1: average_precision_score([1, 0, 1, 0, 1], [0.9, 0.8, 0.8, 0.7, 0.6]) = 0.7555555555555555.
    let payers = ["A", "B", "C", "D", "E"];
    let scores = [0.9, 0.8, 0.8, 0.7, 0.6];
    let rank = |(payer, score): (&&str, &f64)| Claimed {
        score: *score,
        is_alarm: false,
        ..alarm("x", payer, "a", 105)
    };
    let claims: Vec<Claimed> = payers.iter().zip(&scores).map(rank).collect();
    let drifts = ["A", "C", "E"].map(|payer| drift("x", payer, "a", 100, 114));
    let ranked = quality(&claims, &drifts);
    assert!((ranked.average_precision.unwrap() - 0.755_555_555_555_555_5).abs() < 1e-15);
    // None of it was reported.
    assert_eq!((ranked.found, ranked.alarms, ranked.precision), (0, 0, None));
    // A drift that nothing is said about is a recall that is never reached.
    let four = ["A", "C", "E", "F"].map(|payer| drift("x", payer, "a", 100, 114));
    assert!(
        (quality(&claims, &four).average_precision.unwrap() - 0.75 * 0.755_555_555_555_555_5).abs() < 1e-15
    );
    let unranked = [Claimed { score: f64::NAN, ..claims[0].clone() }];
    assert_eq!(quality(&unranked, &drifts).average_precision, None);
}

#[test]
fn power_tells_sizes_apart() {
    let size = |size: f64, payer: &str| InjectedDrift { size, ..drift("x", payer, "a", 100, 114) };
    let drifts = [size(-0.2, "A"), size(-0.1, "B"), size(-0.2, "C"), size(0.1, "D")];
    let found = quality(&[alarm("x", "A", "a", 105), alarm("x", "D", "a", 105)], &drifts).power;
    let told: Vec<(f64, u64, u64)> =
        found.iter().map(|power| (power.size, power.drifts, power.found)).collect();
    assert_eq!(told, [(-0.1, 1, 0), (0.1, 1, 1), (-0.2, 2, 1)]);
    assert_eq!(found[2].share(), Some(0.5));
    let twice = pooled(found.iter().chain(&found));
    assert_eq!((twice.len(), twice[2].drifts, twice[2].found), (3, 4, 2));
}

fn claims() -> impl Strategy<Value = Vec<Claimed>> {
    let claim = (0usize..3, 0usize..6, 90i32..140, 0u8..5, any::<bool>(), any::<bool>()).prop_map(
        |(metric, payer, day, score, up, is_alarm)| Claimed {
            score: f64::from(score),
            direction: Some(if up { Direction::Up } else { Direction::Down }),
            is_alarm,
            ..alarm(["x", "y", "z"][metric], ["A", "B", "C", "D", "E", "F"][payer], "a", day)
        },
    );
    proptest::collection::vec(claim, 0..40)
}

fn drifts() -> Vec<InjectedDrift> {
    let secondary = vec!["z".to_owned()];
    vec![
        drift("x", "A", "a", 100, 114),
        InjectedDrift { secondary, ..drift("y", "B", "a", 100, 114) },
        drift("x", "C", "a", 110, 114),
        InjectedDrift { direction: None, ..drift("z", "D", "a", 95, 114) },
    ]
}

proptest! {
    #[test]
    fn scores_do_not_depend_on_the_order_of_claims(claims in claims(), turn in 0usize..40) {
        let mut turned = claims.clone();
        turned.rotate_left(turn.min(claims.len()));
        prop_assert_eq!(quality(&claims, &drifts()), quality(&turned, &drifts()));
    }

    #[test]
    fn shares_are_shares_and_counts_add_up(claims in claims()) {
        let quality = quality(&claims, &drifts());
        for score in [quality.precision, quality.recall, quality.f1, quality.average_precision] {
            prop_assert!(score.is_none_or(|score| (0.0..=1.0).contains(&score)), "{:?}", quality);
        }
        prop_assert!(quality.found <= quality.drifts && quality.found + quality.false_alarms <= quality.alarms);
        if let (Some(precision), Some(recall)) = (quality.precision, quality.recall) && precision + recall > 0.0 {
            let f1 = 2.0 * precision * recall / (precision + recall);
            prop_assert!((quality.f1.unwrap() - f1).abs() < 1e-12);
        }
        let power: u64 = quality.power.iter().map(|power| power.found).sum();
        prop_assert_eq!(power, quality.found);
    }

    #[test]
    fn one_more_false_alarm_makes_nothing_better(claims in claims()) {
        let before = quality(&claims, &drifts());
        let mut more = claims;
        more.push(Claimed { score: 2.5, ..alarm("x", "F", "a", 105) });
        let after = quality(&more, &drifts());
        prop_assert_eq!(after.recall, before.recall);
        prop_assert!(after.f1 <= before.f1 && after.average_precision <= before.average_precision);
        prop_assert!(before.precision.is_none_or(|precision| after.precision.unwrap() <= precision));
    }
}
