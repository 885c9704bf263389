//! `schemas/leaderboard.schema.json` describes what the library writes: no more, no less.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use driftforge::reports::leaderboard_report;
use driftforge::scenarios::{Direction, Scenario};
use driftforge::scores::{
    Claimed, Exposure, Leaderboard, LevelOf, Matching, NullLevel, Quality, Row, SCORES, ScenarioBoard,
    Tolerance, ZERO_BASELINE,
};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

fn validator() -> Validator {
    let schema = serde_json::from_str(include_str!("../schemas/leaderboard.schema.json")).unwrap();
    jsonschema::validator_for(&schema).expect("the schema is a JSON Schema")
}

/// Two seeds of a small scenario: who finds the half of the drifts, and who nothing.
fn board() -> Leaderboard {
    let scenario = Scenario::built_in("sudden").unwrap().with_records(2_000);
    let (mut found, mut silent) = (Vec::new(), Vec::new());
    for seed in [1, 2] {
        let drifts = scenario.plan(seed).unwrap().drifts;
        let claim = |(index, drift): (usize, &driftforge::scenarios::InjectedDrift)| Claimed {
            segment: drift
                .segment
                .iter()
                .map(|(column, values)| (column.clone(), values[0].clone()))
                .collect(),
            metric: if index % 2 == 0 { drift.metric.clone() } else { "volume".to_owned() },
            day: Some(drift.start),
            score: index as f64,
            direction: drift.direction.or(Some(Direction::Up)),
            is_alarm: true,
        };
        let claims: Vec<Claimed> = drifts.iter().enumerate().map(claim).collect();
        let tolerance = Tolerance { early_days: 0, max_delay_days: 7 };
        let exposure = Exposure { segments: 300, days: 14 };
        found.push(Quality::of(&Matching::new(&claims, &drifts, tolerance, exposure)));
        silent.push(Quality::of(&Matching::new(&[], &drifts, tolerance, exposure)));
    }
    let level = NullLevel { of: LevelOf::Run, stated: 0.05, trials: 20, alarms: 1 };
    let mut board = Leaderboard::start("bench-drift", 2, vec![1, 2], Map::new());
    board.scenarios.push(ScenarioBoard::new(
        scenario.name(),
        scenario.about(),
        (scenario.records(), scenario.segment_count() as u64),
        Row::of(ZERO_BASELINE, &silent),
        Row::of("threshold", &found).measured(Some(1e6), Some(40_000_000)).at_level(level),
    ));
    board
}

fn written(board: &Leaderboard) -> Value {
    let mut out = Vec::new();
    leaderboard_report("json").unwrap().render(board, false, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn what_is_written_is_accepted() {
    let board = board();
    let row = &board.scenarios[0].rows[1];
    assert_eq!((row.found, row.drifts), (60, 120));
    let value = written(&board);
    let validator = validator();
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn every_score_has_its_place_and_nothing_else_has() {
    let validator = validator();
    let value = written(&board());
    let scores = "/scenarios/0/rows/1/scores";
    for score in SCORES {
        let mut without = value.clone();
        assert!(without.pointer_mut(scores).unwrap().as_object_mut().unwrap().remove(score.name).is_some());
        assert!(!validator.is_valid(&without), "{} may be missing", score.name);
    }
    for place in ["", "/tool", "/scenarios/0", "/scenarios/0/rows/0", scores, "/scenarios/0/rows/1/power/0"] {
        let mut more = value.clone();
        more.pointer_mut(place).unwrap()["unheard_of"] = json!(1);
        assert!(!validator.is_valid(&more), "a key was added at {place:?}");
    }
    let mut alone = value.clone();
    alone.pointer_mut("/scenarios/0/rows").unwrap().as_array_mut().unwrap().pop();
    assert!(!validator.is_valid(&alone), "a scenario without the rule of the origin");
}
