use super::*;
use crate::detectors::{Detectable, DriftEvent, Evidence, SegmentName};
use crate::findings::{Cause, Coverage, Dataset, Decomposition, Finding};
use crate::measure::{Machine, Tool};
use crate::summaries::{Day, WindowPair};

fn segment(payer: &str) -> SegmentName {
    SegmentName(vec![("payer".into(), payer.into()), ("cpt_group".into(), "IMAGING".into())])
}

fn findings() -> Findings {
    let windows = WindowPair::before(Day(20_454), 90, 14).unwrap();
    let of = |baseline_n, baseline_sum, current_n, current_sum| Decomposition {
        baseline_n,
        baseline_sum,
        current_n,
        current_sum,
    };
    let parts = [("71045".to_owned(), of(500, 50.0, 80, 24.0)), ("71046".to_owned(), of(500, 50.0, 40, 4.0))];
    let causes: Vec<Cause> = Decomposition::cause("cpt", &parts, 3).into_iter().collect();
    let event = DriftEvent {
        baseline_value: Some(0.1),
        current_value: Some(0.25),
        delta_value: 0.15,
        severity: 0.3,
        confidence: 0.99,
        baseline_n: 1_000,
        current_n: 120,
        evidence: Evidence {
            p_value: Some(1.25e-6),
            q_value: Some(0.0004),
            first_day: Some(Day(20_445)),
            impact_dollars: Some(12_345.6),
            ..Evidence::default()
        },
        ..DriftEvent::new(segment("Payer A, \"the first\" | 1"), "DENIAL_RATE".into(), windows)
    };
    let other = DriftEvent {
        baseline_value: Some(12.0),
        current_value: Some(15.5),
        delta_value: 3.5,
        severity: 0.35,
        confidence: 0.5,
        ..DriftEvent::new(segment("Payer B"), "DECISION_TIME".into(), windows)
    };
    let finding = |rank, event, causes| Finding { rank, detector: "driftforge".into(), event, causes };
    Findings {
        tool: Tool { name: "detect-drift".into(), version: "0".into(), git_commit: None },
        machine: Machine {
            os: "linux".into(),
            arch: "x86_64".into(),
            cpu_model: None,
            logical_cores: Some(2),
            total_memory_bytes: None,
        },
        started_at: "2026-01-01T00:00:00Z".into(),
        dataset: Dataset {
            paths: vec!["claims.parquet".into()],
            reference: Vec::new(),
            mapping: "claims".into(),
            records: 1_000_000,
            as_of: Day(20_454),
            digest: None,
        },
        parameters: serde_json::Map::new(),
        coverage: Coverage {
            rows_in_windows: 280_000,
            rows_with_nulls: 12,
            segments_considered: 240,
            segments_compared: 238,
        },
        findings: vec![finding(1, event, causes), finding(2, other, Vec::new())],
        not_enough_data: vec![Detectable {
            segment: segment("Payer C"),
            drift_type: "DENIAL_RATE".into(),
            smallest_detectable: Some(0.12),
            days_needed: Some(40.0),
        }],
        power: Vec::new(),
    }
}

fn rendered(name: &str, top: usize) -> String {
    let mut out = Vec::new();
    finding_report(name, Look::default(), top).unwrap().render(&findings(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_table_tells_what_where_and_why() {
    insta::assert_snapshot!(rendered("table", 20));
}

#[test]
fn markdown_keeps_its_cells() {
    insta::assert_snapshot!(rendered("markdown", 1));
}

#[test]
fn annotations_are_escaped() {
    insta::assert_snapshot!(rendered("github", 20));
}

#[test]
fn csv_has_a_record_for_each_finding_whatever_the_top() {
    let text = rendered("csv", 1);
    assert_eq!(text.matches("\r\n").count(), 3);
    assert!(text.contains("\"payer=Payer A, \"\"the first\"\" | 1;cpt_group=IMAGING\""), "{text}");
}

#[test]
fn json_has_everything_and_no_field_without_a_value() {
    let json: serde_json::Value = serde_json::from_str(&rendered("json", 0)).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 2);
    assert_eq!(json["findings"][0]["payer"], "Payer A, \"the first\" | 1");
    assert_eq!(json["findings"][0]["causes"][0]["parts"][0]["value"], "71045");
    assert!(json["findings"][1].get("p_value").is_none());
    assert_eq!(json["not_enough_data"][0]["smallest_detectable"], 0.12);
}
