//! Every metric under every shape, alone and on as many rows as there are: where the drifts of the dataset are too
//! small to tell the right truth from one that is nearly right.

use crate::measured::{Data, parameter, windows};
use crate::statistics::TOLERANCE;
use crate::{plan, spec};
use driftforge_generators::{DriftSpec, EffectSpec, SHAPES, Spec, What};

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
