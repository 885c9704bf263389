//! Every metric under every shape, alone and on as many rows as there are: where the drifts of the dataset are too
//! small to tell the right truth from one that is nearly right.

use crate::measured::{Data, parameter, windows};
use crate::statistics::{TOLERANCE, from_rate};
use crate::{column, number, plan, spec};
use driftforge_generators::{DriftSpec, EffectSpec, Parameter, SHAPES, Spec, What};

const RECORDS: u64 = 400_000;

/// A drift of each metric: the first that the dataset has, on all rows, and one of an amount that is no share.
fn metrics() -> Vec<DriftSpec> {
    let mut metrics: Vec<DriftSpec> = Vec::new();
    for drift in spec().drifts {
        if metrics.iter().all(|known| known.what != drift.what) {
            metrics.push(drift);
        }
    }
    let effect = EffectSpec { points: None, odds: None, factor: Some(1.5), days: None, weights: None };
    let billed =
        DriftSpec { what: What::Amount, column: "billed_amount".into(), effect, ..metrics[0].clone() };
    metrics.push(billed);
    // A volume on all rows would not show that the segment's share is right.
    metrics.iter_mut().filter(|drift| drift.what != What::Volume).for_each(|drift| drift.segment.clear());
    metrics
}

/// The dataset with this drift alone, from 60 to 10 days before `as_of`; the windows are the drift's span, and what
/// comes after it.
fn only(mut drift: DriftSpec, shape: &str) -> Spec {
    let keys = match shape {
        "ramp" | "gradual" => "ramp_days = 40",
        "recurring" => "period_days = 7\non_days = 3",
        _ => "",
    };
    drift.shape = format!("kind = {shape:?}\n{keys}").parse().expect("a table");
    (drift.start_days, drift.end_days) = (-60, -10);
    let mut spec = spec();
    (spec.dataset.baseline_days, spec.dataset.current_days) = (50, 10);
    // Reasons for all claims, so that the groups of the rows are those of the plan, not those of the denied.
    spec.columns.iter_mut().for_each(|column| {
        if column["name"].as_str() == Some("denial_reason_code") {
            column.remove("null_unless");
        }
    });
    spec.drifts = vec![drift];
    spec
}

#[test]
fn every_metric_follows_every_shape() {
    let mut wrong = Vec::new();
    for drift in metrics() {
        for shape in SHAPES {
            let spec = only(drift.clone(), shape.name);
            let truth = plan(&spec, RECORDS, true).truth();
            let data = Data::new(spec, RECORDS, true);
            let told = &truth.drifts[0];
            let [during, after] = windows(&truth);
            let parameter = parameter(told);
            for (span, value) in [(during, parameter.baseline), (after, parameter.current)] {
                let distance = data.distance(told, span, value);
                if distance.is_nan() || distance.abs() >= TOLERANCE {
                    let id = format!("{} of {}, {}", told.what.name(), told.column, shape.name);
                    wrong.push(format!("{id}, {span:?}: {distance:.1} standard errors from {value}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The strengths by the documentation of each shape, on each of the 50 days.
#[test]
fn strengths_are_those_of_the_shape() {
    for shape in SHAPES {
        let spec = only(metrics()[0].clone(), shape.name);
        let strengths = &plan(&spec, 1_000, true).truth().drifts[0].strengths;
        assert_eq!(strengths.len(), 50);
        for (day, strength) in (0u32..).zip(strengths) {
            let expected = match shape.name {
                "step" => 1.0,
                "ramp" | "gradual" => (f64::from(day + 1) / 40.0).min(1.0),
                "pulse" => (std::f64::consts::PI * (f64::from(day) + 0.5) / 50.0).sin(),
                "recurring" => f64::from(u8::from(day % 7 < 3)),
                other => panic!("say how strong {other:?} is"),
            };
            assert!((strength - expected).abs() < 1e-12, "{} on day {day}: {strength}", shape.name);
        }
    }
}

#[test]
fn a_step_changes_the_parameter_by_its_effect() {
    for drift in metrics() {
        let effect = drift.effect.clone();
        let truth = plan(&only(drift, "step"), RECORDS, true).truth();
        let told = &truth.drifts[0];
        let Parameter { undrifted, baseline, .. } = *parameter(told);
        let expected = match (effect.points, effect.days, effect.factor) {
            (Some(points), ..) => undrifted + points,
            (_, Some(days), _) => undrifted + days,
            (.., Some(factor)) if told.what != What::Volume => undrifted * factor,
            _ => continue,
        };
        let id = format!("{} of {}", told.what.name(), told.column);
        assert!((baseline / expected - 1.0).abs() < 1e-6, "{id}: {baseline}, not {expected}");
    }
}

/// By the weights that the spec gives for the one group of the drift.
#[test]
fn a_step_of_a_mix_multiplies_the_weights() {
    let spec = spec();
    let drift = spec.drifts.iter().find(|drift| drift.what == What::Mix).unwrap();
    let group = drift.segment["cpt_group"].values();
    let tables = column(&spec, &drift.column)["tables"].as_table().unwrap();
    let table = tables["MRI_CT"].as_table().unwrap();
    let factors = drift.effect.weights.clone().unwrap();
    let drifted =
        |reason: &String| number(table, &[reason], 0.0) * factors.get(reason).copied().unwrap_or(1.0);
    let expected = factors.keys().map(drifted).sum::<f64>() / table.keys().map(drifted).sum::<f64>();
    assert_eq!(group, [driftforge_generators::Value::Text("MRI_CT".to_owned())]);
    let truth = plan(&only(drift.clone(), "step"), RECORDS, true).truth();
    let told = parameter(&truth.drifts[0]).baseline;
    assert!((told - expected).abs() < 1e-9, "{told}, not {expected}");
}

/// Within its days, the odds of the segment are multiplied by the factor. The other rows are as many as without the
/// drift, but for what all days lose since the dataset keeps its number of rows.
#[test]
fn a_volume_multiplies_the_rows_of_its_segment_and_no_others() {
    const MANY: u64 = 5 * RECORDS;
    let drift = metrics().into_iter().find(|drift| drift.what == What::Volume).unwrap();
    let factor = drift.effect.factor.unwrap();
    let spec = only(drift, "step");
    let truth = plan(&spec, MANY, true).truth();
    let (told, [during, _]) = (&truth.drifts[0], windows(&truth));
    let counts = |drift: bool| {
        let data = Data::new(spec.clone(), MANY, drift);
        let in_span = |day: &&Option<i32>| day.is_some_and(|day| (during.start..during.end).contains(&day));
        (data.rows(told, during).len(), data.submitted.iter().filter(in_span).count())
    };
    let ((segment, all), (segment_before, all_before)) = (counts(true), counts(false));
    // Umberfen Assurance has 8 of the 100 parts.
    let odds = factor * 0.08 / 0.92;
    assert!(from_rate(segment_before, all_before, 0.08).abs() < TOLERANCE);
    assert!(from_rate(segment, all, odds / (1.0 + odds)).abs() < TOLERANCE, "{segment} of {all}");
    let kept = (all - segment) as f64 / (all_before - segment_before) as f64;
    let other_days = (MANY - all as u64) as f64 / (MANY - all_before as u64) as f64;
    let error = (2.0 / (all - segment) as f64).sqrt();
    assert!(
        (kept - other_days).abs() < TOLERANCE * error,
        "{kept} of the rest, {other_days} of the other days"
    );
}
